import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { bytesSource, type HashAlgorithm, type Stretch, type StretchDigests, toHex } from '../../bytes/index.ts';
import { type FileSource, openFile } from './files.ts';
import { nodeStretches } from './stretch-hash.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-stretches-'));
afterAll(() => rmSync(folder, { recursive: true }));
const BYTES = Uint8Array.from({ length: 17 << 20 }, (_, index) => (index * 31 + (index >> 12)) & 255);
const NONE = new Uint8Array(0);
const digestOf = (algorithm: string, ...parts: readonly Uint8Array[]) => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const sha256 = (...parts: readonly Uint8Array[]) => digestOf('sha256', ...parts);
const write = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const work = (file: FileSource, stretches: readonly Stretch[], algorithm: HashAlgorithm = 'sha256') => {
  const begun = nodeStretches(file, algorithm, stretches);
  if (begun === undefined) throw new Error('nobody hashes it');
  return begun;
};
const hex = ({ bytes, size, states }: StretchDigests) =>
  Array.from(states, (state, index) => (state === 1 ? toHex(bytes.subarray(index * size, (index + 1) * size)) : undefined));

test('stretches are hashed by two threads as they would be by one, prefixes first', async () => {
  const file = await openFile(write('large', BYTES));
  try {
    const prefix = Uint8Array.of(0xa5, 1, 2, 3, 4);
    const asked = [
      { at: 3, length: 5 << 20, prefix: NONE },
      { at: 0, length: 1000, prefix },
      { at: BYTES.length - 1, length: 1, prefix: NONE },
      { at: 7, length: 0, prefix: NONE },
      ...Array.from({ length: 16 }, (_, index) => ({ at: index << 20, length: 1 << 20, prefix })),
    ];
    const wanted = asked.map((one) => sha256(one.prefix, BYTES.subarray(one.at, one.at + one.length)));
    for (let round = 0; round < 5; round++) expect(hex(await work(file, asked).finish())).toEqual(wanted);
    expect(hex(await work(file, asked.slice(0, 3), 'sha512').finish())).toEqual(
      asked.slice(0, 3).map((one) => digestOf('sha512', one.prefix, BYTES.subarray(one.at, one.at + one.length))),
    );
  } finally {
    await file.close();
  }
});

test('thousands of small stretches, stored and packed, have their own digests; what does not unpack to its size has none', async () => {
  const bytes = BYTES.slice();
  const contents = Array.from({ length: 3000 }, (_, index) => BYTES.subarray(index * 7, index * 7 + ((index * 131) % 4000)));
  const stretches: Stretch[] = [];
  let at = 5;
  for (const [index, content] of contents.entries()) {
    const data = index % 3 === 0 ? deflateRawSync(content) : content;
    bytes.set(data, at);
    stretches.push({ at, length: data.length, prefix: NONE, ...(index % 3 === 0 ? { unpacked: content.length } : {}) });
    at += data.length + (index % 40 === 0 ? 3000 : 30);
  }
  const wanted: (string | undefined)[] = contents.map((content) => sha256(content));
  // One more byte, one byte fewer, and what is no DEFLATE.
  for (const [index, unpacked] of [
    [300, (contents[300]?.length ?? 0) + 1],
    [303, (contents[303]?.length ?? 1) - 1],
    [1, 5000],
  ] as const) {
    stretches[index] = { ...(stretches[index] ?? { at: 0, length: 0, prefix: NONE }), unpacked };
    wanted[index] = undefined;
  }
  const file = await openFile(write('many', bytes));
  try {
    expect(hex(await work(file, stretches).finish())).toEqual(wanted);
  } finally {
    await file.close();
  }
});

test('work that is given up ends, and the file may be closed', async () => {
  const file = await openFile(write('stopped', BYTES));
  const begun = work(
    file,
    Array.from({ length: 17 }, (_, index) => ({ at: index << 20, length: 1 << 20, prefix: Uint8Array.of(1) })),
  );
  await begun.stop();
  await file.close();
  await expect(begun.finish()).rejects.toThrow('left work behind');
});

test('a file that became shorter is an error, and the thread goes on with the next', async () => {
  const path = write('shrinking', BYTES);
  const file = await openFile(path);
  truncateSync(path, 1000);
  try {
    await expect(work(file, [{ at: 0, length: 2000, prefix: NONE }]).finish()).rejects.toThrow('the file ends at 1000');
    expect(hex(await work(file, [{ at: 0, length: 0, prefix: NONE }], 'sha1').finish())).toEqual([
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    ]);
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
