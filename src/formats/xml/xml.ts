/**
 * XML 1.0 (fifth edition) with Namespaces in XML 1.0, as documents of trade have it.
 * Read: elements, attributes, text, CDATA, comments and processing instructions (skipped), the five entities of the standard, character references; UTF-8, UTF-16 and
 * ISO-8859-1. Refused: a document type with a subset or an external identifier, and so every entity of its own: nothing expands, nothing is fetched.
 * Limits: DOCUMENT_MAX bytes, DEPTH_MAX, ATTRIBUTES_MAX for each element. A document type without either is an oddity and read past.
 */
import { FormatError, type FormatErrorCode, type Oddity, type Reading } from '../../bytes/index.ts';

export const DOCUMENT_MAX = 256 << 20;
export const DEPTH_MAX = 64;
export const ATTRIBUTES_MAX = 256;

const FORMAT = 'xml';

export interface XmlName {
  /** The namespace; empty where the name is in none. */
  readonly namespace: string;
  readonly local: string;
}

export interface XmlAttribute extends XmlName {
  readonly value: string;
}

export interface XmlElement extends XmlName {
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly (XmlElement | string)[];
  /** Byte offset of its tag. */
  readonly at: number;
}

/**
 * Reads a document. `isDone` is for documents of a million rows: an element that it answers true for was looked at when it ended, and stands in no list of children;
 * nor does text that is nothing but space. @throws FormatError where it is not well-formed, or wants what is refused here
 */
export function readXml(bytes: Uint8Array, isDone?: (element: XmlElement) => boolean): Reading<XmlElement> {
  if (bytes.length > DOCUMENT_MAX)
    throw new FormatError({ format: FORMAT, field: 'document', at: 0 }, 'too-large', `more than ${DOCUMENT_MAX} bytes`);
  return new Parser(decoded(bytes), isDone).document();
}

interface Text {
  readonly text: string;
  /** Bytes before the first character, and how many a character has; undefined where that varies. */
  readonly skip: number;
  readonly width: number | undefined;
}

function decoded(bytes: Uint8Array): Text {
  const [a, b, c] = bytes;
  const as = (encoding: string, skip: number, width: number | undefined): Text => {
    try {
      return { text: new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(skip)), skip, width };
    } catch {
      throw new FormatError({ format: FORMAT, field: 'document', at: 0 }, 'bad-value', `the bytes are no ${encoding}`);
    }
  };
  if (a === 0xff && b === 0xfe) return as('utf-16le', 2, 2);
  if (a === 0xfe && b === 0xff) return as('utf-16be', 2, 2);
  if (a === 0xef && b === 0xbb && c === 0xbf) return as('utf-8', 3, undefined);
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const [, encoding = 'utf-8'] = /^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(head) ?? [];
  const name = encoding.toLowerCase();
  if (name === 'utf-8' || name === 'us-ascii') return as('utf-8', 0, undefined);
  if (['iso-8859-1', 'windows-1252', 'latin1'].includes(name)) return as('windows-1252', 0, 1);
  throw new FormatError({ format: FORMAT, field: 'encoding', at: 0 }, 'unsupported-feature', `the encoding "${encoding}" is not read`);
}

const NAME_START = /[\p{L}_:]/u;
const NAME = /[\p{L}_:][\p{L}\p{M}\p{N}_:.\-\u00b7]*/uy;
const SPACE = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XML = 'http://www.w3.org/XML/1998/namespace';

type Scope = ReadonlyMap<string, string>;

interface Open {
  readonly qualified: string;
  readonly name: XmlName;
  readonly attributes: readonly XmlAttribute[];
  readonly children: (XmlElement | string)[];
  readonly scope: Scope;
  readonly start: number;
}

/** Goes through the text once; depth is a list and not the stack's. */
class Parser {
  readonly #text: string;
  readonly #skip: number;
  readonly #width: number | undefined;
  readonly #isDone: ((element: XmlElement) => boolean) | undefined;
  readonly #oddities: Oddity[] = [];
  #at = 0;
  /** Bytes before `#countedTo`, so that offsets of a growing position cost no more than the text. */
  #counted = 0;
  #countedTo = 0;

  constructor({ text, skip, width }: Text, isDone: ((element: XmlElement) => boolean) | undefined) {
    this.#isDone = isDone;
    this.#text = text;
    this.#skip = skip;
    this.#width = width;
  }

  document(): Reading<XmlElement> {
    const open: Open[] = [];
    let root: XmlElement | undefined;
    while (this.#at < this.#text.length) {
      const current = open.at(-1);
      const next = this.#text.indexOf('<', this.#at);
      const end = next < 0 ? this.#text.length : next;
      if (end > this.#at) {
        const text = this.#text.slice(this.#at, end);
        const isSpace = (current === undefined || this.#isDone !== undefined) && /^[ \t\r\n]*$/.test(text);
        if (current !== undefined) {
          if (!isSpace) current.children.push(this.#expand(text, this.#at));
        } else if (!isSpace) throw this.#wrong('document', 'trailing', 'text outside the root element');
        this.#at = end;
        continue;
      }
      if (this.#skipped('<!--', '-->', 'comment') || this.#skipped('<?', '?>', 'processing instruction')) continue;
      if (this.#text.startsWith('<![CDATA[', this.#at)) {
        if (current === undefined) throw this.#wrong('CDATA', 'bad-value', 'outside the root element');
        const close = this.#find(']]>', 'CDATA');
        current.children.push(this.#text.slice(this.#at + 9, close));
        this.#at = close + 3;
      } else if (this.#text.startsWith('<!', this.#at)) this.#documentType(current !== undefined || root !== undefined);
      else if (this.#text.startsWith('</', this.#at)) {
        const ended = this.#endTag(open.pop());
        const parent = open.at(-1);
        if (parent === undefined) root = ended;
        else this.#keep(parent, ended);
      } else {
        if (current === undefined && root !== undefined) throw this.#wrong('document', 'trailing', 'a second root element');
        if (open.length >= DEPTH_MAX) throw this.#wrong('element', 'too-deep', `more than ${DEPTH_MAX} elements in one another`);
        const { isEmpty, ...started } = this.#startTag(current?.scope ?? new Map([['xml', XML]]));
        if (!isEmpty) open.push(started);
        else if (current === undefined) root = this.#closed(started);
        else this.#keep(current, this.#closed(started));
      }
    }
    const unclosed = open.at(-1);
    if (unclosed !== undefined) throw this.#wrong(unclosed.qualified, 'short-read', 'the element is not closed');
    if (root === undefined) throw this.#wrong('document', 'short-read', 'there is no element');
    return { value: root, oddities: this.#oddities };
  }

  #keep(parent: Open, element: XmlElement): void {
    if (this.#isDone?.(element) !== true) parent.children.push(element);
  }

  #closed({ name, attributes, children, start }: Open): XmlElement {
    return { ...name, attributes, children, at: start };
  }

  #startTag(scope: Scope): Open & { readonly isEmpty: boolean } {
    const start = this.#byteAt(this.#at);
    this.#at++;
    const qualified = this.#name('element');
    const pairs: { readonly qualified: string; readonly value: string }[] = [];
    for (;;) {
      const from = this.#at;
      this.#space();
      if (this.#text.startsWith('>', this.#at) || this.#text.startsWith('/>', this.#at)) break;
      if (this.#at === from) throw this.#wrong(qualified, 'bad-value', 'neither an attribute nor the end of the tag');
      if (pairs.length >= ATTRIBUTES_MAX) throw this.#wrong(qualified, 'too-large', `more than ${ATTRIBUTES_MAX} attributes`);
      pairs.push(this.#attribute());
    }
    const isEmpty = this.#text.startsWith('/>', this.#at);
    this.#at += isEmpty ? 2 : 1;
    const declared = pairs.filter(({ qualified: name }) => name === 'xmlns' || name.startsWith('xmlns:'));
    const inner: Scope =
      declared.length === 0 ? scope : new Map([...scope, ...declared.map(({ qualified: name, value }) => [name.slice(6), value] as const)]);
    const attributes = pairs
      .filter(({ qualified: name }) => name !== 'xmlns' && !name.startsWith('xmlns:'))
      // Names without a prefix: an attribute is in no namespace, an element in the default one.
      .map(({ qualified: name, value }) => ({
        ...(name.includes(':') ? this.#resolved(name, inner) : { namespace: '', local: name }),
        value,
      }));
    const names = attributes.map(({ namespace, local }) => `${namespace}\n${local}`);
    if (new Set(names).size < names.length) throw this.#wrong(qualified, 'overlap', 'the same attribute twice');
    return { qualified, name: this.#resolved(qualified, inner), attributes, children: [], scope: inner, start, isEmpty };
  }

  #attribute() {
    const qualified = this.#name('attribute');
    this.#space();
    if (this.#text[this.#at] !== '=') throw this.#wrong(qualified, 'bad-value', 'an attribute without a value');
    this.#at++;
    this.#space();
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.#wrong(qualified, 'bad-value', 'a value without quotation marks');
    this.#at++;
    const end = this.#find(quote, qualified);
    const raw = this.#text.slice(this.#at, end);
    if (raw.includes('<')) throw this.#wrong(qualified, 'bad-value', 'a "<" in a value');
    const value = this.#expand(raw.replaceAll(/[\t\r\n]/g, ' '), this.#at);
    this.#at = end + 1;
    return { qualified, value };
  }

  #endTag(opened: Open | undefined): XmlElement {
    this.#at += 2;
    const qualified = this.#name('end tag');
    if (opened === undefined || opened.qualified !== qualified)
      throw this.#wrong(qualified, 'bad-value', opened === undefined ? 'closes what is not open' : `closes "${opened.qualified}"`);
    this.#space();
    if (this.#text[this.#at] !== '>') throw this.#wrong(qualified, 'bad-value', 'the end tag does not end');
    this.#at++;
    return this.#closed(opened);
  }

  #documentType(isLate: boolean): void {
    const [whole] = /^<!DOCTYPE\s+[^\s[\]<>"']+\s*>/.exec(this.#text.slice(this.#at, this.#at + 400)) ?? [];
    if (whole === undefined || isLate)
      throw this.#wrong('DOCTYPE', 'unsupported-feature', 'a document type with entities or with an address: neither is read');
    this.#oddities.push({
      format: FORMAT,
      field: 'DOCTYPE',
      at: this.#byteAt(this.#at),
      code: 'document-type',
      detail: 'an empty document type',
    });
    this.#at += whole.length;
  }

  #resolved(qualified: string, scope: Scope): XmlName {
    const [prefix, local, more] = qualified.includes(':') ? qualified.split(':') : ['', qualified];
    if (local === undefined || local === '' || more !== undefined) throw this.#wrong(qualified, 'bad-value', 'is no qualified name');
    if (prefix === 'xmlns') return { namespace: XMLNS, local };
    const namespace = scope.get(prefix ?? '');
    if (namespace === undefined && prefix !== '') throw this.#wrong(qualified, 'bad-value', `the prefix "${prefix}" is not declared`);
    return { namespace: namespace ?? '', local };
  }

  #name(field: string): string {
    NAME.lastIndex = this.#at;
    const [name] = (NAME_START.test(this.#text[this.#at] ?? '') ? NAME.exec(this.#text) : null) ?? [];
    if (name === undefined) throw this.#wrong(field, 'bad-value', 'a name was expected');
    if (name.length > 1000) throw this.#wrong(field, 'too-large', 'a name of more than 1000 characters');
    this.#at += name.length;
    return name;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += (SPACE.exec(this.#text)?.[0] ?? '').length;
  }

  #skipped(start: string, end: string, field: string): boolean {
    if (!this.#text.startsWith(start, this.#at)) return false;
    this.#at += start.length;
    this.#at = this.#find(end, field) + end.length;
    return true;
  }

  #find(what: string, field: string): number {
    const found = this.#text.indexOf(what, this.#at);
    if (found < 0) throw this.#wrong(field, 'short-read', `has no end ("${what}")`);
    return found;
  }

  #expand(text: string, from: number): string {
    if (!text.includes('&')) return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
    return text.replaceAll(/\r\n?/g, '\n').replaceAll(/&([^;&\s]{0,40};)?/g, (whole, body: string | undefined, at: number) => {
      const name = body?.slice(0, -1) ?? '';
      const [, hex, decimal] = /^#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
      if (hex === undefined && decimal === undefined) {
        const entity = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
        if (entity !== undefined) return entity;
        this.#at = from + at;
        throw this.#wrong('entity', 'unsupported-feature', `"${whole}" is not one of the standard's five`);
      }
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      const isAllowed = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code < 0xd800) || (code > 0xdfff && code <= 0x10ffff);
      if (isAllowed) return String.fromCodePoint(code);
      this.#at = from + at;
      throw this.#wrong('character reference', 'bad-value', `"${whole}" is no character of XML`);
    });
  }

  #byteAt(at: number): number {
    if (this.#width !== undefined) return this.#skip + at * this.#width;
    if (at < this.#countedTo) return this.#skip + new TextEncoder().encode(this.#text.slice(0, at)).length;
    for (; this.#countedTo < at; this.#countedTo++) {
      const code = this.#text.charCodeAt(this.#countedTo);
      // Either half of a surrogate pair stands for two of its four bytes.
      this.#counted += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
    }
    return this.#skip + this.#counted;
  }

  #wrong(field: string, code: FormatErrorCode, detail: string): FormatError {
    return new FormatError(
      { format: FORMAT, field: field.slice(0, 80), at: this.#byteAt(Math.min(this.#at, this.#text.length)) },
      code,
      detail,
    );
  }
}

const escaped = (text: string) =>
  text.replaceAll(/[&<>"\t\r\n]/g, (character) =>
    character === '&' ? '&amp;' : character === '<' ? '&lt;' : character === '>' ? '&gt;' : `&#${character.charCodeAt(0)};`,
  );

/** Writes a document in UTF-8. Prefixes are made up: n0, n1, … */
export function writeXml(root: XmlElement): Uint8Array {
  const prefixes = new Map<string, string>([[XML, 'xml']]);
  const gather = (element: XmlElement): void => {
    for (const { namespace } of [element, ...element.attributes])
      if (namespace !== '' && !prefixes.has(namespace)) prefixes.set(namespace, `n${prefixes.size - 1}`);
    for (const child of element.children) if (typeof child !== 'string') gather(child);
  };
  gather(root);
  const called = ({ namespace, local }: XmlName) => (namespace === '' ? local : `${prefixes.get(namespace)}:${local}`);
  const declared = [...prefixes]
    .filter(([namespace]) => namespace !== XML)
    .map(([namespace, prefix]) => ` xmlns:${prefix}="${escaped(namespace)}"`);
  const write = (element: XmlElement, extra: string): string => {
    const name = called(element);
    const attributes = element.attributes.map((attribute) => ` ${called(attribute)}="${escaped(attribute.value)}"`).join('');
    const inner = element.children.map((child) => (typeof child === 'string' ? escaped(child) : write(child, ''))).join('');
    return inner === '' ? `<${name}${extra}${attributes}/>` : `<${name}${extra}${attributes}>${inner}</${name}>`;
  };
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${write(root, declared.join(''))}\n`);
}

/** The elements below one. */
export const elementsOf = (element: XmlElement): readonly XmlElement[] => element.children.filter((child) => typeof child !== 'string');

/** The text directly in an element, without the space around it. */
export const textOf = (element: XmlElement): string =>
  element.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim();
