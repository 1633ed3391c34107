import { describe, expect, test } from 'vitest';
import { counterBounds, countersWithin, type Exchange, judgeCounter, latticeFrequency } from './counter.ts';

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A phone whose counter runs at `hertz`, behind a link with delays of `base` plus an exponential share, in milliseconds. */
function exchanges(
  hertz: number,
  link: { readonly base: number; readonly spread: number; readonly seconds: number },
  next: () => number,
): readonly Exchange[] {
  const delay = () => (link.base - link.spread * Math.log(1 - next())) * 1e6;
  const made: Exchange[] = [];
  let now = next() * 1e12;
  const start = now;
  const shift = next() * 1e9;
  for (let i = 0; i < 20; i++) {
    if (i === 10) now = start + link.seconds * 1e9;
    const there = delay();
    const counter = BigInt(Math.floor(((now + there) / 1e9) * hertz + shift));
    const receivedNs = now + there + delay();
    made.push({ sentNs: now, receivedNs, counter });
    now = receivedNs;
  }
  return made;
}

describe('causal bounds', () => {
  test('the truth is never outside them, whatever the link', () => {
    const next = generator(1);
    for (const link of [
      { base: 0.3, spread: 0.5 },
      { base: 1, spread: 1 },
      { base: 2, spread: 10 },
      { base: 2, spread: 20 },
    ]) {
      for (let run = 0; run < 100; run++) {
        const bounds = counterBounds(exchanges(19_200_000, { ...link, seconds: 2 }, next));
        if (typeof bounds === 'string') throw new Error(bounds);
        expect(bounds.low).toBeLessThanOrEqual(19_200_000 * (1 + 1e-9));
        expect(bounds.high).toBeGreaterThanOrEqual(19_200_000 * (1 - 1e-9));
      }
    }
  });

  test('two seconds over a good cable tell a MediaTek from a Snapdragon, and Exynos 2200 from 990', () => {
    const next = generator(2);
    for (const hertz of [13_000_000, 19_200_000, 25_600_000, 26_000_000, 24_576_000, 1_920_000]) {
      const bounds = counterBounds(exchanges(hertz, { base: 1, spread: 1, seconds: 2 }, next));
      if (typeof bounds === 'string') throw new Error(bounds);
      expect(judgeCounter(hertz, bounds)).toBe('consistent');
      expect(countersWithin(bounds).map((counter) => counter.hertz)).toContain(hertz);
      for (const other of [13_000_000, 19_200_000, 25_600_000, 1_920_000])
        if (other !== hertz) expect(judgeCounter(other, bounds)).toBe('refuted');
    }
  });

  test('a phone that delays every answer widens them and refutes nothing', () => {
    // Two seconds between the questions, five until each answer.
    const late = (atNs: number): Exchange => ({
      sentNs: atNs,
      receivedNs: atNs + 5e9,
      counter: BigInt(Math.floor((atNs / 1e9 + 2.5) * 13_000_000)),
    });
    const bounds = counterBounds([late(0), late(2e9)]);
    expect(typeof bounds === 'string' ? bounds : [judgeCounter(13_000_000, bounds), judgeCounter(19_200_000, bounds)]).toEqual([
      'consistent',
      'consistent',
    ]);
  });

  test.each<[string, readonly Exchange[], string]>([
    ['nothing', [], 'too few exchanges'],
    ['one answer', [{ sentNs: 0, receivedNs: 1, counter: 5n }], 'too few exchanges'],
    [
      'a negative time',
      [
        { sentNs: 5, receivedNs: 1, counter: 5n },
        { sentNs: 9, receivedNs: 10, counter: 6n },
      ],
      'too few exchanges',
    ],
    [
      'NaN',
      [
        { sentNs: Number.NaN, receivedNs: 1, counter: 5n },
        { sentNs: 9, receivedNs: 10, counter: 6n },
      ],
      'too few exchanges',
    ],
    [
      'a counter that goes back',
      [
        { sentNs: 0, receivedNs: 1, counter: 9n },
        { sentNs: 9, receivedNs: 10, counter: 6n },
      ],
      'counter went backwards',
    ],
    [
      'a counter that jumps',
      [
        { sentNs: 0, receivedNs: 1, counter: 0n },
        { sentNs: 1e6, receivedNs: 1e6 + 1, counter: 1000n },
        { sentNs: 2e6, receivedNs: 2e6 + 1, counter: 900_000n },
      ],
      'bounds do not meet',
    ],
  ])('hostile: %s is no measurement', (_name, given, problem) => {
    expect(counterBounds(given)).toBe(problem);
  });
});

describe('the lattice of clock_gettime', () => {
  const samples = (hertz: number, next: () => number) => {
    const drift = 1 + (next() - 0.5) * 60e-6;
    let ticks = Math.floor(next() * 1e12);
    return Array.from({ length: 256 }, () => {
      ticks += Math.floor((0.3 + next() * 0.6) * 1e-6 * hertz) + 1;
      return BigInt(Math.floor((ticks * 1e9) / (hertz * drift)));
    });
  };

  test('tells 13, 19.2 and 1.92 MHz apart', () => {
    const next = generator(4);
    for (let run = 0; run < 20; run++) {
      for (const hertz of [1_920_000, 13_000_000, 19_200_000, 24_000_000]) expect(latticeFrequency(samples(hertz, next))).toBe(hertz);
    }
  });

  test('says nothing of noise, and of too few samples', () => {
    const next = generator(5);
    let now = 0n;
    expect(latticeFrequency(Array.from({ length: 256 }, () => (now += BigInt(Math.floor(next() * 1000)))))).toBeUndefined();
    expect(latticeFrequency([0n, 52n, 104n])).toBeUndefined();
  });
});
