/**
 * Tailing (after Zanetti, Capkun and Juels, NDSS 2013), by attested ID: every inspection leaves a nonce in the log, and the next has the phone answer for it, by
 * putting it into the challenge that the phone's secure world signs. Two phones of one identity, inspected in turn, make the chain fork or skip.
 * Nothing is written on the phone, so what forks is the log's chain: two inspectors who do not read each other's log fork it too. That is the innocent cause.
 */
import { concatBytes, type HashPort, hashOf, type Instant, instantMs, toHex } from '../../bytes/index.ts';
import type { CloneFinding } from '../../evidence/index.ts';

const NONCE_SIZE = 32;

/** The challenge of an inspection: it signs the new nonce and the one that the last inspection left. @throws RangeError where a nonce has not 32 bytes */
export function tailChallenge(hash: HashPort, nonce: Uint8Array, previous: Uint8Array | undefined): Uint8Array {
  for (const one of [nonce, ...(previous === undefined ? [] : [previous])])
    if (one.length !== NONCE_SIZE) throw new RangeError(`a nonce has ${NONCE_SIZE} bytes; this one ${one.length}`);
  return hashOf(hash, 'sha256', concatBytes([new TextEncoder().encode('assay.tail/1\n'), previous ?? new Uint8Array(NONCE_SIZE), nonce]));
}

/** What an inspection left in the log: never the nonce before it is answered, only what it hashes to. */
export interface TailEntry {
  readonly identity: string;
  readonly at: Instant;
  readonly source: string;
  readonly nonce: Uint8Array;
  /** The nonce that it had the phone answer for; undefined for the first. */
  readonly answers: Uint8Array | undefined;
}

/** What stands in the log of a tail: nobody learns an identity from it, because the nonce is in the digest too. */
export function tailDigest(hash: HashPort, { identity, at, nonce, answers }: Omit<TailEntry, 'source'>): Uint8Array {
  const text = JSON.stringify({
    format: 'assay.tail/1',
    identity,
    at,
    nonce: toHex(nonce),
    answers: answers === undefined ? null : toHex(answers),
  });
  return hashOf(hash, 'sha256', new TextEncoder().encode(text));
}

/** Where the chain of an identity forks or skips. Entries of any identities in any order. */
export function judgeTails(entries: readonly TailEntry[]): readonly CloneFinding[] {
  const chains = new Map<string, TailEntry[]>();
  for (const entry of entries) {
    const chain = chains.get(entry.identity);
    if (chain === undefined) chains.set(entry.identity, [entry]);
    else chain.push(entry);
  }
  const found: CloneFinding[] = [];
  for (const [identity, chain] of chains) {
    const answered = new Map<string, TailEntry>();
    let last: TailEntry | undefined;
    for (const entry of chain.toSorted((a, b) => instantMs(a.at) - instantMs(b.at))) {
      const key = entry.answers === undefined ? '' : toHex(entry.answers);
      const other = answered.get(key);
      const about = { identity, at: entry.at, trust: 'operator' as const };
      if (other !== undefined)
        found.push({
          ...about,
          code: 'tail-forked',
          observed: `"${other.source}" and "${entry.source}" both answer for ${key === '' ? 'no earlier inspection' : 'the same earlier inspection'}`,
          benign: 'The two inspectors do not read one log.',
          evidence: [other.source, entry.source],
        });
      else if (last !== undefined && key !== toHex(last.nonce))
        found.push({
          ...about,
          code: 'tail-skipped',
          observed: `"${entry.source}" does not answer for "${last.source}", which came before it`,
          benign: 'The inspector did not know of the inspection before.',
          evidence: [last.source, entry.source],
        });
      if (!answered.has(key)) answered.set(key, entry);
      last = entry;
    }
  }
  return found;
}
