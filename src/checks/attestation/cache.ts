import { concatBytes, type HashPort, hashOf, type SignatureQuestion } from '../../bytes/index.ts';

/**
 * Remembers which rows of upper certificates were found to verify, so that the next chain of the same provisioning batch costs one verification.
 *
 * It cannot be poisoned: an entry is the SHA-256 of every byte of the questions whose answers were `valid` (scheme, key, signed bytes, signature),
 * each with its length, so it answers only those very questions. Trust and time are no part of an answer: anchors, dates and revocation are judged anew
 * every time. It is bounded, and the entry used longest ago goes first. One cache serves one verify port.
 */
export interface VerificationCache {
  /** Whether all of these questions were answered `valid` before. */
  readonly knows: (questions: readonly SignatureQuestion[]) => boolean;
  /** Remembers that all of these were just answered `valid`. */
  readonly keep: (questions: readonly SignatureQuestion[]) => void;
  /** Entries held now. */
  readonly size: () => number;
}

/** Makes a cache. @throws RangeError when the capacity is not a positive integer */
export function createVerificationCache({ hash, capacity }: { readonly hash: HashPort; readonly capacity: number }): VerificationCache {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError(`a cache of ${capacity} entries`);
  const known = new Set<string>();
  return {
    size: () => known.size,
    knows(questions) {
      const key = questionsDigest(hash, questions);
      const found = known.delete(key);
      if (found) known.add(key);
      return found;
    },
    keep(questions) {
      known.add(questionsDigest(hash, questions));
      if (known.size <= capacity) return;
      const [oldest] = known;
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}

/** Lengths are hashed before their parts, so that no two rows of questions make the same bytes. */
function questionsDigest(hash: HashPort, questions: readonly SignatureQuestion[]): string {
  const parts: Uint8Array[] = [];
  for (const { scheme, spki, data, signature } of questions) {
    const name = schemeBytes(scheme);
    parts.push(new Uint8Array(Uint32Array.of(name.length, spki.length, data.length, signature.length).buffer), name, spki, data, signature);
  }
  return String.fromCharCode(...hashOf(hash, 'sha256', concatBytes(parts)));
}

const encoder = new TextEncoder();
const schemeBytes = (scheme: SignatureQuestion['scheme']): Uint8Array => encoder.encode(Object.values(scheme).join(' '));
