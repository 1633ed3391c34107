import { type ApkFact, factsOf } from '../../evidence/index.ts';
import type { TrickName } from '../../formats/apk/index.ts';
import { claimsOf, isSystemPath, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

/** Tricks that make a platform run something else than it verified, and what each is. */
export const DECEIVES: Partial<Record<TrickName, string>> = {
  'master-key-8219321': 'two entries of one name: one was verified, the other loaded (Master Key, CVE-2013-4787)',
  'master-key-9695860': 'an extra field whose length the verifier read as negative (Master Key, bug 9695860)',
  'master-key-9950697': 'a name whose length the verifier and the loader read differently (Master Key, bug 9950697)',
  'fake-id': 'a chain that names an issuer who never signed it (FakeID, bug 13678484)',
  janus: 'code before the archive, which the signature does not cover (Janus, CVE-2017-13156)',
  'stripped-signature': 'the newer signature that it was given was taken off, so that an older and weaker one counts',
};

/** Tricks against whoever takes an app apart: packers use them, and so do thieves. */
export const HIDES: Partial<Record<TrickName, string>> = {
  'encrypted-flag': 'marked encrypted without being so',
  'odd-method': 'a compression method that does not exist',
  'forged-sizes': 'forged sizes',
  'overlapping-entries': 'entries that share bytes',
  'axml-tampered': 'a manifest that tools cannot read and Android can',
};

/** What is in the archive and not under its signature, by the reference verifier's names: added or changed after signing. */
const UNCOVERED: Readonly<Record<string, string>> = {
  JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST: 'holds a file that no signature covers',
  JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY: 'holds a file that differs from what was signed',
  V2_SIG_APK_DIGEST_DID_NOT_VERIFY: 'differs from what was signed (v2)',
  V3_SIG_APK_DIGEST_DID_NOT_VERIFY: 'differs from what was signed (v3)',
};

export const signatureTricks = defineCheck({
  id: 'packages.signature-tricks',
  axis: 'software',
  title: 'Archives that deceive the verifier',
  what: 'Every pulled APK for the known ways to have Android run something else than it verified, for those that hide an app from analysis, and for what its signature does not cover.',
  why: 'No build tool makes such an archive: somebody changed an app and kept its developer’s signature, or hid what it holds.',
  benign: [
    'Packers that some developers buy use the tricks that hide; no genuine app needs one that deceives the verifier.',
    'Before Android 9 makers’ builds took the code out of signed apps when they compiled it: newer signatures are lost then, and v1 misses a file; nothing is added.',
  ],
  confirm: 'Pull the APK again and run assay apk verify on it; unpack both entries and compare them.',
  strength: 'weak',
  standing: 'shown',
  needs: ['apks'],
  settledBy: 'the APKs, pulled from the phone',
  group: 'package-signatures',
  causes: ['root', 'retailer-apps', 'rom-flash'],
  catches: undefined,
  spec: ['AOSP bugs 8219321, 9695860, 9950697, 13678484; CVE-2017-13156'],
  run(context) {
    const apks = factsOf(context.facts, 'apks').flatMap(({ value, standing, place }) => value.map((apk) => ({ apk, standing, place })));
    if (apks.length === 0) return notChecked('no APK was read', 'the APKs, pulled from the phone');
    const claims = claimsOf(context);
    const findings = apks.flatMap(({ apk, standing, place }): Draft[] => {
      const deceives = saidOf(apk, DECEIVES);
      const hides = saidOf(apk, HIDES);
      const inSystem = isSystemPath(apk.path);
      // Installers refuse such an app; the system's own apps no Android verifies again.
      const uncovered = inSystem && deceives.length === 0 ? saidOf(apk, UNCOVERED) : [];
      if (deceives.length === 0 && hides.length === 0 && uncovered.length === 0) return [];
      return [
        {
          claimed: `${apk.package ?? apk.path} as its developer signed it`,
          observed: [...deceives, ...uncovered, ...hides].join('; '),
          because: reasonOf(deceives.length > 0, uncovered.length > 0),
          standing,
          evidence: [place],
          ...(deceives.length > 0 || uncovered.length > 0 ? {} : { strength: 'note' as const }),
          ...(inSystem ? { nature: natureOf(claims) } : { axis: 'posture' as const }),
        },
      ];
    });
    return failOrPass(findings.slice(0, 100), apks[0]?.standing ?? 'told');
  },
});

function reasonOf(deceives: boolean, uncovered: boolean): string {
  if (deceives) return 'What Android verified of it is not what old versions of Android run.';
  return uncovered ? 'Somebody put it in, or changed it, after its developer had signed.' : 'It was made so that it cannot be looked into.';
}

export const saidOf = ({ issues }: ApkFact, table: Readonly<Partial<Record<string, string>>>): readonly string[] =>
  Object.entries(table).flatMap(([name, words]) => (issues.includes(name) && words !== undefined ? [words] : []));
