/** What a transfer list says. */

export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

export interface TransferList {
  readonly version: number;
  readonly totalBlocks: number;
  /** What `new` writes, in the order of the data. */
  readonly fresh: readonly BlockRange[];
  /** Highest block that any command names. */
  readonly blocks: number;
  /** Names of commands that need the image of the build before. */
  readonly incremental: readonly string[];
  readonly commands: readonly TransferCommand[];
}

/** Part of what a command reads. */
export interface TransferPiece {
  /** Undefined: from the image; else what was put away under this name. */
  readonly stash: string | undefined;
  /** Blocks of the image; of a stash, all of it. */
  readonly ranges: readonly BlockRange[];
  /** Where its blocks go in the source as it is put together; undefined: from its start on. */
  readonly places: readonly BlockRange[] | undefined;
}

export interface TransferSource {
  readonly blocks: number;
  readonly pieces: readonly TransferPiece[];
}

export type TransferCommand =
  | { readonly kind: 'new' | 'zero' | 'erase'; readonly target: readonly BlockRange[] }
  | { readonly kind: 'stash'; readonly id: string; readonly ranges: readonly BlockRange[] }
  | { readonly kind: 'free'; readonly id: string }
  | {
      readonly kind: 'move';
      readonly target: readonly BlockRange[];
      readonly source: TransferSource;
      readonly targetSha1: string | undefined;
    }
  | {
      readonly kind: 'bsdiff' | 'imgdiff';
      readonly target: readonly BlockRange[];
      readonly source: TransferSource;
      readonly targetSha1: string | undefined;
      readonly patchAt: number;
      readonly patchLength: number;
    }
  | {
      readonly kind: 'compute_hash_tree';
      readonly target: readonly BlockRange[];
      readonly data: readonly BlockRange[];
      readonly algorithm: string;
      readonly salt: string;
      readonly root: string;
    };
