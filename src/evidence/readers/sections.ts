/**
 * Where the parts of a long text begin: lines of a known form, found without decoding the rest.
 * A part lasts until the next one begins. A line that says how long a command took ends nothing: dumpstate prints it late, within another command's output.
 */
import type { LoadedArtefact } from '../reader.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** A heading is shorter than this. */
const HEADING_MAX = 1024;
/** More parts than any report has. */
const SECTIONS_MAX = 20_000;

export interface Section {
  readonly heading: string;
  /** Offset of the heading within the bytes. */
  readonly at: number;
  /** Where its content begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** The parts of a text. `first` are the bytes that a heading may begin with; `headingOf` answers the heading of a line, or undefined. */
export function sectionsOf(
  bytes: Uint8Array,
  first: readonly number[],
  headingOf: (line: string) => string | undefined,
): readonly Section[] {
  const found: { heading: string; at: number; from: number }[] = [];
  let start = 0;
  while (start < bytes.length && found.length < SECTIONS_MAX) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const byte = bytes[start];
    if (byte !== undefined && first.includes(byte) && end - start <= HEADING_MAX) {
      const heading = headingOf(utf8.decode(bytes.subarray(start, end)).trimEnd());
      if (heading !== undefined) found.push({ heading, at: start, from: Math.min(end + 1, bytes.length) });
    }
    start = end + 1;
  }
  return found.map((section, index) => ({ ...section, to: found[index + 1]?.at ?? bytes.length }));
}

/** The section as an artefact of its own, with the offsets of the whole. */
export function sectionArtefact(
  whole: LoadedArtefact,
  section: Section,
  kind: LoadedArtefact['kind'],
  origin = section.heading,
): LoadedArtefact {
  return {
    name: whole.name,
    kind,
    origin,
    bytes: whole.bytes.subarray(section.from, section.to),
    base: (whole.base ?? 0) + section.from,
  };
}
