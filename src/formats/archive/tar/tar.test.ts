import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { isTar, readTar, writeTar } from './index.ts';

const ARCHIVE = writeTar([
  { name: 'images/system.img', data: new Uint8Array(1000).fill(7), mode: 0o600 },
  { name: `${'a'.repeat(120)}.img`, data: new Uint8Array(1) },
]);

/** The archive with bytes changed and, unless it is the checksum that is changed, the first header's checksum made right again. */
function changed(at: number, bytes: readonly number[], fix = true): Uint8Array {
  const copy = ARCHIVE.slice();
  copy.set(bytes, at);
  if (!fix) return copy;
  copy.set(new TextEncoder().encode('        '), 148);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return copy;
}
const ascii = (text: string) => [...new TextEncoder().encode(text)];

test('names, modes, sizes and places', async () => {
  const { value, oddities } = await readTar(bytesSource(ARCHIVE));
  expect(oddities).toEqual([]);
  expect(value[0]).toMatchObject({ name: 'images/system.img', type: 'file', mode: 0o600, size: 1000, at: 512 });
  expect(value[1]?.name).toBe(`${'a'.repeat(120)}.img`);
});

test('writing and reading come back equal', async () => {
  const part = fc.record({ name: fc.stringMatching(/^[a-z/._-]{1,200}$/), data: fc.uint8Array({ maxLength: 1500 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      const bytes = writeTar(parts);
      const { value } = await readTar(bytesSource(bytes));
      expect(value.map(({ name, at, size }) => ({ name, data: bytes.slice(at, at + size) }))).toEqual(parts);
    }),
  );
});

test('base 256 sizes of GNU tar are read', async () => {
  const { value } = await readTar(bytesSource(changed(124, [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 232])));
  expect(value[0]?.size).toBe(1000);
});

test.each<[string, Uint8Array]>([
  ['a header whose sum is another', changed(0, [1], false)],
  ['a size that is no number', changed(124, ascii('zzzzzzzzzzz'))],
  ['a member that ends behind the archive', changed(124, ascii('77777777777'))],
  ['a size above 2^53', changed(124, [0xff, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255])],
  ['a long name of megabytes', changed(124, ascii('00040000000\0                    L'))],
])('refused: %s', async (_name, bytes) => {
  await expect(readTar(bytesSource(bytes))).rejects.toThrow(FormatError);
});

test('cut off anywhere it is refused or says that its end is missing', async () => {
  for (let length = 0; length < ARCHIVE.length - 1024; length += 97) {
    const outcome = await readTar(bytesSource(ARCHIVE.subarray(0, length))).catch((error: unknown) => error);
    if (!(outcome instanceof FormatError)) expect(outcome).toMatchObject({ oddities: [{ code: 'no-end' }] });
  }
  expect(isTar(ARCHIVE)).toBe(true);
  expect(isTar(new Uint8Array(512))).toBe(false);
});
