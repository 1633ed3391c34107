/**
 * Where a manifest's silence says something. An image holds all of its partition; a tree that was extracted, all of the folders that it names. A list of digests, and what a phone showed, name
 * some files: what they do not name may be there all the same.
 */
import type { Manifest } from '../manifest.ts';
import { mountsOf } from './tree.ts';

/** Whether what a manifest does not name at a path is known not to be there. */
export type IsKnownAbsent = (path: string) => boolean;

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

export function absenceIn(manifest: Manifest): IsKnownAbsent {
  const images = new Set(manifest.partitions.map(({ name }) => name));
  const folders = new Set<string>();
  const trees = new Set<string>();
  for (const { partition, path, type } of manifest.files)
    if (type === 'directory') {
      folders.add(path);
      trees.add(partition);
    }
  const mounts = [...mountsOf(manifest)];
  return (path) => {
    const over = mounts.filter(([, mount]) => path === mount || path.startsWith(`${mount}/`));
    const deepest = over.reduce((most, [, mount]) => Math.max(most, mount.length), 0);
    // Several may hold the root: the system, and ramdisks.
    const holders = over.filter(([, mount]) => mount.length === deepest);
    const folder = folderOf(path);
    // The root of a tree that is mounted somewhere has no row of its own.
    return holders.some(([partition, mount]) => images.has(partition) || folders.has(folder) || (trees.has(partition) && folder === mount));
  };
}
