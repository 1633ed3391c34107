/** The programs of one run, written for it, with what is asked of each. */
import type { ChallengeProgram, RandomPort, TimerPort } from '../../../acquire/index.ts';
import type { ClockPort } from '../../../bytes/index.ts';
import {
  askerOf,
  askIdentity,
  askMemory,
  askStorage,
  askTimes,
  isTooHot,
  type MemoryLeft,
  planProgram,
  type StorageWish,
  writeProgram,
} from '../../../challenges/index.ts';

const NONCE_SIZE = 32;

interface Ports {
  readonly clock: ClockPort;
  readonly timer: TimerPort;
  readonly random: RandomPort;
}

/** What is asked beyond instructions and counter. */
export interface ChallengeWishes {
  readonly timed: boolean;
  /** With the operator's own yes: how much may be written. */
  readonly storage: StorageWish | undefined;
  /** With the operator's own yes: how much is claimed, and how to ask the phone what is left. */
  readonly memory: { readonly claimedBytes: number; readonly left: () => Promise<MemoryLeft | undefined> } | undefined;
}

/**
 * Groups of programs, of which each has a form that a kernel chooses a place for and a fixed one. Both instruction sets are tried whatever the phone says it is:
 * that a 32-bit chip runs 64-bit programs is as telling as that a 64-bit one does not execute what it should.
 */
export function challengePrograms(ports: Ports, { timed, memory, storage }: ChallengeWishes): readonly (readonly ChallengeProgram[])[] {
  /** Times are taken once: of the 64-bit program where there is one. */
  let taken = false;
  const forms = (target: ChallengeProgram['target']) => {
    const nonce = ports.random(NONCE_SIZE);
    const program = planProgram(target, nonce);
    return (['dynamic', 'fixed'] as const).map(
      (kind): ChallengeProgram => ({
        target,
        kind,
        nonce,
        bytes: writeProgram(program, kind),
        ...(storage === undefined ? {} : { makes: ['.d'] }),
        converse: async (port, circumstances) => {
          const asker = askerOf(port, program, ports.random);
          const asking = {
            random: ports.random,
            monotonicMs: ports.clock.monotonicMs,
            wait: (ms: number) => new Promise<void>((resolve) => void ports.timer(ms, resolve)),
          };
          await askIdentity(asker, asking);
          if (taken || isTooHot(circumstances)) return;
          taken = true;
          if (timed) await askTimes(asker, asking);
          if (memory !== undefined) await askMemory(asker, memory.claimedBytes, memory.left);
          if (storage !== undefined) await askStorage(asker, storage, asking);
        },
      }),
    );
  };
  return [forms('aarch64'), forms('arm')];
}
