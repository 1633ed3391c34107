import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nonceOf, QEMU, type Spawned, spawnProgram } from '../../../test/support/spawn-program.ts';
import { type Asker, askerOf, type ElfMachine, planProgram, readSpace, writeProgram } from '../index.ts';
import { recomputeChain } from './chain.ts';
import { recomputeFetches, recomputeQueries, STEP_PAGES } from './memory.ts';
import { interpretMix } from './mix.ts';
import { SCALE_Y, SCALE_Z } from './program.ts';
import { recomputeWalk } from './ring.ts';

/** Fresh enough for tags. */
let state = 1;
const random = (length: number) =>
  Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return state >>> 24;
  });

const targets: readonly (readonly [ElfMachine, boolean])[] = [
  ['x86-64', process.arch === 'x64' && process.platform === 'linux'],
  ['aarch64', existsSync(QEMU.aarch64)],
  ['arm', existsSync(QEMU.arm)],
];

describe.each(targets)('%s (skipped where this machine cannot run it)', (target, runs) => {
  describe.skipIf(!runs)('the host recomputes what the program answers', () => {
    let spawned: Spawned;
    let asker: Asker;
    beforeAll(() => {
      spawned = spawnProgram(target, nonceOf(3));
      asker = askerOf(spawned.ask, spawned.program, random);
    });
    afterAll(async () => {
      expect(await spawned.close()).toBe(0);
    });

    test('it says the size of pointers and pages', async () => {
      const { result, bytes } = await asker.ask('hello');
      expect([result, new DataView(bytes.buffer).getUint32(8, true)]).toEqual([target === 'arm' ? 4 : 8, 4096]);
    });

    test('a core that is there takes it, one that is not refuses', async () => {
      expect((await asker.ask('pin', { a: 1 })).result).toBe(0);
      expect((await asker.ask('pin', { a: 0, b: 0x80000000 })).result).toBeGreaterThan(0xfffff000);
      expect((await asker.ask('pin', { a: 0xffffffff, b: 0xffffffff })).result).toBe(0);
    });

    test('the counter goes forward, or is said to be kept from programs', async () => {
      const [first, second] = [await asker.ask('counter'), await asker.ask('counter')];
      const value = ({ bytes }: typeof first) => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(16, true);
      expect([first.result, second.result]).toEqual(target === 'arm' ? [0, 0] : [1, 1]);
      if (target !== 'arm') expect(value(second) > value(first)).toBe(true);
    });

    test('clock samples are nanoseconds that go forward', async () => {
      const { bytes } = await asker.ask('clock', { a: 64 });
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const times = Array.from(
        { length: 64 },
        (_, index) => view.getUint32(16 + 8 * index, true) * 1e9 + view.getUint32(20 + 8 * index, true),
      );
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      expect(times.every((time) => time > 0)).toBe(true);
    });

    test('the chain', async () => {
      const run = { rounds: 5000, seed: 77, y: 0x1234567, z: 0x89abcdef };
      expect((await asker.ask('chain', { a: run.rounds, b: run.y, c: run.z, seed: run.seed })).result).toBe(
        recomputeChain(spawned.program.chain, run),
      );
    });

    test('the ring', async () => {
      for (const lines of [2, 64, 4096]) {
        expect((await asker.ask('table', { a: 1, b: lines, seed: 0xdeadbeef })).result).toBe(0);
        expect((await asker.ask('walk', { a: 12_345 })).result).toBe(recomputeWalk({ lines, steps: 12_345, seed: 0xdeadbeef }));
      }
    });

    test('the mixed table', async () => {
      const run = { words: 16_384, steps: 30_000, seed: 4242 };
      expect((await asker.ask('table', { a: 2, b: run.words, seed: run.seed })).result).toBe(0);
      expect((await asker.ask('mix', { a: run.steps, seed: run.seed })).result).toBe(interpretMix(spawned.program.mix, run));
    });

    test('workers on their cores', async () => {
      const { result, bytes } = await asker.ask('scale', { a: 2, b: 0, c: 2000, seed: 9, timeMs: 20_000 });
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      expect(result).toBe(2);
      for (const worker of [0, 1])
        expect(view.getUint32(16 + 4 * worker, true)).toBe(
          recomputeChain(spawned.program.chain, { rounds: 2000, seed: 9 + worker, y: SCALE_Y, z: SCALE_Z }),
        );
    });

    test('memory, by chained queries that need no table here', async () => {
      expect((await asker.ask('fill', { a: 0, b: STEP_PAGES, seed: 31, timeMs: 20_000 })).result).toBe(0);
      const run = { count: 500, steps: 1, fillSeed: 31, seed: 99 };
      expect((await asker.ask('query', { a: run.count, b: run.steps, seed: run.seed })).result).toBe(recomputeQueries(run));
      expect((await asker.ask('drop', { b: 1 })).result).toBe(0);
    });

    test('storage, in files that no name leads to', async () => {
      const { result, bytes } = await asker.ask('space');
      const left = readSpace(new DataView(bytes.buffer, bytes.byteOffset + 16), target === 'arm' ? 4 : 8);
      const own = statfsSync(spawned.folder);
      expect([result, left?.total]).toEqual([0, own.blocks * own.bsize]);
      expect((await asker.ask('reserve', { a: 1, b: 8 << 20 })).result).toBe(0);
      expect((await asker.ask('reserve', { a: 0 })).result).toBe(0);
      // Nothing is seen in the folder but the program.
      expect(readdirSync(spawned.folder)).toEqual(['program']);
      const seed = 31;
      expect((await asker.ask('store', { a: 0, b: 0, c: STEP_PAGES, seed, timeMs: 30_000 })).result).toBe(0);
      const run = { count: 500, steps: 1, fillSeed: seed, seed: 99 };
      const answer = await asker.ask('fetch', { a: run.count, b: run.steps, seed: run.seed, timeMs: 30_000 });
      expect([answer.result, new DataView(answer.bytes.buffer).getUint32(8, true)]).toEqual([recomputeFetches(run), 0]);
      // A file of which nothing was written is read short, and says so.
      const empty = await asker.ask('fetch', { a: 500, b: 2, seed: run.seed, timeMs: 30_000 });
      expect(new DataView(empty.bytes.buffer).getUint32(8, true)).toBe(1);
      expect((await asker.ask('release', { b: 2 })).result).toBe(0);
      // Files that were never opened, or are closed: the program still hears.
      expect((await asker.ask('release', { b: 9 })).result).toBe(0);
      expect((await asker.ask('hello')).result).toBeGreaterThan(0);
    });

    test('what is no command is skipped', async () => {
      const { answer } = await spawned.ask(`sh: NO! ZZZ\r\n${'1'.padStart(8, '0')}${'0'.repeat(39)}5\r\n`, 5000);
      expect(answer).toMatch(/^:05000000/);
    });
  });

  test('is under 8 KiB, and another for another nonce', () => {
    const programs = [1, 2].map((seed) => writeProgram(planProgram(target, nonceOf(seed)), 'dynamic'));
    for (const program of programs) expect(program.length).toBeLessThan(8192);
    expect(programs[0]).not.toEqual(programs[1]);
  });
});
