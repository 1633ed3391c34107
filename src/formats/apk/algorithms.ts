/**
 * Signature algorithms of the APK Signature Schemes v2 and later, and which of several signatures a platform verifies.
 * Spec: source.android.com "APK Signature Scheme v2, Signature algorithm IDs"; choice as in AOSP tools/apksig ApkSigningBlockUtils.
 */
import type { SignatureScheme } from '../../bytes/index.ts';

/** How the contents are digested. */
export type ContentDigest = 'chunked-sha256' | 'chunked-sha512' | 'verity-sha256';

/** One algorithm: how it signs, what it digests with, and since when platforms know it. */
export interface SignatureAlgorithm {
  readonly id: number;
  readonly name: string;
  readonly scheme: SignatureScheme;
  readonly digest: ContentDigest;
  /** The API level that first verified it in a signing block. */
  readonly minSdk: number;
  /** The API level whose Java library first knew it: all that a source stamp needs. */
  readonly jcaMinSdk: number;
}

const N = 24;
const P = 28;

const ALGORITHMS: readonly SignatureAlgorithm[] = [
  {
    id: 0x0101,
    name: 'RSA_PSS_WITH_SHA256',
    scheme: { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
    digest: 'chunked-sha256',
    minSdk: N,
    jcaMinSdk: 23,
  },
  {
    id: 0x0102,
    name: 'RSA_PSS_WITH_SHA512',
    scheme: { kind: 'rsa-pss', hash: 'sha512', saltLength: 64 },
    digest: 'chunked-sha512',
    minSdk: N,
    jcaMinSdk: 23,
  },
  {
    id: 0x0103,
    name: 'RSA_PKCS1_V1_5_WITH_SHA256',
    scheme: { kind: 'rsa-pkcs1', hash: 'sha256' },
    digest: 'chunked-sha256',
    minSdk: N,
    jcaMinSdk: 1,
  },
  {
    id: 0x0104,
    name: 'RSA_PKCS1_V1_5_WITH_SHA512',
    scheme: { kind: 'rsa-pkcs1', hash: 'sha512' },
    digest: 'chunked-sha512',
    minSdk: N,
    jcaMinSdk: 1,
  },
  { id: 0x0201, name: 'ECDSA_WITH_SHA256', scheme: { kind: 'ecdsa', hash: 'sha256' }, digest: 'chunked-sha256', minSdk: N, jcaMinSdk: 11 },
  { id: 0x0202, name: 'ECDSA_WITH_SHA512', scheme: { kind: 'ecdsa', hash: 'sha512' }, digest: 'chunked-sha512', minSdk: N, jcaMinSdk: 11 },
  { id: 0x0301, name: 'DSA_WITH_SHA256', scheme: { kind: 'dsa', hash: 'sha256' }, digest: 'chunked-sha256', minSdk: N, jcaMinSdk: 1 },
  {
    id: 0x0421,
    name: 'VERITY_RSA_PKCS1_V1_5_WITH_SHA256',
    scheme: { kind: 'rsa-pkcs1', hash: 'sha256' },
    digest: 'verity-sha256',
    minSdk: P,
    jcaMinSdk: 1,
  },
  {
    id: 0x0423,
    name: 'VERITY_ECDSA_WITH_SHA256',
    scheme: { kind: 'ecdsa', hash: 'sha256' },
    digest: 'verity-sha256',
    minSdk: P,
    jcaMinSdk: 11,
  },
  { id: 0x0425, name: 'VERITY_DSA_WITH_SHA256', scheme: { kind: 'dsa', hash: 'sha256' }, digest: 'verity-sha256', minSdk: P, jcaMinSdk: 1 },
];

/** An algorithm by its id in a signing block. */
export function algorithmById(id: number): SignatureAlgorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm.id === id);
}

/** Platforms prefer the stronger digest, and a plain one over verity of the same family only where it is SHA-512. */
const STRENGTH: Readonly<Record<ContentDigest, number>> = { 'chunked-sha256': 0, 'verity-sha256': 1, 'chunked-sha512': 2 };

/** A signature with an algorithm that we know. */
export interface SupportedSignature {
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

/**
 * The signatures that at least one platform of the range verifies: each platform takes the strongest it knows.
 * Undefined when the range's lowest level knows none.
 */
export function signaturesToVerify(
  signatures: readonly SupportedSignature[],
  range: { readonly minSdk: number; readonly maxSdk: number },
  since: 'minSdk' | 'jcaMinSdk' = 'minSdk',
): readonly SupportedSignature[] | undefined {
  const best = new Map<number, SupportedSignature>();
  for (const candidate of signatures) {
    const level = candidate.algorithm[since];
    if (level > range.maxSdk) continue;
    const other = best.get(level);
    if (other === undefined || STRENGTH[candidate.algorithm.digest] > STRENGTH[other.algorithm.digest]) best.set(level, candidate);
  }
  if (best.size === 0 || range.minSdk < Math.min(...best.keys())) return undefined;
  return [...best.values()].sort((a, b) => a.algorithm.id - b.algorithm.id);
}
