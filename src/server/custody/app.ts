/**
 * Capture and query of custody over HTTP: EPCIS 2.0's REST binding (GS1 openapi.json, 2.0.0) as a Hono app of its own.
 * Here: capture jobs with both error behaviours, single events, events and their sub-resources, named queries and subscriptions by webhook (`subscriptions.ts`), paging,
 * OPTIONS, problem documents, EPC formats, XML answers.
 * Not here: subscriptions by WebSocket (501), lists of EPCs (the index knows them by keyed hashes only), sensor parameters of queries (400 by name).
 */
import { type Context, Hono } from 'hono';
import type { Instant } from '../../bytes/index.ts';
import { FormatError } from '../../bytes/index.ts';
import type { Queue, Worker } from '../../jobs/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  documentProblems,
  eventListOf,
  isObject,
  type Json,
  judgeEvent,
  listOf,
  queryDocumentXml,
  readDocument,
} from '../../provenance/index.ts';
import {
  createJob,
  type EventQuery,
  findJob,
  type Job,
  keepEvents,
  listJobs,
  namedQueries,
  openJobs,
  placesOf,
  QueryError,
  queryEvents,
  removeSubscriptions,
  runJob,
  type Store,
  valuesOf,
} from '../../store/index.ts';
import { answerType, cbvFormOf, isEvents } from './accept.ts';
import { epcFormatOf, givenEvent, queryDocument } from './documents.ts';
import { type ExceptionName, Problem, problemOf, problemResponse } from './problem.ts';
import { type Sender, senderOf } from './senders.ts';
import { mountSubscriptions, postTo, type Send } from './subscriptions.ts';

export interface CustodyServer {
  readonly store: Store;
  /** Where capture jobs wait. Of several servers of one store, each job is run by one. */
  readonly queue: Queue;
  readonly senders: readonly [Sender, ...Sender[]];
  readonly now: () => Instant;
  readonly hashIds: 'verify' | 'own';
  /** Company prefixes of GS1 that are known here: what has one of them can be given out as an EPC URN. */
  readonly prefixes: readonly string[];
  /** What this version is called. */
  readonly version: string;
  /** How subscribers are told; over HTTP where undefined. */
  readonly send?: Send;
}

/** The name of capture jobs in the queue. */
const CAPTURE = 'custody-capture';
/** Events of one capture, and its bytes. */
export const CAPTURE_EVENTS = 100_000;
export const CAPTURE_BYTES = 64 << 20;
/** A query string longer than that belongs into POST /queries. */
const URL_MAX = 8000;
const PER_PAGE_MAX = 1000;
const PER_PAGE = 30;

const HEADERS = { 'GS1-EPCIS-Version': '2.0.0', 'GS1-CBV-Version': '2.0.0' };
const DISCOVERY = {
  ...HEADERS,
  'GS1-EPCIS-Min': '2.0.0',
  'GS1-EPCIS-Max': '2.0.0',
  'GS1-CBV-Min': '2.0.0',
  'GS1-CBV-Max': '2.0.0',
  'GS1-EPC-Format': 'No_Preference, Always_GS1_Digital_Link, Always_EPC_URN, Never_Translates',
  'GS1-Extensions': '',
};
const LIMITS = {
  'GS1-EPCIS-Capture-Limit': String(CAPTURE_EVENTS),
  'GS1-EPCIS-Capture-File-Size-Limit': String(CAPTURE_BYTES),
  'GS1-Capture-Error-Behaviour': 'rollback, proceed',
};

/** Collections by their path: the column that they are, and the query parameter that filters by one. */
const COLLECTIONS = [
  ['eventTypes', 'type', 'eventType'],
  ['bizSteps', 'step', 'EQ_bizStep'],
  ['dispositions', 'disposition', 'EQ_disposition'],
  ['readPoints', 'read_point', 'EQ_readPoint'],
  ['bizLocations', 'biz_location', 'EQ_bizLocation'],
] as const;

const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...HEADERS, 'content-type': 'application/json', ...headers } });
const collection = (member: readonly string[]) =>
  json({ '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', type: 'Collection', member });

export interface CustodyApp {
  readonly app: Hono;
  /** Sends the jobs that are not finished to the queue, where they are already unless it was lost, and works from now on. */
  readonly work: () => Promise<Worker>;
  /** Tells subscribers who are due. Called when time has passed; what is captured here is told by itself. */
  readonly tick: () => void;
  /** Resolves once every subscriber was told. */
  readonly idle: () => Promise<void>;
}

/** The app. Whoever mounts it stops the worker, and closes queue and store after it and `idle`. */
export function custodyApp(server: CustodyServer): CustodyApp {
  const { store, queue, now } = server;
  const app = new Hono();
  const asks = (context: Context, wants: Sender['may'][number]) => senderOf(server.senders, context.req.header('authorization'), wants);

  app.onError((error) => {
    if (error instanceof Problem)
      return problemResponse(
        error.exception,
        error.message,
        error.exception === 'CaptureLimitExceededException' ? { ...HEADERS, ...LIMITS } : HEADERS,
      );
    if (error instanceof QueryError) {
      const kinds: Record<QueryError['kind'], ExceptionName> = {
        parameter: 'QueryParameterException',
        'too-complex': 'QueryTooComplexException',
        'too-large': 'QueryTooLargeException',
      };
      return problemResponse(kinds[error.kind], error.message, HEADERS);
    }
    if (error instanceof FormatError) return problemResponse('ValidationException', error.message, HEADERS);
    console.error(`custody: ${error.stack ?? error.message}`);
    // What went wrong inside is nobody's outside.
    return problemResponse('ImplementationException', 'something went wrong here', HEADERS);
  });
  app.notFound(() => problemResponse('NoSuchResourceException', 'there is nothing here', HEADERS));

  app.use(async (context, next) => {
    if (context.req.url.length > URL_MAX)
      throw new Problem('URITooLongException', `the address is longer than ${URL_MAX} characters: POST /queries takes long questions`);
    if (context.req.method === 'OPTIONS') {
      asks(context, 'query');
      const isCapture = /^\/capture\/?$/.test(context.req.path);
      const isWritable = isCapture || /^\/(?:events|queries)\/?$/.test(context.req.path);
      const allow = isWritable ? 'OPTIONS, GET, POST' : 'OPTIONS, GET';
      return new Response(null, {
        status: 204,
        headers: { ...DISCOVERY, ...(isCapture ? LIMITS : {}), 'GS1-Vendor-Version': server.version, Allow: allow },
      });
    }
    if (context.req.method === 'GET' && answerType(context.req.header('accept'), isEvents(context.req.path)) === undefined)
      throw new Problem(
        'NotAcceptableException',
        'answers are JSON here (application/json, application/ld+json); lists of events are XML too',
      );
    await next();
    return undefined;
  });

  app.get('/', (context) => {
    asks(context, 'query');
    return collection(['capture', 'events', 'eventTypes', 'bizSteps', 'dispositions', 'readPoints', 'bizLocations', 'epcs', 'queries']);
  });

  app.post('/capture', async (context) => {
    const sender = asks(context, 'capture');
    const behaviour = context.req.header('gs1-capture-error-behaviour') ?? 'rollback';
    if (behaviour !== 'rollback' && behaviour !== 'proceed')
      throw new Problem('ValidationException', 'GS1-Capture-Error-Behaviour is rollback or proceed');
    const bytes = await bodyOf(context, ['application/json', 'application/ld+json', 'application/xml', 'text/xml']);
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
    const text = new TextDecoder().decode(await bodyOf(context, ['application/json', 'application/ld+json']));
    let body: Json;
    try {
      body = JSON.parse(text) as Json; // JSON.parse gives JSON.
    } catch {
      throw new Problem('ValidationException', 'the body is no JSON');
    }
    if (isObject(body) && body['@context'] === undefined)
      throw new Problem('ValidationException', 'an event on its own needs its @context');
    const at = now();
    const rules = {
      hash: nodeHash,
      now: at,
      hashIds: server.hashIds,
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
    return new Response(JSON.stringify({ ...judged.body, eventID: id }), {
      status: 201,
      headers: { ...HEADERS, 'content-type': 'application/json', Location: `/events/${encodeURIComponent(id)}` },
    });
  });

  const answer = async (context: Context, query: EventQuery, queryName = 'SimpleEventQuery') => {
    asks(context, 'query');
    const { perPage, token } = pageOf(context);
    const format = epcFormatOf(context.req.header('gs1-epc-format'));
    const { found, next } = await queryEvents(store, query, { perPage, token });
    // Whether there is more is known by looking, so that a last page never promises another.
    const isMore = next !== undefined && (await queryEvents(store, query, { perPage: 1, token: next })).found.length > 0;
    const document = queryDocument(found, { now: now(), queryName, format, prefixes: server.prefixes });
    const headers = nextHeaders(context, isMore ? next : undefined, perPage);
    if (answerType(context.req.header('accept'), true) !== 'xml') return json(document, 200, headers);
    const xml = queryDocumentXml(document, cbvFormOf(context.req.header('gs1-cbv-xml-format')));
    return new Response(new Uint8Array(xml), { status: 200, headers: { ...HEADERS, 'content-type': 'application/xml', ...headers } });
  };
  const asked = (context: Context): EventQuery => {
    const query: Record<string, readonly string[]> = {};
    for (const [name, values] of Object.entries(context.req.queries()))
      if (name !== 'perPage' && name !== 'nextPageToken')
        query[name] = values.flatMap((value) => value.split(',')).filter((value) => value !== '');
    return query;
  };

  app.get('/events', (context) => answer(context, asked(context)));
  app.get('/events/:id', async (context) => {
    asks(context, 'query');
    const format = epcFormatOf(context.req.header('gs1-epc-format'));
    const { found } = await queryEvents(store, { EQ_eventID: [context.req.param('id')] }, { perPage: 10, token: undefined });
    const one = found.find(({ event }) => event.declaredWrong === undefined) ?? found[0];
    if (one === undefined) return missing('there is no such event');
    return json({
      '@context': one.body['@context'] ?? 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      ...givenEvent(one, format, server.prefixes),
    });
  });

  for (const [path, column, parameter] of COLLECTIONS) {
    app.get(`/${path}`, async (context) => {
      asks(context, 'query');
      return collection(await valuesOf(store, column));
    });
    app.get(`/${path}/:value`, (context) => {
      asks(context, 'query');
      return collection(['events']);
    });
    app.get(`/${path}/:value/events`, (context) => answer(context, { ...asked(context), [parameter]: [context.req.param('value')] }));
  }
  app.get('/epcs', (context) => {
    asks(context, 'query');
    throw new Problem(
      'NotImplemented',
      'things are known here by keyed hashes only, so they cannot be listed; /epcs/{epc}/events finds one',
    );
  });
  app.get('/epcs/:value', (context) => {
    asks(context, 'query');
    return collection(['events']);
  });
  app.get('/epcs/:value/events', (context) => answer(context, { ...asked(context), MATCH_anyEPC: [context.req.param('value')] }));

  app.get('/queries', async (context) => {
    asks(context, 'query');
    return collection(await namedQueries.list(store));
  });
  app.post('/queries', async (context) => {
    asks(context, 'query');
    const text = new TextDecoder().decode(await bodyOf(context, ['application/json', 'application/ld+json']));
    const given: unknown = parsed(text);
    const [name, query] = isObject(given as Json)
      ? [(given as { name?: unknown }).name, (given as { query?: unknown }).query]
      : [undefined, undefined]; // An object, by the question before.
    if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name))
      throw new Problem('ValidationException', 'a query has a name of letters, digits, points and dashes');
    const simple = queryOf(query);
    // Asked once for nothing, so that a query that is not read is refused when it is made.
    await queryEvents(store, simple, { perPage: 1, token: undefined });
    if (!(await namedQueries.add(store, name, query, now())))
      throw new Problem('ResourceAlreadyExistsException', `there is a query ${name} already`);
    return json({ name, query }, 201, { Location: `/queries/${name}` });
  });
  app.get('/queries/:name', async (context) => {
    asks(context, 'query');
    const query = await namedQueries.get(store, context.req.param('name'));
    return query === undefined ? missing('there is no such query') : json({ name: context.req.param('name'), query });
  });
  app.delete('/queries/:name', async (context) => {
    asks(context, 'query');
    if (!(await namedQueries.remove(store, context.req.param('name')))) return missing('there is no such query');
    await removeSubscriptions(store, context.req.param('name'));
    return new Response(null, { status: 204, headers: HEADERS });
  });
  app.get('/queries/:name/events', async (context) => {
    asks(context, 'query');
    const query = await namedQueries.get(store, context.req.param('name'));
    return query === undefined ? missing('there is no such query') : answer(context, queryOf(query), context.req.param('name'));
  });
  const { tell } = mountSubscriptions(app, {
    store,
    senders: server.senders,
    prefixes: server.prefixes,
    now,
    send: server.send ?? postTo,
    queryOf,
    asks: (context) => asks(context, 'query'),
    bodyOf: async (context) => parsed(new TextDecoder().decode(await bodyOf(context, ['application/json', 'application/ld+json']))),
    json,
  });
  let isTelling = false;
  let telling: Promise<unknown> = Promise.resolve();
  const told = () => {
    if (isTelling) return;
    isTelling = true;
    telling = telling.then(() => {
      isTelling = false;
      return tell();
    });
  };
  app.delete('/nextPageToken/:token', (context) => {
    asks(context, 'query');
    throw new Problem('NotImplemented', 'tokens hold no state here: there is nothing to take back');
  });

  return {
    app,
    work: async () => {
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
        await runJob(store, job, { now: now(), hashIds: server.hashIds, isAgain: attempt > 1 || resumed.has(key) });
        told();
      });
    },
    tick: told,
    idle: async () => {
      // More may be told while others are.
      for (let seen: unknown; seen !== telling; ) {
        seen = telling;
        await telling;
      }
    },
  };
}

function missing(detail: string): never {
  throw new Problem('NoSuchResourceException', detail);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('ValidationException', 'the body is no JSON');
  }
}

/** A query in JSON as names and values. */
function queryOf(query: unknown): EventQuery {
  if (typeof query !== 'object' || query === null || Array.isArray(query))
    throw new Problem('ValidationException', 'a query is an object of parameters');
  return Object.fromEntries(
    Object.entries(query)
      .filter(([name]) => name !== '@context')
      .map(([name, value]) => {
        const values: readonly unknown[] = Array.isArray(value) ? value : value === null ? [] : [value];
        if (!values.every((one) => ['string', 'number', 'boolean'].includes(typeof one)))
          throw new Problem('ValidationException', `${name.slice(0, 80)} has a value that is no text and no number`);
        return [name, values.map(String)];
      }),
  );
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

/** The bytes of a request, of a type that is read, up to the limit whatever it says of itself. */
async function bodyOf(context: Context, types: readonly string[]): Promise<Uint8Array> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || !types.includes(type))
    throw new Problem('UnsupportedMediaTypeException', `the body is one of ${types.join(', ')}`);
  const refuse = () => new Problem('CaptureLimitExceededException', `more than ${CAPTURE_BYTES} bytes`);
  if (Number(context.req.header('content-length') ?? 0) > CAPTURE_BYTES) throw refuse();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of context.req.raw.body ?? []) {
    size += part.length;
    if (size > CAPTURE_BYTES) throw refuse();
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function pageOf(context: Context): { readonly perPage: number; readonly token: string | undefined } {
  const text = context.req.query('perPage') ?? String(PER_PAGE);
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new QueryError('parameter', 'perPage wants a number from 1');
  return { perPage: Math.min(Number(text), PER_PAGE_MAX), token: context.req.query('nextPageToken') };
}

/** The next page as RFC 8288 has it. Tokens do not expire: what was captured stays. */
function nextHeaders(context: Context, next: string | undefined, perPage: number): Readonly<Record<string, string>> {
  if (next === undefined) return {};
  const url = new URL(context.req.url);
  url.searchParams.set('perPage', String(perPage));
  url.searchParams.set('nextPageToken', next);
  return { Link: `<${url.pathname}${url.search}>; rel="next"` };
}
