import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextOf, fact, factsOfAll, outcomeOf } from '../../../test/support/check-facts.ts';
import { nonceOf, QEMU, spawnProgram } from '../../../test/support/spawn-program.ts';
import type { ProgramExchange } from '../../bytes/index.ts';
import { askerOf, askStorage, writeProgram } from '../../challenges/index.ts';
import type { ChallengeRun } from '../../evidence/index.ts';
import { storageProof } from './storage-proof.ts';

/** A real conversation under an emulator, and what is left of it when a phone answers otherwise. */
describe.skipIf(!existsSync(QEMU.aarch64))('storage (skipped where qemu-user-static is not installed)', () => {
  const nonce = nonceOf(12);
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
    const ask = async (question: string, timeMs: number) => {
      const exchange = await spawned.ask(question, timeMs);
      exchanges.push(exchange);
      return exchange;
    };
    const asker = askerOf(ask, spawned.program, random);
    await asker.ask('isa');
    await askStorage(asker, { budgetBytes: 64 << 20, claimedBytes: 2 ** 30 }, { monotonicMs: () => performance.now() });
    await spawned.close();
  }, 60_000);

  const judged = (all: readonly ProgramExchange[]) => {
    const run: ChallengeRun = {
      target: 'aarch64',
      kind: 'dynamic',
      nonce,
      program,
      outcome: 'done',
      exchanges: all,
      circumstances: '',
      place: { artefact: 'challenge.json', at: 0, length: 1 },
    };
    return storageProof.run(contextOf(factsOfAll(fact('challenges', [run], 'measured'))));
  };
  /** Answers of one operation with their header changed: the result at digit 8, what else is said at 16. */
  const answering = (operation: string, at: number, word: string) =>
    judged(
      exchanges.map((one) => {
        if (!one.question.startsWith(operation.padStart(8, '0'))) return one;
        return { ...one, answer: `${one.answer.slice(0, 1 + at)}${word}${one.answer.slice(1 + at + word.length)}` };
      }),
    );
  /** Numbers as a little-endian phone writes them. */
  const error = (errno: number) => Buffer.from(new Int32Array([-errno]).buffer).toString('hex');

  test('what was filled and came back is said, and clears nothing', () => {
    expect(judged(exchanges)).toMatchObject({ outcome: 'not-checked', because: expect.stringMatching(/could be reserved; 0\.06 GiB/) });
  });

  test('other bytes than were written', () => {
    expect(answering('11', 8, '00000000')).toMatchObject({
      outcome: 'fail',
      findings: [{ standing: 'measured', observed: expect.stringContaining('rounds of pages came back as something else') }],
    });
  });

  test('no space where its own word has some; a medium that fails', () => {
    expect(answering('f', 8, error(28))).toMatchObject({
      outcome: 'fail',
      findings: [{ observed: 'after 0.00 GiB there was no space left' }],
    });
    expect(answering('10', 8, error(5))).toMatchObject({
      outcome: 'fail',
      findings: [{ observed: expect.stringContaining('answered with an error') }],
    });
    expect(answering('11', 16, error(5)).outcome).toBe('fail');
  });

  test('a quota, pages cut short, and an answer out of memory are no finding', () => {
    expect(answering('f', 8, error(122))).toMatchObject({ outcome: 'not-checked', because: expect.stringContaining('0.00 of') });
    expect(answering('11', 16, '01000000')).toMatchObject({
      outcome: 'not-checked',
      because: expect.stringContaining('not all were read back'),
    });
    const quick = exchanges.map((one) => ({ ...one, receivedNs: one.sentNs + 1000 }));
    expect(judged(quick)).toMatchObject({ outcome: 'not-checked', because: expect.stringContaining('that is memory’s answer') });
  });

  test('a phone that stopped after it was filled, said nothing of its space, or was not asked', () => {
    const [space, fetch] = ['0000000e', '00000011'].map((code) => exchanges.findIndex(({ question }) => question.startsWith(code)));
    expect(judged(exchanges.slice(0, fetch))).toMatchObject({ because: expect.stringContaining('none were read back') });
    expect(judged(exchanges.slice(0, space))).toMatchObject({ because: expect.stringContaining('nothing was written to storage') });
    expect(answering('e', 8, error(38))).toMatchObject({ because: expect.stringContaining('nothing was written to storage') });
    expect(outcomeOf(storageProof, [])).toBe('not-checked');
  });

  test('an answer before its question, or somebody else’s, is none', () => {
    const [first, ...rest] = exchanges;
    if (first === undefined) throw new Error('nothing was asked');
    expect(judged([{ ...first, receivedNs: first.sentNs - 1 }, ...rest]).outcome).toBe('not-checked');
    expect(answering('11', 0, '00000000').outcome).toBe('not-checked');
  });
});
