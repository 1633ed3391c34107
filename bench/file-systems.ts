/**
 * File systems: image → SHA-256 and metadata of every file, against the tools that people use for it and `openssl dgst -sha256` over what they wrote.
 * The image is verified against its tree before anything is timed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileSystem, openErofs, openExt, openF2fs, openSquashfs } from '../src/formats/fs/index.ts';
import { nodeCodec, openFile } from '../src/platform/node/index.ts';

const FILES = 2000;
const MEGABYTES = 240;
const WINDOW = 1 << 20;

/** Half of what a system partition holds compresses, half does not. */
function makeTree(tree: string): void {
  const each = Math.floor((MEGABYTES << 20) / FILES);
  const words = Buffer.from('the quick brown fox jumps over a lazy dog and reads its properties '.repeat(200));
  for (let i = 0; i < FILES; i++) {
    const folder = join(tree, `folder-${i % 40}`);
    mkdirSync(folder, { recursive: true });
    const half = randomBytes(each >> 1);
    writeFileSync(join(folder, `file-${i}`), Buffer.concat([half, Buffer.alloc(each - half.length, words)]));
  }
}

async function digests(fileSystem: FileSystem): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'broken') throw visit.error;
    if (visit.entry.type !== 'file') continue;
    const source = await fileSystem.open(visit.entry);
    const hash = createHash('sha256');
    for (let at = 0; at < source.size; at += WINDOW) hash.update(await source.read(at, Math.min(WINDOW, source.size - at)));
    found.set(visit.entry.path, hash.digest('hex'));
  }
  return found;
}

interface Contender {
  readonly name: string;
  readonly target: number | undefined;
  readonly make: (tree: string, image: string) => void;
  readonly open: (image: Awaited<ReturnType<typeof openFile>>) => Promise<FileSystem>;
  /** Undefined: no tool takes everything out of such an image. */
  readonly extract: ((image: string, out: string) => void) | undefined;
}

const contenders: readonly Contender[] = [
  {
    name: 'ext4 against debugfs rdump',
    target: 1,
    make: (tree, image) =>
      execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-d', tree, image, `${MEGABYTES + 60}M`]),
    open: (image) => openExt(image),
    extract: (image, out) => execFileSync('debugfs', ['-R', `rdump / ${out}`, image], { stdio: 'ignore' }),
  },
  {
    name: 'EROFS lz4hc against fsck.erofs --extract',
    target: 1.2,
    make: (tree, image) => execFileSync('mkfs.erofs', ['-zlz4hc', image, tree], { stdio: 'ignore' }),
    open: (image) => openErofs(image, { codec: nodeCodec }),
    extract: (image, out) => execFileSync('fsck.erofs', [`--extract=${out}`, image], { stdio: 'ignore' }),
  },
  ...(['lz4', 'gzip', 'zstd'] as const).map(
    (compression): Contender => ({
      name: `squashfs ${compression} against unsquashfs -p 1`,
      target: undefined,
      make: (tree, image) => execFileSync('mksquashfs', [tree, image, '-quiet', '-no-progress', '-comp', compression], { stdio: 'ignore' }),
      open: (image) => openSquashfs(image, { codec: nodeCodec }),
      extract: (image, out) => execFileSync('unsquashfs', ['-q', '-n', '-f', '-p', '1', '-d', out, image], { stdio: 'ignore' }),
    }),
  ),
  {
    name: 'F2FS',
    target: undefined,
    make(tree, image) {
      execFileSync('truncate', ['-s', `${MEGABYTES * 2}M`, image]);
      execFileSync('mkfs.f2fs', ['-q', '-f', image], { stdio: 'ignore' });
      execFileSync('sload.f2fs', ['-P', '-f', tree, '-t', '/', image], { stdio: 'ignore' });
    },
    open: (image) => openF2fs(image, { codec: nodeCodec }),
    extract: undefined,
  },
];

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-fs-'));
  try {
    const tree = join(folder, 'tree');
    makeTree(tree);
    const wanted = new Map(
      readdirSync(tree, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [
          join(entry.parentPath, entry.name).slice(tree.length),
          createHash('sha256')
            .update(readFileSync(join(entry.parentPath, entry.name)))
            .digest('hex'),
        ]),
    );
    for (const { name, target, make, open, extract } of contenders) {
      const image = join(folder, 'image');
      make(tree, image);
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < 3; round++) {
        const file = await openFile(image);
        const started = performance.now();
        const found = await digests(await open(file));
        ours.push(performance.now() - started);
        await file.close();
        for (const [path, sha256] of wanted) if (found.get(path) !== sha256) throw new Error(`${name}: ${path} differs from the tree`);
        const out = join(folder, 'out');
        rmSync(out, { recursive: true, force: true });
        mkdirSync(out);
        if (extract === undefined) continue;
        const before = performance.now();
        extract(image, out);
        spawnSync('sh', ['-c', `find ${out} -type f -exec openssl dgst -sha256 {} + > /dev/null`]);
        theirs.push(performance.now() - before);
      }
      rmSync(image);
      const own = Math.min(...ours);
      const rate = `${name}, ${MEGABYTES} MB in ${FILES} files: ${(own / 1000).toFixed(2)} s (${Math.round((MEGABYTES * 1000) / own)} MB/s)`;
      const other = Math.min(...theirs);
      const beside =
        extract === undefined
          ? ''
          : ` against ${(other / 1000).toFixed(2)} s with openssl dgst: ${(own / other).toFixed(2)}${target === undefined ? '' : ` (at most ${target} is wanted)`}`;
      console.log(`${rate}${beside}; least of 3 rounds, one thread`);
    }
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  }
}
