import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bytesSource, toHex } from '../../bytes/index.ts';
import { openFile } from './files.ts';
import { nodeStretches } from './stretch-hash.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-stretches-'));
afterAll(() => rmSync(folder, { recursive: true }));
const BYTES = Uint8Array.from({ length: 17 << 20 }, (_, index) => (index * 31 + (index >> 12)) & 255);
const NONE = new Uint8Array(0);
const sha256 = (...parts: readonly Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const write = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

test('stretches are hashed in another thread as they would be here, prefixes first', async () => {
  const file = await openFile(write('large', BYTES));
  try {
    const prefix = Uint8Array.of(0xa5, 1, 2, 3, 4);
    const asked = nodeStretches(file, 'sha256', [
      { at: 3, length: 5 << 20, prefix: NONE },
      { at: 0, length: 1000, prefix },
      { at: BYTES.length - 1, length: 1, prefix: NONE },
      { at: 7, length: 0, prefix: NONE },
    ]);
    expect(asked).toBeDefined();
    expect((await asked)?.map((digest) => toHex(digest))).toEqual([
      sha256(BYTES.subarray(3, 3 + (5 << 20))),
      sha256(prefix, BYTES.subarray(0, 1000)),
      sha256(BYTES.subarray(-1)),
      sha256(),
    ]);
  } finally {
    await file.close();
  }
});

test('a file that became shorter is an error, and the thread goes on with the next', async () => {
  const path = write('shrinking', BYTES);
  const file = await openFile(path);
  truncateSync(path, 1000);
  try {
    await expect(nodeStretches(file, 'sha256', [{ at: 0, length: 2000, prefix: NONE }])).rejects.toThrow('the file ends at 1000');
    expect(toHex((await nodeStretches(file, 'sha1', [{ at: 0, length: 0, prefix: NONE }]))?.[0] ?? NONE)).toBe(
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    );
  } finally {
    await file.close();
  }
});

test('a small file, and what is no file, are not for it', async () => {
  const file = await openFile(write('small', BYTES.subarray(0, 1000)));
  expect(nodeStretches(file, 'sha256', [])).toBeUndefined();
  await file.close();
  expect(nodeStretches(bytesSource(BYTES), 'sha256', [])).toBeUndefined();
});
