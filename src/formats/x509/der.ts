/**
 * DER, the encoding of certificates, signatures and key descriptions: tag, length, value, nested.
 * Spec: ITU-T X.690 (02/2021). Limits: `DEPTH_MAX` levels, `CHILDREN_MAX` elements in one. Values are read by der-values.ts and written by der-write.ts.
 * Reads BER where phones write BER (indefinite and non-minimal lengths, TRUE that is not 0xff, constructed strings) and records each as an Oddity.
 * Does not read: REAL, EMBEDDED PDV, and the order of a SET OF.
 *
 *   identifier  bits 8-7 class, bit 6 constructed, bits 5-1 tag number; 31: the number follows in base 128, high bit = more
 *   length      0..127; or 0x80|n and n bytes big endian; or 0x80: until the end-of-contents 00 00 (BER)
 *   contents
 *
 * An element is a view: nothing is copied and children are read when asked for. All errors and oddities carry the offset in the outermost Source.
 */
import { FormatError, type FormatErrorCode, type Oddity } from '../../bytes/index.ts';

/** Certificates nest about 12 deep; bombs nest as deep as their bytes allow. */
const DEPTH_MAX = 48;
const CHILDREN_MAX = 1 << 16;
/** A hostile file can deviate at every byte: this many are kept, and that there were more. */
const ODDITIES_MAX = 256;

export type DerClass = 'universal' | 'application' | 'context' | 'private';
/** In the order of their two bits. */
export const DER_CLASSES = ['universal', 'application', 'context', 'private'] as const;

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
  const tagClass = DER_CLASSES[first >> 6] ?? 'universal';
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
    throw derError(element, field, 'bad-value', `${derTagName(element)} is primitive, where elements were expected inside`);
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
    throw derError(element, field, 'bad-value', `${derTagName(element)}, where ${derTagName({ tagClass, tag })} was expected`);
  }
  return element;
}

/** How an element's tag is called in errors. */
export function derTagName({ tagClass, tag }: Pick<DerElement, 'tagClass' | 'tag'>): string {
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
