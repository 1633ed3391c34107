/** What we say of an APK, in the reference library's terms. */
import { bytesSource } from '../../src/bytes/index.ts';
import { apkPorts } from '../../src/cli/apk-verify.ts';
import { type ApkVerification, verifyApk } from '../../src/formats/apk/index.ts';
import type { Saying } from './compare.ts';

/** An APK to ask about. */
export interface Question {
  readonly apk: Uint8Array;
  readonly idsig: Uint8Array | undefined;
}

/** A level, or the two ends of a range. */
function rangeOf(words: string): { readonly minSdk: number | undefined; readonly maxSdk: number | undefined } {
  const [min = '', max = min] = words.split(':');
  return { minSdk: min === '' ? undefined : Number(min), maxSdk: max === '' ? undefined : Number(max) };
}

const names = (list: ApkVerification['issues']) => [...new Set(list.map(({ name }) => name))].sort().join(' ');

/** Our answer. */
export async function ourAnswer(question: Question, range: string): Promise<Saying> {
  const result = await verdictOf(question, range);
  const { verified, signers, schemes, issues, warnings, refusal, stamp } = result;
  // Our own look ends at what is wrong with v3.1.
  const isV31 = result.claimedSigners['v3.1'] !== undefined && result.claimedSigners.v3 === undefined;
  const stampNames = [...new Set((stamp?.log.warnings ?? []).map(({ name }) => name))].sort();
  return {
    verdict: refusal === undefined ? String(verified) : refusal.exception,
    signers: signers.join(' '),
    schemes: schemes.join(' '),
    errors: names(issues),
    warnings: names(warnings.filter(({ name }) => !stampNames.includes(name))),
    stamp:
      stamp === undefined
        ? ''
        : [stamp.verified, BigInt(stamp.timestamp ?? 0), ...stamp.lineage.map((digest) => digest.slice(0, 8)), ...stampNames].join(' '),
    why: [...issues, ...warnings, ...(stamp?.log.warnings ?? [])]
      .map(({ name, detail }) => `${name} ${detail}`)
      .concat(refusal === undefined ? [] : [`${refusal.exception} ${refusal.because}`])
      .join('; ')
      .replace(/^/, isV31 ? 'of v3.1: ' : '')
      .slice(0, 300),
  };
}

/**
 * Our verdict as the library gives it: an .idsig file that is bad in itself only makes the APK one without v4; one of somebody else's, or
 * beside v1 alone, refuses it. To us either is a refusal, because whoever hands us the file asks about it.
 */
async function verdictOf({ apk, idsig }: Question, range: string): Promise<ApkVerification> {
  const plain = await verifyApk(bytesSource(apk), apkPorts, rangeOf(range));
  if (idsig === undefined || !plain.verified) return plain;
  const beside = await verifyApk(bytesSource(apk), apkPorts, { ...rangeOf(range), idsig: bytesSource(idsig) });
  const isOthers = beside.issues.some(
    ({ name }) => name.startsWith('V4_SIG_V2_V3_') || name === 'V4_SIG_MULTIPLE_SIGNERS' || name === 'V41_SIG_NEEDS_TWO_SIGNERS',
  );
  const isAlone = plain.schemes.every((scheme) => scheme === 'v1');
  if (isOthers || isAlone || beside.verified) return beside;
  return { ...plain, warnings: [...plain.warnings, ...beside.issues] };
}
