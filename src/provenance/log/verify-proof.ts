/** Whether a proof file shows an entry in a log that a policy trusts. */
import { FormatError, type HashPort, type VerifyPort } from '../../bytes/index.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { parseNote, verifyNoteSignatures } from './note.ts';
import { type LogPolicy, satisfies } from './policy.ts';
import { parseLogProof } from './proof.ts';

export type ProofFailure = 'log-proof-malformed' | 'checkpoint-signature-invalid' | 'log-untrusted' | 'quorum-not-met' | 'not-in-log';

export type ProofAnswer =
  | { readonly failure: ProofFailure; readonly because: string }
  | {
      readonly failure: undefined;
      readonly origin: string;
      readonly index: number;
      readonly size: number;
      /** Seconds since 1970 of the earliest cosignature by a trusted witness: the entry was in the log by then. Undefined where no witness cosigned. */
      readonly loggedBy: number | undefined;
    };

/** Verifies a proof of an entry's bytes. Starts refused; every failure has a name. Never throws for a hostile proof. */
export async function verifyLogProof(
  text: string,
  entry: Uint8Array,
  policy: LogPolicy,
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<ProofAnswer> {
  let failure: ProofFailure = 'log-proof-malformed';
  try {
    const proof = parseLogProof(text);
    const note = parseNote(new TextEncoder().encode(proof.checkpoint));
    const { origin, size, root } = parseCheckpoint(note.text);
    // A log's key has the origin's name, so that a key of one log never vouches for another.
    const logs = policy.logs.filter(({ key }) => key.name === origin);
    if (logs.length === 0) return { failure: 'log-untrusted', because: `no trusted log is named ${origin}` };
    failure = 'checkpoint-signature-invalid';
    const keys = [...logs, ...policy.witnesses.values()].map(({ key }) => key);
    const signatures = await verifyNoteSignatures(note, keys, ports.verify);
    if (!logs.some(({ key }) => signatures.some((found) => found.key === key)))
      return { failure: 'log-untrusted', because: `${origin} has not signed its checkpoint` };
    if (!satisfies({ ...policy, logs }, signatures))
      return { failure: 'quorum-not-met', because: 'too few witnesses have cosigned the checkpoint' };
    const leaf = leafHash(ports.hash, entry);
    if (!verifyInclusion(ports.hash, { index: proof.index, size, leaf, root }, proof.hashes))
      return { failure: 'not-in-log', because: `entry ${proof.index} is another one` };
    const times = signatures.flatMap(({ timestamp }) => (timestamp === undefined || timestamp === 0 ? [] : [timestamp]));
    return { failure: undefined, origin, index: proof.index, size, loggedBy: times.length === 0 ? undefined : Math.min(...times) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { failure, because: error.message };
  }
}
