import { expect, test } from 'vitest';
import { hash } from '../../../../test/support/ports.ts';
import { bytesSource, type CodecPort, concatBytes, FormatError, type Source } from '../../../bytes/index.ts';
import type { PayloadPartition } from './manifest.ts';
import { type PartitionPorts, payloadPartition } from './partition.ts';
import { readPayload } from './payload.ts';
import { type OperationParts, writePayload } from './write.ts';

const BLOCK = 4096;
/** Blocks of an operation: 256 KiB. */
const BLOCKS = 64;

/** A packing of our own: the data's first byte is what every block is filled with, and the second how many blocks there are. */
const unpack = (bytes: Uint8Array, room: Uint8Array | undefined): Uint8Array => {
  const length = (bytes[1] ?? 0) * BLOCK;
  const out = room === undefined ? new Uint8Array(length) : room.subarray(0, length);
  for (let at = 0; at < length; at += BLOCK) out.fill((bytes[0] ?? 0) + at / BLOCK, at, at + BLOCK);
  return out;
};

async function opened(operations: readonly OperationParts[], size: number, ports: Omit<PartitionPorts, 'hash'>): Promise<Source> {
  const partitions = [{ name: 'system', after: { size, sha256: new Uint8Array(32) }, operations }];
  const { value } = await readPayload(bytesSource(await writePayload({ blockSize: BLOCK, minorVersion: 0, partitions }, hash)));
  // The payloads here have one partition.
  return payloadPartition(value, value.manifest.partitions[0] as PayloadPartition, { hash, ...ports });
}

const packedOperations = (count: number): readonly OperationParts[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'REPLACE_XZ',
    data: Uint8Array.of(index, BLOCKS),
    targets: [{ startBlock: index * BLOCKS, blocks: BLOCKS }],
  }));

test('memory of outputs that were dropped makes the next ones, and no reader sees another’s bytes', async () => {
  const count = 96;
  const buffers = new Set<ArrayBufferLike>();
  const codec: CodecPort = async (_, bytes, __, room) => {
    if (room !== undefined) buffers.add(room.buffer);
    await Promise.resolve();
    return unpack(bytes, room);
  };
  const size = count * BLOCKS * BLOCK;
  const source = await opened(packedOperations(count), size, { codec, cacheBytes: 1 << 20, ahead: 2 });
  const wanted = (at: number) => {
    const block = Math.floor(at / BLOCK);
    return (Math.floor(block / BLOCKS) + (block % BLOCKS)) & 255;
  };
  const differing: number[] = [];
  const reader = async (seed: number) => {
    let state = seed;
    for (let turn = 0; turn < 60; turn++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      // Half of the readers go on in order, half jump.
      const at = (seed % 2 === 0 ? turn * 150_001 * seed : state) % (size - 400_000);
      const length = 1 + (state % 400_000);
      const bytes = await source.read(at, length);
      for (let i = 0; i < length; i += 1021) if (bytes[i] !== wanted(at + i)) differing.push(at + i);
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(reader));
  expect(differing).toEqual([]);
  // A MiB is kept, each reader holds one, two are made ahead of each, and 8 MiB wait.
  expect(buffers.size).toBeLessThan(60);
});

test('an operation that fails is tried again, and costs no other one', async () => {
  let fails = 1;
  const codec: CodecPort = async (_, bytes, __, room) => {
    if (bytes[0] === 1 && fails-- > 0) throw new FormatError({ format: 'xz', field: 'stream', at: 0 }, 'bad-value', 'once');
    return unpack(bytes, room);
  };
  const source = await opened(packedOperations(3), 3 * BLOCKS * BLOCK, { codec, cacheBytes: 1 << 20 });
  await expect(source.read(0, source.size)).rejects.toThrow('once');
  expect((await source.read(0, source.size))[BLOCKS * BLOCK]).toBe(1);
});

test('no more operations are decoded ahead than find a decoder', async () => {
  let busy = 0;
  let most = 0;
  const lanes = { take: () => busy++, give: () => busy--, isFree: () => busy < 2 };
  const codec: CodecPort = async (_, bytes, __, room) => {
    most = Math.max(most, busy);
    await new Promise((resolve) => setTimeout(resolve));
    return unpack(bytes, room);
  };
  const source = await opened(packedOperations(12), 12 * BLOCKS * BLOCK, { codec, ahead: 4, lanes });
  for (let at = 0; at < source.size; at += BLOCKS * BLOCK) await source.read(at, BLOCK);
  expect([busy, most]).toEqual([0, 2]);
});

const LARGE_BLOCKS = (33 << 20) / BLOCK;

test('what is too large for memory lies elsewhere: stored, where it is; packed, where the platform keeps such', async () => {
  const data = new Uint8Array(LARGE_BLOCKS * BLOCK);
  data.set([1, 2, 3], data.length - 3);
  const unpacked: string[] = [];
  const codec: CodecPort = async () => {
    throw new Error('it was to be unpacked in memory');
  };
  const large: PartitionPorts['large'] = {
    async *stream(format) {
      unpacked.push(format);
      yield data.subarray(0, 4 << 20);
      yield data.subarray(4 << 20);
    },
    async spool(pieces) {
      const kept: Uint8Array[] = [];
      for await (const piece of pieces) kept.push(piece);
      return bytesSource(concatBytes(kept));
    },
  };
  const operations: readonly OperationParts[] = [
    { type: 'REPLACE', data, targets: [{ startBlock: 0, blocks: LARGE_BLOCKS }] },
    { type: 'REPLACE_XZ', data: new Uint8Array(1 << 15).fill(9), targets: [{ startBlock: LARGE_BLOCKS, blocks: LARGE_BLOCKS }] },
  ];
  const source = await opened(operations, 2 * data.length, { codec, large, cacheBytes: 1 << 20 });
  for (const at of [data.length - 5, 2 * data.length - 5, data.length - 5])
    expect(await source.read(at, 5)).toEqual(Uint8Array.of(0, 0, 1, 2, 3));
  expect(unpacked).toEqual(['xz']);
});

test('operations that claim to make more than their data could: refused before one of them is carried out', async () => {
  const blocks = (400 << 20) / BLOCK;
  const operations = Array.from(
    { length: 3 },
    (_, index): OperationParts => ({ type: 'REPLACE_XZ', data: new Uint8Array(64), targets: [{ startBlock: index * blocks, blocks }] }),
  );
  const codec: CodecPort = async (_, bytes) => bytes;
  await expect(opened(operations, 3 * blocks * BLOCK, { codec })).rejects.toThrow('operations[2]: up to it operations make');
});

test('data that is longer than what it makes: refused before it is read', async () => {
  const data = new Uint8Array(2 << 20);
  const operation: OperationParts = { type: 'REPLACE_XZ', data, targets: [{ startBlock: 0, blocks: 1 }] };
  const codec: CodecPort = async (_, bytes) => bytes;
  const source = await opened([operation], BLOCK, { codec });
  await expect(source.read(0, 1)).rejects.toThrow('data_length');
});
