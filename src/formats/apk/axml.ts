/**
 * Compiled XML (AXML): AndroidManifest.xml and layouts, as Android's own reader walks them.
 * Spec: AOSP frameworks/base libs/androidfw ResourceTypes.h and ResourceTypes.cpp (android-15.0.0_r1), ResXMLTree.
 * Limits: `ELEMENTS_MAX` elements, `ATTRIBUTES_MAX` attributes in all. Elements are listed flat with their parent's index, so nesting costs nothing.
 * Does not read: style spans, text and comments beyond counting them.
 *
 *   struct ResXMLTree_node { ResChunk_header header;      0x0100 start namespace, 0x0101 end, 0x0102 start element, 0x0103 end element, 0x0104 text
 *     uint32_t lineNumber; uint32_t comment; };           headerSize 16
 *   struct ResXMLTree_attrExt { uint32_t ns, name; uint16_t attributeStart, attributeSize, attributeCount, idIndex, classIndex, styleIndex; };
 *   struct ResXMLTree_attribute { uint32_t ns, name, rawValue; Res_value typedValue; };
 *   struct Res_value { uint16_t size; uint8_t res0; uint8_t dataType; uint32_t data; };
 *
 * Android never looks at the document's type, skips chunks it does not know, takes attributes in the stated stride, and stops at the end of the root.
 * Packers live on readers that do otherwise; what is odd is recorded and read past.
 */
import { Cursor, FormatError, type Reading } from '../../bytes/index.ts';
import { type OddityLog, oddityLog } from '../archive/index.ts';
import { EMPTY_POOL, readStringPool, type StringPool } from './string-pool.ts';

const FORMAT = 'axml';
const ELEMENTS_MAX = 1 << 17;
const ATTRIBUTES_MAX = 1 << 19;
const RESOURCE_IDS_MAX = 1 << 16;
const NONE = 0xffffffff;

/** Value types of `Res_value.dataType`. */
export const VALUE_TYPE = {
  null: 0,
  reference: 1,
  attribute: 2,
  string: 3,
  float: 4,
  dimension: 5,
  fraction: 6,
  dynamicReference: 7,
  intDec: 16,
  intHex: 17,
  intBoolean: 18,
} as const;

/** A typed value. */
export interface ResValue {
  readonly type: number;
  /** 32 bits, unsigned. */
  readonly data: number;
}

/** An attribute. */
export interface AxmlAttribute {
  readonly namespace: string | undefined;
  readonly name: string;
  /** The framework's or app's attribute id; Android goes by it, not by the name. 0 where there is none. */
  readonly resourceId: number;
  readonly value: ResValue;
  /** The text as written, or the string that the value points to. */
  readonly text: string | undefined;
}

/** An element. Its parent is the index of another in the same list. */
export interface AxmlElement {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly depth: number;
  readonly parent: number;
  readonly line: number;
  readonly attributes: readonly AxmlAttribute[];
}

/** A document. */
export interface AxmlDocument {
  /** In document order; the root first. */
  readonly elements: readonly AxmlElement[];
  readonly utf8: boolean;
  /** Whether the root's end was met: without it Android refuses the document after its last good element. */
  readonly complete: boolean;
}

/** Reads a document. @throws FormatError when there is no root element, or beyond the ceilings */
export function readAxml(bytes: Uint8Array, base = 0): Reading<AxmlDocument> {
  const log = oddityLog(FORMAT);
  const head = new Cursor(bytes, { format: FORMAT, base });
  const type = head.u16('type');
  const headerSize = head.u16('header_size');
  const size = head.u32('size');
  if (type !== 3) log.add('axml-type', 'type', base, `0x${type.toString(16)}, not 0x3; Android does not look`);
  if (headerSize !== 8) log.add('axml-header-size', 'header_size', base + 2, `${headerSize}, not 8`);
  if (headerSize > bytes.length) throw head.error('header_size', 'out-of-bounds', `${headerSize} of ${bytes.length} bytes`, 2);
  if (size !== bytes.length) log.add('axml-size', 'size', base + 4, `${size}, where there are ${bytes.length} bytes`);
  const walk: Walk = {
    bytes,
    base,
    log,
    pool: EMPTY_POOL,
    resourceIds: new Uint32Array(0),
    elements: [],
    open: [],
    namespaces: [],
    attributes: 0,
    complete: false,
  };
  let pools = 0;
  for (let at = headerSize; at + 8 <= bytes.length && !walk.complete; ) {
    const chunk = chunkAt(walk, at);
    if (chunk === undefined) break;
    switch (chunk.type) {
      case 0x0001:
        // Android reads the first pool that comes before the root, and a later one replaces it.
        if (pools > 0) log.add('axml-pools', 'string_pool', base + at, 'a second string pool');
        if (walk.elements.length === 0) walk.pool = readStringPool(bytes.subarray(at, chunk.end), { format: FORMAT, base: base + at }, log);
        pools++;
        break;
      case 0x0180:
        walk.resourceIds = readResourceIds(walk, chunk);
        break;
      case 0x0102:
        startElement(walk, chunk);
        break;
      case 0x0103:
        endElement(walk, chunk);
        break;
      case 0x0100:
        startNamespace(walk, chunk);
        break;
      case 0x0101:
        checkNode(walk, chunk);
        walk.namespaces.pop();
        break;
      case 0x0104:
        checkNode(walk, chunk);
        log.add('axml-text', 'text', base + at, 'text between elements');
        break;
      default:
        log.add(
          'axml-unknown-chunk',
          'chunk.type',
          base + at,
          `0x${chunk.type.toString(16)} of ${chunk.end - at} bytes, which Android skips`,
        );
    }
    at = chunk.end;
  }
  if (walk.elements.length === 0) throw head.error('elements', 'bad-value', 'no root element', headerSize);
  if (!walk.complete) log.add('axml-incomplete', 'elements', base + bytes.length, `${walk.open.length} elements are not closed`);
  if (walk.resourceIds.length === 0) log.add('axml-no-resource-map', 'resource_map', base, 'attributes have no ids');
  return { value: { elements: walk.elements, utf8: walk.pool.utf8, complete: walk.complete }, oddities: log.list() };
}

interface Walk {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly log: OddityLog;
  pool: StringPool;
  resourceIds: Uint32Array;
  readonly elements: AxmlElement[];
  /** Indices of the elements that are not closed. */
  readonly open: number[];
  /** URIs of the namespaces that are declared. */
  readonly namespaces: string[];
  attributes: number;
  complete: boolean;
}

interface Chunk {
  readonly type: number;
  readonly headerSize: number;
  readonly at: number;
  readonly end: number;
}

/** The chunk at `at`, or undefined where Android stops: its header does not fit it, or it does not fit the document. */
function chunkAt({ bytes, base, log }: Walk, at: number): Chunk | undefined {
  const cursor = new Cursor(bytes.subarray(at), { format: FORMAT, base: base + at, prefix: 'chunk.' });
  const type = cursor.u16('type');
  const headerSize = cursor.u16('header_size');
  const size = cursor.u32('size');
  if (headerSize < 8 || size < headerSize || size > bytes.length - at) {
    const what = size === 0 ? 'axml-zero-chunk' : 'axml-chunk-size';
    log.add(
      what,
      'chunk.size',
      base + at + 4,
      `type 0x${type.toString(16)}: header ${headerSize}, size ${size}, ${bytes.length - at} bytes left`,
    );
    return undefined;
  }
  if (((headerSize | size) & 3) !== 0) log.add('axml-chunk-alignment', 'chunk.size', base + at + 4, `header ${headerSize}, size ${size}`);
  return { type, headerSize, at, end: at + size };
}

function checkNode({ log, base }: Walk, { headerSize, at, type }: Chunk): void {
  if (headerSize !== 16)
    log.add('axml-node-header', 'node.header_size', base + at + 2, `${headerSize}, not 16, in chunk 0x${type.toString(16)}`);
}

/** One namespace, declared before the root, is what build tools write. Others confuse readers that take the last declared, or that of the prefix. */
function startNamespace(walk: Walk, chunk: Chunk): void {
  const { bytes, base, log, pool, namespaces } = walk;
  checkNode(walk, chunk);
  const at = chunk.at + chunk.headerSize;
  if (at + 8 > chunk.end) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  const uri = pool.text(view.getUint32(4, true));
  const odd = (code: string, detail: string) => log.add(code, 'namespace', base + chunk.at, detail);
  if (uri === undefined) odd('axml-namespace', 'its address is not in the pool');
  else if (namespaces.includes(uri)) odd('axml-namespace-repeated', 'declared again while it is open');
  else if (!uri.startsWith('http://schemas.android.com/')) odd('axml-namespace-foreign', 'an address that is not of Android');
  if (walk.elements.length > 0) odd('axml-namespace-late', 'declared after the root began');
  namespaces.push(uri ?? '');
}

function readResourceIds({ bytes, base, log }: Walk, { at, headerSize, end }: Chunk): Uint32Array {
  const count = (end - at - headerSize) >> 2;
  if (count > RESOURCE_IDS_MAX) {
    log.add('axml-resource-map', 'resource_map', base + at, `${count} ids, and ${RESOURCE_IDS_MAX} is the most that is read`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + headerSize, end - at - headerSize);
  return Uint32Array.from({ length: Math.min(count, RESOURCE_IDS_MAX) }, (_, index) => view.getUint32(4 * index, true));
}

function startElement(walk: Walk, chunk: Chunk): void {
  const { bytes, base, log, pool } = walk;
  checkNode(walk, chunk);
  if (walk.elements.length >= ELEMENTS_MAX) {
    throw new FormatError({ format: FORMAT, field: 'elements', at: base + chunk.at }, 'too-large', `more than ${ELEMENTS_MAX} elements`);
  }
  const cursor = new Cursor(bytes.subarray(chunk.at, chunk.end), {
    format: FORMAT,
    base: base + chunk.at,
    prefix: `element[${walk.elements.length}].`,
  });
  cursor.seek('line', 8);
  const line = cursor.u32('line');
  if (cursor.u32('comment') !== NONE)
    log.add('axml-comment', `element[${walk.elements.length}].comment`, base + chunk.at, 'a comment was kept');
  cursor.seek('ext', chunk.headerSize);
  const namespace = cursor.u32('ns');
  const name = cursor.u32('name');
  const attributeStart = cursor.u16('attribute_start');
  const attributeSize = cursor.u16('attribute_size');
  const attributeCount = cursor.u16('attribute_count');
  const odd = (code: string, detail: string) => log.add(code, `element[${walk.elements.length}]`, base + chunk.at, detail);
  if (attributeStart !== 20) odd('axml-attribute-start', `attributes begin at ${attributeStart}, not 20`);
  if (attributeSize !== 20) odd('axml-attribute-size', `attributes of ${attributeSize} bytes, not 20`);
  const room = chunk.end - chunk.at - chunk.headerSize;
  let count = attributeCount;
  if (attributeStart + attributeSize * attributeCount > room) {
    odd('axml-attribute-count', `${attributeCount} attributes do not fit into ${room} bytes`);
    count = 0;
  }
  // Attributes of no bytes are one attribute, stated up to 65,535 times: whoever looks for it finds the first.
  if (attributeSize === 0) count = Math.min(count, 1);
  walk.attributes += count;
  if (walk.attributes > ATTRIBUTES_MAX) {
    throw new FormatError(
      { format: FORMAT, field: 'attributes', at: base + chunk.at },
      'too-large',
      `more than ${ATTRIBUTES_MAX} attributes`,
    );
  }
  const attributes: AxmlAttribute[] = [];
  for (let index = 0; index < count; index++) {
    const at = chunk.headerSize + attributeStart + attributeSize * index;
    if (at + 20 > cursor.bytes.length) {
      odd('axml-attribute-count', `attribute ${index} reaches past the element`);
      break;
    }
    cursor.seek('attribute', at);
    attributes.push(readAttribute(walk, cursor, index));
  }
  const text = pool.text(name);
  if (text === undefined) odd('axml-name', `name ${name} is not in the pool of ${pool.count}`);
  else if (!/^[\w.:$-]+$/.test(text)) odd('axml-name-characters', 'the name holds what no XML name may');
  const parent = walk.open.at(-1) ?? -1;
  walk.open.push(walk.elements.length);
  walk.elements.push({ namespace: textOf(pool, namespace), name: text ?? '', depth: walk.open.length, parent, line, attributes });
}

const textOf = (pool: StringPool, index: number) => (index === NONE ? undefined : pool.text(index));

function readAttribute({ pool, resourceIds, log }: Walk, cursor: Cursor, index: number): AxmlAttribute {
  const at = cursor.absolute;
  const namespace = cursor.u32('attribute.ns');
  const nameIndex = cursor.u32('attribute.name');
  const rawValue = cursor.u32('attribute.raw_value');
  const valueSize = cursor.u16('attribute.value.size');
  cursor.u8('attribute.value.res0');
  const type = cursor.u8('attribute.value.type');
  const data = cursor.u32('attribute.value.data');
  const odd = (code: string, detail: string) => log.add(code, `attribute[${index}]`, at, detail);
  const name = pool.text(nameIndex);
  const resourceId = resourceIds[nameIndex] ?? 0;
  if (name === undefined) odd('axml-attribute-name', `name ${nameIndex} is not in the pool of ${pool.count}`);
  else if (name === '' && resourceId !== 0) odd('axml-attribute-no-name', 'only an id, no name: Android goes by the id');
  else if (/[\p{Cc}\uFFFD]/u.test(name)) odd('axml-name-characters', 'the name of an attribute holds control characters');
  if (namespace !== NONE && pool.text(namespace) === undefined) odd('axml-namespace', `namespace ${namespace} is not in the pool`);
  if (valueSize !== 8) odd('axml-value-size', `${valueSize}, not 8`);
  const text = textOf(pool, type === VALUE_TYPE.string ? data : rawValue) ?? textOf(pool, rawValue);
  if (text !== undefined && /[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]|\p{Cs}/u.test(text))
    odd('axml-value-characters', 'the value holds what no XML may');
  if (type === VALUE_TYPE.string && pool.text(data) === undefined)
    odd('axml-attribute-value', `text ${data} is not in the pool of ${pool.count}`);
  return { namespace: textOf(pool, namespace), name: name ?? '', resourceId, value: { type, data }, text };
}

function endElement(walk: Walk, chunk: Chunk): void {
  checkNode(walk, chunk);
  if (walk.open.length === 0) {
    walk.log.add('axml-end', 'end_element', walk.base + chunk.at, 'closes an element that was not opened');
    return;
  }
  walk.open.pop();
  if (walk.open.length === 0) {
    walk.complete = true;
    checkTail(walk, chunk.end);
  }
}

/** What follows the root's end, which Android never reaches: other readers do, and can be made to stumble there. */
function checkTail(walk: Walk, from: number): void {
  for (let at = from; at + 8 <= walk.bytes.length; ) {
    const chunk = chunkAt(walk, at);
    if (chunk === undefined) return;
    if (chunk.type !== 0x0101) {
      walk.log.add('axml-after-root', 'chunk.type', walk.base + at, `a chunk 0x${chunk.type.toString(16)} after the root's end`);
      return;
    }
    at = chunk.end;
  }
}

/** The first attribute with a resource id, as Android looks them up; by name where the document has no ids. */
export function attributeOf(element: AxmlElement, resourceId: number, name: string): AxmlAttribute | undefined {
  return (
    element.attributes.find((attribute) => attribute.resourceId === resourceId) ??
    element.attributes.find((attribute) => attribute.resourceId === 0 && attribute.name === name && attribute.namespace !== undefined)
  );
}
