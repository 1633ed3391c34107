import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesSource, concatSources, FormatError, type Source, sliceSource } from '../../bytes/index.ts';
import {
  parseTransferList,
  payloadPartition,
  readPayload,
  readSparse,
  sparseSource,
  transferListImage,
  writePayload,
  writeSparse,
} from '../../formats/android/index.ts';
import { nodeCodec } from './codecs.ts';
import { openFile } from './files.ts';
import { nodeHash } from './hash.ts';
import { fileRunOf, openRecipe, recipeOf } from './source-recipe.ts';
import { openSpool } from './spool.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-recipe-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const BLOCK = 4096;
const data = Uint8Array.from({ length: 8 * BLOCK }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

async function fileOf(name: string, bytes: Uint8Array) {
  await writeFile(join(folder, name), bytes);
  return openFile(join(folder, name));
}

/** The source as another thread would open it, after the way there. */
function sent(source: Source): Source {
  const recipe = recipeOf(source);
  if (recipe === undefined) throw new Error('it has no recipe');
  return openRecipe(structuredClone(recipe));
}

async function expectSame(source: Source): Promise<void> {
  const other = sent(source);
  expect(other.size).toBe(source.size);
  for (const [at, length] of [
    [0, source.size],
    [1, source.size - 2],
    [source.size - 1, 1],
    [BLOCK - 3, 7],
    [0, 0],
  ] as const)
    expect(await other.read(at, length), `${length} bytes at ${at}`).toEqual(await source.read(at, length));
}

describe('what another thread opens is the same', () => {
  test('a file, a window of a window of it, several windows end to end', async () => {
    const file = await fileOf('plain', data);
    await expectSame(file);
    await expectSame(sliceSource(sliceSource(file, 100, 3 * BLOCK), 50, 2 * BLOCK));
    await expectSame(
      concatSources([sliceSource(file, 5, 9000), sliceSource(file, 0, 7), sliceSource(file, 0, 0), sliceSource(file, 20, 5000)]),
    );
    await file.close();
  });

  test('a sparse image: holes and zeros are told as such', async () => {
    const bytes = writeSparse([
      { type: 'raw', data: data.subarray(0, 2 * BLOCK) },
      { type: 'dont-care', blocks: 3 },
      { type: 'fill', fill: 0, blocks: 2 },
      { type: 'raw', data: data.subarray(3 * BLOCK) },
    ]);
    const file = await fileOf('sparse', bytes);
    await expectSame(sparseSource(file, (await readSparse(file)).value));
    await file.close();
  });

  test('an image that a transfer list makes of new data, and what was spooled to a file', async () => {
    const spool = openSpool();
    const pieces = Array.from({ length: 17 }, (_, index) => data.slice().fill(index, 1, 1000));
    const file = await spool.spool(
      (async function* () {
        // Large enough to leave memory.
        for (let turn = 0; turn < 32; turn++) yield* pieces;
      })(),
    );
    expect(recipeOf(file)).toBeDefined();
    await expectSame(transferListImage(parseTransferList('4\n6\n0\n0\nnew 6,2,4,7,8,0,1\nzero 2,9,12\n'), file));
    await spool.close();
  });

  test('a partition of a payload, in an archive', async () => {
    const payload = await writePayload(
      {
        blockSize: BLOCK,
        minorVersion: 0,
        partitions: [
          {
            name: 'system',
            after: { size: data.length, sha256: new Uint8Array(32) },
            operations: [
              { type: 'REPLACE', targets: [{ startBlock: 4, blocks: 4 }], data: data.subarray(4 * BLOCK) },
              { type: 'REPLACE', targets: [{ startBlock: 0, blocks: 2 }], data: data.subarray(0, 2 * BLOCK) },
            ],
          },
        ],
      },
      nodeHash,
    );
    const archive = new Uint8Array(77 + payload.length);
    archive.set(payload, 77);
    const file = await fileOf('ota.zip', archive);
    const { value } = await readPayload(sliceSource(file, 77, payload.length));
    const partition = value.manifest.partitions[0];
    if (partition === undefined) throw new Error('no partition');
    await expectSame(payloadPartition(value, partition, { codec: nodeCodec, hash: nodeHash }));
    // What needs the build before stays where that is.
    expect(recipeOf(payloadPartition(value, partition, { codec: nodeCodec, hash: nodeHash, before: bytesSource(data) }))).toBeUndefined();
    await file.close();
  });
});

test('the one run that holds a range', () => {
  const runs = [
    { descriptor: 5, at: 100, length: 1000 },
    { descriptor: undefined, at: 0, length: 500 },
    { descriptor: 6, at: 0, length: 500 },
  ];
  expect(fileRunOf(runs, 0, 1000)).toEqual({ descriptor: 5, at: 100, length: 1000 });
  expect(fileRunOf(runs, 1600, 400)).toEqual({ descriptor: 6, at: 100, length: 400 });
  for (const [at, length] of [
    [999, 2],
    [1000, 10],
    [1400, 200],
    [2000, 1],
    [1900, 101],
  ] as const)
    expect(fileRunOf(runs, at, length), `${length} at ${at}`).toBeUndefined();
});

describe('what has no recipe', () => {
  test('bytes in memory, and fills of something else than zeros', async () => {
    expect(recipeOf(bytesSource(data))).toBeUndefined();
    const file = await fileOf('filled', writeSparse([{ type: 'fill', fill: 0x61626364, blocks: 2 }]));
    expect(recipeOf(sparseSource(file, (await readSparse(file)).value))).toBeUndefined();
    await file.close();
  });

  test('a file that shrinks is refused, with the place', async () => {
    const file = await fileOf('shrinks', data);
    const other = sent(file);
    await truncate(join(folder, 'shrinks'), BLOCK);
    await expect(other.read(0, data.length)).rejects.toThrow(FormatError);
    await expect(other.read(0, data.length)).rejects.toThrow(/@0x1000 read: the file ends here/);
    await expect(other.read(data.length, 1)).rejects.toThrow(/are not inside/);
    await file.close();
  });
});
