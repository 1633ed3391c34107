/** The lab's rows of firmware: what is done to the maker's images, each judged without a phone against the maker's builds. */
import type { Reference } from '../../references/index.ts';
import { labPolicy } from '../../verdict/index.ts';
import { ROM_ALTERATIONS, type RomAlteration } from '../rom/alterations.ts';
import { inspectRom, romReference } from './inspect-rom.ts';
import { checksOf, type LabRow } from './lab-row.ts';
import { forgeRom, makeRomKeys } from './rom/index.ts';

/** What the rows call it: images of the family of 2025. */
export const LAB_ROM = 'Quartz ROM (images)';
/** Few libraries: what they hold is nobody's business here. */
const FILL = 4;

export interface RomJob {
  readonly phone: string;
  readonly alteration: string | null;
  readonly run: () => Promise<LabRow>;
}

const UNALTERED: Pick<RomAlteration, 'apply' | 'key'> = { apply: (recipe) => recipe, key: 'maker' };

/** Rows in the order unaltered, benign, altered. Keys and references are made once, when the first row wants them. */
export function romJobs(version: string): readonly RomJob[] {
  const keys = makeRomKeys();
  const forge = async ({ apply, patch, key, shareBlocks }: Pick<RomAlteration, 'apply' | 'patch' | 'key' | 'shareBlocks'>) =>
    (
      await forgeRom('payload-2025', 'maker', keys, {
        fill: FILL,
        imagesOnly: true,
        avbKey: key,
        alter: apply,
        ...(patch === undefined ? {} : { patch }),
        ...(shareBlocks === undefined ? {} : { shareBlocks }),
      })
    ).images;
  let made: Promise<readonly Reference[]> | undefined;
  const references = () => {
    made ??= (async () => {
      const next = await forgeRom('payload-2025', 'update', keys, { fill: FILL, imagesOnly: true });
      return [await romReference(await forge(UNALTERED)), await romReference(next.images)];
    })();
    return made;
  };
  const job = (kind: LabRow['kind'], row: RomAlteration | undefined): RomJob => ({
    phone: LAB_ROM,
    alteration: row?.id ?? null,
    async run() {
      const report = await inspectRom(await forge(row ?? UNALTERED), { references: await references(), policy: labPolicy, version });
      return {
        phone: LAB_ROM,
        kind,
        alteration: row?.id ?? null,
        level: kind === 'altered' ? (row?.level ?? null) : null,
        axis: kind === 'altered' ? 'software' : null,
        verdict: report.verdict,
        checks: checksOf(report),
      };
    },
  });
  const of = (kind: RomAlteration['kind']) => ROM_ALTERATIONS.filter((row) => row.kind === kind).map((row) => job(kind, row));
  return [job('unaltered', undefined), ...of('benign'), ...of('altered')];
}
