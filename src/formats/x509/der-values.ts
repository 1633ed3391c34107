/**
 * The values that DER elements hold: numbers, identifiers, strings, texts and times, each with what is odd in how it was written.
 * Spec: ITU-T X.690 (02/2021) section 8; times as RFC 5280 4.1.2.5 has them. Limits: integers of `INTEGER_BYTES_MAX` bytes where a number is wanted, identifiers of `OID_BYTES_MAX`.
 */
import { concatBytes, equalBytes, type Instant, instantMs, instantOf, isInstant } from '../../bytes/index.ts';
import { DER_TAG, type DerElement, derBody, derChildren, derError, derExpect, derIs, derOddity, derTagName } from './der.ts';
import { derOidBytes } from './der-write.ts';

/** The longest honest integer is an RSA-16384 modulus. */
const INTEGER_BYTES_MAX = 2049;
const OID_BYTES_MAX = 128;

/** The two's complement bytes of an INTEGER or ENUMERATED, as written: for serials and moduli. @throws FormatError */
export function readDerIntegerBytes(element: DerElement, field: string, tag: number = DER_TAG.integer): Uint8Array {
  derExpect(element, field, tag);
  return integerBytes(element, field);
}

function integerBytes(element: DerElement, field: string): Uint8Array {
  const body = derBody(element);
  if (element.constructed || body.length === 0) throw derError(element, field, 'bad-value', 'an integer without contents');
  const [first = 0, second = 0] = body;
  if (body.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    derOddity(element.trail, element.start, field, { code: 'non-minimal-integer', detail: 'the integer has a byte too many' });
  }
  return body;
}

/** An INTEGER or ENUMERATED of any size we read. @throws FormatError `too-large` above `INTEGER_BYTES_MAX` bytes */
export function readDerInteger(element: DerElement, field: string, tag: number = DER_TAG.integer): bigint {
  const bytes = readDerIntegerBytes(element, field, tag);
  if (bytes.length > INTEGER_BYTES_MAX) {
    throw derError(element, field, 'too-large', `an integer of ${bytes.length} bytes, and ${INTEGER_BYTES_MAX} is the most that is read`);
  }
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  const value = BigInt(`0x${digits}`);
  return (bytes[0] ?? 0) < 0x80 ? value : value - (1n << BigInt(8 * bytes.length));
}

/** An INTEGER or ENUMERATED as a number. @throws FormatError `too-large` outside the safe integers */
export function readDerNumber(element: DerElement, field: string, tag: number = DER_TAG.integer): number {
  const bytes = readDerIntegerBytes(element, field, tag);
  if (bytes.length <= 6) {
    let value = (bytes[0] ?? 0) >= 0x80 ? -1 : 0;
    for (const byte of bytes) value = value * 256 + byte;
    return value;
  }
  if (bytes.length > 16) throw derError(element, field, 'too-large', `an integer of ${bytes.length} bytes, where 2^53 - 1 is the most`);
  const value = readDerInteger(element, field, tag);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw derError(element, field, 'too-large', `${value} is outside the safe integers`);
  return number;
}

/** A BOOLEAN. TRUE that is not 0xff is true, and an oddity: phones write 0x01. @throws FormatError */
export function readDerBoolean(element: DerElement, field: string): boolean {
  derExpect(element, field, DER_TAG.boolean);
  const body = derBody(element);
  const [value] = body;
  if (value === undefined || body.length !== 1) throw derError(element, field, 'bad-value', `a boolean of ${body.length} bytes`);
  if (value !== 0 && value !== 0xff) {
    derOddity(element.trail, element.start, field, {
      code: 'boolean-not-ff',
      detail: `TRUE is 0x${value.toString(16).padStart(2, '0')}, where DER has 0xff`,
    });
  }
  return value !== 0;
}

/** A NULL; contents are an oddity. @throws FormatError */
export function readDerNull(element: DerElement, field: string): void {
  derExpect(element, field, DER_TAG.null);
  if (element.bodyEnd > element.bodyStart)
    derOddity(element.trail, element.start, field, { code: 'null-with-contents', detail: 'NULL with contents' });
}

/** An OBJECT IDENTIFIER as dotted decimals. @throws FormatError */
export function readDerOid(element: DerElement, field: string): string {
  derExpect(element, field, DER_TAG.oid);
  const body = derBody(element);
  if (body.length === 0) throw derError(element, field, 'bad-value', 'an object identifier without contents');
  if (body.length > OID_BYTES_MAX) throw derError(element, field, 'too-large', `an object identifier of ${body.length} bytes`);
  const known = knownOid(body);
  if (known !== undefined) return known;
  const arcs: bigint[] = [];
  let value = 0n;
  let fresh = true;
  for (const byte of body) {
    if (fresh && byte === 0x80)
      derOddity(element.trail, element.start, field, { code: 'non-minimal-oid', detail: 'an arc begins with a zero digit' });
    value = (value << 7n) | BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (fresh) {
      arcs.push(value);
      value = 0n;
    }
  }
  if (!fresh) throw derError(element, field, 'short-read', 'the last arc of the object identifier is cut');
  const [first = 0n, ...rest] = arcs;
  const top = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [top, first - top * 40n, ...rest].join('.');
}

/** The identifiers that every certificate repeats: a constant table, filled once, never by data. A third of the time to read a certificate went into their digits. */
const OID_TABLE: ReadonlyMap<number, readonly { readonly body: Uint8Array; readonly text: string }[]> = Map.groupBy(
  [
    '2.5.4.3',
    '2.5.4.5',
    '2.5.4.6',
    '2.5.4.7',
    '2.5.4.8',
    '2.5.4.10',
    '2.5.4.11',
    '2.5.4.12',
    '2.5.29.14',
    '2.5.29.15',
    '2.5.29.19',
    '2.5.29.31',
    '2.5.29.35',
    '1.2.840.10045.2.1',
    '1.2.840.10045.3.1.7',
    '1.3.132.0.34',
    '1.2.840.10045.4.3.2',
    '1.2.840.10045.4.3.3',
    '1.2.840.113549.1.1.1',
    '1.2.840.113549.1.1.11',
    '1.3.6.1.4.1.11129.2.1.17',
    '1.3.6.1.4.1.11129.2.1.30',
  ].map((text) => ({ body: derOidBytes(text), text })),
  ({ body }) => oidHash(body),
);

function knownOid(body: Uint8Array): string | undefined {
  return OID_TABLE.get(oidHash(body))?.find((known) => equalBytes(known.body, body))?.text;
}

function oidHash(body: Uint8Array): number {
  let hash = body.length;
  for (const byte of body) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}

/** An OCTET STRING's bytes. Constructed ones are joined, with an oddity. @throws FormatError */
export function readDerOctets(element: DerElement, field: string): Uint8Array {
  derExpect(element, field, DER_TAG.octetString);
  return stringBytes(element, field, DER_TAG.octetString);
}

/** The bytes of an octet string that is implicitly tagged. @throws FormatError */
export function readDerImplicitOctets(element: DerElement, field: string): Uint8Array {
  return stringBytes(element, field, DER_TAG.octetString);
}

function stringBytes(element: DerElement, field: string, tag: number): Uint8Array {
  if (!element.constructed) return derBody(element);
  derOddity(element.trail, element.start, field, { code: 'constructed-string', detail: 'a string in pieces, which DER forbids' });
  const pieces: Uint8Array[] = [];
  for (const child of derChildren(element, field)) pieces.push(stringBytes(derExpect(child, field, tag), field, tag));
  return concatBytes(pieces);
}

/** A BIT STRING's bytes and how many bits of the last are not used. @throws FormatError */
export function readDerBits(element: DerElement, field: string): { readonly bytes: Uint8Array; readonly unused: number } {
  derExpect(element, field, DER_TAG.bitString);
  if (element.constructed) throw derError(element, field, 'unsupported-feature', 'a bit string in pieces');
  const body = derBody(element);
  const [unused] = body;
  if (unused === undefined || unused > 7 || (unused > 0 && body.length === 1)) {
    throw derError(element, field, 'bad-value', unused === undefined ? 'a bit string without contents' : `${unused} unused bits`);
  }
  if (unused > 0 && ((body[body.length - 1] ?? 0) & ((1 << unused) - 1)) !== 0) {
    derOddity(element.trail, element.start, field, { code: 'unused-bits-set', detail: 'unused bits of the bit string are not zero' });
  }
  return { bytes: body.subarray(1), unused };
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of any of the string types. A NUL in it is an oddity: it has hidden the rest of a name from C programs. @throws FormatError */
export function readDerText(element: DerElement, field: string): string {
  if (element.tagClass !== 'universal') throw derError(element, field, 'bad-value', `${derTagName(element)}, where a text was expected`);
  const text = decodeText(element, field);
  if (text.includes('\u0000')) derOddity(element.trail, element.start, field, { code: 'nul-in-text', detail: 'the text holds a NUL' });
  return text;
}

function decodeText(element: DerElement, field: string): string {
  const bytes = stringBytes(element, field, element.tag);
  switch (element.tag) {
    case DER_TAG.utf8String: {
      const text = utf8.decode(bytes);
      if (text.includes('\ufffd')) derOddity(element.trail, element.start, field, { code: 'malformed-text', detail: 'malformed UTF-8' });
      return text;
    }
    case DER_TAG.numericString:
    case DER_TAG.printableString:
    case DER_TAG.ia5String:
    case DER_TAG.visibleString:
    case DER_TAG.t61String:
      return latin(bytes);
    case DER_TAG.bmpString:
      return wideText(element, field, bytes, 2);
    case DER_TAG.universalString:
      return wideText(element, field, bytes, 4);
    default:
      throw derError(element, field, 'bad-value', `${derTagName(element)}, where a text was expected`);
  }
}

function latin(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function wideText(element: DerElement, field: string, bytes: Uint8Array, width: 2 | 4): string {
  if (bytes.length % width !== 0) throw derError(element, field, 'bad-value', `${bytes.length} bytes are not whole characters of ${width}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += width) {
    const code = width === 2 ? view.getUint16(at) : view.getUint32(at);
    text += width === 2 ? String.fromCharCode(code) : String.fromCodePoint(code > 0x10ffff ? 0xfffd : code);
  }
  return text;
}

/**
 * A UTCTime or GeneralizedTime. Forms that RFC 5280 forbids (no seconds, fractions, an offset instead of Z) are read with an oddity.
 * @throws FormatError when it names no moment
 */
export function readDerTime(element: DerElement, field: string): Instant {
  if (!derIs(element, DER_TAG.utcTime) && !derIs(element, DER_TAG.generalizedTime)) {
    throw derError(element, field, 'bad-value', `${derTagName(element)}, where a time was expected`);
  }
  const text = latin(derBody(element).subarray(0, 40));
  const digits = element.tag === DER_TAG.utcTime ? 2 : 4;
  const match = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?([.,]\d{1,9})?(Z|[+-]\d{4})?$/.exec(text);
  const year = match?.[1];
  if (match === null || year === undefined) throw derError(element, field, 'bad-value', `${JSON.stringify(text)} is no time`);
  const [, , month, day, hour, minute, second, fraction, zone] = match;
  if (year.length !== digits)
    derOddity(element.trail, element.start, field, {
      code: 'time-encoding',
      detail: `${text} has a year of ${year.length} digits under its tag`,
    });
  if (second === undefined || fraction !== undefined || zone !== 'Z') {
    derOddity(element.trail, element.start, field, { code: 'time-encoding', detail: `${text} is not in the form that certificates use` });
  }
  const fullYear = year.length === 4 ? year : `${Number(year) >= 50 ? '19' : '20'}${year}`;
  const plain = `${fullYear}-${month}-${day}T${hour}:${minute}:${second ?? '00'}Z`;
  if (!isInstant(plain)) throw derError(element, field, 'bad-value', `${JSON.stringify(text)} is no time`);
  if (zone === undefined || zone === 'Z') return plain;
  const offset = (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3))) * 60_000;
  return instantOf(instantMs(plain) - offset);
}
