import { expect, test } from 'vitest';
import { bytesSource, concatSources, equalBytes, type Source } from './index.ts';

test('bytes are the same or not, however they lie and wherever one differs', () => {
  const memory = Uint8Array.from({ length: 2000 }, (_, i) => (i * 7) & 255);
  for (const at of [0, 1, 4, 6])
    for (const length of [0, 1, 5, 255, 256, 257, 1027]) {
      const bytes = memory.subarray(at, at + length);
      const other = bytes.slice();
      expect(equalBytes(bytes, other)).toBe(true);
      expect(equalBytes(bytes, memory.subarray(at, at + length + 1))).toBe(false);
      for (const place of [0, 3, 254, 256, length - 1]) {
        if (place < 0 || place >= length) continue;
        other[place] = (bytes[place] ?? 0) ^ 0x80;
        expect(equalBytes(bytes, other), `${length} bytes at ${at}, ${place}`).toBe(false);
        other[place] = bytes[place] ?? 0;
      }
    }
});

test('sources end to end fill a caller’s memory where each of them can', async () => {
  const filling = (bytes: Uint8Array): Source => ({
    ...bytesSource(bytes),
    async readInto(at, into) {
      into.set(bytes.subarray(at, at + into.length));
    },
  });
  const [a, b, c] = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4, 5)];
  const whole = concatSources([a, b, c].map(filling));
  for (const [at, length] of [
    [0, 5],
    [2, 2],
    [4, 1],
    [3, 0],
  ] as const) {
    const into = new Uint8Array(length);
    await whole.readInto?.(at, into);
    expect(into).toEqual(await whole.read(at, length));
  }
  await expect(whole.readInto?.(4, new Uint8Array(2))).rejects.toThrow('are not inside');
  expect('readInto' in concatSources([bytesSource(a), filling(c)])).toBe(false);
});
