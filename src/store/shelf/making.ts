/**
 * What a run that makes a manifest has done of one ROM, by partition, so that one that was broken off goes on where it was: `making/ROM/PARTITION.json`, the seal in
 * its first line. Taken only from this operator, of the same bytes of the ROM, and of the same version that reads them; anything else is read again.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartitionPart } from '../../references/index.ts';
import { writeWhole } from './files.ts';
import { isSealed, sealOf } from './seal.ts';

const FOLDER = 'making';
/** Rows of the largest partitions take some 60 MB. */
const PART_MAX = 512 << 20;

/** Whose work it is: a ROM by the SHA-256 of its bytes, and the version that reads it. */
export interface RomMaking {
  readonly sha256: string;
  readonly version: string;
}

const folderOf = (shelf: string, { sha256 }: Pick<RomMaking, 'sha256'>): string => {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('no SHA-256 in hex');
  return join(shelf, FOLDER, sha256);
};

/** A partition's name is its ROM's word, and no name of a file. */
const nameOf = (partition: string) => `${createHash('sha256').update(partition).digest('hex')}.json`;

/** Keeps a part, flushed when it answers. Its texts are kept elsewhere. */
export async function keepPart(
  shelf: string,
  key: Uint8Array,
  { rom, partition, part }: { readonly rom: RomMaking; readonly partition: string; readonly part: PartitionPart },
): Promise<void> {
  const stated = JSON.stringify({
    format: 'assay.part/1',
    sha256: rom.sha256,
    version: rom.version,
    partition,
    part: { ...part, texts: [] },
  });
  await writeWhole(join(folderOf(shelf, rom), nameOf(partition)), new TextEncoder().encode(`${sealOf(key, stated)}\n${stated}`));
}

/** The part that was kept; undefined where there is none, or it is not this operator's of this ROM and version. */
export async function loadPart(shelf: string, key: Uint8Array, rom: RomMaking, partition: string): Promise<PartitionPart | undefined> {
  const path = join(folderOf(shelf, rom), nameOf(partition));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size > PART_MAX) return undefined;
  const text = await readFile(path, 'utf8');
  const end = text.indexOf('\n');
  const stated = text.slice(end + 1);
  if (end < 0 || !isSealed(key, stated, text.slice(0, end))) return undefined;
  // Under this operator's seal, so written by `keepPart`.
  const kept = JSON.parse(stated) as RomMaking & { readonly partition: string; readonly part: PartitionPart };
  return kept.sha256 === rom.sha256 && kept.version === rom.version && kept.partition === partition
    ? { ...kept.part, content: kept.part.content ?? undefined }
    : undefined;
}

/** Forgets one ROM's parts, or all: the build stands on the shelf, or nobody went on. Answers how many bytes that freed. */
export async function forgetParts(shelf: string, sha256?: string): Promise<number> {
  const folder = sha256 === undefined ? join(shelf, FOLDER) : folderOf(shelf, { sha256 });
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let bytes = 0;
  for (const name of names) {
    const found = await stat(join(folder, name));
    if (found.isFile()) bytes += found.size;
  }
  await rm(folder, { recursive: true, force: true });
  return bytes;
}
