/**
 * What a witness decides about a checkpoint that it is shown, and the request that shows it.
 * Spec: c2sp.org/tlog-witness (v1.0.0), "add-checkpoint"; c2sp.org/tlog-cosignature (v1.0.1). Limits: 63 hashes in a proof.
 */
import { equalBytes, FormatError, type HashPort, parseBase64, toBase64, type VerifyPort } from '../../bytes/index.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { emptyRoot, HASH_SIZE, verifyConsistency } from './merkle.ts';
import { type NoteKey, parseNote, verifyNoteSignatures } from './note.ts';

const PROOF_LINES_MAX = 63;

export interface AddCheckpoint {
  readonly old: number;
  readonly proof: readonly Uint8Array[];
  /** The note with its signatures. */
  readonly note: string;
}

/** Parses the body of a request. @throws FormatError */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  const refuse = (field: string, detail: string) => new FormatError({ format: 'add-checkpoint', field, at: 0 }, 'bad-value', detail);
  const split = text.indexOf('\n\n');
  if (split < 0) throw refuse('checkpoint', 'no empty line before it');
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  const old = /^old (0|[1-9]\d{0,15})$/.exec(first)?.[1];
  if (old === undefined || !Number.isSafeInteger(Number(old))) throw refuse('old', 'no line "old SIZE"');
  if (lines.length > PROOF_LINES_MAX) throw refuse('proof', `${lines.length} hashes, and ${PROOF_LINES_MAX} is the most`);
  const proof = lines.map((line, i) => {
    const hash = parseBase64(line);
    if (hash?.length !== HASH_SIZE) throw refuse(`proof[${i}]`, 'no base64 of 32 bytes');
    return hash;
  });
  return { old: Number(old), proof, note: text.slice(split + 2) };
}

export const formatAddCheckpoint = ({ old, proof, note }: AddCheckpoint): string =>
  `${[`old ${old}`, ...proof.map(toBase64)].join('\n')}\n\n${note}`;

/** What a witness knows of a log: its key, and the newest checkpoint that it cosigned; size 0 before the first. */
export interface WitnessedLog {
  readonly key: NoteKey;
  readonly size: number;
  readonly root: Uint8Array;
}

/** A refusal with its HTTP status, or the checkpoint to keep and then to cosign. */
export type WitnessAnswer =
  | { readonly status: 400 | 403 | 404 | 409 | 422; readonly body: string }
  | { readonly status: 200; readonly text: string; readonly checkpoint: Checkpoint };

/** Decides in the order of the specification: origin, signature, sizes, proof. */
export async function judgeCheckpoint(
  body: string,
  known: (origin: string) => WitnessedLog | undefined,
  { hash, verify }: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<WitnessAnswer> {
  let request: AddCheckpoint;
  let note: ReturnType<typeof parseNote>;
  let checkpoint: Checkpoint;
  try {
    request = parseAddCheckpoint(body);
    note = parseNote(new TextEncoder().encode(request.note));
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    if (error instanceof FormatError) return { status: 400, body: `${error.message}\n` };
    throw error;
  }
  const log = known(checkpoint.origin);
  if (log === undefined) return { status: 404, body: 'unknown log\n' };
  try {
    if ((await verifyNoteSignatures(note, [log.key], verify)).length === 0) return { status: 403, body: 'no signature by the log\n' };
  } catch (error) {
    if (error instanceof FormatError) return { status: 403, body: 'invalid signature\n' };
    throw error;
  }
  const { size, root } = checkpoint;
  if (request.old > size) return { status: 400, body: 'the old size is above the new one\n' };
  // With text/x.tlog.size the log learns from where to prove.
  if (request.old !== log.size) return { status: 409, body: `${log.size}\n` };
  if (size === log.size && !equalBytes(root, log.size === 0 ? emptyRoot(hash) : log.root)) return { status: 409, body: `${log.size}\n` };
  const isGrown =
    log.size === 0 || size === log.size
      ? request.proof.length === 0
      : verifyConsistency(hash, { oldSize: log.size, newSize: size, oldRoot: log.root, newRoot: root }, request.proof);
  if (!isGrown) return { status: 422, body: 'the consistency proof does not hold\n' };
  return { status: 200, text: note.text, checkpoint };
}
