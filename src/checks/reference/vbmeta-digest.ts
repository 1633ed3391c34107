import { claimsOf, natureOf, said } from '../boot/claims.ts';
import { defineCheck, notChecked, pass } from '../define.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { accountOf } from './account.ts';

const NEEDED = "getprop of Android 9 or later, and a reference of the maker's build made from its whole package";

export const vbmetaDigest = defineCheck({
  id: 'reference.vbmeta-digest',
  axis: 'software',
  title: 'The digest over all vbmeta images',
  what: 'ro.boot.vbmeta.digest, which the bootloader hands to the system, against the digest computed over the vbmeta images of the build with the same fingerprint.',
  why: 'It covers every partition that is verified: one byte changed anywhere, and re-signed, is another digest.',
  benign: ['A maker published two builds with one fingerprint.', 'A carrier’s partition with a vbmeta of its own, packed apart.'],
  confirm: 'Compute the digest with avbtool calculate_vbmeta_digest over the official package.',
  strength: 'conclusive',
  impossible:
    'The digest is taken over the vbmeta images that the bootloader verified. The fingerprint names one official build; with that build’s images vouched for by its maker, another digest means other images. It is the phone’s word all the same: it can convict, never clear.',
  standing: 'told',
  needs: ['properties'],
  settledBy: NEEDED,
  group: 'root-digest',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'app',
  spec: ['AVB: calculate_vbmeta_digest', 'AOSP system/core init: ro.boot.vbmeta.digest'],
  run(context) {
    const digest = said(context, 'ro.boot.vbmeta.digest');
    if (digest === undefined || !/^[0-9a-f]{64}$/i.test(digest.value))
      return notChecked('the phone states no SHA-256 over its vbmeta images', NEEDED);
    const { named, fingerprint } = accountOf(context);
    const expected = named?.reference.manifest.vbmetaDigest;
    if (named === undefined || fingerprint === undefined || expected === null || expected === undefined)
      return notChecked('no reference of the build that the phone names holds its vbmeta images', NEEDED);
    if (expected === digest.value.toLowerCase()) return pass(digest.standing);
    const isCertain = named.reference.vouched !== 'nobody' && named.reasons.includes('said');
    return {
      outcome: 'fail',
      findings: [
        {
          claimed: `vbmeta of ${fingerprint.value}: ${expected}`,
          observed: digest.value,
          because: 'The images that the bootloader verified are not those of the build that the phone names.',
          standing: digest.standing,
          evidence: [digest.place, fingerprint.place],
          nature: natureOf(claimsOf(context)),
          toolmarks: toolmarksOf(context, 'build', [digest.value]),
          ...(isCertain ? {} : { strength: 'weak' as const }),
        },
      ],
    };
  },
});
