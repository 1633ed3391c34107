/** Comma-separated values (RFC 4180) and what spreadsheets make of them: other marks, other encodings, line ends in fields. */

const COLUMNS_MAX = 200;
const FIELD_MAX = 10_000;

/** Encodings that lists come in. `auto` looks at the bytes. */
export const ENCODINGS = ['auto', 'utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gb18030', 'shift_jis', 'big5'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The text of a list, by its mark, by what its bytes can be, or as the caller says. */
export function decodedText(bytes: Uint8Array, encoding: Encoding): string {
  const [a, b, c, d] = bytes;
  const named =
    encoding !== 'auto'
      ? encoding
      : a === 0xff && b === 0xfe
        ? 'utf-16le'
        : a === 0xfe && b === 0xff
          ? 'utf-16be'
          : a !== 0 && b === 0 && c !== 0 && d === 0
            ? 'utf-16le'
            : undefined;
  if (named !== undefined) return new TextDecoder(named).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // What a Western spreadsheet writes that does not write UTF-8. GB18030 and the like cannot be told from it: the caller says so.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The mark that the first line has most of, outside quotation marks; Excel's `sep=` line is obeyed. */
export function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = (end < 0 ? text : text.slice(0, end)).replaceAll(/"[^"]*"/g, '');
  const told = /^sep=(.)$/.exec(line.trim())?.[1];
  if (told !== undefined) return told;
  const counted = [',', ';', '\t', '|'].map((mark) => [mark, line.split(mark).length] as const);
  return counted.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

interface Row {
  readonly fields: readonly string[];
  readonly line: number;
  readonly problem: string | undefined;
}

/** Fields between marks, quotation marks doubled inside quotation marks. Goes through the text once. */
export function* csvRows(text: string, separator: string): Generator<Row, undefined> {
  let at = /^sep=.\r?\n/.exec(text)?.[0].length ?? 0;
  let line = at > 0 ? 2 : 1;
  while (at < text.length) {
    const start = line;
    const fields: string[] = [];
    let problem: string | undefined;
    for (let isEnd = false; !isEnd; ) {
      let field: string;
      if (text[at] === '"') {
        let from = at + 1;
        let close = text.indexOf('"', from);
        while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
        if (close < 0) {
          problem = 'a quotation mark is not closed';
          // The rest of the line is the field, so that one mark does not cost the list.
          const end = text.indexOf('\n', at);
          close = end < 0 ? text.length : end;
          from = at;
        }
        field = text.slice(from, close).replaceAll('""', '"');
        for (let i = from; i < close; i++) if (text.charCodeAt(i) === 10) line++;
        at = problem === undefined ? close + 1 : close;
      } else field = '';
      const end = nextMark(text, at, separator);
      field += text.slice(at, end).replace(/\r$/, '');
      if (field.length > FIELD_MAX) problem = `a field of more than ${FIELD_MAX} characters`;
      if (fields.length < COLUMNS_MAX) fields.push(field.slice(0, FIELD_MAX));
      else problem = `more than ${COLUMNS_MAX} fields`;
      isEnd = text[end] !== separator;
      at = end + 1;
    }
    line++;
    yield { fields, line: start, problem };
  }
  return undefined;
}

function nextMark(text: string, from: number, separator: string): number {
  for (let i = from; i < text.length; i++) if (text[i] === separator || text[i] === '\n') return i;
  return text.length;
}
