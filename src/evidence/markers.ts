/** Strings, or flags of fields, that a fix leaves in a binary, looked for in the files that were pulled. Which, and what they mean, is knowledge: it comes as an argument. */
import { type CodecPort, FormatError, readAll, type Source } from '../bytes/index.ts';
import type { Artefact, Capture } from './capture.ts';
import { type Facts, weaker } from './fact.ts';
import { makeFact } from './reader.ts';
import type { MarkerReading } from './values/index.ts';

/** A string to look for in files of some names, or a flag of a field in their DEX files. */
export interface MarkerQuery {
  readonly id: string;
  /** Base names. */
  readonly files: readonly string[];
  readonly text: string;
  /** In place of the text: says nothing of a file that defines none of the classes. */
  readonly field?: FieldQuery;
}

export interface FieldQuery {
  /** Descriptors, under any of which the class is known. */
  readonly classes: readonly string[];
  readonly name: string;
  /** Of its access flags. */
  readonly flag: number;
}

const LIBRARY_MAX = 64 << 20;
/** The compiled image of a whole framework (boot.oat) is about 100 MB. */
const COMPILED_MAX = 512 << 20;
const PIECE = 4 << 20;
const DEX_MAX = 64 << 20;
const DEXES_MAX = 16;
/** The image of a framework has a DEX for each of its jars. */
const COMPILED_DEXES_MAX = 64;

/** Adds what the pulled files answer to the facts. A file that cannot be read costs itself. */
export async function withMarkerFacts(facts: Facts, capture: Capture, queries: readonly MarkerQuery[], codec: CodecPort): Promise<Facts> {
  const list = [...facts.list];
  const unread = [...facts.unread];
  for (const artefact of capture.artefacts) {
    if (artefact.kind !== 'library' && artefact.kind !== 'apk') continue;
    const name = (artefact.origin ?? artefact.name).split('/').at(-1) ?? '';
    const names = markedNames(name);
    const wanted = queries.filter(({ files }) => names.some((one) => files.includes(one)));
    if (wanted.length === 0) continue;
    try {
      const readings = await answers(artefact, wanted, codec);
      if (readings.length === 0) continue;
      const place = { artefact: artefact.name, at: 0, length: artefact.source.size };
      list.push(makeFact('markers', readings, { standing: capture.trust === 'bearer' ? weaker('shown', 'told') : 'shown', place }));
    } catch (error) {
      unread.push({ artefact: artefact.name, because: error instanceof Error ? error.message : String(error) });
    }
  }
  return { list, unread };
}

/** The names by which a file is asked for: compiled code lies beside its app or jar, whose name it has. */
export function markedNames(name: string): readonly string[] {
  return COMPILED.test(name) ? [name, name.replace(COMPILED, '.apk'), name.replace(COMPILED, '.jar')] : [name];
}

async function answers(artefact: Artefact, queries: readonly MarkerQuery[], codec: CodecPort): Promise<readonly MarkerReading[]> {
  const path = artefact.origin ?? artefact.name;
  if (COMPILED.test(path)) return compiledAnswers(artefact.source, path, queries);
  const isCode = artefact.kind === 'apk' || path.endsWith('.jar');
  const bodies = isCode ? await dexesOf(artefact.source, codec) : [await readAll(artefact.source, LIBRARY_MAX, 'library')];
  // A file that is no ELF is not the library.
  if (!isCode && !isElf(bodies[0])) throw new FormatError({ format: 'elf', field: 'magic', at: 0 }, 'bad-magic', 'no ELF file');
  // An APK whose code lies in an odex beside it has nothing to say.
  if (bodies.length === 0) return [];
  const readings: MarkerReading[] = [];
  for (const { id, text, field } of queries) {
    const present = field === undefined ? bodies.some((bytes) => holdsString(bytes, text, isCode)) : await holdsFlag(bodies, field);
    if (present !== undefined) readings.push({ id, path, present });
  }
  return readings;
}

/** Whether a field has a flag; undefined where none of the files defines its class with it. */
async function holdsFlag(dexes: readonly Uint8Array[], { classes, name, flag }: FieldQuery): Promise<boolean | undefined> {
  const { isDex, readDex } = await import('../formats/apk/index.ts');
  for (const bytes of dexes) {
    if (!isDex(bytes)) continue;
    const { value } = readDex(bytes);
    const found = classes.flatMap((one) => value.fieldsOf(one) ?? []).find((field) => field.name === name);
    if (found !== undefined) return (found.accessFlags & flag) !== 0;
  }
  return undefined;
}

/** Code that was compiled for the phone: optimised DEX until Android 4.4, ELF with DEX inside until 7, DEX alone in `.vdex` since. */
const COMPILED = /\.(?:odex|vdex|oat)$/;

/** Reads compiled code piece by piece. What holds no DEX (Android 8 and later have it in the vdex) has nothing to say. */
async function compiledAnswers(source: Source, path: string, queries: readonly MarkerQuery[]): Promise<readonly MarkerReading[]> {
  if (source.size > COMPILED_MAX)
    throw new FormatError({ format: 'odex', field: 'size', at: 0 }, 'too-large', `${source.size} bytes, and ${COMPILED_MAX} is the most`);
  // What lies across two pieces is whole in the first: a text of n units has at most 3n bytes, its length and a NUL.
  const overlap = Math.max(...queries.map(({ text }) => 3 * text.length + 2));
  const found = new Set<string>();
  const places = new Set<number>();
  for (let at = 0; at < source.size; at += PIECE) {
    const bytes = await source.read(at, Math.min(PIECE + overlap, source.size - at));
    for (const place of dexesIn(bytes)) if (places.size < COMPILED_DEXES_MAX) places.add(at + place);
    for (const { id, text, field } of queries) if (field === undefined && !found.has(id) && holdsString(bytes, text, true)) found.add(id);
  }
  if (places.size === 0) return [];
  const readings: MarkerReading[] = [];
  for (const { id, field } of queries) {
    const present = field === undefined ? found.has(id) : await compiledFlag(source, [...places], field);
    if (present !== undefined) readings.push({ id, path, present });
  }
  return readings;
}

/** Whether a field has a flag in one of the DEX files that lie in compiled code. */
async function compiledFlag(source: Source, places: readonly number[], field: FieldQuery): Promise<boolean | undefined> {
  for (const at of places) {
    if (at + DEX_HEADER > source.size) continue;
    const header = await source.read(at, DEX_HEADER);
    const size = new DataView(header.buffer, header.byteOffset, header.byteLength).getUint32(32, true);
    if (size < DEX_HEADER || size > DEX_MAX || at + size > source.size) continue;
    const present = await holdsFlag([await source.read(at, size)], field);
    if (present !== undefined) return present;
  }
  return undefined;
}

const DEX_HEADER = 0x70;

/** Where `dex\n0` begins in it. */
function* dexesIn(bytes: Uint8Array): Generator<number> {
  for (let at = bytes.indexOf(0x64); at >= 0 && at + 5 <= bytes.length; at = bytes.indexOf(0x64, at + 1))
    if (bytes[at + 1] === 0x65 && bytes[at + 2] === 0x78 && bytes[at + 3] === 0x0a && bytes[at + 4] === 0x30) yield at;
}

const isElf = (bytes: Uint8Array | undefined) =>
  bytes !== undefined && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

async function dexesOf(source: Source, codec: CodecPort): Promise<readonly Uint8Array[]> {
  const { extractEntry, readZip } = await import('../formats/archive/index.ts');
  const { value } = await readZip(source, { locals: false });
  const entries = value.entries.filter(({ name }) => /^classes\d{0,3}\.dex$/.test(name)).slice(0, DEXES_MAX);
  const dexes: Uint8Array[] = [];
  for (const entry of entries) dexes.push((await extractEntry(source, entry, codec, DEX_MAX)).value);
  return dexes;
}

/**
 * Whether bytes hold a string as a whole: between two NULs in an ELF's read-only data, behind its length in a DEX (string_data_item: ULEB128 of UTF-16 units, MUTF-8, NUL).
 * A bug's number may stand behind `b/` in an ELF: fixes write both `b/26366256` and `26366256`, and a linker that merges strings keeps the shorter as the tail of the longer.
 */
export function holdsString(bytes: Uint8Array, text: string, inDex: boolean): boolean {
  return holdsWhole(bytes, text, inDex) || (!inDex && /^\d+$/.test(text) && holdsWhole(bytes, `b/${text}`, false));
}

/**
 * Texts are ASCII and shorter than 128 units, so the ULEB128 is one byte.
 * Horspool's search: the time is linear in the bytes for a text without repetition at its end, and bounded by bytes × text.
 */
function holdsWhole(bytes: Uint8Array, text: string, inDex: boolean): boolean {
  const wanted = new Uint8Array([inDex ? text.length : 0, ...new TextEncoder().encode(text), 0]);
  const last = wanted.length - 1;
  const skip = new Uint8Array(256).fill(Math.min(255, wanted.length));
  for (let i = 0; i < last; i++) skip[wanted[i] ?? 0] = Math.min(255, last - i);
  for (let at = 0; at + last < bytes.length; ) {
    let i = last;
    while (i >= 0 && bytes[at + i] === wanted[i]) i--;
    if (i < 0) return true;
    at += skip[bytes[at + last] ?? 0] ?? 1;
  }
  return false;
}
