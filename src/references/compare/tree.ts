/** One side of a comparison: a build's files by path as mounted, from a manifest. A phone's side is made in `phone.ts`. */
import type { Manifest, ManifestApex, ManifestFile } from '../manifest.ts';
import type { Row } from './row.ts';

/** What is known of an app by the path of its APK. */
export interface AppRow {
  readonly package: string;
  readonly versionCode: number | null | undefined;
  readonly versionName: string | null | undefined;
  /** Undefined: not known; empty: no signature verifies. */
  readonly signers: readonly string[] | undefined;
}

export interface ApexRow {
  readonly name: string;
  readonly version: number | undefined;
  readonly payloadKeySha256: string | null | undefined;
}

export interface Tree {
  readonly rows: ReadonlyMap<string, Row>;
  readonly apps: ReadonlyMap<string, AppRow>;
  /** By the folder that the APK lies in. */
  readonly appsByFolder: ReadonlyMap<string, AppRow>;
  /** By name. */
  readonly apexes: ReadonlyMap<string, ApexRow>;
}

/** A manifest as one tree. Where a partition is mounted over a folder of another, the mounted one is what is seen. */
export function treeOf(manifest: Manifest): Tree {
  const rows = new Map<string, Row & Pick<ManifestFile, 'partition'>>();
  const mounts = mountsOf(manifest);
  for (const file of manifest.files) {
    const known = rows.get(file.path);
    // Of two entries of one path, that of the partition whose mount lies deeper.
    if (known !== undefined && (mounts.get(known.partition) ?? '').length > (mounts.get(file.partition) ?? '').length) continue;
    rows.set(file.path, isWithoutRights(file) ? withoutRights(file) : file);
  }
  return {
    rows,
    ...appMaps(
      manifest.apks.map(({ path, package: name, versionCode, versionName, signers }) => [
        path,
        { package: name, versionCode, versionName, signers },
      ]),
    ),
    apexes: new Map((manifest.apexes ?? []).map((row: ManifestApex) => [row.name, row])),
  };
}

/** How manifests of before unknown fields were left out say it: no image has a file that nobody may read, of root's, without a label. */
const isWithoutRights = ({ mode, uid, gid, context }: ManifestFile): boolean =>
  mode === '0000' && uid === 0 && gid === 0 && context === null;

/** Without what such a row does not know: neither owner nor label, nor a size beside a digest. */
const withoutRights = ({ partition, path, type, size, sha256, target }: ManifestFile): Row & Pick<ManifestFile, 'partition'> => ({
  partition,
  path,
  type,
  sha256,
  target,
  ...(size === 0 ? {} : { size }),
});

/** Apps by the path of their APK and by its folder. */
export function appMaps(apps: readonly (readonly [path: string, app: AppRow])[]): Pick<Tree, 'apps' | 'appsByFolder'> {
  const byFolder = new Map<string, AppRow>();
  for (const [path, app] of apps) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (!byFolder.has(folder)) byFolder.set(folder, app);
  }
  return { apps: new Map(apps), appsByFolder: byFolder };
}

/** Where each partition that holds files is mounted, as its files say: the path of its root, '' for the root of all. */
export function mountsOf(manifest: Manifest): ReadonlyMap<string, string> {
  const shortest = new Map<string, ManifestFile>();
  for (const file of manifest.files) {
    const known = shortest.get(file.partition);
    if (known === undefined || file.path.length < known.path.length) shortest.set(file.partition, file);
  }
  return new Map(
    [...shortest].map(([partition, { path, type }]) => {
      const own = `/${partition}`;
      if (path === own || path.startsWith(`${own}/`)) return [partition, own];
      if (type === 'directory' && path !== '/' && path.split('/').length === 2 && !isRootEntry(manifest, partition))
        return [partition, path];
      return [partition, ''];
    }),
  );
}

/** Whether a partition has entries under several names at the root: then it is the root itself. */
function isRootEntry({ files }: Manifest, partition: string): boolean {
  let first: string | undefined;
  for (const file of files) {
    if (file.partition !== partition) continue;
    const top = file.path.split('/')[1];
    if (first !== undefined && top !== first) return true;
    first = top;
  }
  return false;
}
