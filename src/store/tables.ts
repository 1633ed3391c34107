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

/** One event of custody. What it says stands in its blob, and is hashed again whenever it is read: the row only finds it. */
export interface CustodyEventRow {
  /** The order of capture. */
  readonly n: number;
  /** The hex of its hash ID. */
  readonly id: string;
  /** 1 where the event is the declaration that the event of this ID is wrong, else 0. */
  readonly declared: number;
  readonly at_ms: number;
  readonly recorded_ms: number;
  readonly type: string;
  readonly action: string | null;
  readonly step: string | null;
  readonly disposition: string | null;
  readonly read_point: string | null;
  readonly biz_location: string | null;
  /** The blob of its capture, and where in it the event stands, in bytes. */
  readonly blob: string;
  readonly start: number;
  readonly size: number;
}

/** One thing that an event names, as its keyed hash. */
export interface CustodyNameRow {
  readonly hash: string;
  readonly n: number;
  /** `t` thing, `i` input of a transformation, `p` parent, `e` what the sender called the event. */
  readonly role: string;
}

export interface CustodyAuthorisationRow {
  readonly id: string;
  readonly blob: string;
  readonly brand: string;
  readonly party: string;
}

export interface CustodyPlaceRow {
  readonly uri: string;
  readonly blob: string;
  readonly recorded_ms: number;
  readonly name: string | null;
  readonly party: string | null;
  readonly country: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** A capture that was asked for over HTTP. Not an index of anything: what it captured is in the other tables. */
export interface CustodyJobRow {
  readonly id: string;
  readonly created: string;
  readonly finished: string | null;
  readonly success: number | null;
  readonly behaviour: string;
  readonly sender: string | null;
  /** The blob of the document. */
  readonly document: string;
  readonly errors: string | null;
}

/** A query that has a name, as JSON. */
export interface CustodyQueryRow {
  readonly name: string;
  readonly created: string;
  readonly query: string;
}

export interface Tables {
  readonly inspections: InspectionRow;
  readonly sightings: SightingRow;
  readonly blobs: BlobRow;
  readonly custody_events: CustodyEventRow;
  readonly custody_names: CustodyNameRow;
  readonly custody_authorisations: CustodyAuthorisationRow;
  readonly custody_places: CustodyPlaceRow;
  readonly custody_jobs: CustodyJobRow;
  readonly custody_queries: CustodyQueryRow;
  readonly migrations: { readonly name: string };
}

/** In the order in which rows may be inserted; `rebuild` goes through them so. */
export const TABLES = [
  'blobs',
  'inspections',
  'sightings',
  'custody_events',
  'custody_names',
  'custody_authorisations',
  'custody_places',
] as const satisfies readonly (keyof Tables)[];

/** Those, and what is no index of blobs: `copy` goes through them so. */
export const ALL_TABLES = [...TABLES, 'custody_jobs', 'custody_queries'] as const satisfies readonly (keyof Tables)[];
