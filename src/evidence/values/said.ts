/** What facts repeat in the words that something said, with the place that says it. */
import type { Place } from '../fact.ts';

/** Something that a value says, with the bytes that say it. */
export interface Said<T> {
  readonly value: T;
  readonly place: Place;
}

/** One value of a document that is kept as it was said: its path within the document, as in `battery.cycle_count`. */
export interface SaidAt {
  readonly path: string;
  readonly value: string;
  readonly place: Place;
}
