/**
 * Checkpoints: what a log signs of itself.
 * Spec: c2sp.org/tlog-checkpoint (v1.0.0). Extension lines are kept, not interpreted.
 */
import { FormatError, parseBase64, toBase64 } from '../../bytes/index.ts';
import { HASH_SIZE } from './merkle.ts';

const FORMAT = 'checkpoint';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

/** Parses the text of a checkpoint note. Its signatures are the note's business. @throws FormatError */
export function parseCheckpoint(text: string): Checkpoint {
  const refuse = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: 0 }, 'bad-value', detail);
  if (!text.endsWith('\n')) throw refuse('text', 'does not end in a newline');
  const [origin = '', size = '', root = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '') throw refuse('origin', 'empty');
  // A decimal number without leading zeros, so that one size has one text.
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw refuse('size', `"${size}" is no size`);
  const hash = parseBase64(root);
  if (hash === undefined || hash.length !== HASH_SIZE || toBase64(hash) !== root) throw refuse('root', 'no base64 of 32 bytes');
  if (extensions.some((line) => line === '')) throw refuse('extension', 'an empty line');
  return { origin, size: Number(size), root: hash, extensions };
}

/** The text of a checkpoint, to be signed. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), toBase64(root), ...extensions, ''].join('\n');
}
