/**
 * A proof that a record is in a log, as one text file.
 * Spec: c2sp.org/tlog-proof@v1 (untagged draft, as of C2SP commit 5ba5ee83): header, optional `extra`, `index`, hashes, an empty line, the checkpoint note.
 */
import { FormatError, parseBase64, toBase64 } from '../../bytes/index.ts';
import { HASH_SIZE, PROOF_MAX } from './merkle.ts';

const FORMAT = 'tlog proof';
const HEADER = 'c2sp.org/tlog-proof@v1';

export interface LogProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  readonly extra: Uint8Array | undefined;
  /** The whole checkpoint note with its signatures. */
  readonly checkpoint: string;
}

/** Parses a proof file. Nothing is verified. @throws FormatError */
export function parseLogProof(text: string): LogProof {
  const refuse = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: 0 }, 'bad-value', detail);
  const split = text.indexOf('\n\n');
  if (split < 0) throw refuse('checkpoint', 'no empty line before it');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== HEADER) throw refuse('header', `not ${HEADER}`);
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift() : undefined;
  const extra = extraLine === undefined ? undefined : parseBase64(extraLine.slice('extra '.length));
  if (extraLine !== undefined && extra === undefined) throw refuse('extra', 'no base64');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw refuse('index', 'no index line');
  if (lines.length > PROOF_MAX)
    throw new FormatError({ format: FORMAT, field: 'hashes', at: 0 }, 'too-large', `${lines.length} hashes, and ${PROOF_MAX} is the most`);
  const hashes = lines.map((line, i) => {
    const hash = parseBase64(line);
    if (hash === undefined || hash.length !== HASH_SIZE) throw refuse(`hashes[${i}]`, 'no base64 of 32 bytes');
    return hash;
  });
  return { index: Number(index), hashes, extra, checkpoint: text.slice(split + 2) };
}

/** Writes a proof file. */
export function formatLogProof({ index, hashes, extra, checkpoint }: LogProof): string {
  const lines = [HEADER, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`, ...hashes.map(toBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}
