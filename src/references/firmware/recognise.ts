/** Whether a file is firmware at all: by its first bytes, and of archives by the names in them. Reads little, whatever its size. */
import { FormatError, type Source } from '../../bytes/index.ts';
import { isBoot, isDhtb, isPayload, isSparse, isSuper, isVbmeta } from '../../formats/android/index.ts';
import { isZip, readZip } from '../../formats/archive/index.ts';
import { isErofs, isExt, isF2fs, isSquashfs } from '../../formats/fs/index.ts';
import { findPartitions, type RomContents, type RomPartition } from './partitions.ts';
import type { FirmwarePorts } from './ports.ts';
import { wrappingOf, wrappingOfName } from './wrapped.ts';

const SUPER_AT = 1024;
const START = 64;
/** Enough for a header before a boot image. */
const FIRST = 520;
/** What firmware is packed as; a capture's archive holds none of these. */
const PACKED =
  /(?:^|\/)(?:payload\.bin|[^/]+\.(?:transfer\.list|new\.dat(?:\.br)?)|image-[^/]+\.zip|[^/]+\.(?:tgz|tar\.md5)|[^/]+\.img(?:\.lz4|_sparsechunk\.\d+)?|flash[-_]all[^/]*\.(?:sh|bat)|super\.img\.\d+)$/;
/** Streams have no names inside that could be read without unpacking them. */
const STREAM_NAME =
  /\.(?:tgz|tar\.gz|tar|tar\.md5)$|(?:\.(?:s?img|erofs|ext4|f2fs|squashfs)|(?:^|[/\\_-])payload\.bin)\.(?:gz|xz|lz4|zst|bz2)$/i;

/** Whether a file looks like firmware. A malformed archive is none here: whoever opens it says why. */
export async function isFirmware(source: Source, name: string): Promise<boolean> {
  const start = await source.read(0, Math.min(FIRST, source.size));
  if (isPayload(start) || isSparse(start) || isBoot(start) || isDhtb(start) || isVbmeta(start) || isSquashfs(start)) return true;
  if (isZip(start)) {
    try {
      const { value } = await readZip(source, { locals: false });
      const has = (pattern: RegExp) => value.entries.some((entry) => pattern.test(entry.name));
      if (value.entries.some(({ name: entry }) => wrappingOfName(entry) !== undefined)) return true;
      return has(PACKED) || (has(/^META-INF\/com\/google\/android\/updater-script$/) && has(/^system\/./));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return false;
    }
  }
  // Whoever opens it says that it is not read here, and what it is.
  if (STREAM_NAME.test(name) || (await wrappingOf(source, name)) !== undefined) return true;
  if (source.size < SUPER_AT + START) return false;
  const superblock = await source.read(SUPER_AT, START);
  return isErofs(superblock) || isExt(superblock) || isF2fs(superblock) || (await isSuper(source));
}

/** The partitions of several image files that make up one ROM, as in a folder of dumps. */
export async function findPartitionsIn(
  files: readonly { readonly name: string; readonly source: Source }[],
  ports: FirmwarePorts,
): Promise<RomContents> {
  const partitions = new Map<string, RomPartition>();
  const unread: RomContents['unread'][number][] = [];
  let isPayload = false;
  for (const { name, source } of files) {
    try {
      const found = await findPartitions(source, ports, name);
      isPayload ||= found.isPayload;
      unread.push(...found.unread);
      // The first of two images of one partition counts; slot a stands before b by its name.
      for (const [partition, image] of found.partitions) if (!partitions.has(partition)) partitions.set(partition, image);
    } catch (error) {
      // Of several files, one that is malformed costs that file.
      if (!(error instanceof FormatError) || files.length === 1) throw error;
      unread.push({ partition: name, because: error.message });
    }
  }
  return { kind: undefined, isPayload, partitions, stated: [], unread };
}
