/** How much contrast stripes show, at which period: a Fourier sum over bands of which every other has black and white exchanged. What goes on through all bands, as a panel's own grid does, falls out. */
import { sinc } from './edges.ts';
import { BAND, INSIDE } from './layout.ts';

/** Light relative to black and white, at places inside a frame: `across` the stripes, and `along` them, from 0 to INSIDE device pixels. */
export interface StripeSamples {
  readonly across: Float32Array;
  readonly along: Float32Array;
  readonly level: Float32Array;
  readonly count: number;
}

/** What is nearer to the frame, or to the next band, is not looked at: both bleed. */
const [MARGIN, BETWEEN] = [2, 1.5];
const BIN = 0.25;
const WIDTH = INSIDE - 2 * MARGIN;
const BINS = WIDTH / BIN;
const BANDS = INSIDE / BAND;
const EVEN = Math.ceil(BANDS / 2);
/** Parts of a frequency by which lens and plane may be off, along and by rotation. */
const [STRETCH, TURN] = [0.03, 0.016];
/** A perfect square wave between 0 and 1 has this times the amplitude 1 at its own frequency. */
const SQUARE = Math.PI / 2;

interface Bands {
  /** BANDS times BINS: level less the band's mean, weighed by a window; zero where nothing was seen. */
  readonly weighed: Float64Array;
  /** Sum of the window over the bins seen, a band. */
  readonly weight: Float64Array;
  readonly means: Float64Array;
}

export interface StripeReading {
  /** At the stripes' own period: 1 of perfect stripes. */
  readonly contrast: number;
  /** The most at any longer period; `period` in device pixels, undefined: whole bands differ. */
  readonly elsewhere: { readonly period: number | undefined; readonly contrast: number };
}

/** Cycles a device pixel: of the longest period looked for, between those looked for, and those that a window of this width cannot tell apart. */
const [LONGEST, STEP, APART] = [1 / 20, 0.008, 0.07];

/** Reads stripes of a width in device pixels; undefined where too little of them was seen. */
export function readStripes(samples: StripeSamples, stripe: number): StripeReading | undefined {
  const bands = bandsOf(samples);
  if (bands === undefined) return undefined;
  const own = 1 / (2 * stripe);
  let contrast = 0;
  for (let stretch = -6; stretch <= 6; stretch++) contrast = Math.max(contrast, turned(bands, own * (1 + (STRETCH * stretch) / 6), own));
  let elsewhere: StripeReading['elsewhere'] = { period: undefined, contrast: Math.abs(exchanged(bands.means)) };
  for (let frequency = LONGEST; frequency <= own - APART; frequency += STEP) {
    const found = turned(bands, frequency, frequency);
    if (found > elsewhere.contrast) elsewhere = { period: 1 / frequency, contrast: found };
  }
  return { contrast, elsewhere };
}

/** The most contrast at a frequency under small turns. */
function turned(bands: Bands, frequency: number, own: number): number {
  let most = 0;
  for (let turn = -3; turn <= 3; turn++) most = Math.max(most, amplitude(bands, frequency, (TURN * own * turn) / 3));
  return most * SQUARE;
}

function amplitude({ weighed, weight }: Bands, frequency: number, turn: number): number {
  let [re, im] = [0, 0];
  const [stepRe, stepIm] = [Math.cos(2 * Math.PI * frequency * BIN), Math.sin(2 * Math.PI * frequency * BIN)];
  for (let band = 0; band < BANDS; band++) {
    const share = shareOf(band) / (weight[band] ?? 1);
    const phase = 2 * Math.PI * turn * band * BAND;
    let [c, s] = [Math.cos(phase), Math.sin(phase)];
    for (let bin = 0; bin < BINS; bin++) {
      const level = (weighed[band * BINS + bin] ?? 0) * share;
      re += level * c;
      im += level * s;
      [c, s] = [c * stepRe - s * stepIm, s * stepRe + c * stepIm];
    }
  }
  return (2 * Math.hypot(re, im)) / sinc(BIN * frequency);
}

/** Half of the mean of even bands, less half of the mean of odd ones. */
const shareOf = (band: number): number => (band % 2 === 0 ? 0.5 / EVEN : -0.5 / (BANDS - EVEN));
/** Twice that, of one number a band: how much even bands differ from odd ones. */
const exchanged = (means: Float64Array): number => 2 * means.reduce((sum, mean, band) => sum + mean * shareOf(band), 0);

function bandsOf({ across, along, level, count }: StripeSamples): Bands | undefined {
  const [sums, counts] = [new Float64Array(BANDS * BINS), new Uint32Array(BANDS * BINS)];
  for (let at = 0; at < count; at++) {
    const bin = Math.floor(((across[at] ?? 0) - MARGIN) / BIN);
    const band = Math.floor((along[at] ?? 0) / BAND);
    const inBand = (along[at] ?? 0) - band * BAND;
    if (bin < 0 || bin >= BINS || band < 0 || band >= BANDS || inBand < BETWEEN || inBand > BAND - BETWEEN) continue;
    const place = band * BINS + bin;
    sums[place] = (sums[place] ?? 0) + (level[at] ?? 0);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const [weighed, weight, means] = [new Float64Array(BANDS * BINS), new Float64Array(BANDS), new Float64Array(BANDS)];
  for (let band = 0; band < BANDS; band++) {
    let [total, sum, seen] = [0, 0, 0];
    for (let bin = 0; bin < BINS; bin++) {
      const filled = counts[band * BINS + bin] ?? 0;
      if (filled === 0) continue;
      seen++;
      total += windowAt(bin);
      sum += (windowAt(bin) * (sums[band * BINS + bin] ?? 0)) / filled;
    }
    if (seen * 3 < BINS) return undefined;
    means[band] = sum / total;
    weight[band] = total;
    for (let bin = 0; bin < BINS; bin++) {
      const place = band * BINS + bin;
      const filled = counts[place] ?? 0;
      if (filled > 0) weighed[place] = windowAt(bin) * ((sums[place] ?? 0) / filled - (means[band] ?? 0));
    }
  }
  return { weighed, weight, means };
}

const windowAt = (bin: number): number => Math.sin((Math.PI * (bin + 0.5)) / BINS) ** 2;
