/**
 * How much of a frequency a picture keeps, from one edge between black and white: the spatial frequency response of ISO 12233, by the edge's own line instead of a chart's angle.
 * An edge of any panel is at best a step, so that this is never more than what the camera resolves.
 */

/** Light relative to black and white, at places across an edge and along it, in device pixels. The edge lies near zero. */
export interface EdgeSamples {
  readonly across: Float32Array;
  readonly along: Float32Array;
  readonly level: Float32Array;
  readonly count: number;
}

/** Device pixels on either side of the edge that count, and those from which its place is taken. */
const [REACH, NEAR] = [5.5, 4];
export const EDGE_REACH = REACH + 0.5;
const BIN = 0.25;
const BINS = (2 * REACH) / BIN;
const SEGMENTS = 6;

export const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** The straight line that an edge lies on: where it begins, and how far it moves for each pixel along. */
export interface EdgeLine {
  readonly at: number;
  readonly slope: number;
}

/** The response at a frequency in cycles a device pixel, 1 for a perfect step; undefined where there is no edge. */
export function edgeResponse(samples: EdgeSamples, line: EdgeLine, frequency: number): number | undefined {
  const { across, along, level, count } = samples;
  const means = binned(BINS, (add) => {
    for (let at = 0; at < count; at++) {
      const u = (across[at] ?? 0) - line.at - line.slope * (along[at] ?? 0);
      add(Math.floor((u + REACH) / BIN), level[at] ?? 0);
    }
  });
  if (means === undefined) return undefined;
  const steps = Array.from({ length: BINS - 1 }, (_, at) => {
    const u = (at + 1) * BIN - REACH;
    return { u, rise: ((means[at + 1] ?? 0) - (means[at] ?? 0)) * Math.cos((Math.PI * u) / (2 * REACH)) ** 2 };
  });
  const whole = steps.reduce((sum, { rise }) => sum + rise, 0);
  // An edge goes from black to white, or back.
  if (!(Math.abs(whole) > 0.5)) return undefined;
  let [re, im] = [0, 0];
  for (const { u, rise } of steps) {
    re += rise * Math.cos(2 * Math.PI * frequency * u);
    im += rise * Math.sin(2 * Math.PI * frequency * u);
  }
  // Bins and differences blur by themselves.
  return Math.hypot(re, im) / Math.abs(whole) / sinc(BIN * frequency) ** 2;
}

/** Where an edge of this length lies, along it from 0 on: its place by pieces, and the straight line through them. Undefined where too little was seen. */
export function edgeLine({ across, along, level, count }: EdgeSamples, length: number): EdgeLine | undefined {
  const [width, piece] = [Math.round((2 * NEAR) / BIN), length / SEGMENTS];
  const places: { readonly y: number; readonly x: number }[] = [];
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const means = binned(width, (add) => {
      for (let at = 0; at < count; at++)
        if (Math.floor((along[at] ?? 0) / piece) === segment) add(Math.floor(((across[at] ?? 0) + NEAR) / BIN), level[at] ?? 0);
    });
    if (means === undefined) return undefined;
    // The part that is white, and on which side: a step of this width has its place there.
    const white = Math.min(1, Math.max(0, means.reduce((sum, mean) => sum + mean, 0) / width));
    const isFalling = (means[0] ?? 0) > (means[width - 1] ?? 0);
    places.push({ y: (segment + 0.5) * piece, x: NEAR * (isFalling ? 2 * white - 1 : 1 - 2 * white) });
  }
  const mean = { y: length / 2, x: places.reduce((sum, { x }) => sum + x, 0) / SEGMENTS };
  const slope =
    places.reduce((sum, { x, y }) => sum + (x - mean.x) * (y - mean.y), 0) / places.reduce((sum, { y }) => sum + (y - mean.y) ** 2, 0);
  return { at: mean.x - slope * mean.y, slope };
}

/** Means of bins; an empty one is between its neighbours. Undefined where more than half are empty. */
function binned(bins: number, fill: (add: (bin: number, value: number) => void) => void): readonly number[] | undefined {
  const [sums, counts] = [new Float64Array(bins), new Uint32Array(bins)];
  fill((bin, value) => {
    if (bin < 0 || bin >= bins) return;
    sums[bin] = (sums[bin] ?? 0) + value;
    counts[bin] = (counts[bin] ?? 0) + 1;
  });
  const filled = [...counts.keys()].filter((bin) => (counts[bin] ?? 0) > 0);
  if (filled.length * 2 < bins) return undefined;
  const mean = (bin: number) => (sums[bin] ?? 0) / (counts[bin] ?? 1);
  let next = 0;
  return Array.from({ length: bins }, (_, bin) => {
    while (next < filled.length - 1 && (filled[next] ?? 0) < bin) next++;
    const [after = 0, before = after] = [filled[next], filled[next - 1]];
    if (after <= bin || before === after) return mean(after);
    const part = (bin - before) / (after - before);
    return mean(before) * (1 - part) + mean(after) * part;
  });
}
