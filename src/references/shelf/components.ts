/** The components of a build: partitions that makers combine with others', each matched alone. */
import { type Hasher, type HashPort, toHex } from '../../bytes/index.ts';
import type { Manifest } from '../manifest.ts';
import type { ComponentName, ShelfComponent } from './types.ts';

/**
 * By partition without its slot. Sources: AOSP's partition overview for system, vendor, odm, product and the boot images; Samsung's package of the customer
 * (CSC: omr, prism, optics, cache's omc, hidden), Xiaomi's cust and mi_ext, OPPO's and OnePlus' my_* as those images are named in their packages.
 */
const COMPONENTS: readonly (readonly [ComponentName, RegExp])[] = [
  ['vbmeta', /^vbmeta(?:_.*)?$/],
  ['system', /^(?:system|system_ext|ramdisk-recovery)$/],
  ['vendor', /^(?:vendor|odm|odm_ext|vendor_dlkm|odm_dlkm)$/],
  ['carrier', /^(?:carrier|csc|omr|omc|prism|optics|hidden|preload|cust|oem|my_(?:carrier|region|company|bigball|heytap|preload))$/],
  ['product', /^(?:product|product_.*|mi_ext|my_.*|hw_product|preas|preavs|version)$/],
  ['boot', /^(?:boot|init_boot|vendor_boot|vendor_kernel_boot|recovery|dtb|dtbo|kernel|ramdisk.*|system_dlkm|pvmfw)$/],
];

/** The component of a partition. Of an APEX (`apex/NAME`) it depends on where it lies: `apexPaths` gives that by name. What is not known is firmware. */
export function componentOf(partition: string, apexPaths: ReadonlyMap<string, string> = new Map()): ComponentName {
  const home = partition.startsWith('apex/') ? (apexPaths.get(partition.slice('apex/'.length))?.split('/')[1] ?? 'system') : partition;
  return COMPONENTS.find(([, pattern]) => pattern.test(home))?.[0] ?? 'firmware';
}

/** The first path of each APEX name of a build. */
export function apexPathsOf({ apexes }: Manifest): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const { name, path } of apexes ?? []) if (!paths.has(name)) paths.set(name, path);
  return paths;
}

interface Draft {
  readonly name: ComponentName;
  readonly partitions: Set<string>;
  readonly hasher: Hasher;
  files: number;
}

/** The components of a manifest in canonical order, in the order of their names. */
export function componentsOf(manifest: Manifest, hash: HashPort): readonly ShelfComponent[] {
  const apexPaths = apexPathsOf(manifest);
  const drafts = new Map<ComponentName, Draft>();
  const byPartition = new Map<string, Draft>();
  const draftOf = (partition: string): Draft => {
    const known = byPartition.get(partition);
    if (known !== undefined) return known;
    const name = componentOf(partition, apexPaths);
    const draft = drafts.get(name) ?? { name, partitions: new Set(), hasher: hash('sha256'), files: 0 };
    drafts.set(name, draft);
    byPartition.set(partition, draft);
    draft.partitions.add(partition);
    return draft;
  };
  const utf8 = new TextEncoder();
  const take = ({ hasher }: Draft, row: readonly unknown[]) => hasher.update(utf8.encode(`${JSON.stringify(row)}\n`));
  for (const { name, size, sha256, over } of manifest.partitions) take(draftOf(name), ['partition', name, size, sha256, over ?? null]);
  for (const { partition, path, type, size, mode, uid, gid, context, capabilities, sha256, target } of manifest.files) {
    const draft = draftOf(partition);
    draft.files++;
    take(draft, [partition, path, type, size, mode, uid, gid, context, capabilities, sha256, target]);
  }
  return [...drafts.values()]
    .map(({ name, partitions, hasher, files }) => ({ name, digest: toHex(hasher.digest()), partitions: [...partitions], files }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
