/**
 * The tables of the index. It is an index only: every row follows from a blob, so that a lost database is rebuilt and never mourned.
 * Digests are lower-case hex, times are instants as text, so that SQLite and PostgreSQL hold the same values.
 * No table holds an identifier of a phone in the clear: sightings are under a keyed hash (`identifiers.ts`).
 */

/** One inspection: a report, and what it was made from. */
export interface InspectionRow {
  /** SHA-256 of the inspection's record, a blob. */
  readonly record: string;
  /** SHA-256 of the report's bytes, a blob. */
  readonly report: string;
  /** SHA-256 of the capture's list, a blob; null where it is not kept. */
  readonly capture: string | null;
  readonly judged_as_of: string;
  readonly hardware: string;
  readonly software: string;
  readonly custody: string;
  readonly decision: string;
}

/** One identifier that an inspection saw, as its keyed hash. */
export interface SightingRow {
  readonly record: string;
  readonly kind: string;
  readonly hash: string;
}

/** A blob that the store holds. */
export interface BlobRow {
  readonly kind: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface Tables {
  readonly inspections: InspectionRow;
  readonly sightings: SightingRow;
  readonly blobs: BlobRow;
  readonly migrations: { readonly name: string };
}

/** In the order in which rows may be inserted; `copy` and `rebuild` go through them so. */
export const TABLES = ['blobs', 'inspections', 'sightings'] as const satisfies readonly (keyof Tables)[];
