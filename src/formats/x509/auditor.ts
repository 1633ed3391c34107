/**
 * What Auditor shows as a QR code: the attestation message of its protocol, versions 4 and later.
 * Spec: the comment "Attestation message" in GrapheneOS/Auditor, AttestationProtocol.java (read at 001fec56, version 4, and in AttestationServer at 31bafa4d, version 5).
 * Limits: `MESSAGE_MAX`, `CHAIN_BYTES_MAX`, both Auditor's own. Not read: the fingerprint, the flags of the running system and the signature over all of it, which belong to a pairing.
 *
 *   u8  version
 *   u16 compressedChainLength                big endian, as Java writes
 *   u8  compressedChain[…]                   raw DEFLATE with a preset dictionary, which is a file of Auditor's (res/raw/deflate_dictionary_N.bin) and none of ours
 *         { u16 encodedCertificateLength, u8 encodedCertificate[…] } …    leaf first
 *   u8  fingerprint[32], u32 osEnforcedFlags, u8 signature[…]
 */
import { Cursor, concatBytes, FormatError } from '../../bytes/index.ts';

const FORMAT = 'auditor message';
const MESSAGE_MAX = 2953;
/** The most that Auditor itself takes. */
export const AUDITOR_CHAIN_MAX = 5000;
const VERSION_FIRST = 4;
/** Versions of whose beginning nothing is known yet. */
const VERSION_LAST = 31;
const TAIL_MIN = 32 + 4 + 8;
const CERTIFICATES_MAX = 24;

export interface AuditorMessage {
  readonly version: number;
  /** Raw DEFLATE. */
  readonly compressedChain: Uint8Array;
}

/** Reads a message. @throws FormatError */
export function readAuditorMessage(bytes: Uint8Array): AuditorMessage {
  if (bytes.length > MESSAGE_MAX)
    throw new FormatError({ format: FORMAT, field: 'message', at: 0 }, 'too-large', `${bytes.length} bytes, ${MESSAGE_MAX} is the most`);
  const cursor = new Cursor(bytes, { format: FORMAT, bigEndian: true });
  const version = cursor.u8('version');
  if (version < VERSION_FIRST || version > VERSION_LAST)
    throw new FormatError({ format: FORMAT, field: 'version', at: 0 }, 'unsupported-version', `version ${version}; 4 and later are read`);
  const length = cursor.u16('compressedChainLength');
  const compressedChain = cursor.take('compressedChain', length);
  if (length === 0 || bytes.length - cursor.at < TAIL_MIN)
    throw new FormatError(
      { format: FORMAT, field: 'fingerprint', at: cursor.at },
      'short-read',
      `${bytes.length - cursor.at} bytes behind the chain, where at least ${TAIL_MIN} belong`,
    );
  return { version, compressedChain };
}

/** The certificates of a chain that was inflated, DER, leaf first. @throws FormatError */
export function readAuditorChain(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length > AUDITOR_CHAIN_MAX)
    throw new FormatError(
      { format: FORMAT, field: 'chain', at: 0 },
      'too-large',
      `${bytes.length} bytes, ${AUDITOR_CHAIN_MAX} is the most`,
    );
  const cursor = new Cursor(bytes, { format: FORMAT, bigEndian: true });
  const chain: Uint8Array[] = [];
  while (cursor.at < bytes.length) {
    if (chain.length === CERTIFICATES_MAX)
      throw new FormatError({ format: FORMAT, field: 'chain', at: cursor.at }, 'too-large', `more than ${CERTIFICATES_MAX} certificates`);
    const length = cursor.u16(`encodedCertificateLength[${chain.length}]`);
    chain.push(cursor.take(`encodedCertificate[${chain.length}]`, length));
  }
  if (chain.length === 0) throw new FormatError({ format: FORMAT, field: 'chain', at: 0 }, 'short-read', 'no certificate');
  return chain;
}

/** A chain as Auditor has it before it is deflated. @throws RangeError for a certificate longer than its length can say */
export function writeAuditorChain(chain: readonly Uint8Array[]): Uint8Array {
  return concatBytes(chain.flatMap((der) => [u16(der.length), der]));
}

/** A message around a chain that was deflated. @throws RangeError */
export function writeAuditorMessage({ version, compressedChain }: AuditorMessage, tail: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(version), u16(compressedChain.length), compressedChain, tail]);
}

function u16(value: number): Uint8Array {
  if (value > 0xffff) throw new RangeError(`${value} bytes have no u16 length`);
  return Uint8Array.of(value >> 8, value & 0xff);
}
