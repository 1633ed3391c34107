import type { ArtefactKind } from '../evidence/index.ts';

/** In which order things are read: what lives shortest comes first. `identity` is the card that is shown within ten seconds. */
export const ORDER = ['identity', 'volatile', 'state', 'services', 'packages', 'files', 'hashes', 'bytes'] as const;
export type OrderClass = (typeof ORDER)[number];

/** `quick` items are in both plans; `full` items in the full one only. */
export type Depth = 'quick' | 'full';

/** One way to read an item in the phone's shell. The first variant whose tools the probe found, and whose levels fit, is used. */
export interface ShellVariant {
  /** Names that the probe must have found; see `PROBE_TOOLS`. */
  readonly tools?: readonly string[];
  /** API levels, both inclusive. */
  readonly since?: number;
  readonly until?: number;
  /** Shell text. `$N` is the batch's nonce, `$U` stands for the user's number in items that are read for each user; it is replaced before sending. */
  readonly script: string;
}

export type How =
  | { readonly kind: 'shell'; readonly variants: readonly ShellVariant[] }
  /** A sync pull of one path that we name. */
  | { readonly kind: 'pull'; readonly path: string }
  /** SHA-256 of the files under a root: by the phone where it can, else each file is pulled and hashed here. */
  | { readonly kind: 'hash-by-pull'; readonly list: string; readonly unlessTool: string }
  /** Configuration files of the system, out of the lists of files that were read before: each pulled, all in one tar. */
  | { readonly kind: 'texts'; readonly lists: readonly string[] }
  /** APKs of system packages, one for each signer that the phone's own package list tells apart. */
  | { readonly kind: 'apk-per-signer' }
  /** What we know ourselves: how the connection was made, USB descriptors. */
  | { readonly kind: 'host'; readonly what: 'adb' | 'usb' };

/** One thing to read. */
export interface PlanItem {
  readonly id: string;
  /** What is read, for the progress display. */
  readonly what: string;
  /** What it is for. */
  readonly why: string;
  readonly how: How;
  /** Name of the artefact. `{user}` becomes the user's number. */
  readonly artefact: string;
  readonly kind: ArtefactKind;
  /** What the artefact's origin says; default: the script that was sent. */
  readonly origin?: string;
  /** API levels at which the shell may read it, both inclusive. It is asked outside them too, since the level is the phone's word; there no answer is none missed. */
  readonly since: number;
  readonly until?: number;
  readonly timeLimitMs: number;
  readonly byteLimit: number;
  readonly order: OrderClass;
  readonly depth: Depth;
  /** Read once for each user and profile. */
  readonly perUser?: true;
  /** Read only when the operator asks for it by this name: it takes long, changes something or holds personal content. */
  readonly onRequest?: string;
}

export const MIB = 1024 * 1024;
const SECOND = 1000;

type Rest = Partial<Pick<PlanItem, 'since' | 'until' | 'order' | 'depth' | 'perUser' | 'origin' | 'onRequest'>> & {
  readonly seconds?: number;
  readonly limit?: number;
};

/** An item read by shell text; the fields that most items share have their usual value. Default limits: 10 s and 4 MiB. */
export function shellItem(
  names: { readonly id: string; readonly artefact: string; readonly kind: ArtefactKind },
  variants: string | readonly ShellVariant[],
  words: readonly [what: string, why: string],
  rest: Rest = {},
): PlanItem {
  const { seconds = 10, limit = 4 * MIB, since = 1, order = 'state', depth = 'quick', ...others } = rest;
  return {
    ...names,
    how: { kind: 'shell', variants: typeof variants === 'string' ? [{ script: variants }] : variants },
    what: words[0],
    why: words[1],
    since,
    timeLimitMs: seconds * SECOND,
    byteLimit: limit,
    order,
    depth,
    ...others,
  };
}

/** An item read by a sync pull. */
export function pullItem(
  names: { readonly id: string; readonly artefact: string; readonly kind: ArtefactKind },
  path: string,
  words: readonly [what: string, why: string],
  rest: Rest = {},
): PlanItem {
  const { seconds = 30, limit = 32 * MIB, since = 1, order = 'state', depth = 'quick', ...others } = rest;
  return {
    ...names,
    how: { kind: 'pull', path },
    what: words[0],
    why: words[1],
    origin: path,
    since,
    timeLimitMs: seconds * SECOND,
    byteLimit: limit,
    order,
    depth,
    ...others,
  };
}
