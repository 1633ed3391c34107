import { describe, expect, test } from 'vitest';
import { chooseMix, interpretMix } from '../native/mix.ts';
import { spread } from '../native/random.ts';
import { writeMixModule } from './mix-module.ts';
import { recomputeMix } from './recompute-mix.ts';

const nonce = (seed: number) => Uint8Array.from({ length: 32 }, (_, index) => (Math.imul(seed + index, 0x9e3779b1) >>> 13) & 255);

describe('the mixed table as WebAssembly', () => {
  test('answers what reading the program answers, in one lane and in many, whatever the nonce', () => {
    for (let seed = 0; seed < 12; seed++) {
      const program = chooseMix(spread(nonce(seed)));
      const runs = Array.from({ length: 1 + (seed % 10) }, (_, lane) => ({
        words: 2 ** (4 + (seed % 7)),
        steps: 1 + seed * 997,
        seed: seed * 7 + lane,
      }));
      expect(recomputeMix(program, runs)).toEqual(runs.map((run) => interpretMix(program, run)));
    }
  });

  test('runs of different sizes and lengths keep their order', () => {
    const program = chooseMix(spread(nonce(1)));
    const runs = [
      { words: 16, steps: 5, seed: 1 },
      { words: 1024, steps: 45_000, seed: 2 },
      { words: 16, steps: 5, seed: 3 },
    ];
    expect(recomputeMix(program, runs)).toEqual(runs.map((run) => interpretMix(program, run)));
  });

  test('a table that is no power of two, or larger than memory, is refused', () => {
    const program = chooseMix(spread(nonce(2)));
    for (const words of [0, 1, 3, 1000, 2 ** 29]) expect(() => recomputeMix(program, [{ words, steps: 1, seed: 1 }])).toThrow(RangeError);
  });

  test('the module is a few hundred bytes and valid', () => {
    const bytes = writeMixModule(chooseMix(spread(nonce(3))), { words: 16_384, lanes: 1 });
    expect(bytes.length).toBeLessThan(400);
    expect(WebAssembly.validate(bytes)).toBe(true);
  });
});
