import { describe, expect, test } from 'vitest';
import { type PhoneRecord, RecordSchema, recordOf } from './record.ts';

const record: PhoneRecord = recordOf(
  {
    model: 'Pixel 8',
    brand: 'google',
    platform: 'zuma',
    fingerprint: 'build',
    kernel: '6.1',
    circumstances: { governors: ['schedutil'], batteryCelsius: 31.2, load: 2.5 },
  },
  [],
);

describe('a record', () => {
  test('is strict: nothing personal has a place in it, and no figure is NaN or negative', () => {
    expect(RecordSchema.safeParse(record).success).toBe(true);
    expect(RecordSchema.safeParse({ ...record, serial: 'X' }).success).toBe(false);
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      expect(RecordSchema.safeParse({ ...record, figures: { clockHertz: value } }).success).toBe(false);
  });
});
