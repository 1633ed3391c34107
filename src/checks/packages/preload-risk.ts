/**
 * How much a build adds to the risk of a plain Android: Uraniborg's five measures, each against the baseline of its release.
 * r = (what meets the measure and is not in the baseline) / (all that meets it), times the measure's weight. Installers go by the number of their signers.
 */
import {
  BASELINE_PACKAGES,
  BASELINE_RELEASES,
  BASELINE_SHARED_USERS,
  PRELOAD_EXCLUDED,
  PRELOAD_PREFIXES,
  PRELOAD_STORES,
  PRELOAD_WEIGHTS,
  RISKY_PERMISSIONS,
} from '../../knowledge/packages/index.ts';

/** A package of a build, as far as the measures look at it. */
export interface PreloadPackage {
  readonly name: string;
  readonly signers: readonly string[];
  readonly sharedUser: string | undefined;
  /** Undefined: its APK was not read; it is taken to have code. */
  readonly hasCode: boolean | undefined;
  readonly granted: readonly string[];
  /** Undefined: its APK was not read; it is left out. */
  readonly cleartext: boolean | undefined;
}

export type PreloadMeasure = keyof typeof PRELOAD_WEIGHTS;

/** One measure: what it adds, of how much, and by whom. */
export interface PreloadScore {
  readonly measure: PreloadMeasure;
  readonly score: number;
  readonly most: number;
  /** The packages that add to it, beyond the baseline. */
  readonly added: readonly string[];
}

export interface PreloadRisk {
  /** The Android release of the baseline. */
  readonly release: string;
  readonly total: number;
  readonly most: number;
  readonly scores: readonly PreloadScore[];
}

/** The packages of a plain build. */
export interface Baseline {
  readonly release: string;
  readonly all: ReadonlySet<string>;
  readonly noCode: ReadonlySet<string>;
  readonly platform: ReadonlySet<string>;
  /** `user name` of each member of a shared user. */
  readonly sharedUsers: ReadonlySet<string>;
}

/** The baseline of an API level; undefined where there is none: then nothing can be said. */
export function baselineOf(sdk: number | undefined): Baseline | undefined {
  const index = BASELINE_RELEASES.findIndex(({ sdks }) => sdks.some((level) => level === sdk));
  const release = BASELINE_RELEASES[index]?.release;
  if (release === undefined) return undefined;
  const named = (letters: string) =>
    new Set(BASELINE_PACKAGES.flatMap(([column, names]) => (letters.includes(column[index] ?? '-') ? names.split(' ') : [])));
  const sharedUsers = BASELINE_SHARED_USERS.flatMap(([user, column, names]) =>
    column[index] === 'u' ? names.split(' ').map((name) => `${user} ${name}`) : [],
  );
  return { release, all: named('cnCN'), noCode: named('nN'), platform: named('CN'), sharedUsers: new Set(sharedUsers) };
}

/** Whether a name is one of a baseline's, itself or renamed by its maker as in `com.maker.settings`. */
export function inBaseline(name: string, names: ReadonlySet<string>): boolean {
  if (names.has(name)) return true;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    if (PRELOAD_PREFIXES.some((prefix) => names.has(prefix + name.slice(dot + 1)))) return true;
  return false;
}

const POINTS: ReadonlyMap<string, number> = new Map(
  RISKY_PERMISSIONS.flatMap(([points, names]) => names.map((name): [string, number] => [name, points])),
);

/** What granted permissions weigh: of location and of messages only the gravest counts. */
export function permissionPoints(granted: readonly string[]): number {
  let points = 0;
  const gravest = { LOCATION: 0, SMS: 0 };
  for (const name of granted) {
    const own = POINTS.get(name) ?? 0;
    if (name.includes('LOCATION')) gravest.LOCATION = Math.max(gravest.LOCATION, own);
    else if (name.includes('SMS')) gravest.SMS = Math.max(gravest.SMS, own);
    else points += own;
  }
  return points + gravest.LOCATION + gravest.SMS;
}

/** Measures that go by what packages were granted. */
const BY_GRANTS: ReadonlySet<PreloadMeasure> = new Set(['permissions', 'cleartext', 'installers']);

/** The five measures over the packages of a build, or the two that are left where no granted permission was read. Undefined without a baseline of its release, or without packages. */
export function preloadRisk(
  packages: readonly PreloadPackage[],
  platform: ReadonlySet<string>,
  sdk: number | undefined,
): PreloadRisk | undefined {
  const baseline = baselineOf(sdk);
  if (baseline === undefined || packages.length === 0) return undefined;
  const counted = packages.filter(({ name }) => !PRELOAD_EXCLUDED.includes(name));
  const byPlatform = (one: PreloadPackage) => one.signers.some((signer) => platform.has(signer));
  const coded = (one: PreloadPackage) => one.hasCode !== false;
  const isStore = (one: PreloadPackage) => PRELOAD_STORES.some(([name, signer]) => one.name === name && one.signers.includes(signer));
  const measures: readonly PreloadScore[] = [
    ratio(
      'platform-signature',
      counted.filter((one) => byPlatform(one) && coded(one)),
      {
        known: ({ name }) => inBaseline(name, baseline.platform),
        points: () => 1,
      },
    ),
    ratio(
      'shared-users',
      counted.filter(({ sharedUser }) => sharedUser !== undefined),
      {
        known: ({ name, sharedUser }) => baseline.sharedUsers.has(`${sharedUser} ${name}`),
        points: () => 1,
      },
    ),
    ratio(
      'permissions',
      counted.filter((one) => !byPlatform(one) && coded(one) && !isStore(one)),
      {
        known: ({ name }) => inBaseline(name, baseline.all),
        points: ({ granted }) => permissionPoints(granted),
      },
    ),
    ratio(
      'cleartext',
      packages.filter((one) => coded(one) && one.cleartext === true && one.granted.includes('android.permission.INTERNET')),
      {
        known: ({ name }) => inBaseline(name, baseline.all),
        points: () => 1,
      },
    ),
    installers(
      packages.filter((one) => one.granted.includes('android.permission.INSTALL_PACKAGES') && !isStore(one)),
      { baseline, platform },
    ),
  ];
  // Where no granted permission was read, as of an image, the measures that go by them would all be nought.
  const isGrantRead = packages.some(({ granted }) => granted.length > 0);
  const scores = measures.filter(({ measure }) => isGrantRead || !BY_GRANTS.has(measure));
  const total = scores.reduce((sum, { score }) => sum + score, 0);
  const most = scores.reduce((sum, one) => sum + one.most, 0);
  return { release: baseline.release, total, most, scores };
}

interface Ratio {
  readonly known: (one: PreloadPackage) => boolean;
  readonly points: (one: PreloadPackage) => number;
}

function ratio(measure: PreloadMeasure, meeting: readonly PreloadPackage[], { known, points }: Ratio): PreloadScore {
  const sum = (list: readonly PreloadPackage[]) => list.reduce((total, one) => total + points(one), 0);
  const added = meeting.filter((one) => !known(one) && points(one) > 0);
  const all = sum(meeting);
  const most = PRELOAD_WEIGHTS[measure];
  return { measure, score: all === 0 ? 0 : (sum(added) / all) * most, most, added: added.map(({ name }) => name) };
}

/** The chance that some source of installers is hostile, begun at one in four and raised by every further signer; the platform's own counts twice. */
function installers(
  meeting: readonly PreloadPackage[],
  { baseline, platform }: { readonly baseline: Baseline; readonly platform: ReadonlySet<string> },
): PreloadScore {
  const added = meeting.filter(({ name }) => !inBaseline(name, baseline.all));
  const signers = new Set(added.map(({ signers: [first] }) => first));
  const ownKey = added.filter(({ signers: [first] }) => first !== undefined && platform.has(first)).length;
  const sources = Math.max(1, signers.size + ownKey);
  const most = PRELOAD_WEIGHTS.installers;
  return {
    measure: 'installers',
    score: ((sources * 0.25) / (1 + 0.25 * (sources - 1))) * most,
    most,
    added: added.map(({ name }) => name),
  };
}
