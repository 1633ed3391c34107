/** What every part of the custody server works with. */
import type { Context } from 'hono';
import type { Instant } from '../../bytes/index.ts';
import type { Queue } from '../../jobs/index.ts';
import type { Store } from '../../store/index.ts';
import type { Sender } from './senders.ts';
import type { Send } from './subscriptions.ts';

export interface CustodyServer {
  readonly store: Store;
  /** Where capture jobs wait. Of several servers of one store, each job is run by one. */
  readonly queue: Queue;
  readonly senders: readonly [Sender, ...Sender[]];
  readonly now: () => Instant;
  readonly hashIds: 'verify' | 'own';
  /** Company prefixes of GS1 that are known here: what has one of them can be given out as an EPC URN. */
  readonly prefixes: readonly string[];
  /** What this version is called. */
  readonly version: string;
  /** How subscribers are told; over HTTP where undefined. */
  readonly send?: Send;
  /** How long a message of a WebSocket may take to leave, in milliseconds; 30 seconds where undefined. */
  readonly sendMs?: number;
}

export interface Desk extends CustodyServer {
  /** Who asks. @throws Problem where he is nobody's, or may not */
  readonly asks: (context: Context, wants: Sender['may'][number]) => Sender;
  /** Tells subscribers what was captured. */
  readonly told: () => void;
}
