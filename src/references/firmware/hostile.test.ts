/** Packages made to hurt: each is refused or read in part, in little time and memory. */
import { expect, test } from 'vitest';
import { codec, hash, verify } from '../../../test/support/ports.ts';
import { bytesSource, concatBytes, FormatError } from '../../bytes/index.ts';
import { writePayload, writeSparse } from '../../formats/android/index.ts';
import { deflateRaw, writeTar, writeZip } from '../../formats/archive/index.ts';
import type { FileEntry, FileSystem, Visit } from '../../formats/fs/index.ts';
import { openInside } from './container.ts';
import { readTree } from './examine-tree.ts';
import { makeManifest } from './make-manifest.ts';
import { newPart } from './part.ts';
import { findPartitions } from './partitions.ts';

const ports = { hash, codec };
const zeros = (length: number) => new Uint8Array(length);
const find = (rom: Uint8Array, name = '') => findPartitions(bytesSource(rom), ports, name);

test('a 64-byte xz that says it holds eight gigabytes', async () => {
  // Stream header, a block header that states 8 GiB unpacked, and nothing that would be it.
  const xz = concatBytes([
    Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0, 0xff, 0x12, 0xd9, 0x41),
    Uint8Array.of(3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x21, 1, 0x16, 0, 0, 1, 2, 3, 4),
    zeros(36),
  ]);
  await expect(find(xz, 'system.img.xz')).rejects.toThrow(FormatError);
});

test('a zip bomb: a member that unpacks to more than its directory says', async () => {
  const bomb = writeZip([{ name: 'system.img', data: zeros(40 << 20), deflate: true }]).slice();
  const view = new DataView(bomb.buffer);
  const central = view.getUint32(bomb.length - 6, true);
  view.setUint32(central + 24, 20 << 20, true);
  const { partitions, unread } = await find(bomb);
  expect(partitions.size).toBe(0);
  expect(unread[0]?.because).toContain('more than');
});

test('a sparse image of forty bytes that claims eight terabytes of holes', async () => {
  const image = writeSparse([{ type: 'dont-care', blocks: 2 ** 31 }]);
  for (const name of ['modem.img', 'super.img']) {
    const contents = await find(writeZip([{ name, data: image }]));
    const { manifest } = await makeManifest(contents, { ports: { ...ports, verify }, together: 1 });
    expect(manifest.unread?.map(({ because }) => because)).toEqual([
      expect.stringMatching(/8796093022208 bytes, and \d+ is the most|no container known here/),
    ]);
  }
});

test('archives in archives without end', async () => {
  let rom = writeZip([{ name: 'system.img', data: zeros(4096) }]);
  for (let depth = 0; depth < 20; depth++) rom = writeTar([{ name: 'inner.tar', data: rom }]);
  await expect(openInside(bytesSource(rom), Array(20).fill('inner.tar').join('/'), ports)).rejects.toThrow('containers in each other');
  await expect(find(rom)).resolves.toMatchObject({ unread: [{ because: expect.stringContaining('in each other') }] });
});

test('operations of a payload that write the same blocks, or blocks behind the partition', async () => {
  const operation = (startBlock: number) => ({ type: 'REPLACE' as const, data: zeros(4096), targets: [{ startBlock, blocks: 1 }] });
  const partition = (name: string, operations: ReturnType<typeof operation>[]) => ({
    name,
    after: { size: 8192, sha256: zeros(32) },
    operations,
  });
  const partitions = [
    partition('twice', [operation(1), operation(1)]),
    partition('behind', [operation(2)]),
    partition('good', [operation(0)]),
  ];
  const found = await find(await writePayload({ blockSize: 4096, minorVersion: 0, partitions }, hash));
  expect([...found.partitions.keys()]).toEqual(['good']);
  expect(found.unread.map(({ because }) => because)).toEqual([
    expect.stringContaining('is written by operation 0, too'),
    expect.stringContaining('of 2'),
  ]);
});

test('names that climb, and names with everything in them, are only names', async () => {
  const rom = writeTar([
    { name: '../../etc/passwd.img', data: zeros(4096) },
    { name: 'a\u202e\u0000b.img', data: zeros(4096) },
    { name: '__proto__.img', data: zeros(4096) },
  ]);
  expect([...(await find(rom)).partitions.keys()]).toContain('passwd');
  expect([...(await find(rom)).partitions.keys()]).toContain('__proto__');
});

test('a stream that unpacks a thousand times over stops at its ceiling', async () => {
  // Gzip of zeros packs 1030 to 1: without a place to keep it, a quarter of a gigabyte is the most.
  const packed = deflateRaw(zeros(1 << 20));
  const gzip = concatBytes([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), packed, zeros(8)]);
  const many = concatBytes(Array.from({ length: 300 }, () => gzip));
  const found = await find(many, 'system.img.gz');
  expect(found.unread[0]?.because).toContain('there is no place to keep them');
});

/** A file system of files that hold nothing, of these sizes. */
function holes(sizes: readonly number[]): FileSystem {
  const entries = sizes.map(
    (size, i): FileEntry => ({
      id: i,
      type: 'file',
      size,
      mode: 0o644,
      uid: 0,
      gid: 0,
      links: 1,
      modifiedSeconds: 0,
      device: undefined,
      contentAt: 0,
      path: `/${i}`,
      xattrs: new Map(),
      context: undefined,
      capabilities: undefined,
      target: undefined,
    }),
  );
  return {
    kind: 'ext',
    blockSize: 4096,
    size: 8192,
    label: '',
    uuid: undefined,
    features: [],
    oddities: [],
    async *walk(): AsyncGenerator<Visit, void, void> {
      for (const entry of entries) yield { kind: 'entry', entry };
    },
    find: async () => undefined,
    open: async ({ size }) => ({ size, read: async (_, length) => zeros(length) }),
  };
}

test('files of holes without end, and more content than an image may have: refused, the rest is read', async () => {
  const part = newPart();
  const job = { partition: 'system', part, ports: { hash, codec, verify }, sweep: undefined };
  await readTree({ ...job, fileSystem: holes([2 ** 52, 100]) });
  expect(part.unread).toMatchObject([{ path: '/system/0', because: expect.stringContaining('are left of what is read') }]);
  await readTree({ ...job, fileSystem: holes([60, 60, 40]), contentMax: 100 });
  expect(part.unread.map(({ path }) => path)).toEqual(['/system/0', '/system/1']);
  expect(part.files.map(({ sha256 }) => sha256 === null)).toEqual([true, false, false, true, false]);
});
