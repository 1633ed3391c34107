import { factOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';

export const avbChain = defineCheck({
  id: 'image.avb-chain',
  axis: 'software',
  title: 'The verified-boot chain of the image',
  what: 'Every partition of the image against the digest, or the root of the hash tree, that the image’s own vbmeta states of it, and the signatures of those.',
  why: 'Who changes a partition and cannot sign leaves another digest than the one that was signed.',
  benign: [
    'A package put together from two by hand; the maker’s own always verifies.',
    'Verification that a developer turned off for a phone of his own.',
  ],
  confirm: 'assay firmware verify, or avbtool verify_image over the same files.',
  strength: 'conclusive',
  impossible:
    'A locked bootloader starts nothing whose bytes differ from what its vbmeta states. A package of the maker’s that altered its own images would leave every locked phone that takes it dead, so its images are those that it signs.',
  standing: 'shown',
  needs: [],
  settledBy: 'the whole package, with its vbmeta',
  group: 'avb',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  // Whoever signs anew passes: that says nothing of the maker.
  catches: undefined,
  spec: ['AOSP external/avb README: verified boot'],
  run(context) {
    const image = factOf(context.facts, 'image');
    if (image === undefined) return notApplicable;
    const bound = image.value.partitions.flatMap((row) => (row.avb === null ? [] : [{ ...row, avb: row.avb }]));
    if (bound.every(({ avb }) => avb.outcome === 'not-checked'))
      return notChecked('no vbmeta in it says anything of its partitions', 'the whole package, with its vbmeta');
    const findings = bound.flatMap(({ name, avb, place, sha256 }): readonly Draft[] => {
      const base = {
        claimed: `${name} as ${avb.in ?? 'its own vbmeta'} signs it`,
        standing: image.standing,
        evidence: [place] as const,
        nature: 'modified' as const,
        names: name,
      };
      if (avb.outcome === 'altered')
        return [
          {
            ...base,
            observed: `another one (SHA-256 ${sha256?.slice(0, 16) ?? 'not read'}…)`,
            because: `It was changed after it was signed (${avb.because}).`,
          },
        ];
      if (/turn (?:verification|dm-verity) off/.test(avb.because))
        return [
          { ...base, observed: avb.because, because: 'With it nothing that this phone starts is checked.', strength: 'weak' as const },
        ];
      return [];
    });
    return failOrPass(findings, image.standing);
  },
});
