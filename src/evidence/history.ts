import type { Instant } from '../bytes/index.ts';
import type { CaptureTrust } from './capture.ts';

/** A phone as an earlier inspection saw it: what tells units apart, and nothing more. */
export interface Sighting {
  readonly at: Instant;
  /** What that inspection called its source. */
  readonly source: string;
  /** Who vouches for it: a recording is its bearer's word. */
  readonly trust: CaptureTrust;
  /** Digits only, without repetition. */
  readonly imeis: readonly string[];
  readonly serials: readonly string[];
  readonly brand: string | undefined;
  readonly model: string | undefined;
  readonly fingerprint: string | undefined;
}

/** What is known of this phone and its kin from before: the store's, or captures that the operator names. Empty where there is neither. */
export interface History {
  readonly sightings: readonly Sighting[];
}
