import type { BrowserSurfaces } from '../../../evidence/index.ts';
import { defineCheck, notChecked, type Outcome } from '../../define.ts';
import { again, answeredIn, refusalOf, SETTLED, whose } from './shared.ts';

type Touch = NonNullable<BrowserSurfaces['touch']>;

/** CSS pixels from a dot's middle within which a finger hits it: half of the dot, and half of a fingertip. */
const HIT = 48;

export const browserTouch = defineCheck({
  id: 'silicon.browser-touch',
  axis: 'hardware',
  title: 'Touch on command',
  what: 'Taps with a finger, each on the dot that was shown, at places and in an order that the nonce chose.',
  why: 'A touch screen that is there tells where it was touched. What poses as a page does not see the dots.',
  benign: ['A touch screen that is broken is no fake: nothing here speaks against a phone.'],
  confirm: 'Tap the dots again; draw lines over the whole screen in an app.',
  // It has nothing to accuse by.
  strength: 'note',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['repair', 'sku'],
  catches: undefined,
  spec: ['W3C Pointer Events'],
  run({ facts }): Outcome {
    const answered = answeredIn(facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { touch } = answered.said;
    if (touch === undefined) return notChecked(refusalOf(answered, 'touch'), again(answered));
    const problem = problemOf(touch);
    if (problem !== undefined) return notChecked(problem, again(answered));
    const hits = touch.points.filter((point, at) => isHit(touch, point, touch.taps[at])).length;
    const kinds = [...new Set(touch.taps.map(({ kind }) => kind ?? 'unknown'))];
    const said = `${hits} of ${touch.points.length} dots were hit (${kinds.join(', ')})`;
    if (hits < touch.points.length || kinds.some((kind) => kind !== 'touch')) return notChecked(said, again(answered));
    return {
      outcome: 'pass',
      standing: 'shown',
      beyond: [
        {
          what: 'Whose touch screen it is',
          because: `${said}, by somebody at ${whose(answered)}`,
          settledBy: 'nothing that a page can ask',
        },
      ],
    };
  },
});

/** What makes taps none of our page's. */
function problemOf({ width, height, points, taps }: Touch): string | undefined {
  if (points.length === 0) return 'no dot was shown';
  if (width === null || height === null || width <= 0 || height <= 0) return 'the page states no area that was tapped';
  if (taps.length > points.length) return `${taps.length} taps on ${points.length} dots`;
  let before = 0;
  for (const [at, { x, y, ms }] of taps.entries()) {
    const name = `tap ${at + 1}`;
    if (x === null || y === null || ms === null) return `${name} has no place or no time`;
    if (x < 0 || y < 0 || x > width || y > height) return `${name} lies outside of the screen`;
    if (ms < before) return ms < 0 ? `${name} has a negative time` : `${name} is earlier than the one before it`;
    before = ms;
  }
  return undefined;
}

const isHit = ({ width, height }: Touch, [x, y]: readonly [number, number], tap: Touch['taps'][number] | undefined): boolean =>
  tap !== undefined && Math.hypot((tap.x ?? 0) - x * (width ?? 0), (tap.y ?? 0) - y * (height ?? 0)) <= HIT;
