/** The corner marks of a pattern: black squares with nothing near them, found to a part of a pixel. */
import { MARKER } from './layout.ts';
import { cornersOf, LIGHT, type Picture } from './picture.ts';
import { leastScale, type Plane, type Point, project } from './plane.ts';

/** Device pixels around a marker's middle that hold nothing else, and those that hold all of it; side of a block, which evens a panel's own grid out. */
const [AROUND, CLOSE, BLOCK] = [30, 17, 3];
/** Blocks a side, at least: half of the way around. */
const BLOCKS_LEAST = 10;
/** Part by which its area may differ. */
const AREA_OFF = 0.25;
/** Light between a picture's black and white, without which there is no mark; and parts of it below which a block is black, and above which it is white. */
const [RANGE_LEAST, BLACK_TO, WHITE_FROM] = [0.02, 0.3, 0.7];

/** The middle of a mark that a rough plane says is near; undefined where none of its size is there. */
export function findMarker(picture: Picture, plane: Plane, middle: Point): Point | undefined {
  const scale = leastScale(plane, middle);
  const rough = roughly(picture, project(plane, middle), {
    reach: Math.round(AROUND * scale),
    block: Math.max(1, Math.round(BLOCK * scale)),
  });
  if (rough === undefined) return undefined;
  let { at } = rough;
  let area = 0;
  for (let round = 0; round < 2; round++) {
    const closer = exactly(picture, at, { ...rough, reach: Math.round(CLOSE * scale) });
    if (closer === undefined) return undefined;
    [at, area] = [closer.at, closer.area];
  }
  const corners = cornersOf({ x: middle.x - MARKER / 2, y: middle.y - MARKER / 2, width: MARKER, height: MARKER });
  const expected = areaOf(corners.map((corner) => project(plane, corner)));
  return Math.abs(area / expected - 1) <= AREA_OFF ? at : undefined;
}

interface Rough {
  readonly at: Point;
  /** Light of what is surely black, and surely white. */
  readonly black: number;
  readonly white: number;
}

/** The middle of the dark blocks. */
function roughly(picture: Picture, near: Point, { reach, block }: { readonly reach: number; readonly block: number }): Rough | undefined {
  // What is not in the picture is not looked at.
  const [left, top] = [Math.max(0, Math.round(near.x) - reach), Math.max(0, Math.round(near.y) - reach)];
  const wide = Math.floor((Math.min(picture.width, Math.round(near.x) + reach) - left) / block);
  const high = Math.floor((Math.min(picture.height, Math.round(near.y) + reach) - top) / block);
  // False too for what is no number.
  if (!(wide >= BLOCKS_LEAST && high >= BLOCKS_LEAST)) return undefined;
  const means = Array.from({ length: wide * high }, (_, at) => {
    const [x, y] = [left + (at % wide) * block, top + Math.floor(at / wide) * block];
    let sum = 0;
    for (let row = y; row < y + block; row++) for (let column = x; column < x + block; column++) sum += lightAt(picture, column, row);
    return { light: sum / block ** 2, x: x + block / 2, y: y + block / 2 };
  });
  const [least, most] = [Math.min(...means.map(({ light }) => light)), Math.max(...means.map(({ light }) => light))];
  if (!(most - least >= RANGE_LEAST)) return undefined;
  const dark = means.filter(({ light }) => light <= least + BLACK_TO * (most - least));
  const bright = means.filter(({ light }) => light >= least + WHITE_FROM * (most - least));
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  return {
    at: { x: mean(dark.map(({ x }) => x)), y: mean(dark.map(({ y }) => y)) },
    black: mean(dark.map(({ light }) => light)),
    white: mean(bright.map(({ light }) => light)),
  };
}

/** The middle of the darkness, every pixel for its part: what noise and a grid take from one they give to another. */
function exactly(
  picture: Picture,
  near: Point,
  { black, white, reach }: Rough & { readonly reach: number },
): { readonly at: Point; readonly area: number } | undefined {
  const [left, top] = [Math.round(near.x) - reach, Math.round(near.y) - reach];
  if (!isWithin(picture, left, top, 2 * reach)) return undefined;
  let [area, sumX, sumY] = [0, 0, 0];
  for (let y = top; y < top + 2 * reach; y++)
    for (let x = left; x < left + 2 * reach; x++) {
      const dark = (white - lightAt(picture, x, y)) / (white - black);
      area += dark;
      sumX += dark * (x + 0.5);
      sumY += dark * (y + 0.5);
    }
  return area > 0 ? { at: { x: sumX / area, y: sumY / area }, area } : undefined;
}

const lightAt = ({ width, green }: Picture, x: number, y: number): number => LIGHT[green[y * width + x] ?? 0] ?? 0;
const isWithin = ({ width, height }: Picture, left: number, top: number, side: number): boolean =>
  left >= 0 && top >= 0 && left + side <= width && top + side <= height;

/** Of a polygon. */
const areaOf = (corners: readonly Point[]): number =>
  Math.abs(
    corners.reduce((sum, { x, y }, at) => {
      const next = corners[(at + 1) % corners.length] ?? { x, y };
      return sum + x * next.y - next.x * y;
    }, 0),
  ) / 2;
