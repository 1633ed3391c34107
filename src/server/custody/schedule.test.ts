import { expect, test } from 'vitest';
import { nextTime, parseSchedule } from './schedule.ts';

const next = (given: Record<string, unknown>, after: string) => {
  const ms = nextTime(parseSchedule(given), Date.parse(after));
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

test.each([
  [{ hour: '1', minute: '5' }, '2026-03-01T01:04:59Z', '2026-03-01T01:05:00.000Z'],
  [{ hour: '1', minute: '5' }, '2026-03-01T01:05:00Z', '2026-03-02T01:05:00.000Z'],
  [{ second: '0,30' }, '2026-03-01T01:05:00Z', '2026-03-01T01:05:30.000Z'],
  [{ minute: '[10-12],40' }, '2026-03-01T01:12:00Z', '2026-03-01T01:40:00.000Z'],
  [{ dayOfMonth: '29', month: '2', hour: '0', minute: '0' }, '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  // The first of March 2026 is a Sunday.
  [{ dayOfWeek: '7', hour: '0', minute: '0' }, '2026-02-27T00:00:00Z', '2026-03-01T00:00:00.000Z'],
  [{ dayOfWeek: '[1-5]', hour: '9', minute: '0' }, '2026-02-27T09:00:00Z', '2026-03-02T09:00:00.000Z'],
  [{ dayOfMonth: '31', month: '2' }, '2026-03-01T00:00:00Z', undefined],
] as const)('%j after %s', (given, after, expected) => expect(next(given, after)).toBe(expected));

test.each([
  [{}, 'at least one'],
  [{ year: '2026' }, 'has no year'],
  [{ hour: '24' }, 'from 0 to 23'],
  [{ minute: '' }, 'minute is'],
  [{ minute: '*/5' }, 'minute is'],
  [{ minute: 5 }, 'minute is'],
  [{ hour: '[9-3]' }, 'from 0 to 23'],
  [{ dayOfWeek: '0' }, 'from 1 to 7'],
  [{ constructor: '1' }, 'has no constructor'],
  [{ minute: `0${',1'.repeat(100)}` }, 'minute is'],
])('%j is refused', (given, words) => expect(() => parseSchedule(given)).toThrow(words));
