import { claimsOf, natureOf } from '../boot/index.ts';
import { defineCheck } from '../define.ts';
import { attestedOf, compared, judgeAnswers, locksOutside, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation (inspect --attest) and the bootloader of the same phone (--fastboot usb:)';

export const greenUnlocked = defineCheck({
  id: 'attestation.green-unlocked',
  axis: 'software',
  title: 'Green attestation, open bootloader',
  what: 'The lock that the secure world swears to against what the bootloader itself answers, outside Android. Answers of fastbootd do not count: it has them from the system.',
  why: 'Exploits of 2026 make a secure world swear to a locked, verified boot. The bootloader still knows that it is open.',
  benign: ['The bootloader was unlocked or locked between the two readings, which erases the phone.'],
  confirm: 'Read both again, one after the other.',
  strength: 'conclusive',
  impossible:
    'The secure world has the lock state from this very bootloader at each start (SetRootOfTrust). A bootloader that answers unlocked does not hand over VERIFIED and locked; changing the state between the readings erases the data partition. Either the hand-over was patched or the chain is another phone’s, and no unmodified phone does either.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-lock',
  causes: ['root', 'rom-flash'],
  catches: 'kernel',
  spec: ['AOSP system/core/fastboot/README.md: getvar unlocked', 'R0rt1z2/fenrir PR #37', 'SuperTurtleDev/gbl_root_canoe'],
  run(context) {
    const locks = locksOutside(context);
    const claims = claimsOf(context);
    const missing = { because: 'the bootloader was not heard beside the secure world', settledBy: SETTLED };
    return judgeAnswers(context, attestedOf(context), missing, ({ statement }) => {
      const root = statement.hardwareEnforced.rootOfTrust;
      if (root === undefined || locks.length === 0) return nothingToCompare;
      const open = locks.find(({ unlocked }) => unlocked);
      if (!root.deviceLocked || open === undefined) return compared();
      return compared({
        claimed: `the secure world swears to ${root.verifiedBootState}, locked`,
        observed: 'the bootloader answers unlocked: yes',
        because: 'Evidence that cannot both be true: the boot chain was made to lie to the secure world, or the answer is another phone’s.',
        nature: natureOf(claims),
        evidence: [open.fact.place],
      });
    });
  },
});
