import { toHex } from '../../bytes/index.ts';
import { VERIFIED_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { defineCheck } from '../define.ts';
import { type AttestedDraft, attestedOf, compared, judgeAnswers, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation over this cable: inspect --attest';
const MISSING = { because: 'no authentic chain states a root of trust', settledBy: SETTLED };

export const attestedBootState = defineCheck({
  id: 'attestation.boot-state',
  axis: 'software',
  title: 'The boot state that the secure world swears to',
  what: 'Boot state, lock and boot key of the attestation against each other, and against what the running system says of itself.',
  why: 'The secure world has them from the bootloader before any system runs. A system that reports green while the secure world swears to an open or self-signed boot hides it.',
  benign: ['The chain is of another phone: then its answer is no word about this one, and that is a finding of its own.'],
  confirm: 'Read the lock state in the bootloader: fastboot getvar unlocked.',
  strength: 'conclusive',
  impossible:
    'The bootloader hands one boot state to the secure world and to the system (AVB, SetRootOfTrust; androidboot.verifiedbootstate). SELF_SIGNED says that another key than the maker’s signed what booted, VERIFIED is never set on an open bootloader, and a system that reports green where the secure world swears to UNVERIFIED was changed to say so. No unmodified build of a maker shows any of these on a consumer phone.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-boot-state',
  causes: ['root', 'rom-flash', 'property-edit'],
  catches: 'bootloader',
  spec: ['source.android.com/docs/security/features/verifiedboot/boot-flow', 'AOSP KeyCreationResult.aidl: RootOfTrust'],
  run(context) {
    const claims = claimsOf(context);
    return judgeAnswers(context, attestedOf(context), MISSING, ({ statement }) => {
      const root = statement.hardwareEnforced.rootOfTrust;
      if (root === undefined) return nothingToCompare;
      const { verifiedBootState: state, deviceLocked } = root;
      const observed = `the secure world swears to ${state}, ${deviceLocked ? 'locked' : 'unlocked'}`;
      const drafts: AttestedDraft[] = [];
      if (state === 'VERIFIED' && !deviceLocked)
        drafts.push({
          claimed: 'a verified boot',
          observed,
          because: 'An open bootloader verifies nothing: the two words contradict each other, so one of them was forged below the system.',
          nature: natureOf(claims),
        });
      if (state === 'SELF_SIGNED') {
        const key = toHex(root.verifiedBootKey);
        const known = VERIFIED_BOOT_KEYS.find((row) => row.key === key && row.system !== 'stock');
        drafts.push({
          claimed: claims.foreign?.name ?? 'the maker’s own build',
          observed: `${observed}, by the key ${key.slice(0, 16)}…${known === undefined ? '' : ` (${known.system})`}`,
          because: 'What booted was signed with a key that is not its maker’s.',
          nature: known === undefined ? natureOf(claims) : 'foreign',
          ...(known === undefined ? {} : { names: known.system }),
        });
      }
      const saysGreen = claims.verifiedBootState === 'green' || (claims.verifiedBootState === undefined && claims.locked === true);
      if (saysGreen && !deviceLocked && state !== 'VERIFIED')
        drafts.push({
          claimed: 'the running system reports a green, locked boot',
          observed,
          because: 'System and secure world have the boot state from one bootloader; the system was made to report another.',
          nature: natureOf(claims),
        });
      return compared(...drafts);
    });
  },
});

export const attestedLock = defineCheck({
  id: 'attestation.unlocked',
  axis: 'posture',
  title: 'An open bootloader by the secure world’s word',
  what: 'Lock and boot state of the attestation.',
  why: 'An open or failed boot chain starts any system: nothing that the system says of itself is vouched for.',
  benign: ['An owner may unlock an own phone, and many makers offer it.'],
  confirm: 'Read the lock state in the bootloader: fastboot getvar unlocked.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'boot-properties',
  causes: ['owner-settings', 'root', 'rom-flash', 'engineering'],
  catches: undefined,
  spec: ['source.android.com/docs/security/features/verifiedboot/boot-flow'],
  run: (context) =>
    judgeAnswers(context, attestedOf(context), MISSING, ({ statement }) => {
      const root = statement.hardwareEnforced.rootOfTrust;
      if (root === undefined) return nothingToCompare;
      const drafts: AttestedDraft[] = [];
      if (!root.deviceLocked || root.verifiedBootState === 'FAILED')
        drafts.push({
          claimed: 'a phone that starts only what its maker signed',
          observed: `the secure world swears to ${root.verifiedBootState}, ${root.deviceLocked ? 'locked' : 'unlocked'}`,
          because: root.deviceLocked
            ? 'What booted failed its verification.'
            : 'The bootloader is unlocked: it starts whatever is flashed.',
        });
      return compared(...drafts);
    }),
});
