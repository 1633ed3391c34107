/** Where a partition's files are seen on a running phone, and which of them mean something to a manifest. */

/** Partitions whose mount point is not a slash and their name. */
const MOUNTS: ReadonlyMap<string, string> = new Map([
  ['userdata', '/data'],
  ['persist', '/mnt/vendor/persist'],
  ['modem', '/vendor/firmware_mnt'],
]);

/** Where a partition is mounted. `isRoot`: the image has the root of the tree, as system does since Android 9 (system-as-root). */
export function mountOf(partition: string, isRoot: boolean): string {
  return isRoot ? '' : (MOUNTS.get(partition) ?? `/${partition}`);
}

/** A path of an image as mounted. The root of an image is its mount point. */
export const mounted = (mount: string, path: string): string => (path === '/' ? mount || '/' : mount + path);

/** Whether a file holds properties: `build.prop`, `default.prop`, `prop.default`, a customer's `*.prop`. */
export const isProperties = (path: string): boolean => /\/(?:[^/]+\.prop|prop\.default)$/.test(path);

/** Whether SELinux policy is loaded or compiled from a file, or labels are given by it. */
export const isSelinux = (path: string): boolean =>
  /\/(?:sepolicy|precompiled_sepolicy|[^/]*sepolicy[^/]*\.(?:cil|sha256|zip)|[^/]*_contexts|selinux_version)$/.test(path) ||
  /\/etc\/selinux\/[^/]+\.(?:cil|sha256|txt)$/.test(path) ||
  /\/etc\/selinux\/mapping\/[^/]+$/.test(path);

/** Whether init reads a script: `*.rc` at the root or under `etc/init`. */
export const isInitScript = (path: string): boolean =>
  /^\/(?:ramdisk\/[^/]+\/)?[^/]+\.rc$/.test(path) ||
  /\/etc\/init\/(?:.+\/)?[^/]+\.rc$/.test(path) ||
  /\/etc\/[^/]*ueventd[^/]*\.rc$/.test(path);

export interface Property {
  readonly key: string;
  readonly value: string;
}

/** Lines of a property file as init's loader takes them: `#` comments, `key=value` with blanks around both cut off. `import` lines are none. */
export function parseProperties(text: string): readonly Property[] {
  const all: Property[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const equals = line.indexOf('=');
    if (line === '' || line.startsWith('#') || equals <= 0) continue;
    all.push({ key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim() });
  }
  return all;
}

const PART = '(?:product\\.|system\\.|system_ext\\.|vendor\\.|odm\\.|oem\\.|bootimage\\.|vendor_dlkm\\.|system_dlkm\\.|odm_dlkm\\.)?';
const IDENTITY: readonly RegExp[] = [
  new RegExp(
    `^ro\\.${PART}build\\.(?:fingerprint|id|date\\.utc|type|tags|version\\.(?:incremental|release|sdk|security_patch|release_or_codename))$`,
  ),
  new RegExp(`^ro\\.product\\.${PART}(?:brand|device|model|manufacturer|name)$`),
  /^ro\.build\.(?:display\.id|description|flavor|product|characteristics|ab_update|system_root_image)$/,
  /^ro\.(?:miui\.ui\.version\.(?:code|name)|vendor\.build\.security_patch|board\.platform|treble\.enabled|apex\.updatable|first_api_level|product\.first_api_level)$/,
];

/** Whether a property says what build or model this is. */
const isIdentity = (key: string): boolean => IDENTITY.some((pattern) => pattern.test(key));

/**
 * What a build calls itself: property without `ro.` → value. Where several files say the same, the system's counts, as it does to init, and then the first by path.
 * The names are a closed set, so no name from a file is ever a key that means something to JavaScript.
 */
export function identityOf(properties: readonly (Property & { readonly path: string })[]): Readonly<Record<string, string>> {
  const rank = (path: string) => (path === '/system/build.prop' || path === '/build.prop' ? 0 : path.startsWith('/system/') ? 1 : 2);
  const found = new Map<string, string>();
  const sorted = properties.toSorted((a, b) => rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const { path, key, value } of sorted)
    if (!path.startsWith('/ramdisk/') && value !== '' && isIdentity(key) && !found.has(key)) found.set(key, value);
  return Object.fromEntries([...found].map(([key, value]) => [key.slice('ro.'.length), value]));
}
