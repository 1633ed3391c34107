/**
 * The signature over a whole OTA zip, which recovery demands: a CMS block in the archive's comment, over everything before the comment.
 * Spec: AOSP bootable/recovery/install/verifier.cpp; build/make tools/signapk. Limits: comments have at most 65,535 bytes.
 * Does not read: blocks with signed attributes (named): no signer of OTAs writes them.
 *
 *   … end of central directory, u16 comment length │ comment: text, NUL, CMS block, u16 start of the block counted from the end, FF FF, u16 comment length
 *   └── signed, up to the comment length ──────────┘
 */
import {
  Cursor,
  FormatError,
  type HashPort,
  hashOf,
  type SignatureScheme,
  type Source,
  toHex,
  type VerifyStreamPort,
} from '../../../bytes/index.ts';
import { findCertificate, readSignedData } from '../../apk/jar/pkcs7.ts';
import { hashAlgorithmOf, keyKindOf } from '../../x509/index.ts';

const FORMAT = 'ota signature';
const FOOTER = 6;
const EOCD = 22;
const PIECE = 1 << 20;

/** Where the signature lies and what it is over. */
export interface OtaSignaturePlace {
  readonly signedBytes: number;
  /** The CMS block. */
  readonly block: Uint8Array;
  readonly blockAt: number;
}

/** Finds the signature; undefined where the archive has none. @throws FormatError where it has one and recovery would refuse its frame */
export async function findOtaSignature(source: Source): Promise<OtaSignaturePlace | undefined> {
  if (source.size < EOCD + FOOTER) return undefined;
  const base = source.size - FOOTER;
  const footer = new Cursor(await source.read(base, FOOTER), { format: FORMAT, base });
  const start = footer.u16('signature_start');
  if (footer.u16('marker') !== 0xffff) return undefined;
  const comment = footer.u16('comment_size');
  if (start > comment || start <= FOOTER)
    throw footer.error('signature_start', 'bad-value', `${start} of a comment of ${comment} bytes`, 0);
  if (comment + EOCD > source.size) throw footer.error('comment_size', 'out-of-bounds', `${comment} bytes`, 4);
  const at = source.size - comment - EOCD;
  const tail = await source.read(at, EOCD + comment);
  const isEnd = (index: number) => tail[index] === 0x50 && tail[index + 1] === 0x4b && tail[index + 2] === 5 && tail[index + 3] === 6;
  if (!isEnd(0))
    throw new FormatError({ format: FORMAT, field: 'end of central directory', at }, 'bad-magic', 'it is not before the comment');
  // A second one in the comment would make another archive of the same bytes.
  for (let index = 4; index < tail.length - 3; index++)
    if (isEnd(index))
      throw new FormatError({ format: FORMAT, field: 'comment', at: at + index }, 'overlap', 'another end of the central directory');
  const blockAt = source.size - start;
  return { signedBytes: at + EOCD - 2, block: tail.subarray(blockAt - at, tail.length - FOOTER), blockAt };
}

export interface OtaSignature {
  readonly outcome: 'valid' | 'invalid' | 'unsigned' | 'not-checked';
  /** SHA-256 of the signer's certificate, which the archive brings: whose it is must be known from elsewhere. */
  readonly certificateSha256: string | null;
  readonly spki: Uint8Array | undefined;
  readonly because: string;
}

/** Verifies the signature over a whole package, reading all of it. Never throws on malformed ones: what is wrong is the answer. */
export async function verifyOtaSignature(
  source: Source,
  ports: { readonly hash: HashPort; readonly verifyStream: VerifyStreamPort },
): Promise<OtaSignature> {
  const none = { certificateSha256: null, spki: undefined };
  try {
    const place = await findOtaSignature(source);
    if (place === undefined) return { ...none, outcome: 'unsigned', because: 'the archive has no signature in its comment' };
    const { value } = readSignedData(place.block, place.blockAt);
    const [signer] = value.signers;
    const certificate = signer === undefined ? undefined : findCertificate(value.certificates, signer.sid);
    if (signer === undefined || certificate === undefined || value.signers.length !== 1)
      return { ...none, outcome: 'invalid', because: `${value.signers.length} signers, and ${value.certificates.length} certificates` };
    const who = { certificateSha256: toHex(hashOf(ports.hash, 'sha256', certificate.bytes)), spki: certificate.spki.bytes };
    if (signer.signedAttributes !== undefined) return { ...who, outcome: 'not-checked', because: 'a block with signed attributes' };
    const hash = hashAlgorithmOf(signer.digestOid);
    const kind = keyKindOf(certificate.spki).kind;
    const scheme: SignatureScheme | undefined =
      hash === undefined ? undefined : kind === 'rsa' ? { kind: 'rsa-pkcs1', hash } : kind === 'ec' ? { kind: 'ecdsa', hash } : undefined;
    if (scheme === undefined) return { ...who, outcome: 'not-checked', because: `digest ${signer.digestOid} under a key of kind ${kind}` };
    const answer = await ports.verifyStream({ scheme, spki: who.spki, signature: signer.signature }, pieces(source, place.signedBytes));
    const because = `${scheme.kind} with ${scheme.hash} over ${place.signedBytes} bytes`;
    return { ...who, outcome: answer === 'unsupported' ? 'not-checked' : answer, because };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { ...none, outcome: 'invalid', because: error.message };
  }
}

async function* pieces(source: Source, end: number): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < end; at += PIECE) yield await source.read(at, Math.min(PIECE, end - at));
}
