/** The programs of one run, written for it, with what is asked of each. */
import type { ChallengeProgram, RandomPort, TimerPort } from '../../../acquire/index.ts';
import type { ClockPort } from '../../../bytes/index.ts';
import { askerOf, askIdentity, planProgram, writeProgram } from '../../../challenges/index.ts';

const NONCE_SIZE = 32;

interface Ports {
  readonly clock: ClockPort;
  readonly timer: TimerPort;
  readonly random: RandomPort;
}

/**
 * Groups of programs, of which each has a form that a kernel chooses a place for and a fixed one. Both instruction sets are tried whatever the phone says it is:
 * that a 32-bit chip runs 64-bit programs is as telling as that a 64-bit one does not execute what it should.
 */
export function challengePrograms(ports: Ports): readonly (readonly ChallengeProgram[])[] {
  const forms = (target: ChallengeProgram['target'], ask: typeof askIdentity) => {
    const nonce = ports.random(NONCE_SIZE);
    const program = planProgram(target, nonce);
    return (['dynamic', 'fixed'] as const).map(
      (kind): ChallengeProgram => ({
        target,
        kind,
        nonce,
        bytes: writeProgram(program, kind),
        converse: (port) =>
          ask(askerOf(port, program, ports.random), {
            random: ports.random,
            monotonicMs: ports.clock.monotonicMs,
            wait: (ms) => new Promise((resolve) => void ports.timer(ms, resolve)),
          }),
      }),
    );
  };
  return [forms('aarch64', askIdentity), forms('arm', askIdentity)];
}
