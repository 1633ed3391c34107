/**
 * PEM: base64 between `-----BEGIN X-----` and `-----END X-----`.
 * Spec: RFC 7468. Limits: `PEM_BLOCKS_MAX` blocks. Reads what tools write: text around the blocks, CRLF, no line breaks at all,
 * an END and the next BEGIN on one line (Google's own samples), RFC 1421 headers (skipped). Each is read past; only what can hide something is an oddity.
 */
import { FormatError, type Oddity, parseBase64, type Reading, toBase64 } from '../../bytes/index.ts';

const FORMAT = 'pem';
const PEM_BLOCKS_MAX = 1024;
const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

export interface PemBlock {
  /** As in `CERTIFICATE`. */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Where its BEGIN stands, in characters of the text. */
  readonly at: number;
}

/** Whether a text holds a PEM block. */
export function isPem(text: string): boolean {
  return text.includes(BEGIN);
}

/** Finds every block, in order. @throws FormatError when a block does not end or is no base64 */
export function parsePem(text: string): Reading<readonly PemBlock[]> {
  const oddities: Oddity[] = [];
  const blocks: PemBlock[] = [];
  for (let from = 0; ; ) {
    const at = text.indexOf(BEGIN, from);
    if (at < 0) return { value: blocks, oddities };
    const fail = (field: string, code: 'short-read' | 'bad-value' | 'too-large', detail: string) =>
      new FormatError({ format: FORMAT, field: `block[${blocks.length}].${field}`, at }, code, detail);
    if (blocks.length >= PEM_BLOCKS_MAX) throw fail('begin', 'too-large', `more than ${PEM_BLOCKS_MAX} blocks`);
    const labelEnd = text.indexOf(DASHES, at + BEGIN.length);
    if (labelEnd < 0 || labelEnd - at > 128) throw fail('begin', 'bad-value', 'the BEGIN line has no end');
    const label = text.slice(at + BEGIN.length, labelEnd);
    const bodyAt = labelEnd + DASHES.length;
    const end = text.indexOf(END, bodyAt);
    if (end < 0) throw fail('end', 'short-read', `no END for ${JSON.stringify(label)}`);
    const endEnd = text.indexOf(DASHES, end + END.length);
    if (endEnd < 0 || endEnd - end > 128) throw fail('end', 'short-read', 'the END line is cut');
    const endLabel = text.slice(end + END.length, endEnd);
    if (endLabel !== label) {
      oddities.push({
        format: FORMAT,
        field: `block[${blocks.length}].end`,
        at: end,
        code: 'label',
        detail: `BEGIN ${label} ends as ${endLabel}`,
      });
    }
    const bytes = parseBase64(withoutHeaders(text.slice(bodyAt, end)).replaceAll(/\s+/g, ''));
    if (bytes === undefined) throw fail('body', 'bad-value', 'not base64');
    blocks.push({ label, bytes, at });
    from = endEnd + DASHES.length;
  }
}

/** RFC 1421 headers stand before an empty line. */
function withoutHeaders(body: string): string {
  if (!body.includes(':')) return body;
  const gap = /\r?\n[ \t]*\r?\n/.exec(body);
  return gap === null ? body : body.slice(gap.index);
}

/** Writes one block with lines of 64 characters. */
export function writePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return `${BEGIN}${label}${DASHES}\n${lines.join('\n')}\n${END}${label}${DASHES}\n`;
}
