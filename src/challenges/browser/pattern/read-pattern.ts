/**
 * A photograph of a pattern, measured. Nothing is judged here: what the numbers say of a panel is a check's business.
 * Pure; the code's corners come from whoever reads codes. What it does not do: correct a lens, or put several pictures together.
 */
import { CODE_AT, choosePattern, MARKER, MODULE, MODULES, PATTERN_SIDE } from './layout.ts';
import { areaOf, findMarker } from './marker.ts';
import { measurePatch, type PatchReading } from './patch.ts';
import { cornersOf, type Picture } from './picture.ts';
import { type Corners, leastScale, planeOf, project } from './plane.ts';

export type PatternReading = { readonly patches: readonly PatchReading[] } | { readonly problem: string };

/** The picture's pixels for one of the device, below which single ones cannot be told. */
const SCALE_LEAST = 1.5;

/** Reads the pattern of a nonce in a picture where its code has these corners, clockwise from the code's own upper left. */
export function readPattern(picture: Picture, nonce: Uint8Array, code: Corners): PatternReading {
  const codePart = { x: CODE_AT, y: CODE_AT, width: MODULE * MODULES, height: MODULE * MODULES };
  const rough = planeOf(cornersOf(codePart), code);
  if (rough === undefined) return { problem: 'the code has no corners' };
  const middles = cornersOf({ x: MARKER / 2, y: MARKER / 2, width: PATTERN_SIDE - MARKER, height: PATTERN_SIDE - MARKER });
  // The code's own size is surer than what its corners say of the plane far from it.
  const area = areaOf(code) * (MARKER / (MODULE * MODULES)) ** 2;
  const found = middles.map((middle) => findMarker(picture, project(rough, middle), area));
  const missing = found.filter((one) => one === undefined).length;
  if (missing > 0) return { problem: `${missing} of the four corner marks are not in the picture, or not whole` };
  // Four, none of them missing.
  const marks = found as unknown as Corners;
  const [toPicture, toPlane] = [planeOf(middles, marks), planeOf(marks, middles)];
  if (toPicture === undefined || toPlane === undefined) return { problem: 'the corner marks are no square in perspective' };
  const scale = Math.min(...middles.map((middle) => leastScale(toPicture, middle)));
  if (scale < SCALE_LEAST)
    return {
      problem: `the picture has ${scale.toFixed(1)} pixels for one of the screen's, and ${SCALE_LEAST} are the least that shows anything`,
    };
  const patches = choosePattern(nonce).patches.flatMap((patch) => measurePatch(picture, { toPicture, toPlane }, patch) ?? []);
  return patches.length === 0 ? { problem: 'no patch could be measured' } : { patches };
}
