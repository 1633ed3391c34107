import { readBrowserRun } from './read-browser-run.ts';

export const name = 'browser-run';

const NONCE = new Uint8Array(16).fill(7);
const seed = (...texts: readonly string[]) => new TextEncoder().encode(texts.join('\n'));

/** Lines in turn a question and an answer. */
export const seeds: readonly Uint8Array[] = [
  seed('{"ask":"screen"}', '{"width":360}', '{"ask":"wasm-run","load":0,"steps":10,"seed":1}', '{"value":7}'),
  seed('{"ask":"wasm-load","words":64,"steps":10,"seed":1,"module":""}', '{"refused":"no"}'),
  seed('{"ask":"webgl","cells":64,"steps":2,"seed":1,"shader":""}', '{"fold":1}'),
];

/** Recomputes a hostile conversation: an error, a hang or too much memory is a finding; so is a right answer. */
export async function run(bytes: Uint8Array): Promise<void> {
  const lines = new TextDecoder().decode(bytes).split('\n', 400);
  const exchanges = lines.flatMap((question, at) =>
    at % 2 === 0 ? [{ nonce: NONCE, question, answer: lines[at + 1] ?? '', sentNs: 0, receivedNs: 1 }] : [],
  );
  const read = readBrowserRun(exchanges);
  if ('reading' in read && read.reading.engines.some(({ right }) => right > 0)) throw new Error('an answer was right that nobody computed');
}
