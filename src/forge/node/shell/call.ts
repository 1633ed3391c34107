import type { Machine } from '../machine.ts';
import type { Actor } from '../tree.ts';
import type { Input } from './io.ts';

/** One program as it is called. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin: Input;
  readonly out: (data: string | Uint8Array) => void | Promise<void>;
  readonly err: (text: string) => void | Promise<void>;
  readonly machine: Machine;
  readonly actor: Actor;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  /** Runs another program as this one's child, with its own input. */
  readonly run: (argv: readonly string[], stdin?: Input) => Promise<number>;
  /** Runs shell text as another user, as `su -c` does. */
  readonly shell: (script: string, actor: Actor) => Promise<number>;
  readonly signal: AbortSignal;
}

/** A program of the phone: writes its output, answers its exit status. */
export type Program = (call: Call) => Promise<number> | number;
