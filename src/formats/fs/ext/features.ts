/**
 * Features of ext2, ext3 and ext4, by the names that e2fsprogs gives them (lib/e2p/feature.c, 1.47). Of those that a reader must know, one that is none of these is refused by its number,
 * as e2fsprogs writes it; of the others it is told.
 */

/** Bits from the lowest on; empty: nobody's. */
const COMPAT = [
  'dir_prealloc',
  'imagic_inodes',
  'has_journal',
  'ext_attr',
  'resize_inode',
  'dir_index',
  'lazy_bg',
  'exclude_inode',
  'snapshot_bitmap',
  'sparse_super2',
  'fast_commit',
  'stable_inodes',
  'orphan_file',
];
const INCOMPAT = [
  'compression',
  'filetype',
  'needs_recovery',
  'journal_dev',
  'meta_bg',
  '',
  'extent',
  '64bit',
  'mmp',
  'flex_bg',
  'ea_inode',
  '',
  'dirdata',
  'metadata_csum_seed',
  'large_dir',
  'inline_data',
  'encrypt',
  'casefold',
];
const RO_COMPAT = [
  'sparse_super',
  'large_file',
  '',
  'huge_file',
  'uninit_bg',
  'dir_nlink',
  'extra_isize',
  'has_snapshot',
  'quota',
  'bigalloc',
  'metadata_csum',
  'replica',
  'read-only',
  'project',
  'shared_blocks',
  'verity',
  'orphan_present',
];
/** No kernel of Android reads these: ext2 that compresses, a journal without a file system, Lustre's data in directories. */
const UNREAD: ReadonlySet<string> = new Set(['compression', 'journal_dev', 'dirdata']);

/** Bits of one word by name; what is nobody's as `FEATURE_I18`: the letter says which word, the number which bit. */
function namesIn(names: readonly string[], letter: string, bits: number): readonly { readonly name: string; readonly isKnown: boolean }[] {
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => ((bits >>> bit) & 1) === 1)
    .map((bit) => ({ name: names[bit] || `FEATURE_${letter}${bit}`, isKnown: (names[bit] ?? '') !== '' }));
}

export interface ExtFeatures {
  readonly names: readonly string[];
  /** What a reader must know, and this one does not. */
  readonly refused: readonly string[];
  /** What is nobody's and may be read past. */
  readonly unknown: readonly string[];
}

/** What the three words of a superblock say. */
export function featuresOf(compat: number, incompat: number, roCompat: number): ExtFeatures {
  const must = namesIn(INCOMPAT, 'I', incompat);
  const may = [...namesIn(COMPAT, 'C', compat), ...namesIn(RO_COMPAT, 'R', roCompat)];
  return {
    names: [...may, ...must].map(({ name }) => name),
    refused: must.filter(({ name, isKnown }) => !isKnown || UNREAD.has(name)).map(({ name }) => name),
    unknown: may.filter(({ isKnown }) => !isKnown).map(({ name }) => name),
  };
}
