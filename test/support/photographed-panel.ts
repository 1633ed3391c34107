/** A panel that shows a pattern, and a camera that photographs it: what a phone with fewer pixels than it counts shows, and what lens, sensor and light make of it. Green alone. */
import {
  BAND,
  CODE_AT,
  choosePattern,
  FRAME,
  INSIDE,
  MARKER,
  MODULE,
  MODULES,
  PATCH,
  PATTERN_SIDE,
} from '../../src/challenges/browser/pattern/layout.ts';
import type { Picture } from '../../src/challenges/browser/pattern/picture.ts';
import { type Corners, type Plane, type Point, planeOf, project } from '../../src/challenges/browser/pattern/plane.ts';

/** White around the pattern, in device pixels, as the page leaves it. */
export const MARGIN = 36;
export const DRAWN_SIDE = PATTERN_SIDE + 2 * MARGIN;

/** What the browser draws: 1 white, 0 black, row by row. Written apart from the page's own drawing, so that the two can be compared. */
export function drawPattern(nonce: Uint8Array): Uint8Array {
  const { code, patches } = choosePattern(nonce);
  const drawn = new Uint8Array(DRAWN_SIDE * DRAWN_SIDE).fill(1);
  const isBlack = (x: number, y: number): boolean => {
    const isEdge = (at: number) => at < MARKER || at >= PATTERN_SIDE - MARKER;
    if (isEdge(x) && isEdge(y)) return true;
    const [column, row] = [Math.floor((x - CODE_AT) / MODULE), Math.floor((y - CODE_AT) / MODULE)];
    if (column >= 0 && column < MODULES && row >= 0 && row < MODULES)
      return Math.floor((code[row] ?? 0) / 2 ** (MODULES - 1 - column)) % 2 === 1;
    const patch = patches.find((one) => x >= one.x && x < one.x + PATCH && y >= one.y && y < one.y + PATCH);
    if (patch === undefined) return false;
    const [u, v] = [x - patch.x - FRAME, y - patch.y - FRAME];
    if (Math.min(u, v) < 0 || Math.max(u, v) >= INSIDE) return true;
    const [across, along] = patch.axis === 'columns' ? [u, v] : [v, u];
    return (Math.floor(across / patch.stripe) + Math.floor(along / BAND)) % 2 === 1;
  };
  for (let y = 0; y < PATTERN_SIDE; y++)
    for (let x = 0; x < PATTERN_SIDE; x++) if (isBlack(x, y)) drawn[(y + MARGIN) * DRAWN_SIDE + x + MARGIN] = 0;
  return drawn;
}

/** `part`: the panel's own pixels for one that the phone counts, and how it scales; `offset`: where its grid begins, in counted pixels. */
export interface Panel {
  readonly part?: number;
  readonly scaling?: 'nearest' | 'bilinear' | 'area';
  readonly offset?: number;
  /** Where a pixel gives green light: all of it; a third as of LCDs; a dot of its own as in PenTile; or dots shared between pixels, three for two, as in delta layouts. */
  readonly layout?: 'full' | 'stripe' | 'pentile' | 'delta';
}

export interface Camera {
  /** The camera's pixels for one that the phone counts. */
  readonly scale?: number;
  /** Degrees: in the picture's plane, and out of it. */
  readonly roll?: number;
  readonly tilt?: number;
  /** Digital zoom: so many pixels are made of one of the sensor's, which blur is counted in. */
  readonly zoom?: { readonly times: number; readonly by: 'nearest' | 'bilinear' };
  /** Standard deviation of what lens and focus blur, in pixels of the camera; and the same at the right end, where focus changes across. */
  readonly blur?: number;
  readonly blurRight?: number;
  /** Part of the range that white takes: above 1 it is overexposed. */
  readonly exposure?: number;
  /** Standard deviation of noise in a white pixel, in values. */
  readonly noise?: number;
  /** How much of what is lost to blur is added again. */
  readonly sharpen?: number;
  /** Barrel of the lens: parts by which the corners are nearer. */
  readonly barrel?: number;
  /** Green is taken at every other pixel, and made up between. */
  readonly bayer?: boolean;
  /** Pixels by which the code's corners are found wrong. */
  readonly corners?: number;
  readonly seed?: number;
}

export interface Photograph {
  readonly picture: Picture;
  /** The code's corners, as a reader of codes would find them. */
  readonly code: Corners;
}

const SCALE = 2.5;

/** `drawn`: as drawPattern makes it, or as a browser drew it. */
export function photograph(drawn: Uint8Array, panel: Panel, camera: Camera): Photograph {
  const random = noiseOf(camera.seed ?? 1);
  const { toPicture, toPlane, width, height } = poseOf(camera);
  const light = new Float32Array(width * height);
  const lit = lightOf(drawn, panel);
  // Dots of a third of a pixel want more.
  const sub = panel.layout === undefined || panel.layout === 'full' ? 2 : Math.max(2, Math.ceil(5 / (camera.scale ?? SCALE)));
  const [a, b, c, d, e, f, g, h] = toPlane;
  const barrel = camera.barrel ?? 0;
  const half = Math.hypot(width, height) / 2;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let at = 0; at < sub * sub; at++) {
        let x = column + ((at % sub) + 0.5) / sub;
        let y = row + (Math.floor(at / sub) + 0.5) / sub;
        if (barrel !== 0) {
          const [dx, dy] = [x - width / 2, y - height / 2];
          const k = 1 + (barrel * (dx * dx + dy * dy)) / (half * half);
          [x, y] = [width / 2 + dx * k, height / 2 + dy * k];
        }
        const w = g * x + h * y + 1;
        sum += lit((a * x + b * y + c) / w, (d * x + e * y + f) / w);
      }
      light[row * width + column] = sum / sub ** 2;
    }
  const { blur = 0.6, blurRight = blur } = camera;
  let seen = blurred(light, [width, height], [blur, blurRight]);
  if (camera.bayer === true) seen = mosaic(seen, width, height);
  if (camera.sharpen !== undefined) {
    const soft = blurred(seen, [width, height], [1, 1]);
    const { sharpen } = camera;
    seen = seen.map((value, at) => value + sharpen * (value - (soft[at] ?? 0)));
  }
  const { exposure = 0.75, noise = 2 } = camera;
  const green = new Uint8Array(width * height);
  for (let at = 0; at < seen.length; at++)
    green[at] = Math.min(255, Math.max(0, Math.round(encoded((seen[at] ?? 0) * exposure) + noise * random())));
  const off = camera.corners ?? 0;
  const code = [
    [CODE_AT, CODE_AT],
    [CODE_AT + MODULE * MODULES, CODE_AT],
    [CODE_AT + MODULE * MODULES, CODE_AT + MODULE * MODULES],
    [CODE_AT, CODE_AT + MODULE * MODULES],
  ].map(([x = 0, y = 0]) => {
    const at = project(toPicture, { x, y });
    return { x: at.x + off * random(), y: at.y + off * random() };
  });
  const taken = { picture: { width, height, green }, code: code as unknown as Corners };
  return camera.zoom === undefined ? taken : zoomed(taken, camera.zoom);
}

function zoomed({ picture, code }: Photograph, { times, by }: NonNullable<Camera['zoom']>): Photograph {
  const [width, height] = [picture.width * times, picture.height * times];
  const value = (x: number, y: number) =>
    picture.green[Math.min(picture.height - 1, Math.max(0, y)) * picture.width + Math.min(picture.width - 1, Math.max(0, x))] ?? 0;
  const green = Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [((at % width) + 0.5) / times - 0.5, (Math.floor(at / width) + 0.5) / times - 0.5];
    if (by === 'nearest') return value(Math.round(x), Math.round(y));
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - left, y - top];
    return Math.round(
      (1 - v) * ((1 - u) * value(left, top) + u * value(left + 1, top)) +
        v * ((1 - u) * value(left, top + 1) + u * value(left + 1, top + 1)),
    );
  });
  return { picture: { width, height, green }, code: code.map(({ x, y }) => ({ x: x * times, y: y * times })) as unknown as Corners };
}

/** sRGB, brought into the range with room for noise. */
const encoded = (light: number): number => {
  const part = Math.min(1, Math.max(0, light));
  return 255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055);
};
const decoded = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** Nearly normal deviates, the same for a seed. */
function noiseOf(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
}

/** A pinhole above the pattern's middle. */
function poseOf({ scale = SCALE, roll = 8, tilt = 4 }: Camera): {
  readonly toPicture: Plane;
  readonly toPlane: Plane;
  readonly width: number;
  readonly height: number;
} {
  const distance = 1500;
  const [r, t] = [(roll * Math.PI) / 180, (tilt * Math.PI) / 180];
  const place = (x: number, y: number): Point => {
    const [u, v] = [x - PATTERN_SIDE / 2, y - PATTERN_SIDE / 2];
    const [rx, ry] = [u * Math.cos(r) - v * Math.sin(r), u * Math.sin(r) + v * Math.cos(r)];
    // Around an axis that is none of the picture's, so that both directions are seen askew.
    const [p, q] = [rx * 0.8 + ry * 0.6, ry * 0.8 - rx * 0.6];
    const depth = distance + p * Math.sin(t);
    const near = (scale * distance) / depth;
    const pp = p * Math.cos(t);
    return { x: near * (pp * 0.8 - q * 0.6), y: near * (pp * 0.6 + q * 0.8) };
  };
  const frame = [-20, PATTERN_SIDE + 20];
  const corners = frame.flatMap((y) => frame.map((x) => place(x, y)));
  const [left, top] = [Math.min(...corners.map(({ x }) => x)), Math.min(...corners.map(({ y }) => y))];
  const [right, bottom] = [Math.max(...corners.map(({ x }) => x)), Math.max(...corners.map(({ y }) => y))];
  const square = [
    [0, 0],
    [PATTERN_SIDE, 0],
    [PATTERN_SIDE, PATTERN_SIDE],
    [0, PATTERN_SIDE],
  ];
  const from = square.map(([x = 0, y = 0]) => ({ x, y })) as unknown as Corners;
  const to = square.map(([x = 0, y = 0]) => {
    const at = place(x, y);
    return { x: at.x - left + 0.37, y: at.y - top + 0.61 };
  }) as unknown as Corners;
  const [toPicture, toPlane] = [planeOf(from, to), planeOf(to, from)];
  if (toPicture === undefined || toPlane === undefined) throw new Error('no pose');
  return { toPicture, toPlane, width: Math.ceil(right - left), height: Math.ceil(bottom - top) };
}

/** The light at a place of the pattern, 1 for white. */
function lightOf(
  drawn: Uint8Array,
  { part = 1, scaling = 'bilinear', offset = 0, layout = 'full' }: Panel,
): (x: number, y: number) => number {
  const side = Math.ceil(DRAWN_SIDE * part) + 2;
  const pixels = new Float32Array(side * side);
  const taps = Array.from({ length: side }, (_, at) => tapsOf((at + 0.5) / part + offset, part, scaling));
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let value = 0;
      for (const [row, rowPart] of taps[y] ?? [])
        for (const [column, columnPart] of taps[x] ?? []) value += rowPart * columnPart * (drawn[row * DRAWN_SIDE + column] ?? 1);
      // Software scales what is encoded, not light.
      pixels[y * side + x] = decoded(value);
    }
  const at = (column: number, row: number) =>
    column < 0 || row < 0 || column >= side || row >= side ? 1 : (pixels[row * side + column] ?? 1);
  return (x, y) => {
    const [px, py] = [(x + MARGIN - offset) * part, (y + MARGIN - offset) * part];
    const [column, row] = [Math.floor(px), Math.floor(py)];
    const [u, v] = [px - column, py - row];
    switch (layout) {
      case 'full':
        return at(column, row);
      case 'stripe':
        return u >= 1 / 3 && u < 2 / 3 && v >= 0.1 && v < 0.9 ? at(column, row) * 3 * 1.25 : 0;
      case 'pentile':
        return Math.abs(u - 0.5) < 0.25 && Math.abs(v - 0.5) < 0.3 ? at(column, row) / 0.3 : 0;
      case 'delta': {
        // Two dots for three pixels, every other row shifted by half of the way between them.
        const shift = row % 2 === 0 ? 0 : 0.75;
        const dot = Math.floor((px - shift) / 1.5);
        const middle = (dot + 0.5) * 1.5 + shift;
        if (Math.abs(px - middle) >= 0.35 || Math.abs(v - 0.5) >= 0.4) return 0;
        let [sum, from] = [0, middle - 0.75];
        while (from < middle + 0.75) {
          const to = Math.min(Math.floor(from + 1e-9) + 1, middle + 0.75);
          sum += (to - from) * at(Math.floor(from + 1e-9), row);
          from = to;
        }
        return (sum / 1.5) * (1.5 / 0.7) * (1 / 0.8);
      }
    }
  };
}

/** Which counted pixels one of the panel takes, and how much of each. */
function tapsOf(middle: number, part: number, scaling: NonNullable<Panel['scaling']>): readonly (readonly [number, number])[] {
  const last = DRAWN_SIDE - 1;
  const within = (at: number) => Math.min(last, Math.max(0, at));
  if (scaling === 'nearest') return [[within(Math.floor(middle)), 1]];
  if (scaling === 'bilinear') {
    const first = Math.floor(middle - 0.5);
    const second = middle - 0.5 - first;
    return [
      [within(first), 1 - second],
      [within(first + 1), second],
    ];
  }
  const [from, to] = [middle - 0.5 / part, middle + 0.5 / part];
  const taken: [number, number][] = [];
  for (let at = Math.floor(from); at < to; at++) {
    const share = (Math.min(to, at + 1) - Math.max(from, at)) * part;
    if (share > 1e-9) taken.push([within(at), share]);
  }
  return taken;
}

type Size = readonly [width: number, height: number];

/** By a normal curve whose width changes from left to right. */
function blurred(light: Float32Array, [width, height]: Size, [left, right]: readonly [number, number]): Float32Array {
  const [across, down] = [new Float32Array(light.length), new Float32Array(light.length)];
  const kernels = Array.from({ length: width }, (_, x) => kernelOf(left + ((right - left) * x) / width));
  const same = left === right ? kernels[0] : undefined;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const kernel = same ?? kernels[x] ?? [1];
      const reach = (kernel.length - 1) / 2;
      let sum = 0;
      for (let at = -reach; at <= reach; at++)
        sum += (kernel[at + reach] ?? 0) * (light[y * width + Math.min(width - 1, Math.max(0, x + at))] ?? 0);
      across[y * width + x] = sum;
    }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const kernel = same ?? kernels[x] ?? [1];
      const reach = (kernel.length - 1) / 2;
      let sum = 0;
      for (let at = -reach; at <= reach; at++)
        sum += (kernel[at + reach] ?? 0) * (across[Math.min(height - 1, Math.max(0, y + at)) * width + x] ?? 0);
      down[y * width + x] = sum;
    }
  return down;
}

function kernelOf(sigma: number): readonly number[] {
  if (sigma < 0.05) return [1];
  const reach = Math.ceil(3 * sigma);
  const raw = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma * sigma)));
  const whole = raw.reduce((sum, one) => sum + one, 0);
  return raw.map((one) => one / whole);
}

/** Every other pixel is the mean of its four neighbours. */
function mosaic(light: Float32Array, width: number, height: number): Float32Array {
  return light.map((value, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    if ((x + y) % 2 === 0 || x === 0 || y === 0 || x === width - 1 || y === height - 1) return value;
    return ((light[at - 1] ?? 0) + (light[at + 1] ?? 0) + (light[at - width] ?? 0) + (light[at + width] ?? 0)) / 4;
  });
}
