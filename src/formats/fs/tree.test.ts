import { describe, expect, test } from 'vitest';
import { bytesSource, FormatError } from '../../bytes/index.ts';
import { type Driver, treeOf, type WalkLimits } from './tree.ts';
import type { Inode, Visit } from './types.ts';

const text = new TextEncoder();
const LIMITS: WalkLimits = { entries: 1000, names: 4000, bytes: 1 << 20, paths: 1 << 16, attributes: 1 << 16 };

const node = (id: number, type: Inode['type'] = 'file'): Inode => ({
  id,
  type,
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  links: 1,
  modifiedSeconds: undefined,
  device: undefined,
  contentAt: 0,
});

/** A driver that makes up what is asked for; `reads` counts how often an inode is, `listings` how often a directory's names are. */
function driver(
  inode: (id: number) => Inode,
  directory: (id: number) => readonly (readonly [string | Uint8Array, number])[],
  bytes = 4096,
): Driver<Inode> & { reads: number; listings: number } {
  const made = {
    format: 'made up',
    rootId: 1,
    reads: 0,
    listings: 0,
    async readInode(id: number) {
      made.reads++;
      return inode(id);
    },
    async readDirectory({ id }: Inode) {
      made.listings++;
      return {
        entries: directory(id).map(([name, child]) => ({ name: typeof name === 'string' ? text.encode(name) : name, id: child })),
        errors: [],
        bytes,
      };
    },
    readXattrs: async () => new Map<string, Uint8Array>(),
    openContent: async () => bytesSource(new Uint8Array(0)),
  };
  return made;
}

async function walk(of: Driver<Inode>, limits = LIMITS): Promise<{ paths: string[]; said: string[] }> {
  const visits: Visit[] = [];
  for await (const visit of treeOf(of, limits).walk()) visits.push(visit);
  return {
    paths: visits.flatMap((visit) => (visit.kind === 'entry' ? [visit.entry.path] : [])),
    said: visits.flatMap((visit) => (visit.kind === 'broken' ? [visit.error.message] : [])),
  };
}
const many = (count: number, id: (i: number) => number) => Array.from({ length: count }, (_, i) => [`${i}`, id(i)] as const);

describe('a tree that has no end', () => {
  test('inodes without end: as many as the limit, and that it is one', async () => {
    const { paths, said } = await walk(
      driver(
        (id) => node(id, id === 1 ? 'directory' : 'file'),
        () => many(3000, (i) => i + 2),
      ),
    );
    expect(paths.length).toBeLessThanOrEqual(1001);
    expect(paths.length).toBeGreaterThan(990);
    expect(said).toEqual([expect.stringContaining('more than 1000 entries')]);
  });

  test('hard links by the thousand: the inode is read once', async () => {
    const links = driver(
      (id) => ({ ...node(id, id === 1 ? 'directory' : 'file'), links: 900 }),
      () => many(900, () => 2),
    );
    expect((await walk(links)).paths).toHaveLength(901);
    expect(links.reads).toBe(2);
  });

  test('every directory has two new ones: breadth without end', async () => {
    const { paths, said } = await walk(
      driver(
        (id) => node(id, 'directory'),
        (id) => [
          ['a', 2 * id],
          ['b', 2 * id + 1],
        ],
      ),
    );
    expect(paths.length).toBeLessThanOrEqual(1001);
    expect(said.join()).toMatch(/the rest was not read/);
  });

  test('every directory has one new one: depth without end', async () => {
    const { paths, said } = await walk(
      driver(
        (id) => node(id, 'directory'),
        (id) => [['a', id + 1]],
      ),
      { ...LIMITS, paths: 1 << 20, bytes: 1 << 22 },
    );
    expect(paths).toHaveLength(257);
    expect(said).toEqual([expect.stringContaining('256 directories deep')]);
  });

  test('directories that share the same block of names, all of them twice: names have an end', async () => {
    const shared = [...many(100, (i) => i + 2), ...many(100, (i) => i + 2)];
    const { said } = await walk(
      driver(
        (id) => node(id, id < 200 ? 'directory' : 'file'),
        () => shared,
      ),
      { ...LIMITS, entries: 1 << 20, paths: 1 << 20 },
    );
    expect(said.at(-1)).toContain('more than 4000 names');
    expect(said.length).toBeLessThan(5000);
  });

  test('directories that share the same megabyte without a name', async () => {
    const empty = driver(
      (id) => node(id, 'directory'),
      (id) => (id === 1 ? many(500, (i) => i + 2) : []),
      1 << 18,
    );
    const { said } = await walk(empty);
    expect(said).toEqual([expect.stringContaining('bytes: the rest was not read')]);
    expect(empty.listings).toBeLessThan(10);
  });

  test('a long path above a thousand names', async () => {
    const long = 'n'.repeat(255);
    const deep = driver(
      (id) => node(id, id < 20 ? 'directory' : 'file'),
      (id) => (id < 19 ? [[long, id + 1]] : many(900, (i) => i + 100)),
    );
    expect((await walk(deep)).said).toEqual([expect.stringContaining('paths: the rest was not read')]);
  });

  test('attributes that every inode shares: their bytes have an end, and what comes behind is said', async () => {
    let read = 0;
    const shared: Driver<Inode> = {
      ...driver(
        (id) => node(id, id === 1 ? 'directory' : 'file'),
        () => many(900, (i) => i + 2),
      ),
      async readXattrs() {
        read++;
        return new Map([['user.shared', new Uint8Array(1000)]]);
      },
    };
    const { paths, said } = await walk(shared);
    expect([paths.length, read]).toEqual([63, 63]);
    expect(said).toEqual([expect.stringContaining('attributes of more than 65536 bytes: the rest was not read')]);
  });

  test('a directory in a circle, its own and over two', async () => {
    const circle = driver(
      (id) => node(id, 'directory'),
      (id) => [['a', id === 1 ? 2 : 1]],
    );
    expect(await walk(circle)).toEqual({
      paths: ['/', '/a'],
      said: [expect.stringContaining('its own or another')],
    });
  });
});

describe('names', () => {
  test.each([
    ['', 'an empty name'],
    ['.', '. or ..'],
    ['..', '. or ..'],
    ['a/b', 'a slash'],
    ['/', 'a slash'],
    ['a\0b', 'NUL'],
    ['n'.repeat(256), '256 bytes'],
  ])('%j is no name', async (name, said) => {
    const result = await walk(
      driver(
        (id) => node(id, id === 1 ? 'directory' : 'file'),
        () => [
          [name, 2],
          ['good', 3],
        ],
      ),
    );
    expect(result.paths).toEqual(['/', '/good']);
    expect(result.said).toEqual([expect.stringContaining(said)]);
  });

  test('what is no UTF-8 keeps its bytes, so that different names stay different', async () => {
    const { paths } = await walk(
      driver(
        (id) => node(id, id === 1 ? 'directory' : 'file'),
        () => [
          [Uint8Array.of(0x61, 0xff), 2],
          [Uint8Array.of(0x61, 0xfe), 3],
          ['größe', 4],
        ],
      ),
    );
    expect(paths.toSorted()).toEqual(['/', '/a\\xfe', '/a\\xff', '/größe']);
  });
});

test('an inode that is broken costs its path, a path that climbs is not there', async () => {
  const broken = driver(
    (id) => {
      if (id === 2) throw new FormatError({ format: 'made up', field: 'inode', at: 7 }, 'bad-value', 'no inode');
      return node(id, id === 1 ? 'directory' : 'file');
    },
    () => [
      ['bad', 2],
      ['good', 3],
    ],
  );
  expect(await walk(broken)).toEqual({ paths: ['/', '/good'], said: ['made up @0x7 inode: no inode'] });
  const { find } = treeOf(broken);
  expect(await find('/../good')).toBeUndefined();
  expect((await find('good'))?.path).toBe('/good');
  expect(await find(`/${'a/'.repeat(300)}`)).toBeUndefined();
});
