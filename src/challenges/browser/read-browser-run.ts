/**
 * A conversation with a page, recomputed: every question is made again from its nonce, every number from the question. What this says is that some browser computed these programs;
 * which one, and on which phone, it does not say.
 */

import { chooseMix, type MixProgram } from '../native/mix.ts';
import { spread } from '../native/random.ts';
import { bySize, type Estimate, slopeOf } from '../timing/estimate.ts';
import { recomputeMix } from '../wasm/index.ts';
import { chooseIntegers, foldCells, recomputeIntegers } from './integer-program.ts';
import { type BrowserSlot, seedOf, writeBrowserQuestion } from './questions.ts';

/** One question and its answer, as the transcript has them. */
interface BrowserExchange {
  readonly nonce: Uint8Array;
  readonly question: string;
  readonly answer: string;
  readonly sentNs: number;
  readonly receivedNs: number;
}

export const BROWSER_ENGINES = ['WebAssembly', 'WebGL 2', 'WebGPU'] as const;
export type BrowserEngine = (typeof BROWSER_ENGINES)[number];

/** What one engine of the browser answered. */
export interface EngineReading {
  readonly engine: BrowserEngine;
  readonly asked: number;
  readonly right: number;
  readonly wrong: number;
  /** Why others gave no number, each once, in the page's words. */
  readonly refusals: readonly string[];
}

export interface BrowserReading {
  readonly engines: readonly EngineReading[];
  /** Nanoseconds a step of the WebAssembly program over tables of this size, where every answer was right. By the host's clock; recorded, never judged. */
  readonly steps: readonly { readonly bytes: number; readonly ns: Estimate }[];
}

/** Work that a transcript may ask of whoever recomputes it: twice that of our plan. */
const [STEPS_MAX, WORDS_MAX, CELL_STEPS_MAX] = [120_000_000, 1 << 22, 64_000_000];
const REFUSALS_MAX = 5;

interface Load {
  readonly words: number;
  readonly program: MixProgram;
}

interface WasmAnswer {
  readonly load: Load;
  readonly steps: number;
  readonly seed: number;
  readonly value: number | string;
  /** Undefined of a warm-up. */
  readonly ns: number | undefined;
}

/** Recomputes a conversation. The problem names what makes the transcript none of ours. */
export function readBrowserRun(exchanges: readonly BrowserExchange[]): { readonly reading: BrowserReading } | { readonly problem: string } {
  const loads = new Map<number, Load>();
  const wasm: WasmAnswer[] = [];
  const drawn: { readonly engine: BrowserEngine; readonly isRight: boolean | string }[] = [];
  let [steps, cellSteps] = [0, 0];
  for (const [place, { nonce, question, answer, sentNs, receivedNs }] of exchanges.entries()) {
    const slot = slotOf(question);
    if (slot === undefined || writeBrowserQuestion(slot, nonce) !== question)
      return { problem: `question ${place + 1} is not the one that its nonce makes` };
    if (receivedNs < sentNs) return { problem: `answer ${place + 1} came before its question` };
    if (slot.ask === 'wasm-load' || slot.ask === 'wasm-run') {
      steps += slot.steps;
      if (slot.ask === 'wasm-load') loads.set(place, { words: slot.words, program: chooseMix(spread(nonce)) });
      const load = loads.get(slot.ask === 'wasm-load' ? place : slot.load);
      if (load === undefined) return { problem: `question ${place + 1} runs a program that was never loaded` };
      const ns = slot.ask === 'wasm-run' ? receivedNs - sentNs : undefined;
      wasm.push({ load, steps: slot.steps, seed: seedOf(nonce), value: numberIn(answer, 'value'), ns });
    } else if (slot.ask === 'webgl' || slot.ask === 'webgpu') {
      cellSteps += slot.cells * slot.steps;
      if (cellSteps > CELL_STEPS_MAX) return { problem: 'it asks for more work than any plan of ours' };
      const value = numberIn(answer, 'fold');
      const truth = () => foldCells(recomputeIntegers(chooseIntegers(spread(nonce)), { ...slot, seed: seedOf(nonce) }));
      drawn.push({
        engine: slot.ask === 'webgl' ? 'WebGL 2' : 'WebGPU',
        isRight: typeof value === 'string' ? value : value === truth(),
      });
    }
    if (steps > STEPS_MAX) return { problem: 'it asks for more work than any plan of ours' };
  }
  const computed = recomputed(wasm);
  const answers = [...computed.map(({ isRight }) => ({ engine: 'WebAssembly' as const, isRight })), ...drawn];
  const engines = BROWSER_ENGINES.flatMap((engine): EngineReading[] => {
    const own = answers.filter((one) => one.engine === engine).map(({ isRight }) => isRight);
    if (own.length === 0) return [];
    const refusals = [...new Set(own.filter((one) => typeof one === 'string'))].slice(0, REFUSALS_MAX);
    return [
      {
        engine,
        asked: own.length,
        right: own.filter((one) => one === true).length,
        wrong: own.filter((one) => one === false).length,
        refusals,
      },
    ];
  });
  return { reading: { engines, steps: computed.every(({ isRight }) => isRight === true) ? slopesOf(wasm, exchanges) : [] } };
}

/** Whether each answer is the program's, in lanes: runs of one program and size side by side. */
function recomputed(wasm: readonly WasmAnswer[]): readonly { readonly isRight: boolean | string }[] {
  const truths = new Map<WasmAnswer, number>();
  for (const [load, own] of Map.groupBy(wasm, (one) => one.load)) {
    const asked = own.filter(({ value }) => typeof value === 'number');
    const values = recomputeMix(
      load.program,
      asked.map(({ steps, seed }) => ({ words: load.words, steps, seed })),
    );
    for (const [at, one] of asked.entries()) truths.set(one, values[at] ?? -1);
  }
  return wasm.map((one) => ({ isRight: typeof one.value === 'string' ? one.value : one.value === truths.get(one) }));
}

/** One slope for each size of table. */
function slopesOf(wasm: readonly WasmAnswer[], [first]: readonly BrowserExchange[]): BrowserReading['steps'] {
  if (first === undefined) return [];
  // What the bootstrap draws follows from the transcript, so that whoever reads it gets the same interval.
  const next = spread(first.nonce);
  return [...Map.groupBy(wasm, ({ load }) => load.words)]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([words, own]) => {
      const ns = slopeOf(bySize(own.flatMap(({ steps, ns: time }) => (time === undefined ? [] : [{ size: steps, ns: time }]))), next);
      return ns === undefined ? [] : [{ bytes: words * 4, ns }];
    });
}

/** The number under a name in an answer, or why there is none. */
function numberIn(answer: string, name: string): number | string {
  const said = parsed(answer);
  const value = said?.[name];
  if (typeof value === 'number') return value;
  return typeof said?.['refused'] === 'string' ? said['refused'].slice(0, 400) : 'the answer is none that our page gives';
}

const WHOLE = ['words', 'steps', 'load', 'cells'] as const;

/** The slot that a question names; its numbers are whole and bounded, and its text is compared as a whole by whoever asks. */
function slotOf(question: string): BrowserSlot | undefined {
  const said = parsed(question);
  if (said === undefined) return undefined;
  const [words, steps, load, cells] = WHOLE.map((name) => {
    const value = said[name];
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= STEPS_MAX ? value : undefined;
  });
  const ask = said['ask'];
  switch (ask) {
    case 'browser':
    case 'screen':
    case 'graphics':
    case 'media':
    case 'camera':
    case 'motion':
    case 'touch':
    case 'pattern':
      return { ask };
    case 'wasm-load':
      return words === undefined || steps === undefined || steps < 1 || words < 2 || words > WORDS_MAX || (words & (words - 1)) !== 0
        ? undefined
        : { ask, words, steps };
    case 'wasm-run':
      return load === undefined || steps === undefined || steps < 1 ? undefined : { ask, load, steps };
    case 'webgl':
    case 'webgpu':
      return cells === undefined || steps === undefined || cells > WORDS_MAX ? undefined : { ask, cells, steps };
    default:
      return undefined;
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // What is neither null nor a list has names.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
