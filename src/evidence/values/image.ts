/** What facts about a firmware image hold. */
import type { Place } from '../fact.ts';

/** A firmware image that is itself what is judged: what binds its partitions and who signed it. */
export interface FirmwareImage {
  readonly partitions: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly sha256: string | null;
    /** As in `erofs`; null where it is opaque. */
    readonly kind: string | null;
    /** What AVB says of it; null where no vbmeta does. */
    readonly avb: {
      readonly by: 'root' | 'chain' | 'hash' | 'hashtree' | 'footer';
      readonly in: string | null;
      readonly outcome: 'intact' | 'altered' | 'not-checked';
      readonly because: string;
      readonly keySha256: string | null;
    } | null;
    readonly place: Place;
  }[];
  /** Signatures over the package. */
  readonly signatures: readonly {
    readonly over: string;
    readonly outcome: 'valid' | 'invalid' | 'unsigned' | 'not-checked';
    readonly signer: string | null;
    readonly because: string;
  }[];
  readonly vbmetaDigest: string | null;
}

/** A boot image, as far as patches show in it. */
export interface BootImageFact {
  readonly partition: string;
  readonly kernel:
    | {
        readonly sizeBytes: number;
        /** As in `Linux version 5.10.101-android12-9`; undefined where it does not unpack here. */
        readonly banner: string | undefined;
        /** A second program behind the kernel, with its own header, that the kernel’s first instruction jumps to. */
        readonly patch: { readonly name: string; readonly at: number; readonly isEntered: boolean } | undefined;
        /** Texts in it that KernelSU writes into the log. */
        readonly kernelSuTexts: number;
      }
    | undefined;
  /** Files of the ramdisk, without its leading slash. */
  readonly ramdisk: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly head: 'elf' | 'packed' | 'script' | 'text' | 'link' | 'other';
    /** What it is by what is in it, once unpacked, whatever it is called; null where it is nothing of these. */
    readonly role: RamdiskRole | null;
  }[];
  /** Keys of Magisk’s own configuration, where a file in the ramdisk is one. */
  readonly configKeys: readonly string[];
  readonly place: Place;
}

/** `init`: it says what init says when it starts, or it is a link to init. */
export type RamdiskRole = 'init' | 'kernel module' | 'program';
