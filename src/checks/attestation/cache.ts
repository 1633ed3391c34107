import { type HashPort, type SignatureQuestion, toHex, type VerifyPort } from '../../bytes/index.ts';

/**
 * Remembers which upper certificates' signatures were found valid, so that the next chain of the same provisioning batch costs one verification.
 *
 * It cannot be poisoned: an entry is the SHA-256 of the whole question (scheme, key, signed bytes, signature), so it answers only the very question
 * whose answer it holds. Trust and time are no part of an answer: anchors, dates and revocation are judged anew every time.
 * Only `valid` is kept; it is bounded, and the entry used longest ago goes first.
 */
export interface VerificationCache {
  readonly verify: VerifyPort;
  /** Entries held now. */
  readonly size: () => number;
}

/** Makes a cache over a verify port. @throws RangeError when the capacity is not a positive integer */
export function createVerificationCache({
  verify,
  hash,
  capacity,
}: {
  readonly verify: VerifyPort;
  readonly hash: HashPort;
  readonly capacity: number;
}): VerificationCache {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError(`a cache of ${capacity} entries`);
  const known = new Set<string>();
  return {
    size: () => known.size,
    async verify(question) {
      const key = questionDigest(hash, question);
      if (known.delete(key)) {
        known.add(key);
        return 'valid';
      }
      const answer = await verify(question);
      if (answer === 'valid') {
        known.add(key);
        if (known.size > capacity) {
          const [oldest] = known;
          if (oldest !== undefined) known.delete(oldest);
        }
      }
      return answer;
    },
  };
}

/** Lengths are hashed before their parts, so that no two questions make the same bytes. */
function questionDigest(hash: HashPort, { scheme, spki, data, signature }: SignatureQuestion): string {
  const hasher = hash('sha256');
  const name = new TextEncoder().encode(JSON.stringify(scheme));
  const lengths = new Uint32Array([name.length, spki.length, data.length, signature.length]);
  hasher.update(new Uint8Array(lengths.buffer));
  for (const part of [name, spki, data, signature]) hasher.update(part);
  return toHex(hasher.digest());
}
