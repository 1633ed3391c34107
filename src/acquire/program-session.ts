/**
 * A program of ours on the phone, spoken to through the shell that started it.
 * An answer is `:`, hexadecimal digits, `;`. What comes before the colon is a terminal's echo or a shell's complaint; what comes inside is an answer of nobody's.
 */
import type { ClockPort, ProgramExchange } from '../bytes/index.ts';
import { DeviceError, type DevicePort, type TimerPort, within } from './device-port.ts';
import { openShell } from './shell.ts';

/** Why a conversation ended before its end. `ended`: the program is gone. */
export type ProgramFailure = 'ended' | 'timed out' | 'flooded' | 'disconnected' | 'stopped';

export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly failure: ProgramFailure;

  constructor(failure: ProgramFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

export interface ProgramSession {
  /** @throws ProgramError */
  ask(question: string, timeMs: number): Promise<ProgramExchange>;
  /** Ends the program: its input ends, and with it itself. */
  close(): Promise<void>;
}

const OPEN_MS = 10_000;
/** Bytes that may come before an answer: an echo, a warning of the linker. */
const NOISE_MAX = 16_384;
/** Bytes of an answer. */
const ANSWER_MAX = 32_768;
const [COLON, SEMICOLON, CR, LF] = [58, 59, 13, 10];
const latin1 = (bytes: readonly number[]) => String.fromCharCode(...bytes.slice(0, 1000));

const isDigit = (byte: number): boolean => (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102);

/** Starts the program at `path`. @throws DeviceError, ProgramError */
export async function openProgram(
  device: DevicePort,
  path: string,
  { clock, timer, stop }: { readonly clock: ClockPort; readonly timer: TimerPort; readonly stop: AbortSignal | undefined },
): Promise<ProgramSession> {
  const shell = await within(timer, OPEN_MS, openShell(device, path), (late) => void late.kill());
  const abort = () => void shell.kill();
  stop?.addEventListener('abort', abort, { once: true });
  /** What came beyond the last answer. */
  let held: Uint8Array = new Uint8Array(0);
  const nowNs = () => Math.round(clock.monotonicMs() * 1e6);

  async function answer(noise: number[]): Promise<string> {
    const digits: number[] = [];
    let inside = false;
    for (;;) {
      for (const [at, byte] of held.entries()) {
        if (!inside) {
          if (byte === COLON) inside = true;
          else if (noise.push(byte) > NOISE_MAX) throw new ProgramError('flooded', `more than ${NOISE_MAX} bytes that are no answer`);
        } else if (byte === SEMICOLON) {
          held = held.subarray(at + 1);
          return `:${String.fromCharCode(...digits)};`;
        } else if (isDigit(byte)) {
          if (digits.push(byte) > ANSWER_MAX) throw new ProgramError('flooded', `an answer of more than ${ANSWER_MAX} digits`);
        } else if (byte !== CR && byte !== LF) {
          // A shell's complaint has colons too, as in "sh: /data/…: not executable": it is noise until an answer was ever heard.
          inside = false;
          noise.push(COLON, ...digits.splice(0), byte);
          if (noise.length > NOISE_MAX) throw new ProgramError('flooded', `more than ${NOISE_MAX} bytes that are no answer`);
        }
      }
      held = new Uint8Array(0);
      const event = await shell.next();
      if (stop?.aborted === true) throw new ProgramError('stopped', 'the operator stopped');
      if (event.kind === 'exit') throw new ProgramError('ended', `it ended with status ${event.status}: ${latin1(noise).trim()}`);
      if (event.kind === 'end') throw new ProgramError('ended', `it ended: ${latin1(noise).trim()}`);
      // Both streams: a terminal mixes them, and complaints are the reason that is kept.
      held = event.bytes;
    }
  }

  return {
    async ask(question, timeMs) {
      const noise: number[] = [];
      const sentNs = nowNs();
      try {
        await shell.write(new TextEncoder().encode(question));
        const text = await within(timer, timeMs, answer(noise));
        return { question: question.trim(), answer: text, sentNs, receivedNs: nowNs() };
      } catch (error) {
        if (stop?.aborted === true) throw new ProgramError('stopped', 'the operator stopped');
        if (error instanceof DeviceError && error.code === 'timed out')
          throw new ProgramError('timed out', `no answer within ${timeMs} ms; it said ${JSON.stringify(latin1(noise).slice(0, 200))}`);
        if (error instanceof DeviceError) throw new ProgramError('disconnected', error.message);
        throw error;
      }
    },
    async close() {
      stop?.removeEventListener('abort', abort);
      await shell.kill();
    },
  };
}
