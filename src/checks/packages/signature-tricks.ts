import { type ApkFact, factsOf } from '../../evidence/index.ts';
import type { TrickName } from '../../formats/apk/index.ts';
import { claimsOf, isSystemPath, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

/** Tricks that make a platform run something else than it verified, and what each is. */
const DECEIVES: Partial<Record<TrickName, string>> = {
  'master-key-8219321': 'two entries of one name: one was verified, the other loaded (Master Key, CVE-2013-4787)',
  'master-key-9695860': 'an extra field whose length the verifier read as negative (Master Key, bug 9695860)',
  'master-key-9950697': 'a name whose length the verifier and the loader read differently (Master Key, bug 9950697)',
  'fake-id': 'a chain that names an issuer who never signed it (FakeID, bug 13678484)',
  janus: 'code before the archive, which the signature does not cover (Janus, CVE-2017-13156)',
  'stripped-signature': 'the newer signature that it was given was taken off, so that an older and weaker one counts',
};

/** Tricks against whoever takes an app apart: packers use them, and so do thieves. */
const HIDES: Partial<Record<TrickName, string>> = {
  'encrypted-flag': 'marked encrypted without being so',
  'odd-method': 'a compression method that does not exist',
  'forged-sizes': 'forged sizes',
  'overlapping-entries': 'entries that share bytes',
  'axml-tampered': 'a manifest that tools cannot read and Android can',
};

export const signatureTricks = defineCheck({
  id: 'packages.signature-tricks',
  axis: 'software',
  title: 'Archives that deceive the verifier',
  what: 'Every pulled APK for the known ways to have Android run something else than it verified, and for those that hide an app from analysis.',
  why: 'No build tool makes such an archive: somebody changed an app and kept its developer’s signature, or hid what it holds.',
  benign: ['Packers that some developers buy use the tricks that hide; no genuine app needs one that deceives the verifier.'],
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
      if (deceives.length === 0 && hides.length === 0) return [];
      const inSystem = isSystemPath(apk.path);
      return [
        {
          claimed: `${apk.package ?? apk.path} as its developer signed it`,
          observed: [...deceives, ...hides].join('; '),
          because:
            deceives.length > 0
              ? 'What Android verified of it is not what old versions of Android run.'
              : 'It was made so that it cannot be looked into.',
          standing,
          evidence: [place],
          ...(deceives.length > 0 ? {} : { strength: 'note' as const }),
          ...(inSystem ? { nature: natureOf(claims) } : { axis: 'posture' as const }),
        },
      ];
    });
    return failOrPass(findings.slice(0, 100), apks[0]?.standing ?? 'told');
  },
});

const saidOf = ({ issues }: ApkFact, table: Readonly<Partial<Record<TrickName, string>>>): readonly string[] =>
  Object.entries(table).flatMap(([name, words]) => (issues.includes(name) && words !== undefined ? [words] : []));
