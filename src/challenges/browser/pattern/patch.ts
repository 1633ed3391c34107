/** One patch of a pattern in a picture: its frame is found first, to a part of a pixel, so that a lens may bend what lies between the corner marks. */
import { EDGE_REACH, type EdgeLine, type EdgeSamples, edgeLine, edgeResponse } from './edges.ts';
import { FRAME, INSIDE, PATCH, type Patch, type StripeAxis } from './layout.ts';
import { type Picture, type Samples, samplesIn } from './picture.ts';
import { leastScale, type Plane, slantAt } from './plane.ts';
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

/** Device pixels beside a frame that are looked at; and where its white and its black are surely themselves: away from every edge. */
const BESIDE = 10;
const [WHITE_FROM, WHITE_TO, BLACK_FROM, BLACK_TO] = [-8, -4, 4, 8];
const CLIPPED_FROM = 253;
/** Pixels without which a mean is none, and values from black to white without which nothing is read. */
const [MEAN_LEAST, CONTRAST_LEAST] = [50, 40];
/** Pixels of one patch that are looked at: sixteen of the picture's for each of the device. */
const SAMPLES_MAX = 4_000_000;
/** Device pixels by which a frame may lie elsewhere than the corner marks say, and part by which it may lean; and both once that is put right. */
const [OFF_MOST, LEAN_MOST, OFF_THEN, LEAN_THEN] = [3, 0.05, 0.7, 0.008];

/** Undefined where it is not whole in the picture, or its frame is not found. */
export function measurePatch(
  picture: Picture,
  planes: { readonly toPicture: Plane; readonly toPlane: Plane },
  patch: Patch,
): PatchReading | undefined {
  const side = PATCH + 2 * BESIDE;
  const samples = samplesIn(picture, planes, { x: patch.x - BESIDE, y: patch.y - BESIDE, width: side, height: side }, SAMPLES_MAX);
  if (samples === undefined) return undefined;
  const isColumns = patch.axis === 'columns';
  const rough = moved(isColumns ? samples : { ...samples, x: samples.y, y: samples.x }, { x: BESIDE, y: BESIDE, lean: 0 });
  const off = offOf(rough);
  if (off === undefined || isBeyond(off, OFF_MOST, LEAN_MOST)) return undefined;
  const placed = moved(rough, off);
  const then = offOf(placed);
  if (then === undefined || isBeyond(then, OFF_THEN, LEAN_THEN)) return undefined;
  const { tones, level } = then;
  const responses = then.acrossX.map(({ samples: edge, line }) => edgeResponse(edge, line, 1 / (2 * patch.stripe)));
  const stripes = readStripes(part({ ...placed, level }, { x: FRAME, y: FRAME, width: INSIDE, height: INSIDE }), patch.stripe);
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

/** From here on `x` runs across the stripes and `y` along them, from the frame's corner. */
function moved(samples: Samples, { x, y, lean }: Misplaced): Samples {
  return {
    ...samples,
    x: samples.x.map((one, at) => one - x - lean * ((samples.y[at] ?? 0) - PATCH / 2)),
    y: samples.y.map((one) => one - y),
  };
}

/** How far a frame lies from where it was thought, and how much its edges along the stripes lean: x for each y. */
interface Misplaced {
  readonly x: number;
  readonly y: number;
  readonly lean: number;
}

/** True too for what is no number. */
const isBeyond = ({ x, y, lean }: Misplaced, off: number, most: number): boolean =>
  !(Math.max(Math.abs(x), Math.abs(y)) <= off && Math.abs(lean) <= most);

type Levels = Samples & { readonly level: Float32Array };

/** Samples of a rectangle, from its corner. */
function part(
  { count, x, y, level }: Levels,
  within: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): EdgeSamples {
  const kept = { across: new Float32Array(count), along: new Float32Array(count), level: new Float32Array(count) };
  let size = 0;
  for (let at = 0; at < count; at++) {
    const [u, v] = [(x[at] ?? 0) - within.x, (y[at] ?? 0) - within.y];
    if (u < 0 || v < 0 || u >= within.width || v >= within.height) continue;
    kept.across[size] = u;
    kept.along[size] = v;
    kept.level[size] = level[at] ?? 0;
    size++;
  }
  return { ...kept, count: size };
}

interface Off extends Misplaced {
  readonly tones: Tones;
  readonly level: Float32Array;
  /** The two edges that the stripes run along, and what was seen of them. */
  readonly acrossX: readonly { readonly samples: EdgeSamples; readonly line: EdgeLine }[];
}

/** The length of an edge that is looked at: less what its corners blur. */
const LENGTH = PATCH - 2 * EDGE_REACH;

function offOf(samples: Samples): Off | undefined {
  const tones = tonesOf(samples);
  if (tones === undefined) return undefined;
  const { blackLight, whiteLight } = tones;
  const level = samples.light.map((one) => (one - blackLight) / (whiteLight - blackLight));
  const edges = (all: Levels) =>
    [0, PATCH].flatMap((edge) => {
      const own = part(all, { x: edge - EDGE_REACH, y: EDGE_REACH, width: 2 * EDGE_REACH, height: LENGTH });
      const seen = { ...own, across: own.across.map((u) => u - EDGE_REACH) };
      const line = edgeLine(seen, LENGTH);
      return line === undefined ? [] : [{ samples: seen, line }];
    });
  const acrossX = edges({ ...samples, level });
  const acrossY = edges({ ...samples, x: samples.y, y: samples.x, level });
  if (acrossX.length + acrossY.length < 4) return undefined;
  const middle = (all: typeof acrossX) => all.reduce((sum, { line }) => sum + line.at + (line.slope * LENGTH) / 2, 0) / all.length;
  const lean = acrossX.reduce((sum, { line }) => sum + line.slope, 0) / acrossX.length;
  return { tones, level, acrossX, x: middle(acrossX), y: middle(acrossY), lean };
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
