import { describe, expect, test } from 'vitest';
import type { ProgramExchange } from '../../bytes/index.ts';
import { type Command, writeCommand } from './layout.ts';
import { planProgram, writeProgram } from './program.ts';
import { readRun, type Transcript } from './read-run.ts';

const nonce = Uint8Array.from({ length: 32 }, (_, index) => index * 11 + 3);
const program = writeProgram(planProgram('arm', nonce), 'dynamic');
const command = (tag: number, operation: Command['operation'] = 'hello'): Command => ({ operation, a: 0, b: 0, c: 0, seed: 0, tag });

/** An answer as the program writes it: the tag, then zeros. */
const answer = (tag: number, size = 24): string => {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, tag, true);
  return `:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')};`;
};
const exchange = (tag: number, changes: Partial<ProgramExchange> = {}): ProgramExchange => ({
  question: writeCommand(command(tag)).trim(),
  answer: answer(tag),
  sentNs: 1000,
  receivedNs: 2000,
  ...changes,
});
const transcript = (exchanges: readonly ProgramExchange[], changes: Partial<Transcript> = {}): Transcript => ({
  target: 'arm',
  kind: 'dynamic',
  nonce,
  program,
  exchanges,
  ...changes,
});
const problem = (of: Transcript): string => {
  const read = readRun(of);
  return 'problem' in read ? read.problem : 'none';
};

describe('transcripts', () => {
  test('a genuine one is read', () => {
    expect(problem(transcript([exchange(1), exchange(2)]))).toBe('none');
    expect(problem(transcript([]))).toBe('none');
  });

  test('a replay: answers that belong to other questions', () => {
    expect(problem(transcript([exchange(1, { answer: answer(2) })]))).toBe('answer 0 belongs to no question');
  });

  test('pre-computed answers: one question asked twice, so that an old answer fits', () => {
    expect(problem(transcript([exchange(1), exchange(1)]))).toBe('question 1 was asked before');
  });

  test('another program than the one that the nonce gives', () => {
    const other = program.slice();
    other[200] = (other[200] ?? 0) ^ 1;
    for (const forged of [other, program.slice(0, -4), new Uint8Array(0)])
      expect(problem(transcript([exchange(1)], { program: forged }))).toBe('the program that was sent is not the one that its nonce gives');
    expect(problem(transcript([exchange(1)], { nonce: nonce.slice(0, 8) }))).toBe('its nonce is too short');
    expect(problem(transcript([exchange(1)], { target: 'aarch64' }))).toMatch(/not the one/);
  });

  test('times that are none: before their question, NaN, infinite', () => {
    for (const times of [{ sentNs: 5, receivedNs: 4 }, { receivedNs: Number.NaN }, { sentNs: Number.NEGATIVE_INFINITY }])
      expect(problem(transcript([exchange(1, times)]))).toBe('answer 0 came before its question');
  });

  test('questions and answers of nobody: another process’s output, cut, too long, empty', () => {
    for (const text of ['', 'Segmentation fault', answer(1).slice(0, -3), answer(1, 4096), ':zz;', answer(1).replaceAll('0', 'A')])
      expect(problem(transcript([exchange(1, { answer: text })]))).toBe('answer 0 belongs to no question');
    for (const text of ['', 'id', 'f'.repeat(48), `${'0'.repeat(47)}g`])
      expect(problem(transcript([exchange(1, { question: text })]))).toBe('question 0 is none of ours');
  });

  test('a counter that goes backwards is a problem of the counter, not a frequency', () => {
    const counter = (tag: number, value: number, at: number): ProgramExchange => {
      const bytes = new Uint8Array(24);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, tag, true);
      view.setUint32(4, 1, true);
      view.setBigUint64(16, BigInt(value), true);
      return {
        question: writeCommand(command(tag, 'counter')).trim(),
        answer: `:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')};`,
        sentNs: at,
        receivedNs: at + 10,
      };
    };
    const read = readRun(transcript([counter(1, 500, 0), counter(2, 100, 1e9)]));
    expect('reading' in read && read.reading.counter).toBe('counter went backwards');
  });
});
