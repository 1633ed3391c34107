/**
 * Subscriptions of EPCIS 2.0's REST binding by webhook: a query's new events are sent to an address, when they are captured (`stream`) or by schedule.
 * An address is one that the operator of this server wrote into the list of senders, letter for letter: whoever may ask cannot have this machine ask others. No redirect is
 * followed and no answer is read. Events are sent at least once and in their order; what was not taken is sent again.
 * Signature: `GS1-Signature: sha256=HEX`, HMAC-SHA-256 of the body under the subscriber's `signatureToken`. By WebSocket: `live.ts`.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod/mini';
import { instantMs, isInstant } from '../../bytes/index.ts';
import { canonicalTime } from '../../provenance/index.ts';
import {
  addSubscription,
  type CustodySubscriptionRow,
  type Found,
  holdSubscription,
  keepTold,
  lastEvent,
  letGoSubscription,
  namedQueries,
  queryEvents,
  removeSubscription,
  SUBSCRIPTIONS_MAX,
  subscriptionsOf,
} from '../../store/index.ts';
import { pageOfNames } from './collections.ts';
import type { Desk } from './desk.ts';
import { type EpcFormat, epcFormatOf, toldDocument } from './documents.ts';
import { json, jsonOf } from './exchange.ts';
import { Problem } from './problem.ts';
import { OF_ONE_ANSWER, type Question, questionOf, recordedSince } from './queries.ts';
import { dueAfter, nextTime, parseSchedule } from './schedule.ts';
import type { Sender } from './senders.ts';

/** Sends a body; answers the status. @throws where nobody answers */
export type Send = (dest: string, body: string, headers: Readonly<Record<string, string>>) => Promise<number>;

/** What sending needs of the desk. */
type Sending = Pick<Desk, 'store' | 'now' | 'prefixes'> & { readonly send: Send };

const BATCH = 100;
/** Events that are looked through at once: fewer than one question may read, so that what a subscriber does not want never stops him. */
const WINDOW = 10_000;
const SEND_MS = 10_000;
/** How long a server that tells a subscriber may be silent before another does. Longer than a message may take. */
const HOLD_MS = 60_000;
const BACK_OFF_MS = [1000, 5000, 30_000, 120_000, 600_000] as const;

/** A time with its offset from UTC. */
const instant = z.custom<string>((value) => typeof value === 'string' && isInstant(canonicalTime(value)));
const subscriptionSchema = z.strictObject({
  dest: z.string().check(z.maxLength(2000)),
  signatureToken: z.optional(z.string().check(z.minLength(16), z.maxLength(512))),
  reportIfEmpty: z.optional(z.boolean()),
  stream: z.optional(z.boolean()),
  schedule: z.optional(z.record(z.string(), z.unknown())),
  initialRecordTime: z.optional(instant),
});

/** POSTs over the network. */
export const postTo: Send = async (dest, body, headers) => {
  const answer = await fetch(dest, { method: 'POST', body, headers, redirect: 'error', signal: AbortSignal.timeout(SEND_MS) });
  await answer.body?.cancel();
  return answer.status;
};

/** Adds the routes. Answers what is called when events were captured, or time has passed. */
export function mountSubscriptions(app: Hono, desk: Desk): { readonly tell: () => Promise<void> } {
  const { store, senders, now } = desk;
  const sending: Sending = { ...desk, send: desk.send ?? postTo };
  const asks = (context: Context) => desk.asks(context, 'query');
  const isAllowed = (sender: Sender | undefined, dest: string) => sender?.targets?.includes(dest) === true;
  const seen = (sender: Sender, row: CustodySubscriptionRow) => sender.party === null || row.sender === sender.name;
  const find = async (context: Context, sender: Sender): Promise<CustodySubscriptionRow> => {
    const [name, id] = [context.req.param('name') ?? '', context.req.param('id')];
    const row = (await subscriptionsOf(store, name)).find((one) => one.id === id);
    if (row === undefined || !seen(sender, row)) throw new Problem('NoSuchResourceException', 'there is no such subscription');
    return row;
  };
  const questionNamed = async (name: string): Promise<Question> => {
    const query = await namedQueries.get(store, name);
    if (query === undefined) throw new Problem('NoSuchResourceException', 'there is no such query');
    return questionOf(query);
  };

  app.get('/queries/:name/subscriptions', async (context) => {
    const sender = asks(context);
    await questionNamed(context.req.param('name'));
    const rows = (await subscriptionsOf(store, context.req.param('name'))).filter((row) => seen(sender, row));
    const ids = pageOfNames(context, rows.map(({ id }) => id).toSorted());
    const onPage = new Set(ids.shown);
    return json(
      rows
        .filter(({ id }) => onPage.has(id))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(shown),
      200,
      ids.headers,
    );
  });
  app.post('/queries/:name/subscriptions', async (context) => {
    const sender = asks(context);
    const name = context.req.param('name');
    const { parameters } = await questionNamed(name);
    const parsed = z.safeParse(subscriptionSchema, await jsonOf(context));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new Problem('ValidationException', `${issue?.path.join('.') || 'the subscription'}: ${issue?.message ?? 'is none'}`);
    }
    const { dest, signatureToken, stream, schedule, reportIfEmpty, initialRecordTime } = parsed.data;
    if ((stream === true) === (schedule !== undefined))
      throw new Problem('ValidationException', 'a subscription has either stream: true or a schedule');
    if (stream === true && reportIfEmpty === true) throw new Problem('ValidationException', 'reportIfEmpty belongs to a schedule');
    const limit = OF_ONE_ANSWER.find((parameter) => Object.hasOwn(parameters, parameter));
    if (limit !== undefined) throw new Problem('SubscribeNotPermittedException', `the query has ${limit}, which is of one answer`);
    if (!isAllowed(sender, dest))
      throw new Problem('Forbidden', 'dest is none of the targets that the operator of this server wrote down for this sender');
    const created = now();
    const row: CustodySubscriptionRow = {
      id: randomUUID(),
      query: name,
      created,
      sender: sender.name,
      dest,
      token: signatureToken ?? null,
      schedule: schedule === undefined ? null : JSON.stringify(schedule),
      report_if_empty: reportIfEmpty === true ? 1 : 0,
      initial: initialRecordTime === undefined ? null : canonicalTime(initialRecordTime),
      format: epcFormatOf(context.req.header('gs1-epc-format')),
      after_n: initialRecordTime === undefined ? await lastEvent(store) : 0,
      next_ms: schedule === undefined ? null : dueAfter(schedule, instantMs(created)),
      notified: null,
      holder: null,
      held_until_ms: null,
    };
    if (!(await addSubscription(store, row)))
      throw new Problem('ImplementationException', `there are ${SUBSCRIPTIONS_MAX} subscriptions already`);
    return json(shown(row), 201, { Location: `/queries/${name}/subscriptions/${row.id}` });
  });
  app.get('/queries/:name/subscriptions/:id', async (context) => json(shown(await find(context, asks(context)))));
  app.delete('/queries/:name/subscriptions/:id', async (context) => {
    await removeSubscription(store, (await find(context, asks(context))).id);
    return new Response(null, { status: 204 });
  });

  /** What this server is called among those of one store. */
  const holder = randomUUID();
  /** Subscribers who did not answer: how often, and when they are tried again. */
  const failing = new Map<string, { readonly times: number; readonly againMs: number }>();
  let telling: Promise<void> | undefined;
  let isAskedAgain = false;
  const round = async () => {
    const last = await lastEvent(store);
    for (const row of await subscriptionsOf(store)) {
      const atMs = instantMs(now());
      const { againMs = 0, times = 0 } = failing.get(row.id) ?? {};
      const isDue = ({ next_ms, after_n }: CustodySubscriptionRow) => (next_ms === null ? after_n < last : next_ms <= atMs);
      if (againMs > atMs || !isDue(row)) continue;
      try {
        // Whoever was struck off the list is told nothing more.
        if (
          !isAllowed(
            senders.find(({ name }) => name === row.sender),
            row.dest,
          )
        )
          continue;
        const held = await holdSubscription(store, row.id, { holder, nowMs: atMs, untilMs: atMs + HOLD_MS });
        // Another server is at it.
        if (held === undefined) continue;
        try {
          // Another was, and has told it meanwhile.
          if (isDue(held)) await deliver(held, sending);
        } finally {
          await letGoSubscription(store, row.id, holder);
        }
        failing.delete(row.id);
      } catch (error) {
        failing.set(row.id, { times: times + 1, againMs: atMs + (BACK_OFF_MS[Math.min(times, BACK_OFF_MS.length - 1)] ?? 0) });
        console.error(`custody: the subscription ${row.id} was not taken: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  return {
    // One round at a time; what comes meanwhile makes one more.
    tell: async () => {
      if (telling !== undefined) {
        isAskedAgain = true;
        return telling;
      }
      telling = (async () => {
        do {
          isAskedAgain = false;
          await round();
        } while (isAskedAgain);
      })().finally(() => {
        telling = undefined;
      });
      return telling;
    },
  };
}

/** A subscription as it is shown: never its token. */
const shown = ({ id, dest, created, notified, schedule, report_if_empty, initial, format }: CustodySubscriptionRow) => ({
  subscriptionID: id,
  dest,
  createdAt: created,
  ...(notified === null ? {} : { lastNotifiedAt: notified }),
  ...(initial === null ? {} : { initialRecordTime: initial }),
  epcFormat: format,
  ...(schedule === null ? { stream: true } : { schedule: JSON.parse(schedule) as unknown, reportIfEmpty: report_if_empty === 1 }),
});

/** Sends what is new. How far it came is kept after every batch that was taken. @throws Error where one was not */
async function deliver(row: CustodySubscriptionRow, sending: Sending): Promise<void> {
  const { store, now } = sending;
  const given = await namedQueries.get(store, row.query);
  if (given === undefined) return;
  const { parameters, namespaces } = questionOf(given);
  const query = recordedSince(parameters, row.initial);
  const last = await lastEvent(store);
  const schedule = row.schedule === null ? undefined : parseSchedule(JSON.parse(row.schedule) as Record<string, unknown>); // Parsed when it was made.
  let after = row.after_n;
  let sent = 0;
  let size = BATCH;
  while (after < last) {
    const until = Math.min(last, after + WINDOW);
    const { found } = await queryEvents(store, query, { perPage: size, token: `0.${after}.0`, namespaces, until });
    if (found.length > 0) {
      const status = await sendBatch(row, found, sending);
      // The subscriber asks for smaller parts.
      if (status === 413 && size > 1) {
        size = Math.ceil(size / 4);
        continue;
      }
      if (status < 200 || status >= 300) throw new Error(`${new URL(row.dest).host} answered ${status}`);
      sent += found.length;
    }
    after = found.length < size ? until : (found.at(-1)?.n ?? until);
    await keepTold(store, row.id, {
      after_n: after,
      held_until_ms: instantMs(now()) + HOLD_MS,
      ...(found.length === 0 ? {} : { notified: now() }),
    });
  }
  if (sent === 0 && schedule !== undefined && row.report_if_empty === 1) {
    const status = await sendBatch(row, [], sending);
    if (status < 200 || status >= 300) throw new Error(`${new URL(row.dest).host} answered ${status}`);
    await keepTold(store, row.id, { notified: now() });
  }
  await keepTold(store, row.id, {
    after_n: after,
    ...(schedule === undefined ? {} : { next_ms: nextTime(schedule, instantMs(now())) ?? null }),
  });
}

async function sendBatch(row: CustodySubscriptionRow, found: readonly Found[], { now, prefixes, send }: Sending): Promise<number> {
  const format = row.format as EpcFormat; // One of those that `epcFormatOf` let in.
  const document = toldDocument(found, { now: now(), queryName: row.query, subscriptionId: row.id, prefixes, format });
  const body = JSON.stringify(document);
  return send(row.dest, body, {
    'content-type': 'application/json',
    'GS1-EPCIS-Version': '2.0.0',
    ...(row.token === null ? {} : { 'GS1-Signature': `sha256=${createHmac('sha256', row.token).update(body).digest('hex')}` }),
  });
}
