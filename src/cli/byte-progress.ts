/** Progress over bytes on standard error: share, rate, what is left of the time. One line that is rewritten on a terminal, a line every few seconds elsewhere. */
import { plain } from './progress.ts';

const QUIET_MS = 5000;
const SHOWN_MS = 100;
const CLEAR = '\r\u001b[K';
const MIB = 1 << 20;

export interface ByteProgress {
  tell(done: { readonly doneBytes: number; readonly totalBytes: number; readonly running: readonly string[] }): void;
  end(): void;
}

/** `nowMs` goes forward only. */
export function byteProgress(options: {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly nowMs: () => number;
}): ByteProgress {
  const { write, isTerminal, nowMs } = options;
  const startedMs = nowMs();
  let lastMs = isTerminal ? Number.NEGATIVE_INFINITY : startedMs;
  let shown = false;
  return {
    tell({ doneBytes, totalBytes, running }) {
      const now = nowMs();
      if (now - lastMs < (isTerminal ? SHOWN_MS : QUIET_MS)) return;
      lastMs = now;
      const rate = doneBytes / Math.max(1, now - startedMs);
      const left = rate > 0 ? Math.round((totalBytes - doneBytes) / rate / 1000) : undefined;
      const share = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes);
      const text = `${share} % of ${Math.round(totalBytes / MIB)} MiB, ${Math.round((rate * 1000) / MIB)} MiB/s${left === undefined ? '' : `, about ${left} s left`}: ${plain(running.join(', '), 60)}`;
      write(isTerminal ? `${CLEAR}${text}` : `${text}\n`);
      shown = true;
    },
    end() {
      if (isTerminal && shown) write(CLEAR);
    },
  };
}

/** The usual: standard error. */
export const stderrByteProgress = (): ByteProgress =>
  byteProgress({
    write: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    nowMs: () => performance.now(),
  });
