import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource, readAll, toHex } from '../../src/bytes/index.ts';
import { type FileEntry, type FileSystem, openFileSystem } from '../../src/formats/fs/index.ts';
import { nodeCodec } from '../../src/platform/node/index.ts';

export const collection = 'firmware/erofs';

/** One path of the tree that every image was made of. */
interface Expected {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size?: number;
  readonly sha256?: string;
  readonly target?: string;
  readonly device?: readonly [major: number, minor: number];
  readonly links?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
}

const IMAGE_MAX = 256 << 20;

/** What differs between a file system and the tree, path by path. */
async function differences(fileSystem: FileSystem, tree: readonly Expected[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  const found = new Map<string, FileEntry>();
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'entry') found.set(visit.entry.path, visit.entry);
    else wrong.push(`${visit.path}: ${visit.error.message}`);
  }
  for (const expected of tree) {
    const entry = found.get(expected.path);
    if (entry === undefined) {
      wrong.push(`${expected.path}: missing`);
      continue;
    }
    const mode = entry.mode.toString(8).padStart(4, '0');
    if (entry.type !== expected.type || mode !== expected.mode || entry.uid !== expected.uid || entry.gid !== expected.gid) {
      wrong.push(`${expected.path}: ${entry.type} ${mode} ${entry.uid}:${entry.gid}`);
    }
    if (expected.target !== undefined && entry.target !== expected.target) wrong.push(`${expected.path}: target ${entry.target ?? 'none'}`);
    if (expected.xattrs !== undefined) wrong.push(...attributeDifferences(expected.path, entry, expected.xattrs));
    if (expected.device !== undefined && `${entry.device?.major},${entry.device?.minor}` !== expected.device.join())
      wrong.push(`${expected.path}: device ${entry.device?.major},${entry.device?.minor}`);
    if (expected.links !== undefined && expected.type !== 'directory' && entry.links !== expected.links)
      wrong.push(`${expected.path}: ${entry.links} links, where the tree has ${expected.links}`);
    if (expected.size !== undefined && expected.type === 'file' && entry.size !== expected.size)
      wrong.push(`${expected.path}: ${entry.size} bytes, where the tree has ${expected.size}`);
    if (expected.sha256 !== undefined) {
      const content = await readAll(await fileSystem.open(entry), IMAGE_MAX);
      const digest = createHash('sha256').update(content).digest('hex');
      if (digest !== expected.sha256) wrong.push(`${expected.path}: content ${digest.slice(0, 16)}`);
    }
  }
  // Nor may there be more than was put in.
  const paths = new Set(tree.map(({ path }) => path));
  for (const path of found.keys()) if (path !== '/' && !paths.has(path) && !OWN.test(path)) wrong.push(`${path}: not in the tree`);
  return wrong;
}

/** Attributes that are missing, others, or not in the tree. */
function attributeDifferences(path: string, { xattrs }: FileEntry, expected: Readonly<Record<string, string>>): readonly string[] {
  const names = new Set([...xattrs.keys(), ...Object.keys(expected)]);
  return [...names].flatMap((name) => {
    const [is, should] = [xattrs.get(name), expected[name]];
    const hex = is === undefined ? 'missing' : toHex(is);
    return hex === (should ?? 'missing') ? [] : [`${path}: ${name} ${hex}, where the tree has ${should ?? 'none'}`];
  });
}

/** What a file system has of its own. */
const OWN = /^\/lost\+found(?:\/|$)/;

/** Folders of images of one tree, each by the tools of its file system. */
const FOLDERS = ['erofs', 'ext', 'ext4', 'f2fs', 'squashfs'];
const IMAGE = /\.(?:erofs|ext[234]|f2fs|squashfs|sqfs|img)(?:\.xz)?$/;

/** The tree that a folder's images were made of: its own, or that of the builds beside it. */
function treeOf(folder: string): readonly Expected[] | undefined {
  const file = [join(folder, 'tree.json'), join(folder, '..', 'made', 'tree.json')].find((path) => existsSync(path));
  // The collection's own document: its shape is the README's.
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as readonly Expected[]);
}

export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  let agree = 0;
  const differ: string[] = [];
  let images = 0;
  for (const folder of FOLDERS.map((name) => join(dataDir, 'firmware', name)).filter((path) => existsSync(path))) {
    const tree = treeOf(folder);
    if (tree === undefined) continue;
    for (const name of readdirSync(folder)
      .filter((file) => IMAGE.test(file))
      .toSorted()) {
      images++;
      try {
        const packed = new Uint8Array(readFileSync(join(folder, name)));
        const image = name.endsWith('.xz') ? await nodeCodec('xz', packed, IMAGE_MAX) : packed;
        const fileSystem = await openFileSystem(bytesSource(image), nodeCodec);
        if (fileSystem === undefined) throw new Error('no file system that is known');
        // The tree is that of a system image: its paths begin with the mount point where the image does not.
        const root = (await fileSystem.find('/system')) === undefined ? '/system' : '';
        const under = tree
          .filter(({ path }) => root === '' || path === root || path.startsWith(`${root}/`))
          .map((item) => ({ ...item, path: item.path.slice(root.length) || '/' }));
        const wrong = await differences(fileSystem, under);
        if (wrong.length === 0) agree++;
        else differ.push(`${name}: ${wrong.length} paths, first ${wrong[0]}`);
      } catch (error) {
        differ.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return images === 0 ? undefined : { agree, differ };
}
