import { patchMonth } from '../../formats/x509/index.ts';
import { claimsOf, natureOf, said } from '../boot/index.ts';
import { defineCheck } from '../define.ts';
import { type AttestedDraft, attestedOf, compared, judgeAnswers, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation (inspect --attest) and getprop of the same phone';

/** `130000`, `80100`: as KeyMint writes a version. */
export function osVersionText(version: number): string {
  const [major, minor, sub] = [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100];
  return sub === 0 && minor === 0 ? String(major) : sub === 0 ? `${major}.${minor}` : `${major}.${minor}.${sub}`;
}

export const attestedVersions = defineCheck({
  id: 'attestation.versions',
  axis: 'software',
  title: 'Version and patch levels: secure world against system',
  what: 'Android version, system, vendor and boot patch level of the attestation against ro.build.version.release, ro.build.version.security_patch and ro.vendor.build.security_patch.',
  why: 'The bootloader hands them to the secure world from the signed images. A system that states newer ones was renamed.',
  benign: [
    'Generic system images, and some makers, keep older versions in the boot image’s header.',
    'Many phones of Android 15, and Samsung’s, misencode patch levels.',
    'An update that was installed and not started yet.',
  ],
  confirm: 'Read the properties of vbmeta in the official package.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-versions',
  causes: ['property-edit', 'rom-flash', 'ota'],
  catches: 'app',
  spec: ['AOSP hardware/interfaces/security/keymint: Tag.aidl, OS_VERSION, OS_PATCHLEVEL', 'warden-supreme docs/technical/quirks.md'],
  run(context) {
    const claims = claimsOf(context);
    return judgeAnswers(
      context,
      attestedOf(context),
      { because: 'the secure world or the system states no versions', settledBy: SETTLED },
      ({ statement }) => {
        const list = statement.hardwareEnforced;
        const drafts: AttestedDraft[] = [];
        let any = false;
        const differ = (what: string, key: string, own: string | undefined, same: (value: string) => boolean) => {
          const stated = said(context, key);
          if (own === undefined || stated === undefined) return;
          any = true;
          if (same(stated.value)) return;
          drafts.push({
            claimed: `${key}=${stated.value}`,
            observed: `${what} ${own} by the secure world’s word`,
            because: 'System and secure world have it from one set of signed images.',
            nature: natureOf(claims),
            evidence: [stated.place],
          });
        };
        const version = list.osVersion === undefined || list.osVersion === 0 ? undefined : osVersionText(list.osVersion);
        differ(
          'Android',
          'ro.build.version.release',
          version,
          (value) => value.replace(/(\.0)+$/, '') === version || !/^\d+(\.\d+)*$/.test(value),
        );
        const month = (level: number | undefined) => (level === undefined ? undefined : patchMonth(level));
        differ('system patch level', 'ro.build.version.security_patch', month(list.osPatchLevel), (value) =>
          value.startsWith(month(list.osPatchLevel) ?? ''),
        );
        differ('vendor patch level', 'ro.vendor.build.security_patch', month(list.vendorPatchLevel), (value) =>
          value.startsWith(month(list.vendorPatchLevel) ?? ''),
        );
        return any ? compared(...drafts) : nothingToCompare;
      },
    );
  },
});
