import { describe, expect, test } from 'vitest';
import { plain, progress } from './progress.ts';

const begin = (elapsedMs: number, what = '/proc/cpuinfo') =>
  ({ kind: 'begin', what, done: 3, total: 10, elapsedMs, leftMs: 7000 }) as const;
function shown(isTerminal: boolean, events: readonly Parameters<ReturnType<typeof progress>>[0][]): string {
  let text = '';
  const show = progress({ write: (piece) => (text += piece), isTerminal, columns: 80 });
  for (const event of events) show(event);
  return text;
}
const ESC = '\u001b';

describe('progress', () => {
  test('says what is read, what is left and how long', () => {
    expect(shown(false, [begin(5000)])).toBe('3 of 10 read, 5 s, about 7 s left: /proc/cpuinfo\n');
  });

  test('writes no escape codes where there is no terminal, and not a line an item', () => {
    const text = shown(false, [
      begin(0),
      begin(100),
      begin(200),
      begin(6000),
      { kind: 'finished', complete: true, roundTrips: 1, resumed: false, out: undefined },
    ]);
    expect(text).not.toContain(ESC);
    expect(text.split('\n')).toHaveLength(3);
  });

  test('rewrites one line on a terminal', () => {
    expect(shown(true, [begin(0), begin(100)])).toMatch(/^\r\u001b\[K[^\n]*\r\u001b\[K[^\n]*$/);
  });

  test('a phone’s name cannot reach the terminal as codes', () => {
    const card = {
      brand: `X${ESC}[2J`,
      model: 'a\u202eb\nc',
      device: undefined,
      release: '4',
      securityPatch: undefined,
      fingerprint: undefined,
      verifiedBootState: undefined,
      locked: undefined,
      authorisation: 'none',
    };
    const text = shown(false, [{ kind: 'identity', card }]);
    expect(text).toBe('It calls itself X\\u{1b}[2J a\\u{202e}b\\u{a}c, Android 4, patch level not said.\n');
  });

  test('what an item was lost to is said', () => {
    const end = { kind: 'end', id: 'getevent', outcome: 'flooded', note: `more than 1${ESC}`, bytes: 1, durationMs: 1 } as const;
    expect(shown(false, [end])).toBe('getevent: flooded (more than 1\\u{1b})\n');
  });
});

test('text is cut, not wrapped', () => expect(plain('x'.repeat(500), 10)).toBe(`${'x'.repeat(9)}…`));
