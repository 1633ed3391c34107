/**
 * Digest and signature algorithms of PKCS#7 blocks in APKs, and the API levels that take each pair.
 * Spec: AOSP tools/apksig OidConstants (2023-04), which measured platforms; the table below is its facts, pair by pair.
 */
import type { HashAlgorithm, SignatureScheme } from '../../../bytes/index.ts';

const DIGESTS: Readonly<Record<string, HashAlgorithm>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

type Family = 'rsa' | 'dsa' | 'ec';

/** Signature algorithms: their family, and their digest where the identifier fixes one. */
const SIGNATURES: Readonly<Record<string, readonly [Family, HashAlgorithm | undefined]>> = {
  '1.2.840.113549.1.1.1': ['rsa', undefined],
  '1.2.840.113549.1.1.4': ['rsa', 'md5'],
  '1.2.840.113549.1.1.5': ['rsa', 'sha1'],
  '1.2.840.113549.1.1.14': ['rsa', 'sha224'],
  '1.2.840.113549.1.1.11': ['rsa', 'sha256'],
  '1.2.840.113549.1.1.12': ['rsa', 'sha384'],
  '1.2.840.113549.1.1.13': ['rsa', 'sha512'],
  '1.2.840.10040.4.1': ['dsa', undefined],
  '1.2.840.10040.4.3': ['dsa', 'sha1'],
  '2.16.840.1.101.3.4.3.1': ['dsa', 'sha224'],
  '2.16.840.1.101.3.4.3.2': ['dsa', 'sha256'],
  '1.2.840.10045.2.1': ['ec', undefined],
  '1.2.840.10045.4.1': ['ec', 'sha1'],
  '1.2.840.10045.4.3.1': ['ec', 'sha224'],
  '1.2.840.10045.4.3.2': ['ec', 'sha256'],
  '1.2.840.10045.4.3.3': ['ec', 'sha384'],
  '1.2.840.10045.4.3.4': ['ec', 'sha512'],
};

type Levels = readonly (readonly [from: number, to: number])[];
const ON = 0x7fffffff;
const ALWAYS: Levels = [[0, ON]];
const UP_TO_8_AND_21: Levels = [
  [0, 8],
  [21, ON],
];
const UP_TO_8_AND_18: Levels = [
  [0, 8],
  [18, ON],
];
const FROM = (level: number): Levels => [[level, ON]];
/** Lollipop and Marshmallow took a digest and a signature over another digest. */
const LOLLIPOP: Levels = [[21, 23]];
const LOLLIPOP_FIRST: Levels = [[21, 21]];

/** Levels where the identifier names the family alone, by family and digest. */
const BARE: Readonly<Record<Family, Partial<Record<HashAlgorithm, Levels>>>> = {
  rsa: { md5: ALWAYS, sha1: ALWAYS, sha224: UP_TO_8_AND_21, sha256: UP_TO_8_AND_18, sha384: FROM(18), sha512: FROM(18) },
  dsa: { sha1: ALWAYS, sha224: FROM(22), sha256: FROM(22) },
  ec: { sha1: FROM(18), sha224: FROM(21), sha256: FROM(18), sha384: FROM(18), sha512: FROM(18) },
};

/** Levels where the identifier names the same digest. */
const SAME: Readonly<Record<Family, Partial<Record<HashAlgorithm, Levels>>>> = {
  rsa: { md5: UP_TO_8_AND_21, sha1: ALWAYS, sha224: UP_TO_8_AND_21, sha256: UP_TO_8_AND_18, sha384: FROM(21), sha512: FROM(21) },
  dsa: { sha1: FROM(9), sha224: FROM(21), sha256: FROM(21) },
  ec: { sha1: FROM(18), sha224: FROM(21), sha256: FROM(21), sha384: FROM(21), sha512: FROM(21) },
};

/** Pairs of different digests that only API 21 took, as `digest signature` of RSA. */
const FIRST_ONLY: ReadonlySet<string> = new Set(['sha224 sha256', 'sha256 sha1', 'sha512 sha384']);

/** A pair of identifiers, understood. */
export interface JarAlgorithm {
  /** Over the signature file, where there are signed attributes. */
  readonly digest: HashAlgorithm;
  readonly scheme: SignatureScheme;
  readonly levels: Levels;
}

/** What two identifiers mean, or undefined where no platform takes them together. */
export function jarAlgorithm(digestOid: string, signatureOid: string): JarAlgorithm | undefined {
  const digest = DIGESTS[digestOid];
  const [family, fixed] = SIGNATURES[signatureOid] ?? [];
  if (digest === undefined || family === undefined) return undefined;
  const levels = levelsOf(family, digest, fixed);
  if (levels === undefined) return undefined;
  const hash = fixed ?? digest;
  const scheme: SignatureScheme =
    family === 'rsa' ? { kind: 'rsa-pkcs1', hash } : family === 'dsa' ? { kind: 'dsa', hash } : { kind: 'ecdsa', hash };
  return { digest, scheme, levels };
}

function levelsOf(family: Family, digest: HashAlgorithm, fixed: HashAlgorithm | undefined): Levels | undefined {
  if (fixed === undefined) return BARE[family][digest];
  if (fixed === digest) return SAME[family][digest];
  return family === 'rsa' && FIRST_ONLY.has(`${digest} ${fixed}`) ? LOLLIPOP_FIRST : LOLLIPOP;
}

/** Whether every level of a range is among the levels. */
export function coversLevels(levels: Levels, range: { readonly minSdk: number; readonly maxSdk: number }): boolean {
  let next = range.minSdk;
  for (const [from, to] of levels) {
    if (next < from) return false;
    if (next <= to) next = to === ON ? ON + 1 : to + 1;
    if (next > range.maxSdk) return true;
  }
  return false;
}
