import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { checkRange, FormatError, type NamedSource, type Source } from '../../bytes/index.ts';

/** Files of a folder that are looked at. */
const FILES_MAX = 200_000;
const DEPTH_MAX = 32;

/**
 * A file, or every file of a folder, as sources. Names are relative to the folder, with `/`. Links that lead out of the folder are not followed; devices and pipes are left out.
 * A file is opened for each read: nothing stays open.
 * @throws the system's error when the path cannot be read; FormatError above FILES_MAX files
 */
export async function openInput(path: string): Promise<readonly NamedSource[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [{ name: basename(path), source: pathSource(path, found.size) }];
  const root = await realpath(path);
  const entries: NamedSource[] = [];
  await walk(root, { root, entries, seen: new Set([root]) }, 0);
  return entries;
}

interface Walk {
  readonly root: string;
  readonly entries: NamedSource[];
  readonly seen: Set<string>;
}

async function walk(folder: string, walked: Walk, depth: number): Promise<void> {
  const { root, entries } = walked;
  const children = await readdir(folder, { withFileTypes: true });
  for (const child of children.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, child.name);
    const target = child.isSymbolicLink() ? await insideOf(root, path) : path;
    if (target === undefined) continue;
    const found = await stat(target).catch(() => undefined);
    if (found?.isDirectory() === true) {
      if (depth < DEPTH_MAX && !walked.seen.has(target)) {
        walked.seen.add(target);
        await walk(target, walked, depth + 1);
      }
    } else if (found?.isFile() === true) {
      if (entries.length === FILES_MAX)
        throw new FormatError({ format: 'folder', field: 'files', at: 0 }, 'too-large', `more than ${FILES_MAX} files`);
      entries.push({ name: relative(root, path).split(sep).join('/'), source: pathSource(target, found.size) });
    }
  }
}

/** Where a link leads, if that is within the folder. */
async function insideOf(root: string, link: string): Promise<string | undefined> {
  const target = await realpath(link).catch(() => undefined);
  return target?.startsWith(root + sep) === true ? target : undefined;
}

function pathSource(path: string, size: number): Source {
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, 'file');
      const handle = await open(path, 'r');
      try {
        const bytes = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
          if (bytesRead === 0)
            throw new FormatError(
              { format: 'file', field: 'read', at: at + done },
              'short-read',
              `the file ends here, ${length - done} bytes early`,
            );
          done += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}
