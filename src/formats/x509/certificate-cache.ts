import { equalBytes, type Reading } from '../../bytes/index.ts';
import { type Certificate, readCertificate } from './certificate.ts';

/** Remembers certificates that were read: of a thousand chains, all but the targets are the same few. */
export interface CertificateCache {
  readonly read: (bytes: Uint8Array, base?: number) => Reading<Certificate>;
  readonly size: () => number;
}

/** Fingers the bytes by length and end: the end is a signature, so honest certificates never share it; forged ones only lose time. */
const fingerOf = (bytes: Uint8Array): string => `${bytes.length} ${String.fromCharCode(...bytes.subarray(-12))}`;

/**
 * Makes a cache. An entry answers only the very bytes that it was read from: they are kept as a copy and compared whole, so nothing can pose as another.
 * Bounded; the entry used longest ago goes first. Errors are not remembered. @throws RangeError when the capacity is not a positive integer
 */
export function createCertificateCache(capacity: number): CertificateCache {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError(`a cache of ${capacity} certificates`);
  const known = new Map<string, Reading<Certificate>>();
  return {
    size: () => known.size,
    read(bytes, base = 0) {
      const finger = fingerOf(bytes);
      const found = known.get(finger);
      if (found !== undefined && found.value.at === base && equalBytes(found.value.bytes, bytes)) {
        known.delete(finger);
        known.set(finger, found);
        return found;
      }
      // A copy: the caller's buffer may change under what is remembered.
      const read = readCertificate(bytes.slice(), base);
      // Bytes after the certificate are an oddity of the file, and would not compare.
      if (read.value.bytes.length !== bytes.length) return read;
      known.set(finger, read);
      if (known.size > capacity) {
        const [oldest] = known.keys();
        if (oldest !== undefined) known.delete(oldest);
      }
      return read;
    },
  };
}
