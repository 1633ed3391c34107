/** Photographs that are made here, as numbers. In Node alone: a picture takes a second. */
import { expect, test } from 'vitest';
import { browserNonce } from '../../../../test/support/browser-transcript.ts';
import { type Camera, drawPattern, type Panel, photograph } from '../../../../test/support/photographed-panel.ts';
import type { StripeAxis } from './layout.ts';
import { readPattern } from './read-pattern.ts';

const nonce = browserNonce(1);

/** Patches of a photograph, by direction and width. */
function read(panel: Panel, camera: Camera = {}) {
  const { picture, code } = photograph(drawPattern(nonce), panel, { scale: 2.3, corners: 4, ...camera });
  const reading = readPattern(picture, nonce, code);
  if ('problem' in reading) throw new Error(reading.problem);
  return (axis: StripeAxis, stripe: number) => reading.patches.filter((patch) => patch.axis === axis && patch.stripe === stripe);
}
const BOTH = ['columns', 'rows'] as const;

test('of a panel with these pixels: each stripe keeps what the edges beside it keep', () => {
  const patches = read({ layout: 'stripe' }, { bayer: true, barrel: 0.015 });
  for (const axis of BOTH)
    for (const stripe of [1, 2, 3, 4, 8])
      for (const { contrast, sharpness, elsewhere, scale } of patches(axis, stripe)) {
        expect(contrast / sharpness).toBeGreaterThan(0.8);
        expect(contrast / sharpness).toBeLessThan(1.25);
        expect(elsewhere.contrast).toBeLessThan(0.1);
        expect(scale).toBeCloseTo(2.3, 0);
      }
});

test('of half of the pixels, whose own grid has the stripes’ period: the grid is no stripes', () => {
  const patches = read({ part: 0.5, layout: 'stripe' });
  for (const axis of BOTH) {
    expect(patches(axis, 1)).toHaveLength(4);
    for (const { contrast, sharpness } of patches(axis, 1)) expect(contrast / sharpness).toBeLessThan(0.2);
    for (const { contrast, sharpness } of patches(axis, 4)) expect(contrast / sharpness).toBeGreaterThan(0.7);
  }
});

test('of half of the pixels, every second one dropped: bands are black or white', () => {
  for (const { contrast, elsewhere } of read({ part: 0.5, scaling: 'nearest' })('rows', 1)) {
    expect(contrast).toBeLessThan(0.1);
    expect(elsewhere).toMatchObject({ period: undefined, contrast: expect.closeTo(1, 0) });
  }
});

test('of three quarters of the pixels: a period of four in place of two', () => {
  for (const { contrast, elsewhere } of read({ part: 0.75, scaling: 'nearest' })('columns', 1)) {
    expect(elsewhere.period).toBeCloseTo(4, 0);
    expect(elsewhere.contrast).toBeGreaterThan(1.5 * contrast);
  }
});

test('of a panel with these pixels, by a digital zoom: askew, edges tell that single pixels were not resolved; straight, they do not, and the slant says so', () => {
  const camera: Camera = { scale: 0.8, blur: 0.4, tilt: 0, corners: 0.5, zoom: { times: 3, by: 'nearest' } };
  const [straight, askew] = [read({}, { ...camera, roll: 0 }), read({}, { ...camera, roll: 4 })];
  for (const axis of BOTH) {
    for (const { contrast, sharpness, slant } of askew(axis, 1)) {
      expect(contrast / sharpness).toBeGreaterThan(0.7);
      expect(slant).toBeCloseTo(4, 0);
    }
    for (const { slant } of straight(axis, 1)) expect(slant).toBeLessThan(0.5);
  }
  // Without the slant it would have convicted a genuine panel.
  expect(straight('columns', 1).some(({ contrast, sharpness }) => contrast < 0.5 * sharpness && sharpness > 0.5)).toBe(true);
});
