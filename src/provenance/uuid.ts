import { concatBytes, type HashPort, hashOf, parseHex, toHex } from '../bytes/index.ts';

/** The namespace of our own documents (docs/decisions/0006). */
const OURS = 'f0bc69909adb4e819e8640a8312bd2c3';

/** The UUID that a name has in our namespace (RFC 9562 5.5, version 5): the same name, the same UUID, wherever it is made. */
export function uuidOf(hash: HashPort, name: string): string {
  const digest = hashOf(hash, 'sha1', concatBytes([parseHex(OURS) ?? new Uint8Array(16), new TextEncoder().encode(name)])).slice(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return toHex(digest).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
