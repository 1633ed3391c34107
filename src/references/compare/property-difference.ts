/** Properties of two builds, file by file. */
import type { Manifest } from '../manifest.ts';

export interface PropertyDifference {
  readonly path: string;
  readonly key: string;
  /** Undefined: not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Whether the property opens or closes a door, or says what the build is. */
  readonly matters: boolean;
}

type Rows = NonNullable<Manifest['properties']>;

/** What decides over debugging, root, updates and verification, and what a build calls itself. Sources: AOSP system/core adb/daemon/main.cpp, init/property_service.cpp, fs_mgr. */
const MATTERS =
  /^(?:ro\.(?:secure|debuggable|adb\.secure|allow\.mock\.location|oem_unlock_supported|control_privapp_permissions|build\.(?:fingerprint|tags|type|id|version\.(?:incremental|release|sdk|security_patch))|product\.(?:model|brand|device|name|manufacturer)|boot\..*|crypto\.state|kernel\.(?:android\.checkjni|qemu)|zygote|dalvik\.vm\.native\.bridge|setupwizard\.mode|config\.nocheckin)|persist\.(?:sys\.usb\.config|service\.adb\.enable|service\.debuggable|adb\.tcp\.port)|service\.adb\.tcp\.port|security\.perf_harden|selinux\.reload_policy)$|^ro\.(?:system|vendor|product|odm|system_ext)\.build\.(?:fingerprint|tags|type)$|ota|update/i;

/** Differences of the value that counts, the last one of a file; files that only one side has are no difference of properties. */
export function propertyDifferences(before: Rows, after: Rows): readonly PropertyDifference[] {
  const was = byFile(before);
  const is = byFile(after);
  const found: PropertyDifference[] = [];
  for (const [path, values] of is) {
    const old = was.get(path);
    if (old === undefined) continue;
    for (const key of new Set([...old.keys(), ...values.keys()])) {
      const [a, b] = [old.get(key), values.get(key)];
      if (a !== b) found.push({ path, key, before: a, after: b, matters: MATTERS.test(key) });
    }
  }
  return found.toSorted((a, b) => Number(b.matters) - Number(a.matters) || compare(a.path, b.path) || compare(a.key, b.key));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function byFile(rows: Rows): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const files = new Map<string, Map<string, string>>();
  for (const { path, key, value } of rows) {
    const file = files.get(path) ?? new Map<string, string>();
    file.set(key, value);
    files.set(path, file);
  }
  return files;
}
