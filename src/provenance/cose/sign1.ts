/**
 * COSE_Sign1: a payload, headers and one signature in CBOR.
 * Spec: RFC 9052 section 4.2 and 4.4 (Sig_structure), RFC 9053 section 2 (EdDSA -8, ES256 -7). Written deterministically (RFC 8949 section 4.2.1).
 * Limits: 4 MiB. Does not read: counter signatures, algorithms besides these two, critical headers (refused).
 *
 *   COSE_Sign1 = [ protected: bstr, unprotected: map, payload: bstr, signature: bstr ], tag 18
 *   Sig_structure = [ "Signature1", protected, external_aad: h'', payload ]
 */
import { concatBytes, equalBytes, FormatError, type HashPort, hashOf, type SignatureAnswer, type VerifyPort } from '../../bytes/index.ts';
import { type CborMap, type CborValue, cborGet, isCborMap, readCbor, writeCbor } from '../../formats/x509/index.ts';
import type { SignPort } from '../sign.ts';
import type { TrustedSigner } from '../statement/index.ts';

const FORMAT = 'cose sign1';
const SIZE_MAX = 4 << 20;
const TAG = 18;
const HEADER = { alg: 1, crit: 2, contentType: 3, kid: 4 } as const;
const ALG = { ed25519: -8, ecdsa: -7 } as const;
/** Enough to find a key among those that are trusted; it vouches for nothing. */
const KID_SIZE = 8;

const kidOf = (hash: HashPort, spki: Uint8Array) => hashOf(hash, 'sha256', spki).subarray(0, KID_SIZE);
const sigStructure = (protectedHeader: Uint8Array, payload: Uint8Array) =>
  writeCbor(['Signature1', protectedHeader, new Uint8Array(0), payload]);

/** Signs a payload. `contentType` says what it is, as in `application/vnd.assay.label+cbor`. */
export const signCose = (hash: HashPort, payload: Uint8Array, contentType: string, signer: SignPort): Promise<Uint8Array> =>
  signSign1(hash, signer, { payload, isDetached: false, more: [[HEADER.contentType, contentType]], unprotected: [] });

type Entries = CborMap['entries'];

/** A COSE_Sign1 with these headers besides algorithm and key. A detached payload is signed and left out. */
export async function signSign1(
  hash: HashPort,
  signer: SignPort,
  parts: { readonly payload: Uint8Array; readonly isDetached: boolean; readonly more: Entries; readonly unprotected: Entries },
): Promise<Uint8Array> {
  const header = writeCbor(mapOf([[HEADER.alg, ALG[signer.scheme.kind]], [HEADER.kid, kidOf(hash, signer.spki)], ...parts.more]));
  const signature = await signer.sign(sigStructure(header, parts.payload));
  const raw = signer.scheme.kind === 'ecdsa' ? rawOfDer(signature) : signature;
  return writeCbor({ kind: 'tag', tag: TAG, value: [header, mapOf(parts.unprotected), parts.isDetached ? null : parts.payload, raw] });
}

const mapOf = (entries: CborMap['entries']): CborMap => ({ kind: 'map', entries });

/** What a COSE_Sign1 holds once a trusted key is found to have signed it. */
export interface VerifiedCose {
  readonly payload: Uint8Array;
  readonly signedBy: string;
}

/**
 * Verifies a COSE_Sign1 of this content type under the keys that are trusted. Starts refused: only a good signature by one of them gives the payload.
 * @throws FormatError with the reason otherwise
 */
export async function verifyCose(
  bytes: Uint8Array,
  contentType: string,
  signers: readonly [TrustedSigner, ...TrustedSigner[]],
  ports: Ports,
): Promise<VerifiedCose> {
  const parts = readSign1(bytes);
  if (parts.unprotected.entries.length > 0) throw refuse('unprotected', 'a header that nobody signed');
  return verifyParts(parts, contentType, signers, ports);
}

interface Ports {
  readonly hash: HashPort;
  readonly verify: VerifyPort;
}

/** The parts of a COSE_Sign1. Nothing is verified. */
export interface UnverifiedSign1 {
  readonly header: Uint8Array;
  readonly headers: CborMap;
  readonly unprotected: CborMap;
  /** Null where it is detached. */
  readonly payload: Uint8Array | null;
  readonly signature: Uint8Array;
}

const refuse = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: 0 }, 'bad-value', detail);

/** Reads a COSE_Sign1. @throws FormatError where it is none, or not written deterministically */
export function readSign1(bytes: Uint8Array): UnverifiedSign1 {
  if (bytes.length > SIZE_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${SIZE_MAX} is the most`);
  const { value, oddities } = readCbor(bytes, FORMAT);
  // One document has one form: what is written in another way was not written by a signer of ours.
  if (oddities.length > 0) throw refuse('encoding', oddities[0]?.detail ?? 'not deterministic');
  const parts =
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tag' && value.tag === TAG ? value.value : value;
  const [header, unprotected, payload, signature] = isList(parts) && parts.length === 4 ? parts : [];
  if (
    !(header instanceof Uint8Array) ||
    !isMap(unprotected) ||
    !(payload instanceof Uint8Array || payload === null) ||
    !(signature instanceof Uint8Array)
  )
    throw refuse('structure', 'not four parts of their kinds');
  const { value: headers } = readCbor(header, FORMAT);
  if (!isMap(headers)) throw refuse('protected', 'no map');
  if (cborGet(headers, HEADER.crit) !== undefined) throw refuse('protected.crit', 'a critical header that is not known here');
  return { header, headers, unprotected, payload, signature };
}

/** @throws FormatError unless a trusted key signed it, with its payload in it and of this content type */
export async function verifyParts(
  parts: UnverifiedSign1,
  contentType: string,
  signers: readonly [TrustedSigner, ...TrustedSigner[]],
  ports: Ports,
): Promise<VerifiedCose> {
  const { headers, payload } = parts;
  if (payload === null) throw refuse('payload', 'it is not here');
  if (cborGet(headers, HEADER.contentType) !== contentType) throw refuse('protected.content type', 'it signs something else');
  return { payload, signedBy: await signerOf(parts, payload, signers, ports) };
}

/** Who of the trusted signed it over this payload. @throws FormatError where none did */
export async function signerOf(
  { header, headers, signature }: UnverifiedSign1,
  payload: Uint8Array,
  signers: readonly TrustedSigner[],
  ports: Ports,
): Promise<string> {
  const kid = cborGet(headers, HEADER.kid);
  const signer = signers.find(({ spki }) => kid instanceof Uint8Array && equalBytes(kidOf(ports.hash, spki), kid));
  if (signer === undefined) throw refuse('protected.kid', 'no trusted key signed it');
  const { kind } = signer.scheme;
  if ((kind !== 'ed25519' && kind !== 'ecdsa') || cborGet(headers, HEADER.alg) !== ALG[kind])
    throw refuse('protected.alg', 'not the algorithm of the key that it names');
  const der = kind === 'ecdsa' ? derOfRaw(signature) : signature;
  const answer: SignatureAnswer =
    der === undefined
      ? 'invalid'
      : await ports.verify({ scheme: signer.scheme, spki: signer.spki, data: sigStructure(header, payload), signature: der });
  if (answer !== 'valid')
    throw refuse('signature', answer === 'invalid' ? `the signature of ${signer.name} is not valid` : 'cannot be checked here');
  return signer.name;
}

const isList = (value: CborValue | undefined): value is readonly CborValue[] => Array.isArray(value);
const isMap = (value: CborValue | undefined): value is CborMap => value !== undefined && isCborMap(value);

/** ECDSA P-256 as COSE has it, r and s of 32 bytes each, from DER (RFC 3279). The DER is our signer's. */
function rawOfDer(der: Uint8Array): Uint8Array {
  const part = (at: number): readonly [Uint8Array, number] => {
    const length = der[at + 1] ?? 0;
    return [der.subarray(at + 2, at + 2 + length), at + 2 + length];
  };
  const [r, next] = part(2);
  const [s] = part(next);
  const fixed = (value: Uint8Array) => {
    const trimmed = value.subarray(Math.max(0, value.length - 32));
    return concatBytes([new Uint8Array(32 - trimmed.length), trimmed]);
  };
  return concatBytes([fixed(r), fixed(s)]);
}

/** The DER of r and s; undefined for what is not 64 bytes. */
function derOfRaw(raw: Uint8Array): Uint8Array | undefined {
  if (raw.length !== 64) return undefined;
  const integer = (value: Uint8Array) => {
    const first = value.findIndex((byte) => byte !== 0);
    const digits = first < 0 ? Uint8Array.of(0) : value.subarray(first);
    const positive = (digits[0] ?? 0) > 0x7f ? concatBytes([Uint8Array.of(0), digits]) : digits;
    return concatBytes([Uint8Array.of(0x02, positive.length), positive]);
  };
  const body = concatBytes([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return concatBytes([Uint8Array.of(0x30, body.length), body]);
}
