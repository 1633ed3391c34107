/** `challenge.json`: the programs that were run, and every question and answer with the host's times. Nothing in it is judged here: checks recompute it. */
import * as z from 'zod/mini';
import { parseHex } from '../../bytes/index.ts';
import { type ArtefactReader, makeFact, wholeOf } from '../reader.ts';
import type { ChallengeRun } from '../values/index.ts';
import { parseDocument } from './json.ts';

const EXCHANGES_MAX = 5000;
const ANSWER_MAX = 32_768;
const time = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
const hex = (most: number) => z.string().check(z.regex(/^([0-9a-f]{2})*$/), z.maxLength(most));

export const ChallengeSchema = z.strictObject({
  format: z.literal('assay.challenge/1'),
  /** Governor, temperatures and load before, as the phone says them. */
  circumstances: z.string().check(z.maxLength(16_384)),
  runs: z
    .array(
      z.strictObject({
        target: z.enum(['aarch64', 'arm']),
        kind: z.enum(['dynamic', 'fixed']),
        nonce: hex(128).check(z.minLength(32)),
        program: hex(65_536),
        outcome: z.enum(['done', 'refused', 'no space', 'ended', 'timed out', 'flooded', 'garbled', 'disconnected', 'stopped']),
        /** What the phone said instead, or why the conversation ended. */
        note: z.nullable(z.string().check(z.maxLength(2000))),
        exchanges: z
          .array(
            z.strictObject({
              question: z.string().check(z.maxLength(64)),
              answer: z.string().check(z.maxLength(ANSWER_MAX)),
              sentNs: time,
              receivedNs: time,
            }),
          )
          .check(z.maxLength(EXCHANGES_MAX)),
      }),
    )
    .check(z.maxLength(16)),
});
export type ChallengeDocument = z.infer<typeof ChallengeSchema>;

export const challengeReader: ArtefactReader = {
  kinds: ['challenge'],
  read(artefact) {
    const place = wholeOf(artefact);
    const document = parseDocument(artefact, ChallengeSchema);
    const runs = document.runs.map(
      ({ target, kind, nonce, program, outcome, exchanges }): ChallengeRun => ({
        target,
        kind,
        // The schema checked the digits.
        nonce: parseHex(nonce) ?? new Uint8Array(0),
        program: parseHex(program) ?? new Uint8Array(0),
        outcome,
        exchanges,
        circumstances: document.circumstances,
        place,
      }),
    );
    // Measured: our program's words and our clock's times; a recording's are lowered when facts are gathered.
    return { facts: [makeFact('challenges', runs, { standing: 'measured', place })], unread: [] };
  },
};
