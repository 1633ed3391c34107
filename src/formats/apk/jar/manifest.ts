/**
 * JAR manifests and signature files: sections of `Name: value` lines.
 * Spec: JAR File Specification, "JAR Manifest"; read as Android's verifier library reads them (AOSP tools/apksig ManifestParser), because a section's
 * digest is over exactly the bytes it takes: lines end in CR, LF or CR LF, go on where the next begins with a space, and any empty line ends a section.
 * Limits: `SECTIONS_MAX`. Nothing is malformed here: a line without `: ` is a name without a value.
 */
import { concatBytes, FormatError } from '../../../bytes/index.ts';

const SECTIONS_MAX = 1 << 18;
const CR = 13;
const LF = 10;
const SPACE = 32;

/** The bytes of a manifest or signature file. */
export interface JarFile {
  readonly bytes: Uint8Array;
  /** The whole as text where it is ASCII, as nearly all are: attributes are then cut from it, which is quicker than decoding each. */
  readonly text: string | undefined;
}

/** A section: where its bytes lie. What it says is cut out when it is asked for: a signature file has thousands of which nobody asks. */
export interface JarSection {
  readonly file: JarFile;
  readonly start: number;
  readonly end: number;
  /** Where its first attribute ends, with the lines that continue it. */
  readonly restAt: number;
}

export type JarAttribute = readonly [name: string, value: string];

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads all sections; the main one is the first. @throws FormatError `too-large` */
export function readJarSections(bytes: Uint8Array): JarSection[] {
  const sections: JarSection[] = [];
  const file = { bytes, text: asciiOf(bytes) };
  let at = 0;
  while (at < bytes.length) {
    const section = readSection(file, at);
    if (section === undefined) break;
    if (sections.length === SECTIONS_MAX) {
      throw new FormatError({ format: 'jar manifest', field: 'sections', at }, 'too-large', `more than ${SECTIONS_MAX} sections`);
    }
    sections.push(section);
    at = section.end;
  }
  return sections;
}

/** The main section alone. */
export const readJarMain = (bytes: Uint8Array): JarSection | undefined => readSection({ bytes, text: undefined }, 0);

/** Whether what follows a section is as many sections as these, each of which begins with the same attribute, byte for byte. Of nearly all signature files it is so. */
export function beginAlike({ file, end }: JarSection, others: readonly JarSection[]): boolean {
  let at = end;
  for (const other of others) {
    const section = readSection(file, at);
    if (section === undefined || !sameFirstAttribute(section, other)) return false;
    at = section.end;
  }
  return readSection(file, at) === undefined;
}

function asciiOf(bytes: Uint8Array): string | undefined {
  const text = decoder.decode(bytes);
  return /[\u0080-\uffff]/.test(text) ? undefined : text;
}

/** The section that begins at or after `from`, leading empty lines left out; undefined at the end. */
function readSection(file: JarFile, from: number): JarSection | undefined {
  const { bytes } = file;
  let start = from;
  while (start < bytes.length && isBreak(bytes[start])) start = afterBreak(bytes, start);
  if (start >= bytes.length) return undefined;
  let restAt = afterBreak(bytes, lineEnd(bytes, start));
  while (bytes[restAt] === SPACE) restAt = afterBreak(bytes, lineEnd(bytes, restAt));
  // A section ends behind the empty line that ends it, or with the bytes.
  let end = restAt;
  while (end < bytes.length) {
    const empty = isBreak(bytes[end]);
    end = afterBreak(bytes, empty ? end : lineEnd(bytes, end));
    if (empty) break;
  }
  return { file, start, end, restAt };
}

/** A section's bytes. */
export const jarSectionBytes = ({ file, start, end }: JarSection): Uint8Array => file.bytes.subarray(start, end);

/** The first attribute's value where that attribute is called Name. */
export function jarSectionName(section: JarSection): string | undefined {
  const { file, start, restAt } = section;
  if (file.text?.startsWith('Name: ', start) === true) {
    const end = lineEnd(file.bytes, start);
    if (afterBreak(file.bytes, end) === restAt) return file.text.slice(start + 6, end);
  }
  const [head] = readAttributes(section, 1);
  return head !== undefined && head[0].length === NAME.length && head[0].toLowerCase() === NAME ? head[1] : undefined;
}

const NAME = 'name';

function sameFirstAttribute(a: JarSection, b: JarSection): boolean {
  const length = a.restAt - a.start;
  if (b.restAt - b.start !== length) return false;
  for (let at = 0; at < length; at++) if (a.file.bytes[a.start + at] !== b.file.bytes[b.start + at]) return false;
  return true;
}

const isBreak = (byte: number | undefined) => byte === LF || byte === CR;

/** Where the line ends that `at` lies in. */
function lineEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== CR && bytes[end] !== LF) end++;
  return end;
}

/** What follows the line break at `at`: CR LF is one. */
function afterBreak(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return at;
  return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** A section's attributes in order. */
export const jarAttributes = (section: JarSection): readonly JarAttribute[] => readAttributes(section, Number.POSITIVE_INFINITY);

/** The first attributes of a section, `most` of them. */
function readAttributes({ file: { bytes, text }, start, end }: JarSection, most: number): readonly JarAttribute[] {
  const attributes: JarAttribute[] = [];
  for (let at = start; at < end && !isBreak(bytes[at]) && attributes.length < most; ) {
    const head = lineEnd(bytes, at);
    const next = afterBreak(bytes, head);
    if (text !== undefined && (next >= end || bytes[next] !== SPACE)) {
      attributes.push(attributeOf(text.slice(at, head)));
      at = next;
      continue;
    }
    const lines: Line[] = [{ start: at, end: head }];
    at = next;
    // Continuation lines are joined once, however many there are.
    while (at < end && bytes[at] === SPACE) {
      const line = { start: at + 1, end: lineEnd(bytes, at) };
      lines.push(line);
      at = afterBreak(bytes, line.end);
    }
    attributes.push(attributeOf(text === undefined ? decoded(bytes, lines) : cut(text, lines)));
  }
  return attributes;
}

/** What follows a section's first attribute where that is one line, `prefix` and as many bytes as stated, and nothing else: where these bytes lie. */
export function onlyLineAfter({ file: { bytes }, restAt, end }: JarSection, prefix: Uint8Array, length: number): number | undefined {
  const at = restAt + prefix.length;
  const lineEndAt = at + length;
  if (lineEndAt > end || (lineEndAt < end && !isBreak(bytes[lineEndAt]))) return undefined;
  for (let index = 0; index < prefix.length; index++) if (bytes[restAt + index] !== prefix[index]) return undefined;
  const next = afterBreak(bytes, lineEndAt);
  return next >= end || isBreak(bytes[next]) ? at : undefined;
}

/** A line without the break that ends it, nor the space that continues another. */
interface Line {
  readonly start: number;
  readonly end: number;
}

/** Lines cut from text, as one. */
function cut(text: string, lines: readonly Line[]): string {
  return lines.map(({ start, end }) => text.slice(start, end)).join('');
}

/** Lines decoded as one: a character may be split between them. */
function decoded(bytes: Uint8Array, lines: readonly Line[]): string {
  return decoder.decode(concatBytes(lines.map(({ start, end }) => bytes.subarray(start, end))));
}

function attributeOf(text: string): readonly [string, string] {
  // Obfuscators rely on the exact delimiter: names may end in spaces, values may begin with them.
  const colon = text.indexOf(': ');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 2)];
}

/** The first attribute of this name, whatever its case. */
export function jarAttribute(attributes: readonly JarAttribute[], name: string): string | undefined {
  // By index: taking a pair apart in a loop makes an iterator each time, and there are tens of thousands.
  for (const attribute of attributes) {
    const key = attribute[0];
    if (key === name || (mayBeSame(key, name) && key.toLowerCase() === name.toLowerCase())) return attribute[1];
  }
  return undefined;
}

/** Whether two names could differ by case alone: what can be told without making texts, which would be two for each of thousands of sections. */
function mayBeSame(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    if (one !== other && one < 128 && other < 128 && (one | 32) !== (other | 32)) return false;
  }
  return true;
}

/** Writes a section, lines folded at 70 bytes, with the empty line that ends it. */
export function writeJarSection(attributes: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const encoder = new TextEncoder();
  const out: number[] = [];
  for (const [name, value] of attributes) {
    const bytes = encoder.encode(`${name}: ${value}`);
    for (let at = 0, room = 70; at < bytes.length; at += room, room = 69) {
      if (at > 0) out.push(SPACE);
      out.push(...bytes.subarray(at, at + room), CR, LF);
    }
  }
  out.push(CR, LF);
  return Uint8Array.from(out);
}
