/** `4.4.4` as numbers; undefined for what is no version. */
export function versionNumbers(text: string): readonly number[] | undefined {
  const match = /^(\d{1,4})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?(?![\d])/.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

/** Below, equal or above, part by part. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Whether a bulletin's versions hold an Android version. Undefined where the bulletin does not say, or where the version is older than any it speaks of:
 * bulletins list the versions that Google still patched, and are silent about older ones.
 *
 * `4.4.4 5.0.2`: these got the fix, so an earlier point release of the same line has the hole too. `<=5.1`, `>=5.0`, both: as said; `5.1` means all of 5.1,
 * also in a list, unless the list names a point release of it. 6.0 is the exception: 6.0.1 is always named by itself where it is meant.
 */
export function affectsVersion(versions: string, release: string): boolean | undefined {
  const own = versionNumbers(release);
  if (own === undefined || versions === '') return undefined;
  const bounds = versions.split(' ').filter((word) => /^[<>]=/.test(word));
  if (bounds.length > 0)
    return bounds.every((word) => {
      const limit = versionNumbers(word.slice(2)) ?? [0, 0, 0];
      if (word.startsWith('>=')) return compareVersions(own, limit) >= 0;
      const isLine = !/^<=\d+\.\d+\.\d+/.test(word);
      return compareVersions(isLine ? [own[0] ?? 0, own[1] ?? 0, 0] : own, limit) <= 0;
    });
  const words = versions.split(' ');
  const rows = words.flatMap((word) => {
    const row = versionNumbers(word);
    return row === undefined ? [] : [row];
  });
  if (rows.length === 0) return undefined;
  if (rows.some((row) => row[0] === own[0] && row[1] === own[1] && compareVersions(own, row) <= 0)) return true;
  const line = `${own[0]}.${own[1]}`;
  if (line !== '6.0' && words.includes(line) && !words.some((word) => word.startsWith(`${line}.`))) return true;
  // A line that is listed without this point release was fixed in the release itself.
  const least = rows.reduce((a, b) => (compareVersions(a, b) <= 0 ? a : b));
  return compareVersions(own, least) < 0 ? undefined : false;
}
