/** The manifest of a build (design, Contracts: `assay.manifest/1`) and what stands behind it. */

export interface ManifestFile {
  readonly partition: string;
  /** As mounted, as in `/system/app/Calendar.apk`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character device' | 'block device';
  readonly size: number;
  /** Octal text as in `0644`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly context: string | null;
  readonly capabilities: string | null;
  readonly sha256: string | null;
  readonly target: string | null;
}

export interface ManifestPartition {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly rootDigest: string | null;
}

export interface Manifest {
  readonly format: 'assay.manifest/1';
  readonly identity: Readonly<Record<string, string>>;
  readonly partitions: readonly ManifestPartition[];
  readonly files: readonly ManifestFile[];
  readonly apks: readonly {
    readonly path: string;
    readonly package: string;
    readonly versionCode: number | null;
    readonly signers: readonly string[];
    readonly sha256: string;
  }[];
}

/** A manifest and who vouches for it. Only `maker-signature` and `official-list` can clear; the others find differences. */
export interface Reference {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest's bytes. */
  readonly digest: string;
  readonly vouched: 'maker-signature' | 'official-list' | 'nobody';
  readonly label: 'release' | 'engineering' | 'superseded';
}
