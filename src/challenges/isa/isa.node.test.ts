import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  answerSize,
  controlProbe,
  type IsaLevel,
  isaProbes,
  isaProgram,
  isaRequest,
  judgeIsa,
  outcomeOf,
  type ProbeOutcome,
  randomInput,
  readIsaAnswer,
} from './index.ts';

const QEMU = '/usr/bin/qemu-aarch64-static';
const folder = mkdtempSync(join(tmpdir(), 'assay-isa-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A small generator, so that a failure can be run again. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function run(cpu: string, seed: number, kind: 'dynamic' | 'fixed' = 'dynamic'): ReadonlyMap<string, ProbeOutcome> {
  const next = generator(seed);
  const probes = [...isaProbes, controlProbe(next(0x10000))];
  const inputs = probes.map((probe) => (probe.prepare ?? randomInput)(next));
  const path = join(folder, `${cpu.replaceAll(/\W/g, '_')}-${seed}-${kind}`);
  writeFileSync(path, isaProgram(probes, kind));
  chmodSync(path, 0o755);
  const { stdout, status } = spawnSync(QEMU, ['-cpu', cpu, path], { input: isaRequest(1n, inputs), timeout: 20_000 });
  expect(status).toBe(0);
  const read = readIsaAnswer(stdout, probes.length);
  if (read === undefined) throw new Error(`an answer of ${stdout.length} bytes, where ${answerSize(probes.length)} were asked for`);
  return new Map(
    probes.map((probe, i) => {
      const [input, answer] = [inputs[i], read.answers[i]];
      if (input === undefined || answer === undefined) throw new Error('fewer answers than probes');
      return [probe.name, outcomeOf(probe, input, answer)];
    }),
  );
}

describe.skipIf(!existsSync(QEMU))('executed under qemu-user (skipped where qemu-user-static is not installed)', () => {
  test('every instruction that is executed answers what its model answers, whatever the nonce', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const outcomes = run('max', seed);
      expect([...outcomes].filter(([, outcome]) => outcome === 'wrong')).toEqual([]);
      expect(outcomes.get('undefined')).toBe('absent');
      expect([...outcomes].filter(([, outcome]) => outcome === 'absent').map(([name]) => name)).toEqual(['undefined']);
    }
  });

  test('an executable at a fixed address answers the same', () => {
    expect([...run('cortex-a76', 3, 'fixed')]).toEqual([...run('cortex-a76', 3)]);
  });

  const claims: readonly [cpu: string, claimed: IsaLevel, outcome: string][] = [
    // "Cortex-X3" on older cores: too little.
    ['cortex-a53', 'armv9.0', 'refuted'],
    ['cortex-a72', 'armv9.0', 'refuted'],
    ['cortex-a76', 'armv9.0', 'refuted'],
    // A core with everything is consistent, and so is one that hides what genuine phones hide.
    ['max', 'armv9.0', 'consistent'],
    ['max,sve=off', 'armv9.0', 'consistent'],
    ['max,sve=off,pauth=off', 'armv9.0', 'consistent'],
    // Too much is as telling.
    ['max', 'armv8.2', 'refuted'],
    ['cortex-a76', 'armv8.0', 'refuted'],
    ['cortex-a76', 'armv8.2', 'consistent'],
    ['cortex-a53', 'armv8.0', 'consistent'],
    ['cortex-a53', 'armv8.2', 'refuted'],
  ];
  test.each(claims)('%s claimed as %s: %s', (cpu, claimed, outcome) => {
    expect(judgeIsa(claimed, run(cpu, 7)).outcome).toBe(outcome);
  });

  test('the program is under 8 KiB', () => {
    expect(isaProgram([...isaProbes, controlProbe(1)], 'dynamic').length).toBeLessThan(8192);
  });
});

describe('hostile answers', () => {
  test('short, long and empty ones are no answer', () => {
    for (const size of [0, 7, answerSize(3) - 1, answerSize(3) + 1]) expect(readIsaAnswer(new Uint8Array(size), 3)).toBeUndefined();
  });

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
});
