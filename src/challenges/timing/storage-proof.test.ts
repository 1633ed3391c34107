import { describe, expect, test } from 'vitest';
import type { Operation } from '../native/layout.ts';
import { recomputeFetches, STEP_PAGES } from '../native/memory.ts';
import type { Understood } from '../native/read-run.ts';
import { readSpace, readStorageProof, stepsOf } from './storage-proof.ts';

const GIB = 2 ** 30;
const STEP = STEP_PAGES * 4096;
const [NO_SPACE, IO_ERROR] = [0x100000000 - 28, 0x100000000 - 5];

/** statfs of 64-bit programs: blocks of 4 KiB. */
function spaceOf(total: number, available: number): DataView {
  const view = new DataView(new ArrayBuffer(40));
  for (const [at, value] of [
    [8, 4096],
    [16, total / 4096],
    [32, available / 4096],
  ] as const)
    view.setBigUint64(at, BigInt(value), true);
  return view;
}

let clock = 0;
function said(
  operation: Operation,
  result: number,
  more: {
    readonly a?: number;
    readonly b?: number;
    readonly c?: number;
    readonly seed?: number;
    readonly body?: DataView;
    readonly error?: number;
  } = {},
): Understood {
  const { a = 0, b = 0, c = 0, seed = 0, body, error = 0 } = more;
  const view = new DataView(new ArrayBuffer(16 + (body?.byteLength ?? 0)));
  view.setUint32(8, error, true);
  if (body !== undefined) new Uint8Array(view.buffer).set(new Uint8Array(body.buffer), 16);
  clock += 1e9;
  return { command: { operation, a, b, c, seed, tag: clock }, result, view, sentNs: clock, receivedNs: clock + 256 * 80_000 };
}

const fill = (steps: number) => Array.from({ length: steps }, (_, a) => said('store', 0, { a, b: a * STEP_PAGES, c: STEP_PAGES, seed: 5 }));
const fetched = (steps: number, seed: number, wrong = false) =>
  said('fetch', (recomputeFetches({ count: 256, steps, fillSeed: 5, seed }) ^ (wrong ? 1 : 0)) >>> 0, { a: 256, b: steps, seed });
const opening = [said('hello', 8), said('space', 0, { body: spaceOf(100 * GIB, 50 * GIB) })];
const read = (...more: readonly Understood[]) =>
  readStorageProof({
    target: 'aarch64',
    hwcap: 0,
    hwcap2: 0,
    pageSize: 4096,
    cores: [],
    counter: undefined,
    latticeHertz: undefined,
    understood: [...opening, ...more],
  });

const wrapped = (steps: number, seed: number, wrap: number) =>
  said('fetch', recomputeFetches({ count: 256, steps, fillSeed: 5, seed, wrap }), { a: 256, b: steps, seed });

describe('a store that wraps its addresses', () => {
  test.each([
    [2, 1],
    [7, 3],
    [16, 5],
    [16, 15],
  ])('%i steps on the room of %i: every wrong round is one of its numbers', (steps, wrap) => {
    const proof = read(...fill(steps), ...[1, 2, 3, 4].map((seed) => wrapped(steps, seed, wrap)));
    expect(proof).toMatchObject({ rounds: 4, wrong: 4, wraps: { bytes: wrap * STEP, rounds: 4 } });
  });

  test('room for all is no wrap, and other bytes are none either', () => {
    expect(read(...fill(7), wrapped(7, 1, 7))).toMatchObject({ wrong: 0, wraps: undefined });
    expect(read(...fill(7), fetched(7, 1, true), fetched(7, 2, true))).toMatchObject({ wrong: 2, wraps: undefined });
  });

  test('the first steps, asked for before more is written, are a control: right, wrong, in time or not', () => {
    const [one, two, ...more] = fill(5);
    if (one === undefined || two === undefined) throw new Error('five were made');
    const wraps = wrapped(5, 1, 3);
    expect(read(one, two, fetched(2, 9), ...more, wraps)).toMatchObject({ rounds: 1, wrong: 1, isControlled: true });
    expect(read(one, two, fetched(2, 9, true), ...more, wraps)).toMatchObject({ rounds: 1, wrong: 1, isControlled: false });
    expect(read(one, two, wrapped(2, 9, 1), ...more, wraps)).toMatchObject({ isControlled: false });
    expect(read(one, two, ...more, fetched(2, 9), wraps)).toMatchObject({ isControlled: undefined });
    expect(read(one, two, fetched(2, 9))).toMatchObject({ rounds: 1, wrong: 0, isControlled: undefined });
  });

  test('a round that is wrong otherwise is counted apart', () => {
    expect(read(...fill(7), wrapped(7, 1, 3), fetched(7, 2, true))).toMatchObject({ wrong: 2, wraps: { bytes: 3 * STEP, rounds: 1 } });
  });
});

describe('the proof of storage', () => {
  test('what was reserved, what was filled and came back', () => {
    const proof = read(said('reserve', 0, { b: GIB }), said('release', 0, { b: 1 }), ...fill(2), fetched(2, 1), fetched(2, 2));
    expect(proof).toEqual({
      left: { total: 100 * GIB, available: 50 * GIB },
      reservedBytes: GIB,
      filledBytes: 2 * STEP,
      fullAt: undefined,
      isBroken: false,
      rounds: 2,
      wrong: 0,
      wraps: undefined,
      isControlled: undefined,
      unread: 0,
      pageNs: 80_000,
    });
  });

  test('a page that came back as another', () =>
    expect(read(...fill(2), fetched(2, 1), fetched(2, 2, true))).toMatchObject({ rounds: 2, wrong: 1 }));

  test('no space where there was some, by reserving or by filling', () => {
    expect(read(said('reserve', 0, { b: GIB }), said('reserve', NO_SPACE, { a: 1, b: GIB }))).toMatchObject({ fullAt: GIB });
    expect(read(...fill(1), said('store', NO_SPACE, { a: 1, b: STEP_PAGES, c: STEP_PAGES, seed: 5 }))).toMatchObject({ fullAt: STEP });
  });

  test('a medium that answers with an error; a quota and a file system that reserves nothing are no contradiction', () => {
    expect(read(...fill(1), said('store', IO_ERROR, { a: 1 }))).toMatchObject({ isBroken: true, fullAt: undefined });
    expect(read(...fill(1), said('fetch', 0, { a: 256, b: 1, error: IO_ERROR }))).toMatchObject({
      isBroken: true,
      unread: 1,
      wrong: 0,
      pageNs: undefined,
    });
    for (const errno of [122, 95, 24])
      expect(read(said('reserve', 0x100000000 - errno, { b: GIB }))).toMatchObject({ fullAt: undefined, isBroken: false });
  });

  test('questions that are not those that are asked make no proof: another seed, a step twice, another count', () => {
    const [first] = fill(1);
    if (first === undefined) throw new Error('one was made');
    expect(read(first, first, fetched(2, 1))).toMatchObject({ rounds: 0 });
    expect(read(first, said('store', 0, { a: 1, b: STEP_PAGES, c: STEP_PAGES, seed: 6 }), fetched(2, 1))).toMatchObject({ rounds: 0 });
    expect(read(first, said('fetch', 0, { a: 1, b: 1 }))).toMatchObject({ rounds: 0 });
  });

  test('a phone that does not say what is free, or nonsense, proves nothing', () => {
    expect(
      readStorageProof({
        target: 'arm',
        hwcap: 0,
        hwcap2: 0,
        pageSize: 0,
        cores: [],
        counter: undefined,
        latticeHertz: undefined,
        understood: [],
      }),
    ).toBeUndefined();
    expect(readSpace(spaceOf(GIB, 2 * GIB), 8)).toBeUndefined();
    expect(readSpace(spaceOf(0, 0), 8)).toBeUndefined();
    const huge = spaceOf(GIB, GIB);
    huge.setBigUint64(16, 2n ** 63n, true);
    expect(readSpace(huge, 8)).toBeUndefined();
  });

  test('the margin: a tenth, at least one GiB; the budget; the files of a program', () => {
    expect(stepsOf(4 * GIB, { total: 100 * GIB, available: 50 * GIB })).toBe(64);
    expect(stepsOf(40 * GIB, { total: 100 * GIB, available: 12 * GIB })).toBe(32);
    expect(stepsOf(4 * GIB, { total: 100 * GIB, available: 10 * GIB })).toBe(0);
    expect(stepsOf(4 * GIB, { total: 2 * GIB, available: GIB })).toBe(0);
    expect(stepsOf(1e15, { total: 1000 * GIB, available: 1000 * GIB })).toBe(512);
  });
});
