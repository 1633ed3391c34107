/** The records of capture jobs: the blobs from which their rows follow. Formats: `assay.job/1`, written when a job is asked for, and `assay.job-end/1`. */
import type { Kysely } from 'kysely';
import { z } from 'zod/mini';
import type { Blobs } from '../blobs.ts';
import { indexBlob } from '../store.ts';
import type { CustodyJobRow, Tables } from '../tables.ts';

const jobSchema = z.strictObject({
  format: z.literal('assay.job/1'),
  id: z.string(),
  created: z.string(),
  behaviour: z.enum(['rollback', 'proceed']),
  sender: z.nullable(z.string()),
  document: z.string(),
});
const endSchema = z.strictObject({
  format: z.literal('assay.job-end/1'),
  id: z.string(),
  finished: z.string(),
  success: z.int(),
  /** The refusals as JSON text, as the row has them. */
  errors: z.string(),
});
type Asked = Omit<z.infer<typeof jobSchema>, 'format'>;
type Ended = Omit<z.infer<typeof endSchema>, 'format'>;

const written = (record: z.infer<typeof jobSchema> | z.infer<typeof endSchema>) => new TextEncoder().encode(JSON.stringify(record));
const parsed = <T>(schema: z.ZodMiniType<T>, bytes: Uint8Array) => z.parse(schema, JSON.parse(new TextDecoder().decode(bytes)));

/** Keeps a job that was asked for. `also` is what must be there together with its row. */
export async function keepJob(
  { db, blobs }: { readonly db: Kysely<Tables>; readonly blobs: Blobs },
  job: Asked,
  document: { readonly sha256: string; readonly bytes: number },
): Promise<void> {
  const bytes = written({ format: 'assay.job/1', ...job });
  const sha256 = await blobs.put('job', bytes);
  await db.transaction().execute(async (transaction) => {
    await indexBlob(transaction, 'document', document);
    await indexBlob(transaction, 'job', { sha256, bytes: bytes.length });
    await indexJob(transaction, bytes);
  });
}

/** Keeps how a job ended. */
export async function keepJobEnd({ db, blobs }: { readonly db: Kysely<Tables>; readonly blobs: Blobs }, end: Ended): Promise<void> {
  const bytes = written({ format: 'assay.job-end/1', ...end });
  const sha256 = await blobs.put('job-end', bytes);
  await db.transaction().execute(async (transaction) => {
    await indexBlob(transaction, 'job-end', { sha256, bytes: bytes.length });
    await indexJobEnd(transaction, bytes);
  });
}

export async function indexJob(db: Kysely<Tables>, bytes: Uint8Array): Promise<void> {
  const { format: _format, ...job } = parsed(jobSchema, bytes);
  const row: CustodyJobRow = { ...job, finished: null, success: null, errors: null };
  await db.insertInto('custody_jobs').values(row).execute();
}

/** A job ends once; killed between its blob and its row, it has a second ending, and the earlier one counts. */
export async function indexJobEnd(db: Kysely<Tables>, bytes: Uint8Array): Promise<void> {
  const { format: _format, id, ...end } = parsed(endSchema, bytes);
  await db
    .updateTable('custody_jobs')
    .set(end)
    .where('id', '=', id)
    .where((of) => of.or([of('finished', 'is', null), of('finished', '>', end.finished)]))
    .execute();
}
