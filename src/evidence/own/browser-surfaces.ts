/**
 * What a page of ours was told of a phone by its browser, and by whoever held it: the answers to questions that run no program. Strings, all of it.
 * An answer that is none of the page's is left out with its reason: whoever answers is not bound to be our page.
 */
import * as z from 'zod/mini';
import type { BrowserSurfaces } from '../values/index.ts';

const text = z.nullable(z.string().check(z.maxLength(400)));
const amount = z.nullable(z.number().check(z.gte(-1e9), z.lte(1e9)));

const pixels = z.number().check(z.gte(0), z.lte(1e5));

const SHAPES = {
  browser: z.object({
    userAgent: text,
    platform: text,
    cores: amount,
    memoryGib: amount,
    secure: z.boolean(),
    isolated: z.boolean(),
    hints: z.nullable(
      z.object({ mobile: z.boolean(), model: text, platform: text, platformVersion: text, architecture: text, bitness: text }),
    ),
  }),
  screen: z.object({ width: amount, height: amount, ratio: amount, depth: amount, touchPoints: amount, orientation: text }),
  graphics: z.object({
    webgl: z.nullable(z.object({ vendor: text, renderer: text, version: text, textureMax: amount, extensions: amount })),
    webgpu: z.nullable(z.object({ vendor: text, architecture: text, device: text, description: text })),
  }),
  media: z.object({ widevine: z.array(z.string().check(z.maxLength(40))).check(z.maxLength(8)) }),
  touch: z.object({
    width: amount,
    height: amount,
    taps: z.array(z.object({ x: amount, y: amount, kind: text, radius: amount, ms: amount })).check(z.maxLength(16)),
  }),
  camera: z.object({
    width: pixels,
    height: pixels,
    facing: text,
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    cameras: z.array(text).check(z.maxLength(16)),
  }),
  pattern: z.object({
    width: pixels,
    height: pixels,
    ratio: amount,
    zoom: amount,
    shownMs: z.number().check(z.gte(0), z.lte(1e7)),
  }),
} as const;
type Part = keyof typeof SHAPES;
const isPart = (ask: unknown): ask is Part => typeof ask === 'string' && Object.hasOwn(SHAPES, ask);

const PointsSchema = z.object({ points: z.array(z.tuple([z.number(), z.number()])) });

/** Gathers the answers. The last answer to a question counts. */
export function readSurfacesOf(exchanges: readonly { readonly question: string; readonly answer: string }[]): BrowserSurfaces {
  const said: { -readonly [P in Part]?: z.infer<(typeof SHAPES)[P]> } = {};
  const refusals: { what: string; because: string }[] = [];
  let points: readonly (readonly [number, number])[] = [];
  for (const { question, answer } of exchanges) {
    const asked = jsonOf(question);
    const ask = typeof asked === 'object' && asked !== null && 'ask' in asked ? asked.ask : undefined;
    if (!isPart(ask)) continue;
    const value = jsonOf(answer);
    const read = z.safeParse(SHAPES[ask], value);
    // The shape was chosen by the same name as the place it is put in.
    if (read.success) Object.assign(said, { [ask]: read.data });
    else refusals.push({ what: ask, because: refusalOf(value) });
    if (ask === 'touch') points = z.safeParse(PointsSchema, asked).data?.points ?? [];
  }
  const { browser, screen, graphics, media, touch, camera, pattern } = said;
  return { browser, screen, graphics, media, touch: touch === undefined ? undefined : { ...touch, points }, camera, pattern, refusals };
}

function refusalOf(value: unknown): string {
  const refused = typeof value === 'object' && value !== null && 'refused' in value ? value.refused : undefined;
  return typeof refused === 'string' ? refused.slice(0, 400) : 'the answer is none that our page gives';
}

function jsonOf(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
