/**
 * A tree of files that lie each on their own, as an installer lays out the members of an archive, behind the face of a file system.
 * No format of its own: names and rights are whoever's made the tree; the walk judges names and bounds as it does for images.
 */
import { bytesSource, FormatError, type Source } from '../../../bytes/index.ts';
import { treeOf } from '../tree.ts';
import type { FileSystem, Inode } from '../types.ts';

const FORMAT = 'files';

/** What is known of every entry. */
export interface LooseRights {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Undefined: nobody said. */
  readonly context: string | undefined;
  /** `security.capability` as it would lie in an image. */
  readonly capabilities: Uint8Array | undefined;
}

export type LooseEntry = LooseRights &
  (
    | { readonly type: 'directory'; readonly children: ReadonlyMap<string, LooseEntry> }
    | { readonly type: 'link'; readonly target: string }
    /** `order` is where its content lies beside that of the others. */
    | { readonly type: 'file'; readonly size: number; readonly order: number; readonly open: () => Promise<Source> }
  );

interface LooseInode extends Inode {
  readonly entry: LooseEntry;
}

/** The tree as a file system. `size` is the sum of its files. */
export function looseFiles(root: LooseEntry): FileSystem {
  const utf8 = new TextEncoder();
  const entries: LooseEntry[] = [root];
  const ids = new Map<LooseEntry, number>([[root, 0]]);
  let size = 0;
  // Grows while it is walked: children are behind their folder.
  for (const entry of entries) {
    if (entry.type === 'file') size += entry.size;
    if (entry.type !== 'directory') continue;
    for (const child of entry.children.values()) {
      ids.set(child, entries.length);
      entries.push(child);
    }
  }
  const driver = {
    format: FORMAT,
    rootId: 0,
    async readInode(id: number): Promise<LooseInode> {
      const entry = entries[id];
      if (entry === undefined) throw new FormatError({ format: FORMAT, field: 'inode', at: 0 }, 'out-of-bounds', `${id}`);
      const { type, mode, uid, gid } = entry;
      return {
        id,
        type,
        mode,
        uid,
        gid,
        size: type === 'file' ? entry.size : type === 'link' ? utf8.encode(entry.target).length : 0,
        links: 1,
        modifiedSeconds: undefined,
        device: undefined,
        contentAt: type === 'file' ? entry.order : 0,
        entry,
      };
    },
    async readDirectory({ entry }: LooseInode) {
      const children = entry.type === 'directory' ? [...entry.children] : [];
      return {
        entries: children.map(([name, child]) => ({ name: utf8.encode(name), id: ids.get(child) ?? -1 })),
        errors: [],
        bytes: children.length,
      };
    },
    async readXattrs({ entry: { context, capabilities } }: LooseInode) {
      return new Map<string, Uint8Array>([
        ...(context === undefined ? [] : [['security.selinux', utf8.encode(context)] as const]),
        ...(capabilities === undefined ? [] : [['security.capability', capabilities] as const]),
      ]);
    },
    openContent: async ({ entry }: LooseInode): Promise<Source> =>
      entry.type === 'file' ? entry.open() : bytesSource(entry.type === 'link' ? utf8.encode(entry.target) : new Uint8Array(0)),
  };
  return { kind: 'files', blockSize: 1, size, label: '', uuid: undefined, features: [], oddities: [], ...treeOf(driver) };
}
