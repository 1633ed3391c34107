/** The file systems that a partition may hold, behind their common tree. */
import type { CodecPort, Source } from '../../bytes/index.ts';
import { isErofs, openErofs } from './erofs/index.ts';
import { isExt, openExt } from './ext/index.ts';
import { isF2fs, openF2fs, SECOND_COPIES } from './f2fs/index.ts';
import { isSquashfs, openSquashfs } from './squashfs/index.ts';
import type { FileSystem } from './types.ts';

/** Superblocks of EROFS, ext and F2FS lie here; that of squashfs at the begin. */
const SUPER_AT = 1024;

/** The file system of an image; undefined where it is none known here. @throws FormatError where it is one and malformed */
export async function openFileSystem(source: Source, codec: CodecPort): Promise<FileSystem | undefined> {
  if (source.size < SUPER_AT + 64) return undefined;
  // One read: what lies on a web server is asked for once.
  const start = await source.read(0, SUPER_AT + 64);
  if (isSquashfs(start)) return openSquashfs(source, { codec });
  const superblock = start.subarray(SUPER_AT);
  if (isErofs(superblock)) return openErofs(source, { codec });
  if (isExt(superblock)) return openExt(source);
  if (isF2fs(superblock)) return openF2fs(source, { codec });
  // F2FS keeps a second superblock in its second block, for when the first is gone.
  for (const at of SECOND_COPIES) if (at + 64 <= source.size && isF2fs(await source.read(at, 4))) return openF2fs(source, { codec });
  return undefined;
}
