/**
 * Challenges in a phone's browser. Recomputation: whole numbers of graphics programs, and a transcript of the whole plan, as whoever inspects pays for it; reading a motion answer of the longest kind.
 * Rounds: the whole plan in headless Chromium at a phone's size, with software graphics, over this machine's own loopback; each by the host's clock, from question to answer. The parts that want a hand are skipped.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { chooseIntegers, recomputeIntegers } from '../src/challenges/browser/integer-program.ts';
import { motionSteps, readBrowserRun, readMotion, writeMotionQuestion } from '../src/challenges/index.ts';
import { spread } from '../src/challenges/native/random.ts';
import { factOf, readFacts } from '../src/evidence/index.ts';
import { movedPhone } from '../src/forge/index.ts';
import { acquireLive } from '../src/platform/node/adb/index.ts';
import { CHROMIUM } from '../test/support/phone-browser.ts';

const medianOf = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;

const timesOf = (count: number, work: () => void): readonly number[] =>
  Array.from({ length: count }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });

/** Opens the page, and answers every question that wants no hand. */
async function open(url: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 448, height: 800 }, deviceScaleFactor: 3 });
    await page.goto(url);
    await page.click('#start');
    // Whatever wants a hand is skipped.
    const hand = page.locator('#skip:visible');
    const end = page.locator('#end:not([hidden])');
    while (!(await end.isVisible())) {
      if (await hand.isVisible()) await hand.click();
      await page.waitForTimeout(50);
    }
  } finally {
    await browser.close();
  }
}

export async function run(): Promise<void> {
  const program = chooseIntegers(spread(randomBytes(16)));
  const [cells, steps] = [128 * 128, 128];
  const drawn = medianOf(timesOf(9, () => void recomputeIntegers(program, { cells, steps, seed: 7 })));
  console.log(
    `a graphics program of ${cells} cells, recomputed: ${((cells * steps) / drawn / 1000).toFixed(0)} M steps of a cell a second`,
  );
  const nonce = randomBytes(16);
  const answer = JSON.stringify(movedPhone(nonce));
  const motion = { nonce, question: writeMotionQuestion(nonce), answer, sentNs: 0, receivedNs: 60e9 };
  console.log(
    `a motion answer of ${motionSteps(nonce).length} steps, ${answer.length} bytes, read and judged: ${medianOf(timesOf(50, () => void readMotion([motion]))).toFixed(2)} ms`,
  );
  if (!existsSync(CHROMIUM)) return console.log(`no ${CHROMIUM}: nothing is asked of a browser`);
  let opened: Promise<void> | undefined;
  const capture = await acquireLive({
    address: 'browser:127.0.0.1',
    depth: 'quick',
    onEvent: (event) => {
      if (event.kind === 'page') opened = open(event.url);
    },
  });
  await opened;
  const exchanges = factOf(await readFacts(capture), 'browser-run')?.value.exchanges ?? [];
  const asked = exchanges.map(({ question, answer: text, sentNs, receivedNs }) => ({
    ...(JSON.parse(question) as { readonly ask: string; readonly steps?: number; readonly load?: number }), // our own
    isRefused: text.includes('"refused"'),
    ms: (receivedNs - sentNs) / 1e6,
  }));
  for (const ask of ['wasm-run', 'webgl', 'webgpu']) {
    const rounds = asked.filter((one) => one.ask === ask);
    for (const [of, own] of Map.groupBy(
      rounds,
      ({ load, steps: count }) => `${load === undefined ? '' : `program ${load}, `}${count} steps`,
    )) {
      const times = own.map(({ ms }) => ms);
      const refused = own.filter(({ isRefused }) => isRefused).length;
      console.log(
        `${ask}, ${of}: median ${medianOf(times).toFixed(1)} ms of ${own.length} (${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)})${refused === 0 ? '' : `, ${refused} refused`}`,
      );
    }
  }
  const start = performance.now();
  const read = readBrowserRun(exchanges);
  const seconds = (performance.now() - start) / 1000;
  const right = 'problem' in read ? 0 : read.reading.engines.reduce((sum, one) => sum + one.right, 0);
  const all = asked.reduce((sum, { ask, steps: count = 0 }) => sum + (ask.startsWith('wasm') ? count : 0), 0);
  console.log(
    `the whole transcript, recomputed: ${seconds.toFixed(1)} s, ${right} answers right; ${(all / 1e6).toFixed(0)} M steps of WebAssembly among them`,
  );
}
