import { describe, expect, test } from 'vitest';
import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { seeds } from './ext.fuzz.ts';
import { openExt } from './index.ts';

/** A superblock, one group, a root and a file `a` of nine bytes; with words of 32 bits changed. */
function image(...changes: readonly (readonly [at: number, value: number])[]): Uint8Array {
  const bytes = (seeds[0] ?? new Uint8Array(0)).slice();
  for (const [at, value] of changes) new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}
const open = (bytes: Uint8Array, entriesMax?: number) => openExt(bytesSource(bytes), entriesMax === undefined ? {} : { entriesMax });
const [COMPAT, INCOMPAT, RO_COMPAT] = [1024 + 0x5c, 1024 + 0x60, 1024 + 0x64];
const FILE = 4096 + 11 * 128;

describe('features', () => {
  test.each([
    ['one of tomorrow', 0x40002, 'FEATURE_I18'],
    ['one that never was', 0x22, 'FEATURE_I5'],
    ['the last bit', 0x80000002, 'FEATURE_I31'],
    ['ext2 that compresses', 0x3, 'compression'],
    ['a journal alone', 0xa, 'journal_dev'],
    ['data in directories', 0x1002, 'dirdata'],
  ])('that a reader must know, %s: refused by name', async (_, bits, name) => {
    await expect(open(image([INCOMPAT, bits]))).rejects.toThrow(name);
    await expect(open(image([INCOMPAT, bits]))).rejects.toMatchObject({ code: 'unsupported-feature', at: INCOMPAT });
  });

  test('that may be read past are named as e2fsprogs names them, and what is nobody’s is told', async () => {
    const { features, oddities } = await open(image([COMPAT, 0x1c20], [INCOMPAT, 0x102], [RO_COMPAT, 0x1e000]));
    expect(features).toEqual([
      'dir_index',
      'fast_commit',
      'stable_inodes',
      'orphan_file',
      'project',
      'shared_blocks',
      'verity',
      'orphan_present',
      'filetype',
      'mmp',
    ]);
    expect(oddities).toEqual([]);
    const unknown = await open(image([COMPAT, 0x2000], [RO_COMPAT, 0x20000]));
    expect(unknown.oddities).toMatchObject([{ code: 'unknown-feature', detail: expect.stringContaining('FEATURE_C13, FEATURE_R17') }]);
  });
});

test('files that share the blocks of their maps: work has an end, and what was read stays', async () => {
  // Its pointers lie in block 10, which has one: to block 9.
  const made = image([FILE + 4, 13 * 1024], [FILE + 0x28, 9], [FILE + 0x28 + 4 * 12, 10], [10 * 1024, 9]);
  const fileSystem = await open(made, 3 * 256);
  const entry = await fileSystem.find('/a');
  if (entry === undefined) throw new Error('no /a');
  for (let i = 0; i < 3; i++) expect((await (await fileSystem.open(entry)).read(12 * 1024, 1024)).length).toBe(1024);
  await expect(fileSystem.open(entry)).rejects.toThrow('more than 768 entries of maps');
  await expect(fileSystem.open(entry)).rejects.toBeInstanceOf(FormatError);
});
