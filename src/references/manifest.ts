/**
 * The manifest of a build (design, Contracts: `assay.manifest/1`): what a build consists of, whatever container it came in.
 * Where it came from and who vouches for it is not in here: that is `provenance.ts`, beside it in a reference, so that the same build has the same manifest from an OTA, a fastboot image and a dump.
 */
import { z } from 'zod/mini';

/** Partitions and APEX packages of one build. */
const PARTITIONS_MAX = 4096;
/** Entries of all partitions. The largest builds have some 150,000. */
const ENTRIES_MAX = 4 << 20;
/** Longer than any path that a file system here gives. */
const TEXT_MAX = 128 << 10;

const text = z.string().check(z.maxLength(TEXT_MAX));
const count = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
const id = z.number().check(z.gte(0), z.lte(0xffff_ffff));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const digest = z.string().check(z.regex(/^[0-9a-f]{32,128}$/));

const fileSchema = z.strictObject({
  partition: text,
  /** As mounted, as in `/system/app/Calendar.apk`. Unique within its partition. Of a boot image: `/ramdisk/PARTITION/…`, and its sections as `/boot-image/PARTITION/kernel`. */
  path: text,
  type: z.enum(['file', 'directory', 'link', 'fifo', 'socket', 'character device', 'block device']),
  /** Bytes of a file's content or of a link's target; 0 of everything else. This and what follows up to `capabilities` is left out where it is not known, as in what was made of a list of digests: unknown is neither zero nor null. */
  size: z.optional(count),
  /** Octal text as in `0644`, with setuid, setgid and sticky as in `4755`. */
  mode: z.optional(z.string().check(z.regex(/^[0-7]{4}$/))),
  uid: z.optional(id),
  gid: z.optional(id),
  /** `security.selinux`; null where the image has no label. */
  context: z.optional(z.nullable(text)),
  /** `security.capability` as hex of its bytes; null where there is none. */
  capabilities: z.optional(z.nullable(z.string().check(z.regex(/^([0-9a-f]{2}){1,64}$/)))),
  /** Of a file's content; null for everything else, and for a file listed in `unread`. */
  sha256: z.nullable(sha256),
  /** A link's target. */
  target: z.nullable(text),
});

/** What a partition's digest is taken over: never over padding or the container. */
const overSchema = z.enum([
  'avb image', // the bytes before its AVB footer, or the image size of its descriptor
  'vbmeta', // a vbmeta image without its padding
  'boot image', // a boot image without AVB, to the end of its last section
  'files', // a file system without AVB, or files that are installed one by one: the canonical rows of its files, without the folder lost+found
  'bytes', // anything else, without the zeros at its end
]);

const partitionSchema = z.strictObject({
  /** Without slot suffix; of an APEX `apex/` and its name. */
  name: text,
  /** Bytes that `over` covers; of `files`, the sum of the sizes of its files. */
  size: count,
  /** Null where it could not be read whole: see `unread`. */
  sha256: z.nullable(sha256),
  /** Root digest of its dm-verity hash tree, computed over the data and equal to what the descriptor states; null where there is none, or it differs. */
  rootDigest: z.nullable(digest),
  over: z.optional(overSchema),
  /** The file system or structure inside, as in `erofs`, `ext`, `f2fs`, `squashfs`, `files` (installed one by one), `boot`, `vendor_boot`, `vbmeta`, `dtbo`; null where it is opaque. */
  kind: z.optional(z.nullable(text)),
  /** What AVB says of it and whether that is so. */
  avb: z.optional(
    z.nullable(
      z.strictObject({
        /** How it is bound. */
        by: z.enum(['root', 'chain', 'hash', 'hashtree', 'footer']),
        /** The vbmeta that binds it: a partition's name. */
        in: z.nullable(text),
        outcome: z.enum(['intact', 'altered', 'not-checked']),
        because: text,
        /** SHA-256 of the key that signs its own vbmeta; null where it has none. */
        keySha256: z.nullable(sha256),
        rollbackIndex: z.nullable(z.string().check(z.regex(/^\d{1,20}$/))),
      }),
    ),
  ),
});

const apkSchema = z.strictObject({
  partition: z.optional(text),
  path: text,
  package: text,
  versionCode: z.nullable(count),
  versionName: z.optional(z.nullable(text)),
  /** SHA-256 of the signers' certificates, verified; empty where no signature verifies. */
  signers: z.array(sha256),
  /** The schemes that were verified, as in `v1`. */
  schemes: z.optional(z.array(text)),
  /** SHA-256 of the file. */
  sha256,
});

const apexSchema = z.strictObject({
  path: text,
  name: text,
  version: count,
  /** A CAPEX: the original lies compressed inside. */
  compressed: z.boolean(),
  /** SHA-256 of the outer container's signers' certificates. */
  signers: z.array(sha256),
  /** SHA-256 of the key that signs its payload's vbmeta. */
  payloadKeySha256: z.nullable(sha256),
  rootDigest: z.nullable(digest),
  sha256,
});

const placedDigest = z.strictObject({ partition: text, path: text, sha256 });

export const manifestSchema = z.strictObject({
  format: z.literal('assay.manifest/1'),
  /** What the build calls itself, by property of its build.prop without `ro.`, as in `build.fingerprint` and `vendor.build.fingerprint`. */
  identity: z.record(text, text),
  partitions: z.array(partitionSchema).check(z.maxLength(PARTITIONS_MAX)),
  files: z.array(fileSchema).check(z.maxLength(ENTRIES_MAX)),
  apks: z.array(apkSchema).check(z.maxLength(ENTRIES_MAX)),
  apexes: z.optional(z.array(apexSchema).check(z.maxLength(PARTITIONS_MAX))),
  /** Every property of every .prop file, in the order of the files. */
  properties: z.optional(z.array(z.strictObject({ path: text, key: text, value: text })).check(z.maxLength(ENTRIES_MAX))),
  /** Files that SELinux policy is loaded or compiled from. */
  selinux: z.optional(z.array(placedDigest).check(z.maxLength(ENTRIES_MAX))),
  /** Scripts that init reads. */
  init: z.optional(z.array(placedDigest).check(z.maxLength(ENTRIES_MAX))),
  /** SHA-256 over the root vbmeta and the chained ones; null where one is missing. */
  vbmetaDigest: z.optional(z.nullable(sha256)),
  /** What could not be read, and why. Anything here makes the manifest a partial one. */
  unread: z.optional(z.array(z.strictObject({ partition: text, path: z.nullable(text), because: text })).check(z.maxLength(ENTRIES_MAX))),
});

type Frozen<T> = T extends readonly (infer U)[] ? readonly Frozen<U>[] : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type Manifest = Frozen<z.infer<typeof manifestSchema>>;
export type ManifestFile = Manifest['files'][number];
export type ManifestPartition = Manifest['partitions'][number];
export type ManifestApk = Manifest['apks'][number];
export type ManifestApex = NonNullable<Manifest['apexes']>[number];
