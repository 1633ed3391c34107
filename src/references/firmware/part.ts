/** What one partition gives to a manifest, and what is asked of it. All of it can be sent between threads. */
import { type CodecPort, FormatError, type HashPort, type VerifyPort } from '../../bytes/index.ts';
import type { ContentAnswer, ContentDescriptor } from '../../formats/android/index.ts';
import type { Manifest, ManifestApex, ManifestApk, ManifestFile, ManifestPartition } from '../manifest.ts';

/** What examining needs of the machine. */
export interface ExaminePorts {
  readonly hash: HashPort;
  readonly codec: CodecPort;
  readonly verify: VerifyPort;
  /** Inflates small members of archives at once, where the platform can. */
  readonly inflate?: (bytes: Uint8Array, ceiling: number) => Uint8Array;
}

/** What is asked of a partition's image. */
export interface PartitionQuestion {
  /** Without slot suffix. */
  readonly name: string;
  /** The descriptor of the vbmeta that binds it. */
  readonly descriptor: ContentDescriptor | undefined;
  /** Bytes before its AVB footer. */
  readonly originalImageSize: number | undefined;
  /** What the container says that the SHA-256 of all its bytes is. */
  readonly statedSha256: Uint8Array | undefined;
  /** Whether its texts are kept besides their digests. */
  readonly keepTexts?: boolean;
}

/** A text of a build, whose lines are shown where another one's differ. */
export interface KeptText {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** Bytes of texts that are kept of one partition, or of a build that came without images. */
export const KEPT_TEXTS_MAX = 64 << 20;

/** A partition's rows. */
export interface PartitionPart {
  readonly partitions: readonly ManifestPartition[];
  /** What is so of what its descriptor says; undefined where it has none. */
  readonly content: ContentAnswer | undefined;
  readonly files: readonly ManifestFile[];
  readonly apks: readonly ManifestApk[];
  readonly apexes: readonly ManifestApex[];
  readonly properties: NonNullable<Manifest['properties']>;
  readonly selinux: NonNullable<Manifest['selinux']>;
  readonly init: NonNullable<Manifest['init']>;
  readonly unread: NonNullable<Manifest['unread']>;
  /** No part of a manifest. Empty where they are not asked for. */
  readonly texts: readonly KeptText[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/** A part that is being made. */
export type PartDraft = Mutable<PartitionPart>;

/** An empty one. */
export const newPart = (): PartDraft => ({
  partitions: [],
  content: undefined,
  files: [],
  apks: [],
  apexes: [],
  properties: [],
  selinux: [],
  init: [],
  unread: [],
  texts: [],
});

/** Notes that something could not be read, where bytes were refused; anything else is ours to fix and goes on. */
export function noteUnread(part: PartDraft, where: { readonly partition: string; readonly path: string | null }, error: unknown): void {
  if (!(error instanceof FormatError)) throw error;
  part.unread.push({ ...where, because: error.message });
}
