import { expect, test } from 'vitest';
import { byteProgress } from './byte-progress.ts';

function watched(isTerminal: boolean) {
  const written: string[] = [];
  const clock = { ms: 0 };
  return { written, clock, progress: byteProgress({ write: (text) => void written.push(text), isTerminal, nowMs: () => clock.ms }) };
}

test('share, rate and what is left of the time', () => {
  const { written, clock, progress } = watched(true);
  clock.ms = 1000;
  progress.tell({ doneBytes: 100 << 20, totalBytes: 400 << 20, running: ['system'] });
  expect(written.join('')).toContain('25 % of 400 MiB, 100 MiB/s, about 3 s left: system');
});

test('without a terminal nothing is written within seconds, and no escape codes', () => {
  const { written, clock, progress } = watched(false);
  clock.ms = 4000;
  progress.tell({ doneBytes: 1, totalBytes: 2, running: [] });
  expect(written).toEqual([]);
  clock.ms = 6000;
  progress.tell({ doneBytes: 1, totalBytes: 2, running: ['a\u001b[31m'] });
  progress.end();
  expect(written.join('')).not.toContain('\u001b');
});
