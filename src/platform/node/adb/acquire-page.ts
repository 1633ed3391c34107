/** Asks a phone's browser over HTTPS and keeps what it answered as a capture in a folder. */
import { randomBytes } from 'node:crypto';
import { attestAtStation, captureBuilder, IN_BROWSER } from '../../../acquire/index.ts';
import type { Claims } from '../../../evidence/index.ts';
import type { AttestationDocument } from '../../../evidence/own/index.ts';
import { nodeClock } from '../clock.ts';
import { nodeHash } from '../hash.ts';
import { nodeStation, type StationSettings } from '../site-server.ts';
import type { CaptureSealer } from './acquire-live.ts';
import { folderStorage } from './capture-folder.ts';
import { nodeTimer } from './timer.ts';

export interface AcquirePageOptions {
  readonly station: StationSettings;
  readonly waitMs: number;
  /** A folder in which no capture lies. */
  readonly out: string;
  readonly tool: string;
  readonly operator?: string;
  readonly claims: Claims;
  readonly sealer?: CaptureSealer;
  readonly stop?: AbortSignal;
  readonly onReady: (url: string) => void;
}

/** Serves the page once, waits for the answer, and writes the capture. @throws Error where the folder holds a capture, or the address cannot be had */
export async function acquirePage(options: AcquirePageOptions): Promise<AttestationDocument['outcome']> {
  const storage = await folderStorage(options.out);
  if ((await storage.open('capture.json')) !== undefined) throw new Error(`${options.out} holds a capture: name another folder`);
  const builder = captureBuilder(storage, nodeHash, {
    tool: options.tool,
    operator: options.operator,
    takenAt: nodeClock.now(),
    transport: 'browser',
    plan: 'browser',
    claims: options.claims,
    notRead: [{ what: 'everything else', because: IN_BROWSER }],
  });
  const outcome = await attestAtStation(
    {
      builder,
      ports: { clock: nodeClock, timer: nodeTimer, random: (length) => randomBytes(length) },
      stop: options.stop,
      waitMs: options.waitMs,
      onReady: options.onReady,
    },
    nodeStation(options.station),
  );
  const hashes = options.sealer === undefined ? undefined : await storage.open('hashes.json');
  if (options.sealer !== undefined && hashes !== undefined)
    await storage.replace('operator.json', await options.sealer.seal(await hashes.read(0, hashes.size)));
  return outcome;
}
