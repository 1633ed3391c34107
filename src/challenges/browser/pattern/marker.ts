/**
 * The corner marks of a pattern: black squares that stand alone, found to a part of a pixel.
 * Readers of codes give a code's corners to some pixels, and what lies at thrice their distance is known to some dozens: a mark is told by its size.
 */
import { MARKER } from './layout.ts';
import { LIGHT, type Picture } from './picture.ts';
import type { Point } from './plane.ts';

/** Device pixels around where a mark is thought that are looked at; those around its middle that hold all of it; side of a block, which evens a panel's own grid out. */
const [AROUND, CLOSE, BLOCK] = [60, 17, 3];
/** Part by which the area of dark blocks may differ from a mark's, and how long they may lie, in its sides: one that is turned is 1.4 wide. */
const [BLOCKS_OFF, LONG_MOST] = [0.4, 1.8];
/** Part by which its area, pixel by pixel, may differ. */
const AREA_OFF = 0.35;
/** Light between a picture's black and white, without which there is no mark. */
const RANGE_LEAST = 0.02;

/** The middle of the mark that is near a place of the picture; undefined where none is there of about this size: `area` is a mark's, in pixels of the picture. */
export function findMarker(picture: Picture, near: Point, area: number): Point | undefined {
  const scale = Math.sqrt(area) / MARKER;
  const rough = roughly(picture, near, { scale, area });
  if (rough === undefined) return undefined;
  let found: { readonly at: Point; readonly area: number } = { at: rough.at, area: 0 };
  for (let round = 0; round < 2; round++) {
    const closer = exactly(picture, found.at, { ...rough, reach: Math.round(CLOSE * scale) });
    if (closer === undefined) return undefined;
    found = closer;
  }
  return Math.abs(found.area / area - 1) <= AREA_OFF ? found.at : undefined;
}

interface Rough {
  readonly at: Point;
  /** Light of black and white near it. */
  readonly black: number;
  readonly white: number;
}

/** The dark blocks that are as many as a mark has, and touch no others. */
function roughly(picture: Picture, near: Point, { scale, area }: { readonly scale: number; readonly area: number }): Rough | undefined {
  const reach = Math.round(AROUND * scale);
  const block = Math.max(1, Math.round(BLOCK * scale));
  // What is not in the picture is not looked at.
  const [left, top] = [Math.max(0, Math.round(near.x) - reach), Math.max(0, Math.round(near.y) - reach)];
  const wide = Math.floor((Math.min(picture.width, Math.round(near.x) + reach) - left) / block);
  const high = Math.floor((Math.min(picture.height, Math.round(near.y) + reach) - top) / block);
  // False too for what is no number.
  if (!(wide >= 1 && high >= 1)) return undefined;
  const light = Array.from({ length: wide * high }, (_, at) => {
    const [x, y] = [left + (at % wide) * block, top + Math.floor(at / wide) * block];
    let sum = 0;
    for (let row = y; row < y + block; row++) for (let column = x; column < x + block; column++) sum += lightAt(picture, column, row);
    return sum / block ** 2;
  });
  const sorted = light.toSorted((a, b) => a - b);
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
  if (!(most - least >= RANGE_LEAST)) return undefined;
  const isDark = light.map((one) => one < (least + most) / 2);
  const marks = islandsOf(isDark, wide).flatMap((island) => {
    const [xs, ys] = [island.map((at) => at % wide), island.map((at) => Math.floor(at / wide))];
    const long = block * (1 + Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)));
    if (!(Math.abs((island.length * block ** 2) / area - 1) <= BLOCKS_OFF) || long > LONG_MOST * Math.sqrt(area)) return [];
    const at = { x: left + block * (mean(xs) + 0.5), y: top + block * (mean(ys) + 0.5) };
    const black = mean(island.map((place) => light[place] ?? 0).filter((one) => one <= least + 0.3 * (most - least)));
    return [{ at, black, away: Math.hypot(at.x - near.x, at.y - near.y) }];
  });
  const [nearest] = marks.toSorted((a, b) => a.away - b.away);
  const white = mean(light.filter((one) => one >= least + 0.7 * (most - least)));
  return nearest === undefined || !(nearest.black < white) ? undefined : { at: nearest.at, black: nearest.black, white };
}

const mean = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length;

/** Places that hang together by their sides. */
function islandsOf(isIn: readonly boolean[], wide: number): readonly (readonly number[])[] {
  const seen = new Set<number>();
  const islands: number[][] = [];
  for (const first of isIn.keys()) {
    if (isIn[first] !== true || seen.has(first)) continue;
    const island = [first];
    seen.add(first);
    // Grows while it is gone through.
    for (const at of island) {
      const sides = [at - wide, at + wide, at % wide === 0 ? -1 : at - 1, at % wide === wide - 1 ? -1 : at + 1];
      for (const next of sides)
        if (isIn[next] === true && !seen.has(next)) {
          seen.add(next);
          island.push(next);
        }
    }
    islands.push(island);
  }
  return islands;
}

/** The middle of the darkness, every pixel for its part: what noise and a grid take from one they give to another. */
function exactly(
  picture: Picture,
  near: Point,
  { black, white, reach }: Rough & { readonly reach: number },
): { readonly at: Point; readonly area: number } | undefined {
  const [left, top] = [Math.round(near.x) - reach, Math.round(near.y) - reach];
  if (!(left >= 0 && top >= 0 && left + 2 * reach <= picture.width && top + 2 * reach <= picture.height)) return undefined;
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

/** Of a polygon. */
export const areaOf = (corners: readonly Point[]): number =>
  Math.abs(
    corners.reduce((sum, { x, y }, at) => {
      const next = corners[(at + 1) % corners.length] ?? { x, y };
      return sum + x * next.y - next.x * y;
    }, 0),
  ) / 2;
