/**
 * Whether a payload is what it says and who signed it: partition digests, and the signatures over its metadata and over all of it.
 * Spec: AOSP system/update_engine/payload_consumer/payload_verifier.cc: PKCS #1 v1.5 or ECDSA over SHA-256; any signature that verifies under a given key is enough there.
 */
import { Cursor, equalBytes, type HashPort, type SignatureScheme, type Source, toHex, type VerifyPort } from '../../../bytes/index.ts';
import type { PayloadPartition } from './manifest.ts';
import type { Payload } from './payload.ts';
import { protoFields } from './protobuf.ts';

const WINDOW = 2 << 20;
/** The payload's own signature is over all of it, and the port wants the bytes: larger payloads stand on the metadata's, which covers every digest. */
const SIGNED_MAX = 256 << 20;
const SIGNATURES_MAX = 64;

/** One signature, without its padding. */
export type PayloadSignature = Uint8Array;

/** Reads a `Signatures` message. @throws FormatError */
export function readSignatures(bytes: Uint8Array, base: number): readonly PayloadSignature[] {
  const cursor = new Cursor(bytes, { format: 'payload signatures', base });
  const all: Uint8Array[] = [];
  for (const field of protoFields(cursor)) {
    if (field.number !== 1 || field.body === undefined) continue;
    if (all.length === SIGNATURES_MAX) throw cursor.error('signatures', 'too-large', `more than ${SIGNATURES_MAX}`);
    let data: Uint8Array = new Uint8Array(0);
    let length: number | undefined;
    for (const inner of protoFields(field.body)) {
      if (inner.number === 2 && inner.body !== undefined) data = inner.body.bytes;
      if (inner.number === 3) length = Number(inner.value);
    }
    all.push(length === undefined || length > data.length ? data : data.subarray(0, length));
  }
  return all;
}

export interface PayloadKey {
  /** DER SubjectPublicKeyInfo, as in the certificates of `otacerts.zip`. */
  readonly spki: Uint8Array;
  readonly kind: 'rsa-pkcs1' | 'ecdsa';
}

export interface SignatureOutcome {
  readonly outcome: 'valid' | 'invalid' | 'unsigned' | 'not-checked';
  /** Index of the key that one of the signatures verifies under. */
  readonly key: number | null;
}

/** Whether any of the metadata's signatures verifies under any of the keys. The manifest it covers states the digest of every operation. */
export async function verifyMetadataSignature(
  payload: Payload,
  keys: readonly [PayloadKey, ...PayloadKey[]],
  verify: VerifyPort,
): Promise<SignatureOutcome> {
  return anySignature(payload.metadata, readSignatures(payload.metadataSignature, payload.metadata.length), keys, verify);
}

/** The same of the signature over the whole payload. */
export async function verifyPayloadSignature(
  payload: Payload,
  keys: readonly [PayloadKey, ...PayloadKey[]],
  verify: VerifyPort,
): Promise<SignatureOutcome> {
  const { signaturesOffset, signaturesSize } = payload.manifest;
  if (signaturesOffset === undefined || signaturesSize === 0) return { outcome: 'unsigned', key: null };
  const at = payload.blobsAt + signaturesOffset;
  if (at > SIGNED_MAX) return { outcome: 'not-checked', key: null };
  const signatures = readSignatures(await payload.source.read(at, signaturesSize), at);
  const signed = new Uint8Array(payload.metadata.length + signaturesOffset);
  signed.set(payload.metadata);
  signed.set(await payload.source.read(payload.blobsAt, signaturesOffset), payload.metadata.length);
  return anySignature(signed, signatures, keys, verify);
}

async function anySignature(
  data: Uint8Array,
  signatures: readonly PayloadSignature[],
  keys: readonly PayloadKey[],
  verify: VerifyPort,
): Promise<SignatureOutcome> {
  if (signatures.length === 0) return { outcome: 'unsigned', key: null };
  let unsupported = false;
  for (const signature of signatures) {
    for (const [index, { spki, kind }] of keys.entries()) {
      const scheme: SignatureScheme = { kind, hash: 'sha256' };
      const answer = await verify({ scheme, spki, data, signature });
      if (answer === 'valid') return { outcome: 'valid', key: index };
      if (answer === 'unsupported') unsupported = true;
    }
  }
  return { outcome: unsupported ? 'not-checked' : 'invalid', key: null };
}

/** Whether a partition that was read has the digest that the manifest states; undefined where it states none. */
export async function verifyPartitionDigest(
  source: Source,
  partition: PayloadPartition,
  hash: HashPort,
): Promise<{ readonly sha256: string; readonly good: boolean | undefined }> {
  const hasher = hash('sha256');
  for (let at = 0; at < source.size; at += WINDOW) hasher.update(await source.read(at, Math.min(WINDOW, source.size - at)));
  const digest = hasher.digest();
  const stated = partition.after?.sha256;
  return { sha256: toHex(digest), good: stated === undefined || stated.length === 0 ? undefined : equalBytes(stated, digest) };
}
