/**
 * Qualcomm's `rawprogram*.xml`: what is written to which sectors, and partitions that several files make together. Written by makers' build tools, one element a line.
 * Source: the tables of published QFIL packages; bkerler/edl edlclient/Library/firehose.py (which attributes count). Places that only the phone can compute (`NUM_DISK_SECTORS-5.`) are left out.
 *
 *   <program SECTOR_SIZE_IN_BYTES="512" file_sector_offset="0" filename="system_1.img" label="system" num_partition_sectors="262144" start_sector="1048576" />
 */
import { concatSources, FormatError, readAll, type Source, sliceSource, zeroSource } from '../../bytes/index.ts';
import type { Member } from './member.ts';
import { IMAGE_MAX } from './sweep.ts';

/** A table of thousands of pieces has some 2 MiB. */
export const TABLE_MAX = 4 << 20;
const ELEMENTS_MAX = 20_000;
const PIECES_MAX = 4096;

/** Whether a file is such a table. */
export const isProgramTable = (name: string): boolean => /(?:^|\/)rawprogram[^/]*\.xml$/i.test(name);

/** The attributes of every element of a name. Anything else in the text is passed over. */
export function elementsOf(text: string, name: string): readonly ReadonlyMap<string, string>[] {
  const all: ReadonlyMap<string, string>[] = [];
  for (const [, inside = ''] of text.matchAll(new RegExp(`<${name}\\s([^<>]{1,4000})>`, 'g'))) {
    all.push(new Map([...inside.matchAll(/([A-Za-z0-9_]{1,60})\s?=\s?"([^"]{0,400})"/g)].map(([, key = '', value = '']) => [key, value])));
    if (all.length === ELEMENTS_MAX) break;
  }
  return all;
}

/** What one `<program>` writes: a file, from a sector of it on, to a sector of a partition's device. */
export interface ProgramPiece {
  readonly label: string;
  readonly file: string;
  /** Bytes, on the device and in the file. */
  readonly at: number;
  readonly fileAt: number;
  /** Bytes; 0: to the end of the file. */
  readonly length: number;
}

/** Pieces of a rawprogram table, in its order. Those without a file, or at a place that only the phone can compute, are left out. */
export function parseProgramTable(text: string): readonly ProgramPiece[] {
  return elementsOf(text.slice(0, TABLE_MAX), 'program').flatMap((attributes): readonly ProgramPiece[] => {
    const number = (key: string, otherwise: string) => {
      const value = attributes.get(key) ?? otherwise;
      return /^\d{1,12}$/.test(value) ? Number(value) : undefined;
    };
    const sector = number('SECTOR_SIZE_IN_BYTES', '512');
    const start = number('start_sector', '');
    const [label = '', file = ''] = [attributes.get('label'), attributes.get('filename')];
    if (sector === undefined || sector === 0 || sector > 65_536 || start === undefined || label === '' || file === '') return [];
    return [
      {
        label,
        file,
        at: start * sector,
        fileAt: (number('file_sector_offset', '0') ?? 0) * sector,
        length: (number('num_partition_sectors', '0') ?? 0) * sector,
      },
    ];
  });
}

/** Partitions that Qualcomm's flasher writes in several files, each to sectors of its own. Where several tables have a partition, the one that needs no sparse images counts. */
export async function programmedImages(members: readonly Member[]): Promise<readonly Member[]> {
  const byName = new Map(members.map((member) => [member.name, member]));
  const made = new Map<string, Member>();
  const tables = members.filter(({ name, size }) => isProgramTable(name) && size <= TABLE_MAX);
  for (const table of tables.toSorted((a, b) => Number(/unsparse/i.test(b.name)) - Number(/unsparse/i.test(a.name)))) {
    const folder = table.name.replace(/[^/]*$/, '');
    const labels = new Map<string, ProgramPiece[]>();
    for (const piece of parseProgramTable(new TextDecoder().decode(await readAll(await table.open(), TABLE_MAX, 'rawprogram')))) {
      const pieces = labels.get(piece.label) ?? [];
      pieces.push(piece);
      labels.set(piece.label, pieces);
    }
    for (const [label, pieces] of labels) {
      const name = `${folder}${label}.img`;
      const files = pieces.map(({ file }) => byName.get(`${folder}${file}`));
      if (new Set(pieces.map(({ file }) => file)).size < 2 || made.has(name) || files.every((file) => file === undefined)) continue;
      made.set(name, {
        name,
        size: files.reduce((sum, file) => sum + (file?.size ?? 0), 0),
        parts: files.flatMap((file) => (file === undefined ? [] : [file.name])),
        open: () => joinPieces(name, pieces, files),
      });
    }
  }
  return [...made.values()];
}

/** Pieces where they are written, zeros between them. The first one begins the partition. */
async function joinPieces(name: string, pieces: readonly ProgramPiece[], files: readonly (Member | undefined)[]): Promise<Source> {
  const refuse = (code: FormatError['code'], detail: string) => new FormatError({ format: 'rawprogram', field: name, at: 0 }, code, detail);
  if (pieces.length > PIECES_MAX) throw refuse('too-large', `${pieces.length} pieces`);
  const first = pieces.reduce((least, { at }) => Math.min(least, at), Number.MAX_SAFE_INTEGER);
  const placed: { readonly start: number; readonly end: number; readonly source: Source }[] = [];
  for (const [index, { file, at, fileAt, length }] of pieces.entries()) {
    const member = files[index];
    if (member === undefined) throw refuse('bad-value', `the package has no ${JSON.stringify(file)}`);
    const whole = await member.open();
    if (fileAt > whole.size) throw refuse('out-of-bounds', `${file}: ${fileAt}, and it has ${whole.size} bytes`);
    const size = length === 0 ? whole.size - fileAt : Math.min(length, whole.size - fileAt);
    placed.push({ start: at - first, end: at - first + size, source: sliceSource(whole, fileAt, size) });
  }
  if (placed.some(({ end }) => end > IMAGE_MAX)) throw refuse('too-large', `it ends beyond ${IMAGE_MAX} bytes`);
  placed.sort((a, b) => a.start - b.start);
  const parts: Source[] = [];
  let end = 0;
  for (const piece of placed) {
    if (piece.start < end) throw refuse('overlap', `byte ${piece.start} of it is in two pieces`);
    if (piece.start > end) parts.push(zeroSource(piece.start - end));
    parts.push(piece.source);
    end = piece.end;
  }
  return concatSources(parts);
}
