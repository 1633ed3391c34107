import { patchMonth } from '../../formats/x509/index.ts';
import { defineCheck } from '../define.ts';
import { type AttestedDraft, attestedOf, compared, judgeAnswers, nothingToCompare } from './attested.ts';
import { referenceOf } from './boot-key.ts';

const SETTLED = 'an attestation (inspect --attest) and a reference of the maker’s build (--reference)';

export const attestedPatchLevels = defineCheck({
  id: 'attestation.patch-levels',
  axis: 'software',
  title: 'Patch levels: secure world against the build that is named',
  what: 'System and vendor patch level of the attestation against those of the build that the phone names, as the maker’s package has them.',
  why: 'The bootloader hands them over from the images that it verified. Older ones than the named build has are of an older build, whatever the properties were set to.',
  benign: [
    'Some makers keep older levels in the boot image’s header than in build.prop.',
    'Many phones of Android 15, and Samsung’s, misencode patch levels.',
    'The reference was made from another region’s package.',
  ],
  confirm: 'Compare with the build’s vbmeta properties: assay firmware verify.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-patch-levels',
  causes: ['rom-flash', 'root', 'ota'],
  catches: 'framework',
  spec: [
    'AOSP hardware/interfaces/security/keymint: Tag.aidl, OS_PATCHLEVEL, VENDOR_PATCHLEVEL',
    'AOSP external/avb/README.md: Rollback Protection',
  ],
  run(context) {
    const known = referenceOf(context);
    const missing = { because: 'no build at hand has patch levels that the secure world’s could be held against', settledBy: SETTLED };
    return judgeAnswers(context, attestedOf(context), missing, ({ statement }) => {
      if (known === undefined) return nothingToCompare;
      const { osPatchLevel, vendorPatchLevel } = statement.hardwareEnforced;
      const drafts: AttestedDraft[] = [];
      let isCompared = false;
      const levels = [
        ['system', 'ro.build.version.security_patch', osPatchLevel],
        ['vendor', 'ro.vendor.build.security_patch', vendorPatchLevel],
      ] as const;
      for (const [what, key, level] of levels) {
        const built = known.reference.manifest.properties?.find((row) => row.key === key)?.value;
        const month = level === undefined ? undefined : patchMonth(level);
        if (built === undefined || month === undefined || !/^\d{4}-\d\d/.test(built)) continue;
        isCompared = true;
        // Months compare as texts; a day is in none of the forms that all phones use.
        if (month >= built.slice(0, 7)) continue;
        drafts.push({
          claimed: `${known.fingerprint.value}: ${key}=${built}`,
          observed: `${what} patch level ${month} by the secure world’s word`,
          because: 'What booted is older than the build that the phone names.',
          nature: 'downgraded',
          evidence: [known.fingerprint.place],
        });
      }
      return isCompared ? compared(...drafts) : nothingToCompare;
    });
  },
});
