import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserNonce, honestExchanges, type MadeExchange, SHORT_PLAN } from '../../../test/support/browser-transcript.ts';
import { spread } from '../native/random.ts';
import { chooseIntegers, foldCells, glslOf, recomputeIntegers, wgslOf } from './integer-program.ts';
import { browserPage } from './page/index.ts';
import { planBrowser, sideOf, touchPoints, writeBrowserQuestion } from './questions.ts';
import { readBrowserRun } from './read-browser-run.ts';

const transcript = honestExchanges(SHORT_PLAN);
const withAnswer = (at: number, answer: string) => transcript.map((one, place) => (place === at ? { ...one, answer } : one));
const read = (exchanges: readonly MadeExchange[]) => {
  const result = readBrowserRun(exchanges);
  if ('problem' in result) throw new Error(result.problem);
  return result.reading;
};

describe('programs of whole numbers', () => {
  test('what is recomputed for all cells at once is what one cell computes step by step', () => {
    for (let seed = 1; seed < 20; seed++) {
      const program = chooseIntegers(spread(browserNonce(seed)));
      const all = recomputeIntegers(program, { cells: 50, steps: 7, seed: seed * 0x01234567 });
      const place = seed % 50;
      let x = BigInt((seed * 0x01234567) >>> 0) ^ BigInt.asUintN(32, BigInt(place) * 0x9e3779b1n);
      for (let step = 0; step < 7; step++) {
        for (const { kind, value } of program.operations) {
          const v = BigInt(value);
          if (kind === 'multiply') x *= v;
          else if (kind === 'add') x += v;
          else if (kind === 'xor') x ^= v;
          else if (kind === 'add-place') x += BigInt(place) * v;
          else if (kind === 'rotate') x = (x << v) | (x >> (32n - v));
          else x ^= x >> v;
          x = BigInt.asUintN(32, x);
        }
      }
      expect(all[place]).toBe(Number(x));
    }
  });

  test('both shaders hold the operations that the nonce chose, and no other nonce’s', () => {
    const [one, other] = [chooseIntegers(spread(browserNonce(1))), chooseIntegers(spread(browserNonce(2)))];
    for (const { value } of one.operations) {
      expect(glslOf(one)).toContain(`${value}u`);
      expect(wgslOf(one)).toContain(`${value}u`);
    }
    expect(glslOf(one)).not.toBe(glslOf(other));
  });

  test('one changed cell changes the fold', () => {
    fc.assert(
      fc.property(fc.uint32Array({ minLength: 1, maxLength: 40 }), fc.nat(), fc.integer({ min: 1, max: 2 ** 31 }), (cells, at, by) => {
        const changed = Uint32Array.from(cells);
        changed[at % cells.length] = (changed[at % cells.length] ?? 0) ^ by;
        expect(foldCells(changed)).not.toBe(foldCells(cells));
      }),
    );
  });
});

describe('questions', () => {
  test('the plan asks everything, runs follow their load, and what needs a hand comes last', () => {
    const plan = planBrowser(() => 0);
    expect(new Set(plan.map(({ ask }) => ask)).size).toBe(12);
    for (const slot of plan) if (slot.ask === 'wasm-run') expect(plan[slot.load]?.ask).toBe('wasm-load');
    expect(plan.slice(-4).map(({ ask }) => ask)).toEqual(['touch', 'motion', 'camera', 'pattern']);
    for (const slot of plan) if ('cells' in slot) expect([sideOf(slot.cells) ** 2, slot.cells % 64]).toEqual([slot.cells, 0]);
  });

  test('a question is the same for the same nonce, and another for another', () => {
    for (const slot of planBrowser(() => 0)) {
      expect(writeBrowserQuestion(slot, browserNonce(1))).toBe(writeBrowserQuestion(slot, browserNonce(1)));
      if ('steps' in slot) expect(writeBrowserQuestion(slot, browserNonce(1))).not.toBe(writeBrowserQuestion(slot, browserNonce(2)));
    }
  });

  test('dots lie where a finger reaches them and no button stands', () => {
    for (let seed = 0; seed < 200; seed++)
      for (const [x, y] of touchPoints(browserNonce(seed))) {
        expect(x).toBeGreaterThanOrEqual(0.12);
        expect(x).toBeLessThanOrEqual(0.88);
        expect(y).toBeGreaterThanOrEqual(0.12);
        expect(y).toBeLessThanOrEqual(0.78);
      }
  });
});

describe('a transcript, recomputed', () => {
  test('honest answers are right, and their times give a slope', () => {
    const { engines, steps } = read(transcript);
    expect(engines).toEqual([
      { engine: 'WebAssembly', asked: 3, right: 3, wrong: 0, refusals: [] },
      { engine: 'WebGL 2', asked: 1, right: 1, wrong: 0, refusals: [] },
      { engine: 'WebGPU', asked: 1, right: 1, wrong: 0, refusals: [] },
    ]);
    expect(steps).toMatchObject([{ bytes: 256, ns: { value: expect.closeTo(10) } }]);
  });

  test.each([
    ['a made-up number', '{"value":1}', { right: 2, wrong: 1 }],
    ['a number that is none', '{"value":null}', { right: 2, wrong: 0, refusals: ['the answer is none that our page gives'] }],
    ['a text of digits', '{"value":"1"}', { right: 2, wrong: 0 }],
    ['a list', '[1]', { right: 2, wrong: 0 }],
    ['no JSON', 'value', { right: 2, wrong: 0 }],
    ['a negative number of the same bits', '{"value":-1}', { right: 2, wrong: 1 }],
    ['a refusal', '{"refused":"no"}', { right: 2, wrong: 0, refusals: ['no'] }],
  ])('%s is not right, and nothing is timed', (_name, answer, expected) => {
    const { engines, steps } = read(withAnswer(2, answer));
    expect(engines[0]).toMatchObject(expected);
    expect(steps).toEqual([]);
  });

  test.each([
    ['another nonce’s question', transcript.map((one, at) => (at === 2 ? { ...one, nonce: browserNonce(99) } : one)), 'question 3'],
    [
      'a question with a seed that is not its nonce’s',
      transcript.map((one, at) => (at === 2 ? { ...one, question: one.question.replace(/"seed":\d+/, '"seed":1') } : one)),
      'question 3',
    ],
    ['a question of nobody’s', transcript.map((one, at) => (at === 0 ? { ...one, question: '{"ask":"constructor"}' } : one)), 'question 1'],
    ['an answer before its question', transcript.map((one, at) => (at === 4 ? { ...one, receivedNs: one.sentNs - 1 } : one)), 'answer 5'],
    ['a run without its load', transcript.filter((_, at) => at !== 1), 'never loaded'],
    [
      'more work than anybody asks',
      honestExchanges([{ ask: 'wasm-load', words: 4, steps: 10 }])
        .map((one) => ({ ...one, question: writeBrowserQuestion({ ask: 'wasm-load', words: 4, steps: 120_000_000 }, one.nonce) }))
        .flatMap((one) => [one, one]),
      'more work',
    ],
    [
      'a table that is no power of two',
      transcript.map((one, at) => (at === 1 ? { ...one, question: one.question.replace('"words":64', '"words":63') } : one)),
      'question 2',
    ],
  ])('%s: none of ours', (_name, exchanges, problem) => {
    expect(readBrowserRun(exchanges)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('nothing was asked: nothing is right', () => expect(read([])).toEqual({ engines: [], steps: [] }));

  test('no bytes stop the reading', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.string(), fc.json(), fc.constantFrom(...transcript.map(({ question }) => question))), fc.string()), {
          maxLength: 6,
        }),
        (pairs) => {
          const made = pairs.map(([question, answer], at) => ({ nonce: browserNonce(at), question, answer, sentNs: 0, receivedNs: 1 }));
          const read = readBrowserRun(made);
          if ('reading' in read) expect(read.reading.engines.every(({ right }) => right === 0)).toBe(true);
        },
      ),
    );
  });
});

test('the page runs nothing but its own script, isolated, and names no other place', () => {
  const { headers, body } = browserPage('abcdef0123456789');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).not.toContain('unsafe-inline');
  expect([headers['cross-origin-opener-policy'], headers['cross-origin-embedder-policy']]).toEqual(['same-origin', 'require-corp']);
  expect(body.match(/<script/g)).toHaveLength(1);
  expect(body).not.toMatch(/https?:/);
  expect(body).not.toMatch(/localStorage|document\.cookie|indexedDB|deviceId/);
});
