/** Planes seen in perspective: what takes a point of the pattern to a point of the picture, and back. */

export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Corners = readonly [Point, Point, Point, Point];

/** Rows of a matrix of 3 by 3 with 1 at its end: a homography. */
export type Plane = readonly [number, number, number, number, number, number, number, number];

/** The plane that takes four points to four others; undefined where three of them lie on a line. */
export function planeOf(from: Corners, to: Corners): Plane | undefined {
  const rows: number[][] = [];
  for (const [index, { x, y }] of from.entries()) {
    const { x: u, y: v } = to[index] ?? from[0];
    rows.push([x, y, 1, 0, 0, 0, -x * u, -y * u, u], [0, 0, 0, x, y, 1, -x * v, -y * v, v]);
  }
  const solved = solve(rows);
  // Eight unknowns were solved for.
  return solved === undefined ? undefined : (solved as unknown as Plane);
}

/** Gauss and Jordan with pivots, for as many rows as unknowns. */
function solve(rows: number[][]): readonly number[] | undefined {
  const size = rows.length;
  for (let at = 0; at < size; at++) {
    let pivot = at;
    for (let row = at + 1; row < size; row++) if (Math.abs(rows[row]?.[at] ?? 0) > Math.abs(rows[pivot]?.[at] ?? 0)) pivot = row;
    const [own, other] = [rows[at] ?? [], rows[pivot] ?? []];
    rows[at] = other;
    rows[pivot] = own;
    const lead = other[at] ?? 0;
    if (!(Math.abs(lead) > 1e-9)) return undefined;
    for (let column = at; column <= size; column++) other[column] = (other[column] ?? 0) / lead;
    for (const [row, cells] of rows.entries()) {
      const times = cells[at] ?? 0;
      if (row !== at && times !== 0)
        for (let column = at; column <= size; column++) cells[column] = (cells[column] ?? 0) - times * (other[column] ?? 0);
    }
  }
  return rows.map((row) => row[size] ?? 0);
}

export function project([a, b, c, d, e, f, g, h]: Plane, { x, y }: Point): Point {
  const w = g * x + h * y + 1;
  return { x: (a * x + b * y + c) / w, y: (d * x + e * y + f) / w };
}

/** Where short ways along x and along y lead at a point: the columns of the Jacobian. */
function waysAt(plane: Plane, at: Point): { readonly alongX: Point; readonly alongY: Point } {
  const [a, b, , d, e, , g, h] = plane;
  const w = g * at.x + h * at.y + 1;
  const { x, y } = project(plane, at);
  return { alongX: { x: (a - x * g) / w, y: (d - y * g) / w }, alongY: { x: (b - x * h) / w, y: (e - y * h) / w } };
}

/** How much longer a short way becomes at a point, in the direction where it grows least: the lesser singular value of the Jacobian. */
export function leastScale(plane: Plane, at: Point): number {
  const { alongX: p, alongY: q } = waysAt(plane, at);
  return Math.abs(Math.hypot(p.x + q.y, q.x - p.y) - Math.hypot(p.x - q.y, q.x + p.y)) / 2;
}

/** Degrees, 0 to 45, between where a way along an axis leads at a point and the nearest row or column. */
export function slantAt(plane: Plane, at: Point, axis: 'x' | 'y'): number {
  const { alongX, alongY } = waysAt(plane, at);
  const { x, y } = axis === 'x' ? alongX : alongY;
  return (Math.atan2(Math.min(Math.abs(x), Math.abs(y)), Math.max(Math.abs(x), Math.abs(y))) * 180) / Math.PI;
}
