/**
 * What all file systems here look like to a reader: a tree of entries, walked in the order in which they and their content lie, each opened as a Source.
 */
import type { FormatError, Oddity, Source } from '../../bytes/index.ts';

export type EntryType = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character device' | 'block device';

/** Numbers of a device file. */
export interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

/** An inode: everything that is known of a file but its names. */
export interface Inode {
  /** The file system's own number of it (EROFS: its nid), the same for every hard link. */
  readonly id: number;
  readonly type: EntryType;
  /** Bytes of content; of a link, of its target. */
  readonly size: number;
  /** Permissions with setuid, setgid and sticky: the low 12 bits of st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Hard links, as the inode says. */
  readonly links: number;
  /** Seconds since 1970, where the inode has it. */
  readonly modifiedSeconds: number | undefined;
  readonly device: DeviceNumbers | undefined;
  /** Where its first block of content lies, in bytes; 0 where it has none of its own. Orders a walk, nothing else. */
  readonly contentAt: number;
  /** Bytes that its content takes from there on, where that is less than it has. */
  readonly storedSize?: number;
}

/** A name in the tree. */
export interface FileEntry extends Inode {
  /** From the file system's root, as in `/bin/sh`; the root is `/`. Never a host path: names are the image's. */
  readonly path: string;
  /** Every extended attribute by full name, as in `security.selinux`. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** `security.selinux` as text, without its NUL. */
  readonly context: string | undefined;
  /** `security.capability` as it lies, decoded by `readCapabilities`. */
  readonly capabilities: Uint8Array | undefined;
  /** A link's target. */
  readonly target: string | undefined;
}

/** One step of a walk: an entry, or what could not be read of one. A broken file costs that file, not the image. */
export type Visit =
  | { readonly kind: 'entry'; readonly entry: FileEntry }
  | { readonly kind: 'broken'; readonly path: string; readonly error: FormatError };

/** `files`: no image, a tree that an installer lays out. */
export type FileSystemKind = 'erofs' | 'ext' | 'f2fs' | 'squashfs' | 'files';

/** A mounted image, read-only. */
export interface FileSystem {
  readonly kind: FileSystemKind;
  readonly blockSize: number;
  /** Bytes of the image that the file system says are its own. */
  readonly size: number;
  readonly label: string;
  /** 16 bytes, or none. */
  readonly uuid: Uint8Array | undefined;
  /** Names of the features that the superblock states, as its tools name them. */
  readonly features: readonly string[];
  /** What deviates in the superblock and was read past. */
  readonly oddities: readonly Oddity[];
  /** Every entry once, as far as that goes in the order in which content lies; what is broken comes where it was met. Ends early above the limits of `tree.ts`, saying so. */
  walk(): AsyncGenerator<Visit, void, void>;
  /** One entry by path, without walking; links are not followed. Undefined where there is none. @throws FormatError */
  find(path: string): Promise<FileEntry | undefined>;
  /** A file's content. @throws FormatError on anything but a file, and when reading what does not decode */
  open(entry: Inode): Promise<Source>;
}

/** What a file system may need besides its image. */
export interface MountOptions {
  /** Codecs of the platform; what it lacks is refused by name when a file needs it. */
  readonly codec?: import('../../bytes/index.ts').CodecPort;
  /** Further devices of an EROFS with a device table, in its order. */
  readonly devices?: readonly Source[];
  /** Bytes that may be decoded of the image; default by its size. */
  readonly decodedMax?: number;
  /** Entries of files' maps that may be read of the image; default by its size. */
  readonly entriesMax?: number;
}
