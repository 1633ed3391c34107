/**
 * The writer of DER: what our own statements, requests and tests need, always in the one form that DER allows.
 * Spec: ITU-T X.690 (02/2021) sections 8 to 11. Does not write: REAL, EMBEDDED PDV, lengths that are indefinite.
 */
import { concatBytes, type Instant, instantMs, instantOf } from '../../bytes/index.ts';
import { DER_CLASSES, DER_TAG, type DerClass } from './der.ts';

/** One element of this class and tag around contents. */
export function writeDer(tagClass: DerClass, constructed: boolean, tag: number, body: Uint8Array): Uint8Array {
  const head: number[] = [];
  const leading = (DER_CLASSES.indexOf(tagClass) << 6) | (constructed ? 0x20 : 0);
  if (tag < 31) head.push(leading | tag);
  else head.push(leading | 31, ...base128(BigInt(tag)));
  if (body.length < 0x80) head.push(body.length);
  else {
    const length: number[] = [];
    for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
    head.push(0x80 | length.length, ...length);
  }
  return concatBytes([Uint8Array.from(head), body]);
}

function base128(value: bigint): number[] {
  const digits = [Number(value & 0x7fn)];
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 0x7fn) | 0x80);
  return digits;
}

/** A universal element: constructed for SEQUENCE and SET, else primitive. */
export function writeDerUniversal(tag: number, body: Uint8Array): Uint8Array {
  return writeDer('universal', tag === DER_TAG.sequence || tag === DER_TAG.set, tag, body);
}

export function writeDerSequence(parts: readonly Uint8Array[]): Uint8Array {
  return writeDerUniversal(DER_TAG.sequence, concatBytes(parts));
}

/** A SET OF: sorted, as DER demands. */
export function writeDerSet(parts: readonly Uint8Array[]): Uint8Array {
  return writeDerUniversal(DER_TAG.set, concatBytes([...parts].sort(compareBytes)));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** An explicit context tag around encoded parts; also an implicit one of a constructed type. */
export function writeDerContext(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  return writeDer('context', true, tag, concatBytes(parts));
}

/** An INTEGER, or an ENUMERATED when told so. */
export function writeDerInteger(value: bigint | number, tag: number = DER_TAG.integer): Uint8Array {
  let rest = BigInt(value);
  const bytes: number[] = [];
  for (;;) {
    const byte = Number(rest & 0xffn);
    bytes.unshift(byte);
    rest >>= 8n;
    if ((rest === 0n && byte < 0x80) || (rest === -1n && byte >= 0x80)) break;
  }
  return writeDerUniversal(tag, Uint8Array.from(bytes));
}

/** A positive INTEGER of big-endian bytes: zeros in front are taken away, the sign byte is added. */
export function writeDerUnsigned(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const rest = bytes.subarray(from);
  return writeDerUniversal(DER_TAG.integer, (rest[0] ?? 0x80) < 0x80 ? rest : concatBytes([Uint8Array.of(0), rest]));
}

export function writeDerBoolean(value: boolean): Uint8Array {
  return writeDerUniversal(DER_TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

export function writeDerNull(): Uint8Array {
  return writeDerUniversal(DER_TAG.null, new Uint8Array(0));
}

/** An OBJECT IDENTIFIER of dotted decimals. @throws RangeError when the text is none */
export function writeDerOid(text: string): Uint8Array {
  return writeDerUniversal(DER_TAG.oid, derOidBytes(text));
}

/** The contents of an OBJECT IDENTIFIER. @throws RangeError when the text is none */
export function derOidBytes(text: string): Uint8Array {
  if (!/^[0-2](\.\d+)+$/.test(text)) throw new RangeError(`${JSON.stringify(text)} is no object identifier`);
  const [top = 0n, second = 0n, ...rest] = text.split('.').map(BigInt);
  return Uint8Array.from([top * 40n + second, ...rest].flatMap(base128));
}

export function writeDerOctets(bytes: Uint8Array): Uint8Array {
  return writeDerUniversal(DER_TAG.octetString, bytes);
}

export function writeDerBits(bytes: Uint8Array, unused = 0): Uint8Array {
  return writeDerUniversal(DER_TAG.bitString, concatBytes([Uint8Array.of(unused), bytes]));
}

/** Text as UTF8String, or as PrintableString when told so. */
export function writeDerText(text: string, tag: number = DER_TAG.utf8String): Uint8Array {
  return writeDerUniversal(tag, new TextEncoder().encode(text));
}

/** A moment as RFC 5280 wants it: UTCTime from 1950 to 2049, else GeneralizedTime. */
export function writeDerTime(at: Instant): Uint8Array {
  const digits = instantOf(instantMs(at)).replaceAll(/[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050 ? writeDerText(digits.slice(2), DER_TAG.utcTime) : writeDerText(digits, DER_TAG.generalizedTime);
}
