/** `challenge-browser.json`: every question that a page of ours was given and every answer, with the host's times. Nothing in it is judged here: checks recompute it. */
import * as z from 'zod/mini';
import { parseHex } from '../../bytes/index.ts';
import { type ArtefactReader, makeFact, wholeOf } from '../reader.ts';
import { readSurfacesOf } from './browser-surfaces.ts';
import { parseDocument } from './json.ts';

const EXCHANGES_MAX = 200;
const time = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
const count = z.int().check(z.gte(0), z.lte(1_000_000));

export const BrowserChallengeSchema = z.strictObject({
  format: z.literal('assay.browser-challenge/1'),
  /** `tunnel`: the page was opened by the phone at the cable; `network`: by whoever had its address. */
  carrier: z.enum(['tunnel', 'network']),
  origin: z.string().check(z.maxLength(300)),
  outcome: z.enum(['done', 'never opened', 'timed out', 'refused', 'flooded', 'disconnected', 'stopped']),
  note: z.nullable(z.string().check(z.maxLength(2000))),
  /** How often the page was fetched, and how many requests were no answer to what was asked. */
  opened: count,
  turnedAway: count,
  exchanges: z
    .array(
      z.strictObject({
        nonce: z.string().check(z.regex(/^([0-9a-f]{2})*$/), z.minLength(32), z.maxLength(64)),
        question: z.string().check(z.maxLength(16_384)),
        answer: z.string().check(z.maxLength(65_536)),
        sentNs: time,
        receivedNs: time,
      }),
    )
    .check(z.maxLength(EXCHANGES_MAX)),
  leaves: z.array(z.string().check(z.maxLength(500))).check(z.maxLength(16)),
});
export type BrowserChallengeDocument = z.infer<typeof BrowserChallengeSchema>;

export const browserChallengeReader: ArtefactReader = {
  kinds: ['challenge-browser'],
  read(artefact) {
    const place = wholeOf(artefact);
    const { carrier, outcome, note, opened, turnedAway, exchanges } = parseDocument(artefact, BrowserChallengeSchema);
    const run = {
      carrier,
      outcome,
      opened,
      turnedAway,
      note: note ?? undefined,
      // The schema checked the digits.
      exchanges: exchanges.map((exchange) => ({ ...exchange, nonce: parseHex(exchange.nonce) ?? new Uint8Array(0) })),
    };
    return {
      facts: [
        // Behaviour through the phone's own system, by our clock: below a program of ours, since the browser may be anybody's.
        makeFact('browser-run', run, { standing: 'shown', place }),
        makeFact('browser-surfaces', readSurfacesOf(exchanges), { standing: 'told', place }),
      ],
      unread: [],
    };
  },
};
