/** Tools that make images of a tree, with their options: one axis a choice of which one is taken, or none. */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '../../src/bytes/index.ts';
import { type FileSystem, openErofs, openExt, openF2fs, openSquashfs } from '../../src/formats/fs/index.ts';
import { nodeCodec } from '../../src/platform/node/index.ts';
import { EROFS_AXES, erofsAllows } from './erofs-axes.ts';
import { type Axis, has, joined, NONE, type Options, toggles } from './options.ts';

/** Where one image is made. */
export interface Place {
  readonly tree: string;
  readonly image: string;
  /** A folder of its own, for what is made on the way. */
  readonly scratch: string;
  /** Inodes that there must be room for. */
  readonly inodes: number;
}

/** A command, its arguments, and the file that it reads. */
export interface Step {
  readonly run: readonly [command: string, ...args: Options];
  readonly input?: string;
  /** What a refusal says, whatever the exit status. */
  readonly refuses?: RegExp;
  /** Exit status that is no refusal, whatever it says. */
  readonly tolerates?: (status: number) => boolean;
}

export interface Maker {
  readonly name: string;
  /** Undefined: no kernel here mounts it. */
  readonly mountType: string | undefined;
  readonly axes: readonly Axis[];
  /** Options with which a tool may take one that it does not take alone. */
  readonly contexts: readonly Options[];
  readonly allows?: (options: Options) => boolean;
  /** Its tool cuts times off at what 32 bits hold. */
  readonly cutsTimes?: boolean;
  /** Its images have no place for access control lists. */
  readonly losesAcls?: boolean;
  /** No devices, fifos, sockets. */
  readonly plainFiles?: boolean;
  readonly ignore?: RegExp;
  /** Facts that the tool does not take along with these options. */
  readonly without?: (options: Options) => readonly string[];
  readonly make: (options: Options, place: Place) => readonly Step[];
  /** Further devices of the image. */
  readonly devices?: (options: Options, place: Place) => readonly string[];
  readonly open: (image: Source, devices: readonly Source[]) => Promise<FileSystem>;
}

const features = (...names: readonly string[]): readonly Axis[] => names.map((name) => [NONE, [`-O${name}`], [`-O^${name}`]]);
const step = (...run: readonly [command: string, ...args: Options]): Step => ({ run });

/** What no archive holds. */
const NOT_IN_TAR = /^\/special\/socket$/;
/** Of a tree as it lies: attributes and all. */
const tarOf = ({ tree, scratch }: Place): Step =>
  step('tar', '--format=pax', '--xattrs', '--xattrs-include=*', '--sort=name', '-C', tree, '-cf', join(scratch, 'tree.tar'), '.');

const openErofsOf = (image: Source, devices: readonly Source[]) => openErofs(image, { codec: nodeCodec, devices });
const blobOf = ({ scratch }: Place) => join(scratch, 'blobs');
const usesBlobs = (options: Options) => options.includes('--blobdev');
const erofsOptions = (options: Options, place: Place): Options => {
  const hints = join(place.scratch, 'hints');
  // The second algorithm for some files, smaller clusters for others.
  if (has(options, /^--compress-hints$/)) writeFileSync(hints, '4096 1 .*noise.*\n16384 1 .*mixed.*\n8192 .*same.*\n');
  return [
    '--quiet',
    ...joined(
      options.map((one) => (one === '--blobdev' ? `--blobdev=${blobOf(place)}` : one === '--compress-hints' ? `${one}=${hints}` : one)),
      '-E',
    ),
  ];
};
const erofsWithout = (options: Options): readonly string[] => [
  ...(has(options, /^--hard-dereference/) ? ['links'] : []),
  ...(has(options, /^-x-1$/) ? ['attributes'] : []),
];
/** A compact inode has no time of its own: there the kernel's reading decides. */
const keepingTimes = (options: Options): Options => (has(options, /compact|^--(?:ignore|preserve)-mtime/) ? [] : ['--preserve-mtime']);

const erofs: Maker = {
  name: 'erofs',
  mountType: 'erofs',
  axes: EROFS_AXES,
  contexts: [
    ['-zlz4hc,9'],
    ['--chunksize=4096'],
    ['-zlz4hc,9', '-C1048576', '-Efragments'],
    ['-zlz4hc,9', '-C1048576', '--xattr-prefix=user.'],
  ],
  allows: erofsAllows,
  without: erofsWithout,
  make: (options, place) => [
    ...(usesBlobs(options) ? [step('truncate', '-s', '0', blobOf(place))] : []),
    step('mkfs.erofs', ...keepingTimes(options), ...erofsOptions(options, place), place.image, place.tree),
  ],
  devices: (options, place) => (usesBlobs(options) ? [blobOf(place)] : []),
  open: openErofsOf,
};

const erofsTar: Maker = {
  name: 'erofs-tar',
  ignore: NOT_IN_TAR,
  mountType: 'erofs',
  axes: [
    [['--tar=f'], ['--tar=i']],
    [NONE, ['--sort=none'], ['--sort=path']],
    ...EROFS_AXES.filter((axis) => !has(axis.flat(), /^--blobdev|mtime/)),
  ],
  contexts: [['--tar=f', '-zlz4hc,9'], ['--tar=f', '--chunksize=4096'], ['--tar=f', '-zlz4hc,9', '-C65536', '-Efragments'], ['--tar=i']],
  allows: (options) =>
    has(options, /^--tar/) && erofsAllows(options) && !(has(options, /^--tar=i/) && has(options, /^-z|^-m|chunksize|frag|dedupe/)),
  without: erofsWithout,
  make: (options, place) => [
    tarOf(place),
    step('mkfs.erofs', ...erofsOptions(options, place), place.image, join(place.scratch, 'tree.tar')),
  ],
  devices: (options, { scratch }) => (has(options, /^--tar=i/) ? [join(scratch, 'tree.tar')] : []),
  open: openErofsOf,
};

/** First a part of the tree, then the whole on top of it. */
const erofsIncremental: Maker = {
  name: 'erofs-incremental',
  mountType: 'erofs',
  axes: EROFS_AXES.filter((axis) => !has(axis.flat(), /^--blobdev|^--sort|^-b|^--dsunit|^-m|^--MZ/)),
  contexts: [['-zlz4hc,9'], ['--chunksize=4096']],
  allows: erofsAllows,
  without: (options) => ['links', ...erofsWithout(options)],
  make: (options, place) => {
    const part = join(place.scratch, 'part');
    const name = ['large', 'etc'].find((one) => existsSync(join(place.tree, one))) ?? '.';
    cpSync(join(place.tree, name), join(part, name), { recursive: true });
    const all = [...keepingTimes(options), ...erofsOptions(options, place)];
    return [step('mkfs.erofs', ...all, place.image, part), step('mkfs.erofs', '--incremental=data', ...all, place.image, place.tree)];
  },
  open: openErofsOf,
};

const squashfs: Maker = {
  name: 'squashfs',
  mountType: 'squashfs',
  losesAcls: true,
  cutsTimes: true,
  contexts: [],
  axes: [
    [
      NONE,
      ['-comp', 'gzip', '-Xcompression-level', '1'],
      ['-comp', 'gzip', '-Xstrategy', 'huffman_only,fixed', '-Xwindow-size', '9'],
      ['-comp', 'lz4'],
      ['-comp', 'lz4', '-Xhc'],
      ['-comp', 'lzo'],
      ['-comp', 'lzo', '-Xalgorithm', 'lzo1x_1_11'],
      ['-comp', 'xz'],
      ['-comp', 'xz', '-Xbcj', 'x86,arm'],
      ['-comp', 'xz', '-Xbcj', 'armthumb,powerpc'],
      ['-comp', 'xz', '-Xbcj', 'sparc,ia64'],
      ['-comp', 'xz', '-Xbcj', 'riscv'],
      ['-comp', 'xz', '-Xbcj', 'arm64', '-Xdict-size', '8K'],
      ['-comp', 'zstd'],
      ['-comp', 'zstd', '-Xcompression-level', '22'],
      ['-comp', 'lzma'],
    ],
    [NONE, ['-b', '4K'], ['-b', '8K'], ['-b', '64K'], ['-b', '1M']],
    ...toggles('-noI', '-noD', '-noF', '-noX', '-noId', '-no-duplicates', '-no-exports', '-no-sparse', '-nopad', '-exports'),
    ...toggles('-no-hardlinks'),
    [NONE, ['-no-fragments'], ['-always-use-fragments'], ['-tailends'], ['-no-tailends']],
  ],
  without: (options) => (has(options, /^-no-hardlinks/) ? ['links'] : []),
  make: (options, { tree, image }) => [step('mksquashfs', tree, image, '-quiet', '-no-progress', '-noappend', ...options)],
  open: (image) => openSquashfs(image, { codec: nodeCodec }),
};

const NG_AXES: readonly Axis[] = [
  [
    ['-c', 'gzip'],
    ['-c', 'gzip', '-X', 'level=1,window=8'],
    ['-c', 'lz4', '-X', 'hc'],
    ['-c', 'xz'],
    ['-c', 'xz', '-X', 'x86'],
    ['-c', 'xz', '-X', 'arm,level=1'],
    ['-c', 'zstd'],
    ['-c', 'lzo'],
    ['-c', 'lzma'],
  ],
  [NONE, ['-b', '4096'], ['-b', '16384'], ['-b', '1048576']],
  ...toggles('-e', '-T', '--no-pad'),
  [NONE, ['-j', '1'], ['-j', '3']],
];

const tar2sqfs: Maker = {
  name: 'tar2sqfs',
  ignore: NOT_IN_TAR,
  mountType: 'squashfs',
  losesAcls: true,
  cutsTimes: true,
  contexts: [],
  axes: NG_AXES,
  make: (options, place) => [
    tarOf(place),
    { run: ['tar2sqfs', '-q', '-f', ...options, place.image], input: join(place.scratch, 'tree.tar') },
  ],
  open: squashfs.open,
};

const gensquashfs: Maker = {
  name: 'gensquashfs',
  mountType: 'squashfs',
  losesAcls: true,
  cutsTimes: true,
  contexts: [],
  axes: NG_AXES,
  // It makes a file of every name, and takes attributes along with `-x`.
  without: () => ['links'],
  make: (options, { tree, image }) => [step('gensquashfs', '-q', '-f', '-k', '-x', '-D', tree, ...options, image)],
  open: squashfs.open,
};

const EXT_AXES: readonly Axis[] = [
  [['-text4'], ['-text3'], ['-text2']],
  [['-b4096'], ['-b2048'], ['-b1024'], ['-b8192'], ['-b16384'], ['-b65536']],
  [NONE, ['-I128'], ['-I512'], ['-I1024'], ['-I2048']],
  ...features('extent', '64bit', 'metadata_csum', 'flex_bg', 'inline_data', 'dir_index', 'has_journal', 'uninit_bg', 'resize_inode'),
  ...features('sparse_super', 'sparse_super2', 'ea_inode', 'large_dir', 'casefold', 'encrypt', 'verity', 'quota', 'mmp', 'filetype'),
  ...features('stable_inodes', 'orphan_file', 'project', 'fast_commit', 'metadata_csum_seed', 'huge_file', 'dir_nlink', 'extra_isize'),
  [NONE, ['-Ometa_bg,^resize_inode']],
  [NONE, ['-Obigalloc', '-C16384'], ['-Obigalloc', '-C65536'], ['-Obigalloc', '-C262144']],
  [NONE, ['-E', 'hash_seed=8b1f7a8e-3e44-4c5c-9e93-1fb8a5a5d7bb'], ['-E', 'packed_meta_blocks=1'], ['-E', 'lazy_itable_init=1,nodiscard']],
  [NONE, ['-g', '1024'], ['-g', '8192']],
  [NONE, ['-G', '1'], ['-G', '64']],
];

const extAllows = (options: Options) =>
  !has(options, /^-O64bit$/) || (!has(options, /^-O\^extent$/) && has(options, /^-text4$|^-Oextent$/));
const EXT_SIZE = '120000k';

const ext: Maker = {
  name: 'ext',
  mountType: 'ext4',
  contexts: [
    ['-b4096', '-C16384'],
    ['-text4', '-b4096'],
  ],
  ignore: /^\/lost\+found/,
  cutsTimes: true,
  axes: EXT_AXES,
  allows: extAllows,
  make: (options, { tree, image, inodes }) => [
    step('mke2fs', '-q', '-F', '-N', `${inodes}`, ...joined(options, '-O'), '-d', tree, image, EXT_SIZE),
  ],
  open: (image) => openExt(image),
};

/** Since 1.47.1 a tarball is a source too. */
const extTar: Maker = {
  ...ext,
  name: 'ext-tar',
  ignore: /^\/lost\+found|^\/special\/socket$/,
  make: (options, place) => [
    tarOf(place),
    step(
      'mke2fs',
      '-q',
      '-F',
      '-N',
      `${place.inodes}`,
      ...joined(options, '-O'),
      '-d',
      join(place.scratch, 'tree.tar'),
      place.image,
      EXT_SIZE,
    ),
  ],
};

const f2fs: Maker = {
  name: 'f2fs',
  mountType: undefined,
  plainFiles: true,
  contexts: [['-Oextra_attr,compression'], ['-Oextra_attr,compression', '+c']],
  // sload.f2fs 1.15 breaks files of more than 914 blocks with flexible_inline_xattr, as its own fsck says.
  ignore: /^\/lost\+found|^\/lib\/sparse\.so$/,
  axes: [
    ...['inode_checksum', 'inode_crtime', 'flexible_inline_xattr', 'project_quota', 'verity', 'compression', 'packed_ssa'].map(
      (name): Axis => [NONE, [`-Oextra_attr,${name}`]],
    ),
    ...['sb_checksum', 'lost_found', 'quota', 'encrypt', 'casefold', 'ro'].map((name): Axis => [NONE, [`-O${name}`]]),
    [NONE, ['-s', '2'], ['-s', '4']],
    [NONE, ['-i']],
    [NONE, ['-o', '20']],
    [NONE, ['-z', '2']],
    // What begins with + is the loader's.
    [NONE, ['+c'], ['+c', '+-a', '+lz4'], ['+c', '+-a', '+lzo'], ['+c', '+-a', '+zstd'], ['+c', '+-a', '+lzo-rle']],
    [NONE, ['+-L', '+3'], ['+-L', '+8']],
    [NONE, ['+-i', '+so'], ['+-x', '+so'], ['+-m', '+2']],
    [NONE, ['+-r']],
  ],
  allows: (options) =>
    (has(options, /^\+c$/) ? has(options, /compression/) : !has(options, /^\+/)) && (!has(options, /^\+-r$/) || has(options, /^-Oro$/)),
  without: () => ['links', 'attributes'],
  make: (options, { tree, image }) => {
    const [own, loading] = [options.filter((one) => !one.startsWith('+')), options.filter((one) => one.startsWith('+'))];
    const load = loading.map((one) => (one === '+c' ? '-c' : one.slice(1)));
    return [
      step('truncate', '-s', '700M', image),
      step('mkfs.f2fs', '-q', '-f', ...joined(own, '-O'), ...(has(own, /casefold/) ? ['-C', 'utf8'] : []), image),
      // It runs its own fsck at last, whose status is for the loader's bugs too: the tree is the judge, unless it stopped halfway (255).
      {
        run: ['sload.f2fs', '-P', '-f', tree, '-t', '/', ...load, image],
        tolerates: (status) => status !== 255,
        refuses: /not supported|Unknown compression/,
      },
    ];
  },
  open: (image) => openF2fs(image, { codec: nodeCodec }),
};

export const MAKERS: readonly Maker[] = [erofs, erofsTar, erofsIncremental, squashfs, tar2sqfs, gensquashfs, ext, extTar, f2fs];
