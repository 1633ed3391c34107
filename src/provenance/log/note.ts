/**
 * Signed notes: text with signatures under named keys.
 * Spec: c2sp.org/signed-note (v1.0.0); signature types of c2sp.org/tlog-cosignature (v1.0.1) and, for Google's Android logs, ECDSA as in sumdb/note forks.
 * A known key with a bad signature refuses the whole note; unknown keys are ignored. Limits: 1 MiB of text, 100 signature lines.
 */
import {
  concatBytes,
  equalBytes,
  FormatError,
  type HashPort,
  hashOf,
  parseBase64,
  type SignatureScheme,
  toBase64,
  toHex,
  type VerifyPort,
} from '../../bytes/index.ts';
import { parseCheckpoint } from './checkpoint.ts';

const FORMAT = 'signed note';
const NOTE_MAX = 1 << 20;
const SIGNATURES_MAX = 100;
/** DER of SubjectPublicKeyInfo for Ed25519 (RFC 8410), before the 32 bytes of the key. */
const ED25519_SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** DER of a SubjectPublicKeyInfo of ML-DSA-44 up to its key (RFC 9881). */
const ML_DSA_44_SPKI = Uint8Array.of(0x30, 0x82, 5, 0x32, 0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17, 3, 0x82, 5, 0x21, 0);
const ML_DSA_44_KEY = 1312;
const ML_DSA_44_SIGNATURE = 2420;

/** Signature algorithm bytes of signed-note. */
const TYPES = { 1: 'ed25519', 2: 'ecdsa', 4: 'cosignature-ed25519', 6: 'cosignature-ml-dsa-44' } as const;
export type NoteKeyType = (typeof TYPES)[keyof typeof TYPES];

/** A key that a verifier trusts under a name. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  /** Four bytes that a signature line carries. */
  readonly id: Uint8Array;
  /** DER SubjectPublicKeyInfo, for the verify port. */
  readonly spki: Uint8Array;
}

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note that was parsed. Nothing about it is verified: the danger is in the name. */
export interface UnverifiedNote {
  /** With its final newline: the bytes that are signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A verified signature: whose, and for cosignatures when. */
export interface VerifiedSignature {
  readonly key: NoteKey;
  /** Seconds since 1970 that a cosignature states. */
  readonly timestamp: number | undefined;
}

/** Whether a name may stand in a note: not empty, no white space, no plus sign. */
export const isKeyName = (name: string) => name !== '' && !/[\s+\u0000-\u001f\u007f]/u.test(name);

/** Parses a verifier key: `name+hex id+base64(type || key)`. @throws FormatError */
export function parseVerifierKey(hash: HashPort, vkey: string): NoteKey {
  const refuse = (field: string, detail: string) => new FormatError({ format: 'verifier key', field, at: 0 }, 'bad-value', detail);
  const [name = '', hexId = '', ...rest] = vkey.split('+');
  // Base64 may itself hold a plus sign.
  const encoded = parseBase64(rest.join('+'));
  if (!isKeyName(name)) throw refuse('name', 'empty, or with white space');
  const [typeByte] = encoded ?? [];
  const type = (TYPES as Readonly<Record<number, NoteKeyType>>)[typeByte ?? 0];
  if (encoded === undefined || type === undefined) throw refuse('key', 'no base64 of a key of a known type');
  if (type === 'ed25519' || type === 'cosignature-ed25519') {
    if (encoded.length !== 33) throw refuse('key', `${encoded.length - 1} bytes, where Ed25519 has 32`);
  } else if (type === 'cosignature-ml-dsa-44') {
    if (encoded.length !== 1 + ML_DSA_44_KEY) throw refuse('key', `${encoded.length - 1} bytes, where ML-DSA-44 has ${ML_DSA_44_KEY}`);
  } else throw refuse('key', `keys of the type ${type} are not written in this form`);
  const id = keyId(hash, name, encoded);
  if (!/^[0-9a-f]{8}$/.test(hexId) || hexId !== hex(id)) throw refuse('id', `${hexId}, where name and key make ${hex(id)}`);
  const prefix = type === 'cosignature-ml-dsa-44' ? ML_DSA_44_SPKI : ED25519_SPKI;
  return { name, type, id, spki: concatBytes([prefix, encoded.subarray(1)]) };
}

/** signed-note: the first four bytes of SHA-256(name || "\n" || type || key). */
function keyId(hash: HashPort, name: string, typeAndKey: Uint8Array): Uint8Array {
  return hashOf(hash, 'sha256', concatBytes([utf8.encode(`${name}\n`), typeAndKey])).subarray(0, 4);
}

/** The key of a log that signs with ECDSA P-256, as Google's Android logs do: its id is the beginning of SHA-256 over the SPKI. */
export function ecdsaNoteKey(hash: HashPort, name: string, spki: Uint8Array): NoteKey {
  return { name, type: 'ecdsa', id: hashOf(hash, 'sha256', spki).subarray(0, 4), spki };
}

/** A name that no note can carry makes a key that nobody can use. @throws RangeError */
function checkName(name: string): void {
  if (!isKeyName(name))
    throw new RangeError(`${JSON.stringify(name.slice(0, 80))} is no name for a key: not empty, without white space and plus signs`);
}

/** An Ed25519 key for a name, from its 32 public bytes. @throws RangeError where the name is none */
export function ed25519NoteKey(
  hash: HashPort,
  options: { readonly name: string; readonly publicKey: Uint8Array; readonly type: 'ed25519' | 'cosignature-ed25519' },
): NoteKey {
  const { name, publicKey, type } = options;
  checkName(name);
  const typed = concatBytes([Uint8Array.of(type === 'ed25519' ? 0x01 : 0x04), publicKey]);
  return { name, type, id: keyId(hash, name, typed), spki: concatBytes([ED25519_SPKI, publicKey]) };
}

/** An ML-DSA-44 key of a cosigner, from its SubjectPublicKeyInfo. @throws RangeError where it is another key's */
export function mlDsaNoteKey(hash: HashPort, name: string, spki: Uint8Array): NoteKey {
  if (spki.length !== ML_DSA_44_SPKI.length + ML_DSA_44_KEY || !equalBytes(spki.subarray(0, ML_DSA_44_SPKI.length), ML_DSA_44_SPKI))
    throw new RangeError('no key of ML-DSA-44');
  checkName(name);
  const typed = concatBytes([Uint8Array.of(0x06), spki.subarray(ML_DSA_44_SPKI.length)]);
  return { name, type: 'cosignature-ml-dsa-44', id: keyId(hash, name, typed), spki };
}

/** The text form of an Ed25519 or ML-DSA-44 key, for a policy file. */
export function formatVerifierKey(key: NoteKey): string {
  const [type, prefix] =
    key.type === 'cosignature-ml-dsa-44' ? [0x06, ML_DSA_44_SPKI] : [key.type === 'ed25519' ? 0x01 : 0x04, ED25519_SPKI];
  return `${key.name}+${hex(key.id)}+${toBase64(concatBytes([Uint8Array.of(type), key.spki.subarray(prefix.length)]))}`;
}

/** Parses a note. @throws FormatError where it is none */
export function parseNote(bytes: Uint8Array): UnverifiedNote {
  const refuse = (field: string, detail: string, at = 0) => new FormatError({ format: FORMAT, field, at }, 'bad-value', detail);
  if (bytes.length > NOTE_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${NOTE_MAX} is the most`);
  let all: string;
  try {
    all = fromUtf8.decode(bytes);
  } catch {
    throw refuse('text', 'no UTF-8');
  }
  // ASCII control characters other than newline are forbidden, so that what a person sees is what is signed.
  const control = /[\u0000-\u0009\u000b-\u001f]/.exec(all);
  if (control !== null) throw refuse('text', 'a control character', control.index);
  // The last empty line ends the text.
  const split = all.lastIndexOf('\n\n');
  if (split < 0 || !all.endsWith('\n')) throw refuse('signatures', 'no empty line before signatures');
  const text = all.slice(0, split + 1);
  const lines = all.slice(split + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX)
    throw new FormatError(
      { format: FORMAT, field: 'signatures', at: split },
      'too-large',
      `${lines.length} lines, and ${SIGNATURES_MAX} is the most`,
    );
  const signatures = lines.map((line, index) => {
    const match = /^\u2014 (\S+) (\S+)$/.exec(line);
    const blob = match === null ? undefined : parseBase64(match[2] ?? '');
    const name = match?.[1] ?? '';
    if (blob === undefined || blob.length < 5 || !isKeyName(name)) throw refuse(`signatures[${index}]`, 'no signature line');
    return { name, id: blob.subarray(0, 4), signature: blob.subarray(4) };
  });
  return { text, signatures };
}

/** Writes a note. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  return `${text}\n${signatures.map(({ name, id, signature }) => `\u2014 ${name} ${toBase64(concatBytes([id, signature]))}\n`).join('')}`;
}

/** What a cosignature signs: its header and the note's text (tlog-cosignature). */
export const cosignedMessage = (text: string, timestamp: number) => utf8.encode(`cosignature/v1\ntime ${timestamp}\n${text}`);

/**
 * What an ML-DSA-44 cosignature of a checkpoint signs (tlog-cosignature v1.1.0-rc.1): the tree from its beginning, under the names of cosigner and log. Extension lines are not in it.
 *
 *   struct { uint8 label[12] = "subtree/v1\n\0"; opaque cosigner_name<1..255>; uint64 timestamp; opaque log_origin<1..255>; uint64 start, end; uint8 hash[32]; }
 */
export function cosignedSubtree(cosigner: string, text: string, timestamp: number): Uint8Array {
  const { origin, size, root } = parseCheckpoint(text);
  const named = (name: string) => {
    const bytes = utf8.encode(name);
    if (bytes.length > 255)
      throw new FormatError({ format: FORMAT, field: 'name', at: 0 }, 'too-large', `${bytes.length} bytes, and 255 is the most`);
    return [Uint8Array.of(bytes.length), bytes];
  };
  const u64 = (value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    return bytes;
  };
  return concatBytes([utf8.encode('subtree/v1\n\0'), ...named(cosigner), u64(timestamp), ...named(origin), u64(0), u64(size), root]);
}

/**
 * Verifies every signature of a note that claims to be by one of `keys`: all of them must be good, or the note is refused. Signatures by other keys are ignored,
 * and so are those of a scheme that this platform cannot check: they count for nothing.
 * The answer may be empty: whether that is enough is the policy's business.
 * @throws FormatError when a known key's signature is not valid
 */
export async function verifyNoteSignatures(
  note: UnverifiedNote,
  keys: readonly NoteKey[],
  verify: VerifyPort,
): Promise<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const [index, line] of note.signatures.entries()) {
    const key = keys.find(({ name, id }) => name === line.name && equalBytes(id, line.id));
    if (key === undefined) continue;
    const checked = await verifyLine(note, line, key, verify);
    if (checked === 'unsupported') continue;
    if (checked === 'invalid')
      throw new FormatError(
        { format: FORMAT, field: `signatures[${index}]`, at: 0 },
        'bad-value',
        `the signature of ${key.name} is not valid`,
      );
    // A second good one by the same key says nothing more; a second bad one refuses the note like any.
    if (!verified.some((other) => other.key === key)) verified.push(checked);
  }
  return verified;
}

async function verifyLine(
  note: UnverifiedNote,
  { signature }: NoteSignature,
  key: NoteKey,
  verify: VerifyPort,
): Promise<VerifiedSignature | 'invalid' | 'unsupported'> {
  const { spki, type } = key;
  const ask = async (scheme: SignatureScheme, data: Uint8Array, timestamp?: number) => {
    const bytes = timestamp === undefined ? signature : signature.subarray(TIMESTAMP);
    const answer = await verify({ scheme, spki, data, signature: bytes });
    return answer === 'valid' ? { key, timestamp } : answer;
  };
  if (type === 'ed25519') return ask({ kind: 'ed25519' }, utf8.encode(note.text));
  if (type === 'ecdsa') return ask({ kind: 'ecdsa', hash: 'sha256' }, utf8.encode(note.text));
  const size = type === 'cosignature-ed25519' ? 64 : ML_DSA_44_SIGNATURE;
  if (signature.length !== TIMESTAMP + size) return 'invalid';
  const timestamp = Number(new DataView(signature.buffer, signature.byteOffset, TIMESTAMP).getBigUint64(0));
  if (!Number.isSafeInteger(timestamp)) return 'invalid';
  return type === 'cosignature-ed25519'
    ? ask({ kind: 'ed25519' }, cosignedMessage(note.text, timestamp), timestamp)
    : ask({ kind: 'ml-dsa', level: 44 }, cosignedSubtree(key.name, note.text, timestamp), timestamp);
}

/** Bytes of the time before a cosignature. */
const TIMESTAMP = 8;
const hex = toHex;
