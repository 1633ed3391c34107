import { describe, expect, test } from 'vitest';
import { codec } from '../../../../test/support/ports.ts';
import { bytesSource, FormatError, parseBase64 } from '../../../bytes/index.ts';
import { isCow, readCow } from './cow.ts';
import { mergedImage } from './merged.ts';
import { type CowPart, type CowParts, writeCow } from './write.ts';

const BLOCK = 4096;
/** Browsers bring no Brotli and no Zstandard. */
const LACKING = new Set<string>();
for (const name of ['brotli', 'zstd'] as const)
  await codec(name, new Uint8Array(0), 1).catch((error: unknown) => {
    if (error instanceof FormatError && error.code === 'unsupported-feature') LACKING.add(name);
  });
const filled = (byte: number, blocks = 1) => new Uint8Array(blocks * BLOCK).fill(byte);
const before = Uint8Array.from({ length: 8 * BLOCK }, (_, index) => (Math.floor(index / BLOCK) * 16 + (index % 7)) & 255);
const blockOf = (bytes: Uint8Array, index: number) => bytes.subarray(index * BLOCK, (index + 1) * BLOCK);

async function merged(parts: CowParts): Promise<Uint8Array> {
  const data = bytesSource(writeCow(parts));
  const cow = await readCow(data);
  return mergedImage({ cow, data, before: bytesSource(before), codec }).read(0, before.length);
}
const OPERATIONS: readonly CowPart[] = [
  { kind: 'copy', block: 5, from: 2 },
  { kind: 'replace', block: 1, data: filled(9) },
  { kind: 'label', label: 0xffff_ffff_ffff_ffffn },
  { kind: 'xor', block: 3, from: 100, data: filled(0x55) },
  { kind: 'zero', block: 6 },
  { kind: 'replace', block: 7, data: filled(8) },
];
function expected(): Uint8Array {
  const out = before.slice();
  out.set(blockOf(before, 2), 5 * BLOCK);
  out.set(filled(9), BLOCK);
  out.set(
    before.subarray(100, 100 + BLOCK).map((byte) => byte ^ 0x55),
    3 * BLOCK,
  );
  out.set(filled(0), 6 * BLOCK);
  out.set(filled(8), 7 * BLOCK);
  return out;
}
/** A label of version 3 has 48 bits. */
const OPERATIONS_3 = OPERATIONS.map((part) => (part.kind === 'label' ? { ...part, label: 7n } : part));

describe('what boots after an update', () => {
  test.each<[string, CowParts]>([
    ['version 2, data behind each operation', { version: 2, operations: OPERATIONS }],
    ['version 2 in clusters', { version: 2, operations: OPERATIONS, clusterOps: 4 }],
    ['version 2 in clusters that are not filled', { version: 2, operations: OPERATIONS, clusterOps: 200 }],
    ['version 2 without scratch space', { version: 2, operations: OPERATIONS, bufferSize: 0 }],
    ['version 3', { version: 3, operations: OPERATIONS_3 }],
  ])('%s', async (_name, parts) => {
    expect(await merged(parts)).toEqual(expected());
    expect(await readCow(bytesSource(writeCow(parts)))).toMatchObject({ version: parts.version, merged: 0, isComplete: true });
  });

  // 4096 times the byte 7, packed by Python 3.11’s zlib, brotli 1.0.9, lz4 1.9.4 (the block of its frame) and zstd 1.5.4.
  const PACKED: readonly (readonly [string, number, string])[] = [
    ['zlib', 1, 'eJztwTENAAAAw6Cz/h3PxwIUAAAA8G58gHAB'],
    ['brotli', 2, '0fh/wC9xEI8FArkHAA=='],
    ['LZ4', 3, 'HwcBAP////////////////////ZQBwcHBwc='],
    ['zstd', 4, 'KLUv/WQAD00AABAHBwEA+/cBFsNmdRc='],
  ];
  test.each(PACKED)('packed by %s', async (name, compression, base64) => {
    const data = parseBase64(base64) ?? new Uint8Array(0);
    for (const parts of [
      { version: 2, operations: [{ kind: 'replace', block: 4, data, compression }] },
      { version: 3, operations: [{ kind: 'replace', block: 4, data }], compression },
    ] as const satisfies readonly CowParts[]) {
      // Where the platform has no decoder, the algorithm is refused by its name.
      if (LACKING.has(name)) await expect(merged(parts)).rejects.toThrow(name);
      else expect(blockOf(await merged(parts), 4)).toEqual(filled(7));
    }
  });

  test('several blocks in one piece', async () => {
    const made = await merged({ version: 3, operations: [{ kind: 'replace', block: 1, data: filled(3, 4), factor: 2 }] });
    expect([0, 1, 2, 3, 4, 5].map((index) => made[index * BLOCK])).toEqual([0, 3, 3, 3, 3, before[5 * BLOCK]]);
  });

  /** A chain that only its own order makes right: each copy reads what the next one overwrites. */
  const CHAIN: readonly CowPart[] = [
    { kind: 'copy', block: 1, from: 2 },
    { kind: 'copy', block: 2, from: 3 },
    { kind: 'xor', block: 3, from: 4 * BLOCK, data: filled(0x55) },
    { kind: 'copy', block: 4, from: 5 },
    { kind: 'replace', block: 6, data: filled(8) },
    { kind: 'zero', block: 0 },
  ];
  const updated = () => merged({ version: 2, operations: CHAIN });
  /** The partition after so many operations of a merge. */
  const during = async (count: number, blocks: readonly number[]) => {
    const out = before.slice();
    const AFTER = await updated();
    for (const block of blocks.slice(0, count)) out.set(blockOf(AFTER, block), block * BLOCK);
    return out;
  };
  const read = async (bytes: Uint8Array, image: Uint8Array) => {
    const data = bytesSource(bytes);
    return mergedImage({ cow: await readCow(data), data, before: bytesSource(image), codec }).read(0, image.length);
  };

  test.each([0, 1, 2, 3, 4, 5, 6])('a merge under way, broken off behind %i operations, boots the same', async (count) => {
    for (const version of [2, 3] as const)
      expect(await read(writeCow({ version, operations: CHAIN, merged: count }), await during(count, [1, 2, 3, 4, 0, 6]))).toEqual(
        await updated(),
      );
  });

  test.each([1, 2, 3, 4])('in the order of a sequence, broken off behind %i operations', async (count) => {
    const order = [1, 2, 3, 4];
    // The same operations, lying the other way round: only the sequence says what comes first.
    const parts = { version: 3 as const, operations: CHAIN.toReversed(), sequence: order, merged: count };
    expect(await read(writeCow(parts), await during(count, order))).toEqual(await updated());
    const clustered = { version: 2 as const, operations: CHAIN.toReversed(), sequence: order, merged: count, clusterOps: 9 };
    expect(await read(writeCow(clustered), await during(count, order))).toEqual(await updated());
  });

  test('half done, what was made lies in the scratch space', async () => {
    const bufferSize = 4 * BLOCK;
    const bytes = writeCow({ version: 2, operations: CHAIN, merged: 1, bufferSize });
    const AFTER = await updated();
    const scratch = new DataView(bytes.buffer, 38, bufferSize);
    // Blocks 2 and 3 are under way, and block 2 is overwritten in part.
    scratch.setUint8(0, 2);
    for (const [index, block] of [2, 3].entries()) {
      const at = 38 + (index + 1) * BLOCK;
      scratch.setBigUint64(1 + 16 * index, BigInt(block), true);
      scratch.setBigUint64(9 + 16 * index, BigInt(at), true);
      bytes.set(blockOf(AFTER, block), at);
    }
    const image = await during(1, [1]);
    image.set(blockOf(AFTER, 2).subarray(0, 100), 2 * BLOCK);
    image.set(filled(0xee), 3 * BLOCK);
    expect(await read(bytes, image)).toEqual(AFTER);
    scratch.setBigUint64(9, 3n, true);
    await expect(readCow(bytesSource(bytes))).rejects.toThrow('scratch');
  });

  test('what no sequence names, once those are done: refused, block by block', async () => {
    const bytes = writeCow({ version: 3, operations: CHAIN, sequence: [1, 2], merged: 3 });
    const data = bytesSource(bytes);
    const image = mergedImage({ cow: await readCow(data), data, before: bytesSource(before), codec });
    await expect(image.read(4 * BLOCK, 1)).rejects.toThrow('3 operations are merged already, and whether block 4');
    expect((await image.read(6 * BLOCK, 1))[0]).toBe(8);
  });

  test('an update that was still being written has no end', async () => {
    const bytes = writeCow({ version: 2, operations: OPERATIONS, footer: false });
    expect(await readCow(bytesSource(bytes))).toMatchObject({ isComplete: false });
  });
});

describe('hostile', () => {
  const good = writeCow({ version: 3, operations: OPERATIONS_3, bufferSize: 16 });
  const changed = (at: number, ...bytes: readonly number[]) => {
    const copy = good.slice();
    copy.set(bytes, at);
    return copy;
  };
  test.each<[string, Uint8Array, string]>([
    ['another magic', changed(0, 0), 'magic'],
    ['a version to come', changed(8, 4), '4.0, not 1.0 to 3.0'],
    ['another size of operations', changed(16, 20), 'op_size'],
    ['blocks of another size', changed(18, 0, 0x20), 'block_size'],
    ['clusters of one', changed(22, 1), 'cluster_ops'],
    ['operations beyond the end', changed(62, 0xff, 0xff, 0xff), 'op_count_max'],
    ['operations without end', changed(54, 0xff, 0xff, 0xff, 0xff), 'op_count'],
    ['a packing that nobody knows', changed(70, 9), 'compression_algorithm'],
    ['an operation that nobody knows', changed(78 + 16 + 15, 0x90), 'type 9'],
  ])('%s', async (_name, bytes, says) => {
    await expect(readCow(bytesSource(bytes))).rejects.toThrow(says);
  });

  test('a block that two operations make in part', async () => {
    const operations: readonly CowPart[] = [
      { kind: 'replace', block: 0, data: filled(3, 4), factor: 2 },
      { kind: 'zero', block: 2 },
    ];
    await expect(readCow(bytesSource(writeCow({ version: 3, operations })))).rejects.toThrow(
      'operation 0 makes 4 blocks, and another begins at 2',
    );
  });

  test.each<[string, CowPart, string]>([
    ['a copy from beyond', { kind: 'copy', block: 0, from: 8 }, 'before the update'],
    ['data of another size', { kind: 'replace', block: 0, data: new Uint8Array(10) }, 'where 4096 are due'],
  ])('%s costs its block', async (_name, operation, says) => {
    await expect(merged({ version: 2, operations: [operation] })).rejects.toThrow(says);
  });

  test('cut anywhere it is refused or incomplete', async () => {
    const bytes = writeCow({ version: 2, operations: OPERATIONS, bufferSize: 16 });
    for (let size = 0; size < bytes.length; size += 97) {
      const answer = await readCow(bytesSource(bytes.subarray(0, size))).catch((error: unknown) => error);
      expect(answer instanceof Error ? answer.name : answer).toEqual(
        answer instanceof Error ? 'FormatError' : expect.objectContaining({ isComplete: false }),
      );
    }
    expect(isCow(bytes)).toBe(true);
    expect(isCow(bytes.subarray(1))).toBe(false);
  });
});
