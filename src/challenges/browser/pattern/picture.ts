/** A picture as far as patterns need it, and its pixels under a part of the plane. */
import { type Corners, type Plane, project } from './plane.ts';

/** Green alone: a camera takes it at most places, and panels that share their colours between pixels have a green one for each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Row by row, as encoded. */
  readonly green: Uint8Array;
}

/** What sRGB's values mean as light (IEC 61966-2-1). A camera's own curve differs; ratios of two readings of one picture hardly notice. */
export const LIGHT = Float32Array.from({ length: 256 }, (_, value) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
});

/** The picture's pixels in a rectangle of the plane, `x` and `y` from its corner. */
export interface Samples {
  readonly count: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly light: Float32Array;
  readonly value: Uint8Array;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Undefined where a part of it lies outside of the picture, or where it would take more than `most` pixels. */
export function samplesIn(
  picture: Picture,
  planes: { readonly toPicture: Plane; readonly toPlane: Plane },
  part: Rectangle,
  most: number,
): Samples | undefined {
  const { x: left, y: top, width, height } = part;
  const corners = cornersOf(part).map((corner) => project(planes.toPicture, corner));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [fromX, toX, fromY, toY] = [
    Math.floor(Math.min(...xs)),
    Math.ceil(Math.max(...xs)),
    Math.floor(Math.min(...ys)),
    Math.ceil(Math.max(...ys)),
  ];
  if (!(fromX >= 0 && fromY >= 0 && toX < picture.width && toY < picture.height)) return undefined;
  const room = (toX - fromX + 1) * (toY - fromY + 1);
  if (room > most) return undefined;
  const samples = { x: new Float32Array(room), y: new Float32Array(room), light: new Float32Array(room), value: new Uint8Array(room) };
  const [a, b, c, d, e, f, g, h] = planes.toPlane;
  let count = 0;
  for (let row = fromY; row <= toY; row++)
    for (let column = fromX; column <= toX; column++) {
      // A pixel's place is its middle.
      const [px, py] = [column + 0.5, row + 0.5];
      const w = g * px + h * py + 1;
      const x = (a * px + b * py + c) / w - left;
      const y = (d * px + e * py + f) / w - top;
      if (!(x >= 0 && y >= 0 && x < width && y < height)) continue;
      const value = picture.green[row * picture.width + column] ?? 0;
      samples.x[count] = x;
      samples.y[count] = y;
      samples.value[count] = value;
      samples.light[count] = LIGHT[value] ?? 0;
      count++;
    }
  return { count, ...samples };
}

/** Clockwise from the upper left. */
export const cornersOf = ({ x, y, width, height }: Rectangle): Corners => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
];
