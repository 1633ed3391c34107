import { factOf } from '../../evidence/index.ts';
import { claimsOf, natureOf } from '../boot/claims.ts';
import { defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';
import { accountOf } from '../reference/account.ts';

const NEEDED = 'the vbmeta images, and a reference of the build that the image names';

export const imageSigner = defineCheck({
  id: 'image.signer',
  axis: 'software',
  title: 'Who signed the image',
  what: 'The keys of the image’s vbmeta structures against those of the build that it names.',
  why: 'Who changes an image and wants it to start signs it anew, with a key of his own.',
  benign: ['A maker who changed the key between two packages of one build.'],
  confirm: 'avbtool info_image over both vbmeta images.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose vbmeta images are vouched for by its maker. Only the maker’s key makes those: a vbmeta under another key was made by somebody else.',
  standing: 'shown',
  needs: [],
  settledBy: NEEDED,
  group: 'avb',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'kernel',
  spec: ['AOSP external/avb README: chain of trust'],
  run(context) {
    const image = factOf(context.facts, 'image');
    if (image === undefined) return notApplicable;
    const { named } = accountOf(context);
    const keys = new Map(
      named?.reference.manifest.partitions.flatMap(({ name, avb }) => (avb?.keySha256 == null ? [] : [[name, avb.keySha256] as const])) ??
        [],
    );
    const shared = image.value.partitions.flatMap(({ name, avb, place }) => {
      const own = keys.get(name);
      return own === undefined || avb === null ? [] : [{ name, own, key: avb.keySha256, place }];
    });
    if (named === undefined || shared.length === 0)
      return notChecked('no reference of the build that it names holds a signed vbmeta', NEEDED);
    const isCertain = named.reference.vouched !== 'nobody' && named.reasons.includes('said');
    return failOrPass(
      shared
        .filter(({ own, key }) => own !== key)
        .map(({ name, own, key, place }) => ({
          claimed: `${name} under the key ${own.slice(0, 16)}…`,
          observed: key === null ? 'no signature' : `under the key ${key.slice(0, 16)}…`,
          because: 'Whoever made this image could not sign it as the build that it names is signed.',
          standing: image.standing,
          evidence: [place] as const,
          nature: natureOf(claimsOf(context)),
          names: name,
          ...(isCertain ? {} : { strength: 'weak' as const }),
        })),
      image.standing,
    );
  },
});
