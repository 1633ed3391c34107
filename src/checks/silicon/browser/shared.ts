/** What the checks on a browser's answers share. */
import { type BrowserRun, type BrowserSurfaces, type Facts, factOf, type Place } from '../../../evidence/index.ts';
import { type GpuFamily, gpuFamilies, gpuFamilyOf, gpuModelOf } from '../../../knowledge/index.ts';

export const SETTLED = 'a live inspection with `--challenge-browser`';

export interface Answered {
  readonly run: BrowserRun;
  readonly said: BrowserSurfaces;
  readonly place: Place;
}

/** The conversation with a page, or why there is nothing in it. */
export function answeredIn(facts: Facts): Answered | string {
  const run = factOf(facts, 'browser-run');
  const said = factOf(facts, 'browser-surfaces');
  if (run === undefined || said === undefined) return 'no page of ours was opened';
  if (run.value.exchanges.length > 0) return { run: run.value, said: said.value, place: run.place };
  return [`the page was not answered (${run.value.outcome})`, run.value.note].filter((part) => part !== undefined).join(': ');
}

/** How the page was reached, for words: what binds its answers to the phone in hand, which is nothing. */
export const whose = ({ run }: Answered): string =>
  run.carrier === 'tunnel' ? 'a browser behind the cable' : 'whoever had the page’s address';

/** Why a part was not answered. */
export function refusalOf({ said, run }: Answered, what: string): string {
  const refused = said.refusals.find((one) => one.what === what);
  return refused === undefined ? `the conversation ended before (${run.outcome})` : refused.because;
}

/** Browsers give a page most parts of a phone only where it is secure (W3C Secure Contexts). */
export const again = ({ said }: Answered): string =>
  said.browser?.secure === false
    ? 'the page as a secure one, over the cable or over HTTPS (`browser: --cert FILE --key FILE`)'
    : 'the page again, in Chrome, with somebody at the phone';

/** A GPU as somebody names it. */
export interface NamedGpu {
  readonly family: GpuFamily;
  /** As in `adreno 730`; undefined where it is not told, or deliberately not told exactly. */
  readonly model: string | undefined;
  readonly text: string;
}

/** The GPU of a vendor and a renderer as OpenGL prints them. Around the driver's own words ANGLE puts its name: `ANGLE (Qualcomm, Adreno (TM) 650, OpenGL ES 3.2)`. */
export function gpuOfStrings(vendor: string | null | undefined, renderer: string | null | undefined): NamedGpu | undefined {
  const angle = /^ANGLE \((.*)\)$/s.exec(renderer ?? '')?.[1];
  const text = angle ?? [vendor, renderer].filter((part) => typeof part === 'string').join(', ');
  const family = gpuFamilyOf(text);
  if (family === undefined) return undefined;
  // Firefox names the nearest of a few: "Adreno (TM) 540, or similar".
  return { family, model: /or similar/i.test(text) ? undefined : gpuModelOf(text), text };
}

/** WebGPU's names of GPU makers, whose phones' chips hold one family each (Dawn, src/dawn/gpu_info.json). */
const WEBGPU_VENDORS: Readonly<Record<string, string>> = {
  qualcomm: 'Adreno',
  arm: 'Mali',
  'img-tec': 'PowerVR',
  samsung: 'Xclipse',
  nvidia: 'GeForce',
  intel: 'Intel',
  broadcom: 'VideoCore',
};

export function gpuOfAdapter(adapter: NonNullable<BrowserSurfaces['graphics']>['webgpu'] | undefined): NamedGpu | undefined {
  const vendor = adapter?.vendor ?? '';
  const name = Object.hasOwn(WEBGPU_VENDORS, vendor) ? WEBGPU_VENDORS[vendor] : undefined;
  const family = gpuFamilies.find((one) => one.name === name);
  return family === undefined ? undefined : { family, model: undefined, text: [vendor, adapter?.architecture ?? ''].join(' ').trim() };
}
