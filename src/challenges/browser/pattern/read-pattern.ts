/**
 * A photograph of a pattern, measured. Nothing is judged here: what the numbers say of a panel is a check's business.
 * Pure; the code's corners come from whoever reads codes. What it does not do: correct a lens, or put several pictures together.
 */
import { EDGE_REACH, type EdgeSamples, edgeResponse } from './edges.ts';
import {
  CODE_AT,
  choosePattern,
  FRAME,
  INSIDE,
  MARKER,
  MODULE,
  MODULES,
  PATCH,
  PATTERN_SIDE,
  type Patch,
  type StripeAxis,
} from './layout.ts';
import { findMarker } from './marker.ts';
import { cornersOf, type Picture, type Samples, samplesIn } from './picture.ts';
import { type Corners, leastScale, type Plane, planeOf, slantAt } from './plane.ts';
import { readStripes, type StripeReading } from './stripes.ts';

/** One patch as a picture shows it. */
export interface PatchReading extends StripeReading {
  readonly axis: StripeAxis;
  /** Device pixels. */
  readonly stripe: number;
  /** The picture's pixels for one of the device, where it is least. */
  readonly scale: number;
  /** Degrees between its edges and the picture's rows or columns, 0 to 45. */
  readonly slant: number;
  /** What its frame's edges keep of the stripes' frequency, on the blurrier side: 1 is everything. */
  readonly sharpness: number;
  /** Values of black and white beside it, as encoded in the picture, and the part of white that is at the end of its range. */
  readonly black: number;
  readonly white: number;
  readonly clipped: number;
}

export type PatternReading = { readonly patches: readonly PatchReading[] } | { readonly problem: string };

/** Pixels of one patch that are looked at: sixteen of the picture's for each of the device. */
const SAMPLES_MAX = 4_000_000;

/** The picture's pixels for one of the device, below which single ones cannot be told. */
const SCALE_LEAST = 1.5;

/** Reads the pattern of a nonce in a picture where its code has these corners, clockwise from the code's own upper left. */
export function readPattern(picture: Picture, nonce: Uint8Array, code: Corners): PatternReading {
  const codePart = { x: CODE_AT, y: CODE_AT, width: MODULE * MODULES, height: MODULE * MODULES };
  const rough = planeOf(cornersOf(codePart), code);
  if (rough === undefined) return { problem: 'the code has no corners' };
  const middles = cornersOf({ x: MARKER / 2, y: MARKER / 2, width: PATTERN_SIDE - MARKER, height: PATTERN_SIDE - MARKER });
  const found = middles.map((middle) => findMarker(picture, rough, middle));
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
  const patches = choosePattern(nonce).patches.flatMap((patch) => measure(picture, { toPicture, toPlane }, patch) ?? []);
  return patches.length === 0 ? { problem: 'no patch could be measured' } : { patches };
}

/** Device pixels beside a frame that are looked at; and where its white and its black are surely themselves: away from every edge. */
const BESIDE = 10;
const [WHITE_FROM, WHITE_TO, BLACK_FROM, BLACK_TO] = [-8, -4, 4, 8];
const CLIPPED_FROM = 253;
/** Pixels without which a mean is none, and values from black to white without which nothing is read. */
const [MEAN_LEAST, CONTRAST_LEAST] = [50, 40];

function measure(picture: Picture, planes: { readonly toPicture: Plane; readonly toPlane: Plane }, patch: Patch): PatchReading | undefined {
  const isColumns = patch.axis === 'columns';
  const [beyond, long] = [BESIDE, PATCH + 2 * BESIDE];
  const part = isColumns
    ? { x: patch.x - beyond, y: patch.y, width: long, height: PATCH }
    : { x: patch.x, y: patch.y - beyond, width: PATCH, height: long };
  const samples = samplesIn(picture, planes, part, SAMPLES_MAX);
  if (samples === undefined) return undefined;
  const { count, light } = samples;
  const [across, along] = isColumns ? [samples.x, samples.y] : [samples.y, samples.x];
  for (let at = 0; at < count; at++) across[at] = (across[at] ?? 0) - BESIDE;
  const tones = tonesOf({ ...samples, x: across, y: along });
  if (tones === undefined) return undefined;
  const level = light.map((one) => (one - tones.blackLight) / (tones.whiteLight - tones.blackLight));
  const pick = (from: number, to: number, less: number): EdgeSamples => {
    const kept = { across: new Float32Array(count), along: new Float32Array(count), level: new Float32Array(count) };
    let size = 0;
    for (let at = 0; at < count; at++) {
      const [u, v] = [across[at] ?? 0, (along[at] ?? 0) - less];
      if (u < from || u >= to || v < 0 || v >= PATCH - 2 * less) continue;
      kept.across[size] = u;
      kept.along[size] = v;
      kept.level[size] = level[at] ?? 0;
      size++;
    }
    return { ...kept, count: size };
  };
  const shifted = (edge: number): EdgeSamples => {
    const one = pick(edge - EDGE_REACH, edge + EDGE_REACH, EDGE_REACH);
    return { ...one, across: one.across.map((u) => u - edge) };
  };
  const own = 1 / (2 * patch.stripe);
  const responses = [0, PATCH].map((edge) => edgeResponse(shifted(edge), PATCH - 2 * EDGE_REACH, [own])?.[0]);
  const inside = pick(FRAME, FRAME + INSIDE, FRAME);
  const stripes = readStripes({ ...inside, across: inside.across.map((u) => u - FRAME) }, patch.stripe);
  if (stripes === undefined || responses.includes(undefined)) return undefined;
  const middle = { x: patch.x + PATCH / 2, y: patch.y + PATCH / 2 };
  return {
    axis: patch.axis,
    stripe: patch.stripe,
    scale: leastScale(planes.toPicture, middle),
    slant: slantAt(planes.toPicture, middle, isColumns ? 'y' : 'x'),
    sharpness: Math.min(...responses.map((one) => one ?? 0)),
    black: tones.black,
    white: tones.white,
    clipped: tones.clipped,
    ...stripes,
  };
}

interface Tones {
  readonly black: number;
  readonly white: number;
  readonly blackLight: number;
  readonly whiteLight: number;
  readonly clipped: number;
}

/** Black and white of a patch: in its frame, and beside it, on both sides. */
function tonesOf({ count, x, y, light, value }: Samples): Tones | undefined {
  let [blacks, black, blackLight, whites, white, whiteLight, clipped] = [0, 0, 0, 0, 0, 0, 0];
  for (let at = 0; at < count; at++) {
    const [u, v] = [x[at] ?? 0, y[at] ?? 0];
    if (v < EDGE_REACH || v > PATCH - EDGE_REACH) continue;
    // The other side is this one's mirror.
    const near = Math.min(u, PATCH - u);
    if (near >= WHITE_FROM && near < WHITE_TO) {
      whites++;
      white += value[at] ?? 0;
      whiteLight += light[at] ?? 0;
      if ((value[at] ?? 0) >= CLIPPED_FROM) clipped++;
    } else if (near >= BLACK_FROM && near < BLACK_TO) {
      blacks++;
      black += value[at] ?? 0;
      blackLight += light[at] ?? 0;
    }
  }
  if (whites < MEAN_LEAST || blacks < MEAN_LEAST || !(white / whites - black / blacks >= CONTRAST_LEAST)) return undefined;
  return {
    black: black / blacks,
    white: white / whites,
    blackLight: blackLight / blacks,
    whiteLight: whiteLight / whites,
    clipped: clipped / whites,
  };
}
