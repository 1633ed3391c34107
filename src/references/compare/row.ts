/** What is known of one entry of a tree, from a manifest or from a phone's own lists. `undefined`: not known. */
import type { ManifestFile } from '../manifest.ts';

export interface Row {
  readonly path: string;
  /** Undefined on a phone, where only the mount says it. */
  readonly partition?: string | undefined;
  readonly type: ManifestFile['type'] | 'unknown';
  readonly size?: number | undefined;
  readonly mode?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Null in a manifest whose image has no labels, and undefined where it is not known: neither says anything of the phone's. */
  readonly context?: string | null | undefined;
  /** Null: known to have none. */
  readonly capabilities?: string | null | undefined;
  /** Null and undefined: not read. */
  readonly sha256?: string | null | undefined;
  readonly target?: string | null | undefined;
}

/** What of an entry can differ. */
export const ASPECTS = ['type', 'content', 'target', 'mode', 'owner', 'context', 'capabilities'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** What differs between two rows of one path. Only what both sides know is compared: absence of knowledge is no difference. */
export function aspectsOf(before: Row, after: Row): readonly Aspect[] {
  if (before.type !== after.type && before.type !== 'unknown' && after.type !== 'unknown') return ['type'];
  const aspects: Aspect[] = [];
  if (isOtherContent(before, after)) aspects.push('content');
  if (isOther(before.target, after.target)) aspects.push('target');
  // A link has no mode of its own: what tools print of it depends on the file system.
  if (before.type !== 'link' && isOther(before.mode, after.mode)) aspects.push('mode');
  if (isOther(before.uid, after.uid) || isOther(before.gid, after.gid)) aspects.push('owner');
  if (isOther(before.context ?? undefined, after.context ?? undefined)) aspects.push('context');
  if (before.capabilities !== undefined && after.capabilities !== undefined && before.capabilities !== after.capabilities)
    aspects.push('capabilities');
  return aspects;
}

function isOtherContent(before: Row, after: Row): boolean {
  if (before.type !== 'file') return false;
  if (before.sha256 && after.sha256) return before.sha256 !== after.sha256;
  // Without digests another size is another content; the same size says nothing.
  return isOther(before.size, after.size);
}

const isOther = <T extends string | number>(a: T | null | undefined, b: T | null | undefined): boolean =>
  a !== undefined && b !== undefined && a !== null && b !== null && a !== b;
