import { describe, expect, test } from 'vitest';
import { codec } from '../../../../test/support/ports.ts';
import { bytesSource, concatBytes, FormatError, readAll } from '../../../bytes/index.ts';
import type { Visit } from '../types.ts';
import { isSquashfs, openSquashfs } from './index.ts';
import { directory, fields, file, listing, offsetsOf, type SquashfsNode, type SquashfsSpec, writeSquashfs } from './write.ts';

const PLAIN = 0x1000000;
const text = new TextEncoder();
const content = Uint8Array.from({ length: 6000 }, (_, i) => (i * 7) & 255);

/** A root that names these nodes, in their order. */
function image(names: readonly string[], nodes: readonly SquashfsNode[], more: Partial<SquashfsSpec> = {}): Uint8Array {
  const offsets = offsetsOf(nodes);
  const names_ = listing(names.map((name, i) => [name, offsets[i] ?? 0] as const));
  return writeSquashfs({ listings: names_, ...more, nodes: [...nodes, directory(0, names_.length)], root: nodes.length });
}
const open = (bytes: Uint8Array) => openSquashfs(bytesSource(bytes), { codec });
async function visits(bytes: Uint8Array): Promise<readonly Visit[]> {
  const all: Visit[] = [];
  for await (const visit of (await open(bytes)).walk()) all.push(visit);
  return all;
}
async function read(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const fileSystem = await open(bytes);
  const entry = await fileSystem.find(path);
  if (entry === undefined) throw new Error(`no ${path}`);
  return readAll(await fileSystem.open(entry), 1 << 24);
}

describe('images written record by record', () => {
  test('blocks, a block of zeros, and a tail in a fragment', async () => {
    const made = image(
      ['blocks', 'zeros', 'tail'],
      [file(96, 6000, [PLAIN | 4096, PLAIN | 1904]), file(96, 8192 + 100, [0, PLAIN | 4096], [0, 50]), file(0, 60, [], [0, 20])],
      { data: content, fragments: [{ at: 96, word: PLAIN | 4096 }] },
    );
    expect(await read(made, '/blocks')).toEqual(content);
    const zeros = await read(made, '/zeros');
    expect(zeros.subarray(0, 4096)).toEqual(new Uint8Array(4096));
    expect(zeros.subarray(4096, 8192)).toEqual(content.subarray(0, 4096));
    expect(zeros.subarray(8192)).toEqual(content.subarray(50, 150));
    expect(await read(made, '/tail')).toEqual(content.subarray(20, 80));
    expect((await visits(made)).map((visit) => visit.kind)).toEqual(['entry', 'entry', 'entry', 'entry']);
  });

  test('devices, fifos, sockets and links in both forms', async () => {
    const target = text.encode('../bin/sh');
    const made = image(
      ['a', 'b', 'c', 'd', 'e', 'f'],
      [
        { type: 5, rest: fields('ww', 1, 0x103) },
        { type: 11, rest: fields('www', 1, (300 & 0xff) | (259 << 8) | ((300 & ~0xff) << 12), 0xffffffff) },
        { type: 6, rest: fields('w', 1) },
        { type: 14, rest: fields('ww', 1, 0xffffffff) },
        { type: 3, mode: 0o777, rest: concatBytes([fields('ww', 1, target.length), target]) },
        { type: 10, mode: 0o777, rest: concatBytes([fields('ww', 1, target.length), target, fields('w', 0xffffffff)]) },
      ],
    );
    const fileSystem = await open(made);
    expect(await fileSystem.find('/a')).toMatchObject({ type: 'character device', device: { major: 1, minor: 3 } });
    expect(await fileSystem.find('/b')).toMatchObject({ type: 'block device', device: { major: 259, minor: 300 } });
    expect(await fileSystem.find('/c')).toMatchObject({ type: 'fifo' });
    expect(await fileSystem.find('/d')).toMatchObject({ type: 'socket', modifiedSeconds: 1_700_000_000 });
    expect(await fileSystem.find('/e')).toMatchObject({ type: 'link', target: '../bin/sh' });
    expect(await fileSystem.find('/f')).toMatchObject({ type: 'link', target: '../bin/sh' });
  });

  test('what is older, of big machines, or packed by nobody knows what, is refused by name', async () => {
    expect(isSquashfs(text.encode('sqsh'))).toBe(true);
    await expect(open(image([], [], { major: 3, listings: new Uint8Array(0) }))).rejects.toThrow('version 3.0');
    const big = new Uint8Array(96);
    big.set(text.encode('sqsh'));
    big.set([0, 3, 0, 1], 28);
    await expect(open(big)).rejects.toThrow('version 3.1, big endian');
    await expect(open(image([], [], { compression: 9, listings: new Uint8Array(0) }))).rejects.toThrow('compression 9');
    await expect(open(new Uint8Array(4096))).rejects.toThrow('s_magic');
    await expect(open(new Uint8Array(20))).rejects.toThrow('no superblock');
  });
});

describe('an image by an adversary', () => {
  test('tails out of a block that does not unpack, and lists that are read again and again: work has an end', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `${i}`);
    const tails = image(
      names,
      names.map(() => file(96, 60, [], [0, 20])),
      { data: content, fragments: [{ at: 96, word: 4000 }] },
    );
    const blocks = image(
      names,
      names.map(() => file(96, 6000, [PLAIN | 4096, PLAIN | 1904])),
      { data: content },
    );
    const read = async (made: Uint8Array, most: { decodedMax?: number; entriesMax?: number }) => {
      const fileSystem = await openSquashfs(bytesSource(made), { codec, ...most });
      const codes: string[] = [];
      for (const name of names) {
        const entry = await fileSystem.find(`/${name}`);
        if (entry === undefined) throw new Error(`no ${name}`);
        const opened = fileSystem.open(entry).then((source) => source.read(0, 1));
        codes.push(
          await opened.then(
            () => 'good',
            (error: unknown) => (error instanceof FormatError ? error.code : String(error)),
          ),
        );
      }
      return codes;
    };
    // Each failure counts as the block it might have unpacked to.
    const broken = (await read(tails, {}))[0];
    expect(broken).not.toBe('good');
    expect(await read(tails, { decodedMax: 4 * 4096 })).toEqual(names.map((_, i) => (i < 4 ? broken : 'too-large')));
    expect(await read(blocks, { entriesMax: 8 })).toEqual(names.map((_, i) => (i < 4 ? 'good' : 'too-large')));
  });

  test('a directory that is its own child, bad names, names without end: each costs itself', async () => {
    const nodes = [file(96, 100, [PLAIN | 100])];
    const rootAt = 16 + (nodes[0]?.rest.length ?? 0);
    const names = listing([
      ['loop', rootAt],
      ['a/b', 0],
      ['nul\0', 0],
      ['..', 0],
      ['.', 0],
      ['twice', 0],
      ['twice', 0],
      ['nowhere', 9000],
    ]);
    const made = writeSquashfs({ data: content, nodes: [...nodes, directory(0, names.length)], listings: names, root: 1 });
    const all = await visits(made);
    const said = all.flatMap((visit) => (visit.kind === 'broken' ? [visit.error.message] : [])).join('\n');
    for (const part of ['its own or another', 'a slash', 'NUL', '. or ..', 'twice', 'metadata']) expect(said).toContain(part);
    expect(all.flatMap((visit) => (visit.kind === 'entry' ? [visit.entry.path] : [])).toSorted()).toEqual(['/', '/twice']);
  });

  test.each([
    ['a block beyond the image', file(1 << 30, 4096, [PLAIN | 4096]), 'beyond the image'],
    ['a block larger than blocks are', file(96, 4096, [PLAIN | 0x10000]), 'the most'],
    ['a block that holds less than its file takes', file(96, 4096, [PLAIN | 100]), 'are wanted'],
    ['a fragment that is not there', file(96, 100, [], [7, 0]), 'fragment 7'],
    ['a tail beyond its fragment', file(96, 100, [], [0, 5000]), 'of a block of'],
    ['a terabyte of blocks in a few bytes', { type: 9, rest: fields('qqqwwww', 96, 2 ** 42, 0, 1, 0xffffffff, 0, 0xffffffff) }, 'blocks'],
    ['a block that does not unpack', file(96, 4096, [100]), 'block'],
  ])('%s: refused', async (_, node, words) => {
    const made = image(['a'], [node], { data: content, fragments: [{ at: 96, word: PLAIN | 4096 }] });
    await expect(read(made, '/a')).rejects.toThrow(words);
    await expect(read(made, '/a')).rejects.toThrow(FormatError);
  });

  test('more names than a header may have, and a listing that is cut', async () => {
    const many = listing(Array.from({ length: 300 }, (_, i) => [`${i}`, 0] as const));
    const said = async (listings: Uint8Array, size: number) => {
      const made = writeSquashfs({ nodes: [directory(0, size)], listings, root: 0 });
      return (await visits(made)).flatMap((visit) => (visit.kind === 'broken' ? [visit.error.message] : [])).join();
    };
    expect(await said(many, many.length)).toContain('300 entries');
    const one = listing([['name', 0]]);
    expect(await said(one, one.length - 1)).toContain('ends within an entry');
    expect(await said(one, one.length + 5000)).toContain('more are wanted');
  });

  test('cut or changed anywhere, it is refused or costs some files', async () => {
    const made = image(
      ['a', 'b', 'c'],
      [
        file(96, 6000, [PLAIN | 4096, PLAIN | 1904]),
        file(96, 100, [], [0, 20]),
        { type: 3, mode: 0o777, rest: concatBytes([fields('ww', 1, 1), text.encode('a')]) },
      ],
      { data: content, fragments: [{ at: 96, word: PLAIN | 4096 }] },
    );
    const attempt = async (bytes: Uint8Array) => {
      try {
        const fileSystem = await open(bytes);
        for await (const visit of fileSystem.walk())
          if (visit.kind === 'entry' && visit.entry.type === 'file' && visit.entry.size < 1 << 20)
            await fileSystem
              .open(visit.entry)
              .then((source) => readAll(source, 1 << 20))
              .catch(refusal);
      } catch (error) {
        refusal(error);
      }
    };
    for (let length = 0; length < made.length; length += 13) await attempt(made.slice(0, length));
    for (let at = 0; at < made.length; at += at < 96 || at > 6096 ? 1 : 500) {
      for (const value of [0xff, 0x80, 1]) {
        const changed = made.slice();
        changed[at] = (changed[at] ?? 0) ^ value;
        await attempt(changed);
      }
    }
  });
});

function refusal(error: unknown): void {
  if (!(error instanceof FormatError)) throw error;
}
