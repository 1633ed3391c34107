/** What weighs against a package in the view, in points from 0 to 100 each with its words. It convicts nobody: checks judge, and what they know of a package weighs here too. */
import { type ApkFact, type Facts, factsOf } from '../../evidence/index.ts';
import type { Indicator, Knowledge } from '../../knowledge/index.ts';
import { BASELINE_PACKAGES, DANGEROUS_PERMISSIONS, PRIVILEGED_PERMISSIONS } from '../../knowledge/packages/index.ts';
import type { AddedBy } from './added-by.ts';
import { type IndicatorIndex, indexIndicators } from './indicator-index.ts';
import type { Installed } from './inventory.ts';
import { byDigest, bySigner, HARMFUL } from './known-malware.ts';
import type { PackageRow, SignerAnswer } from './package-view.ts';
import { inBaseline, permissionPoints } from './preload-risk.ts';
import { DECEIVES, HIDES, saidOf } from './signature-tricks.ts';

/** Names of plain Android, of whatever release. */
export const PLAIN: ReadonlySet<string> = new Set(BASELINE_PACKAGES.flatMap(([, names]) => names.split(' ')));

/** What is known of bad things, made ready to be asked of each package. */
export interface Suspicions {
  readonly index: IndicatorIndex;
  /** Families whose rules a file meets, by its path. */
  readonly met: ReadonlyMap<string, string>;
}

export function suspicionsOf(facts: Facts, { indicators }: Knowledge): Suspicions {
  const met = new Map<string, string>();
  for (const { value } of factsOf(facts, 'scans'))
    for (const { path, matches } of value) {
      const [first] = matches;
      if (first !== undefined) met.set(path, first.meta['family'] ?? first.rule);
    }
  return { index: indexIndicators(indicators.filter((row) => HARMFUL.includes(row.class))), met };
}

interface Weighing {
  readonly item: Installed;
  readonly apk: ApkFact | undefined;
  readonly signer: SignerAnswer;
  readonly by: AddedBy;
  readonly granted: readonly string[];
  readonly chosen: ReadonlySet<string>;
  readonly suspicions: Suspicions;
}

/** What weighs against a package, and how much. A plain Android's own parts weigh nothing for what every phone lets them do. */
export function pointsOf({ item, apk, signer, by, granted, chosen, suspicions }: Weighing): PackageRow['because'] {
  const points: { points: number; what: string }[] = [];
  const add = (amount: number, what: string) => points.push({ points: amount, what });
  for (const [amount, what] of badName(item, suspicions)) add(amount, what);
  if (apk !== undefined) {
    const [deceives] = saidOf(apk, DECEIVES);
    const [hides] = saidOf(apk, HIDES);
    if (deceives !== undefined) add(50, deceives);
    if (hides !== undefined) add(20, hides);
  }
  if (signer === 'not verified')
    add(50, `its signature does not verify (${(apk?.issues ?? []).slice(0, 3).join(', ') || 'it is no archive that can be read'})`);
  if (signer === 'other') add(50, "another signer than its developer's");
  if (signer === 'public test key') add(40, 'signed with a key that anybody has');
  const plain = inBaseline(item.name, PLAIN);
  const trusted =
    signer === 'own' ||
    by === 'maker' ||
    by === 'maker-signed' ||
    by === 'system-signed' ||
    (plain && signer !== 'other' && signer !== 'not verified');
  if (by === 'retailer') add(30, 'in the system, and neither the maker’s nor of anybody we know');
  if (item.sharedUser === 'android.uid.system' && !plain && by !== 'maker' && by !== 'maker-signed')
    add(20, 'runs as the system, and plain Android has no such package');
  if (granted.includes('android.permission.INSTALL_PACKAGES') && !plain && signer !== 'own') add(25, 'installs apps without asking');
  const weight = permissionPoints(granted.filter((name) => name !== 'android.permission.INSTALL_PACKAGES'));
  if (weight > 0 && !trusted) add(Math.min(25, weight / 4), permissionWords(granted, chosen, item.inSystem));
  if (apk?.app?.debuggable === true) add(15, 'debuggable: any app on the cable reads its data');
  if ((apk?.app?.exportedOpen ?? 0) > 0 && !trusted)
    add(Math.min(10, apk?.app?.exportedOpen ?? 0), `${apk?.app?.exportedOpen} components that any app may call`);
  if (!item.inSystem && item.system !== true && item.installer === null) add(5, 'came by no store');
  return points;
}

/** What was granted, and how: a part of the system has what nobody chose from the start. */
function permissionWords(granted: readonly string[], chosen: ReadonlySet<string>, inSystem: boolean): string {
  const worth = granted.filter((name) => DANGEROUS_PERMISSIONS.includes(name) || PRIVILEGED_PERMISSIONS.includes(name));
  const counted = worth.length > 0 ? worth : granted;
  const asked = counted.filter((name) => chosen.has(name)).length;
  const all = `${counted.length} permission${counted.length === 1 ? '' : 's'}`;
  if (!inSystem) return all;
  if (asked === 0) return `${all}, granted before anybody saw ${counted.length === 1 ? 'it' : 'them'}`;
  return asked === counted.length
    ? `${all}, chosen by its user`
    : `${all}, ${counted.length - asked} of them granted before anybody saw them`;
}

/** What indicators and rules say of a package. A digest or a signer names it; a name is what its author chose. */
function badName(item: Installed, { index, met }: Suspicions): readonly (readonly [points: number, what: string])[] {
  const says = (row: Indicator, points: number, how: string) => [points, `${how} ${row.family}`] as const;
  const sure = byDigest(item, index) ?? bySigner(item, index);
  const named = sure === undefined ? index.named(item.name) : undefined;
  const family = item.paths.map((path) => met.get(path)).find((one) => one !== undefined);
  return [
    ...(sure === undefined ? [] : [says(sure, 100, 'a published sample of')]),
    ...(named === undefined ? [] : [says(named, named.class === 'riskware' ? 30 : 50, 'its name is that of')]),
    ...(family === undefined ? [] : [[60, `its code meets a rule for ${family}`] as const]),
  ];
}
