/**
 * What a page of ours asks of a phone's browser, one question at a time. A question is made of its slot and of a nonce of its own, so that nothing can be computed before it is asked,
 * and anybody can make it again from the transcript.
 */
import { toBase64 } from '../../bytes/index.ts';
import { chooseMix } from '../native/mix.ts';
import { spread } from '../native/random.ts';
import { writeMixModule } from '../wasm/index.ts';
import { chooseIntegers, glslOf, wgslOf } from './integer-program.ts';
import { writeMotionQuestion } from './motion/index.ts';
import { writePattern } from './pattern/layout.ts';

/** A place in the plan. `load` of a run is the place of the question that loaded its program. */
export type BrowserSlot =
  | { readonly ask: 'browser' | 'screen' | 'graphics' | 'media' | 'camera' | 'motion' | 'touch' | 'pattern' }
  | { readonly ask: 'wasm-load'; readonly words: number; readonly steps: number }
  | { readonly ask: 'wasm-run'; readonly load: number; readonly steps: number }
  | { readonly ask: 'webgl' | 'webgpu'; readonly cells: number; readonly steps: number };

/** The width of the square of cells that WebGL draws. */
export const sideOf = (cells: number): number => Math.round(Math.sqrt(cells));

/** Bytes of a question's own nonce. */
export const QUESTION_NONCE = 16;
const TOUCHES = 5;
/** Part of the area, from each edge, where no point to be tapped lies: a finger's width; and below, where a button stands. */
const [EDGE, FOOT] = [0.12, 0.22];

/** The points of a touch question, as parts of the area. */
export function touchPoints(nonce: Uint8Array): readonly (readonly [x: number, y: number])[] {
  const next = spread(nonce);
  const part = (rest: number) => Math.round(1000 * (EDGE + (1 - EDGE - rest) * (next(1001) / 1000))) / 1000;
  return Array.from({ length: TOUCHES }, () => [part(EDGE), part(FOOT)] as const);
}

/** The seed of a run, from its own nonce. */
export const seedOf = (nonce: Uint8Array): number => spread(nonce)(2 ** 32);

/** The question as it is sent: JSON, the same bytes for the same slot and nonce. */
export function writeBrowserQuestion(slot: BrowserSlot, nonce: Uint8Array): string {
  switch (slot.ask) {
    case 'wasm-load': {
      const { words, steps } = slot;
      const module = writeMixModule(chooseMix(spread(nonce)), { words, lanes: 1 });
      return JSON.stringify({ ask: slot.ask, words, steps, seed: seedOf(nonce), module: toBase64(module) });
    }
    case 'wasm-run':
      return JSON.stringify({ ask: slot.ask, load: slot.load, steps: slot.steps, seed: seedOf(nonce) });
    case 'webgl':
    case 'webgpu': {
      const { ask, cells, steps } = slot;
      const program = chooseIntegers(spread(nonce));
      return JSON.stringify({ ask, cells, steps, seed: seedOf(nonce), shader: ask === 'webgl' ? glslOf(program) : wgslOf(program) });
    }
    case 'touch':
      return JSON.stringify({ ask: slot.ask, points: touchPoints(nonce) });
    case 'motion':
      return writeMotionQuestion(nonce);
    case 'pattern':
      return JSON.stringify({ ask: slot.ask, ...writePattern(nonce) });
    case 'browser':
    case 'screen':
    case 'graphics':
    case 'media':
    case 'camera':
      return JSON.stringify({ ask: slot.ask });
  }
}

const [KIB, MIB] = [1 << 10, 1 << 20];
/** A program runs this often before it is timed: by then the engine's better compiler has taken over. */
const WARM_STEPS = 400_000;
/**
 * Bytes of the table and steps of the smaller of two lengths: rounds of 25 ms and more, since over a network and a browser's clock shorter ones say nothing (hardware-challenges, section 7).
 * The host recomputes all of it in some two seconds.
 */
const WASM_ROUNDS = [
  { bytes: 16 * KIB, steps: 6_000_000 },
  { bytes: MIB, steps: 1_500_000 },
  { bytes: 16 * MIB, steps: 500_000 },
] as const;
const REPEATS = 3;
const CELLS = 128 * 128;
const SHADER_STEPS = [64, 128, 64, 128] as const;

/** What is asked, in order; `next` shuffles the rounds, so that no drift falls on one length alone. Last comes what needs somebody at the phone. */
export function planBrowser(next: (limit: number) => number): readonly BrowserSlot[] {
  const slots: BrowserSlot[] = [{ ask: 'browser' }, { ask: 'screen' }, { ask: 'graphics' }, { ask: 'media' }];
  for (const { bytes, steps } of WASM_ROUNDS) {
    const load = slots.length;
    slots.push({ ask: 'wasm-load', words: bytes / 4, steps: WARM_STEPS });
    const rounds = Array.from({ length: 2 * REPEATS }, (_, at) => steps * (1 + (at % 2)));
    while (rounds.length > 0) slots.push({ ask: 'wasm-run', load, steps: rounds.splice(next(rounds.length), 1)[0] ?? steps });
  }
  for (const ask of ['webgl', 'webgpu'] as const) for (const steps of SHADER_STEPS) slots.push({ ask, cells: CELLS, steps });
  return [...slots, { ask: 'touch' }, { ask: 'motion' }, { ask: 'camera' }, { ask: 'pattern' }];
}

const WORK_MS = 60_000;
/** For whoever holds the phone. */
const HAND_MS = 180_000;
const HANDS: ReadonlySet<BrowserSlot['ask']> = new Set(['touch', 'motion', 'camera', 'pattern']);

/** Milliseconds within which a question is answered. */
export const timeOf = ({ ask }: BrowserSlot): number => (HANDS.has(ask) ? HAND_MS : WORK_MS);
