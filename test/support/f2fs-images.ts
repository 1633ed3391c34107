/** Images of F2FS written field by field, for what no tool of the distribution makes. */
import { bytesSource, readAll } from '../../src/bytes/index.ts';
import { openF2fs } from '../../src/formats/fs/f2fs/index.ts';
import { FEATURE } from '../../src/formats/fs/f2fs/layout.ts';
import { dentries, type F2fsInodeSpec, type F2fsSpec, writeF2fs } from '../../src/formats/fs/f2fs/write.ts';
import type { FileEntry, Visit } from '../../src/formats/fs/types.ts';
import { codec } from './ports.ts';

export const text = new TextEncoder();
export const DIRECTORY = 0o40755;
export const FILE = 0o100644;
export const COMPRESSED = 0xfffffffe;
export const EXTRA = FEATURE.EXTRA_ATTR;

/** Room for names in an inode of 4 KiB without extra attributes: 923 words, of which 50 are attributes and one is free. */
export const INLINE = (923 - 50 - 1) * 4;

/** The root with files of these names, whose inodes begin at 4. */
export function image(names: readonly string[], inodes: readonly F2fsInodeSpec[], more: Partial<F2fsSpec> = {}): Uint8Array {
  const { blockBits = 12, feature = 0 } = more;
  const room =
    ((2 ** blockBits - 404) / 4 -
      ((feature & FEATURE.FLEXIBLE_INLINE_XATTR) !== 0 ? (more.xattrWords ?? 0) : 50) -
      ((feature & EXTRA) !== 0 ? 9 : 0) -
      1) *
    4;
  const root: F2fsInodeSpec = {
    id: 3,
    mode: DIRECTORY,
    inline: dentries(
      names.map((name, i) => [name, i + 4] as const),
      room,
    ),
  };
  return writeF2fs({ totalBlocks: 40, ...more, inodes: [root, ...inodes] });
}
export const open = (bytes: Uint8Array) => openF2fs(bytesSource(bytes), { codec });
export async function found(bytes: Uint8Array, path: string): Promise<FileEntry> {
  const entry = await (await open(bytes)).find(path);
  if (entry === undefined) throw new Error(`no ${path}`);
  return entry;
}
export async function content(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const fileSystem = await open(bytes);
  const entry = await fileSystem.find(path);
  if (entry === undefined) throw new Error(`no ${path}`);
  return readAll(await fileSystem.open(entry), 1 << 26);
}
export async function visits(bytes: Uint8Array): Promise<readonly Visit[]> {
  const all: Visit[] = [];
  for await (const visit of (await open(bytes)).walk()) all.push(visit);
  return all;
}
export const broken = async (bytes: Uint8Array) =>
  (await visits(bytes)).flatMap((visit) => (visit.kind === 'broken' ? [visit.error.message] : []));

/** LZ4 of literals only; what compresses is tested where the tools make it. */
export const lz4Literals = (bytes: Uint8Array) => Uint8Array.from([0xf0, ...runLength(bytes.length - 15), ...bytes]);
function runLength(rest: number): readonly number[] {
  return [...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255];
}
