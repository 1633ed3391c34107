/** What is asked of a program, in which order. Everything that must not be foreseen is drawn fresh for its question. */
import type { ProgramPort } from '../../bytes/index.ts';
import { bodySize, type Command, HEADER_SIZE, type Operation, readAnswer, writeCommand } from './layout.ts';
import type { NativeProgram } from './program.ts';

export interface ConversePorts {
  readonly random: (length: number) => Uint8Array;
  readonly wait: (ms: number) => Promise<void>;
  readonly monotonicMs: () => number;
}

/** An answer that is none: another length, another tag. The conversation ends there. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** What an answer says. */
export interface Answer {
  readonly result: number;
  readonly bytes: Uint8Array;
  readonly sentNs: number;
  readonly receivedNs: number;
}

export interface Asker {
  /** @throws AnswerError, and whatever the port throws */
  readonly ask: (
    operation: Operation,
    args?: { readonly a?: number; readonly b?: number; readonly c?: number; readonly seed?: number; readonly timeMs?: number },
  ) => Promise<Answer>;
  readonly fresh: () => number;
}

const SHORT_MS = 5000;

/** Asks with fresh tags. */
export function askerOf(port: ProgramPort, program: NativeProgram, random: ConversePorts['random']): Asker {
  const fresh = () => {
    const bytes = random(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  };
  return {
    fresh,
    async ask(operation, { a = 0, b = 0, c = 0, seed = 0, timeMs = SHORT_MS } = {}) {
      const command: Command = { operation, a, b, c, seed, tag: fresh() };
      const { answer, sentNs, receivedNs } = await port(writeCommand(command), timeMs);
      const bytes = readAnswer(answer, HEADER_SIZE + bodySize(command, program.isa.probes.length));
      if (bytes === undefined) throw new AnswerError(`${operation}: an answer of ${answer.length} characters is none of ours`);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (view.getUint32(0, true) !== command.tag) throw new AnswerError(`${operation}: the answer belongs to another question`);
      return { result: view.getUint32(4, true), bytes, sentNs, receivedNs };
    },
  };
}

/** Cores that are looked for, and how many may be missing in a row before the rest is taken for missing too. */
const [CORES_MAX, GAP_MAX] = [32, 4];
/** Exchanges at each end, and the time between the ends. */
const [COUNTER_EXCHANGES, COUNTER_MS] = [10, 2000];
const CLOCK_SAMPLES = 512;

/** Instructions on every core that it may be pinned to, and the counter: what needs no envelope. About three seconds. */
export async function askIdentity(asker: Asker, ports: ConversePorts): Promise<void> {
  const { ask } = asker;
  await ask('hello');
  const startedMs = ports.monotonicMs();
  const counted = await counterExchanges(asker);
  // Once wherever it runs: some phones refuse every pin.
  await ask('isa');
  for (let core = 0, missing = 0; core < CORES_MAX && missing < GAP_MAX; core++) {
    const { result } = await ask('pin', { a: (1 << core) >>> 0 });
    missing = result === 0 ? 0 : missing + 1;
    if (result === 0) await ask('isa');
  }
  await ask('pin', { a: 0xffffffff });
  await ask('clock', { a: CLOCK_SAMPLES });
  if (counted) {
    await ports.wait(Math.max(0, COUNTER_MS - (ports.monotonicMs() - startedMs)));
    await counterExchanges(asker);
  }
}

/** False where the counter is kept from programs: once is enough to know. */
async function counterExchanges({ ask }: Asker): Promise<boolean> {
  for (let exchange = 0; exchange < COUNTER_EXCHANGES; exchange++) if ((await ask('counter')).result !== 1) return false;
  return true;
}
