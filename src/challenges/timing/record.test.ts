import { describe, expect, test } from 'vitest';
import { envelopesOf, type PhoneRecord, RecordSchema, recordOf } from './record.ts';

const record = (clock: number, model = 'Pixel 8'): PhoneRecord => ({
  ...recordOf({ model, brand: 'google', platform: 'zuma', fingerprint: `build ${clock > 2e9 ? 'b' : 'a'}`, kernel: '6.1' }, []),
  figures: { clockHertz: clock },
});

describe('envelopes', () => {
  test('five genuine units make one: least, middle, most and how many', () => {
    const { envelopes, tooFew } = envelopesOf([1.9e9, 2.9e9, 2.8e9, 2.85e9, 2.7e9].map((clock) => record(clock)));
    expect(tooFew).toEqual([]);
    expect(envelopes).toEqual([
      {
        format: 'assay.envelope/1',
        model: 'Pixel 8',
        brand: 'google',
        units: 5,
        fingerprints: ['build a', 'build b'],
        figures: { clockHertz: { n: 5, min: 1.9e9, median: 2.8e9, max: 2.9e9 } },
      },
    ]);
  });

  test('four make none, whatever else was recorded, and a figure of four units is none', () => {
    expect(envelopesOf([...[1, 2, 3, 4].map((clock) => record(clock)), ...[1, 2].map((clock) => record(clock, 'Pixel 9'))])).toEqual({
      envelopes: [],
      tooFew: [
        { model: 'Pixel 8', units: 4 },
        { model: 'Pixel 9', units: 2 },
      ],
    });
    const five = [1, 2, 3, 4, 5].map((clock) => record(clock));
    const [first, ...rest] = five;
    if (first === undefined) throw new Error('five were made');
    expect(envelopesOf([{ ...first, figures: {} }, ...rest]).envelopes[0]?.figures).toEqual({});
  });

  test('one record given five times is one unit', () => {
    expect(envelopesOf(Array.from({ length: 5 }, () => record(2e9))).tooFew).toEqual([{ model: 'Pixel 8', units: 1 }]);
  });

  test('a record is strict: nothing personal has a place in it, and no figure is NaN or negative', () => {
    expect(RecordSchema.safeParse(record(1)).success).toBe(true);
    expect(RecordSchema.safeParse({ ...record(1), serial: 'X' }).success).toBe(false);
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      expect(RecordSchema.safeParse({ ...record(1), figures: { clockHertz: value } }).success).toBe(false);
  });
});
