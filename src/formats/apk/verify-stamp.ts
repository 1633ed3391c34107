/** A source stamp asked for alone, as a store does. Spec: AOSP tools/apksig ApkVerifier.verifySourceStamp (2023-04). */
import { FormatError, type Source } from '../../bytes/index.ts';
import { statedDigests } from './compare.ts';
import { ANY_SDK, type ApkIssue, type ApkPorts, ApkRefusal } from './issue.ts';
import { jarDigests, manifestLevel, manifestReader } from './members.ts';
import { type SchemeContext, schemeErrors, verifyV2, verifyV3 } from './schemes.ts';
import { BLOCK_ID, pairValue, readSigningBlock } from './signing-block.ts';
import { type SchemeDigests, STAMP_ENTRY, type StampResult, verifyStamp } from './stamp.ts';
import type { VerifyApkOptions } from './verify.ts';
import { checkDirectory, findEntry, openMember, readApkZip } from './zip-view.ts';

/** The levels from which platforms look at v2 and v3. */
const SDK = { N: 24, P: 28 } as const;

/** Whether a stamp alone verifies, as a store asks it, without verifying the APK. */
export type StampStatus =
  | 'STAMP_VERIFIED'
  | 'STAMP_VERIFICATION_FAILED'
  | 'STAMP_MISSING'
  | 'STAMP_NOT_VERIFIED'
  | 'CERT_DIGEST_MISMATCH'
  | 'VERIFICATION_ERROR';

/** A stamp's own verdict. */
export interface StampVerification {
  readonly status: StampStatus;
  readonly stamp: StampResult | undefined;
  readonly issues: readonly ApkIssue[];
}

/** Verifies an APK's source stamp alone: against the digests that its schemes state, which nobody compares with the contents here. */
export async function verifySourceStamp(source: Source, ports: ApkPorts, options: VerifyApkOptions): Promise<StampVerification> {
  try {
    return await verifyStampAlone(source, ports, options);
  } catch (error) {
    if (!(error instanceof ApkRefusal) && !(error instanceof FormatError)) throw error;
    return { status: 'VERIFICATION_ERROR', stamp: undefined, issues: [{ name: 'MALFORMED_APK', detail: error.message }] };
  }
}

async function verifyStampAlone(source: Source, ports: ApkPorts, options: VerifyApkOptions): Promise<StampVerification> {
  const zip = await readApkZip(source, undefined);
  const block = (await readSigningBlock(source, zip)).value;
  await checkDirectory(zip);
  const maxSdk = options.maxSdk ?? ANY_SDK;
  const minSdk = options.minSdk ?? (await manifestLevel(zip, ports, await manifestReader(zip, ports, [])()));
  const pair = pairValue(block, BLOCK_ID.sourceStampV2);
  const entry = findEntry(zip, STAMP_ENTRY);
  const failure = (status: StampStatus, name: string): StampVerification => ({ status, stamp: undefined, issues: [{ name, detail: '' }] });
  if (entry === undefined) {
    return pair === undefined
      ? failure('STAMP_MISSING', 'SOURCE_STAMP_CERT_DIGEST_AND_SIG_BLOCK_MISSING')
      : failure('STAMP_NOT_VERIFIED', 'SOURCE_STAMP_SIGNATURE_BLOCK_WITHOUT_CERT_DIGEST');
  }
  const certificateDigest = await openMember(zip, entry, ports);
  const digests = new Map<number, SchemeDigests>();
  const found = new Set<number>();
  const context: SchemeContext = { ports, range: { minSdk, maxSdk }, digestOf: async () => undefined, compareDigests: false };
  const v3Pair = maxSdk >= SDK.P ? pairValue(block, BLOCK_ID.v3) : undefined;
  if (v3Pair !== undefined) {
    found.add(3);
    const result = await verifyV3(v3Pair, context, { block: 'v3', rotationMinSdk: undefined });
    if (schemeErrors(result).length > 0) return { status: 'VERIFICATION_ERROR', stamp: undefined, issues: schemeErrors(result) };
    digests.set(3, statedDigests(result));
  }
  const v2Pair = maxSdk >= SDK.N && (minSdk < SDK.P || found.size === 0) ? pairValue(block, BLOCK_ID.v2) : undefined;
  if (v2Pair !== undefined) {
    found.add(2);
    const range = { minSdk: Math.max(minSdk, SDK.N), maxSdk };
    const supported = new Set(maxSdk >= SDK.P ? [2, 3] : [2]);
    const result = await verifyV2(v2Pair, { ...context, range }, { supported, found });
    if (schemeErrors(result).length > 0) return { status: 'VERIFICATION_ERROR', stamp: undefined, issues: schemeErrors(result) };
    digests.set(2, statedDigests(result));
  }
  if (minSdk < SDK.N || found.size === 0) digests.set(1, await jarDigests(zip, ports));
  if (pair === undefined) return failure('STAMP_MISSING', 'SOURCE_STAMP_SIG_MISSING');
  const stamp = await verifyStamp(pair, { ports, range: { minSdk, maxSdk }, certificateDigest, digests });
  return { status: stamp.verified ? 'STAMP_VERIFIED' : 'STAMP_VERIFICATION_FAILED', stamp, issues: stamp.log.warnings };
}
