import { afterEach, expect, test, vi } from 'vitest';
import { signingTime } from './signing-time.ts';

afterEach(() => vi.useRealTimers());

test.each([0, Date.UTC(2010, 5)])('nothing is signed by a machine that lost its clock: %d', (now) => {
  vi.useFakeTimers({ now });
  expect(signingTime).toThrow(/^the clock of this machine says \d{4}-.*: nothing is signed before 2024, set it first$/);
});

test('the hour is the machine’s', () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 2, 3, 4, 5) });
  expect(signingTime()).toBe('2026-01-02T03:04:05Z');
});
