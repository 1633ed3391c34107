/**
 * Any recording as a capture: androidqf folders and zips, bug reports, property files, /proc files, device sets, kernel logs, a folder of these, or a capture of ours.
 * Nothing is parsed here: each file gets the kind of artefact that decides its reader. What has none goes into `unused` with the reason.
 */
import {
  type CodecPort,
  FormatError,
  type HashPort,
  type Instant,
  instantMs,
  instantOf,
  isInstant,
  type NamedSource,
  readAll,
  type Source,
  toHex,
} from '../../bytes/index.ts';
import type { Artefact, ArtefactKind, Capture } from '../../evidence/index.ts';
import { isOwnCapture, readCapture } from '../capture-reader.ts';
import { HEAD, kindByContent } from './by-content.ts';
import { kindByName } from './by-name.ts';
import { expand } from './expand.ts';
import { nameMaker } from './names.ts';

/** What importing needs of the platform. */
export interface ImportPorts {
  readonly codec: CodecPort;
  readonly hash: HashPort;
}

/** Parts that are named one by one in `unused`; the rest is counted. */
const UNUSED_MAX = 500;
/** Bytes of a document that describes a recording. */
const DOCUMENT_MAX = 64 << 20;
const PIECE = 4 << 20;

const utf8 = new TextDecoder('utf-8');

/** Recognises what was brought. Never refuses a source as a whole: a capture without artefacts says why each part is unused. */
export async function recognise(entries: readonly NamedSource[], { codec, hash }: ImportPorts): Promise<Capture> {
  const { files, unused: closed } = await expand(entries, codec);
  const own = ownCaptureIn(files);
  if (own !== undefined) {
    const capture = await readCapture(own, hash);
    return { ...capture, unused: [...capture.unused, ...closed] };
  }
  const unused = [...closed];
  const digests = await statedDigests(files);
  const artefacts: Artefact[] = [];
  const nameOf = nameMaker();
  for (const file of files) {
    const found = await kindOf(file);
    if (typeof found !== 'string') {
      unused.push({ name: file.name, because: found.because });
      continue;
    }
    const wrong = found === 'apk' ? undefined : await digestProblem(file, digests, hash);
    if (wrong === undefined) artefacts.push({ name: nameOf(file.name), kind: found, source: file.source, origin: originOf(file.name) });
    else unused.push({ name: file.name, because: wrong });
  }
  return {
    trust: 'bearer',
    origin: originKind(files, artefacts),
    takenAt: await takenAt(files, artefacts),
    artefacts,
    items: [],
    changes: [],
    claims: {},
    unused: shortened(unused),
  };
}

/** The files of a capture of ours, with the folder that holds it taken off their names. */
function ownCaptureIn(files: readonly NamedSource[]): readonly NamedSource[] | undefined {
  const document = files.find(({ name }) => /(^|\/)capture\.json$/.test(name));
  if (document === undefined) return undefined;
  const folder = document.name.slice(0, -'capture.json'.length);
  const inside = files
    .filter(({ name }) => name.startsWith(folder))
    .map(({ name, source }) => ({ name: name.slice(folder.length), source }));
  return isOwnCapture(inside.map(({ name }) => name)) ? inside : undefined;
}

async function kindOf({ name, source }: NamedSource): Promise<ArtefactKind | { readonly because: string }> {
  if (source.size === 0) return { because: 'it is empty' };
  const byName = kindByName(name);
  if (byName !== undefined) return byName;
  try {
    const kind = kindByContent(await source.read(0, Math.min(source.size, HEAD)));
    return kind ?? { because: 'nothing here reads files of this kind' };
  } catch (error) {
    if (error instanceof FormatError) return { because: error.message };
    throw error;
  }
}

/** What the phone calls the file: within a bug report, `FS` is its root. */
function originOf(name: string): string {
  const path = name.replaceAll('\\', '/');
  const root = /(?:^|\/)FS(\/.*)$/.exec(path)?.[1];
  return root ?? path;
}

interface StatedDigest {
  readonly path: string;
  readonly sha256: string;
}

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** SHA-256 digests that hashes.csv of androidqf states, by the last part of the path: older versions wrote paths of the recording machine. */
async function statedDigests(files: readonly NamedSource[]): Promise<ReadonlyMap<string, readonly StatedDigest[]>> {
  const digests = new Map<string, StatedDigest[]>();
  const list = files.find(({ name }) => /(^|\/)hashes\.csv$/.test(name));
  const text = list === undefined ? undefined : await textOf(list.source);
  for (const line of text?.split('\n', 200_000) ?? []) {
    const [, quoted, plain, sha256] = /^(?:"((?:[^"]|"")*)"|([^,"]*)),"?([0-9a-fA-F]{64})"?\s*$/.exec(line) ?? [];
    const path = (quoted?.replaceAll('""', '"') ?? plain)?.replaceAll('\\', '/');
    if (path === undefined || sha256 === undefined) continue;
    const same = digests.get(baseOf(path));
    if (same === undefined) digests.set(baseOf(path), [{ path, sha256: sha256.toLowerCase() }]);
    else if (same.length < 100) same.push({ path, sha256: sha256.toLowerCase() });
  }
  return digests;
}

/** Why a file's digest speaks against it; undefined where it agrees or none is stated. */
async function digestProblem(
  { name, source }: NamedSource,
  digests: ReadonlyMap<string, readonly StatedDigest[]>,
  hash: HashPort,
): Promise<string | undefined> {
  if (digests.size === 0) return undefined;
  const stated = statedFor(name, digests);
  if (stated === undefined) return undefined;
  try {
    const hasher = hash('sha256');
    for (let at = 0; at < source.size; at += PIECE) hasher.update(await source.read(at, Math.min(PIECE, source.size - at)));
    const found = toHex(hasher.digest());
    return found === stated ? undefined : `its SHA-256 is ${found}, and hashes.csv says ${stated}`;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** The digest stated for a file: the path stated is its name, or ends in it, with or without the folder that was brought. */
function statedFor(name: string, digests: ReadonlyMap<string, readonly StatedDigest[]>): string | undefined {
  const path = name.replaceAll('\\', '/');
  const inside = path.slice(path.indexOf('/') + 1);
  const same = digests.get(baseOf(path)) ?? [];
  const found =
    same.find((stated) => stated.path === path || stated.path.endsWith(`/${path}`)) ??
    same.find((stated) => stated.path === inside || stated.path.endsWith(`/${inside}`));
  return found?.sha256;
}

function originKind(files: readonly NamedSource[], artefacts: readonly Artefact[]): string {
  const names = new Set(files.map(({ name }) => name.slice(name.lastIndexOf('/') + 1)));
  if (names.has('acquisition.json') || (names.has('packages.json') && names.has('getprop.txt'))) return 'androidqf';
  if (artefacts.some(({ kind }) => kind === 'bugreport')) return 'bugreport';
  const [only, another] = artefacts;
  if (only === undefined) return 'unknown';
  return another === undefined ? only.kind : 'folder';
}

/** When the recording says it was made. */
async function takenAt(files: readonly NamedSource[], artefacts: readonly Artefact[]): Promise<Instant | undefined> {
  const acquisition = files.find(({ name }) => /(^|\/)acquisition\.json$/.test(name));
  const text = acquisition === undefined ? undefined : await textOf(acquisition.source);
  // Go writes nanoseconds, and the recording machine's zone.
  const stated = /"started"\s*:\s*"([^"]{1,60})"/.exec(text ?? '')?.[1];
  const instant = stated === undefined ? undefined : instantFrom(stated);
  if (instant !== undefined) return instant;
  const report = artefacts.find(({ kind }) => kind === 'bugreport');
  if (report === undefined) return undefined;
  try {
    const head = utf8.decode(await report.source.read(0, Math.min(report.source.size, 4096)));
    // The phone's own clock in its own zone, which is not said: within a day of the truth.
    const [, date, time] = /^== dumpstate: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/m.exec(head) ?? [];
    return date === undefined ? undefined : instantFrom(`${date}T${time ?? ''}Z`);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** An RFC 3339 time of any zone as an Instant. */
export function instantFrom(text: string): Instant | undefined {
  const [, local, sign, hours, minutes] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text) ?? [];
  const plain = `${local ?? ''}Z`;
  if (!isInstant(plain)) return undefined;
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
  const instant = instantOf(instantMs(plain) - offset * 60_000);
  return isInstant(instant) ? instant : undefined;
}

async function textOf(source: Source): Promise<string | undefined> {
  try {
    return utf8.decode(await readAll(source, DOCUMENT_MAX));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function shortened<T extends { readonly name: string; readonly because: string }>(unused: readonly T[]): Capture['unused'] {
  if (unused.length <= UNUSED_MAX) return unused;
  return [...unused.slice(0, UNUSED_MAX), { name: `${unused.length - UNUSED_MAX} more`, because: 'not named one by one' }];
}
