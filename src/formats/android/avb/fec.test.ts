import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash } from '../../../../test/support/ports.ts';
import { bytesSource, hashOf, toHex } from '../../../bytes/index.ts';
import { computeFec, fecSize } from './fec.ts';

const noise = (size: number) => Uint8Array.from({ length: size }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 11) & 255);

/** The product of two elements of the field, by shifts: another way than that of the encoder. */
function times(a: number, b: number): number {
  let product = 0;
  for (let [x, y] = [a, b]; y > 0; y >>>= 1, x = x & 0x80 ? ((x << 1) ^ 0x11d) & 0xff : x << 1) if (y & 1) product ^= x;
  return product;
}

/** Whether a code of 255 bytes is one: it vanishes at the first powers of 2. */
function isCode(bytes: readonly number[], roots: number): boolean {
  let point = 1;
  for (let i = 0; i < roots; i++, point = times(point, 2)) {
    const value = bytes.reduce((sum, byte) => times(sum, point) ^ byte, 0);
    if (value !== 0) return false;
  }
  return true;
}

describe('codes', () => {
  // veritysetup 2.6.1: format --no-superblock --salt 00 --fec-device F --fec-roots N over one block of noise, whose hash tree has no block of its own.
  test('of one block are those of veritysetup', async () => {
    const made = await computeFec(bytesSource(noise(4096)), { dataSize: 4096, blockSize: 4096, roots: 2 });
    expect(toHex(hashOf(hash, 'sha256', made))).toBe('8325d603dae75fa8e5ee48e9baed410773a088e9e35e1f42a8a720da453437c1');
  });

  test('vanish at their roots, whatever they are over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 520 }), fc.integer({ min: 2, max: 24 }), fc.nat(15), async (blocks, roots, code) => {
        const blockSize = 16;
        const data = noise(blocks * blockSize);
        const made = await computeFec(bytesSource(data), { dataSize: data.length, blockSize, roots });
        const rounds = Math.ceil(blocks / (255 - roots));
        const round = code % rounds;
        const bytes = Array.from({ length: 255 - roots }, (_, i) => data[(i * rounds + round) * blockSize + code] ?? 0);
        const parity = made.subarray((round * blockSize + code) * roots, (round * blockSize + code + 1) * roots);
        expect(isCode([...bytes, ...parity], roots)).toBe(true);
        expect(isCode([...bytes.slice(1), 1, ...parity], roots)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [{ dataSize: 4096, blockSize: 4096, roots: 1 }, 'roots'],
    [{ dataSize: 4096, blockSize: 4096, roots: 25 }, 'roots'],
    [{ dataSize: 4097, blockSize: 4096, roots: 2 }, 'no whole blocks'],
    [{ dataSize: 2 ** 42, blockSize: 4096, roots: 24 }, 'the most'],
  ])('%j is refused', (shape, words) => {
    expect(() => fecSize(shape)).toThrow(words);
  });
});
