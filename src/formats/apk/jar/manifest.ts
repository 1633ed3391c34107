/**
 * JAR manifests and signature files: sections of `Name: value` lines.
 * Spec: JAR File Specification, "JAR Manifest"; read as Android's verifier library reads them (AOSP tools/apksig ManifestParser), because a section's
 * digest is over exactly the bytes it takes: lines end in CR, LF or CR LF, go on where the next begins with a space, and any empty line ends a section.
 * Limits: `SECTIONS_MAX`. Nothing is malformed here: a line without `: ` is a name without a value.
 */
import { FormatError } from '../../../bytes/index.ts';

const SECTIONS_MAX = 1 << 18;
const CR = 13;
const LF = 10;
const SPACE = 32;

/** A section: where its bytes lie, and its attributes in order. */
export interface JarSection {
  readonly start: number;
  readonly size: number;
  /** The first attribute's value where that attribute is called Name. */
  readonly name: string | undefined;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads all sections; the main one is the first. @throws FormatError `too-large` */
export function readJarSections(bytes: Uint8Array): readonly JarSection[] {
  const sections: JarSection[] = [];
  let at = 0;
  while (at < bytes.length) {
    const section = readSection(bytes, at);
    if (section === undefined) break;
    if (sections.length === SECTIONS_MAX) {
      throw new FormatError({ format: 'jar manifest', field: 'sections', at }, 'too-large', `more than ${SECTIONS_MAX} sections`);
    }
    sections.push(section);
    at = section.start + section.size;
  }
  return sections;
}

/** The section that begins at or after `from`, leading empty lines left out; undefined at the end. */
function readSection(bytes: Uint8Array, from: number): JarSection | undefined {
  let start = from;
  let line = lineAt(bytes, start);
  while (line !== undefined && line.end === line.start) {
    start = line.next;
    line = lineAt(bytes, start);
  }
  if (line === undefined) return undefined;
  const attributes: (readonly [string, string])[] = [];
  let next = start;
  while (line !== undefined) {
    next = line.next;
    if (line.end === line.start) break;
    const first = line;
    // Continuation lines are joined once, however many there are.
    const pieces: Uint8Array[] = [];
    line = lineAt(bytes, next);
    while (line !== undefined && line.end > line.start && bytes[line.start] === SPACE) {
      pieces.push(bytes.subarray(line.start + 1, line.end));
      next = line.next;
      line = lineAt(bytes, next);
    }
    attributes.push(attributeOf(bytes.subarray(first.start, first.end), pieces));
  }
  const [head] = attributes;
  const name = head !== undefined && head[0].toLowerCase() === 'name' ? head[1] : undefined;
  return { start, size: next - start, name, attributes };
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

function lineAt(bytes: Uint8Array, start: number): Line | undefined {
  if (start >= bytes.length) return undefined;
  let end = start;
  while (end < bytes.length && bytes[end] !== CR && bytes[end] !== LF) end++;
  const next = end >= bytes.length ? end : bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1;
  return { start, end, next };
}

function attributeOf(first: Uint8Array, more: readonly Uint8Array[]): readonly [string, string] {
  let text: string;
  if (more.length === 0) text = decoder.decode(first);
  else {
    const whole = new Uint8Array(more.reduce((sum, piece) => sum + piece.length, first.length));
    whole.set(first);
    let at = first.length;
    for (const piece of more) {
      whole.set(piece, at);
      at += piece.length;
    }
    text = decoder.decode(whole);
  }
  // Obfuscators rely on the exact delimiter: names may end in spaces, values may begin with them.
  const colon = text.indexOf(': ');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 2)];
}

/** The first attribute of this name, whatever its case. */
export function jarAttribute(section: JarSection, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return section.attributes.find(([key]) => key.length === name.length && key.toLowerCase() === wanted)?.[1];
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
