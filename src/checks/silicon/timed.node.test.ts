import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextOf, fact, factsOfAll, outcomeOf, properties } from '../../../test/support/check-facts.ts';
import { nonceOf, QEMU, spawnProgram } from '../../../test/support/spawn-program.ts';
import type { ProgramExchange } from '../../bytes/index.ts';
import { askerOf, askScaling, askSpeed, writeProgram } from '../../challenges/index.ts';
import type { ChallengeRun } from '../../evidence/index.ts';
import { builtinKnowledge, type KnownEnvelope } from '../../knowledge/index.ts';
import { speed } from './timed.ts';

/** A real conversation under an emulator. Its times mean nothing, so the envelopes here are as wide, or as far off, as no real one. */
describe.skipIf(!existsSync(QEMU.aarch64))('times against an envelope (skipped where qemu-user-static is not installed)', () => {
  const nonce = nonceOf(11);
  const exchanges: ProgramExchange[] = [];
  let program: Uint8Array;
  beforeAll(async () => {
    const spawned = spawnProgram('aarch64', nonce);
    program = writeProgram(spawned.program, 'dynamic');
    let state = 7;
    const random = (length: number) =>
      Uint8Array.from({ length }, () => {
        state = Math.imul(state, 1664525) + 1013904223;
        return state >>> 24;
      });
    const asker = askerOf(
      async (question, timeMs) => {
        const exchange = await spawned.ask(question, timeMs);
        exchanges.push(exchange);
        return exchange;
      },
      spawned.program,
      random,
    );
    await asker.ask('isa');
    await askSpeed(asker, 16);
    await askScaling(asker, 16);
    await spawned.close();
  }, 60_000);

  const digests = Array.from({ length: 5 }, (_, index) => `${index}`.repeat(64));
  const known = (min: number, max: number, change: Partial<KnownEnvelope> = {}): KnownEnvelope => ({
    model: 'SM-S901B',
    brand: 'samsung',
    build: null,
    signers: digests,
    records: digests,
    pack: 'units@1',
    figures: Object.fromEntries(
      ['clockHertz', 'scale8.relative', 'ring32KiB.relative', 'ring64KiB.relative'].map((name) => [name, { n: 5, min, median: min, max }]),
    ),
    ...change,
  });
  const own = { 'ro.product.model': 'SM-S901B', 'ro.product.brand': 'samsung', 'ro.build.fingerprint': 'samsung/a' };

  const judged = (
    envelopes: readonly KnownEnvelope[],
    more: { readonly claim?: string; readonly own?: Record<string, string>; readonly run?: Partial<ChallengeRun> } = {},
  ) => {
    const run: ChallengeRun = {
      target: 'aarch64',
      kind: 'dynamic',
      nonce,
      program,
      outcome: 'done',
      exchanges,
      circumstances: '',
      place: { artefact: 'challenge.json', at: 0, length: 1 },
      ...more.run,
    };
    const facts = factsOfAll(fact('challenges', [run], 'measured'), properties(more.own ?? own));
    const context = contextOf(facts, more.claim === undefined ? {} : { model: more.claim });
    return speed.run({ ...context, knowledge: { ...builtinKnowledge, envelopes } });
  };
  const because = (...args: Parameters<typeof judged>) => {
    const outcome = judged(...args);
    return outcome.outcome === 'not-checked' ? outcome.because : outcome.outcome;
  };

  test('inside: what was measured stands beside the pass, which clears nothing', () => {
    expect(judged([known(0, 1e15)])).toMatchObject({
      outcome: 'pass',
      beyond: [
        {
          because: expect.stringMatching(/consistent with the envelope of SM-S901B, all builds \(5 units, units@1\), which times can only/),
        },
      ],
    });
  });

  test('outside in shape and speed: the phone’s own word for its model convicts its software', () => {
    expect(judged([known(0, 0.01)])).toMatchObject({
      outcome: 'fail',
      findings: [
        { axis: 'software', nature: 'modified', standing: 'measured', because: expect.stringContaining('5 genuine units showed') },
      ],
    });
  });

  test.each(['SM-S901B', 'Galaxy S22'])('outside what people claimed (%s): the hardware', (claim) => {
    const outcome = judged([known(0, 0.01)], { claim });
    expect(outcome).toMatchObject({ outcome: 'fail', findings: [{ claimed: expect.stringMatching(/^SM-S901B: /) }] });
    expect(outcome.outcome === 'fail' ? outcome.findings[0].axis : '').toBeUndefined();
  });

  test('the envelope of the very build is taken before that of all', () => {
    expect(judged([known(0, 0.01), known(0, 1e15, { build: 'samsung/a' })]).outcome).toBe('pass');
    expect(judged([known(0, 1e15), known(0, 0.01, { build: 'samsung/b' })]).outcome).toBe('pass');
  });

  test.each([
    ['no envelope', []],
    ['another model’s', [known(0, 0.01, { model: 'SM-S901U' })]],
    ['another maker’s of the same name', [known(0, 0.01, { brand: 'other' })]],
    ['another build’s alone', [known(0, 0.01, { build: 'samsung/b' })]],
  ])('%s: only published facts were compared, and it is said', (_name, envelopes) => {
    expect(because(envelopes)).toMatch(/no envelope of at least five genuine units.*only published facts were compared/);
  });

  test('a marketing name is no code: a variant that the phone does not say it is has another chip', () => {
    expect(because([known(0, 0.01)], { claim: 'Galaxy S22', own: { ...own, 'ro.product.model': 'SM-S901U' } })).toMatch(/no envelope/);
    expect(because([known(0, 0.01)], { claim: 'Pixel 8' })).toMatch(/no envelope/);
  });

  test('too few units', () => expect(because([known(0, 0.01, { signers: digests.slice(1) })])).toMatch(/too few units/));

  test('one nature alone, or clock alone, is said and accuses nobody', () => {
    const { clockHertz, ...shapes } = known(0, 0.01).figures;
    if (clockHertz === undefined) throw new Error('no clock');
    expect(because([known(0, 1, { figures: { clockHertz } })])).toMatch(/a clock of .*; two measurements of different nature/);
    expect(because([known(0, 1, { figures: { 'scale8.relative': shapes['scale8.relative'] ?? clockHertz } })])).toMatch(/two measurements/);
  });

  test.each([
    ['low_power 1', 'battery saver'],
    ['  Thermal Status: 2', 'throttled'],
    ['  temperature: 460', 'hot'],
  ])('%s: not held against it', (circumstances, reason) => {
    expect(because([known(0, 0.01)], { run: { circumstances } })).toContain(reason);
  });

  test('a wrong answer, by the chain or by one worker: nothing was measured', () => {
    for (const operation of ['00000005', '00000009']) {
      const at = exchanges.findLastIndex(({ question }) => question.startsWith(operation));
      // The result of a chain is in the header; of a worker, behind it.
      const digit = operation === '00000005' ? 9 : 34;
      const forged = exchanges.map((one, index) =>
        index === at
          ? { ...one, answer: `${one.answer.slice(0, digit)}${one.answer[digit] === '0' ? '1' : '0'}${one.answer.slice(digit + 1)}` }
          : one,
      );
      expect(because([known(0, 0.01)], { run: { exchanges: forged } })).toMatch(/1 of \d+ answers were wrong/);
    }
  });

  test('no program, and one of which nothing is left', () => {
    expect(outcomeOf(speed, [properties(own)])).toBe('not-checked');
    expect(because([known(0, 0.01)], { run: { exchanges: [] } })).toMatch(/did not run/);
  });
});
