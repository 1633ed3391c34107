import { FormatError } from '../bytes/index.ts';

/** A line of an artefact, with where its bytes lie. */
export interface Line {
  /** Without its line end; malformed UTF-8 is U+FFFD. */
  readonly text: string;
  /** Byte offset of its first byte. */
  readonly at: number;
  /** Bytes without the line end. */
  readonly length: number;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** A line longer than this is cut: no artefact has such lines, floods have. */
const LINE_MAX = 1 << 20;
/** More lines than this are not held at once: a reader of longer artefacts takes them one by one. */
const LINES_MAX = 2_000_000;
/** Bytes decoded in one go; a whole line is never torn. */
const STRETCH = 1 << 16;

/**
 * The lines of an artefact; LF and CRLF end a line. `base` is the byte offset of `bytes` in the artefact.
 * @throws FormatError `too-large` above LINES_MAX
 */
export function linesOf(bytes: Uint8Array, base = 0): readonly Line[] {
  const lines: Line[] = [];
  for (const line of eachLine(bytes, base)) {
    if (lines.length === LINES_MAX)
      throw new FormatError({ format: 'text', field: 'lines', at: line.at }, 'too-large', `more than ${LINES_MAX} lines`);
    lines.push(line);
  }
  return lines;
}

/** The lines of an artefact one by one, for readers that keep few of many. */
export function* eachLine(bytes: Uint8Array, base = 0): Generator<Line, void, undefined> {
  let start = 0;
  while (start < bytes.length) {
    const end = endOfStretch(bytes, start);
    const stretch = bytes.subarray(start, end);
    const text = stretch.length > STRETCH ? '' : utf8.decode(stretch);
    // As many characters as bytes: every character is one byte, so that offsets in the text are offsets in the bytes. Slicing is five times as fast as decoding lines.
    if (text.length === stretch.length) yield* slicedLines(text, base + start);
    else yield* decodedLines(stretch, base + start);
    start = end;
  }
}

/** Where a stretch of whole lines ends that begins at `start`. */
function endOfStretch(bytes: Uint8Array, start: number): number {
  const full = start + STRETCH;
  if (full >= bytes.length) return bytes.length;
  const last = bytes.subarray(start, full).lastIndexOf(10);
  if (last >= 0) return start + last + 1;
  const next = bytes.indexOf(10, full);
  return next < 0 ? bytes.length : next + 1;
}

function* slicedLines(text: string, base: number): Generator<Line, void, undefined> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    let end = newline < 0 ? text.length : newline;
    if (end > start && text.charCodeAt(end - 1) === 13) end--;
    yield { text: text.slice(start, end), at: base + start, length: end - start };
    start = newline < 0 ? text.length : newline + 1;
  }
}

function* decodedLines(bytes: Uint8Array, base: number): Generator<Line, void, undefined> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start);
    let end = newline < 0 ? bytes.length : newline;
    if (end > start && bytes[end - 1] === 13) end--;
    const length = Math.min(end - start, LINE_MAX);
    yield { text: utf8.decode(bytes.subarray(start, start + length)), at: base + start, length };
    start = newline < 0 ? bytes.length : newline + 1;
  }
}
