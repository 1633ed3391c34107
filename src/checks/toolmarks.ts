/**
 * Which digests of a finding may count as a toolmark: as what one hand leaves on its phones. Rarity cannot be read off one phone, so what is known to stand on others is left out here: keys whose owner is known, also
 * as published or leaked; files and builds that a reference or the shelf has; all of a system that says which project it is of. What a phone that nobody altered carries,
 * or phones that no hand could have had in common, is left out where phones are put together (`provenance/locate/toolmarks.ts`).
 */
import type { Toolmark } from '../evidence/index.ts';
import { PUBLIC_BOOT_KEYS, VERIFIED_BOOT_KEYS } from '../knowledge/attestation/index.ts';
import { MICROG_SIGNERS } from '../knowledge/packages/index.ts';
import { claimsOf } from './boot/claims.ts';
import type { CheckContext } from './define.ts';

/** Marks of one finding; more say no more. */
const MARKS_MAX = 8;

/** Of these digests, in hex, those that no other phone is known to carry for a reason of its own. */
export function toolmarksOf(context: CheckContext, kind: Toolmark['kind'], digests: readonly string[]): readonly Toolmark[] {
  // A project's build, and what it signs, is on the phone of everybody who likes it.
  if (kind !== 'file' && claimsOf(context).foreign !== undefined) return [];
  const own = new Set(
    digests.map((digest) => digest.toLowerCase()).filter((digest) => /^[0-9a-f]{64}$/.test(digest) && !/^0+$/.test(digest)),
  );
  return [...own]
    .filter((sha256) => !isKnown(context, kind, sha256))
    .slice(0, MARKS_MAX)
    .map((sha256) => ({ kind, sha256 }));
}

function isKnown({ knowledge, references, elsewhere }: CheckContext, kind: Toolmark['kind'], sha256: string): boolean {
  switch (kind) {
    case 'signer':
      return (
        knowledge.signers.some((signer) => signer.sha256 === sha256) ||
        knowledge.checkers.some(({ signers }) => signers.includes(sha256)) ||
        MICROG_SIGNERS.includes(sha256) ||
        PUBLIC_BOOT_KEYS.has(sha256) ||
        VERIFIED_BOOT_KEYS.some(({ key }) => key === sha256) ||
        references.some(({ manifest }) => manifest.partitions.some(({ avb }) => avb?.keySha256 === sha256)) ||
        references.some(({ manifest }) => manifest.apks.some(({ signers }) => signers.includes(sha256)))
      );
    case 'file':
      return elsewhere?.has(sha256) === true || references.some(({ manifest }) => manifest.apks.some((apk) => apk.sha256 === sha256));
    case 'build':
      return references.some(
        ({ manifest }) =>
          manifest.vbmetaDigest === sha256 ||
          manifest.partitions.some(({ rootDigest, sha256: whole }) => rootDigest?.toLowerCase() === sha256 || whole === sha256),
      );
  }
}
