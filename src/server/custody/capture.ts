/** Capture: jobs with both error behaviours, and single events. */
import type { Hono } from 'hono';
import type { Worker } from '../../jobs/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { documentProblems, eventListOf, isObject, type Json, judgeEvent, listOf, readDocument } from '../../provenance/index.ts';
import { createJob, findJob, type Job, keepEvents, listJobs, openJobs, placesOf, runJob } from '../../store/index.ts';
import type { Desk } from './desk.ts';
import { CAPTURE_EVENTS, HEADERS, missing } from './discovery.ts';
import { bodyOf, JSON_TYPES, json, jsonOf, nextHeaders, pageOf } from './exchange.ts';
import { Problem, problemOf } from './problem.ts';

/** The name of capture jobs in the queue. */
const CAPTURE = 'custody-capture';

export function mountCapture(app: Hono, { store, queue, now, hashIds, asks, told }: Desk): void {
  app.post('/capture', async (context) => {
    const sender = asks(context, 'capture');
    const behaviour = context.req.header('gs1-capture-error-behaviour') ?? 'rollback';
    if (behaviour !== 'rollback' && behaviour !== 'proceed')
      throw new Problem('ValidationException', 'GS1-Capture-Error-Behaviour is rollback or proceed');
    const bytes = await bodyOf(context, [...JSON_TYPES, 'application/xml', 'text/xml']);
    // What is wrong around the events is said at once; the events are the job's.
    const document = readDocument(bytes);
    const [problem] = documentProblems(document.json);
    if (problem !== undefined) throw new Problem('ValidationException', `${problem.at} ${problem.problem}`);
    const events = listOf(eventListOf(document.json)).length;
    if (events > CAPTURE_EVENTS)
      throw new Problem('CaptureLimitExceededException', `${events} events, and ${CAPTURE_EVENTS} is the most of one capture`);
    const job = await createJob(store, bytes, { now: now(), behaviour, sender: sender.party });
    await queue.send(CAPTURE, job.id);
    return new Response(null, { status: 202, headers: { ...HEADERS, Location: `/capture/${job.id}` } });
  });

  app.get('/capture', async (context) => {
    const sender = asks(context, 'capture');
    const { perPage, token } = pageOf(context);
    const after = token === undefined ? undefined : ((await findJob(store, token)) ?? missing('the token is none that was given here'));
    const jobs = await listJobs(store, perPage + 1, after);
    const shown = jobs.slice(0, perPage);
    const last = shown.at(-1);
    const next = jobs.length > perPage && last !== undefined ? last.id : undefined;
    return json(
      // A party sees its own.
      shown.filter((job) => sender.party === null || job.sender === sender.party).map(jobDocument),
      200,
      nextHeaders(context, next, perPage),
    );
  });

  app.get('/capture/:id', async (context) => {
    const sender = asks(context, 'capture');
    const job = await findJob(store, context.req.param('id'));
    if (job === undefined || (sender.party !== null && job.sender !== sender.party)) return missing('there is no such capture');
    return json(jobDocument(job));
  });

  app.post('/events', async (context) => {
    const sender = asks(context, 'capture');
    const body = (await jsonOf(context)) as Json; // JSON.parse gives JSON.
    if (isObject(body) && body['@context'] === undefined)
      throw new Problem('ValidationException', 'an event on its own needs its @context');
    const at = now();
    const rules = {
      hash: nodeHash,
      now: at,
      hashIds,
      sender: sender.party === null ? ({ kind: 'operator' } as const) : ({ kind: 'party', uri: sender.party } as const),
      places: await placesOf(store),
    };
    const judged = judgeEvent(body, '', rules);
    if ('name' in judged)
      throw new Problem(
        judged.name === 'party-not-authorised' ? 'Forbidden' : 'ValidationException',
        `${judged.name}: ${judged.at} ${judged.because}`,
      );
    const { refused } = await keepEvents(store, [judged], { capturedAt: at, sender: sender.party, behaviour: 'rollback' });
    const [refusal] = refused;
    if (refusal !== undefined)
      throw new Problem(
        refusal.name === 'duplicate' ? 'ResourceAlreadyExistsException' : 'ValidationException',
        `${refusal.name}: ${refusal.because}`,
      );
    told();
    const id = judged.event.calledId ?? judged.event.id;
    return json({ ...judged.body, eventID: id }, 201, { Location: `/events/${encodeURIComponent(id)}` });
  });
}

/** Sends the jobs that are not finished to the queue, where they are already unless it was lost, and works from now on. */
export async function workCaptures({ store, queue, now, hashIds, told }: Desk): Promise<Worker> {
  const resumed = new Set<string>();
  for (const { id } of await openJobs(store)) {
    resumed.add(id);
    await queue.send(CAPTURE, id);
  }
  told();
  return queue.work(CAPTURE, async ({ key, attempt }) => {
    const job = await findJob(store, key);
    // Done by a worker that died before it could say so to the queue.
    if (job === undefined || job.finished !== undefined) return;
    await runJob(store, job, { now: now(), hashIds, isAgain: attempt > 1 || resumed.has(key) });
    told();
  });
}

const jobDocument = ({ id, created, finished, success, behaviour, errors }: Job) => ({
  captureID: id,
  createdAt: created,
  ...(finished === undefined ? {} : { finishedAt: finished }),
  running: finished === undefined,
  success,
  captureErrorBehaviour: behaviour,
  errors: errors.map(problemOf),
});
