import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserNonce } from '../../../../test/support/browser-transcript.ts';
import { drawPattern, photograph } from '../../../../test/support/photographed-panel.ts';
import { toHex } from '../../../bytes/index.ts';
import { writeBrowserQuestion } from '../questions.ts';
import { choosePattern, nonceInCode, PATCH, PATTERN_SIDE } from './layout.ts';
import { type Corners, planeOf, project } from './plane.ts';
import { readPattern } from './read-pattern.ts';

const nonce = browserNonce(1);

describe('a pattern', () => {
  test('follows from its nonce, which its code holds', () => {
    expect(choosePattern(nonce)).toEqual(choosePattern(nonce));
    expect(choosePattern(nonce).patches).not.toEqual(choosePattern(browserNonce(2)).patches);
    expect(nonceInCode(choosePattern(nonce).text)).toBe(toHex(nonce));
    expect(() => choosePattern(nonce.subarray(1))).toThrow('16 bytes');
    for (const text of ['', 'ASSAY:', `assay:${toHex(nonce)}`, `${choosePattern(nonce).text}0`, 'https://example.org'])
      expect(nonceInCode(text)).toBeUndefined();
  });

  test('has eight patches a direction, apart from each other, at places that panels of 1/2, 2/3 and 3/4 have too', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { patches } = choosePattern(browserNonce(seed));
      for (const axis of ['columns', 'rows'])
        expect(
          patches
            .filter((patch) => patch.axis === axis)
            .map(({ stripe }) => stripe)
            .toSorted((a, b) => a - b),
        ).toEqual([1, 1, 1, 1, 2, 3, 4, 8]);
      for (const { x, y } of patches) {
        expect([x % 12, y % 12]).toEqual([0, 0]);
        expect(Math.max(x, y) + PATCH).toBeLessThan(PATTERN_SIDE);
        expect(patches.filter((other) => Math.max(Math.abs(other.x - x), Math.abs(other.y - y)) < PATCH + 12)).toHaveLength(1);
      }
    }
  });

  test('fits into a transcript', () => expect(writeBrowserQuestion({ ask: 'pattern' }, nonce).length).toBeLessThan(2000));
});

describe('planes', () => {
  const square: Corners = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 10 },
    { x: 0, y: 10 },
  ];
  test('go there and back', () => {
    const part = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(part, { minLength: 8, maxLength: 8 }), part, part, (off, x, y) => {
        const seen = square.map((corner, at) => ({
          x: 5 * corner.x + (off[2 * at] ?? 0),
          y: 5 * corner.y + (off[2 * at + 1] ?? 0),
        })) as unknown as Corners;
        const [there, back] = [planeOf(square, seen), planeOf(seen, square)];
        if (there === undefined || back === undefined) throw new Error('no plane');
        const point = { x: 5 + x, y: 5 + y };
        const again = project(back, project(there, point));
        expect(Math.hypot(again.x - point.x, again.y - point.y)).toBeLessThan(1e-6);
      }),
    );
  });

  test('through points on a line there is none', () => {
    const line = square.map(({ x }) => ({ x, y: 3 })) as unknown as Corners;
    expect(planeOf(square, line) === undefined || planeOf(line, square) === undefined).toBe(true);
  });
});

describe('what is no photograph of a pattern', () => {
  const { picture, code } = photograph(drawPattern(nonce), {}, { scale: 1.6 });
  const [a, b, c, d] = code;
  const flat = { ...picture, green: new Uint8Array(picture.green.length).fill(90) };
  const far = { x: 1e9, y: -1e9 };
  test.each([
    ['a single pixel', { width: 1, height: 1, green: new Uint8Array(1) }, code],
    ['no pixels at all', { width: 0, height: 0, green: new Uint8Array(0) }, code],
    ['one colour', flat, code],
    ['corners in one place', picture, [a, a, a, a]],
    ['corners on a line', picture, [a, a, b, b]],
    ['corners that are crossed', picture, [a, c, b, d]],
    ['corners far outside', picture, [a, b, far, d]],
    ['corners that are no numbers', picture, [a, b, { x: Number.NaN, y: 1 }, d]],
    ['a part of the pattern', { ...picture, height: Math.floor(picture.height * 0.9) }, code],
  ] as const)('%s: why, and no patch', (_name, seen, corners) => {
    expect(readPattern(seen, nonce, corners)).toEqual({ problem: expect.any(String) });
  });

  test('from afar: how near to go', () => {
    const small = photograph(drawPattern(nonce), {}, { scale: 1.2 });
    expect(readPattern(small.picture, nonce, small.code)).toEqual({ problem: expect.stringContaining('1.2 pixels for one of the screen') });
  });
});
