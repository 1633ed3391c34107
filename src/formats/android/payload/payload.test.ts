import { describe, expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../../test/support/growth.ts';
import { codec, hash } from '../../../../test/support/ports.ts';
import { bytesSource, concatBytes, equalBytes, FormatError, hashOf, parseHex } from '../../../bytes/index.ts';
import { computeFec, computeHashtree } from '../avb/index.ts';
import { applyBspatch } from './bspatch.ts';
import type { InstallOperation, PayloadPartition } from './manifest.ts';
import { payloadPartition, unsupportedOperation } from './partition.ts';
import { isPayload, readPayload } from './payload.ts';
import { readSignatures, verifyMetadataSignature, verifyPartitionDigest, verifyPayloadSignature } from './verify.ts';
import { type OperationParts, writePayload } from './write.ts';

const BLOCK = 4096;
const filled = (value: number, blocks = 1) => new Uint8Array(BLOCK * blocks).fill(value);
const sha256 = (bytes: Uint8Array) => hashOf(hash, 'sha256', bytes);
const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);
const SIGNER = { sign: async (bytes: Uint8Array) => sha256(bytes), signatureSize: 32 };

const payloadOf = (image: Uint8Array, operations: readonly OperationParts[], signer?: typeof SIGNER) =>
  writePayload(
    {
      blockSize: BLOCK,
      minorVersion: 0,
      securityPatchLevel: '2025-01-05',
      partitions: [{ name: 'system', after: { size: image.length, sha256: sha256(image) }, operations }],
    },
    hash,
    signer,
  );

async function opened(bytes: Uint8Array, before?: Uint8Array) {
  const { value } = await readPayload(bytesSource(bytes));
  // The payloads here have one partition.
  const partition = value.manifest.partitions[0] as PayloadPartition;
  const ports = { hash, codec, ...(before === undefined ? {} : { before: bytesSource(before) }) };
  return { payload: value, partition, open: () => payloadPartition(value, partition, ports) };
}

const IMAGE = concatBytes([filled(1), filled(0), filled(2), filled(3), filled(0), filled(4)]);
const OPERATIONS: readonly OperationParts[] = [
  // Several extents, out of order.
  {
    type: 'REPLACE',
    data: concatBytes([filled(4), filled(1)]),
    targets: [
      { startBlock: 5, blocks: 1 },
      { startBlock: 0, blocks: 1 },
    ],
  },
  { type: 'ZERO', targets: [{ startBlock: 1, blocks: 1 }] },
  { type: 'DISCARD', targets: [{ startBlock: 4, blocks: 1 }] },
  { type: 'REPLACE', data: concatBytes([filled(2), filled(3)]), targets: [{ startBlock: 2, blocks: 2 }] },
];

test('a partition reads back at any place', async () => {
  const { open, partition, payload } = await opened(await payloadOf(IMAGE, OPERATIONS));
  const source = open();
  expect(source.size).toBe(IMAGE.length);
  expect(payload.manifest.securityPatchLevel).toBe('2025-01-05');
  expect(unsupportedOperation(partition)).toBeUndefined();
  expect((await verifyPartitionDigest(source, partition, hash)).good).toBe(true);
  for (const [at, length] of [
    [0, 1],
    [4095, 2],
    [8000, 9000],
    [20_479, 4097],
    [0, 0],
  ] as const)
    expect(await source.read(at, length)).toEqual(IMAGE.slice(at, at + length));
});

test('each operation is decoded once when blocks are asked for in order', async () => {
  const bytes = await payloadOf(IMAGE, OPERATIONS);
  let reads = 0;
  const { value } = await readPayload({
    size: bytes.length,
    async read(at, length) {
      reads++;
      return bytes.slice(at, at + length);
    },
  });
  const source = payloadPartition(value, value.manifest.partitions[0] as PayloadPartition, { hash, codec });
  reads = 0;
  for (let at = 0; at < source.size; at += 1024) await source.read(at, 1024);
  expect(reads).toBe(2);
});

test('copies and patches from the build before', async () => {
  const before = concatBytes([filled(9), filled(8)]);
  // One control triple: add 4096 of diff to the old bytes; no extra. BSDF2 without compressors.
  const number = (value: number) => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
  const patch = concatBytes([
    hex('4253444632000000'),
    number(24),
    number(BLOCK),
    number(BLOCK),
    number(BLOCK),
    number(0),
    number(0),
    filled(1),
  ]);
  const image = concatBytes([filled(8), filled(10)]);
  const bytes = await payloadOf(image, [
    { type: 'SOURCE_COPY', sources: [{ startBlock: 1, blocks: 1 }], targets: [{ startBlock: 0, blocks: 1 }] },
    { type: 'BROTLI_BSDIFF', data: patch, sources: [{ startBlock: 0, blocks: 1 }], targets: [{ startBlock: 1, blocks: 1 }] },
  ]);
  const delta = await opened(bytes, before);
  expect(await delta.open().read(0, image.length)).toEqual(image);
  const lone = await opened(bytes);
  await expect(lone.open().read(0, 1)).rejects.toThrow('SOURCE_COPY needs the partition of the build before');
});

test('a hash tree that a delta leaves out is computed', async () => {
  const data = concatBytes([filled(1), filled(2)]);
  const salt = hex('0011');
  const leaves = new Uint8Array(BLOCK);
  leaves.set(sha256(concatBytes([salt, filled(1)])), 0);
  leaves.set(sha256(concatBytes([salt, filled(2)])), 32);
  const image = concatBytes([data, leaves]);
  const bytes = await writePayload(
    {
      blockSize: BLOCK,
      minorVersion: 6,
      partitions: [
        {
          name: 'system',
          after: { size: image.length, sha256: sha256(image) },
          operations: [{ type: 'REPLACE', data, targets: [{ startBlock: 0, blocks: 2 }] }],
          hashtree: { data: { startBlock: 0, blocks: 2 }, tree: { startBlock: 2, blocks: 1 }, algorithm: 'sha256', salt },
        },
      ],
    },
    hash,
  );
  const { open, partition } = await opened(bytes);
  expect((await verifyPartitionDigest(open(), partition, hash)).good).toBe(true);
});

describe('error correction codes that a delta leaves out', () => {
  const data = concatBytes([filled(1), filled(2), filled(3)]);
  /** Data, a hash tree over it and codes over both, of which only the data is shipped. */
  async function made(codes: { startBlock: number; blocks: number }, roots = 2) {
    const salt = hex('00');
    const shape = { imageSize: data.length, dataBlockSize: BLOCK, hashBlockSize: BLOCK, hashAlgorithm: 'sha256', salt };
    const { tree } = await computeHashtree(bytesSource(data), shape, hash);
    const all = concatBytes([data, tree]);
    const image = concatBytes([all, await computeFec(bytesSource(all), { dataSize: all.length, blockSize: BLOCK, roots: 2 })]);
    const partition = {
      name: 'system',
      after: { size: image.length, sha256: sha256(image) },
      operations: [{ type: 'REPLACE' as const, data, targets: [{ startBlock: 0, blocks: 3 }] }],
      hashtree: { data: { startBlock: 0, blocks: 3 }, tree: { startBlock: 3, blocks: 1 }, algorithm: 'sha256', salt },
      fec: { data: { startBlock: 0, blocks: 4 }, codes, roots },
    };
    return { image, ...(await opened(await writePayload({ blockSize: BLOCK, minorVersion: 6, partitions: [partition] }, hash))) };
  }

  test('are computed over data and tree', async () => {
    const { open, partition, image } = await made({ startBlock: 4, blocks: 2 });
    expect((await verifyPartitionDigest(open(), partition, hash)).good).toBe(true);
    expect(await open().read(4 * BLOCK + 5, BLOCK)).toEqual(image.slice(4 * BLOCK + 5, 5 * BLOCK + 5));
  });

  test.each([
    ['of another length', { startBlock: 4, blocks: 1 }, 2, 'are the codes'],
    ['over themselves', { startBlock: 3, blocks: 3 }, 2, 'over data up to'],
    ['of as many roots as no kernel takes', { startBlock: 4, blocks: 2 }, 1, 'roots'],
  ])('%s are refused, and the data is readable', async (_, codes, roots, words) => {
    const { open } = await made(codes, roots);
    await expect(open().read(4 * BLOCK, 10)).rejects.toThrow(words);
    expect(await open().read(0, 3 * BLOCK)).toEqual(data);
  });
});

describe('signatures', () => {
  const key = { spki: new Uint8Array(0), kind: 'rsa-pkcs1' as const };
  const byDigest = async ({ data, signature }: { data: Uint8Array; signature: Uint8Array }) =>
    equalBytes(sha256(data), signature) ? ('valid' as const) : ('invalid' as const);

  test('are over the metadata and over all but themselves', async () => {
    const { payload } = await opened(await payloadOf(IMAGE, OPERATIONS, SIGNER));
    expect(readSignatures(payload.metadataSignature, 0)).toHaveLength(1);
    expect(await verifyMetadataSignature(payload, [key], byDigest)).toEqual({ outcome: 'valid', key: 0 });
    expect(await verifyPayloadSignature(payload, [key], byDigest)).toEqual({ outcome: 'valid', key: 0 });
  });

  test('a changed manifest is not the signed one', async () => {
    const bytes = await payloadOf(IMAGE, OPERATIONS, SIGNER);
    bytes[bytes.indexOf(0x79, 24)] = 0x78;
    const { payload } = await opened(bytes);
    expect((await verifyMetadataSignature(payload, [key], byDigest)).outcome).toBe('invalid');
  });

  test('an unsigned payload is unsigned, not valid', async () => {
    const { payload } = await opened(await payloadOf(IMAGE, OPERATIONS));
    expect((await verifyMetadataSignature(payload, [key], byDigest)).outcome).toBe('unsigned');
    expect((await verifyPayloadSignature(payload, [key], byDigest)).outcome).toBe('unsigned');
  });
});

describe('hostile', () => {
  test.each([
    ['PUFFDIFF', 'PUFFDIFF is not carried out here'],
    ['ZUCCHINI', 'ZUCCHINI is not carried out here'],
    ['LZ4DIFF_BSDIFF', 'LZ4DIFF_BSDIFF is not carried out here'],
    [77, 'operation type 77'],
  ] as const)('%s is refused by name and the rest stays readable', async (type, says) => {
    const { open, partition } = await opened(
      await payloadOf(concatBytes([filled(1), filled(2)]), [
        { type: 'REPLACE', data: filled(1), targets: [{ startBlock: 0, blocks: 1 }] },
        { type, data: filled(2), targets: [{ startBlock: 1, blocks: 1 }] },
      ]),
    );
    expect(await open().read(0, BLOCK)).toEqual(filled(1));
    await expect(open().read(BLOCK, 1)).rejects.toThrow(says);
    expect(unsupportedOperation(partition)).toBe(typeof type === 'number' ? `operation type ${type}` : type);
  });

  test('operations that overlap, leave the partition or lie about their digest', async () => {
    const replace = (startBlock: number, more = {}): OperationParts => ({
      type: 'REPLACE',
      data: filled(1),
      targets: [{ startBlock, blocks: 1 }],
      ...more,
    });
    const overlapping = await opened(await payloadOf(filled(1), [replace(0), replace(0)]));
    expect(() => overlapping.open()).toThrow('block 0 is written by operation 0, too');
    const outside = await opened(await payloadOf(filled(1), [replace(1)]));
    expect(() => outside.open()).toThrow('ends at block 2 of 1');
    const lying = await opened(await payloadOf(filled(1), [replace(0, { dataSha256: new Uint8Array(32) })]));
    await expect(lying.open().read(0, 1)).rejects.toThrow('the data has another SHA-256');
    const fat = await opened(await payloadOf(filled(1), [replace(0, { data: filled(1, 2) })]));
    await expect(fat.open().read(0, 1)).rejects.toThrow('8192 bytes for 4096 of blocks');
  });

  const made = (operations: readonly Partial<InstallOperation>[]): PayloadPartition => ({
    name: 'system',
    version: undefined,
    before: undefined,
    after: { size: operations.length * BLOCK, sha256: new Uint8Array(32) },
    operations: operations.map((one) => ({
      type: 'REPLACE',
      dataOffset: 0,
      dataLength: 0,
      sources: [],
      sourceLength: undefined,
      targets: [],
      targetLength: undefined,
      dataSha256: undefined,
      sourceSha256: undefined,
      ...one,
    })),
    hashtree: undefined,
    fec: undefined,
  });
  const blobs = { source: bytesSource(filled(1)), blobsAt: 0, manifest: { blockSize: BLOCK } };

  test('a hundred thousand operations, the last two of which overlap, cost each its place in an order, not the square', () => {
    const open = (partition: PayloadPartition) => {
      expect(() => payloadPartition(blobs, partition, { hash, codec })).toThrow('is written by operation');
    };
    const make = (count: number) =>
      made(
        Array.from({ length: count }, (_, index) => ({
          targets: [{ startBlock: index === count - 1 ? 0 : (index * 7919) % (count - 1), blocks: 1 }],
        })),
      );
    expect(growthOf({ make, run: open, size: 6001 })).toBeLessThan(SQUARE_FROM);
  });

  test('operations that read the same gigabytes over and over are refused before one of them is', () => {
    const sources = [{ startBlock: 0, blocks: 1 << 17 }];
    const partition = made(
      Array.from({ length: 1000 }, (_, index) => ({ type: 'SOURCE_COPY', sources, targets: [{ startBlock: index, blocks: 1 }] })),
    );
    expect(() => payloadPartition(blobs, partition, { hash, codec })).toThrow('operations[2]');
    const packed = made(Array.from({ length: 1000 }, (_, index) => ({ dataLength: 1 << 29, targets: [{ startBlock: index, blocks: 1 }] })));
    expect(() => payloadPartition(blobs, packed, { hash, codec })).toThrow('read more than');
  });

  test('headers', async () => {
    const good = await payloadOf(IMAGE, OPERATIONS);
    expect(isPayload(good)).toBe(true);
    const cases: readonly [number, number, string][] = [
      [0, 0, 'android payload @0x0 magic'],
      [11, 1, '@0x4 file_format_version: 1, not 2'],
      [13, 1, '@0xc manifest_size: 281474976'],
      [16, 1, '@0xc manifest_size'],
      [20, 1, '@0x14 metadata_signature_size'],
      [24, 0, '@0x18 manifest.key: 0 names no field'],
    ];
    for (const [at, value, says] of cases) {
      const bytes = good.slice();
      bytes[at] = value;
      await expect(readPayload(bytesSource(bytes))).rejects.toThrow(says);
    }
  });

  test('truncated anywhere: refused', async () => {
    const good = await payloadOf(IMAGE, OPERATIONS);
    for (let length = 0; length < good.length; length += length < 400 ? 1 : 1001) {
      const failure = await opened(good.subarray(0, length))
        .then(({ open }) => open().read(0, IMAGE.length))
        .catch((error: unknown) => error);
      expect(failure, String(length)).toBeInstanceOf(FormatError);
    }
  });

  test('operations that are asked for again and again, each time after it was dropped: work has an end', async () => {
    const operations = Array.from({ length: 8 }, (_, i) => ({ targets: [{ startBlock: i, blocks: 1 }], dataLength: BLOCK }));
    const source = payloadPartition(blobs, made(operations), { hash, codec, cacheBytes: 1, decodedMax: 20 * BLOCK });
    for (let i = 0; i < 20; i++) expect((await source.read((i % 8) * BLOCK, BLOCK)).length).toBe(BLOCK);
    await expect(source.read(4 * BLOCK, 1)).rejects.toThrow('more than 81920 bytes were decoded');
  });

  test('fifty bytes of control that unpack to megabytes, for a patch that makes a block', async () => {
    const asked: number[] = [];
    const greedy: typeof codec = async (name, bytes, ceiling) => {
      asked.push(ceiling);
      return codec(name, bytes, ceiling);
    };
    const eight = (value: number) => Uint8Array.from({ length: 8 }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255);
    const patch = concatBytes([hex('4253444946463430'), eight(50), eight(0), eight(BLOCK), new Uint8Array(60)]);
    await expect(applyBspatch(filled(1), patch, greedy, BLOCK)).rejects.toThrow(FormatError);
    expect(asked).toEqual([24 * (BLOCK + 64)]);
  });

  test('patches that reach outside', async () => {
    const old = filled(1);
    const header = hex('4253444946463430');
    await expect(applyBspatch(old, header, codec, 10)).rejects.toThrow(FormatError);
    await expect(applyBspatch(old, concatBytes([header, new Uint8Array(16), hex('ffffffffffffff7f')]), codec, 10)).rejects.toThrow(
      'new_size',
    );
    await expect(applyBspatch(old, concatBytes([hex('4253444632000700'), new Uint8Array(24)]), codec, 10)).rejects.toThrow('compressor 7');
  });
});
