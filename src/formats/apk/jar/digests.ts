/**
 * Which digest attributes of a manifest or signature file count: it depends on the platform.
 * Spec: AOSP tools/apksig V1SchemeVerifier: before API 18 the first algorithm that `Digest-Algorithms` names (SHA1 without it), from 18 on the strongest.
 */
import { equalBytes, type HashAlgorithm, parseBase64 } from '../../../bytes/index.ts';
import { ApkRefusal, type SdkRange } from '../issue.ts';
import { type JarSection, jarAttribute, jarAttributes, onlyLineAfter } from './manifest.ts';

const JELLY_BEAN_MR2 = 18;

const STRONGEST_FIRST: readonly (readonly [HashAlgorithm, string])[] = [
  ['sha512', 'SHA-512'],
  ['sha384', 'SHA-384'],
  ['sha256', 'SHA-256'],
  ['sha1', 'SHA1'],
];

interface DigestName {
  readonly algorithm: HashAlgorithm;
  readonly name: string;
}

const NAMES: ReadonlyMap<string, readonly DigestName[]> = new Map(
  ['-Digest', '-Digest-Manifest', '-Digest-Manifest-Main-Attributes'].map((suffix) => [
    suffix,
    STRONGEST_FIRST.map(([algorithm, name]) => ({ algorithm, name: name + suffix })),
  ]),
);

/** Names of the attributes that hold digests, the strongest first: made once, as they are asked for with every section. */
const namesWith = (suffix: DigestSuffix): readonly DigestName[] => NAMES.get(suffix) ?? [];

export type DigestSuffix = '-Digest' | '-Digest-Manifest' | '-Digest-Manifest-Main-Attributes';

/** Names in `Digest-Algorithms`, upper case, and since when the platform knows the algorithm there. */
const OLD_NAMES: Readonly<Record<string, readonly [HashAlgorithm, since: number]>> = {
  MD5: ['md5', 0],
  SHA: ['sha1', 0],
  SHA1: ['sha1', 0],
  'SHA-1': ['sha1', 0],
  'SHA-256': ['sha256', 0],
  'SHA-384': ['sha384', 9],
  'SHA-512': ['sha512', 9],
};

/** A digest that some platform of the range compares. */
export interface ExpectedDigest {
  readonly algorithm: HashAlgorithm;
  readonly digest: Uint8Array;
}

/** The digests of a section that platforms of the range compare; none where one of them finds none. @throws ApkRefusal on text that is no base64 */
export function digestsToVerify(section: JarSection, suffix: DigestSuffix, { minSdk, maxSdk }: SdkRange): readonly ExpectedDigest[] {
  const attributes = jarAttributes(section);
  const result: ExpectedDigest[] = [];
  if (minSdk < JELLY_BEAN_MR2) {
    const names = (jarAttribute(attributes, 'Digest-Algorithms') ?? 'SHA SHA1').split(/[ \t\n\r\f]+/).slice(0, 64);
    for (const name of names) {
      if (name === '') continue;
      const text = jarAttribute(attributes, name + suffix);
      const [algorithm, since] = OLD_NAMES[name.toUpperCase()] ?? [];
      if (text === undefined || algorithm === undefined || since === undefined || since > minSdk) continue;
      result.push({ algorithm, digest: decode(text) });
      break;
    }
    if (result.length === 0) return result;
  }
  if (maxSdk >= JELLY_BEAN_MR2) {
    for (const candidate of namesWith(suffix)) {
      const text = jarAttribute(attributes, candidate.name);
      if (text === undefined) continue;
      const { algorithm } = candidate;
      const digest = decode(text);
      const old = result[0];
      if (old?.algorithm !== algorithm || !equalBytes(old.digest, digest)) result.push({ algorithm, digest });
      break;
    }
  }
  return result;
}

/** What the members of an archive should have, in columns: there are thousands, and an object for each takes longer than comparing it. */
export interface ExpectedDigests {
  /** Nearly every member is to have one digest of this algorithm: `size` bytes, at `size` times its place. */
  readonly algorithm: HashAlgorithm;
  readonly size: number;
  readonly bytes: Uint8Array;
  /** By place, those that are to have another, or several. */
  readonly others: Map<number, readonly ExpectedDigest[]>;
}

const SIZES: Readonly<Record<HashAlgorithm, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

/** Room for what `count` members should have, most of them of this algorithm. */
export function expectedDigests(algorithm: HashAlgorithm, count: number): ExpectedDigests {
  const size = SIZES[algorithm];
  return { algorithm, size, bytes: new Uint8Array(size * count), others: new Map() };
}

/** What the member at a place should have. */
export const digestsAt = ({ algorithm, size, bytes, others }: ExpectedDigests, place: number): readonly ExpectedDigest[] =>
  others.get(place) ?? [{ algorithm, digest: bytes.subarray(place * size, (place + 1) * size) }];

const PREFIXES: ReadonlyMap<HashAlgorithm, Uint8Array> = new Map(
  STRONGEST_FIRST.map(([algorithm, name]) => [algorithm, new TextEncoder().encode(`${name}-Digest: `)]),
);

/**
 * Puts the digests of a member's section at its place, as `digestsToVerify` has them. Answers false where there are none.
 * Nearly all sections are a name and one digest, which is read from the bytes: cutting thousands of sections into texts takes longer than digesting.
 * @throws ApkRefusal on text that is no base64
 */
export function putDigests(into: ExpectedDigests, place: number, section: JarSection, range: SdkRange): boolean {
  const { algorithm, size, bytes, others } = into;
  const prefix = PREFIXES.get(algorithm);
  // Before 18 an algorithm has to be announced, but SHA1.
  if (prefix !== undefined && (range.minSdk >= JELLY_BEAN_MR2 || algorithm === 'sha1')) {
    const at = onlyLineAfter(section, prefix, Math.ceil(size / 3) * 4);
    if (at !== undefined && decodeInto(bytes.subarray(place * size, (place + 1) * size), section.file.bytes, at)) return true;
  }
  const digests = digestsToVerify(section, '-Digest', range);
  const [only] = digests;
  if (digests.length === 1 && only?.algorithm === algorithm && only.digest.length === size) bytes.set(only.digest, place * size);
  else if (digests.length > 0) others.set(place, digests);
  return digests.length > 0;
}

const DIGITS = new Uint8Array(256).fill(255);
for (const [value, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  DIGITS[digit.charCodeAt(0)] = value;
const PADDING = 61;

/** Fills `out` from base64 with its padding. Answers false where it is none: `out` holds nothing then. */
function decodeInto(out: Uint8Array, bytes: Uint8Array, from: number): boolean {
  const whole = out.length - (out.length % 3);
  let at = from;
  let to = 0;
  const digit = (place: number) => DIGITS[bytes[place] ?? 0] ?? 255;
  for (; to < whole; at += 4, to += 3) {
    const a = digit(at);
    const b = digit(at + 1);
    const c = digit(at + 2);
    const d = digit(at + 3);
    if ((a | b | c | d) > 63) return false;
    out[to] = (a << 2) | (b >> 4);
    out[to + 1] = (b << 4) | (c >> 2);
    out[to + 2] = (c << 6) | d;
  }
  const left = out.length - whole;
  if (left === 0) return true;
  const a = digit(at);
  const b = digit(at + 1);
  const c = left === 2 ? digit(at + 2) : 0;
  if ((a | b | c) > 63 || bytes[at + 3] !== PADDING || (left === 1 && bytes[at + 2] !== PADDING)) return false;
  out[to] = (a << 2) | (b >> 4);
  if (left === 2) out[to + 1] = (b << 4) | (c >> 2);
  return true;
}

/** How much of a manifest's end is looked at for what it digests with. */
const LOOKED_AT = 4096;

/** The algorithm that a manifest's entries are likely to be digested with: work may begin with it before the manifest is read. */
export function usualDigest(manifest: Uint8Array): HashAlgorithm {
  const end = new TextDecoder('latin1').decode(manifest.subarray(-LOOKED_AT));
  return STRONGEST_FIRST.find(([, name]) => end.includes(`\n${name}-Digest: `))?.[0] ?? 'sha1';
}

/** As java.util.Base64's basic decoder takes it: the padding is left out, or right. */
function decode(text: string): Uint8Array {
  const isWhole = text.length % 4 === 0 ? !text.endsWith('===') : !text.endsWith('=');
  const bytes = !isWhole || /[-_]/.test(text) ? undefined : parseBase64(text);
  if (bytes === undefined) throw new ApkRefusal('ApkFormatException', 'a digest is not base64');
  return bytes;
}
