/** What speaks for one identity being on two phones, as plain data: found by `provenance/clones`, read by the checks. */
import type { Instant } from '../bytes/index.ts';

export type CloneCode =
  | 'same-id-two-places' // one attested or fused ID, too far apart in too little time
  | 'same-id-two-chips' // one attested or fused ID beside two others that no repair explains
  | 'same-name-other-id' // one IMEI, serial or EPC beside two attested or fused IDs that no repair explains
  | 'same-name-two-places'
  | 'tail-forked' // two inspections answer for the same earlier one
  | 'tail-skipped' // an inspection does not answer for the last one
  | 'after-sale'
  | 'after-decommissioning'
  | 'two-parents'
  | 'made-twice'
  | 'wrong-allocation' // a number of a block that another model or brand was given
  | 'serial-run'; // numbers in a row where lots are mixed

export interface CloneFinding {
  readonly code: CloneCode;
  /** The identity that is on two phones, as a URI. */
  readonly identity: string;
  readonly at: Instant;
  /** One sentence: what was seen. */
  readonly observed: string;
  /** One sentence: what else explains it; undefined where nothing innocent is known. */
  readonly benign: string | undefined;
  /** The weakest word that it rests on. */
  readonly trust: 'live' | 'operator' | 'bearer';
  /** What says so: inspections by their source, events by their ID. */
  readonly evidence: readonly string[];
}
