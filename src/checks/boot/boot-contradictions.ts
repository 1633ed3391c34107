import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimsOf, evidenceOf, natureOf, type SaidProperty, said, weakest } from './claims.ts';

/** From this API level on, certified phones follow the boot flow with its colours (Android 8, with Verified Boot 2.0). */
const COLOURS_FROM = 26;

export const bootContradictions = defineCheck({
  id: 'boot.state-contradictions',
  axis: 'software',
  title: 'Boot state against lock state',
  what: 'ro.boot.verifiedbootstate, ro.boot.vbmeta.device_state, ro.boot.flash.locked and ro.boot.veritymode against each other.',
  why: 'All of them tell one state of one bootloader. Who forges the colour often forgets the rest.',
  benign: ['Bootloaders of before Android 8, or of makers without certification, that set one of them wrongly.'],
  confirm: 'Read the lock state in the bootloader, and ask the phone for a key attestation, which signs it.',
  strength: 'conclusive',
  impossible:
    'The boot flow gives `green` to a locked bootloader only; libavb writes device_state from the same flag that decides the colour, and a certified phone from Android 8 on reports flash.locked from it too. One boot of one bootloader cannot be both.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'the output of getprop',
  group: 'boot-properties',
  causes: ['property-edit', 'root'],
  catches: 'app',
  spec: ['AOSP external/avb/libavb/avb_cmdline.c', 'source.android.com/docs/security/features/verifiedboot/boot-flow'],
  run(context) {
    const claims = claimsOf(context);
    const colour = said(context, 'ro.boot.verifiedbootstate');
    const device = said(context, 'ro.boot.vbmeta.device_state');
    const flash = said(context, 'ro.boot.flash.locked');
    const verity = said(context, 'ro.boot.veritymode');
    const known = [colour, device, flash, verity].filter((item) => item !== undefined);
    if (known.length < 2) return notChecked('fewer than two of these properties were read', 'getprop of Android 8 or later');
    const findings: Draft[] = [];
    const clash = (one: SaidProperty, other: SaidProperty, because: string, certain: boolean) =>
      findings.push({
        claimed: `${one.key}=${one.value}`,
        observed: `${other.key}=${other.value}`,
        because,
        standing: weakest(one.standing, other.standing),
        evidence: evidenceOf(one.place, other),
        nature: natureOf(claims),
        ...(certain ? {} : { strength: 'weak' as const }),
      });
    const certain = claims.consumer && (claims.sdk ?? 0) >= COLOURS_FROM;
    if (colour?.value.toLowerCase() === 'green') {
      const because = 'Green means a locked bootloader that verified its maker’s signature; an unlocked one is orange.';
      if (device?.value === 'unlocked') clash(colour, device, because, certain);
      if (flash?.value === '0') clash(colour, flash, because, certain);
      if (verity?.value === 'disabled')
        clash(colour, verity, 'A verified boot chain verifies the system partitions while they are read.', false);
    }
    if (device !== undefined && flash !== undefined && (device.value === 'locked') !== (flash.value === '1'))
      clash(device, flash, 'Both tell whether the bootloader is locked, and they differ.', false);
    return failOrPass(findings, weakest('shown', ...known.map(({ standing }) => standing)));
  },
});
