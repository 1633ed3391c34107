/**
 * Where single pixels of a screen begin to be told in a photograph: simulated panels and cameras (test/support/photographed-panel.ts), no phone.
 * First genuine panels over layouts, distances, angles, blur, noise, light and processing: how many are called fewer pixels (none may be). Then panels of fewer pixels: how many are found.
 */

import { toHex } from '../src/bytes/index.ts';
import { readPattern } from '../src/challenges/browser/pattern/index.ts';
import { spread } from '../src/challenges/native/random.ts';
import { browserPattern } from '../src/checks/silicon/browser/pattern.ts';
import { fact, outcomeOf } from '../test/support/check-facts.ts';
import { type Camera, drawPattern, type Panel, photograph } from '../test/support/photographed-panel.ts';

const nonceOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, at) => (Math.imul(seed * 131 + at, 0x9e3779b1) >>> 11) & 255);

type Verdict = 'pass' | 'fail' | 'not-checked';

/** What the check says of a photograph that was taken so. */
function verdictOf(panel: Panel, camera: Camera, seed: number): Verdict {
  const nonce = nonceOf(seed);
  const { picture, code } = photograph(drawPattern(nonce), panel, { corners: 4, ...camera, seed });
  const reading = readPattern(picture, nonce, code);
  const whole = { width: picture.width, height: picture.height, sha256: '0'.repeat(64), nonce: toHex(nonce) };
  const photo =
    'problem' in reading ? { ...whole, problem: reading.problem, patches: [] } : { ...whole, problem: undefined, patches: reading.patches };
  const exchange = { nonce, question: '{"ask":"pattern"}', answer: '{}', sentNs: 0, receivedNs: 1 };
  const said = {
    browser: undefined,
    screen: undefined,
    graphics: undefined,
    media: undefined,
    touch: undefined,
    camera: undefined,
    refusals: [],
  };
  const outcome = outcomeOf(browserPattern, [
    fact('browser-run', { carrier: 'tunnel', outcome: 'done', note: undefined, opened: 1, turnedAway: 0, exchanges: [exchange] }),
    fact('browser-surfaces', { ...said, pattern: { width: 1440, height: 2700, ratio: 3, zoom: 1, shownMs: 1 } }, 'told'),
    fact('screen-photo', photo, 'told'),
  ]);
  return outcome.startsWith('fail') ? 'fail' : outcome === 'pass' ? 'pass' : 'not-checked';
}

const WORDS = { pass: 'shown', fail: 'fewer', 'not-checked': 'not examined' } as const;

function row(name: string, verdicts: readonly Verdict[]): void {
  const counts = (['pass', 'fail', 'not-checked'] as const).map(
    (one) => `${WORDS[one]} ${verdicts.filter((verdict) => verdict === one).length}`,
  );
  console.log(`${name.padEnd(40)} ${counts.join(', ')}`);
}

const LAYOUTS = ['full', 'stripe', 'pentile', 'delta'] as const;
/** Photographs of each circumstance. */
const EACH = Number(process.env['ASSAY_PHOTOGRAPHS'] ?? 6);
const CIRCUMSTANCES: readonly (readonly [string, Camera])[] = [
  ['straight', { roll: 0, tilt: 0 }],
  ['askew, through a lens that bends', { tilt: 12, barrel: 0.01 }],
  ['noise, and a mosaic of colours', { noise: 8, bayer: true }],
  ['sharpened', { sharpen: 1.2, bayer: true }],
  ['overexposed', { exposure: 2.5 }],
  ['dark', { exposure: 0.06, noise: 3 }],
  ['focus that is lost to one side', { blurRight: 3 }],
  ['a digital zoom of 3', { zoom: { times: 3, by: 'nearest' } }],
  ['a digital zoom of 4, smooth', { zoom: { times: 4, by: 'bilinear' } }],
];
/** The camera's pixels for one that is counted, and blur in pixels of the camera: a good lens in focus, a phone's, and one that is nearly out of focus. */
const QUALITIES = [
  [2.1, 0.6],
  [3, 1.2],
  [3, 1.7],
] as const;

export async function run(): Promise<void> {
  // The same photographs every time.
  const next = spread(new Uint8Array(16).fill(5));
  const between = (least: number, most: number) => least + ((most - least) * next(1000)) / 1000;
  let seed = 1;
  console.log(
    `genuine panels of four layouts, 1.6 to 3.2 pixels of the camera for one of the panel, blur of 0.4 to 1.8 of them, turned by 0 to 45°; ${EACH} each:`,
  );
  for (const [name, camera] of CIRCUMSTANCES)
    row(
      `  ${name}`,
      Array.from({ length: EACH }, () => {
        const scale = between(1.6, 3.2) / (camera.zoom === undefined ? 1 : 2.5);
        return verdictOf(
          { layout: LAYOUTS[next(4)] ?? 'full' },
          { roll: between(0, 45), scale, blur: between(0.4, 1.8), ...camera },
          seed++,
        );
      }),
    );
  row(
    '  panels of more pixels than are drawn',
    Array.from({ length: EACH }, () =>
      verdictOf({ part: between(1.2, 1.6), layout: 'stripe' }, { scale: 2.5, blur: between(0.4, 1.2) }, seed++),
    ),
  );
  console.log(
    `panels of fewer pixels, by ${QUALITIES.map(([scale, blur]) => `${scale}/${blur}`).join(', ')} (the camera’s pixels for one that is counted / blur in its own):`,
  );
  for (const part of [0.5, 0.6, 2 / 3, 0.75, 0.85])
    for (const scaling of ['nearest', 'bilinear'] as const) {
      const found = QUALITIES.map(([scale, blur]) =>
        verdictOf({ part, scaling, offset: 0.4, layout: 'stripe' }, { scale, blur, bayer: true, noise: 4 }, seed++),
      );
      console.log(
        `  ${`${part.toFixed(2)} of the pixels, ${scaling}`.padEnd(30)} ${found.map((verdict) => WORDS[verdict].padEnd(13)).join(' ')}`,
      );
    }
}
