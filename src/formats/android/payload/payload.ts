/**
 * A/B OTA payloads: `payload.bin` of an OTA zip.
 * Spec: AOSP system/update_engine/payload_consumer/payload_metadata.cc, README.md. Limits: major version 2, manifest at most `MANIFEST_MAX`.
 * Does not read: major version 1 (Chrome OS and Android 7.0 previews).
 *
 *   char     magic[4] = "CrAU"                        everything big endian
 *   uint64   file_format_version = 2
 *   uint64   manifest_size
 *   uint32   metadata_signature_size
 *   char     manifest[manifest_size]                  DeltaArchiveManifest
 *   char     metadata_signature[…]                    Signatures, over everything before it
 *   char     blobs[]                                  what operations refer to
 *   char     payload_signatures[signatures_size]      at blobs + signatures_offset, over everything but the metadata signature and itself
 */
import { Cursor, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';
import { type PayloadManifest, readPayloadManifest } from './manifest.ts';

export const FORMAT = 'android payload';
const HEADER_SIZE = 24;
/** Manifests of deltas of 8 GiB have been some 10 MiB. */
export const MANIFEST_MAX = 64 << 20;
const SIGNATURES_MAX = 1 << 20;

/** A payload's map. Nothing of the blobs is read for it. */
export interface Payload {
  readonly source: Source;
  readonly manifest: PayloadManifest;
  /** Header and manifest: what the metadata signature signs. */
  readonly metadata: Uint8Array;
  /** The metadata signature as it lies, possibly empty. */
  readonly metadataSignature: Uint8Array;
  /** Where the blobs begin, in bytes. */
  readonly blobsAt: number;
}

/** What decoding operations needs of a payload. */
export type PayloadBlobs = Pick<Payload, 'source' | 'blobsAt'> & { readonly manifest: Pick<PayloadManifest, 'blockSize'> };

/** Whether bytes begin as a payload does. */
export function isPayload(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x43 && start[1] === 0x72 && start[2] === 0x41 && start[3] === 0x55;
}

/** Reads header and manifest. @throws FormatError */
export async function readPayload(source: Source): Promise<Reading<Payload>> {
  const oddities: Oddity[] = [];
  const head = new Cursor(await source.read(0, Math.min(HEADER_SIZE, source.size)), { format: FORMAT, bigEndian: true });
  const magic = head.text('magic', 4);
  if (magic !== 'CrAU') throw head.error('magic', 'bad-magic', `${JSON.stringify(magic)}, not "CrAU"`, 0);
  const version = head.u64('file_format_version');
  if (version !== 2n) throw head.error('file_format_version', 'unsupported-version', `${version}, not 2`, 4);
  const manifestSize = head.size64('manifest_size');
  if (manifestSize > MANIFEST_MAX) throw head.error('manifest_size', 'too-large', `${manifestSize} is above ${MANIFEST_MAX}`, 12);
  const signatureSize = head.u32('metadata_signature_size');
  if (signatureSize > SIGNATURES_MAX)
    throw head.error('metadata_signature_size', 'too-large', `${signatureSize} is above ${SIGNATURES_MAX}`, 20);
  const blobsAt = HEADER_SIZE + manifestSize + signatureSize;
  if (blobsAt > source.size)
    throw head.error('manifest_size', 'out-of-bounds', `the manifest ends at ${blobsAt} of ${source.size} bytes`, 12);
  const start = await source.read(0, blobsAt);
  const metadata = start.subarray(0, HEADER_SIZE + manifestSize);
  const cursor = new Cursor(metadata.subarray(HEADER_SIZE), { format: FORMAT, base: HEADER_SIZE, prefix: 'manifest.' });
  const manifest = readPayloadManifest(cursor);
  const end = blobsAt + (manifest.signaturesOffset ?? 0) + manifest.signaturesSize;
  if (manifest.signaturesOffset !== undefined && end > source.size)
    oddities.push({
      format: FORMAT,
      field: 'signatures_offset',
      at: source.size,
      code: 'signatures',
      detail: `the payload's signatures end at ${end} of ${source.size} bytes`,
    });
  const names = new Set<string>();
  for (const { name } of manifest.partitions) {
    if (names.has(name))
      oddities.push({
        format: FORMAT,
        field: 'partition_name',
        at: HEADER_SIZE,
        code: 'duplicate',
        detail: `${JSON.stringify(name)} twice`,
      });
    names.add(name);
  }
  return { value: { source, manifest, metadata, metadataSignature: start.subarray(metadata.length), blobsAt }, oddities };
}
