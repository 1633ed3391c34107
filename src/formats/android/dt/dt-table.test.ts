import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { isDtTable, readDtTable, writeDtTable } from './index.ts';

/** A device tree's header, with nothing behind it. */
function tree(size: number, stated = size): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xd00dfeed);
  view.setUint32(4, stated);
  return bytes;
}
const read = (bytes: Uint8Array) => readDtTable(bytesSource(bytes));

test('what is written reads back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ size: fc.integer({ min: 40, max: 400 }), id: fc.nat(), revision: fc.nat() }), { maxLength: 20 }),
      async (parts) => {
        const bytes = writeDtTable(parts.map(({ size, id, revision }) => ({ tree: tree(size), id, revision })));
        expect(isDtTable(bytes)).toBe(true);
        const { value, oddities } = await read(bytes);
        expect(oddities).toEqual([]);
        expect(value.entries.map(({ size, id, revision }) => ({ size, id, revision }))).toEqual(parts);
        for (const { at, size } of value.entries) expect(bytes.slice(at, at + size)).toEqual(tree(size));
      },
    ),
  );
});

test('packed entries of version 1 are said to be so, and what is no tree is odd', async () => {
  const packed = await read(
    writeDtTable(
      [
        { tree: new Uint8Array(9), flags: 2 },
        { tree: new Uint8Array(9), flags: 7 },
      ],
      { version: 1 },
    ),
  );
  expect(packed.value.entries.map(({ packing }) => packing)).toEqual(['gzip', 7]);
  expect(packed.oddities).toEqual([]);
  const { oddities } = await read(writeDtTable([{ tree: new Uint8Array(40) }, { tree: tree(40, 50) }]));
  expect(oddities.map(({ code }) => code)).toEqual(['no-tree', 'short-tree']);
});

describe('hostile', () => {
  test.each([
    ['another magic', 0, 'magic'],
    ['a version of tomorrow', 28, 'version'],
    ['entries of no bytes', 12, 'dt_entry_size'],
    ['a million entries', 16, 'dt_entry_count'],
    ['entries beyond the image', 20, 'dt_entries_offset'],
    ['a tree beyond the image', 36, 'entry[0].dt_offset'],
  ])('%s: refused, with the field', async (_, at, field) => {
    const bytes = writeDtTable([{ tree: tree(40) }]);
    new DataView(bytes.buffer).setUint32(at, at === 12 ? 0 : 0xfffffff0);
    await expect(read(bytes)).rejects.toThrow(field);
  });

  test('truncated anywhere: refused, or odd', async () => {
    const bytes = writeDtTable([{ tree: tree(40) }, { tree: tree(60) }]);
    for (let length = 0; length < bytes.length; length++) await expect(read(bytes.slice(0, length))).rejects.toThrow(FormatError);
  });
});
