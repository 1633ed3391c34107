/**
 * Which digest attributes of a manifest or signature file count: it depends on the platform.
 * Spec: AOSP tools/apksig V1SchemeVerifier: before API 18 the first algorithm that `Digest-Algorithms` names (SHA1 without it), from 18 on the strongest.
 */
import { equalBytes, type HashAlgorithm, parseBase64 } from '../../../bytes/index.ts';
import { ApkRefusal, type SdkRange } from '../issue.ts';
import { type JarSection, jarAttribute } from './manifest.ts';

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
  const attributes = section.attributes();
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
