/**
 * A source tree of everything that a file system has an edge for: sizes around blocks and clusters, content that packs, does not, and does by turns, equal files and equal
 * tails, names that are no UTF-8 and of every length, links of every length, times before 1970 and after 2038, large owners, attributes of many sizes, deep and wide directories.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setXattrs } from './tree-xattrs.ts';

/** A generator of bytes that look like nothing in particular: xorshift32. */
function noise(size: number, seed: number): Uint8Array {
  const out = new Uint8Array(size);
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = state >>> 3;
  }
  return out;
}

/** Bytes that pack about four to one, in the way of machine code: short sequences that come again. */
function code(size: number, seed: number): Uint8Array {
  const words = noise(4096, seed);
  const order = noise(Math.ceil(size / 8), seed + 1);
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at += 8) {
    const from = ((order[at / 8] ?? 0) & 63) * 8;
    out.set(words.subarray(from, Math.min(from + 8, from + size - at)), at);
  }
  return out;
}

/** Pieces that pack and pieces that do not by turns, cut where no block is. */
function mixed(size: number, piece: number, seed: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let at = 0, turn = 0; at < size; at += piece, turn++) {
    const length = Math.min(piece, size - at);
    out.set(turn % 3 === 0 ? noise(length, seed + turn) : turn % 3 === 1 ? code(length, seed) : new Uint8Array(length), at);
  }
  return out;
}

export interface HostileOptions {
  /** Names in the widest directory. */
  readonly wide?: number;
  /** Attributes, where the machine lets us set them. */
  readonly xattrs?: boolean;
  /** Access control lists among them: squashfs has no place for them. */
  readonly acls?: boolean;
  /** Files of more than 4 GiB, all but a few bytes of which are holes. */
  readonly huge?: boolean;
  /** Bytes of the longest name: mkfs.erofs 1.5 takes none of 255. */
  readonly longName?: number;
  /** Times that no signed 32 bits hold. */
  readonly farTimes?: boolean;
  /** Devices, fifos and sockets. */
  readonly special?: boolean;
}

const SIZES = [
  1, 11, 59, 60, 61, 159, 160, 161, 511, 512, 513, 1023, 1024, 1025, 3700, 4031, 4032, 4033, 4095, 4096, 4097, 8191, 8192, 8193,
];
const LARGER = [16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 131_071, 131_073, 262_145, 1_048_575, 1_048_577];

/** Writes the tree into a folder that is not there yet. */
export function makeHostileTree(
  folder: string,
  { wide = 20_000, xattrs = false, acls = true, huge = false, longName = 255, farTimes = true, special = true }: HostileOptions = {},
): void {
  const at = (name: string) => join(folder, name);
  const put = (name: string, bytes: Uint8Array | string) => {
    mkdirSync(at(join(name, '..')), { recursive: true });
    writeFileSync(at(name), bytes);
  };
  putSizes(put);
  putNames(folder, put, longName);
  for (const length of [1, 31, 32, 59, 60, 61, 255, 1023, 1024, 4032, 4095])
    symlinkSync('t'.repeat(length - 1) + (length % 10), at(`links/${length}`));
  const times = [-1, -86_401, 0, 1, 2 ** 31 - 1, ...(farTimes ? [2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 5] : [])];
  for (const [i, seconds] of times.entries()) {
    put(`times/${i}`, `${seconds}\n`);
    lutimesSync(at(`times/${i}`), seconds, seconds);
  }
  let deep = 'deep';
  for (let depth = 0; depth < 60; depth++) deep += `/directory-${depth}`;
  put(`${deep}/end`, 'the end of a long way\n');
  mkdirSync(at('wide'));
  for (let i = 0; i < wide; i++) writeFileSync(at(`wide/${i.toString(36)}${'-'.repeat(i % 23)}`), i % 5 === 0 ? '' : `${i % 997}\n`);
  mkdirSync(at('empty'));
  put('hard/one', code(20_000, 77));
  for (let i = 0; i < 200; i++) linkSync(at('hard/one'), at(`hard/${i}`));
  for (const [i, mode] of [0, 0o1, 0o777, 0o4755, 0o2755, 0o1777, 0o7777].entries()) {
    put(`modes/${i}`, `${mode}`);
    chmodSync(at(`modes/${i}`), mode);
  }
  putSparse(folder, huge);
  if (process.getuid?.() === 0) {
    own(folder, special);
    if (xattrs) setXattrs(attributesFor(folder).filter(([, name]) => acls || !name.startsWith('system.')));
  }
}

function putSizes(put: (name: string, bytes: Uint8Array | string) => void): void {
  put('sizes/0', '');
  for (const size of SIZES) {
    put(`sizes/noise-${size}`, noise(size, size));
    put(`sizes/code-${size}`, code(size, size));
    // Equal to another but for its end, or whole: what is told apart by its first bytes is not.
    put(`sizes/same-${size}`, code(size, 5));
  }
  for (const size of LARGER) {
    put(`large/noise-${size}`, noise(size, size));
    put(`large/code-${size}`, code(size, 9));
    put(`large/mixed-${size}`, mixed(size, 3001, size));
    put(`large/shifted-${size}`, Uint8Array.from([1, 2, 3, ...code(size, 9)]));
    put(`large/zeros-${size}`, new Uint8Array(size));
  }
  put('large/mixed-blocks', mixed(900_000, 4096, 3));
  put('large/mixed-long', mixed(3_000_000, 70_001, 4));
  put('large/mixed-long-again', mixed(3_000_000, 70_001, 4));
  put('large/lines', 'a line of text that repeats, as logs do\n'.repeat(60_000));
  // One noise four times, at places that are not blocks.
  put('large/twice', Uint8Array.from([...noise(50_000, 8), ...noise(777, 1), ...noise(50_000, 8), 7, ...noise(50_000, 8)]));
  put('large/twice-again', noise(50_000, 8));
}

function putNames(folder: string, put: (name: string, bytes: Uint8Array | string) => void, longName: number): void {
  for (const length of [1, 2, 8, 9, 127, 128, longName - 1, longName]) put(`names/${'n'.repeat(length - 1)}${length % 10}`, `${length}`);
  for (const name of [
    'größe ü',
    ' ',
    '-',
    '...',
    'a\\b',
    'new\nline',
    '日本語',
    'e\u0301',
    '\u00e9',
    '\u{1f4f1}',
    "quo'te",
    '*?[',
    '%41',
    'Name',
    'NAME',
    'name',
  ])
    put(`names/${name}`, name);
  for (const bytes of [[0xff], [0xfe, 0x61], [0x61, 0x80], [0xc3], [0xed, 0xa0, 0x80], [0x01, 0x7f]])
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/names/`), Buffer.from(bytes)]), 'no UTF-8');
  mkdirSync(Buffer.concat([Buffer.from(`${folder}/names/`), Buffer.from([0xfd, 0x64])]));
  mkdirSync(join(folder, 'links'));
  symlinkSync(Buffer.from([0x2e, 0x2e, 0x2f, 0xff]), join(folder, 'links/no-utf8'));
  symlinkSync('/nowhere/at/all', join(folder, 'links/nowhere'));
}

function putSparse(folder: string, huge: boolean): void {
  const sparse = (name: string, size: number, ...pieces: readonly (readonly [at: number, bytes: Uint8Array])[]) => {
    mkdirSync(join(folder, 'sparse'), { recursive: true });
    const file = openSync(join(folder, name), 'w');
    for (const [at, bytes] of pieces) writeSync(file, bytes, 0, bytes.length, at);
    closeSync(file);
    truncateSync(join(folder, name), size);
  };
  sparse('sparse/all-hole', 3_000_000);
  sparse('sparse/begin', 700_001, [0, noise(5000, 1)]);
  sparse('sparse/end', 700_001, [699_000, noise(1001, 2)]);
  sparse('sparse/between', 2_000_000, [65_536, code(4096, 1)], [1_000_000, noise(3, 3)], [1_999_999, noise(1, 4)]);
  if (!huge) return;
  sparse('sparse/huge-hole', 2 ** 32 + 4097);
  sparse('sparse/huge', 5 * 2 ** 30 + 1, [0, noise(10, 1)], [2 ** 32 - 2, noise(9, 2)], [5 * 2 ** 30, noise(1, 3)]);
}

/** Owners, devices, a fifo and a socket: by Python, which has a call for each. */
function own(folder: string, special: boolean): void {
  const program = `
import os, stat, sys
folder, special = sys.argv[1], sys.argv[2] == "1"
os.makedirs(folder + "/owners")
for i, (uid, gid) in enumerate([(0, 0), (1000, 2000), (65535, 1), (65536, 65535), (100000, 200000), (4294967294, 2147483648), (1, 4294967294)]):
    path = folder + "/owners/%d" % i
    with open(path, "w") as file: file.write("of %d %d" % (uid, gid))
    os.chown(path, uid, gid)
if special:
    os.makedirs(folder + "/special")
    for name, mode, major, minor in [("null", stat.S_IFCHR, 1, 3), ("disk", stat.S_IFBLK, 259, 300), ("last", stat.S_IFCHR, 4095, 1048575), ("first", stat.S_IFBLK, 0, 1),
            ("major", stat.S_IFCHR, 255, 256), ("old", stat.S_IFBLK, 255, 255), ("pipe", stat.S_IFIFO, 0, 0), ("socket", stat.S_IFSOCK, 0, 0)]:
        os.mknod(folder + "/special/" + name, mode | 0o640, os.makedev(major, minor))
`;
  const { status, stderr } = spawnSync('python3', ['-c', program, folder, special ? '1' : '0'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function attributesFor(folder: string): readonly (readonly [path: string, name: string, value: string])[] {
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const repeated = (bytes: number) => 'ab'.repeat(bytes);
  const at = (name: string) => join(folder, name);
  const label = (name: string, type: string) => [at(name), 'security.selinux', hex(`u:object_r:${type}:s0\0`)] as const;
  return [
    ...['sizes', 'names', 'links', 'times', 'wide', 'empty', 'links/1', 'links/60', 'links/4095', 'sizes/0', 'sizes/code-60'].map((name) =>
      label(name, 'system_file'),
    ),
    ...SIZES.map((size, i) => label(`sizes/noise-${size}`, i % 3 === 0 ? 'vendor_file' : 'system_file')),
    ...SIZES.slice(0, 12).map(
      (size) => [at(`sizes/noise-${size}`), 'user.shared', hex('the same long value for a dozen of files')] as const,
    ),
    [at('sizes/noise-4096'), 'security.capability', '0100000200040000000000000000000000000000'],
    [at('sizes/noise-4097'), 'security.capability', '010000030004000000000000000000000000000000000000'],
    [at('sizes/code-1'), 'user.none', ''],
    [at('sizes/code-11'), `user.${'n'.repeat(250)}`, hex('of the longest name')],
    [at('sizes/code-59'), 'user.long', repeated(1500)],
    [at('sizes/code-511'), 'user.one', '00'],
    [at('sizes/code-512'), 'user.four', '01020304'],
    [at('sizes/code-513'), 'user.five', '0102030405'],
    ...Array.from({ length: 40 }, (_, i) => [at('large/lines'), `user.n${i}`, repeated(i)] as const),
    ...Array.from({ length: 25 }, (_, i) => [at('empty'), `trusted.overlay.${'x'.repeat(i)}`, repeated(3 * i)] as const),
    [at('sizes/code-1024'), 'system.posix_acl_access', ACL],
    [at('names'), 'system.posix_acl_default', ACL],
  ];
}

/** Version 2: owner rwx, user 1000 r--, group r-x, mask rwx, others r--. */
const ACL = `02000000${['01000700ffffffff', '02000400e8030000', '04000500ffffffff', '10000700ffffffff', '20000400ffffffff'].join('')}`;
