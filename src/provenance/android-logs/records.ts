/**
 * What an entry of Google's Android logs says, and the text files that list entries with their indexes.
 * An image: `<fingerprint>\n<vbmeta digest>\n`; a package: `<hash>\n<what it is over>\n<package>\n<version code>\n`.
 * A list: records of `<index>\n<entry>` between empty lines. Nothing in a list is believed: the entry that it names is proven against the signed root.
 * Limits: lines of 4 KiB. Lists are read in pieces, because the longest have 200 MB.
 */
import { FormatError } from '../../bytes/index.ts';

const FORMAT = 'android log';
const RECORD_MAX = 16 << 10;
const HASH = /^[0-9a-f]{64}$/;

export interface ImageEntry {
  readonly kind: 'image';
  readonly fingerprint: string;
  readonly vbmetaDigest: string;
}

export interface PackageEntry {
  readonly kind: 'package';
  /** SHA-256, hex. */
  readonly sha256: string;
  readonly over: 'apk' | 'apex' | 'code transparency';
  readonly package: string;
  readonly versionCode: number;
}

export type AndroidLogEntry = ImageEntry | PackageEntry;

/** The bytes that are logged of an entry: what its leaf hash is over. */
export function androidLogPayload(entry: AndroidLogEntry): string {
  return entry.kind === 'image'
    ? `${entry.fingerprint}\n${entry.vbmetaDigest}\n`
    : `${entry.sha256}\n${OVER[entry.over]}\n${entry.package}\n${entry.versionCode}\n`;
}

const OVER: Readonly<Record<PackageEntry['over'], string>> = {
  apk: 'SHA256(APK)',
  apex: 'SHA256(APEX)',
  'code transparency': 'SHA256(Signed Code Transparency JWT)',
};

/** Parses the text of an entry; undefined where it is of no kind that is known here. Another kind may be logged at any time: it is not wrong. */
export function parseAndroidLogEntry(text: string): AndroidLogEntry | undefined {
  const lines = text.trim().split('\n');
  const [first = '', second = '', name = '', version = ''] = lines;
  if (lines.length === 2 && first.includes('/') && HASH.test(second)) return { kind: 'image', fingerprint: first, vbmetaDigest: second };
  const over = (Object.keys(OVER) as PackageEntry['over'][]).find((key) => OVER[key] === second); // its keys are exactly these
  if (lines.length !== 4 || over === undefined || !HASH.test(first) || !/^\d{1,15}$/.test(version)) return undefined;
  return { kind: 'package', sha256: first, over, package: name, versionCode: Number(version) };
}

/** An entry as a list or a bundle states it. Unproven: its index must lead to the signed root. */
export interface UnprovenEntry {
  readonly index: number;
  readonly entry: AndroidLogEntry;
}

/**
 * The entries of a list that `wanted` picks. One pass, memory for one record and the answers.
 * @throws FormatError on a record without index, and on one that does not end
 */
export async function listedEntries(
  pieces: AsyncIterable<Uint8Array>,
  wanted: (entry: AndroidLogEntry) => boolean,
): Promise<readonly UnprovenEntry[]> {
  const found: UnprovenEntry[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  let at = 0;
  const take = (record: string, offset: number) => {
    const text = record.trim();
    if (text === '') return;
    const split = text.indexOf('\n');
    const index = split < 0 ? '' : text.slice(0, split);
    if (!/^\d{1,15}$/.test(index))
      throw new FormatError({ format: FORMAT, field: 'list.index', at: offset }, 'bad-value', 'a record without its index');
    const entry = parseAndroidLogEntry(text.slice(split + 1));
    if (entry !== undefined && wanted(entry)) found.push({ index: Number(index), entry });
  };
  for await (const piece of pieces) {
    rest += decoder.decode(piece, { stream: true });
    let from = 0;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n', from)) {
      take(rest.slice(from, end), at + from);
      from = end + 2;
    }
    at += from;
    rest = rest.slice(from);
    if (rest.length > RECORD_MAX)
      throw new FormatError({ format: FORMAT, field: 'list', at }, 'too-large', `a record of more than ${RECORD_MAX} bytes`);
  }
  take(rest + decoder.decode(), at);
  return found;
}
