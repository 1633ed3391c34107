import { describe, expect, test } from 'vitest';
import type { Asker } from '../native/converse.ts';
import { spread } from '../native/random.ts';

import { bySize, slopeOf } from './estimate.ts';
import { askMemory, parseMemoryLeft, stepsFor } from './memory-proof.ts';
import { judgeRelay } from './relay.ts';

const next = spread(Uint8Array.from({ length: 32 }, (_, index) => index * 5 + 1));
/** Mostly small, sometimes large, never negative: what schedulers and links add. */
const noise = (scaleNs: number) => (next(50) === 0 ? 20 : 1) * -Math.log(1 - next(1_000_000) / 1_000_000) * scaleNs;
const times = (count: number, ns: number, jitterNs: number) => Array.from({ length: count }, () => ns + noise(jitterNs));

describe('estimates', () => {
  test('the slope of minima is the truth although most samples are late', () => {
    const samples = [1, 2, 4, 8].map((size) => ({ size, timesNs: times(15, 50_000 + size * 100_000, 30_000) }));
    const slope = slopeOf(samples, next);
    expect(slope?.value).toBeGreaterThan(95_000);
    expect(slope?.value).toBeLessThan(106_000);
    expect(slope?.low).toBeLessThanOrEqual(slope?.value ?? 0);
  });

  test('one size, no sample, or times that do not grow are no estimate', () => {
    expect(slopeOf([], next)).toBeUndefined();
    expect(slopeOf([{ size: 1, timesNs: [1, 2] }], next)).toBeUndefined();
    expect(
      slopeOf(
        bySize([
          { size: 1, ns: 9 },
          { size: 2, ns: 3 },
        ]),
        next,
      ),
    ).toBeUndefined();
  });
});

describe('relays', () => {
  const sizes = [1, 2, 4, 8, 16, 32, 64, 128];
  const link = { floorNs: 300_000, jitterNs: 40_000 };
  const workOf = (timeOf: (size: number) => number) =>
    sizes.map((size) => ({ size, timesNs: times(40, link.floorNs + timeOf(size), link.jitterNs) }));
  const pings = () => times(80, link.floorNs, link.jitterNs);
  const unit = 100_000;

  test.each([0.3, 1, 5])('one of %f ms to a machine 2.5 times as fast is caught', (ms) => {
    for (let run = 0; run < 30; run++)
      expect(
        judgeRelay(
          pings(),
          workOf((size) => ms * 1e6 + (size * unit) / 2.5),
        ).outcome,
      ).toBe('relay');
  });

  test('one that answers what is small itself, on a chip three times too slow, is caught', () => {
    for (let run = 0; run < 30; run++)
      expect(
        judgeRelay(
          pings(),
          workOf((size) => Math.min(3 * size * unit, 1e6 + (size * unit) / 2.5)),
        ).outcome,
      ).toBe('relay');
  });

  test('a phone that does its own work is not accused', () => {
    for (let run = 0; run < 100; run++)
      expect(
        judgeRelay(
          pings(),
          workOf((size) => size * unit),
        ).outcome,
      ).toBe('not excluded');
  });

  test('one that delays its pings alike is not excluded, never cleared', () => {
    const late = times(80, link.floorNs + 1e6, link.jitterNs);
    expect(
      judgeRelay(
        late,
        workOf((size) => 1e6 + size * unit),
      ).outcome,
    ).toBe('not excluded');
  });

  test('too few samples, and a floor that is none, say nothing', () => {
    expect(judgeRelay([1, 2], []).outcome).toBe('too few');
    expect(
      judgeRelay(
        [10, 9e6, 9e6, ...times(20, 9e6, 1)],
        workOf((size) => size * unit),
      ).outcome,
    ).toBe('too noisy');
  });
});

describe('memory', () => {
  const MIB = 1 << 20;
  const left = (available: number, swapFree = 1 << 30) => ({ total: 8192 * MIB, available: available * MIB, swapFree });

  test('at most half of the claim, and never into the reserve', () => {
    expect(stepsFor(4096 * MIB, left(6000))).toBe(32);
    // 15 % of 8 GiB stay free.
    expect(stepsFor(16_384 * MIB, left(2000))).toBe(Math.floor((2000 - 0.15 * 8192) / 64));
    expect(stepsFor(4096 * MIB, left(700))).toBe(0);
    expect(stepsFor(0, left(6000))).toBe(0);
  });

  test('a kernel that does not say what is available, or says nonsense, is not filled', () => {
    expect(parseMemoryLeft('MemTotal: 100 kB\nMemAvailable: 50 kB\nSwapFree: 0 kB\n')).toEqual({
      total: 102_400,
      available: 51_200,
      swapFree: 0,
    });
    for (const text of ['', 'MemTotal: 100 kB\nSwapFree: 0 kB\n', 'MemTotal: NaN kB\nMemAvailable: -1 kB\nSwapFree: 0 kB\n'])
      expect(parseMemoryLeft(text)).toBeUndefined();
  });

  test('filling stops when swap begins to be used', async () => {
    const asked: string[] = [];
    const asker: Asker = {
      fresh: () => 7,
      ask: async (operation) => {
        asked.push(operation);
        return { result: 0, bytes: new Uint8Array(16), sentNs: 0, receivedNs: 1 };
      },
    };
    let looks = 0;
    const steps = await askMemory(asker, 4096 * MIB, async () => left(6000, looks++ < 3 ? 1 << 30 : 1 << 29));
    expect(steps).toBe(3);
    expect(asked).toEqual(['fill', 'fill', 'fill', 'query', 'query', 'query', 'drop']);
  });
});
