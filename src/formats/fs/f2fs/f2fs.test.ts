import { describe, expect, test } from 'vitest';
import {
  broken,
  COMPRESSED,
  content,
  DIRECTORY,
  EXTRA,
  FILE,
  found,
  INLINE,
  image,
  lz4Literals,
  open,
  text,
  visits,
} from '../../../../test/support/f2fs-images.ts';
import { codec } from '../../../../test/support/ports.ts';
import { bytesSource, FormatError, readAll } from '../../../bytes/index.ts';
import { crc32Raw } from '../../codec/index.ts';
import { openF2fs } from './index.ts';
import { FEATURE, MAGIC } from './layout.ts';
import { attributes, dentries, type F2fsInodeSpec, words, writeF2fs } from './write.ts';

describe('what no tool of the distribution makes', () => {
  test.each([12, 13, 14, 16])('blocks of 2^%i bytes', async (blockBits) => {
    const bytes = text.encode('in a block of its own');
    const made = image(
      ['a', 'b'],
      [
        { id: 4, mode: FILE, size: bytes.length, addresses: [30] },
        { id: 5, mode: FILE, inline: bytes },
      ],
      {
        blockBits,
        blocks: new Map([[30, bytes]]),
      },
    );
    expect((await open(made)).blockSize).toBe(2 ** blockBits);
    expect(await content(made, '/a')).toEqual(bytes);
    expect(await content(made, '/b')).toEqual(bytes);
  });

  test('devices in both encodings, fifo and socket; hard links are one inode', async () => {
    const made = image(
      ['null', 'disk', 'pipe', 'socket', 'one'],
      [
        { id: 4, mode: 0o20666, addresses: [0x103] },
        { id: 5, mode: 0o60600, addresses: [0, (300 & 0xff) | (259 << 8) | ((300 & ~0xff) << 12)] },
        { id: 6, mode: 0o10600 },
        { id: 7, mode: 0o140600 },
        { id: 8, mode: FILE, inline: text.encode('x'), links: 2, uid: 1000, gid: 2000 },
      ],
    );
    expect(await found(made, '/null')).toMatchObject({ type: 'character device', device: { major: 1, minor: 3 } });
    expect(await found(made, '/disk')).toMatchObject({ type: 'block device', device: { major: 259, minor: 300 } });
    expect(await found(made, '/pipe')).toMatchObject({ type: 'fifo', mode: 0o600 });
    expect(await found(made, '/socket')).toMatchObject({ type: 'socket' });
    expect(await found(made, '/one')).toMatchObject({ links: 2, uid: 1000, gid: 2000, modifiedSeconds: 1_700_000_000 });
  });

  test('attributes that begin in the inode and go on in a node, across the border between them', async () => {
    const label = text.encode('u:object_r:system_file:s0\0');
    const list = attributes([
      [6, 'selinux', label],
      [1, 'long', text.encode('y'.repeat(900))],
      [9, 'c', text.encode('own')],
      [6, 'capability', Uint8Array.from({ length: 20 }, (_, i) => i)],
    ]);
    const made = image(['a'], [{ id: 4, mode: FILE, xattrs: list.subarray(0, 200), xattrId: 9 }], {
      nodes: [{ id: 9, owner: 4, bytes: list.slice(200) }],
    });
    const entry = await found(made, '/a');
    expect(entry.context).toBe('u:object_r:system_file:s0');
    expect([...entry.xattrs.keys()]).toEqual(['security.selinux', 'user.long', 'security.capability']);
    expect(entry.xattrs.get('user.long')).toEqual(text.encode('y'.repeat(900)));
    expect(entry.capabilities).toHaveLength(20);
  });

  test('extra attributes with as many words of attributes as the inode says, and its checksum', async () => {
    const feature =
      EXTRA | FEATURE.FLEXIBLE_INLINE_XATTR | FEATURE.INODE_CHKSUM | FEATURE.SB_CHKSUM | FEATURE.PRJQUOTA | FEATURE.INODE_CRTIME;
    const xattrs = attributes([[6, 'selinux', text.encode('u:r:x:s0')]]);
    const made = image(['a'], [{ id: 4, mode: FILE, inline: text.encode('hello'), xattrs }], { feature, xattrWords: 20 });
    expect(await found(made, '/a')).toMatchObject({ context: 'u:r:x:s0', size: 5 });
    expect((await open(made)).features).toContain('flexible_inline_xattr');
    // Inode 4 lies in the block behind that of the root.
    const at = 7 * 4096;
    made[at + 4] = 1;
    expect(await broken(made)).toEqual([expect.stringMatching(/i_inode_checksum/)]);
  });

  test('direct, indirect and double indirect nodes', async () => {
    const node = (id: number, values: readonly number[]) => ({ id, owner: 4, bytes: words(values) });
    const far = Array.from({ length: 1018 }, () => 0);
    // A block in the inode, one behind each kind of node, all else holes.
    const block = (i: number) => Uint8Array.from({ length: 4096 }, (_, at) => (at * 7 + i) & 255);
    const starts = [0, 873, 873 + 1018, 873 + 2 * 1018, 873 + 2 * 1018 + 1018 ** 2, 873 + 2 * 1018 + 2 * 1018 ** 2];
    const made = image(
      ['a'],
      [{ id: 4, mode: FILE, size: ((starts[5] ?? 0) + 1) * 4096 - 1, addresses: [30], nodeIds: [10, 11, 12, 13, 14] }],
      {
        nodes: [
          node(10, [31]),
          node(11, [32]),
          node(12, [15, ...far.slice(1)]),
          node(15, [33]),
          node(13, [16]),
          node(16, [34]),
          node(14, [17]),
          node(17, [18]),
          node(18, [35]),
        ],
        blocks: new Map([30, 31, 32, 33, 34, 35].map((at) => [at, block(at)])),
      },
    );
    const fileSystem = await open(made);
    const entry = await fileSystem.find('/a');
    if (entry === undefined) throw new Error('no /a');
    const source = await fileSystem.open(entry);
    for (const [i, start] of starts.entries()) {
      const length = i === 5 ? 4095 : 4096;
      expect([i, await source.read(start * 4096, length)]).toEqual([i, block(30 + i).subarray(0, length)]);
    }
    expect(await source.read(4096, 4096)).toEqual(new Uint8Array(4096));
  });

  test('a journal in the checkpoint is newer than the table', async () => {
    const made = image(['a'], [{ id: 4, mode: FILE, inline: text.encode('journal') }], { journal: [3, 4] });
    expect(new TextDecoder().decode(await content(made, '/a'))).toBe('journal');
  });

  test.each([
    ['of 4 KiB', 12, 0],
    ['of 16 KiB, a summary each', 14, 0],
    ['of 16 KiB, a summary in the first 4 KiB of each (Linux 6.19)', 14, FEATURE.PACKED_SSA],
  ])('a journal behind the entries of a summary, in blocks %s', async (_, blockBits, feature) => {
    const spec = { blockBits, feature, hasSummaries: true, journal: [3, 4], totalBlocks: 16 };
    const made = image(['a'], [{ id: 4, mode: FILE, inline: text.encode('journal') }], spec);
    expect(new TextDecoder().decode(await content(made, '/a'))).toBe('journal');
  });

  test('a directory whose names lie in levels of blocks, with holes between them', async () => {
    const names = Array.from({ length: 500 }, (_, i) => [`name-${i}`, 4] as const);
    const made = writeF2fs({
      totalBlocks: 40,
      inodes: [
        { id: 3, mode: DIRECTORY, size: 12 * 4096, addresses: [20, 0, 0, 0, 0, 21, 0, 22, 0, 0, 23] },
        { id: 4, mode: FILE, inline: text.encode('x') },
      ],
      blocks: new Map([0, 1, 2, 3].map((i) => [20 + i, dentries(names.slice(i * 125, i * 125 + 125).slice(0, 107), 4096)])),
    });
    expect((await visits(made)).length).toBe(1 + 4 * 107);
  });
});

describe('an image by an adversary', () => {
  test('files of a byte out of the same clusters, and maps that are read again and again: work has an end', async () => {
    const data = lz4Literals(new Uint8Array(16384).fill(7));
    const blocks = Uint8Array.from([...words([data.length, 0, 0, 0, 0, 0]), ...data]);
    const names = Array.from({ length: 6 }, (_, i) => `${i}`);
    const inodes = names.map(
      (_, i): F2fsInodeSpec => ({
        id: 4 + i,
        mode: FILE,
        size: 1,
        flags: 4,
        compression: { algorithm: 1, clusterBits: 3 },
        addresses: [COMPRESSED, 20, 21, 22, 23, 24],
      }),
    );
    const made = image(names, inodes, { feature: EXTRA | FEATURE.COMPRESSION, blocks: new Map([[20, blocks]]) });
    const read = async (most: { decodedMax?: number; entriesMax?: number }) => {
      const fileSystem = await openF2fs(bytesSource(made), { codec, ...most });
      const outcomes: string[] = [];
      for await (const visit of fileSystem.walk()) {
        if (visit.kind !== 'entry' || visit.entry.type !== 'file') continue;
        outcomes.push(
          await fileSystem
            .open(visit.entry)
            .then((source) => source.read(0, 1))
            .then(
              (bytes) => `${bytes[0]}`,
              (error: unknown) => (error instanceof FormatError ? error.code : String(error)),
            ),
        );
      }
      return outcomes.toSorted();
    };
    expect(await read({})).toEqual(['7', '7', '7', '7', '7', '7']);
    expect(await read({ decodedMax: 4 * 32_768 })).toEqual(['7', '7', '7', '7', 'too-large', 'too-large']);
    expect(await read({ entriesMax: 4 })).toEqual(['7', '7', '7', '7', 'too-large', 'too-large']);
  });

  const sound = () => image(['a'], [{ id: 4, mode: FILE, inline: text.encode('x') }], { feature: FEATURE.SB_CHKSUM });

  test('a broken first superblock: the second is read, and that is said', async () => {
    const made = sound();
    made[1024 + 40] = 1;
    expect((await open(made)).oddities.map(({ code }) => code)).toContain('second-superblock');
    made.fill(0, 1024, 4096);
    expect(await content(made, '/a')).toEqual(text.encode('x'));
    made.fill(0, 4096 + 1024, 8192);
    await expect(open(made)).rejects.toThrow('magic');
  });

  test.each([
    ['blocks of 2 MiB', 16, [21], 'log_blocksize'],
    ['segments of another size', 20, [3], 'log_blocks_per_seg'],
    ['no blocks', 36, [0, 0, 0, 0], 'block_count'],
    ['several devices', 2201 + 68, [0x2f], 'several devices'],
    ['a feature of tomorrow', 2180, [0, 0, 0x10], '0x100000 is none that is known'],
  ])('%s: refused, with the field', async (_, at, values, field) => {
    const made = image([], []);
    for (const copy of [1024, 4096 + 1024]) made.set(values, copy + at);
    await expect(open(made)).rejects.toThrow(field);
  });

  test.each([
    ['a checkpoint whose checksum does not hold', 2 * 4096 + 140, 'bad-checksum'],
    ['a checkpoint whose two ends differ', 4 * 4096 + 8, 'bad-checksum'],
  ])('%s: refused', async (_, at, code) => {
    const made = sound();
    made[at] = 0xff;
    await expect(open(made)).rejects.toMatchObject({ code });
  });

  test('the newer of two checkpoints counts, and versions wrap around', async () => {
    const made = image(['a'], [{ id: 4, mode: FILE, inline: text.encode('old') }], { totalBlocks: 530 });
    // The second pack's journal says that inode 4 lies in another block.
    made.copyWithin(514 * 4096, 2 * 4096, 5 * 4096);
    made.copyWithin(30 * 4096, 7 * 4096, 8 * 4096);
    made.set(text.encode('new'), 30 * 4096 + 364);
    made.set([1, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 30, 0, 0, 0], 515 * 4096);
    const stamp = (blocks: readonly number[], version: readonly number[]) => {
      for (const block of blocks) {
        made.set(words(version), block * 4096);
        made.set(words([crc32Raw(made.subarray(block * 4096, block * 4096 + 4092), MAGIC)]), block * 4096 + 4092);
      }
    };
    const says = async () => new TextDecoder().decode(await content(made, '/a'));
    stamp([514, 516], [8, 0]);
    expect(await says()).toBe('new');
    stamp([514, 516], [6, 0]);
    expect(await says()).toBe('old');
    stamp([2, 4], [0xffffffff, 0xffffffff]);
    expect(await says()).toBe('new');
    // A second pack that was torn: the one before it stands.
    made[516 * 4096] = 9;
    expect(await says()).toBe('old');
    expect((await open(made)).oddities.map(({ code }) => code)).toContain('one-checkpoint');
  });

  test('a node that points to itself, a block outside, another file’s node: each costs its file', async () => {
    const size = 2000 * 4096;
    const made = image(
      ['circle', 'outside', 'theirs', 'good'],
      [
        { id: 4, mode: FILE, size: 5_000_000_000, nodeIds: [0, 0, 20] },
        { id: 5, mode: FILE, size, addresses: [0xfffffff0] },
        { id: 6, mode: FILE, size, nodeIds: [21] },
        { id: 7, mode: FILE, inline: text.encode('good') },
      ],
      {
        nodes: [
          { id: 20, owner: 4, bytes: words(Array.from({ length: 1018 }, () => 20)) },
          { id: 21, owner: 4, bytes: words([30]) },
        ],
      },
    );
    await expect(content(made, '/circle')).rejects.toThrow(/beyond the image|more nodes|mark/);
    await expect(content(made, '/outside')).rejects.toThrow('outside the main area');
    await expect(content(made, '/theirs')).rejects.toThrow('it belongs to inode 4');
    expect(await content(made, '/good')).toEqual(text.encode('good'));
  });

  test('directories in circles, bad names, names without end, inodes that are none', async () => {
    const made = writeF2fs({
      totalBlocks: 40,
      inodes: [
        {
          id: 3,
          mode: DIRECTORY,
          inline: dentries(
            [
              ['loop', 3],
              ['a/b', 4],
              ['nul\0', 4],
              ['..', 4],
              ['twice', 4],
              ['twice', 4],
              ['own', 1],
              ['gone', 99],
              ['good', 4],
            ],
            INLINE,
          ),
        },
        { id: 4, mode: FILE, inline: text.encode('x') },
      ],
    });
    const all = await visits(made);
    const said = all.flatMap((visit) => (visit.kind === 'broken' ? [visit.error.message] : []));
    for (const part of ['its own or another', 'a slash', 'NUL', 'twice', 'file system’s own', 'no such node'])
      expect(said.join('\n')).toContain(part);
    expect(all.flatMap((visit) => (visit.kind === 'entry' ? [visit.entry.path] : [])).toSorted()).toEqual(['/', '/good', '/twice']);
  });

  test('an encrypted file is refused by name, inline content that claims more than there is too', async () => {
    const made = image(
      ['a', 'b'],
      [
        { id: 4, mode: FILE, advise: 4, size: 1, addresses: [30] },
        { id: 5, mode: FILE, inline: text.encode('x'), size: 100_000 },
      ],
    );
    await expect(content(made, '/a')).rejects.toThrow('encrypted');
    await expect(content(made, '/b')).rejects.toThrow('i_size');
  });

  test('cut or changed anywhere, it is refused or costs some files', async () => {
    const made = image(
      ['a', 'b', 'c'],
      [
        { id: 4, mode: FILE, size: 5000, addresses: [30, 31] },
        { id: 5, mode: 0o120777, inline: text.encode('a') },
        { id: 6, mode: FILE, size: 5_000_000, nodeIds: [20], xattrs: attributes([[6, 'selinux', text.encode('u:r:x:s0')]]) },
      ],
      { nodes: [{ id: 20, owner: 6, bytes: words([32]) }], feature: EXTRA },
    );
    const attempt = async (bytes: Uint8Array) => {
      try {
        const fileSystem = await open(bytes);
        for await (const visit of fileSystem.walk())
          if (visit.kind === 'entry' && visit.entry.type === 'file' && visit.entry.size < 1 << 24)
            await fileSystem
              .open(visit.entry)
              .then((source) => readAll(source, 1 << 24))
              .catch(refusal);
      } catch (error) {
        refusal(error);
      }
    };
    for (let i = 0; i < 40; i++) await attempt(made.slice(0, i * 4096 + 100));
    for (let at = 1024; at < 12 * 4096; at += 37) {
      const changed = made.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      await attempt(changed);
    }
    expect(await broken(made)).toEqual([]);
  });
});

function refusal(error: unknown): void {
  if (!(error instanceof FormatError)) throw error;
}
