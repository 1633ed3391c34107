/**
 * What the tools of the distribution write, read by us and by the kernel, which mounts it by loop. The source tree is the oracle where both agree with it;
 * where a tool wrote something else than it was given (mkfs.erofs 1.5 does), we must read what the kernel reads.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileSystem, openErofs, openExt, openSquashfs } from '../src/formats/fs/index.ts';
import { nodeCodec, openFile } from '../src/platform/node/index.ts';
import { differencesOf, makeTree } from './support/source-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-mount-'));
const [tree, mounted, image] = [join(folder, 'tree'), join(folder, 'mounted'), join(folder, 'image')];
mkdirSync(mounted);

/** Why images cannot be mounted here, or undefined. */
function whyNoMount(): string | undefined {
  if (process.platform !== 'linux') return 'this is no Linux';
  if (process.getuid?.() !== 0) return 'only root mounts';
  if (spawnSync('mke2fs', ['-V']).error !== undefined) return 'mke2fs is not installed';
  const probe = join(folder, 'probe');
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext2', probe, '200k'], { stdio: 'ignore' });
  const run = spawnSync('mount', ['-t', 'ext4', '-o', 'loop,ro', probe, mounted], { encoding: 'utf8' });
  if (run.status !== 0) return `mount: ${run.stderr?.trim() ?? run.error?.message}`;
  execFileSync('umount', [mounted]);
  return undefined;
}
const because = whyNoMount();
const lacks = (tool: string): boolean => spawnSync(tool, ['--version']).error !== undefined;

beforeAll(() => makeTree(tree, { large: 3_000_001, many: 500, special: true, highIds: true, longName: 200 }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Image = Awaited<ReturnType<typeof openFile>>;

interface Maker {
  readonly type: string;
  readonly make: (options: readonly string[]) => void;
  readonly open: (image: Image) => Promise<FileSystem>;
  readonly ignore?: RegExp;
}

const run = (tool: string, args: readonly string[]): void => {
  const done = spawnSync(tool, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${tool}: ${done.stderr}`);
};
const erofs: Maker = {
  type: 'erofs',
  make: (options) => run('mkfs.erofs', ['--quiet', ...options, image, tree]),
  open: (source) => openErofs(source, { codec: nodeCodec }),
};
const squashfs: Maker = {
  type: 'squashfs',
  make: (options) => run('mksquashfs', [tree, image, '-quiet', '-no-progress', ...options]),
  open: (source) => openSquashfs(source, { codec: nodeCodec }),
};
const ext: Maker = {
  type: 'ext4',
  make: (options) => run('mke2fs', ['-q', '-F', '-d', tree, ...options, image, '48000k']),
  open: (source) => openExt(source),
  ignore: /^\/lost\+found/,
};

/** Nothing, or how we differ from what the kernel reads. */
async function judge({ type, make, open, ignore }: Maker, options: readonly string[]): Promise<readonly string[]> {
  rmSync(image, { force: true });
  make(options);
  const file = await openFile(image);
  try {
    const compare = async (with_: string) => differencesOf(await open(file), with_, ignore === undefined ? {} : { ignore });
    const wrong = await compare(tree);
    if (wrong.length === 0 && type !== 'ext4') return [];
    execFileSync('mount', ['-t', type, '-o', 'loop,ro', image, mounted]);
    try {
      return await compare(mounted);
    } finally {
      execFileSync('umount', [mounted]);
    }
  } finally {
    await file.close();
  }
}

describe.skipIf(because !== undefined)(`read as the kernel reads them${because === undefined ? '' : ` (skipped: ${because})`}`, () => {
  test
    .skipIf(lacks('mkfs.erofs'))
    .each([
      [[]],
      [['-E', 'force-inode-compact', '--all-root']],
      [['-E', 'force-inode-extended', '--preserve-mtime']],
      [['-E', 'noinline_data']],
      [['-z', 'lz4']],
      [['-z', 'lz4hc,12', '-C', '65536']],
      [['-z', 'lz4hc,9', '-C', '1048576']],
      [['-z', 'lz4hc', '-E', 'legacy-compress']],
      [['-z', 'lz4hc,9', '-E', 'legacy-compress', '-C', '16384']],
      [['-z', 'lz4hc,9', '-E', 'ztailpacking']],
      [['-z', 'lz4hc,9', '-C', '65536', '-E', 'ztailpacking']],
      [['-z', 'lz4hc', '--max-extent-bytes=65536']],
      [['--chunksize=4096']],
      [['--chunksize=65536', '-E', 'force-chunk-indexes']],
    ])('mkfs.erofs %j', async (options) => expect(await judge(erofs, options)).toEqual([]));

  test
    .skipIf(lacks('mksquashfs'))
    .each([[[]], [['-comp', 'lz4', '-b', '4K']], [['-comp', 'xz', '-Xbcj', 'x86']], [['-comp', 'lzo']], [['-comp', 'zstd', '-noI']]])(
    'mksquashfs %j',
    async (options) => expect(await judge(squashfs, options)).toEqual([]),
  );

  test.each([
    [['-t', 'ext4']],
    [['-t', 'ext4', '-b', '1024', '-O', '^extent,^64bit']],
    [['-t', 'ext4', '-O', 'inline_data', '-I', '512']],
    [['-t', 'ext4', '-O', 'meta_bg,^resize_inode,bigalloc', '-C', '16384']],
    [['-t', 'ext2', '-b', '1024', '-I', '128']],
  ])('mke2fs %j', async (options) => expect(await judge(ext, options)).toEqual([]));
});

test.skipIf(lacks('mkfs.erofs'))('EROFS over two devices: read with both, refused file by file without the second', async () => {
  const blobs = join(folder, 'blobs');
  rmSync(image, { force: true });
  writeFileSync(blobs, '');
  truncateSync(blobs, 0);
  erofs.make(['--chunksize=4096', `--blobdev=${blobs}`]);
  const [file, second] = [await openFile(image), await openFile(blobs)];
  try {
    expect(await differencesOf(await openErofs(file, { codec: nodeCodec, devices: [second] }), tree)).toEqual([]);
    const alone = await openErofs(file, { codec: nodeCodec });
    const entry = await alone.find('/lib/noise.so');
    if (entry === undefined) throw new Error('no /lib/noise.so');
    await expect(alone.open(entry).then((source) => source.read(0, 100))).rejects.toThrow('device 1 was not given');
  } finally {
    await file.close();
    await second.close();
  }
});
