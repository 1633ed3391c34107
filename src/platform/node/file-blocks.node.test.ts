import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { leafDigests, leafJob } from '../../formats/android/index.ts';
import { fileBlockDigests } from './file-blocks.ts';
import { fileDescriptorOf, openFile } from './files.ts';
import { nodeHash } from './hash.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-blocks-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const data = Uint8Array.from({ length: 1_310_720 }, (_, i) => (i * 31 + (i >> 7)) & 0xff);
/** Digests without a quicker way: a hash object each. */
const slow = Object.assign((algorithm: Parameters<typeof nodeHash>[0]) => nodeHash(algorithm), {});

test.each([
  ['sha256', 4096, 32],
  ['sha256', 65_536, 0],
  ['sha1', 512, 20],
  ['sha512', 4096, 7],
])(
  '%s of blocks of %i bytes with a salt of %i: the same from the file, from memory, and one by one',
  async (hashAlgorithm, dataBlockSize, saltLength) => {
    await writeFile(join(folder, 'image'), data);
    const file = await openFile(join(folder, 'image'));
    const descriptor = fileDescriptorOf(file) ?? -1;
    const shape = { dataBlockSize, hashAlgorithm, salt: Uint8Array.from({ length: saltLength }, (_, i) => i) };
    for (const [at, length] of [
      [0, data.length],
      [65_536, 65_536],
      [131_072, 0],
      [data.length - 65_536, 65_536],
    ] as const) {
      const bytes = data.slice(at, at + length);
      const wanted = leafDigests(bytes, shape, slow);
      expect(fileBlockDigests({ descriptor, at, length }, leafJob(shape))).toEqual(wanted);
      expect(leafDigests(bytes, shape, nodeHash)).toEqual(wanted);
    }
    // The same memory, of which less is used the second time.
    const buffer = data.slice(0, 262_144);
    for (const length of [262_144, 65_536, 196_608])
      expect(leafDigests(buffer.subarray(0, length), shape, nodeHash)).toEqual(leafDigests(data.slice(0, length), shape, slow));
    await file.close();
  },
);

test('a file that was cut off since it was opened', async () => {
  await writeFile(join(folder, 'short'), data);
  const file = await openFile(join(folder, 'short'));
  await truncate(join(folder, 'short'), 5000);
  const descriptor = fileDescriptorOf(file) ?? -1;
  const job = leafJob({ dataBlockSize: 4096, hashAlgorithm: 'sha256', salt: new Uint8Array(0) });
  expect(() => fileBlockDigests({ descriptor, at: 0, length: 65_536 }, job)).toThrow('the file ends here, 61440 bytes early');
  await file.close();
});
