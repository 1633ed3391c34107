/**
 * The browser of a virtual phone, as it answers a page of ours: the phone's own strings, or those that an alteration puts in their place. Its WebAssembly runs in this process, which is what a relay to a
 * faster machine does; it draws nothing, has no camera, and nobody turns it but where its gyroscope is in question.
 */
import { parseHex } from '../../bytes/index.ts';
import { movedPhone } from '../moved-phone.ts';
import type { VirtualPhone } from '../phone.ts';

interface Question {
  readonly ask: string;
  readonly [name: string]: unknown;
}

interface Loaded {
  readonly run: (steps: number) => void;
  readonly memory: WebAssembly.Memory;
  readonly words: number;
}

/** Opens a page of ours and answers all that it asks. */
export async function browse(phone: VirtualPhone, url: string): Promise<void> {
  const answerTo = answerer(phone);
  let said: unknown = null;
  for (let n = -1; ; ) {
    const response = await fetch(`${url}/next`, { method: 'POST', body: JSON.stringify({ n, answer: said }) });
    if (!response.ok) return;
    // The host's own words.
    const next = (await response.json()) as { readonly n: number; readonly question: Question; readonly done?: true };
    if (next.done === true) return;
    said = await answerTo(next.question);
    n = next.n;
  }
}

function answerer(phone: VirtualPhone): (question: Question) => unknown {
  const { browser = {}, display, gpu, properties, silicon } = phone;
  let loaded: Loaded | undefined;
  return (question) => {
    switch (question.ask) {
      case 'browser':
        return {
          userAgent: 'Mozilla/5.0 (Linux; Android 10; K)',
          platform: 'Linux armv81',
          cores: silicon.cores.length,
          memoryGib: browser.memoryGib ?? Math.min(8, 2 ** Math.round(Math.log2(silicon.memoryBytes / 2 ** 30))),
          secure: false,
          isolated: false,
          hints: {
            mobile: true,
            model: properties['ro.product.model'] ?? '',
            platform: 'Android',
            platformVersion: `${phone.release}.0.0`,
            architecture: '',
            bitness: '',
          },
        };
      case 'screen': {
        const [width, height] = browser.screen ?? [display.width, display.height];
        return { width: width / 3, height: height / 3, ratio: 3, depth: 24, touchPoints: 5, orientation: 'portrait-primary' };
      }
      case 'graphics':
        return {
          webgl: { vendor: gpu.vendor, renderer: browser.renderer ?? gpu.renderer, version: 'WebGL 2.0', textureMax: 8192, extensions: 30 },
          webgpu: null,
        };
      case 'motion': {
        const nonce = parseHex(String(question['nonce']));
        return nonce === undefined || browser.hasGyroscope !== false ? { refused: 'whoever held the phone skipped it' } : moved(nonce);
      }
      case 'wasm-load':
        if (browser.computes === undefined) return { refused: 'it computes nothing' };
        loaded = load(question);
        return { value: compute(loaded, question, browser.computes) };
      case 'wasm-run':
        return loaded === undefined || browser.computes === undefined
          ? { refused: 'it computes nothing' }
          : { value: compute(loaded, question, browser.computes) };
      default:
        return { refused: 'not in this browser' };
    }
  };
}

/** A phone without a gyroscope, moved as fast as counts: it takes its time, since the host's clock runs too. */
async function moved(nonce: Uint8Array): Promise<unknown> {
  const answer = movedPhone(nonce, { stated: null, pace: [250, 500] });
  await new Promise((resolve) => setTimeout(resolve, answer.samples.at(-1)?.[0] ?? 0));
  return answer;
}

function load({ module, words }: Question): Loaded {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(String(module), 'base64')));
  // What our own modules export.
  const { run, memory } = exports as { readonly run: Loaded['run']; readonly memory: WebAssembly.Memory };
  return { run, memory, words: Number(words) };
}

/** Runs the program that is loaded; or answers as it was right to answer before: with another seed than the one that is asked for. */
function compute({ run, memory, words }: Loaded, { steps, seed }: Question, how: 'now' | 'before'): number {
  const x = new Uint32Array(memory.buffer, 0, 1);
  const table = new Uint32Array(memory.buffer, 65_536, words);
  const start = how === 'now' ? Number(seed) : 1;
  x[0] = start;
  for (let i = 0; i < words; i++) {
    const word = (Math.imul(i, 0x9e3779b1) + start) | 0;
    table[i] = word ^ (word >>> 15);
  }
  run(Number(steps));
  return x[0] ?? 0;
}
