/** Where a maker's software lies. */
import { factsOf, type Mount, type Standing } from '../../evidence/index.ts';
import type { CheckContext } from '../define.ts';

const SYSTEM_ROOTS =
  /^\/(system|system_ext|system_root|system_dlkm|product|vendor|odm|oem|cust|apex|mi_ext|hw_product|hw_odm|prism|optics|omr|carrier|my_[a-z]+)(\/|$)/;

/** Whether a path lies in the maker's software: nothing gets there without root or another image. */
export const isSystemPath = (path: string): boolean => SYSTEM_ROOTS.test(path);

/** Mounted roots of the system partitions. `/` is one where the system is the root (Android 9 and later). */
const PARTITION_ROOTS = new Set(['/', '/system', '/system_root', '/vendor', '/product', '/system_ext', '/odm']);
export const isPartitionRoot = (path: string): boolean => PARTITION_ROOTS.has(path);

/** Folders whose code and settings make the system what it is. */
const CODE = /^\/(system|system_ext|product|vendor|odm)\/(bin|xbin|lib|lib64|framework|app|priv-app|etc|build\.prop)(\/|$)/;
export const isCodePath = (path: string): boolean => CODE.test(path);

export interface SeenMount extends Mount {
  readonly standing: Standing;
}

/** Every mount once, from whichever of `mount`, /proc/mounts and mountinfo say it; what only one of them says is kept. */
export function mountsOf(context: Pick<CheckContext, 'facts'>): readonly SeenMount[] {
  const seen = new Map<string, SeenMount>();
  for (const fact of factsOf(context.facts, 'mounts'))
    for (const mount of fact.value) {
      const key = `${mount.mountPoint}\0${mount.type}\0${mount.device}\0${mount.options.toSorted().join(',')}`;
      const before = seen.get(key);
      if (before === undefined || (before.root === undefined && mount.root !== undefined))
        seen.set(key, { ...mount, standing: fact.standing });
    }
  return [...seen.values()];
}

/** Whether a mount can be written: a file system that has no writer never is, whatever its options say. */
export const isWritable = (mount: Mount): boolean =>
  mount.options.includes('rw') && !mount.options.includes('ro') && !/^(erofs|squashfs|iso9660)$/.test(mount.type);
