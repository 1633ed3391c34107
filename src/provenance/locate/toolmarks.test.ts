import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Toolmark } from '../../evidence/index.ts';
import { type MarkedPhone, sharedMarkOf } from './index.ts';

const mark = (digit: string, kind: Toolmark['kind'] = 'file'): Toolmark => ({ kind, sha256: digit.repeat(64) });
const [A, B] = [mark('a'), mark('b')];
const phone = (way: string, toolmarks: readonly Toolmark[], outcome: 'altered' | 'clean' | 'inconclusive' = 'altered'): MarkedPhone => ({
  custodians: way === '?' ? undefined : [...way],
  inspections: [{ outcome, toolmarks }],
});
const becauseOf = (phones: readonly MarkedPhone[]) => sharedMarkOf(phones).leftOut.map(({ because }) => because);

describe('a toolmark counts', () => {
  test('where two phones that one hand may have had carry it', () => {
    expect(sharedMarkOf([phone('ds', [A]), phone('ds', [B, A]), phone('dt', [])])).toEqual({
      used: { mark: A, phones: [0, 1] },
      leftOut: [],
    });
    expect(sharedMarkOf([phone('ds', [A]), phone('dt', [A])]).used?.phones).toEqual([0, 1]);
  });
  test('through a way that is not known whole', () => {
    expect(sharedMarkOf([phone('ds', [A]), phone('?', [A])]).used?.mark).toEqual(A);
    expect(sharedMarkOf([phone('?', [A]), phone('?', [A])]).used?.mark).toEqual(A);
  });
  test('one of several: the one on most phones, whatever the order', () => {
    const phones = [phone('s', [A, B]), phone('s', [A]), phone('s', [A]), phone('s', [B])];
    for (const order of [phones, phones.toReversed()])
      expect(sharedMarkOf(order)).toMatchObject({ used: { mark: A }, leftOut: [{ mark: B }] });
    expect(sharedMarkOf([phone('s', [B, A]), phone('s', [A, B])]).used?.mark).toEqual(A);
  });
});

describe('a toolmark does not count', () => {
  test('on one phone, inspected twice', () => {
    const twice = {
      custodians: ['s'],
      inspections: [{ outcome: 'altered', toolmarks: [A] } as const, { outcome: 'altered', toolmarks: [A] } as const],
    };
    expect(sharedMarkOf([twice])).toEqual({ used: undefined, leftOut: [] });
  });
  test('that a phone carries which was not found altered', () => {
    for (const outcome of ['clean', 'inconclusive'] as const) {
      const phones = [phone('ds', [A]), phone('ds', [A]), phone('dt', [A], outcome)];
      expect(sharedMarkOf(phones).used).toBeUndefined();
      expect(becauseOf(phones)).toEqual(['a phone that was not found altered carries it too']);
    }
  });
  test('whose phones no custodian had in common, besides makers', () => {
    const phones = [phone('ds', [A]), phone('et', [A])];
    expect(sharedMarkOf(phones).used).toBeUndefined();
    expect(becauseOf(phones)).toEqual(['no custodian besides makers had all phones that carry it']);
    expect(sharedMarkOf([phone('', [A]), phone('', [A])]).used).toBeUndefined();
    // Pairwise in common is not enough: three phones, three shops, no hand that had all.
    expect(sharedMarkOf([phone('ab', [A]), phone('bc', [A]), phone('ca', [A])]).used).toBeUndefined();
  });
  test('where a rarer one beside it does', () => {
    const phones = [phone('ds', [A, B]), phone('dt', [A, B]), phone('ex', [A])];
    expect(sharedMarkOf(phones)).toMatchObject({ used: { mark: B, phones: [0, 1] }, leftOut: [{ mark: A }] });
  });
});

test('more phones never make a mark count that a phone not found altered carries', () => {
  const any = fc.record({
    custodians: fc.option(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }), { nil: undefined }),
    inspections: fc.array(fc.record({ outcome: fc.constantFrom('altered' as const, 'clean' as const), toolmarks: fc.subarray([A, B]) }), {
      maxLength: 2,
    }),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), (phones) => {
      const { used, leftOut } = sharedMarkOf([...phones, phone('a', [A], 'clean')]);
      expect(used?.mark).not.toEqual(A);
      expect(leftOut.filter(({ mark: left }) => left === used?.mark)).toEqual([]);
    }),
  );
});
