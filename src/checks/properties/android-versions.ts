/** API levels by Android version. Source: developer.android.com/tools/releases/platforms; 12 and 12L share the version string "12". */
const API_LEVELS: readonly (readonly [version: string, levels: readonly number[]])[] = [
  ['1.5', [3]],
  ['1.6', [4]],
  ['2.1', [7]],
  ['2.2', [8]],
  ['2.3', [9, 10]],
  ['3.0', [11]],
  ['3.1', [12]],
  ['3.2', [13]],
  ['4.0', [14, 15]],
  ['4.1', [16]],
  ['4.2', [17]],
  ['4.3', [18]],
  ['4.4', [19, 20]],
  ['5.0', [21]],
  ['5.1', [22]],
  ['6', [23]],
  ['7.0', [24]],
  ['7.1', [25]],
  ['8.0', [26]],
  ['8.1', [27]],
  ['9', [28]],
  ['10', [29]],
  ['11', [30]],
  ['12', [31, 32]],
  ['13', [33]],
  ['14', [34]],
  ['15', [35]],
  ['16', [36]],
  ['17', [37]],
];

/** API levels that builds of a release state, or undefined for a release that is not known. `4.4.4` is found as `4.4`, `6.0.1` as `6`. */
export function sdksOfRelease(release: string): readonly number[] | undefined {
  const [major, minor] = release.trim().split('.');
  return API_LEVELS.find(([version]) => version === `${major}.${minor}` || version === major)?.[1];
}

/** The releases of an API level, or undefined for a level that is not known. */
export function releasesOfSdk(sdk: number): readonly string[] | undefined {
  const found = API_LEVELS.filter(([, levels]) => levels.includes(sdk)).map(([version]) => version);
  return found.length === 0 ? undefined : found;
}

/** The major Android version of a release text, or undefined where it is none. */
export function majorOf(release: string): number | undefined {
  const major = /^(\d{1,2})(?:\.|$)/.exec(release.trim())?.[1];
  return major === undefined ? undefined : Number(major);
}
