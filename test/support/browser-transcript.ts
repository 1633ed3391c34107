/** What an honest browser answers to a page's questions, by the host's own means. */
import { chooseIntegers, foldCells, recomputeIntegers } from '../../src/challenges/browser/integer-program.ts';
import { type BrowserSlot, seedOf, writeBrowserQuestion } from '../../src/challenges/browser/questions.ts';
import { chooseMix } from '../../src/challenges/native/mix.ts';
import { spread } from '../../src/challenges/native/random.ts';
import { recomputeMix } from '../../src/challenges/wasm/index.ts';

export const browserNonce = (seed: number) =>
  Uint8Array.from({ length: 16 }, (_, index) => (Math.imul(seed * 31 + index, 0x9e3779b1) >>> 13) & 255);

export interface MadeExchange {
  readonly nonce: Uint8Array;
  readonly question: string;
  readonly answer: string;
  readonly sentNs: number;
  readonly receivedNs: number;
}

/** One exchange a slot; a step of WebAssembly takes ten nanoseconds. */
export function honestExchanges(slots: readonly BrowserSlot[]): readonly MadeExchange[] {
  const nonces = slots.map((_, at) => browserNonce(at + 1));
  return slots.map((slot, at): MadeExchange => {
    const nonce = nonces[at] ?? browserNonce(0);
    const exchange = { nonce, question: writeBrowserQuestion(slot, nonce), sentNs: at * 1e9, receivedNs: at * 1e9 + 2e7 };
    if (slot.ask === 'wasm-load' || slot.ask === 'wasm-run') {
      const from = slot.ask === 'wasm-load' ? at : slot.load;
      const load = slots[from];
      const words = load?.ask === 'wasm-load' ? load.words : 2;
      const program = chooseMix(spread(nonces[from] ?? nonce));
      const [value] = recomputeMix(program, [{ words, steps: slot.steps, seed: seedOf(nonce) }]);
      return { ...exchange, receivedNs: exchange.sentNs + slot.steps * 10, answer: JSON.stringify({ value, ms: 1 }) };
    }
    if (slot.ask === 'webgl' || slot.ask === 'webgpu') {
      const fold = foldCells(recomputeIntegers(chooseIntegers(spread(nonce)), { ...slot, seed: seedOf(nonce) }));
      return { ...exchange, answer: JSON.stringify({ fold, ms: 1 }) };
    }
    return { ...exchange, answer: '{}' };
  });
}

/** A short conversation with all three engines. */
export const SHORT_PLAN: readonly BrowserSlot[] = [
  { ask: 'screen' },
  { ask: 'wasm-load', words: 64, steps: 100 },
  { ask: 'wasm-run', load: 1, steps: 1000 },
  { ask: 'wasm-run', load: 1, steps: 2000 },
  { ask: 'webgl', cells: 256, steps: 8 },
  { ask: 'webgpu', cells: 256, steps: 8 },
];
