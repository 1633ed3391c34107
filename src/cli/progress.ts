/** Progress on standard error: one line that is rewritten on a terminal, plain lines elsewhere. What a phone said is made visible first: it is data on its way to a terminal. */
import type { LiveEvent } from '../platform/node/adb/index.ts';
import { codeForTerminal } from './qr-code.ts';

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Whether escape codes may be used. */
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Put in front of every line where several phones are read at once. */
  readonly label?: string;
}

/** Lines between which nothing is written where there is no terminal. */
const QUIET_MS = 5000;
const CLEAR = '\r\u001b[K';

/** Control characters and direction marks as escapes, cut to `most` characters. */
export function plain(text: string, most = 200): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}

const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;

/** Shows what is read, what is left and how long. */
export function progress(options: ProgressOptions): (event: LiveEvent) => void {
  const { write, isTerminal } = options;
  const label = options.label === undefined ? '' : `${plain(options.label, 40)}: `;
  let lastMs = Number.NEGATIVE_INFINITY;
  const line = (text: string) => write(`${isTerminal ? CLEAR : ''}${label}${text}\n`);
  return (event) => {
    switch (event.kind) {
      case 'prompt':
        line('The phone asks whether to allow this computer. Answer on its screen.');
        return;
      case 'page':
        line(`Open this page in the browser of the phone, on the same network: ${plain(event.url)}`);
        void codeForTerminal(event.url).then((code) => write(`${code}\n`));
        return;
      case 'asked':
        if (isTerminal) write(`${CLEAR}${label}The phone’s browser answers question ${event.place + 1} of ${event.count}`);
        return;
      case 'identity': {
        const { card } = event;
        const name = [card.brand, card.model].filter((one) => one !== undefined).join(' ') || 'a phone that does not say what it is';
        const boot = card.verifiedBootState === undefined ? '' : `, boot ${card.verifiedBootState}`;
        line(plain(`It calls itself ${name}, Android ${card.release ?? '?'}, patch level ${card.securityPatch ?? 'not said'}${boot}.`));
        return;
      }
      case 'begin': {
        const { done, total, elapsedMs, leftMs, what } = event;
        const text = `${label}${done} of ${total} read, ${seconds(elapsedMs)}${leftMs > 0 ? `, about ${seconds(leftMs)} left` : ''}: ${plain(what, 60)}`;
        if (isTerminal) write(`${CLEAR}${text.slice(0, Math.max(20, options.columns - 1))}`);
        else if (elapsedMs - lastMs >= QUIET_MS) {
          lastMs = elapsedMs;
          write(`${text}\n`);
        }
        return;
      }
      case 'end':
        if (event.outcome === 'timed out' || event.outcome === 'flooded' || event.outcome === 'disconnected')
          line(plain(`${event.id}: ${event.outcome}${event.note === undefined ? '' : ` (${event.note})`}`));
        return;
      case 'note':
        line(plain(event.text));
        return;
      case 'finished':
        if (isTerminal) write(CLEAR);
        if (!event.complete) line(`Stopped early. ${event.out === undefined ? '' : 'Give the same --out to go on.'}`.trim());
        return;
    }
  };
}

/** The usual: standard error. */
export const stderrProgress = (label?: string): ((event: LiveEvent) => void) =>
  progress({
    write: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    ...(label === undefined ? {} : { label }),
  });

/** Ctrl-C stops what is read and leaves a valid capture; a second one ends the program. Call the answer when done. */
export function stopOnInterrupt(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const onInterrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\nStopping; what was read is kept. Once more to end at once.\n');
    controller.abort();
  };
  process.on('SIGINT', onInterrupt);
  return { signal: controller.signal, release: () => process.off('SIGINT', onInterrupt) };
}
