/**
 * The subject of a statement as a salted commitment: HMAC-SHA-256 (RFC 2104) under a random salt over the phone's identities.
 * Without the salt nobody can try the million IMEIs of a model; with it (it is in the bundle) anybody can check the phone in hand.
 */
import { concatBytes, type HashPort, hashOf } from '../../bytes/index.ts';

const BLOCK = 64;
/** Salts shorter than this could be tried. */
export const SALT_SIZE = 32;
const utf8 = new TextEncoder();

/** HMAC with SHA-256. */
export function hmacSha256(hash: HashPort, key: Uint8Array, data: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? hashOf(hash, 'sha256', key) : key);
  const inner = hashOf(hash, 'sha256', concatBytes([block.map((byte) => byte ^ 0x36), data]));
  return hashOf(hash, 'sha256', concatBytes([block.map((byte) => byte ^ 0x5c), inner]));
}

/** One identity of a phone, as in `{ kind: 'imei', value: '…' }`. */
export interface Identity {
  readonly kind: string;
  readonly value: string;
}

/** The commitment to a phone's identities, whatever order they come in. @throws RangeError for a salt that is not 32 bytes */
export function commitTo(hash: HashPort, salt: Uint8Array, identities: readonly Identity[]): Uint8Array {
  if (salt.length !== SALT_SIZE) throw new RangeError(`a salt of ${salt.length} bytes; it has ${SALT_SIZE}`);
  // JSON keeps kind and value apart whatever characters they hold.
  const texts = identities.map(({ kind, value }) => JSON.stringify([kind, value]));
  return hmacSha256(hash, salt, utf8.encode([...new Set(texts)].sort().join('\n')));
}
