import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './lines.ts';

/** Takes the old text and the changes to the new one. */
function applied(before: string, after: string): string {
  const difference = diffLines(before, after);
  if (difference.kind !== 'changed') return difference.kind === 'same' ? before : after;
  const gone = new Set(difference.changes.filter(({ sign }) => sign === '-').map(({ line }) => line));
  const kept = before.split('\n').filter((_, index) => !gone.has(index + 1));
  for (const { sign, line, text } of difference.changes) if (sign === '+') kept.splice(line - 1, 0, text);
  return kept.join('\n');
}

test('the changes make the new text of the old one, whatever they are', () => {
  const line = fc.constantFrom('a', 'b', 'c', 'ro.secure=1', '');
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applied(before, after)).toBe(after);
    }),
    { numRuns: 500 },
  );
});

test('one changed line is two changes, and the rest is left alone', () => {
  expect(diffLines('127.0.0.1 localhost\n::1 localhost\n', '127.0.0.1 localhost\n127.0.0.1 update.acme.example\n::1 localhost\n')).toEqual({
    kind: 'changed',
    changes: [{ sign: '+', line: 2, text: '127.0.0.1 update.acme.example' }],
  });
});

test('ends of lines are no difference', () => {
  expect(diffLines('a\r\nb\r\n', 'a\nb\n')).toEqual({ kind: 'same' });
});

test('a text of other lines altogether is rewritten, and so is one of a million lines', () => {
  const lines = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`).join('\n');
  expect(diffLines(lines('a', 1000), lines('b', 1000)).kind).toBe('rewritten');
  expect(diffLines(lines('a', 100_000), lines('a', 99_999)).kind).toBe('rewritten');
});

test('a long line is cut where it is shown', () => {
  const difference = diffLines('a', 'x'.repeat(100_000));
  expect(difference.kind === 'changed' && difference.changes.every(({ text }) => text.length <= 240)).toBe(true);
});
