import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimsOf, type SaidProperty, said } from './claims.ts';

const SAYS: readonly (readonly [key: string, values: RegExp, because: string])[] = [
  ['ro.boot.verifiedbootstate', /^orange$/i, 'The bootloader is unlocked: it starts whatever is flashed, and says so.'],
  [
    'ro.boot.verifiedbootstate',
    /^yellow$/i,
    'The bootloader is locked to a key that is not its maker’s: whoever holds that key made this system.',
  ],
  ['ro.boot.verifiedbootstate', /^red$/i, 'The bootloader says that what it started is not intact.'],
  ['ro.boot.vbmeta.device_state', /^unlocked$/i, 'The bootloader is unlocked: it starts whatever is flashed.'],
  ['ro.boot.flash.locked', /^0$/, 'The partitions may be flashed: the bootloader is unlocked.'],
  ['ro.boot.veritymode', /^(disabled|logging|eio)$/i, 'The system partitions are not verified while they are read, or were found damaged.'],
  ['ro.boot.enable_dm_verity', /^0$/, 'The system partitions are not verified while they are read.'],
];

export const lockState = defineCheck({
  id: 'boot.lock-state',
  axis: 'posture',
  title: 'Lock and verification of the boot chain',
  what: 'What the bootloader told the system of lock, verification and damage.',
  why: 'An unlocked or self-signed boot chain starts any system: nothing that the system says of itself is then vouched for.',
  benign: [
    'An owner may unlock the bootloader of an own phone, and many makers offer it.',
    'Xiaomi sold its phones with unlocked bootloaders until 2016.',
    'Phones of before Android 6 say nothing of this.',
  ],
  confirm: 'Read the lock state in the bootloader: `fastboot getvar unlocked`.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'boot-properties',
  causes: ['owner-settings', 'root', 'rom-flash', 'engineering'],
  catches: undefined,
  spec: ['AOSP external/avb/README.md: Device integration', 'source.android.com/docs/security/features/verifiedboot/boot-flow'],
  run(context) {
    const read = SAYS.map(([key]) => said(context, key)).filter((item) => item !== undefined);
    if (read.length === 0)
      return notChecked('the boot chain said nothing of its state', 'getprop of Android 6 or later, or fastboot getvar all');
    const claims = claimsOf(context);
    const finding = (found: SaidProperty, because: string): Draft => ({
      claimed: 'a phone that starts only what its maker signed',
      observed: `${found.key}=${found.value}`,
      because,
      standing: found.standing,
      evidence: [found.place],
      ...(claims.foreign === undefined ? {} : { strength: 'note' as const }),
    });
    const findings = SAYS.flatMap(([key, values, because]) => {
      const found = said(context, key);
      return found !== undefined && values.test(found.value) ? [finding(found, because)] : [];
    });
    // A tripped Knox fuse says that another kernel ran once, nothing of what runs now.
    const knox = said(context, 'ro.boot.warranty_bit') ?? said(context, 'ro.warranty_bit');
    if (knox?.value === '1')
      findings.push({
        ...finding(knox, 'A fuse says that a kernel without the maker’s signature ran on this phone at some time.'),
        strength: 'note',
      });
    return failOrPass(findings, read[0]?.standing ?? 'told');
  },
});
