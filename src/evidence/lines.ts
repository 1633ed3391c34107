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

/** The lines of an artefact; LF and CRLF end a line. `base` is the byte offset of `bytes` in the artefact. */
export function linesOf(bytes: Uint8Array, base = 0): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start);
    const next = newline < 0 ? bytes.length : newline + 1;
    let end = newline < 0 ? bytes.length : newline;
    if (end > start && bytes[end - 1] === 13) end--;
    const length = Math.min(end - start, LINE_MAX);
    lines.push({ text: utf8.decode(bytes.subarray(start, start + length)), at: base + start, length });
    start = next;
  }
  return lines;
}
