/** Raw images of a forged build, judged by the owner's policy. */
import { hasRomTools, inspectRom, type RomImages } from '../../src/forge/node/index.ts';
import type { Reference } from '../../src/references/index.ts';
import type { Report } from '../../src/report/index.ts';
import { ownerPolicy, type Policy } from '../../src/verdict/index.ts';

export { romReference as referenceOf } from '../../src/forge/node/index.ts';
export type Images = RomImages;
export const romTools = hasRomTools();

/** The report over images. */
export const inspectImages = (images: Images, references: readonly Reference[], policy: Policy = ownerPolicy): Promise<Report> =>
  inspectRom(images, { references, policy, version: 'test' });

/** Checks of software that count against it. */
export const counted = ({ findings }: Report) => [
  ...new Set(
    findings
      .filter(({ strength, axis }) => axis === 'software' && (strength === 'conclusive' || strength === 'strong'))
      .map(({ check }) => check),
  ),
];
export const verdictOf = ({ verdict }: Report) => [verdict.software, verdict.nature, verdict.decision];
