/**
 * Where single pixels of a screen begin to be told in a photograph: simulated panels and cameras (test/support/photographed-panel.ts), no phone.
 * First genuine panels over layouts, distances, angles, blur, noise, light and processing: how many are called fewer pixels (none may be). Then panels of fewer pixels: how many are found.
 */

import { toHex } from '../src/bytes/index.ts';
import { readPattern } from '../src/challenges/browser/pattern/index.ts';
import { browserPattern } from '../src/checks/silicon/browser/pattern.ts';
import { fact, outcomeOf } from '../test/support/check-facts.ts';
import { type Camera, drawPattern, type Panel, photograph } from '../test/support/photographed-panel.ts';

const nonceOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, at) => (Math.imul(seed * 131 + at, 0x9e3779b1) >>> 11) & 255);

type Verdict = 'pass' | 'fail' | 'not-checked';

/** What the check says of a photograph that was taken so. */
function verdictOf(panel: Panel, camera: Camera, seed: number): Verdict {
  const nonce = nonceOf(seed);
  const { picture, code } = photograph(drawPattern(nonce), panel, { ...camera, seed });
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

interface Counts {
  pass: number;
  fail: number;
  'not-checked': number;
}
const count = (verdicts: readonly Verdict[]): Counts => {
  const counts: Counts = { pass: 0, fail: 0, 'not-checked': 0 };
  for (const verdict of verdicts) counts[verdict]++;
  return counts;
};
const row = (name: string, { pass, fail, 'not-checked': unclear }: Counts) =>
  console.log(
    `${name.padEnd(44)} shown ${String(pass).padStart(3)}   fewer ${String(fail).padStart(3)}   not examined ${String(unclear).padStart(3)}`,
  );

const LAYOUTS = ['full', 'stripe', 'pentile', 'delta'] as const;
const SCALES = [1.7, 2.2, 3] as const;
/** Of the camera's pixels: a good lens in focus, a phone's, and out of focus. */
const BLURS = [0.5, 1, 1.6] as const;
const CIRCUMSTANCES: readonly (readonly [string, Camera])[] = [
  ['straight, even light', { roll: 0, tilt: 0 }],
  ['askew', { roll: 31, tilt: 12, barrel: 0.01 }],
  ['noise, and a mosaic of colours', { noise: 8, bayer: true }],
  ['sharpened', { sharpen: 1.2, bayer: true }],
  ['overexposed', { exposure: 2.5 }],
  ['dark', { exposure: 0.06, noise: 3 }],
  ['focus that is lost to the right', { blurRight: 3 }],
];
const SHRUNK: readonly (readonly [string, Panel])[] = ([0.5, 2 / 3, 0.75, 0.85] as const).flatMap((part) =>
  (['nearest', 'bilinear', 'area'] as const).map((scaling): readonly [string, Panel] => [
    `${part.toFixed(2)} of the pixels, ${scaling}`,
    { part, scaling, offset: 0.4, layout: 'stripe' },
  ]),
);

export async function run(): Promise<void> {
  let seed = 1;
  console.log('genuine panels:');
  for (const [name, camera] of CIRCUMSTANCES)
    row(
      `  ${name}`,
      count(
        LAYOUTS.flatMap((layout) =>
          SCALES.flatMap((scale) => BLURS.map((blur) => verdictOf({ layout }, { ...camera, scale, blur }, seed++))),
        ),
      ),
    );
  row(
    '  panels larger than what is drawn',
    count([1.25, 4 / 3, 1.5].flatMap((part) => BLURS.map((blur) => verdictOf({ part, layout: 'stripe' }, { scale: 2.5, blur }, seed++)))),
  );
  console.log('panels of fewer pixels, by the camera’s pixels for one that is counted and its blur in pixels of its own:');
  for (const [name, panel] of SHRUNK)
    console.log(
      `  ${name.padEnd(30)} ${SCALES.map((scale) => `${scale}: ${BLURS.map((blur) => ({ pass: 'shown', fail: 'found', 'not-checked': '–' })[verdictOf(panel, { scale, blur, bayer: true, noise: 4 }, seed++)].padEnd(5)).join(' ')}`).join('  ')}`,
    );
}
