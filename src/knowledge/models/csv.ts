/** RFC 4180 text: quoted fields, doubled quotes, line breaks in quotes; LF and CRLF. */

/** Fields of all rows together. */
const FIELDS_MAX = 20_000_000;

/** The rows of a CSV text. A quote that is never closed runs to the end: its row is what the text says, wrong as it may be. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let fields = 0;
  let at = 0;
  while (at < text.length && fields < FIELDS_MAX) {
    const { field, next } = text[at] === '"' ? quoted(text, at + 1) : plain(text, at);
    row.push(field);
    fields++;
    at = next;
    if (text[at] === ',') {
      at++;
      // A comma at the very end leaves an empty last field.
      if (at === text.length) row.push('');
      continue;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function plain(text: string, at: number): { readonly field: string; readonly next: number } {
  let end = at;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && !(text[end] === '\r' && text[end + 1] === '\n')) end++;
  return { field: text.slice(at, end), next: end };
}

function quoted(text: string, at: number): { readonly field: string; readonly next: number } {
  const parts: string[] = [];
  let from = at;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { field: parts.join('"') + (parts.length > 0 ? '"' : '') + text.slice(from), next: text.length };
    parts.push(text.slice(from, quote));
    if (text[quote + 1] !== '"') {
      const rest = plain(text, quote + 1);
      return { field: parts.join('"') + rest.field, next: rest.next };
    }
    from = quote + 2;
  }
}
