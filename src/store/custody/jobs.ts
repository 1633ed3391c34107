/**
 * Capture jobs: asked for, done later. The document is durable before the job is acknowledged; a job that was running when the process ended is run again,
 * and what it had kept already is not kept twice, because its events are known by their hashes.
 */
import { randomUUID } from 'node:crypto';
import type { Instant } from '../../bytes/index.ts';
import { FormatError } from '../../bytes/index.ts';
import type { Refusal } from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import type { CustodyJobRow } from '../tables.ts';
import type { Behaviour } from './events.ts';
import { importDocument } from './import.ts';
import { keepJob, keepJobEnd } from './job-records.ts';

export interface Job {
  readonly id: string;
  readonly created: string;
  readonly finished: string | undefined;
  /** False from the first error on. */
  readonly success: boolean;
  readonly behaviour: Behaviour;
  readonly sender: string | null;
  readonly document: string;
  readonly errors: readonly Refusal[];
}

const jobOf = (row: CustodyJobRow): Job => ({
  ...row,
  finished: row.finished ?? undefined,
  success: row.success !== 0,
  behaviour: row.behaviour === 'proceed' ? 'proceed' : 'rollback',
  errors: row.errors === null ? [] : (JSON.parse(row.errors) as readonly Refusal[]), // Written below.
});

/** Keeps a document and a job for it. Answers once both are durable. */
export async function createJob(
  store: Store,
  bytes: Uint8Array,
  about: { readonly now: Instant; readonly behaviour: Behaviour; readonly sender: string | null },
): Promise<Job> {
  const document = await store.blobs.put('document', bytes);
  const asked = { id: randomUUID(), created: about.now, behaviour: about.behaviour, sender: about.sender, document };
  await keepJob(store, asked, { sha256: document, bytes: bytes.length });
  return jobOf({ ...asked, finished: null, success: null, errors: null });
}

/** Runs a job to its end. What was captured by it before it was interrupted counts as captured. */
export async function runJob(
  store: Store,
  job: Job,
  options: { readonly now: Instant; readonly hashIds: 'verify' | 'own'; readonly isAgain?: boolean },
): Promise<Job> {
  let errors: readonly Refusal[];
  try {
    const done = await importDocument(store, await store.blobs.get('document', job.document), {
      ...options,
      sender: job.sender,
      behaviour: job.behaviour,
    });
    errors = done.refused;
    // Interrupted after its commit and before this was written down: all of it is there, and nothing else can have put it there with this job still running.
    if (options.isAgain === true && errors.length > 0 && errors.every(({ name }) => name === 'duplicate')) errors = [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    errors = [{ name: 'invalid', at: '', because: error.message }];
  }
  await keepJobEnd(store, { id: job.id, finished: options.now, success: errors.length === 0 ? 1 : 0, errors: JSON.stringify(errors) });
  return { ...job, finished: options.now, success: errors.length === 0, errors };
}

export async function findJob(store: Store, id: string): Promise<Job | undefined> {
  const row = await store.db.selectFrom('custody_jobs').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : jobOf(row);
}

/** Jobs in the order in which they were asked for. `after` is the ID of the last that was seen. */
export async function listJobs(store: Store, perPage: number, after: Pick<Job, 'created' | 'id'> | undefined): Promise<readonly Job[]> {
  let rows = store.db.selectFrom('custody_jobs').selectAll().orderBy('created').orderBy('id').limit(perPage);
  if (after !== undefined)
    rows = rows.where((of) => of.or([of('created', '>', after.created), of('created', '=', after.created).and(of('id', '>', after.id))]));
  return (await rows.execute()).map(jobOf);
}

/** Jobs that were never finished, oldest first. */
export async function openJobs(store: Store): Promise<readonly Job[]> {
  return (await store.db.selectFrom('custody_jobs').selectAll().where('finished', 'is', null).orderBy('created').execute()).map(jobOf);
}
