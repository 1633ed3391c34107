/**
 * A statement as COSE_Sign1 with receipts of logs: the same in-toto statement as in a bundle, for whoever's tools speak CBOR.
 * Spec: RFC 9052 (COSE_Sign1), RFC 9942 (COSE Receipts) with the tree algorithm RFC9162_SHA256; `receipts` 394, `vds` 395, `vdp` 396, inclusion proof -1; CWT claims 15 (RFC 9597).
 * Does not read: consistency proofs, other tree algorithms. A receipt has the log's signature and no witness's.
 *
 *   receipt = COSE_Sign1 [ << { alg, kid, 395: 1, 15: { 1: origin } } >>, { 396: { -1: [ << [ tree-size, leaf-index, [ *bstr ] ] >> ] } }, nil, signature over the root ]
 *
 * The leaf is the log's own entry for the statement (docs/formats/log.md), which whoever has the statement makes himself.
 */
import { FormatError, type HashPort, toBase64, type VerifyPort } from '../../bytes/index.ts';
import { type CborValue, cborGet, isCborMap, readCbor, writeCbor } from '../../formats/x509/index.ts';
import { logEntryOf } from '../bundle/bundle.ts';
import { inclusionRoot, type LogPolicy, leafHash } from '../log/index.ts';
import type { SignPort } from '../sign.ts';
import { type Envelope, envelopePayload, PAYLOAD_TYPE, parseStatement, type Statement, type TrustedSigner } from '../statement/index.ts';
import { readSign1, signerOf, signSign1, verifyParts } from './sign1.ts';

const FORMAT = 'cose receipt';
const RECEIPTS = 394;
const VDS = 395;
const VDP = 396;
const CWT_CLAIMS = 15;
const ISS = 1;
const CONTENT_TYPE = 3;
const RFC9162_SHA256 = 1;
const INCLUSION = -1;
const RECEIPTS_MAX = 16;

const refuse = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: 0 }, 'bad-value', detail);

/** What a log attests: the place of a leaf in a tree. */
export interface ReceiptParts {
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** A receipt by the log that holds the tree. */
export function signReceipt(hash: HashPort, { origin, index, size, hashes, root }: ReceiptParts, log: SignPort): Promise<Uint8Array> {
  const claims: CborValue = { kind: 'map', entries: [[ISS, origin]] };
  const proofs: CborValue = { kind: 'map', entries: [[INCLUSION, [writeCbor([size, index, hashes])]]] };
  return signSign1(hash, log, {
    payload: root,
    isDetached: true,
    more: [
      [VDS, RFC9162_SHA256],
      [CWT_CLAIMS, claims],
    ],
    unprotected: [[VDP, proofs]],
  });
}

/** A bundle's statement as one CBOR file, signed anew: a signature over JSON's envelope is none over COSE's. */
export const signTransparent = (
  hash: HashPort,
  envelope: Envelope,
  signer: SignPort,
  receipts: readonly Uint8Array[],
): Promise<Uint8Array> =>
  signSign1(hash, signer, {
    payload: envelopePayload(envelope),
    isDetached: false,
    more: [[CONTENT_TYPE, envelope.payloadType]],
    unprotected: receipts.length === 0 ? [] : [[RECEIPTS, receipts]],
  });

export interface VerifiedTransparent {
  readonly statement: Statement;
  readonly signedBy: string;
  /** The logs whose receipts hold, with the place in each. */
  readonly logs: readonly { readonly origin: string; readonly index: number; readonly size: number }[];
}

/**
 * Verifies a statement and every receipt in it. With a policy at least one receipt by a log of it is wanted, and all that name one of its logs must hold.
 * Nothing but receipts may stand unsigned beside the statement. Starts refused.
 * @throws FormatError with the reason otherwise; a policy that asks for witnesses is refused, because receipts have none
 */
export async function verifyTransparent(
  bytes: Uint8Array,
  trust: { readonly signers: readonly [TrustedSigner, ...TrustedSigner[]]; readonly log: LogPolicy | 'not-asked' },
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<VerifiedTransparent> {
  const parts = readSign1(bytes);
  const { payload, signedBy } = await verifyParts(parts, PAYLOAD_TYPE, trust.signers, ports);
  const statement = parseStatement(payload);
  if (parts.unprotected.entries.some(([label]) => label !== RECEIPTS)) throw refuse('unprotected', 'a header that nobody signed');
  if (trust.log === 'not-asked') return { statement, signedBy, logs: [] };
  if (trust.log.quorum !== 'none') throw refuse('policy', 'the policy asks for witnesses, and receipts have none: verify the bundle');
  const receipts = cborGet(parts.unprotected, RECEIPTS);
  if (!Array.isArray(receipts) || receipts.length === 0) throw refuse('receipts', 'there is none');
  if (receipts.length > RECEIPTS_MAX) throw refuse('receipts', `${receipts.length} receipts, and ${RECEIPTS_MAX} is the most`);
  const leaf = leafHash(ports.hash, logEntryOf(ports.hash, { payloadType: PAYLOAD_TYPE, payload: toBase64(payload), signatures: [] }));
  const logs: VerifiedTransparent['logs'][number][] = [];
  for (const receipt of receipts as readonly CborValue[]) {
    // Array.isArray forgets what a CborValue list holds.
    if (!(receipt instanceof Uint8Array)) throw refuse('receipts', 'one that is no bytes');
    const found = await verifyReceipt(receipt, leaf, trust.log, ports);
    if (found !== undefined) logs.push(found);
  }
  if (logs.length === 0) throw refuse('receipts', 'none is by a log that is trusted');
  return { statement, signedBy, logs };
}

/** Undefined for a receipt of a log that is not of the policy. */
async function verifyReceipt(
  bytes: Uint8Array,
  leaf: Uint8Array,
  policy: LogPolicy,
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<VerifiedTransparent['logs'][number] | undefined> {
  const parts = readSign1(bytes);
  const claims = cborGet(parts.headers, CWT_CLAIMS);
  const origin = claims !== undefined && isCborMap(claims) ? cborGet(claims, ISS) : undefined;
  if (typeof origin !== 'string') throw refuse('protected.15', 'no name of a log');
  // A log's key has the origin's name, so that a key of one log never vouches for another.
  const keys = policy.logs.filter(({ key }) => key.name === origin);
  if (keys.length === 0) return undefined;
  if (cborGet(parts.headers, VDS) !== RFC9162_SHA256) throw refuse('protected.395', 'another tree than RFC9162_SHA256');
  if (parts.payload !== null) throw refuse('payload', 'a root beside the proof that leads to it');
  const proofs = cborGet(parts.unprotected, VDP);
  const [encoded, another] = listOf(proofs !== undefined && isCborMap(proofs) ? cborGet(proofs, INCLUSION) : undefined);
  if (!(encoded instanceof Uint8Array) || another !== undefined) throw refuse('396.-1', 'not one inclusion proof');
  const [size, index, path] = listOf(readCbor(encoded, FORMAT).value);
  const hashes = listOf(path);
  if (typeof size !== 'number' || typeof index !== 'number' || !hashes.every((one) => one instanceof Uint8Array))
    throw refuse('396.-1', 'not a size, an index and hashes');
  const root = inclusionRoot(ports.hash, { index, size, leaf }, hashes);
  if (root === undefined) throw refuse('396.-1', 'no proof of these sizes');
  const signers = keys.map(({ key }): TrustedSigner => ({ name: key.name, scheme: { kind: 'ed25519' }, spki: key.spki }));
  await signerOf(parts, root, signers, ports);
  return { origin, index, size };
}

const listOf = (value: CborValue): readonly CborValue[] => (Array.isArray(value) ? (value as readonly CborValue[]) : []); // Array.isArray forgets what a CborValue list holds.
