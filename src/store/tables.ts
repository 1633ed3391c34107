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

/** What somebody said of a place or a party in the master data of a document. */
export interface CustodyDescriptionRow {
  readonly uri: string;
  /** The party that said it; empty for the operator of the store. */
  readonly sender: string;
  /** As JSON. */
  readonly said: string;
  readonly blob: string;
  readonly recorded_ms: number;
}

/** A log that the store follows. */
export interface LogRow {
  readonly origin: string;
  /** What is remembered of it, a blob: where it lies, whom to trust, and the checkpoint up to which it was read. */
  readonly blob: string;
  readonly place: string;
  /** Entries that were read. */
  readonly size: number;
}

/** Where a digest stands in a log. Follows from the log's own tiles. */
export interface LogEntryRow {
  readonly origin: string;
  readonly n: number;
  readonly kind: string;
  readonly digest: string;
}

/** A capture that was asked for over HTTP. */
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
  /** The blob that it follows from; null where it was named before queries had one. */
  readonly blob: string | null;
}

/** Somebody who is told of what a named query finds. Not an index of anything. */
export interface CustodySubscriptionRow {
  readonly id: string;
  /** The name of the query. */
  readonly query: string;
  readonly created: string;
  /** The name of the sender who subscribed. */
  readonly sender: string;
  readonly dest: string;
  /** The secret that messages are signed with, as it has to be known here; null where none was given. */
  readonly token: string | null;
  /** As JSON; null where events are sent when they are captured. */
  readonly schedule: string | null;
  readonly report_if_empty: number;
  /** Events that were recorded before are not sent; null where only new ones are. */
  readonly initial: string | null;
  readonly format: string;
  /** The last event that was told. */
  readonly after_n: number;
  /** When the schedule is due; null without one. */
  readonly next_ms: number | null;
  readonly notified: string | null;
  /** The server that tells it, and until when it is believed to be at it; null where none is. */
  readonly holder: string | null;
  readonly held_until_ms: number | null;
}

export interface Tables {
  readonly inspections: InspectionRow;
  readonly sightings: SightingRow;
  readonly blobs: BlobRow;
  readonly custody_events: CustodyEventRow;
  readonly custody_names: CustodyNameRow;
  readonly custody_authorisations: CustodyAuthorisationRow;
  readonly custody_places: CustodyPlaceRow;
  readonly custody_descriptions: CustodyDescriptionRow;
  readonly custody_jobs: CustodyJobRow;
  readonly custody_queries: CustodyQueryRow;
  readonly custody_subscriptions: CustodySubscriptionRow;
  readonly logs: LogRow;
  readonly log_entries: LogEntryRow;
  readonly migrations: { readonly name: string };
}

/** Every table of the index with its key, in the order in which rows may be inserted. `rebuild` makes them all anew, `copy` goes through them so. */
export const KEYS = {
  blobs: ['kind', 'sha256'],
  inspections: ['record'],
  sightings: ['record', 'kind', 'hash'],
  custody_events: ['n'],
  custody_names: ['hash', 'n'],
  custody_authorisations: ['id'],
  custody_places: ['uri'],
  custody_descriptions: ['uri', 'sender'],
  custody_jobs: ['id'],
  custody_queries: ['name'],
  custody_subscriptions: ['id'],
  logs: ['origin'],
  log_entries: ['origin', 'n'],
} as const satisfies { readonly [Table in Exclude<keyof Tables, 'migrations'>]: readonly (keyof Tables[Table])[] };

export type IndexTable = keyof typeof KEYS;
export const TABLES = Object.keys(KEYS) as readonly IndexTable[]; // Object.keys forgets which.
