import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { honestExchanges, SHORT_PLAN } from '../../test/support/browser-transcript.ts';
import { hashOf, toHex } from '../bytes/index.ts';
import { nodeHash } from '../platform/node/index.ts';
import { verifyTranscript } from './transcript.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-transcript-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const transcript = honestExchanges(SHORT_PLAN).map((exchange) => ({ ...exchange, nonce: toHex(exchange.nonce) }));
type Exchange = (typeof transcript)[number];
const changed = (at: number, change: Partial<Exchange>) => transcript.map((one, place) => (place === at ? { ...one, ...change } : one));

/** Writes a transcript, discloses what is written or `disclosed`, and verifies. */
async function verified(exchanges: readonly Exchange[], disclosed?: string) {
  const text = JSON.stringify({
    format: 'assay.browser-challenge/1',
    carrier: 'network',
    origin: 'http://192.0.2.1:41000',
    outcome: 'done',
    note: null,
    opened: 1,
    turnedAway: 0,
    exchanges,
    leaves: [],
  });
  const path = join(folder, 'challenge-browser.json');
  await writeFile(path, text);
  const bytes = new TextEncoder().encode(disclosed ?? text);
  const sha256 = toHex(hashOf(nodeHash, 'sha256', bytes));
  return verifyTranscript(path, {
    disclosed: [{ artefact: 'challenge-browser.json', sha256, bytes: bytes.length, salt: '', index: 0, hashes: [] }],
  });
}

test('an honest transcript of a page is recomputed', async () => {
  expect(await verified(transcript)).toEqual({
    outcome: 'pass',
    because: 'WebAssembly: 3 of 3 answers recomputed; WebGL 2: 1 of 1 answers recomputed; WebGPU: 1 of 1 answers recomputed',
  });
});

test.each([
  ['an answer that was changed', changed(2, { answer: '{"value":1}' }), 'WebAssembly: 1 wrong'],
  ['a drawing that was changed', changed(4, { answer: '{"fold":1}' }), 'WebGL 2: 1 wrong'],
  ['a nonce that was changed', changed(2, { nonce: '11'.repeat(16) }), 'not the one that its nonce makes'],
  ['nothing that was answered', [], ''],
  ['an answer that is none', transcript.map((one) => ({ ...one, answer: '{"refused":"no"}' })), 'WebGPU: no'],
])('%s does not pass', async (_name, exchanges, because) => {
  expect(await verified(exchanges)).toEqual({ outcome: 'fail', because: expect.stringContaining(because) });
});

test('a transcript that the bundle does not disclose does not pass, whatever it says', async () => {
  expect(await verified(transcript, 'something else')).toEqual({
    outcome: 'fail',
    because: expect.stringContaining('no disclosed artefact'),
  });
});

test('a transcript that is no document of its form does not pass', async () => {
  expect(await verified(changed(0, { nonce: 'no hex' }))).toMatchObject({ outcome: 'fail', because: expect.stringContaining('nonce') });
});
