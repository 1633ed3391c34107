/** The differences of two trees, path by path: added, removed, changed, moved. No opinion on which of them matter: that is `weigh.ts` and `expected.ts`. */
import { type Aspect, aspectsOf, type Row } from './row.ts';
import type { Tree } from './tree.ts';
import { type Weight, weigh } from './weigh.ts';

export type Change = 'added' | 'removed' | 'changed' | 'moved';
/** Of a group: `mixed` where its files changed in several ways. */
export type ComparedChange = Change | 'mixed';

export interface Difference {
  readonly change: Change;
  /** Where it is now; for `removed`, where it was. */
  readonly path: string;
  /** For `moved`: where it was. */
  readonly from: string | undefined;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  readonly aspects: readonly Aspect[];
  readonly weight: Weight;
}

export interface DifferOptions {
  /** Whether a path that only one side has is a difference at all: the other side may not have been seen there. */
  readonly counts: (change: 'added' | 'removed', row: Row) => boolean;
}

/** SHA-256 of nothing: empty files are not moved from each other. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Every difference, in the order of the paths. */
export function differ(before: Tree, after: Tree, { counts }: DifferOptions): readonly Difference[] {
  const found: Difference[] = [];
  const gone = new Map<string, Row>();
  const come: Row[] = [];
  // Lists of files that leave out folders: a folder is there where something lies in it.
  const folders = { before: foldersIn(before), after: foldersIn(after) };
  const isImplied = (row: Row, side: ReadonlySet<string>) => row.type === 'directory' && side.has(row.path);
  for (const [path, row] of before.rows) {
    const now = after.rows.get(path);
    if (now === undefined) {
      if (!isImplied(row, folders.after) && counts('removed', row)) gone.set(path, row);
      continue;
    }
    const aspects = aspectsOf(row, now);
    if (aspects.length > 0)
      found.push({ change: 'changed', path, from: undefined, before: row, after: now, aspects, weight: heavier(row, now) });
  }
  for (const [path, row] of after.rows)
    if (!before.rows.has(path) && !isImplied(row, folders.before) && counts('added', row)) come.push(row);

  const places = new Map<string, string[]>();
  for (const [path, { sha256 }] of gone) if (sha256 && sha256 !== EMPTY) places.set(sha256, [...(places.get(sha256) ?? []), path]);
  for (const row of come) {
    const from = row.sha256 ? places.get(row.sha256)?.shift() : undefined;
    const was = from === undefined ? undefined : gone.get(from);
    if (from !== undefined) gone.delete(from);
    found.push({
      change: from === undefined ? 'added' : 'moved',
      path: row.path,
      from,
      before: was,
      after: row,
      aspects: was === undefined ? [] : aspectsOf(was, row),
      weight: was === undefined ? weigh(row) : heavier(was, row),
    });
  }
  for (const row of gone.values())
    found.push({ change: 'removed', path: row.path, from: undefined, before: row, after: undefined, aspects: [], weight: weigh(row) });
  return found.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Every folder that some path lies in. */
function foldersIn({ rows }: Tree): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of rows.keys())
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
}

function heavier(before: Row, after: Row): Weight {
  const a = weigh(before);
  const b = weigh(after);
  return b.rank > a.rank ? b : a;
}
