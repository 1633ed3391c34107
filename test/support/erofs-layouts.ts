/** Small EROFS images of layouts that no tool of the distribution writes: encoded extents of every size of record, the metabox, addresses of 48 bits, long prefixes of attributes. */
import { concatBytes } from '../../src/bytes/index.ts';
import { type ErofsNode, type ErofsSpec, inodeBytes, LAYOUT, names, words, writeErofs } from '../../src/formats/fs/erofs/write.ts';

const BLOCK = 4096;
const [FILE, DIRECTORY] = [0o100644, 0o40755];
const PADDED = 0x1;
const CONFIGURED = 0x2;
const CHUNKED = 0x4;
const FRAGMENTS = 0x20;
const PREFIXES = 0x40;
const WIDE = 0x80;
const content = (size: number, seed: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 7) * seed) & 255);

/** LZ4 of so many literals, at the end of its room. */
function lz4(bytes: Uint8Array, room: number): Uint8Array {
  const rest = bytes.length - 15;
  const packed = concatBytes([Uint8Array.of(0xf0, ...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255), bytes]);
  const out = new Uint8Array(room);
  out.set(packed, room - packed.length);
  return out;
}

/** LZ4 alone: no window of its own, clusters up to a MiB. */
const LZ4_CONFIGURATION = words([2, 14], [2, 0], [2, 256], [10, 0]);

/** An image, and what was put into it. */
export interface MadeErofs {
  readonly bytes: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly attributes?: ReadonlyMap<string, string>;
  /** Of every file: when it was changed. */
  readonly modified?: number;
}

function image(
  spec: Omit<ErofsSpec, 'root' | 'nodes' | 'totalBlocks'> & {
    readonly files: readonly (ErofsNode & { readonly name: string; readonly inBox?: boolean })[];
  },
): Uint8Array {
  const listing = names([['.', 36], ['..', 36], ...spec.files.map(({ name, nid }) => [name, nid] as const)]);
  // Bit 63 says that the inode lies in the metabox: a number here has no room for it.
  for (const [i, { inBox }] of spec.files.entries()) if (inBox === true) listing[12 * (i + 2) + 7] = 0x80;
  const root: ErofsNode = { nid: 36, mode: DIRECTORY, layout: LAYOUT.inline, size: listing.length, behind: listing };
  return writeErofs({ ...spec, root: 36, totalBlocks: 10, nodes: [root, ...spec.files.filter(({ inBox }) => inBox !== true)] });
}

/** A map header of encoded extents, and the records. `bits` is the size of a record: four bytes shifted left by it. */
function extents(
  nodeEnd: number,
  bits: number,
  records: readonly Uint8Array[],
  { before = new Uint8Array(0), advise = 1 }: { readonly before?: Uint8Array; readonly advise?: number } = {},
): Uint8Array {
  const size = 4 << bits;
  // Small records say by their cluster where they begin: the header has its size instead of a count.
  const head = size <= 8 ? words(0, [2, advise | (bits << 1)], [1, 0], [1, 0]) : words(records.length, [2, advise | (bits << 1)], [2, 0]);
  const start = Math.ceil((nodeEnd + 8) / size) * size;
  return concatBytes([head, new Uint8Array(start - nodeEnd - 8), before, ...records]);
}

const META = 2 * BLOCK;
const endOf = (nid: number) => META + nid * 32 + 64;
const ALGORITHM_LZ4 = 1 << 28;

function encoded(bits: number): MadeErofs {
  // Three clusters: packed, as it is, packed again.
  const whole = content(3 * BLOCK - 100, 3 + bits);
  const [one, two, three] = [whole.subarray(0, BLOCK), whole.subarray(BLOCK, 2 * BLOCK), whole.subarray(2 * BLOCK)];
  const data = 4;
  const places = [
    { at: data * BLOCK, packed: 2 * BLOCK, format: ALGORITHM_LZ4, start: 0 },
    { at: (data + 2) * BLOCK, packed: BLOCK, format: 0, start: BLOCK },
    { at: (data + 3) * BLOCK, packed: BLOCK, format: ALGORITHM_LZ4, start: 2 * BLOCK },
  ];
  const records = places.map(({ at, packed, format, start }) => {
    const word = packed + format;
    return bits === 0
      ? words(word)
      : bits === 1
        ? words(word, at)
        : bits === 2
          ? words(word, at, 0, start)
          : words(word, at, 0, start, 0, [12, 0]);
  });
  const nid = 40;
  const behind = extents(endOf(nid), bits, records, bits === 0 ? { before: words([8, data * BLOCK]) } : {});
  const bytes = image({
    incompat: PADDED | CONFIGURED | WIDE,
    wideRoot: true,
    configurations: LZ4_CONFIGURATION,
    metaBlock: 2,
    files: [{ name: 'a', nid, mode: FILE, layout: LAYOUT.full, size: whole.length, raw: 4, behind }],
    blocks: new Map([
      [data, lz4(one, 2 * BLOCK)],
      [data + 2, two],
      [data + 3, lz4(three, BLOCK)],
    ]),
  });
  return { bytes, files: new Map([['a', whole]]) };
}

/** The last record is no place of a cluster but one in the packed inode: its low half where the length is, the high half where the block is. */
function encodedTail(): MadeErofs {
  const whole = content(BLOCK + 300, 5);
  const fragments = content(2000, 11);
  fragments.set(whole.subarray(BLOCK), 700);
  const nid = 40;
  const records = [words(2 * BLOCK + ALGORITHM_LZ4, 4 * BLOCK, 0, 0), words(700, 0, 0, BLOCK)];
  const bytes = image({
    incompat: PADDED | CONFIGURED | FRAGMENTS | WIDE,
    wideRoot: true,
    configurations: LZ4_CONFIGURATION,
    metaBlock: 2,
    packed: 60,
    files: [
      {
        name: 'a',
        nid,
        mode: FILE,
        layout: LAYOUT.full,
        size: whole.length,
        raw: 2,
        behind: extents(endOf(nid), 2, records, { advise: 1 | 32 }),
      },
      { name: 'packed', nid: 60, mode: FILE, layout: LAYOUT.plain, size: fragments.length, raw: 7 },
    ],
    blocks: new Map([
      [4, lz4(whole.subarray(0, BLOCK), 2 * BLOCK)],
      [7, fragments],
    ]),
  });
  return { bytes, files: new Map([['a', whole]]) };
}

/** Short inodes as Linux 6.15 reads them: seconds from an epoch, one link and more bits of an address instead of their number, and a root without `.`. */
function shortInodes(): MadeErofs {
  const whole = content(BLOCK + 50, 13);
  const list = names([
    ['..', 36],
    ['a', 40],
    ['b', 44],
  ]);
  const file = { mode: FILE, compactTime: 86_400, size: whole.length };
  const bytes = writeErofs({
    incompat: PADDED | WIDE,
    wideRoot: true,
    metaBlock: 2,
    root: 36,
    epoch: 1_700_000_000,
    totalBlocks: 10,
    nodes: [
      { nid: 36, mode: DIRECTORY, layout: LAYOUT.inline, size: list.length, behind: list, compactTime: 0, bit4: true },
      { ...file, nid: 40, layout: LAYOUT.plain, raw: 4, bit4: true },
      { ...file, nid: 44, layout: LAYOUT.inline, raw: 4, behind: whole.subarray(BLOCK) },
    ],
    blocks: new Map([[4, whole]]),
  });
  return {
    bytes,
    modified: 1_700_086_400,
    files: new Map([
      ['a', whole],
      ['b', whole],
    ]),
  };
}

function inMetabox(): MadeErofs {
  const [small, large] = [content(50, 3), content(2 * BLOCK + 7, 5)];
  const boxed: readonly (ErofsNode & { readonly name: string; readonly inBox: true })[] = [
    { name: 'large', nid: 4, mode: FILE, layout: LAYOUT.plain, size: large.length, raw: 4, inBox: true },
    { name: 'small', nid: 8, mode: FILE, layout: LAYOUT.inline, size: small.length, behind: small, inBox: true },
  ];
  const box = new Uint8Array(BLOCK);
  for (const node of boxed) box.set(inodeBytes(node), node.nid * 32);
  const bytes = image({
    incompat: PADDED | WIDE,
    wideRoot: true,
    metabox: 60,
    metaBlock: 2,
    files: [...boxed, { name: 'zz-box', nid: 60, mode: FILE, layout: LAYOUT.plain, size: box.length, raw: 8 }],
    blocks: new Map([
      [4, large],
      [8, box],
    ]),
  });
  return {
    bytes,
    files: new Map([
      ['large', large],
      ['small', small],
    ]),
  };
}

function wideChunks(): MadeErofs {
  const whole = content(3 * BLOCK, 9);
  // Indexes of eight bytes with a high half of the address, which this image is too small to use; the second chunk is a hole.
  const index = (block: number, high = 0) => words([2, high], [2, 0], block);
  const behind = concatBytes([index(4), index(0xffffffff, 0xffff), index(5)]);
  const bytes = image({
    incompat: PADDED | CHUNKED | WIDE,
    wideRoot: true,
    metaBlock: 2,
    files: [{ name: 'a', nid: 40, mode: FILE, layout: LAYOUT.chunk, size: whole.length, raw: 0x60, behind }],
    blocks: new Map([
      [4, whole.subarray(0, BLOCK)],
      [5, whole.subarray(2 * BLOCK)],
    ]),
  });
  const expected = whole.slice();
  expected.fill(0, BLOCK, 2 * BLOCK);
  return { bytes, files: new Map([['a', expected]]) };
}

function longPrefixes(): MadeErofs {
  const text = new TextEncoder();
  const value = text.encode('u:object_r:made:s0');
  const entry = (index: number, name: string) => {
    const bytes = concatBytes([words([1, name.length], [1, index], [2, value.length]), text.encode(name), value]);
    return concatBytes([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
  };
  const attributes = concatBytes([words(0, [1, 0], [7, 0]), entry(0x80, 'x'), entry(1, 'plain')]);
  // One prefix: what is behind "user.", here in a block of the primary device.
  const infix = text.encode('overlay.');
  const prefix = concatBytes([words([2, 1 + infix.length], [1, 1]), infix]);
  const whole = content(30, 7);
  const bytes = image({
    compat: 0x10,
    incompat: PADDED | PREFIXES,
    prefixes: { count: 1, start: (8 * BLOCK) / 4 },
    metaBlock: 2,
    files: [{ name: 'a', nid: 40, mode: FILE, layout: LAYOUT.inline, size: whole.length, attributes, behind: whole }],
    blocks: new Map([[8, prefix]]),
  });
  return {
    bytes,
    files: new Map([['a', whole]]),
    attributes: new Map([
      ['user.overlay.x', 'u:object_r:made:s0'],
      ['user.plain', 'u:object_r:made:s0'],
    ]),
  };
}

/** By name. */
export const EROFS_LAYOUTS: readonly (readonly [string, () => MadeErofs])[] = [
  ['encoded extents of 4 bytes', () => encoded(0)],
  ['encoded extents of 8 bytes', () => encoded(1)],
  ['encoded extents of 16 bytes', () => encoded(2)],
  ['encoded extents of 32 bytes', () => encoded(3)],
  ['encoded extents that end in a fragment', encodedTail],
  ['short inodes with times and wide addresses, a root without its dot', shortInodes],
  ['inodes in the metabox', inMetabox],
  ['chunks with wide addresses', wideChunks],
  ['long prefixes of attributes', longPrefixes],
];
