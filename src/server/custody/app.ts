/**
 * Capture and query of custody over HTTP: EPCIS 2.0's REST binding (GS1 openapi.json, 2.0.0) as a Hono app of its own.
 * Here: capture jobs with both error behaviours and single events (`capture.ts`), events (`events.ts`), what is known (`collections.ts`), named queries (`queries.ts`),
 * subscriptions by webhook (`subscriptions.ts`) and by WebSocket (`live.ts`), paging (`exchange.ts`), OPTIONS (`discovery.ts`), problem documents, EPC formats, XML answers.
 * Not here: taking back page tokens (they hold no state), schemas of event types, XML of anything but events.
 */
import { Hono } from 'hono';
import { FormatError } from '../../bytes/index.ts';
import type { Worker } from '../../jobs/index.ts';
import { QueryError } from '../../provenance/index.ts';
import { answerType, isEvents } from './accept.ts';
import { mountCapture, workCaptures } from './capture.ts';
import { mountCollections } from './collections.ts';
import type { CustodyServer, Desk } from './desk.ts';
import { HEADERS, LIMITS, optionsOf, URL_MAX, versionProblem } from './discovery.ts';
import { mountEvents } from './events.ts';
import { collection } from './exchange.ts';
import { mountLive } from './live.ts';
import { type ExceptionName, Problem, problemResponse } from './problem.ts';
import { mountQueries } from './queries.ts';
import { senderOf } from './senders.ts';
import { mountSubscriptions } from './subscriptions.ts';

export interface CustodyApp {
  readonly app: Hono;
  /** Sends the jobs that are not finished to the queue, where they are already unless it was lost, and works from now on. */
  readonly work: () => Promise<Worker>;
  /** Tells subscribers who are due. Called when time has passed; what is captured here is told by itself. */
  readonly tick: () => void;
  /** Resolves once every subscriber by webhook was told. */
  readonly idle: () => Promise<void>;
  /** Ends every WebSocket. */
  readonly hangUp: () => Promise<void>;
}

/** The app. Whoever mounts it stops the worker, and closes queue and store after it, `hangUp` and `idle`. */
export function custodyApp(server: CustodyServer): CustodyApp {
  const app = new Hono();
  let isTelling = false;
  let telling: Promise<unknown> = Promise.resolve();
  const told = () => {
    if (isTelling) return;
    isTelling = true;
    telling = telling.then(() => {
      isTelling = false;
      live.tell();
      return tell();
    });
  };
  const desk: Desk = {
    ...server,
    told,
    asks: (context, wants) => senderOf(server.senders, context.req.header('authorization'), wants),
  };

  app.onError(answerOf);
  app.notFound(() => problemResponse('NoSuchResourceException', 'there is nothing here', HEADERS));
  app.use(async (context, next) => {
    if (context.req.url.length > URL_MAX)
      throw new Problem('URITooLongException', `the address is longer than ${URL_MAX} characters: POST /queries takes long questions`);
    if (context.req.method === 'OPTIONS') {
      desk.asks(context, 'query');
      return optionsOf(context.req.path, server.version);
    }
    const wanted = versionProblem((name) => context.req.header(name));
    if (wanted !== undefined) throw new Problem('NotAcceptableException', wanted);
    if (context.req.header('upgrade')?.toLowerCase() === 'websocket' && !/^\/queries\/[^/]+\/events$/.test(context.req.path))
      throw new Problem('ValidationException', 'WebSockets are taken at /queries/{name}/events');
    if (context.req.method === 'GET' && answerType(context.req.header('accept'), isEvents(context.req.path)) === undefined)
      throw new Problem(
        'NotAcceptableException',
        'answers are JSON here (application/json, application/ld+json); lists of events are XML too',
      );
    await next();
    return undefined;
  });
  app.get('/', (context) => {
    desk.asks(context, 'query');
    return collection(['capture', 'events', 'eventTypes', 'bizSteps', 'dispositions', 'readPoints', 'bizLocations', 'epcs', 'queries']);
  });
  mountCapture(app, desk);
  mountEvents(app, desk);
  mountCollections(app, desk);
  // Before the answers of queries: an upgrade asks for the same address.
  const live = mountLive(app, desk);
  mountQueries(app, desk);
  const { tell } = mountSubscriptions(app, desk);
  app.delete('/nextPageToken/:token', (context) => {
    desk.asks(context, 'query');
    throw new Problem('NotImplemented', 'tokens hold no state here: there is nothing to take back');
  });

  return {
    app,
    work: () => workCaptures(desk),
    tick: told,
    idle: async () => {
      // More may be told while others are.
      for (let seen: unknown; seen !== telling; ) {
        seen = telling;
        await telling;
      }
    },
    hangUp: live.hangUp,
  };
}

/** The answer to whatever was thrown. */
function answerOf(error: Error): Response {
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
}
