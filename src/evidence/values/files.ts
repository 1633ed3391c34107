/** What facts about files hold: statistics, lists, authorities, hosts, and what was found within them. */
import type { Place } from '../fact.ts';
import type { Said } from './said.ts';

/** `stat` of a file that forgers redirect, and what file system it truly lies on. */
export interface FileStat {
  readonly path: string;
  /** The device number that stat(2) gives, as hex without 0x. */
  readonly device: string | undefined;
  readonly inode: string | undefined;
  readonly size: number | undefined;
  /** Octal text as in `0444`. */
  readonly mode: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly context: string | undefined;
  /** Type of the file system, as `stat -f` names it. */
  readonly fileSystem: string | undefined;
  readonly place: Place;
}

export interface Storage {
  readonly fileSystems: readonly {
    readonly device: string;
    readonly mountPoint: string;
    readonly sizeBytes: number;
    readonly usedBytes: number;
    readonly availableBytes: number;
  }[];
}

/** One entry of a file list. */
export interface ListedFile {
  /** As the phone says it: never a host path. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character device' | 'block device' | 'unknown';
  readonly size: number | undefined;
  readonly mode: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly context: string | undefined;
  readonly sha256: string | undefined;
  readonly target: string | undefined;
  /** Modification time as the artefact writes it. */
  readonly modified: string | undefined;
}

export interface FileList {
  /** Folders that were walked. */
  readonly roots: readonly string[];
  /** True where the walk is known to have come to its end: only then is a file that is not in the list not there. */
  readonly isWhole?: boolean;
  readonly files: readonly ListedFile[];
}

/** Paths found for the names that root tools use. */
export interface RootBinaries {
  readonly paths: readonly Said<string>[];
}

/** Certificate authorities that the user, or somebody, added. */
export interface AddedAuthority {
  readonly path: string;
  readonly subject: string | undefined;
  readonly sha256: string | undefined;
  readonly place: Place;
}

export interface HostsFile {
  readonly entries: readonly { readonly address: string; readonly host: string; readonly place: Place }[];
}

/** Whether a pulled file holds a string that a fix leaves. */
export interface MarkerReading {
  readonly id: string;
  readonly path: string;
  readonly present: boolean;
}

/** What YARA rules found in one file, decompressed member by member; a file without matches is here too: it was scanned. */
export interface ScannedFile {
  readonly path: string;
  /** Bytes that were scanned, decompressed. */
  readonly bytes: number;
  readonly matches: readonly {
    /** The member of an archive; undefined for the file itself. */
    readonly member: string | undefined;
    /** Which rules, and which of them. */
    readonly source: string;
    readonly rule: string;
    readonly meta: Readonly<Record<string, string>>;
    /** Where the first string was met, in the scanned bytes. */
    readonly at: number | undefined;
  }[];
  /** Parts that were not scanned, each with its reason. */
  readonly left: readonly string[];
}
