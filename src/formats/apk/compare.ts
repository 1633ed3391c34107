/** What the schemes of an APK demand of each other: the same signers, the same contents. Spec: AOSP tools/apksig ApkVerifier (2023-04). */
import { equalBytes } from '../../bytes/index.ts';
import { algorithmById, type ContentDigest } from './algorithms.ts';
import { addError, type IssueLog } from './issue.ts';
import type { JarResult } from './jar/verify.ts';
import type { SchemeResult, V3Signer } from './schemes.ts';
import type { SigningCertificate } from './signing-certificate.ts';
import type { SchemeDigests } from './stamp.ts';

/** What is compared: the schemes that were looked at. */
export interface Compared {
  readonly log: IssueLog;
  readonly jar: JarResult | undefined;
  readonly v2: SchemeResult | undefined;
  readonly v3: SchemeResult<V3Signer> | undefined;
  readonly v31: SchemeResult<V3Signer> | undefined;
}

/** The certificate of each signer that is its identity: the first. */
export const mainCertificates = (signers: readonly { readonly certificates: readonly SigningCertificate[] }[]) =>
  signers.flatMap(({ certificates }) => certificates.slice(0, 1));

/** The digests of the contents that a scheme's signers state, by kind. */
export function statedDigests({ signers }: SchemeResult): SchemeDigests {
  const digests = new Map<ContentDigest, Uint8Array>();
  for (const signer of signers) {
    for (const { algorithmId, digest } of signer.digests) {
      const kind = algorithmById(algorithmId)?.digest;
      if (kind !== undefined) digests.set(kind, digest);
    }
  }
  return digests;
}

/** The schemes must agree on who signed: v1 with v2, and v3 with whom its history begins. */
export function compareSigners({ log, jar, v2, v3 }: Compared): void {
  const jarCertificates = (jar?.verified === true ? jar.signers : []).flatMap(({ certificate }) =>
    certificate === undefined ? [] : [certificate],
  );
  const v2Certificates = v2?.verified === true ? mainCertificates(v2.signers) : [];
  const has = (list: readonly SigningCertificate[], wanted: SigningCertificate) => list.some((one) => equalBytes(one.bytes, wanted.bytes));
  if (jar?.verified === true && v2?.verified === true) {
    if (jarCertificates.some((one) => !has(v2Certificates, one))) addError(log, 'V2_SIG_MISSING', 'a v1 signer did not sign with v2');
    if (v2Certificates.some((one) => !has(jarCertificates, one))) addError(log, 'JAR_SIG_MISSING', 'a v2 signer did not sign with v1');
  }
  if (v3?.verified !== true || (jar?.verified !== true && v2?.verified !== true)) return;
  const old = jar?.verified === true ? jarCertificates : v2Certificates;
  if (old.length !== 1) addError(log, 'V3_SIG_MULTIPLE_PAST_SIGNERS', `${old.length} signers before v3`);
  const [first] = old;
  const history = v3.lineage;
  if (history === undefined) {
    if (v3.signers.length !== 1) addError(log, 'V3_SIG_MULTIPLE_SIGNERS', `${v3.signers.length} signers without a lineage`);
    const [main] = mainCertificates(v3.signers);
    if (first === undefined || main === undefined || !equalBytes(first.bytes, main.bytes)) addError(log, 'V3_SIG_PAST_SIGNERS_MISMATCH');
    return;
  }
  const oldest = history[0]?.certificate;
  if (first === undefined || oldest === undefined || !equalBytes(first.bytes, oldest.bytes)) addError(log, 'V3_SIG_PAST_SIGNERS_MISMATCH');
}

const V4_DIGEST_ORDER: readonly ContentDigest[] = ['chunked-sha512', 'verity-sha256', 'chunked-sha256'];

/** A v4 signer must be the one of v3 (and v3.1), or else of v2, over the same digest. */
export function compareV4(
  { log, v2, v3, v31 }: Omit<Compared, 'jar'>,
  signers: readonly { readonly certificate: SigningCertificate; readonly apkDigest: Uint8Array }[],
): void {
  const compare = (result: SchemeResult, signer: (typeof signers)[number] | undefined, scheme: string) => {
    if (result.signers.length !== 1) addError(log, 'V4_SIG_MULTIPLE_SIGNERS', `${result.signers.length} signers of ${scheme}`);
    const [main] = mainCertificates(result.signers);
    if (signer === undefined || main === undefined || !equalBytes(main.bytes, signer.certificate.bytes)) {
      addError(log, 'V4_SIG_V2_V3_SIGNERS_MISMATCH', scheme);
      return;
    }
    const digests = statedDigests({ ...result, signers: result.signers.slice(0, 1) });
    const best = V4_DIGEST_ORDER.map((kind) => digests.get(kind)).find((digest) => digest !== undefined);
    if (best === undefined || !equalBytes(best, signer.apkDigest)) addError(log, 'V4_SIG_V2_V3_DIGESTS_MISMATCH', scheme);
  };
  if (v3?.verified === true) {
    const expected = v31?.verified === true ? 2 : 1;
    if (signers.length !== expected) {
      addError(log, expected === 2 ? 'V41_SIG_NEEDS_TWO_SIGNERS' : 'V4_SIG_MULTIPLE_SIGNERS', `${signers.length} signers`);
      return;
    }
    compare(v3, signers[0], 'v3');
    if (v31?.verified === true) compare(v31, signers[1], 'v3.1');
  } else if (v2?.verified === true) {
    if (signers.length !== 1) addError(log, 'V4_SIG_MULTIPLE_SIGNERS', `${signers.length} signers`);
    compare(v2, signers[0], 'v2');
  } else addError(log, 'V4_SIG_NO_V2_V3', 'v4 needs a signature of v2 or v3');
}
