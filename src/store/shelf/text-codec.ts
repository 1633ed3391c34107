/** Texts packed as zstd, alone or against another one: the same on the shelf and in packs. */
import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Packed against another it must be so much smaller, or stands alone and is what later ones are packed against. */
const WORTH = 0.5;

export interface PackedText {
  readonly packed: Uint8Array;
  /** Not packed against the base. */
  readonly isAlone: boolean;
}

/** Packs a text, against a base where that pays. */
export function packText(bytes: Uint8Array, base: Uint8Array | undefined): PackedText {
  const whole = zstdCompressSync(bytes);
  const against = base === undefined ? undefined : zstdCompressSync(bytes, { dictionary: base });
  return against !== undefined && against.length < WORTH * whole.length
    ? { packed: against, isAlone: false }
    : { packed: whole, isAlone: true };
}

/** Undefined for what does not unpack, or to more than `max` bytes. */
export function unpackText(packed: Uint8Array, base: Uint8Array | undefined, max: number): Uint8Array | undefined {
  try {
    return new Uint8Array(zstdDecompressSync(packed, { maxOutputLength: max || 1, ...(base === undefined ? {} : { dictionary: base }) }));
  } catch {
    return undefined;
  }
}

/** Whether bytes are what they are called, by SHA-256 in hex. */
export const isCalled = (bytes: Uint8Array, sha256: string): boolean => createHash('sha256').update(bytes).digest('hex') === sha256;
