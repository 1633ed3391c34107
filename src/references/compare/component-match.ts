/** Components matched alone: makers combine them, so which build each comes from is a question of its own. */
import type { Facts } from '../../evidence/index.ts';
import type { Manifest } from '../manifest.ts';
import type { Reference } from '../provenance.ts';
import { apexPathsOf, componentOf } from '../shelf/components.ts';
import type { ComponentName } from '../shelf/types.ts';
import { phoneTree } from './phone-tree.ts';
import { mountsOf, treeOf } from './tree.ts';

/** How a component of a build compares with what the phone showed of it. Only files seen with digest count. */
export interface ComponentTally {
  readonly reference: Reference;
  readonly component: ComponentName;
  readonly same: number;
  readonly different: number;
  /** Files of the component that have a digest. */
  readonly files: number;
}

/** Fewer files seen say nothing of a component, unless they are all it has. */
const SEEN_MIN = 8;
const FILES_MIN = 2;

/** Every component of every reference against the phone. */
export function tallyComponents(facts: Facts, references: readonly Reference[]): readonly ComponentTally[] {
  const { rows } = phoneTree(facts);
  return references.flatMap((reference) => {
    const apexPaths = apexPathsOf(reference.manifest);
    const tallies = new Map<ComponentName, { same: number; different: number; files: number }>();
    for (const [path, row] of treeOf(reference.manifest).rows) {
      if (!row.sha256) continue;
      const component = componentOf(row.partition ?? '', apexPaths);
      const tally = tallies.get(component) ?? { same: 0, different: 0, files: 0 };
      tallies.set(component, tally);
      tally.files++;
      const seen = rows.get(path)?.sha256;
      if (!seen) continue;
      if (seen === row.sha256) tally.same++;
      else tally.different++;
    }
    return [...tallies].map(([component, tally]) => ({ reference, component, ...tally }));
  });
}

/** Whether all that was seen of the component is this build's, and enough was seen to say so. */
export const isWhole = ({ same, different, files }: ComponentTally): boolean =>
  different === 0 && files >= FILES_MIN && same >= Math.min(SEEN_MIN, files);

/** A component that is wholly another build's than the one the rest is of. */
export interface ForeignComponent {
  readonly component: ComponentName;
  readonly from: Reference;
  readonly same: number;
  /** Files of it that differ from the build named. */
  readonly different: number;
}

/**
 * Components that are not those of `named` and are wholly those of another build here, while another component of `named` is there whole: parts that `named` does not combine.
 * The carrier's part and firmware are packed and updated apart, so they never make a build a mixed one.
 */
export function foreignComponents(tallies: readonly ComponentTally[], named: Reference): readonly ForeignComponent[] {
  const own = tallies.filter(({ reference }) => reference === named);
  if (!own.some(isWhole)) return [];
  return own.flatMap((tally): readonly ForeignComponent[] => {
    if (tally.different === 0 || tally.component === 'carrier' || tally.component === 'firmware' || tally.component === 'vbmeta') return [];
    const other = tallies.find((one) => one.component === tally.component && one.reference !== named && isWhole(one));
    return other === undefined ? [] : [{ component: tally.component, from: other.reference, same: other.same, different: tally.different }];
  });
}

/** To which component of a build a path belongs, by where its partitions are mounted. */
export function homeOf(manifest: Manifest): (path: string) => ComponentName | undefined {
  const apexPaths = apexPathsOf(manifest);
  const mounts = [...mountsOf(manifest)].toSorted(([, a], [, b]) => b.length - a.length);
  return (path) => {
    const partition = mounts.find(([, mount]) => path === mount || path.startsWith(`${mount}/`))?.[0];
    return partition === undefined ? undefined : componentOf(partition, apexPaths);
  };
}
