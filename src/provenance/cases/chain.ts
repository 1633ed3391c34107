/**
 * A case as a file: one line for each entry (a DSSE envelope) and for each proof that an entry is in a transparency log. Lines are only added.
 * An entry names the digest of what was signed before it, so one that is changed, dropped, or put elsewhere breaks the chain; cutting off the end is seen by a
 * log proof or by whoever has the later digest.
 */
import { z } from 'zod/mini';
import { FormatError, type HashPort, type Instant, instantMs, type VerifyPort } from '../../bytes/index.ts';
import { leafHash, logEntry, parseLogProof, verifyInclusion } from '../log/index.ts';
import type { SignPort } from '../sign.ts';
import {
  type Envelope,
  envelopePayload,
  envelopeSchema,
  parseDocument,
  preAuthEncoding,
  signEnvelope,
  type TrustedSigner,
  verifyEnvelope,
} from '../statement/index.ts';
import { CASE_PAYLOAD, type CaseEntry, digestOf, ENTRIES_MAX, ENTRY_MAX, type NewEntry, parseEntry } from './entry.ts';
import { caseFault } from './state.ts';

const lineSchema = z.union([
  z.strictObject({ entry: envelopeSchema }),
  z.strictObject({ proof: z.strictObject({ entry: z.int().check(z.gte(0)), logProof: z.string().check(z.maxLength(64 << 10)) }) }),
]);

export interface SignedEntry {
  readonly entry: CaseEntry;
  readonly envelope: Envelope;
  /** SHA-256 of the PAE: what the next entry names, and what a log holds. */
  readonly digest: string;
}

export interface CaseFile {
  readonly entries: readonly SignedEntry[];
  readonly proofs: readonly { readonly entry: number; readonly logProof: string }[];
}

const refuse = (at: number, field: string, detail: string) => new FormatError({ format: 'case', field, at }, 'bad-value', detail);

const signedBytes = (envelope: Envelope) => preAuthEncoding(envelope.payloadType, envelopePayload(envelope));

/** Reads a case and its chain. Signatures are not verified here. @throws FormatError that names the line */
export function parseCase(hash: HashPort, text: string): CaseFile {
  if (text.length > ENTRIES_MAX * 2 * ENTRY_MAX) throw refuse(0, 'size', 'too long for a case');
  const entries: SignedEntry[] = [];
  const proofs: { readonly entry: number; readonly logProof: string }[] = [];
  const lines = text.split('\n');
  // What was cut off in the middle of a line is no case: it was not acknowledged, and is refused by name.
  if (lines.pop() !== '') throw refuse(lines.length, `line ${lines.length + 1}`, 'the last line has no end');
  if (lines.length > 2 * ENTRIES_MAX) throw refuse(0, 'lines', `${lines.length} lines, and ${2 * ENTRIES_MAX} is the most`);
  for (const [at, line] of lines.entries()) {
    const name = `line ${at + 1}`;
    if (line.length > 2 * ENTRY_MAX) throw refuse(at, name, 'too long for an entry');
    const read = parseDocument(`case ${name}`, lineSchema, new TextEncoder().encode(line));
    if ('proof' in read) {
      if (read.proof.entry >= entries.length) throw refuse(at, name, `a proof of entry ${read.proof.entry}, which is not there before it`);
      proofs.push(read.proof);
      continue;
    }
    if (read.entry.payloadType !== CASE_PAYLOAD) throw refuse(at, name, `it signs ${read.entry.payloadType.slice(0, 80)}, not an entry`);
    const payload = envelopePayload(read.entry);
    const entry = parseEntry(payload);
    const before = entries.at(-1);
    if (entry.index !== entries.length) throw refuse(at, name, `it says it is entry ${entry.index}, and stands as ${entries.length}`);
    if (entry.previous !== (before?.digest ?? null)) throw refuse(at, name, 'it does not follow what stands before it');
    const fault = caseFault(
      entries.map((one) => one.entry),
      entry,
    );
    if (fault !== undefined) throw refuse(at, name, fault);
    entries.push({ entry, envelope: read.entry, digest: digestOf(hash, signedBytes(read.entry)) });
  }
  return { entries, proofs };
}

/** Signs a new entry that follows a case; answers the line to add, with its end. @throws FormatError where it does not follow */
export async function signEntry(
  hash: HashPort,
  { entries }: CaseFile,
  added: NewEntry,
  signers: readonly [SignPort, ...SignPort[]],
): Promise<string> {
  // Order of the fields is fixed here, so that the same entry has the same bytes.
  const { kind, at, ...rest } = added;
  const document = { format: 'assay.case-entry/1', kind, index: entries.length, previous: entries.at(-1)?.digest ?? null, at, ...rest };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  if (bytes.length > ENTRY_MAX) throw refuse(entries.length, 'entry', `${bytes.length} bytes, and ${ENTRY_MAX} is the most`);
  const entry = parseEntry(bytes);
  const fault = caseFault(
    entries.map((one) => one.entry),
    entry,
  );
  if (fault !== undefined) throw refuse(entries.length, 'entry', fault);
  return `${JSON.stringify({ entry: await signEnvelope(hash, CASE_PAYLOAD, bytes, signers) })}\n`;
}

/** The line that adds a proof. */
export const proofLine = (entry: number, logProof: string): string => `${JSON.stringify({ proof: { entry, logProof } })}\n`;

/** What a log records of an entry. */
export function caseLogEntry(digest: string): Uint8Array {
  const bytes = Uint8Array.from(digest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return logEntry('case', bytes);
}

export interface EntryTrust {
  readonly index: number;
  /** Names of the trusted keys that signed. */
  readonly signedBy: readonly string[];
  /** Keys that the envelope names and whose signature is not good. */
  readonly invalid: readonly string[];
  /** Proven to be in the log of the policy; null where no policy was given. */
  readonly logged: boolean | null;
}

export interface CaseTrust {
  readonly verified: boolean;
  readonly entries: readonly EntryTrust[];
  /** One sentence. */
  readonly because: string;
}

/** How far apart the clocks of two people may be. */
const SKEW_MS = 300_000;

export interface CaseTrustOptions {
  readonly signers: readonly [TrustedSigner, ...TrustedSigner[]];
  /** Verifies a checkpoint note under the reader's policy and answers its size and root; undefined where no log was asked for. */
  /** Now: an entry of a later day is not verified, and nothing can follow it until then. */
  readonly at: Instant;
  readonly checkpoint: ((note: string) => Promise<{ readonly size: number; readonly root: Uint8Array }>) | undefined;
}

/**
 * Verifies that every entry is signed by a trusted key and, where a log is asked for, that every entry is in it. Starts refused.
 * @throws FormatError for envelopes that are none
 */
export async function verifyCase(
  file: CaseFile,
  { signers, checkpoint, at }: CaseTrustOptions,
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<CaseTrust> {
  const entries: EntryTrust[] = [];
  for (const { entry, envelope, digest } of file.entries) {
    const { signedBy, invalid } = await verifyEnvelope(envelope, signers, ports);
    const proofs = file.proofs.filter((proof) => proof.entry === entry.index);
    let logged: boolean | null = checkpoint === undefined ? null : false;
    if (checkpoint !== undefined)
      for (const { logProof } of proofs) if (await isLogged(digest, logProof, { checkpoint, hash: ports.hash })) logged = true;
    entries.push({ index: entry.index, signedBy: signedBy.map(({ name }) => name), invalid: invalid.map(({ name }) => name), logged });
  }
  const unsigned = entries.find(({ signedBy, invalid }) => signedBy.length === 0 || invalid.length > 0);
  const future = file.entries.find(({ entry }) => instantMs(entry.at) > instantMs(at) + SKEW_MS);
  const unlogged = entries.find(({ logged }) => logged === false);
  if (entries.length === 0) return { verified: false, entries, because: 'There is no entry.' };
  if (unsigned !== undefined)
    return {
      verified: false,
      entries,
      because:
        unsigned.invalid.length > 0
          ? `The signature of entry ${unsigned.index} is not good.`
          : `No key that is trusted signed entry ${unsigned.index}.`,
    };
  if (future !== undefined)
    return { verified: false, entries, because: `Entry ${future.entry.index} is dated ${future.entry.at}, which is yet to come.` };
  if (unlogged !== undefined) return { verified: false, entries, because: `Nothing proves that entry ${unlogged.index} is in the log.` };
  return { verified: true, entries, because: `All ${entries.length} entries follow each other and are signed by keys that are trusted.` };
}

async function isLogged(
  digest: string,
  text: string,
  { checkpoint, hash }: { readonly checkpoint: NonNullable<CaseTrustOptions['checkpoint']>; readonly hash: HashPort },
): Promise<boolean> {
  try {
    const proof = parseLogProof(text);
    const { size, root } = await checkpoint(proof.checkpoint);
    return verifyInclusion(hash, { index: proof.index, size, leaf: leafHash(hash, caseLogEntry(digest)), root }, proof.hashes);
  } catch (error) {
    // A proof that is none proves nothing; the entry stays unlogged and is named so.
    if (error instanceof FormatError) return false;
    throw error;
  }
}
