/** What a page of ours brought from a phone's browser. */
import type { ProgramExchange } from '../../bytes/index.ts';

/** A conversation with a page of ours in a browser. */
export interface BrowserRun {
  /** `tunnel`: through the cable; `network`: whoever had the page's address. */
  readonly carrier: 'tunnel' | 'network';
  readonly outcome: 'done' | 'never opened' | 'timed out' | 'refused' | 'flooded' | 'disconnected' | 'stopped';
  readonly note: string | undefined;
  readonly opened: number;
  readonly turnedAway: number;
  readonly exchanges: readonly (ProgramExchange & { readonly nonce: Uint8Array })[];
}

/** What the browser says of its phone, and what whoever held it did: `undefined` where it was not asked, or not answered; null where the browser says nothing. */
export interface BrowserSurfaces {
  readonly browser:
    | {
        readonly userAgent: string | null;
        readonly platform: string | null;
        readonly cores: number | null;
        readonly memoryGib: number | null;
        /** Whether it was a secure page, and isolated from other origins. */
        readonly secure: boolean;
        readonly isolated: boolean;
        readonly hints: {
          readonly mobile: boolean;
          readonly model: string | null;
          readonly platform: string | null;
          readonly platformVersion: string | null;
          readonly architecture: string | null;
          readonly bitness: string | null;
        } | null;
      }
    | undefined;
  /** Size in CSS pixels; `ratio`: device pixels a CSS pixel. */
  readonly screen:
    | {
        readonly width: number | null;
        readonly height: number | null;
        readonly ratio: number | null;
        readonly depth: number | null;
        readonly touchPoints: number | null;
        readonly orientation: string | null;
      }
    | undefined;
  readonly graphics:
    | {
        readonly webgl: {
          readonly vendor: string | null;
          readonly renderer: string | null;
          readonly version: string | null;
          readonly textureMax: number | null;
          readonly extensions: number | null;
        } | null;
        readonly webgpu: {
          readonly vendor: string | null;
          readonly architecture: string | null;
          readonly device: string | null;
          readonly description: string | null;
        } | null;
      }
    | undefined;
  /** Robustness levels of Widevine that the browser would grant. */
  readonly media: { readonly widevine: readonly string[] } | undefined;
  /** Taps in CSS pixels of an area; `points` as parts of it. */
  readonly touch:
    | {
        readonly width: number | null;
        readonly height: number | null;
        readonly points: readonly (readonly [x: number, y: number])[];
        readonly taps: readonly {
          readonly x: number | null;
          readonly y: number | null;
          readonly kind: string | null;
          readonly radius: number | null;
          readonly ms: number | null;
        }[];
      }
    | undefined;
  /** One frame, digested, and what the cameras are called. */
  readonly camera:
    | {
        readonly width: number;
        readonly height: number;
        readonly facing: string | null;
        readonly sha256: string;
        readonly cameras: readonly (string | null)[];
      }
    | undefined;
  /** A pattern that was shown: the area's size in device pixels, `ratio` of them a CSS pixel, the page's `zoom`, and for how long. */
  readonly pattern:
    | {
        readonly width: number;
        readonly height: number;
        readonly ratio: number | null;
        readonly zoom: number | null;
        readonly shownMs: number;
      }
    | undefined;
  /** What was not answered, with the reason in the page's words. */
  readonly refusals: readonly { readonly what: string; readonly because: string }[];
}

/** A photograph of a pattern of ours on a screen, as measured here; the picture itself is its taker's and not kept. */
export interface ScreenPhoto {
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
  /** Of the pattern, in hex; undefined where no code of ours was found. */
  readonly nonce: string | undefined;
  /** Why there are no patches. */
  readonly problem: string | undefined;
  readonly patches: readonly {
    /** Stripes that stand (`columns`), or lie. */
    readonly axis: 'columns' | 'rows';
    /** Width of a stripe, in device pixels. */
    readonly stripe: number;
    /** Pixels of the picture for one of the device. */
    readonly scale: number;
    /** Degrees between the stripes and the picture's rows or columns, 0 to 45. */
    readonly slant: number;
    /** What edges beside the stripes keep of their frequency, 0 to 1 and above where a camera sharpens. */
    readonly sharpness: number;
    /** Of the stripes at their own period; 1 of perfect ones. */
    readonly contrast: number;
    /** The most at a longer period, in device pixels; undefined: whole bands differ. */
    readonly elsewhere: { readonly period: number | undefined; readonly contrast: number };
    /** Values in the picture, 0 to 255, and the part of white at the end of that range. */
    readonly black: number;
    readonly white: number;
    readonly clipped: number;
  }[];
}
