import { factOf } from '../../evidence/index.ts';
import { buildName } from '../../references/compare/index.ts';
import type { Reference } from '../../references/index.ts';
import { defineCheck, notApplicable, notChecked } from '../define.ts';

const NEEDED = 'the maker’s own package of this build as a reference that its signature or an official list vouches for';

export const makerBuild = defineCheck({
  id: 'image.maker-build',
  axis: 'software',
  title: 'The image, digest for digest, against builds that are vouched for',
  what: 'Whether every partition of the image is that of one build whose maker’s signature, or an official list, vouches for it.',
  why: 'An image whose every byte is the maker’s is the maker’s, whoever brings it.',
  benign: ['A build that is not among those known here: that is unknown, never fake.'],
  confirm: 'Compare the SHA-256 of each partition with the official package’s.',
  strength: 'weak',
  standing: 'shown',
  needs: [],
  settledBy: NEEDED,
  group: 'maker-build',
  causes: [],
  catches: 'bootloader',
  spec: ['design: The rule of evidence, 2'],
  run({ facts, references }) {
    const image = factOf(facts, 'image');
    if (image === undefined) return notApplicable;
    const { partitions } = image.value;
    const same = references.find((reference) => isSame(partitions, reference));
    if (same === undefined) return notChecked('no build that is vouched for here has all of its partitions', NEEDED);
    return {
      outcome: 'pass',
      standing: same.vouched === 'maker-signature' ? 'signed' : 'measured',
      clears: { axis: 'software', because: `every partition is that of ${buildName(same.manifest)}` },
    };
  },
});

/** Whether a build that is vouched for and was made from images has every one of the partitions, digest for digest. Nothing is the same as a partition that was not read. */
function isSame(
  partitions: readonly { readonly name: string; readonly sha256: string | null }[],
  { vouched, provenance, manifest }: Reference,
): boolean {
  if (vouched === 'nobody' || provenance?.made !== 'image' || partitions.length === 0) return false;
  const known = new Map(manifest.partitions.map(({ name, sha256 }) => [name, sha256]));
  return partitions.every(({ name, sha256 }) => sha256 !== null && known.get(name) === sha256);
}
