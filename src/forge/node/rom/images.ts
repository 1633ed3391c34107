/** File-system images of recipes, by the distribution's `mkfs.erofs`, `mke2fs` and `debugfs`: our own readers are judged against foreign writers. No rights of root are needed. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type ApkMaker, contentBytes } from '../../content.ts';
import type { RomFile } from '../../rom/rom.ts';

const run = promisify(execFile);
/** 2025-01-01: images of the same tree are the same bytes. */
const TIME = 1_735_689_600;
/** What file_contexts gives to folders of a system. */
const FOLDER_LABEL = 'u:object_r:system_file:s0';
const UUID = '5eed0000-0000-4000-8000-000000000001';

/** Where a tree is laid out while a tool packs it. */
async function withTree<T>(files: readonly RomFile[], makeApk: ApkMaker, use: (root: string, work: string) => Promise<T>): Promise<T> {
  const work = await mkdtemp(join(tmpdir(), 'assay-rom-'));
  try {
    const root = join(work, 'root');
    await mkdir(root);
    for (const { path, content, mode } of files) {
      const at = join(root, path);
      await mkdir(dirname(at), { recursive: true });
      if (content.kind === 'link') await symlink(content.target, at);
      else await writeFile(at, contentBytes(content, makeApk), { mode: mode & 0o777 });
    }
    return await use(root, work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** An EROFS image with LZ4HC, as AOSP builds them: labels by its contexts file, everything owned by root, modes as laid out. `shareBlocks`: plain, in chunks that equal contents share. */
export async function erofsImage(files: readonly RomFile[], makeApk: ApkMaker, shareBlocks?: true): Promise<Uint8Array> {
  return withTree(files, makeApk, async (root, work) => {
    const contexts = join(work, 'file_contexts');
    const rows = files.map(({ path, context }) => `${path.replaceAll(/[.+*?()[\]{}^$|\\]/g, '\\$&')} ${context}`);
    await writeFile(contexts, `/(.*)? u:object_r:system_file:s0\n${rows.join('\n')}\n`);
    const image = join(work, 'image');
    await run('mkfs.erofs', [
      shareBlocks ? '--chunksize=4096' : '-zlz4hc,9',
      `-T${TIME}`,
      `-U${UUID}`,
      '--all-root',
      `--file-contexts=${contexts}`,
      image,
      root,
    ]);
    return new Uint8Array(await readFile(image));
  });
}

/** An ext4 image without a journal, as `make_ext4fs` of 2015 made them: owners, setuid and labels put in by debugfs. */
export async function ext4Image(files: readonly RomFile[], makeApk: ApkMaker): Promise<Uint8Array> {
  return withTree(files, makeApk, async (root, work) => {
    const image = join(work, 'image');
    const bytes = files.reduce((sum, { content }) => sum + (content.kind === 'link' ? 0 : contentBytes(content, makeApk).length), 0);
    const kib = Math.ceil((bytes * 1.15) / 1024) + files.length * 8 + 2048;
    const env = { ...process.env, E2FSPROGS_FAKE_TIME: String(TIME) };
    await run(
      'mke2fs',
      [
        '-q',
        '-t',
        'ext4',
        '-b',
        '4096',
        '-I',
        '256',
        '-O',
        '^has_journal,^metadata_csum',
        '-m',
        '0',
        '-U',
        UUID,
        '-E',
        `root_owner=0:0,hash_seed=${UUID}`,
        '-d',
        root,
        image,
        `${kib}k`,
      ],
      { env },
    );
    const commands = files.flatMap(({ path, content, mode, uid, gid, context }) => [
      `sif ${path} uid ${uid}`,
      `sif ${path} gid ${gid}`,
      ...(content.kind === 'link' ? [] : [`sif ${path} mode 0${(0o100000 | mode).toString(8)}`]),
      `ea_set ${path} security.selinux ${context}`,
    ]);
    const folders = new Set(files.flatMap(({ path }) => parents(path)));
    for (const folder of folders)
      commands.push(
        `sif ${folder} uid 0`,
        `sif ${folder} gid 0`,
        `sif ${folder} mode 040755`,
        `ea_set ${folder} security.selinux ${FOLDER_LABEL}`,
      );
    commands.push(`ea_set / security.selinux ${FOLDER_LABEL}`);
    const script = join(work, 'commands');
    await writeFile(script, `${commands.join('\n')}\n`);
    await run('debugfs', ['-w', '-f', script, image], { env, maxBuffer: 1 << 26 });
    return new Uint8Array(await readFile(image));
  });
}

/** Folders above a path, the root left out. */
function parents(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}
