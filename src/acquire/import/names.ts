/**
 * Names for artefacts of a recording: made by us of what the recording calls them, so that `../../etc/passwd` and the like are only ever text.
 * Letters, digits, dot, dash and underscore stay; folders stay folders; `.` and `..` go; no name occurs twice.
 */

const SEGMENT_MAX = 80;
const SEGMENTS_MAX = 6;

/** Makes names, each once. */
export function nameMaker(): (said: string) => string {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return (said) => {
    const segments = said
      .slice(-2000)
      .split(/[/\\]/)
      .map((segment) =>
        segment
          .replace(/[^A-Za-z0-9._-]/g, '_')
          .replace(/^\.+/, '')
          .slice(-SEGMENT_MAX),
      )
      .filter((segment) => segment !== '')
      .slice(-SEGMENTS_MAX);
    const base = segments.length === 0 ? 'unnamed' : segments.join('/');
    // Names differ in case on some file systems only.
    const folded = base.toLowerCase();
    let count = counts.get(folded) ?? 0;
    let name: string;
    do {
      count++;
      name = count === 1 ? base : `${base}-${count}`;
    } while (taken.has(name.toLowerCase()));
    counts.set(folded, count);
    taken.add(name.toLowerCase());
    return name;
  };
}
