/** The shelf: where references stand, and what can be asked of it. `store/shelf` keeps one on disk, `memoryShelf` holds one in memory; both answer alike. */
import type { Manifest } from '../manifest.ts';
import type { Provenance, Reference } from '../provenance.ts';

/** Parts that makers combine and that are matched alone. `vbmeta` binds the others, so it is none of them. Their order is written down in indexes: append only. */
export const COMPONENT_NAMES = ['system', 'vendor', 'product', 'carrier', 'boot', 'firmware', 'vbmeta'] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

/** One component of a build. Two builds with the same digest of it have it byte for byte in common. */
export interface ShelfComponent {
  readonly name: ComponentName;
  /** SHA-256 over its partitions' digests and its files' rows. */
  readonly digest: string;
  readonly partitions: readonly string[];
  readonly files: number;
}

/** A build as it stands on a shelf, without its files. */
export interface ShelfBuild {
  /** SHA-256 of the manifest's canonical bytes. */
  readonly digest: string;
  /** As in the manifest: property without `ro.` → value. */
  readonly identity: Manifest['identity'];
  readonly made: Provenance['made'];
  readonly vouched: Provenance['vouched'];
  readonly label: Provenance['label'];
  readonly components: readonly ShelfComponent[];
  /** Rows of its manifest's files. */
  readonly files: number;
  /** Something of it could not be read. */
  readonly isPartial: boolean;
  /** Rows that do not say modes, owners and labels; left out where all do. */
  readonly withoutRights?: number;
}

/** One path at which a content lies, in which builds. */
export interface FilePlace {
  readonly partition: string;
  readonly path: string;
  /** Their digests. Lists that are the same may be the same object. */
  readonly builds: readonly string[];
}

/** Where a content occurs. No places: in no build that stands here, which is no word on whether a maker made it. */
export interface FoundFile {
  readonly sha256: string;
  readonly places: readonly FilePlace[];
}

/** What is known of a phone, or of a build, whose kin are looked for. */
export interface ShelfQuery {
  /** Property without `ro.` → value; any of a phone's may be given, those that no identity has are not looked at. */
  readonly identity?: Readonly<Record<string, string>>;
  /** Path → SHA-256 in lower-case hex. */
  readonly files?: ReadonlyMap<string, string>;
  /** Most builds of the answer; default 10. */
  readonly limit?: number;
}

/** How many of the files asked for a component has. */
export interface ComponentMatch {
  readonly name: ComponentName;
  readonly sameFiles: number;
}

/** One build of an answer to `nearest`. */
export interface NearBuild {
  readonly build: ShelfBuild;
  /** Properties of the identity with the same value, and with another one. */
  readonly sameIdentity: readonly string[];
  readonly otherIdentity: readonly string[];
  /** Distinct contents asked for that the build has, wherever they lie. */
  readonly sameFiles: number;
  /** Distinct contents that were looked for: of many, an even sample. */
  readonly comparedFiles: number;
  /** The same by component, largest first; a content in two components counts in both. */
  readonly components: readonly ComponentMatch[];
}

/** A published file of a version, on an official list that was imported. */
export interface ListedBuild {
  readonly maker: string;
  readonly device: string;
  readonly version: string;
  readonly name: string;
}

/** What can be asked. All methods reject with FormatError on what is on disk and malformed. */
export interface ShelfReader {
  /** Every build, in the order in which they came. */
  readonly list: () => Promise<readonly ShelfBuild[]>;
  /** These builds, without looking at the others; undefined for one that is not there. */
  readonly builds: (digests: readonly string[]) => Promise<readonly (ShelfBuild | undefined)[]>;
  /** @throws RangeError where there is no such build */
  readonly get: (digest: string) => Promise<Reference>;
  /** In which builds contents occur, and under which paths; one answer per SHA-256 asked for, in their order. @throws RangeError for what is no SHA-256 in lower-case hex */
  readonly find: (sha256: readonly string[]) => Promise<readonly FoundFile[]>;
  /** The builds that are likest, the best first: by files where files are given, then by identity. None that has nothing in common. */
  readonly nearest: (query: ShelfQuery) => Promise<readonly NearBuild[]>;
  /** Files on official lists with these versions; undefined where no list was imported. */
  readonly listed?: (versions: readonly string[]) => Promise<readonly ListedBuild[] | undefined>;
}

/** A shelf that can be added to. */
export interface Shelf extends ShelfReader {
  /** Answers the manifest's digest once the reference is durable. The same manifest again adds only where it came from. @throws FormatError, RangeError for a reference without provenance */
  readonly add: (reference: Reference) => Promise<string>;
}
