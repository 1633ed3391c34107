/**
 * The store: a folder that holds blobs and the store's key, and an index of them in SQLite in the same folder or in PostgreSQL.
 * A thing is kept when its blob is durable and its rows are committed, in this order; killed between the two, the blob is there and `rebuild` finds it.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely, Transaction } from 'kysely';
import type { History, Sighting, Toolmark } from '../evidence/index.ts';
import type { Blobs } from './blobs.ts';
import { openBlobs } from './blobs-place.ts';
import { type DatabaseAt, openDatabase } from './database.ts';
import { hashedIdentifiers, storeKey } from './identifiers.ts';
import type { KeptCapture } from './kept-capture.ts';
import { type InspectionRecord, type KeptTail, parseRecord, recordBytes, recordedSighting, sightingOfRecord } from './record.ts';
import type { Tables } from './tables.ts';

export interface Store {
  readonly folder: string;
  readonly kind: DatabaseAt['kind'];
  /** PostgreSQL's address, for whoever keeps something else beside the index; undefined for SQLite. */
  readonly databaseUrl: string | undefined;
  readonly db: Kysely<Tables>;
  readonly blobs: Blobs;
  /** The key under which identifiers are hashed. */
  readonly key: Uint8Array;
  readonly close: () => Promise<void>;
}

/**
 * Opens a store, and makes it where there is none. Several processes may have one store open: SQLite's lock and PostgreSQL order their transactions, and
 * blobs never change. `databaseUrl` is PostgreSQL's address; undefined for SQLite in the folder. `newKey`: the index is about to be made anew.
 * @throws Error where the store's key is gone and its index remembers something under it
 */
export async function openStore(folder: string, databaseUrl: string | undefined, options: { readonly newKey?: true } = {}): Promise<Store> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at: DatabaseAt =
    databaseUrl === undefined ? { kind: 'sqlite', path: join(folder, 'index.sqlite') } : { kind: 'postgres', url: databaseUrl };
  if (at.kind === 'sqlite' && options.newKey !== true) await refuseWithoutKey(folder, at);
  const key = await storeKey(folder);
  const blobs = await openBlobs(folder);
  const db = await openDatabase(at);
  return { folder, kind: at.kind, databaseUrl, db, blobs, key, close: () => db.destroy() };
}

/**
 * Under another key nothing that is remembered would ever be found again, and nobody would be told. Whoever makes a store makes its key before it remembers
 * anything, so a second process that comes meanwhile finds one or the other.
 */
async function refuseWithoutKey(folder: string, at: Extract<DatabaseAt, { readonly kind: 'sqlite' }>): Promise<void> {
  const isKeyless = () => !existsSync(join(folder, 'key'));
  if (!isKeyless() || !existsSync(at.path)) return;
  const db = await openDatabase(at);
  try {
    if ((await remembers(db)) && isKeyless())
      throw new Error(`the key of the store in ${folder} is gone: put it back, or make the index anew under another (assay store rebuild)`);
  } finally {
    await db.destroy();
  }
}

/** Whether an index has something that stands in it under a key. */
async function remembers(db: Kysely<Tables>): Promise<boolean> {
  for (const table of ['sightings', 'custody_names'] as const)
    if ((await db.selectFrom(table).selectAll().limit(1).execute()).length > 0) return true;
  return false;
}

/** What is kept of one inspection. */
export interface KeptInspection {
  /** The report's bytes. */
  readonly report: Uint8Array;
  /** What the report was made from, where that is kept. */
  readonly capture: KeptCapture | undefined;
  readonly judgedAsOf: Sighting['at'];
  readonly verdict: InspectionRecord['verdict'];
  readonly sighting: Sighting;
  /** Where the phone answered for the inspection before. */
  readonly tail?: KeptTail;
  /** What the report's findings leave to compare other phones with. */
  readonly toolmarks?: readonly Toolmark[];
}

/** Keeps an inspection. Answers its record's digest once it is durable; the same inspection again is kept once. */
export async function keepInspection(store: Store, kept: KeptInspection): Promise<string> {
  const report = await store.blobs.put('report', kept.report);
  const record: InspectionRecord = {
    format: 'assay.inspection/1',
    report,
    capture: kept.capture?.sha256 ?? null,
    verdict: kept.verdict,
    judgedAsOf: kept.judgedAsOf,
    ...(kept.tail === undefined ? {} : { tail: kept.tail }),
    ...(kept.toolmarks === undefined || kept.toolmarks.length === 0 ? {} : { toolmarks: kept.toolmarks.map((mark) => ({ ...mark })) }),
    sighting: recordedSighting(kept.sighting),
  };
  const bytes = recordBytes(record);
  const sha256 = await store.blobs.put('inspection', bytes);
  await store.db.transaction().execute(async (transaction) => {
    for (const { kind, ...blob } of kept.capture?.blobs ?? []) await indexBlob(transaction, kind, blob);
    await indexBlob(transaction, 'report', { sha256: report, bytes: kept.report.length });
    await indexBlob(transaction, 'inspection', { sha256, bytes: bytes.length });
    await indexInspection(transaction, store.key, { sha256, record });
  });
  return sha256;
}

/** Inspections under one attestation key that are looked at: a batch has 100,000 phones, and a second brand among them shows among the newest too. */
const SAME_ISSUER_MAX = 256;

/** Every phone that was inspected before and shares an identifier with this one, and the newest under its attestation key: what the checks compare with. */
export async function historyOf(store: Store, sighting: Pick<Sighting, 'imeis' | 'serials' | 'attested'>): Promise<History> {
  const hashed = Object.groupBy(hashedIdentifiers(store.key, sighting), ({ kind }) => (kind === 'attestation-key' ? 'issuer' : 'own'));
  const of = (hashes: readonly { readonly hash: string }[]) =>
    store.db
      .selectFrom('sightings')
      .innerJoin('inspections', 'inspections.record', 'sightings.record')
      .select(['inspections.record', 'inspections.judged_as_of'])
      .distinct()
      .where(
        'hash',
        'in',
        hashes.map(({ hash }) => hash),
      );
  const { own = [], issuer = [] } = hashed;
  const rows = [
    ...(own.length === 0 ? [] : await of(own).execute()),
    ...(issuer.length === 0
      ? []
      : await of(issuer).orderBy('inspections.judged_as_of', 'desc').orderBy('inspections.record').limit(SAME_ISSUER_MAX).execute()),
  ];
  const records = [...new Map(rows.map((row) => [row.record, row])).values()].toSorted(
    (a, b) => compareText(a.judged_as_of, b.judged_as_of) || compareText(a.record, b.record),
  );
  const sightings: Sighting[] = [];
  for (const { record } of records) sightings.push(sightingOfRecord(parseRecord(await store.blobs.get('inspection', record)).sighting));
  return { sightings };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export async function indexBlob(
  db: Transaction<Tables>,
  kind: string,
  blob: { readonly sha256: string; readonly bytes: number },
): Promise<void> {
  await db
    .insertInto('blobs')
    .values({ kind, ...blob })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The rows that follow from a record. */
export async function indexInspection(
  db: Transaction<Tables>,
  key: Uint8Array,
  { sha256, record }: { readonly sha256: string; readonly record: InspectionRecord },
): Promise<void> {
  const { report, capture, judgedAsOf, verdict, sighting } = record;
  await db
    .insertInto('inspections')
    .values({
      record: sha256,
      report,
      capture,
      judged_as_of: judgedAsOf,
      hardware: verdict.hardware,
      software: verdict.software,
      custody: verdict.custody,
      decision: verdict.decision,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const rows = hashedIdentifiers(key, sighting).map((hashed) => ({ record: sha256, ...hashed }));
  if (rows.length === 0) return;
  await db
    .insertInto('sightings')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
