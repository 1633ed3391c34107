import { factOf } from '../../evidence/index.ts';
import { PUBLIC_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import { defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';

export const testKey = defineCheck({
  id: 'image.test-key',
  axis: 'posture',
  title: 'Verified boot under a published key',
  what: 'The keys that sign the image’s vbmeta structures against the test keys that come with AVB.',
  why: 'Everybody has these keys: whoever wants can sign another image in the maker’s place.',
  benign: ['Small makers ship it: it is their own build, and open to everybody.'],
  confirm: 'avbtool info_image prints the SHA-1 of the key; compare it with that of AOSP’s test keys.',
  strength: 'weak',
  standing: 'shown',
  needs: [],
  settledBy: 'the vbmeta images of the package',
  group: 'avb-key',
  causes: ['engineering'],
  catches: undefined,
  spec: ['AOSP external/avb test/data'],
  run(context) {
    const image = factOf(context.facts, 'image');
    if (image === undefined) return notApplicable;
    const keys = image.value.partitions.flatMap(({ name, avb, place }) =>
      avb?.keySha256 == null ? [] : [{ name, key: avb.keySha256, place }],
    );
    if (keys.length === 0) return notChecked('nothing in it is signed by a key of verified boot', 'the vbmeta images of the package');
    return failOrPass(
      keys.flatMap(({ name, key, place }) => {
        const known = PUBLIC_BOOT_KEYS.get(key);
        return known === undefined
          ? []
          : [
              {
                claimed: `${name} under its maker’s key`,
                observed: `${name} under AVB’s ${known}`,
                because: 'The private half of this key is published.',
                standing: image.standing,
                evidence: [place] as const,
              },
            ];
      }),
      image.standing,
    );
  },
});
