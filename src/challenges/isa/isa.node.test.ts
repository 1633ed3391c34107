import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nonceOf, QEMU, spawnProgram } from '../../../test/support/spawn-program.ts';
import { askerOf, readRun } from '../native/index.ts';
import { writeProgram } from '../native/program.ts';
import { a32Probes, type IsaLevel, isaProbes, judgeIsa, type ProbeOutcome } from './index.ts';

const random = (length: number) => Uint8Array.from({ length }, (_, index) => index * 7 + length);

/** What the probes of a program of this nonce show, read from the transcript alone. */
async function outcomes(
  target: 'aarch64' | 'arm',
  cpu: string,
  { seed = 1, kind = 'dynamic' as 'dynamic' | 'fixed' } = {},
): Promise<ReadonlyMap<string, ProbeOutcome>> {
  const nonce = nonceOf(seed);
  const spawned = spawnProgram(target, nonce, { cpu, kind });
  const exchanges: Awaited<ReturnType<typeof spawned.ask>>[] = [];
  await askerOf(
    async (question, timeMs) => {
      const exchange = await spawned.ask(question, timeMs);
      exchanges.push(exchange);
      return exchange;
    },
    spawned.program,
    random,
  ).ask('isa');
  expect(await spawned.close()).toBe(0);
  const read = readRun({ target, kind, nonce, program: writeProgram(spawned.program, kind), exchanges });
  if ('problem' in read) throw new Error(read.problem);
  return read.reading.cores[0]?.outcomes ?? new Map();
}

describe.skipIf(!existsSync(QEMU.aarch64))('executed under qemu-user (skipped where qemu-user-static is not installed)', () => {
  test('every 64-bit instruction that is executed answers what its model answers, whatever the nonce', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const all = await outcomes('aarch64', 'max', { seed });
      expect([...all].filter(([, outcome]) => outcome !== 'present')).toEqual([['undefined', 'absent']]);
      expect(all.size).toBe(isaProbes.length + 1);
    }
  });

  test('every 32-bit instruction too', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const all = await outcomes('arm', 'max', { seed });
      expect([...all].filter(([, outcome]) => outcome !== 'present')).toEqual([['undefined', 'absent']]);
      expect(all.size).toBe(a32Probes.length + 1);
    }
  });

  test('an executable at a fixed address answers the same', async () => {
    for (const [target, cpu] of [
      ['aarch64', 'cortex-a76'],
      ['arm', 'cortex-a7'],
    ] as const)
      expect([...(await outcomes(target, cpu, { kind: 'fixed' }))]).toEqual([...(await outcomes(target, cpu))]);
  });

  const claims: readonly [target: 'aarch64' | 'arm', cpu: string, claimed: IsaLevel, outcome: string][] = [
    // "Cortex-X3" on older cores: too little.
    ['aarch64', 'cortex-a53', 'armv9.0', 'refuted'],
    ['aarch64', 'cortex-a72', 'armv9.0', 'refuted'],
    ['aarch64', 'cortex-a76', 'armv9.0', 'refuted'],
    // A core with everything is consistent, and so is one that hides what genuine phones hide.
    ['aarch64', 'max', 'armv9.0', 'consistent'],
    ['aarch64', 'max,sve=off', 'armv9.0', 'consistent'],
    ['aarch64', 'max,sve=off,pauth=off', 'armv9.0', 'consistent'],
    // Too much is as telling.
    ['aarch64', 'max', 'armv8.2', 'refuted'],
    ['aarch64', 'cortex-a76', 'armv8.0', 'refuted'],
    ['aarch64', 'cortex-a76', 'armv8.2', 'consistent'],
    ['aarch64', 'cortex-a53', 'armv8.0', 'consistent'],
    ['aarch64', 'cortex-a53', 'armv8.2', 'refuted'],
    // 32-bit: a Krait of the Mi 4 and a Cortex-A7 execute the same; an A9 cannot divide; an Armv8 core does too much.
    ['arm', 'cortex-a7', 'armv7ve', 'consistent'],
    ['arm', 'cortex-a15', 'armv7ve', 'consistent'],
    ['arm', 'cortex-a9', 'armv7ve', 'refuted'],
    ['arm', 'cortex-a9', 'armv7', 'consistent'],
    ['arm', 'cortex-a7', 'armv7', 'refuted'],
    ['arm', 'max', 'armv7ve', 'refuted'],
    ['arm', 'cortex-a7', 'armv8.0', 'refuted'],
    ['arm', 'max', 'armv9.0', 'consistent'],
  ];
  test.each(claims)('%s on %s claimed as %s: %s', async (target, cpu, claimed, outcome) => {
    expect(judgeIsa(claimed, await outcomes(target, cpu, { seed: 7 }), target).outcome).toBe(outcome);
  });
});

describe('hostile answers', () => {
  test('a kernel that answers undefined instructions is not examined, never consistent', () => {
    const all = new Map<string, ProbeOutcome>([...isaProbes.map(({ name }) => [name, 'present'] as const), ['undefined', 'present']]);
    expect(judgeIsa('armv9.0', all).outcome).toBe('not examined');
    expect(judgeIsa('armv9.0', new Map()).outcome).toBe('not examined');
  });

  test('a wrong value is not examined, never present', () => {
    const all = new Map<string, ProbeOutcome>([
      ...isaProbes.map(({ name }) => [name, 'present'] as const),
      ['undefined', 'absent'],
      ['LSE', 'wrong'],
    ]);
    expect(judgeIsa('armv9.0', all)).toMatchObject({
      outcome: 'not examined',
      because: 'wrong answers to LSE: what executed them is no such core',
    });
  });

  test('one instruction alone refutes nothing: it may be an error of a table', () => {
    const all = new Map<string, ProbeOutcome>([
      ...isaProbes.map(({ name }) => [name, 'present'] as const),
      ['undefined', 'absent'],
      ['LSE', 'absent'],
    ]);
    expect(judgeIsa('armv9.0', all).outcome).toBe('consistent');
  });
});
