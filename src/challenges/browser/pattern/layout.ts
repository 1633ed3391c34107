/**
 * A pattern for one phone's screen, to be photographed close up: a QR code that holds a nonce, sixteen patches of stripes around it, and four markers at the corners.
 * Everything is in device pixels as the browser counts them; a square of `PATTERN_SIDE`, black on white.
 *
 *     ■  ▥ ▤ ▥ ▥ ▤  ■      a patch: a black frame, and stripes in bands; every other band has black and white exchanged,
 *        ▤       ▥         so that a grid of the panel's own, which goes on through all of them, is told from stripes
 *        ▥  QR   ▤
 *        ▤       ▥
 *     ■  ▥ ▤ ▤ ▥ ▤  ■
 *
 * The frames' outer edges show how sharp the picture is just where the stripes are. All places are multiples of twelve: on panels of 1/2, 2/3 and 3/4 of the pixels such edges stay sharp.
 */
import { encode } from 'uqr';
import { toHex } from '../../../bytes/index.ts';
import { type Next, spread } from '../../native/random.ts';

export const PATTERN_SIDE = 564;
/** Side of a corner's black marker. */
export const MARKER = 24;
/** Side of a patch, and its frame's width; the stripes fill the rest. */
export const [PATCH, FRAME] = [84, 12];
export const INSIDE = PATCH - 2 * FRAME;
/** Across the stripes: after so many pixels black and white are exchanged. */
export const BAND = 12;
/** Device pixels a module of the QR code, and its modules a side (version 2). */
export const [MODULE, MODULES] = [8, 25];
export const CODE_AT = (PATTERN_SIDE - MODULE * MODULES) / 2;

/** `columns`: stripes that stand, told apart along a row of pixels; `rows`: stripes that lie. */
export type StripeAxis = 'columns' | 'rows';

export interface Patch {
  /** Upper left corner of the frame. */
  readonly x: number;
  readonly y: number;
  readonly axis: StripeAxis;
  /** Width of a stripe. */
  readonly stripe: number;
}

export interface Pattern {
  /** What the QR code says. */
  readonly text: string;
  /** Rows of modules from above, each a number whose highest of 25 bits is the leftmost module; 1 is black. */
  readonly code: readonly number[];
  readonly patches: readonly Patch[];
}

/** Patches an axis. The single pixels are what is asked; the wider stripes show that the picture shows stripes. */
const STRIPES = [1, 1, 1, 1, 2, 3, 4, 8] as const;
const [GRID_AT, GRID_STEP, GRID] = [48, 96, 5];

/** What a code says, for 16 bytes of a nonce: 38 characters, as many as version 2 holds at correction level M. */
const CODE_HEAD = 'ASSAY:';
const NONCE = 16;
const textOf = (nonce: Uint8Array): string => CODE_HEAD + toHex(nonce.subarray(0, NONCE)).toUpperCase();

/** The nonce of a code's text, in lower case hex; undefined where it is no pattern's. */
export const nonceInCode = (text: string): string | undefined => /^ASSAY:([0-9A-F]{32})$/.exec(text)?.[1]?.toLowerCase();

/** The pattern of a question, whose nonce’s first 16 bytes its code holds. @throws RangeError for a shorter nonce */
export function choosePattern(nonce: Uint8Array): Pattern {
  const text = textOf(nonce);
  const { data } = encode(text, { ecc: 'M', minVersion: 2, maxVersion: 2, boostEcc: false, border: 0 });
  const code = data.map((row) => row.reduce((bits, isBlack) => bits * 2 + (isBlack ? 1 : 0), 0));
  return { text, code, patches: patchesOf(spread(nonce)) };
}

/** What a page needs to draw the pattern of a nonce. */
export const writePattern = (nonce: Uint8Array) => {
  const { code, patches } = choosePattern(nonce);
  const drawn = patches.map(({ x, y, axis, stripe }) => [x, y, axis, stripe] as const);
  return { side: PATTERN_SIDE, marker: MARKER, patch: PATCH, frame: FRAME, band: BAND, module: MODULE, code, patches: drawn };
};

/** Around the code, in an order that the nonce chose. */
function patchesOf(next: Next): readonly Patch[] {
  const left = (['columns', 'rows'] as const).flatMap((axis) => STRIPES.map((stripe) => ({ axis, stripe })));
  const patches: Patch[] = [];
  for (let row = 0; row < GRID; row++)
    for (let column = 0; column < GRID; column++) {
      const isRing = row === 0 || column === 0 || row === GRID - 1 || column === GRID - 1;
      const [one] = isRing ? left.splice(next(left.length), 1) : [];
      if (one !== undefined) patches.push({ x: GRID_AT + GRID_STEP * column, y: GRID_AT + GRID_STEP * row, ...one });
    }
  return patches;
}
