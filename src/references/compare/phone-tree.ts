/** A phone's side of a comparison: every list of files and digests that it gave, put together. What was not listed is not known, and what two answers say differently is kept. */
import { type Facts, factsOf, type ListedFile, type Place, type Standing } from '../../evidence/index.ts';
import type { Row } from './row.ts';
import { type ApexRow, type AppRow, appMaps, type Tree } from './tree.ts';

export interface PhoneTree extends Tree {
  /** Folders whose entries were listed to the end of the list they are in. */
  readonly listed: ReadonlySet<string>;
  /** Where each path was read, for a finding's evidence. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Paths for which the phone gave two digests. */
  readonly conflicts: readonly DigestConflict[];
}

export interface Origin {
  readonly place: Place;
  readonly standing: Standing;
}

export interface DigestConflict {
  readonly path: string;
  readonly digests: readonly [string, string];
  readonly origins: readonly [Origin, Origin];
}

/** More would fill a page with what one hook did. */
const CONFLICTS_MAX = 1000;
const cache = new WeakMap<Facts, PhoneTree>();

/** The tree of a phone's facts: made once for them. */
export function phoneTree(facts: Facts): PhoneTree {
  const before = cache.get(facts);
  if (before !== undefined) return before;
  const rows = new Map<string, Row>();
  const origins = new Map<string, Origin>();
  const listed = new Set<string>();
  const conflicts: DigestConflict[] = [];
  const add = (row: Row, origin: Origin) => {
    const known = rows.get(row.path);
    const was = origins.get(row.path);
    if (known === undefined || was === undefined) {
      rows.set(row.path, row);
      origins.set(row.path, origin);
      return;
    }
    if (known.sha256 && row.sha256 && known.sha256 !== row.sha256 && conflicts.length < CONFLICTS_MAX)
      conflicts.push({ path: row.path, digests: [known.sha256, row.sha256], origins: [was, origin] });
    rows.set(row.path, joined(known, row));
    if (!known.sha256 && row.sha256) origins.set(row.path, origin);
  };
  for (const fact of factsOf(facts, 'files')) {
    const origin = { place: fact.place, standing: fact.standing };
    for (const file of fact.value.files) {
      add(rowOf(file), origin);
      if (fact.value.isWhole === true) listed.add(file.path.slice(0, file.path.lastIndexOf('/')));
    }
  }
  for (const fact of factsOf(facts, 'apks'))
    for (const { path, sha256, size } of fact.value)
      if (path.startsWith('/'))
        add({ path, type: 'file', size, sha256: sha256.toLowerCase() }, { place: fact.place, standing: fact.standing });
  const tree: PhoneTree = { rows, origins, listed, conflicts, ...appMaps(appsOf(facts, add)), apexes: new Map<string, ApexRow>() };
  cache.set(facts, tree);
  return tree;
}

function rowOf({ path, type, size, mode, uid, gid, context, sha256, target }: ListedFile): Row {
  return {
    path,
    type,
    size: type === 'file' || type === 'unknown' ? size : undefined,
    mode,
    uid,
    gid,
    context,
    sha256: sha256?.toLowerCase(),
    target,
  };
}

/** What either knows; of two digests the one that came first, from the stronger source. */
function joined(known: Row, row: Row): Row {
  return {
    path: known.path,
    type: known.type === 'unknown' ? row.type : known.type,
    size: known.size ?? row.size,
    mode: known.mode ?? row.mode,
    uid: known.uid ?? row.uid,
    gid: known.gid ?? row.gid,
    context: known.context ?? row.context,
    sha256: known.sha256 ?? row.sha256,
    target: known.target ?? row.target,
  };
}

/** Apps by the path of their APK. A package of one APK with one digest tells that file's digest, too. */
function appsOf(facts: Facts, add: (row: Row, origin: Origin) => void): readonly (readonly [string, AppRow])[] {
  const apps: [string, AppRow][] = [];
  const signers = new Map<string, readonly string[]>();
  for (const fact of factsOf(facts, 'apks'))
    for (const apk of fact.value)
      if (apk.signers !== undefined)
        signers.set(
          apk.path,
          apk.signers.map((one) => one.toLowerCase()),
        );
  for (const fact of factsOf(facts, 'packages'))
    for (const item of fact.value.packages) {
      const [path, second] = item.paths;
      if (path === undefined || !path.startsWith('/')) continue;
      const said = item.signers?.map((one) => one.toLowerCase());
      apps.push([
        path,
        { package: item.name, versionCode: item.versionCode, versionName: item.versionName, signers: said ?? signers.get(path) },
      ]);
      const [digest, other] = item.sha256 ?? [];
      if (second === undefined && other === undefined && digest !== undefined && path.endsWith('.apk'))
        add({ path, type: 'file', sha256: digest.toLowerCase() }, { place: item.place, standing: fact.standing });
    }
  return apps;
}
