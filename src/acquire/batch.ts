/** Several shell items in one command, and their answers apart again. The form is described in `plan.ts`. */
import { concatBytes } from '../bytes/index.ts';

/** One script of a batch. */
export interface BatchPart {
  readonly script: string;
}

/** The command's text. `nonce` is 16 hex digits. `separate`: standard error is a stream of its own and gets marks too. */
export function writeBatch(parts: readonly BatchPart[], nonce: string, separate: boolean): string {
  const mark = (text: string) => `echo;echo "@$N ${text}"${separate ? `;echo >&2;echo "@$N ${text}" >&2` : ''}`;
  const lines = [`N=${nonce}`];
  for (const [index, part] of parts.entries()) {
    lines.push(mark(`b ${index}`), `( ${part.script}`, `) </dev/null;r=$?;${mark(`e ${index} $r`)}`);
  }
  return lines.join('\n');
}

/** What a batch's stream says next. */
export type BatchEvent =
  | { readonly kind: 'begin'; readonly index: number }
  | { readonly kind: 'data'; readonly index: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly index: number; readonly status: number };

/** A mark is at most `\n@` 16 digits ` e 9999 255\r\n`. */
const MARK_MAX = 40;
const ascii = new TextDecoder();

/**
 * Cuts one stream of a batch at its marks. Feed it bytes as they arrive. Only the mark that is due counts: any other is data.
 * A terminal's CR LF line ends are made LF again from the first mark on, if that mark has one.
 */
export function batchReader(nonce: string): { feed(chunk: Uint8Array): BatchEvent[] } {
  const prefix = new TextEncoder().encode(`@${nonce} `);
  let held: Uint8Array = new Uint8Array(0);
  let current: number | undefined;
  let due = 0;
  let terminal = false;
  let carriage = false;

  /** Takes the CR out of each CR LF; a CR at the end waits for what follows. */
  function unwrap(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(chunk.length + 1);
    let length = 0;
    if (carriage && chunk.length > 0) {
      if (chunk[0] !== 10) out[length++] = 13;
      carriage = false;
    }
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (byte === 13) {
        if (i + 1 === chunk.length) {
          carriage = true;
          continue;
        }
        if (chunk[i + 1] === 10) continue;
      }
      out[length++] = byte;
    }
    return out.subarray(0, length);
  }

  /** Whether a mark stands at `at` (after a newline): its text, `no`, or `perhaps` when more bytes are needed. */
  function markAt(bytes: Uint8Array, at: number): { readonly text: string; readonly next: number } | 'no' | 'perhaps' {
    for (let i = 0; i < prefix.length; i++) {
      if (at + i >= bytes.length) return 'perhaps';
      if (bytes[at + i] !== prefix[i]) return 'no';
    }
    const newline = bytes.subarray(at, at + MARK_MAX).indexOf(10);
    if (newline < 0) return bytes.length - at < MARK_MAX ? 'perhaps' : 'no';
    return { text: ascii.decode(bytes.subarray(at + prefix.length, at + newline)), next: at + newline + 1 };
  }

  function feed(chunk: Uint8Array): BatchEvent[] {
    const events: BatchEvent[] = [];
    const fresh = terminal ? unwrap(chunk) : chunk;
    let bytes = held.length === 0 ? fresh : concatBytes([held, fresh]);
    let start = 0;
    const give = (end: number) => {
      if (current !== undefined && end > start) events.push({ kind: 'data', index: current, bytes: bytes.subarray(start, end) });
    };
    for (let at = 0; ; ) {
      const newline = bytes.indexOf(10, at);
      if (newline < 0) {
        give(bytes.length);
        held = new Uint8Array(0);
        return events;
      }
      const found = markAt(bytes, newline + 1);
      if (found === 'perhaps') {
        give(newline);
        held = bytes.slice(newline);
        return events;
      }
      at = newline + 1;
      if (found === 'no') continue;
      const words = /^([be]) (\d{1,4})(?: (\d{1,3}))?(\r?)$/.exec(found.text);
      if (words === null || Number(words[2]) !== due || (words[1] === 'b') !== (current === undefined)) continue;
      give(newline);
      if (words[1] === 'b') {
        current = due;
        events.push({ kind: 'begin', index: due });
      } else {
        events.push({ kind: 'end', index: due, status: Number(words[3] ?? 0) });
        current = undefined;
        due++;
      }
      start = found.next;
      at = found.next;
      if (words[4] === '\r' && !terminal) {
        terminal = true;
        bytes = unwrap(bytes.slice(start));
        start = 0;
        at = 0;
      }
    }
  }
  return { feed };
}
