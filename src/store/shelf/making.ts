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

/** Whose work it is: a ROM by the SHA-256 of its bytes (of one on a web server: of what stands for them), and the version that reads it. */
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

/** Windows of a file on a web server that were read, by number, with their SHA-256: what a run that goes on holds the server to. */
export type MakingPins = ReadonlyMap<number, string>;

/** Keeps a part, flushed when it answers. Its texts are kept elsewhere. */
export const keepPart = (
  shelf: string,
  key: Uint8Array,
  { rom, partition, part }: { readonly rom: RomMaking; readonly partition: string; readonly part: PartitionPart },
): Promise<void> =>
  keepSealed(join(folderOf(shelf, rom), nameOf(partition)), key, {
    format: 'assay.part/1',
    sha256: rom.sha256,
    version: rom.version,
    partition,
    part: { ...part, texts: [] },
  });

/** The part that was kept; undefined where there is none, or it is not this operator's of this ROM and version. */
export async function loadPart(shelf: string, key: Uint8Array, rom: RomMaking, partition: string): Promise<PartitionPart | undefined> {
  const kept = (await loadSealed(join(folderOf(shelf, rom), nameOf(partition)), key)) as
    | (RomMaking & { readonly partition: string; readonly part: PartitionPart })
    | undefined; // under this operator's seal, so written by `keepPart`
  return kept?.sha256 === rom.sha256 && kept.version === rom.version && kept.partition === partition
    ? { ...kept.part, content: kept.part.content ?? undefined }
    : undefined;
}

const PINS = 'pins.json';

/** Keeps pins, in place of those before; flushed when it answers. They must be there before a part that was made of what they pin. */
export const keepPins = (shelf: string, key: Uint8Array, rom: RomMaking, pins: MakingPins): Promise<void> =>
  keepSealed(join(folderOf(shelf, rom), PINS), key, { format: 'assay.pins/1', sha256: rom.sha256, pins: [...pins] });

/** The pins that were kept; undefined where there are none of this operator's. */
export async function loadPins(shelf: string, key: Uint8Array, rom: RomMaking): Promise<MakingPins | undefined> {
  const kept = (await loadSealed(join(folderOf(shelf, rom), PINS), key)) as
    | { readonly sha256: string; readonly pins: readonly (readonly [number, string])[] }
    | undefined; // under this operator's seal, so written by `keepPins`
  return kept?.sha256 === rom.sha256 ? new Map(kept.pins) : undefined;
}

async function keepSealed(path: string, key: Uint8Array, value: object): Promise<void> {
  const stated = JSON.stringify(value);
  await writeWhole(path, new TextEncoder().encode(`${sealOf(key, stated)}\n${stated}`));
}

async function loadSealed(path: string, key: Uint8Array): Promise<unknown> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size > PART_MAX) return undefined;
  const text = await readFile(path, 'utf8');
  const end = text.indexOf('\n');
  const stated = text.slice(end + 1);
  return end < 0 || !isSealed(key, stated, text.slice(0, end)) ? undefined : JSON.parse(stated);
}

/** Forgets one ROM's parts: its build stands on the shelf, or they are of no use. Answers how many bytes that freed. */
export async function forgetParts(shelf: string, rom: Pick<RomMaking, 'sha256'>): Promise<number> {
  const folder = folderOf(shelf, rom);
  const bytes = (await filesIn(folder)).reduce((sum, { size }) => sum + size, 0);
  await rm(folder, { recursive: true, force: true });
  return bytes;
}

/** A run that kept nothing for so long is over: the largest partition takes an hour over a slow line. */
const UNDER_WAY_MS = 24 * 3600 * 1000;

/** Forgets the parts of all ROMs that nobody went on with for a day. A younger one may be read at this moment: its texts are no build's yet, and are not to be taken away. */
export async function forgetOldParts(shelf: string, nowMs: number): Promise<{ readonly bytes: number; readonly isUnderWay: boolean }> {
  let bytes = 0;
  let isUnderWay = false;
  for (const sha256 of await readdir(join(shelf, FOLDER)).catch(() => [])) {
    const kept = /^[0-9a-f]{64}$/.test(sha256) ? await filesIn(folderOf(shelf, { sha256 })) : [];
    if (kept.some(({ mtimeMs }) => nowMs - mtimeMs < UNDER_WAY_MS)) isUnderWay = true;
    else if (/^[0-9a-f]{64}$/.test(sha256)) bytes += await forgetParts(shelf, { sha256 });
  }
  return { bytes, isUnderWay };
}

async function filesIn(folder: string): Promise<readonly { readonly size: number; readonly mtimeMs: number }[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return found.flatMap((file) => (file?.isFile() === true ? [{ size: file.size, mtimeMs: file.mtimeMs }] : []));
}
