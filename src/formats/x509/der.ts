/**
 * DER, the encoding of certificates, signatures and key descriptions: tag, length, value, nested.
 * Spec: ITU-T X.690 (02/2021). Limits: `DEPTH_MAX` levels, `CHILDREN_MAX` elements in one, integers of `INTEGER_BYTES_MAX` bytes where a number is wanted.
 * Reads BER where phones write BER (indefinite and non-minimal lengths, TRUE that is not 0xff, constructed strings) and records each as an Oddity.
 * Does not read: REAL, EMBEDDED PDV, and the order of a SET OF.
 *
 *   identifier  bits 8-7 class, bit 6 constructed, bits 5-1 tag number; 31: the number follows in base 128, high bit = more
 *   length      0..127; or 0x80|n and n bytes big endian; or 0x80: until the end-of-contents 00 00 (BER)
 *   contents
 *
 * An element is a view: nothing is copied and children are read when asked for. All errors and oddities carry the offset in the outermost Source.
 */
import {
  concatBytes,
  equalBytes,
  FormatError,
  type FormatErrorCode,
  type Instant,
  instantMs,
  instantOf,
  isInstant,
  type Oddity,
} from '../../bytes/index.ts';

/** Certificates nest about 12 deep; bombs nest as deep as their bytes allow. */
const DEPTH_MAX = 48;
const CHILDREN_MAX = 1 << 16;
/** The longest honest integer is an RSA-16384 modulus. */
const INTEGER_BYTES_MAX = 2049;
const OID_BYTES_MAX = 128;
/** A hostile file can deviate at every byte: this many are kept, and that there were more. */
const ODDITIES_MAX = 256;

export type DerClass = 'universal' | 'application' | 'context' | 'private';
const CLASSES = ['universal', 'application', 'context', 'private'] as const;

/** Universal tag numbers by their names in X.680. */
export const DER_TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  enumerated: 10,
  utf8String: 12,
  sequence: 16,
  set: 17,
  numericString: 18,
  printableString: 19,
  t61String: 20,
  ia5String: 22,
  utcTime: 23,
  generalizedTime: 24,
  visibleString: 26,
  universalString: 28,
  bmpString: 30,
} as const;

/** What all elements of one document share: how it is called in errors, where it lies, and the deviations met so far. */
export interface DerTrail {
  readonly format: string;
  /** Where the document's first byte lies in the outermost Source. */
  readonly base: number;
  /** Grows while the document is read. */
  readonly oddities: Oddity[];
}

/** One element: offsets count from the document's first byte. */
export interface DerElement {
  readonly tagClass: DerClass;
  readonly constructed: boolean;
  readonly tag: number;
  /** The document's bytes. */
  readonly document: Uint8Array;
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** After the element: `bodyEnd`, or two bytes later where the length is indefinite. */
  readonly end: number;
  readonly depth: number;
  readonly trail: DerTrail;
}

/** Starts a document's trail. `base` is where it lies in the outermost Source. */
export function derTrail(format: string, base = 0, oddities: Oddity[] = []): DerTrail {
  return { format, base, oddities };
}

/** Reads the one element that a document is. Bytes after it are an oddity. @throws FormatError */
export function readDer(document: Uint8Array, trail: DerTrail, field = 'document'): DerElement {
  const element = readElement({ document, trail, depth: 0 }, 0, document.length, field);
  if (element.end < document.length) {
    derOddity(trail, element.end, field, { code: 'trailing', detail: `${document.length - element.end} bytes after the ${field}` });
  }
  return element;
}

/** Reads the first element of bytes that may hold more behind it: `end` says where it stops. @throws FormatError */
export function readDerPrefix(document: Uint8Array, trail: DerTrail, field = 'document'): DerElement {
  return readElement({ document, trail, depth: 0 }, 0, document.length, field);
}

/** Reads the document that an OCTET STRING or BIT STRING wraps, on the same trail, one level deeper. @throws FormatError */
export function readDerInside(element: DerElement, field: string, skip = 0): DerElement {
  if (element.depth + 1 > DEPTH_MAX) throw derError(element, field, 'too-deep', `${DEPTH_MAX} levels are the most that are read`);
  const { document, trail, depth, bodyStart, bodyEnd } = element;
  const inner = readElement({ document, trail, depth: depth + 1 }, bodyStart + skip, bodyEnd, field);
  if (inner.end < bodyEnd) {
    derOddity(trail, inner.end, field, { code: 'trailing', detail: `${bodyEnd - inner.end} bytes after the ${field}` });
  }
  return inner;
}

/** Records a deviation at an offset within the document. */
export function derOddity(trail: DerTrail, at: number, field: string, what: { readonly code: string; readonly detail: string }): void {
  const { oddities, format, base } = trail;
  if (oddities.length > ODDITIES_MAX) return;
  if (oddities.length === ODDITIES_MAX) {
    oddities.push({ format, field, at: base + at, code: 'more-oddities', detail: `more than ${ODDITIES_MAX} deviations` });
    return;
  }
  oddities.push({ format, field, at: base + at, ...what });
}

/** An error at an element's first byte. */
export function derError(element: DerElement, field: string, code: FormatErrorCode, detail: string): FormatError {
  return errorAt(element.trail, element.start, field, { code, detail });
}

function errorAt(
  trail: DerTrail,
  at: number,
  field: string,
  what: { readonly code: FormatErrorCode; readonly detail: string },
): FormatError {
  return new FormatError({ format: trail.format, field, at: trail.base + at }, what.code, what.detail);
}

/** The element's own bytes, header and all: a view. */
export function derBytes(element: DerElement): Uint8Array {
  return element.document.subarray(element.start, element.end);
}

/** The element's contents: a view. */
export function derBody(element: DerElement): Uint8Array {
  return element.document.subarray(element.bodyStart, element.bodyEnd);
}

/** Where the element begins in the outermost Source. */
export function derAt(element: DerElement): number {
  return element.trail.base + element.start;
}

/** `index`: of a child; it is put into the field's name only when there is something to say. */
type Place = Pick<DerElement, 'document' | 'trail' | 'depth'> & { readonly index?: number };

const nameIn = ({ index }: Place, field: string): string => (index === undefined ? field : `${field}[${index}]`);

function readElement(place: Place, start: number, limit: number, field: string): DerElement {
  const { document, trail, depth } = place;
  const header = readHeader(place, start, limit, field);
  const { bodyStart, length } = header;
  if (length !== undefined) {
    if (length > limit - bodyStart) {
      throw errorAt(trail, start, nameIn(place, field), {
        code: 'out-of-bounds',
        detail: `${length} bytes of contents, ${limit - bodyStart} left`,
      });
    }
    const end = bodyStart + length;
    return { ...header.identifier, document, start, bodyStart, bodyEnd: end, end, depth, trail };
  }
  if (!header.identifier.constructed) {
    throw errorAt(trail, start, nameIn(place, field), { code: 'bad-value', detail: 'an indefinite length on a primitive element' });
  }
  derOddity(trail, start, nameIn(place, field), { code: 'indefinite-length', detail: 'the length is indefinite, which DER forbids' });
  const bodyEnd = endOfContents(place, bodyStart, limit, field);
  return { ...header.identifier, document, start, bodyStart, bodyEnd, end: bodyEnd + 2, depth, trail };
}

interface Header {
  readonly identifier: Pick<DerElement, 'tagClass' | 'constructed' | 'tag'>;
  readonly bodyStart: number;
  /** Undefined: indefinite. */
  readonly length: number | undefined;
}

function readHeader(place: Place, start: number, limit: number, field: string): Header {
  const { document, trail } = place;
  let at = start;
  const next = (): number => {
    const byte = at < limit ? document[at] : undefined;
    if (byte === undefined)
      throw errorAt(trail, start, nameIn(place, field), {
        code: 'short-read',
        detail: `the header runs past the ${limit - start} bytes left`,
      });
    at++;
    return byte;
  };
  const odd = (code: string, detail: string): void => derOddity(trail, start, nameIn(place, field), { code, detail });
  const first = next();
  let tag = first & 0x1f;
  if (tag === 0x1f) {
    tag = 0;
    let byte = next();
    if (byte === 0x80) odd('non-minimal-tag', 'the tag number begins with a zero digit');
    for (;;) {
      tag = tag * 128 + (byte & 0x7f);
      if (tag > 0x7fffffff)
        throw errorAt(trail, start, nameIn(place, field), { code: 'too-large', detail: 'the tag number is above 2^31' });
      if (byte < 0x80) break;
      byte = next();
    }
    if (tag < 31) odd('non-minimal-tag', `tag number ${tag} in the long form`);
  }
  // The class is two bits, so it always names one of four.
  const tagClass = CLASSES[first >> 6] ?? 'universal';
  const identifier = { tagClass, constructed: (first & 0x20) !== 0, tag };
  const lengthByte = next();
  if (lengthByte < 0x80) return { identifier, bodyStart: at, length: lengthByte };
  if (lengthByte === 0x80) return { identifier, bodyStart: at, length: undefined };
  if (lengthByte === 0xff) throw errorAt(trail, start, nameIn(place, field), { code: 'bad-value', detail: 'length byte 0xff is reserved' });
  let length = 0;
  for (let left = lengthByte & 0x7f; left > 0; left--) {
    length = length * 256 + next();
    if (length > Number.MAX_SAFE_INTEGER)
      throw errorAt(trail, start, nameIn(place, field), { code: 'too-large', detail: 'the length is above 2^53 - 1' });
  }
  const needed = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : length < 0x100000000 ? 4 : 5;
  if (needed < (lengthByte & 0x7f) && needed < 5) odd('non-minimal-length', `length ${length} in ${lengthByte & 0x7f} bytes`);
  return { identifier, bodyStart: at, length };
}

/** Finds the 00 00 that ends an indefinite element: one pass with a counter; as children repeat it, depth times the bytes at worst. */
function endOfContents(place: Place, from: number, limit: number, field: string): number {
  // What is odd in here is recorded when the children are read.
  const scan: Place = { ...place, trail: { ...place.trail, oddities: [] } };
  let at = from;
  let open = 1;
  for (;;) {
    if (place.document[at] === 0 && at + 1 < limit && place.document[at + 1] === 0) {
      open--;
      if (open === 0) return at;
      at += 2;
      continue;
    }
    const { bodyStart, length } = readHeader(scan, at, limit, `${field}.end-of-contents`);
    if (length === undefined) {
      open++;
      if (place.depth + open > DEPTH_MAX) {
        throw errorAt(place.trail, at, field, { code: 'too-deep', detail: `${DEPTH_MAX} levels are the most that are read` });
      }
      at = bodyStart;
    } else {
      if (length > limit - bodyStart) {
        throw errorAt(place.trail, at, field, { code: 'out-of-bounds', detail: `${length} bytes of contents, ${limit - bodyStart} left` });
      }
      at = bodyStart + length;
    }
  }
}

/** The elements inside a constructed one, in order. @throws FormatError also where there are more than `CHILDREN_MAX` or it lies too deep */
export function derChildren(element: DerElement, field: string): DerElement[] {
  if (!element.constructed)
    throw derError(element, field, 'bad-value', `${tagName(element)} is primitive, where elements were expected inside`);
  const depth = element.depth + 1;
  if (depth > DEPTH_MAX) throw derError(element, field, 'too-deep', `${DEPTH_MAX} levels are the most that are read`);
  const { document, trail } = element;
  const children: DerElement[] = [];
  for (let at = element.bodyStart; at < element.bodyEnd; ) {
    if (children.length >= CHILDREN_MAX) throw derError(element, field, 'too-large', `more than ${CHILDREN_MAX} elements`);
    const child = readElement({ document, trail, depth, index: children.length }, at, element.bodyEnd, field);
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Walks a SEQUENCE's fields in order, as its ASN.1 names them. */
export interface DerFields {
  /** The next field. @throws FormatError when there is none */
  next(field: string): DerElement;
  /** The next field where it has this class and tag, else undefined and nothing is taken. */
  optional(field: string, tagClass: DerClass, tag: number): DerElement | undefined;
  /** The next field, not taken. */
  peek(): DerElement | undefined;
  /** All that was not taken. */
  rest(): readonly DerElement[];
}

/** The fields of a SEQUENCE (or of anything constructed, such as an implicitly tagged one). @throws FormatError */
export function derFields(element: DerElement, field: string): DerFields {
  const children = derChildren(element, field);
  let index = 0;
  return {
    next(name) {
      const child = children[index];
      if (child === undefined) {
        throw errorAt(element.trail, element.bodyEnd, `${field}.${name}`, { code: 'short-read', detail: `${field} ends before ${name}` });
      }
      index++;
      return child;
    },
    optional(_name, tagClass, tag) {
      const child = children[index];
      if (child === undefined || child.tagClass !== tagClass || child.tag !== tag) return undefined;
      index++;
      return child;
    },
    peek: () => children[index],
    rest: () => children.slice(index),
  };
}

/** Whether an element has this class and tag. */
export function derIs(element: DerElement, tag: number, tagClass: DerClass = 'universal'): boolean {
  return element.tag === tag && element.tagClass === tagClass;
}

/** Refuses an element of another class or tag. @throws FormatError `bad-value` */
export function derExpect(element: DerElement, field: string, tag: number, tagClass: DerClass = 'universal'): DerElement {
  if (!derIs(element, tag, tagClass)) {
    throw derError(element, field, 'bad-value', `${tagName(element)}, where ${tagName({ tagClass, tag })} was expected`);
  }
  return element;
}

function tagName({ tagClass, tag }: Pick<DerElement, 'tagClass' | 'tag'>): string {
  const known = tagClass === 'universal' ? Object.entries(DER_TAG).find(([, number]) => number === tag)?.[0] : undefined;
  return known ?? `${tagClass} tag ${tag}`;
}

/** The element inside an EXPLICIT tag. @throws FormatError when there is none; a second one is an oddity */
export function derExplicit(element: DerElement, field: string): DerElement {
  const [inner, more] = derChildren(element, field);
  if (inner === undefined) throw derError(element, field, 'short-read', 'an explicit tag around nothing');
  if (more !== undefined)
    derOddity(element.trail, more.start, field, { code: 'trailing', detail: 'an explicit tag around more than one element' });
  return inner;
}

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
  ].map((text) => ({ body: oidBytes(text), text })),
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
  if (element.tagClass !== 'universal') throw derError(element, field, 'bad-value', `${tagName(element)}, where a text was expected`);
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
      throw derError(element, field, 'bad-value', `${tagName(element)}, where a text was expected`);
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
    throw derError(element, field, 'bad-value', `${tagName(element)}, where a time was expected`);
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

// The writer.

/** One element of this class and tag around contents. */
export function writeDer(tagClass: DerClass, constructed: boolean, tag: number, body: Uint8Array): Uint8Array {
  const head: number[] = [];
  const leading = (CLASSES.indexOf(tagClass) << 6) | (constructed ? 0x20 : 0);
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
  return writeDerUniversal(DER_TAG.oid, oidBytes(text));
}

function oidBytes(text: string): Uint8Array {
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
