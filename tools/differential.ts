/**
 * node tools/differential.ts [erofs|ext|f2fs|squashfs …] [--count N | --all] [--seed N] [--xattrs]: images by the distribution's tools in combinations of their options, each read back
 * and compared with its source tree. Where it differs and the kernel can mount it, the kernel's reading decides: tools have written something else than they were given.
 * Combinations that a tool refuses are counted. `test/file-systems.test.ts` keeps a few of these for ever; this is for all of them. Exit 1 where we read something else.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FileSystem, openErofs, openExt, openF2fs, openSquashfs } from '../src/formats/fs/index.ts';
import { nodeCodec, openFile } from '../src/platform/node/index.ts';
import { differencesOf, makeTree, type TreeOptions } from '../test/support/source-tree.ts';
import { xattrsIn } from '../test/support/tree-xattrs.ts';

type Image = Awaited<ReturnType<typeof openFile>>;
type Options = readonly string[];

interface Tool {
  readonly name: string;
  /** Undefined: no kernel here mounts it. */
  readonly mountType: string | undefined;
  /** One of each is taken. */
  readonly axes: readonly (readonly Options[])[];
  readonly allows?: (options: Options) => boolean;
  readonly tree: TreeOptions;
  readonly ignore?: RegExp;
  readonly make: (options: Options, tree: string, image: string) => readonly (readonly [command: string, args: Options])[];
  readonly open: (image: Image) => Promise<FileSystem>;
}

const NONE: Options = [];
const has = (options: Options, pattern: RegExp) => options.some((option) => pattern.test(option));
/** With and without, each of these. */
const toggles = (...names: readonly string[]) => names.map((name): readonly Options[] => [NONE, [name]]);
const features = (...names: readonly string[]) => names.map((name): readonly Options[] => [NONE, [`-O${name}`], [`-O^${name}`]]);
const TREE: TreeOptions = { large: 700_001, many: 300, special: true, longName: 200 };

const tools: readonly Tool[] = [
  {
    name: 'erofs',
    mountType: 'erofs',
    tree: TREE,
    axes: [
      [NONE, ['-zlz4'], ['-zlz4hc,1'], ['-zlz4hc,12']],
      [NONE, ['-C8192'], ['-C16384'], ['-C65536'], ['-C1048576']],
      [NONE, ['-Elegacy-compress'], ['-Eztailpacking']],
      [NONE, ['-Eforce-inode-compact'], ['-Eforce-inode-extended']],
      [NONE, ['-Enoinline_data']],
      [NONE, ['--chunksize=4096'], ['--chunksize=65536'], ['--chunksize=4096', '-Eforce-chunk-indexes']],
      [NONE, ['-x-1'], ['-x1']],
      [NONE, ['--max-extent-bytes=16384']],
    ],
    allows(options) {
      const packed = has(options, /^-z/);
      return packed ? !has(options, /^--chunksize/) : !has(options, /^-C|^-Elegacy|^-Eztail|^--max/);
    },
    make: (options, tree, image) => [
      // A compact inode has no time of its own: there the kernel's reading decides.
      ['mkfs.erofs', ['--quiet', ...(has(options, /compact/) ? [] : ['--preserve-mtime']), ...joined(options, '-E'), image, tree]],
    ],
    open: (image) => openErofs(image, { codec: nodeCodec }),
  },
  {
    name: 'squashfs',
    mountType: 'squashfs',
    tree: { ...TREE, highIds: true },
    axes: [
      [
        NONE,
        ['-comp', 'lz4'],
        ['-comp', 'lz4', '-Xhc'],
        ['-comp', 'lzo'],
        ['-comp', 'xz'],
        ['-comp', 'xz', '-Xbcj', 'x86,arm,armthumb'],
        ['-comp', 'zstd'],
        ['-comp', 'lzma'],
      ],
      [NONE, ['-b', '4K'], ['-b', '16K'], ['-b', '1M']],
      ...toggles('-noI', '-noD', '-noF', '-noX', '-noId', '-no-duplicates', '-no-exports', '-no-sparse'),
      [NONE, ['-no-fragments'], ['-always-use-fragments']],
    ],
    make: (options, tree, image) => [['mksquashfs', [tree, image, '-quiet', '-no-progress', ...options]]],
    open: (image) => openSquashfs(image, { codec: nodeCodec }),
  },
  {
    name: 'ext',
    mountType: 'ext4',
    tree: { ...TREE, highIds: true },
    ignore: /^\/lost\+found/,
    axes: [
      [['-text4'], ['-text3'], ['-text2']],
      [['-b4096'], ['-b2048'], ['-b1024']],
      [NONE, ['-I128'], ['-I512'], ['-I1024']],
      ...features('extent', '64bit', 'metadata_csum', 'flex_bg', 'inline_data', 'dir_index', 'has_journal', 'uninit_bg', 'resize_inode'),
      ...features('sparse_super2', 'ea_inode', 'large_dir', 'casefold', 'encrypt', 'verity', 'quota', 'mmp', 'filetype'),
      [NONE, ['-Ometa_bg,^resize_inode']],
      [NONE, ['-Obigalloc', '-C16384'], ['-Obigalloc', '-C65536']],
      [NONE, ['-E', 'hash_seed=8b1f7a8e-3e44-4c5c-9e93-1fb8a5a5d7bb']],
    ],
    allows: (options) => !has(options, /^-O64bit$/) || (!has(options, /^-O\^extent$/) && has(options, /^-text4$|^-Oextent$/)),
    make: (options, tree, image) => [['mke2fs', ['-q', '-F', ...joined(options, '-O'), '-d', tree, image, '48000k']]],
    open: (image) => openExt(image),
  },
  {
    name: 'f2fs',
    mountType: undefined,
    tree: { large: 300_001, many: 120, longName: 200 },
    // sload.f2fs 1.15 breaks files of more than 914 blocks with flexible_inline_xattr, as its own fsck says.
    ignore: /^\/lost\+found|^\/lib\/sparse\.so$/,
    axes: [
      ...toggles('inode_checksum', 'inode_crtime', 'flexible_inline_xattr', 'project_quota', 'verity', 'compression').map((axis) =>
        axis.map((names) => names.map((name) => `-Oextra_attr,${name}`)),
      ),
      ...features('sb_checksum', 'lost_found', 'quota', 'encrypt', 'casefold').map((axis) => axis.slice(0, 2)),
      [NONE, ['-s', '2'], ['-s', '4']],
      [NONE, ['-i']],
      [NONE, ['-o', '20']],
    ],
    make: (options, tree, image) => [
      ['truncate', ['-s', '400M', image]],
      ['mkfs.f2fs', ['-q', '-f', ...joined(options, '-O'), ...(has(options, /casefold/) ? ['-C', 'utf8'] : []), image]],
      ['sload.f2fs', ['-P', '-f', tree, '-t', '/', image]],
    ],
    open: (image) => openF2fs(image, { codec: nodeCodec }),
  },
];

/** Of several lists most tools take the last one only: they become one. */
function joined(options: Options, flag: '-O' | '-E'): Options {
  const lists = options.filter((one) => one.startsWith(flag) && one !== flag);
  const names = new Set(lists.flatMap((one) => one.slice(2).split(',')));
  return [...options.filter((one) => !lists.includes(one)), ...(names.size === 0 ? [] : [flag, [...names].join(',')])];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '40' },
    all: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    xattrs: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'assay-differential-'));

/** The line that says why. */
function saidBy(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /error|must|invalid|unsupported|not /i.test(line)) ?? lines.at(-1) ?? 'nothing';
}

/** xorshift32. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Every combination, by its number. */
function combination({ axes }: Tool, number: number): Options {
  const options: string[] = [];
  let rest = number;
  for (const axis of axes) {
    options.push(...(axis[rest % axis.length] ?? NONE));
    rest = Math.floor(rest / axis.length);
  }
  return options;
}

function* combinations(tool: Tool): Generator<Options> {
  const total = tool.axes.reduce((product, axis) => product * axis.length, 1);
  const next = random(Number(values.seed));
  const count = values.all ? total : Number(values.count);
  for (let made = 0, tried = 0; made < count && tried < 50 * count; tried++) {
    const options = combination(tool, values.all ? made : next(total));
    if (values.all) made++;
    if (tool.allows !== undefined && !tool.allows(options)) continue;
    if (!values.all) made++;
    yield options;
  }
}

type Outcome = 'same' | 'refused by the tool' | 'as the kernel reads it' | 'DIFFERENT';

async function judge(tool: Tool, options: Options, tree: string): Promise<{ readonly outcome: Outcome; readonly why: readonly string[] }> {
  const image = join(folder, 'image');
  rmSync(image, { force: true });
  for (const [command, args] of tool.make(options, tree, image)) {
    const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
    // sload.f2fs runs its own fsck at last, whose status is for the loader's bugs too: the tree is the judge, unless it stopped halfway (255).
    if (status !== 0 && (command !== 'sload.f2fs' || status === 255))
      return { outcome: 'refused by the tool', why: [saidBy(`${stdout ?? ''}\n${stderr ?? ''}`)] };
  }
  const file = await openFile(image);
  try {
    const isCompared = values.xattrs && tool.name !== 'f2fs' && !has(options, /^-x-1$/);
    const compare = async (with_: string) =>
      differencesOf(await tool.open(file), with_, {
        ...(tool.ignore === undefined ? {} : { ignore: tool.ignore }),
        ...(isCompared ? { xattrs: xattrsIn(with_) } : {}),
      });
    const why = await compare(tree).catch((error: unknown) => [String(error)]);
    if (why.length === 0) return { outcome: 'same', why };
    if (tool.mountType === undefined) return { outcome: 'DIFFERENT', why };
    const mounted = join(folder, 'mounted');
    mkdirSync(mounted, { recursive: true });
    const mount = spawnSync('mount', ['-t', tool.mountType, '-o', 'loop,ro', image, mounted], { encoding: 'utf8' });
    if (mount.status !== 0) return { outcome: 'DIFFERENT', why: [`no kernel to ask: ${mount.stderr.trim()}`, ...why] };
    try {
      const still = await compare(mounted).catch((error: unknown) => [String(error)]);
      return still.length === 0 ? { outcome: 'as the kernel reads it', why } : { outcome: 'DIFFERENT', why: still };
    } finally {
      spawnSync('umount', [mounted]);
    }
  } finally {
    await file.close();
  }
}

let failed = 0;
try {
  for (const tool of tools) {
    if (positionals.length > 0 && !positionals.includes(tool.name)) continue;
    const tree = join(folder, tool.name);
    makeTree(tree, { ...tool.tree, xattrs: values.xattrs });
    const counts = new Map<Outcome, number>();
    for (const options of combinations(tool)) {
      const { outcome, why } = await judge(tool, options, tree);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (outcome === 'DIFFERENT') failed++;
      if (outcome !== 'same') console.log(`${tool.name} ${options.join(' ')}: ${outcome}: ${why.slice(0, 3).join(' | ').slice(0, 300)}`);
    }
    console.log(`${tool.name}: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
