import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserNonce } from '../../../../test/support/browser-transcript.ts';
import { motionExchange } from '../../../../test/support/motion-exchange.ts';
import { type MotionAnswer, type MovedPhone, movedPhone } from '../../../forge/index.ts';
import { readMotion } from './index.ts';
import { isTurn, motionSteps, POSES, writeMotionQuestion } from './steps.ts';

const nonce = browserNonce(7);
const asked = (answer: unknown, of = nonce) => readMotion([motionExchange(of, answer)]);
const moved = (phone: MovedPhone = {}, of = nonce) => {
  const read = asked(movedPhone(of, phone), of);
  if (read === undefined || 'refused' in read) throw new Error(read?.refused ?? 'nothing was asked');
  return { ...read, reached: read.steps.filter(({ isReached }) => isReached).length };
};

describe('what a nonce asks for', () => {
  test('five steps, no position twice or after its opposite, a turn right after lying on the back', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const steps = motionSteps(browserNonce(seed));
      seen.add(steps.join());
      expect(new Set(steps).size).toBe(5);
      expect(steps.filter((step) => !isTurn(step)).every((step) => Object.hasOwn(POSES, step))).toBe(true);
      expect(isTurn(steps[steps.indexOf('face up') + 1] ?? 'upright')).toBe(true);
      const poses = steps.flatMap((step) => (isTurn(step) ? [] : [POSES[step]]));
      for (const [at, [x, y, z]] of poses.entries()) expect(poses[at + 1]).not.toEqual([0 - x, 0 - y, 0 - z]);
    }
    expect(seen.size).toBeGreaterThan(100);
  });
});

describe('a phone that is moved as asked', () => {
  test('whatever the nonce: each step is reached, gravity is there, the gyroscope agrees', () => {
    for (let seed = 0; seed < 60; seed++)
      expect(moved({}, browserNonce(seed))).toMatchObject({
        reached: 5,
        compared: 3,
        agreeing: 3,
        isLive: true,
        gravity: expect.closeTo(9.81, 1),
      });
  });

  test.each<[string, MovedPhone]>([
    ['axes as the standard named them before 2019', { stated: ([x, y, z]) => [z, x, y] }],
    ['radians', { stated: ([x, y, z]) => [(x * Math.PI) / 180, (y * Math.PI) / 180, (z * Math.PI) / 180] }],
    ['accelerations with all signs turned', { sign: -1 }],
    ['a gyroscope that is a tenth too fast', { stated: ([x, y, z]) => [x * 1.1, y * 1.1, z * 1.1] }],
    ['a gyroscope that drifts', { stated: ([x, y, z]) => [x + 2, y - 2, z + 2] }],
    ['gravity of a cheap sensor', { gravity: 9.3 }],
  ])('%s: no contradiction', (_name, phone) => expect(moved(phone)).toMatchObject({ reached: 5, compared: 3, agreeing: 3 }));

  test('without a gyroscope: the turn is seen by the orientation, and nothing is compared', () =>
    expect(moved({ stated: null })).toMatchObject({ reached: 5, hasRotation: false, compared: 0 }));

  test('without either, the turn is not seen', () => expect(moved({ stated: null, orientations: false })).toMatchObject({ reached: 4 }));
});

describe('what contradicts itself, or was not done', () => {
  test.each<[string, MovedPhone, object]>([
    [
      'a gyroscope that is made up',
      { stated: () => [40, -25, 10] },
      { agreeing: expect.toSatisfy((count: number) => count < 2), compared: 3 },
    ],
    ['a gyroscope that always rests', { stated: () => [0, 0, 0] }, { agreeing: 0, compared: 3, reached: 4 }],
    ['a gyroscope of the other sign', { stated: ([x, y, z]) => [-x, -y, -z] }, { agreeing: 0, compared: 3 }],
    ['no gravity', { gravity: 0.2 }, { reached: 0, compared: 0, gravity: expect.closeTo(0.2, 1) }],
    ['no accelerometer', { accelerometer: false }, { hasAcceleration: false, hasRotation: true, reached: 0, gravity: undefined }],
    ['the movements of another nonce', { nonce: browserNonce(8) }, { reached: expect.toSatisfy((count: number) => count < 3) }],
  ])('%s', (_name, phone, expected) => expect(moved(phone)).toMatchObject(expected));

  test('a phone that lies still', () => {
    const answer = movedPhone(nonce);
    const still = answer.samples.map(([ms]) => [ms, 0, 0, 9810, 0, 0, 0]);
    const read = asked({ ...answer, samples: still });
    expect(read).toMatchObject({ isLive: false });
  });

  test('a position that was reached after its window', () => {
    const answer = movedPhone(nonce);
    const late = (ms: number) => (ms > 0 ? ms + 9000 : ms);
    const samples = answer.samples.map(([ms, ...rest]) => [late(ms), ...rest]);
    const read = asked({ ...answer, samples, starts: answer.starts.map(late) });
    expect(read).toMatchObject({ steps: [{ isReached: false }, {}, {}, {}, {}] });
  });
});

const changed = (change: (answer: MotionAnswer) => unknown) => change(movedPhone(nonce));
const withRow = (at: number, row: (before: readonly unknown[]) => unknown) =>
  changed((answer) => ({ ...answer, samples: answer.samples.map((one, place) => (place === at ? row(one) : one)) }));

describe('answers that are not judged, each by name', () => {
  test.each<[string, unknown, string]>([
    ['samples of an earlier nonce', movedPhone(browserNonce(3)), 'samples of another question'],
    ['samples out of order', withRow(5, ([, ...rest]) => [100, ...rest]), 'sample 6 is earlier than the one before it'],
    ['a negative time', withRow(0, ([, ...rest]) => [-1, ...rest]), 'sample 1 has a negative time'],
    ['a text', withRow(3, ([ms, , ...rest]) => [ms, 'NaN', ...rest]), 'sample 4 holds what is no number'],
    ['no time', withRow(3, ([, ...rest]) => [null, ...rest]), 'sample 4 has no time'],
    ['a row too short', withRow(3, () => [1]), 'sample 4 is not 7 numbers'],
    ['a row that is none', withRow(3, () => null), 'sample 4 is not 7 numbers'],
    ['a push of a thousand g', withRow(3, ([ms, , ...rest]) => [ms, 1e7, ...rest]), 'sample 4: an acceleration beyond'],
    ['a rotation that nothing has', withRow(3, (row) => [...row.slice(0, 6), -1e9]), 'sample 4: a rotation beyond'],
    ['an angle beyond the circle', changed((answer) => ({ ...answer, orientations: [[0, 99_999, 0, 0]] })), 'orientation 1: an angle'],
    ['samples after the host had the answer', withRow(199, ([, ...rest]) => [90_000, ...rest]), 'is later than its answer'],
    ['a thousand samples and one', { ...movedPhone(nonce), samples: Array(1001).fill([0, 0, 0, 0, 0, 0, 0]) }, '1001 samples'],
    ['a million samples', { ...movedPhone(nonce), samples: Array(1e6).fill(0) }, '1000000 samples'],
    ['a thousand orientations', { ...movedPhone(nonce), orientations: Array(1000).fill([0, 0, 0, 0]) }, '1000 orientations'],
    ['more steps than were asked', { ...movedPhone(nonce), starts: [0, 1, 2, 3, 4, 5] }, 'more steps'],
    ['steps backwards', { ...movedPhone(nonce), starts: [5, 4] }, 'step 2 is earlier'],
    ['a refusal', { refused: 'motion events want a secure page' }, 'motion events want a secure page'],
    ['nothing', null, 'none that our page gives'],
    ['a list', [], 'none that our page gives'],
    ['a number', 7, 'none that our page gives'],
  ])('%s', (_name, answer, because) => expect(asked(answer)).toEqual({ refused: expect.stringContaining(because) }));

  test('NaN and endless numbers, as JSON writes and reads them', () => {
    const text = JSON.stringify(movedPhone(nonce)).replace('"samples":[[50,', '"samples":[[1e999,');
    const exchange = motionExchange(nonce, null);
    expect(readMotion([{ ...exchange, answer: text }])).toEqual({ refused: 'sample 1 holds what is no number' });
    expect(readMotion([{ ...exchange, answer: text.replace('1e999', 'NaN') }])).toEqual({ refused: expect.stringContaining('none that') });
  });

  test('a question that its nonce does not make', () => {
    const exchange = motionExchange(nonce, movedPhone(nonce));
    expect(readMotion([{ ...exchange, question: writeMotionQuestion(browserNonce(1)) }])).toEqual({
      refused: expect.stringContaining('its nonce'),
    });
  });

  test('nothing was asked', () => expect(readMotion([])).toBeUndefined());

  test('no answer stops the reading', () => {
    const cell = fc.oneof(fc.integer({ min: -10, max: 60_000 }), fc.constant(null), fc.double(), fc.string());
    const rows = fc.array(fc.oneof(fc.array(cell, { maxLength: 8 }), fc.tuple(...Array(7).fill(fc.integer({ min: 0, max: 9999 })))), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(fc.nat(60_000), { maxLength: 6 }), rows, rows, (starts, samples, orientations) => {
        const read = asked({ ...movedPhone(nonce), starts, samples, orientations });
        expect(read).toBeDefined();
      }),
    );
  });
});
