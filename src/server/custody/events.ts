/** Events as resources: all of them, one, and those of a type, step, disposition, place or thing. */
import type { Context, Hono } from 'hono';
import { queryDocumentXml } from '../../provenance/index.ts';
import { queryEvents, valuesOf } from '../../store/index.ts';
import { answerType, cbvFormOf } from './accept.ts';
import type { Desk } from './desk.ts';
import { HEADERS, missing, URL_MAX } from './discovery.ts';
import { epcFormatOf, givenEvent, queryDocument } from './documents.ts';
import { collection, json, nextHeaders, pageOf } from './exchange.ts';
import { Problem } from './problem.ts';
import type { Question } from './queries.ts';

/** Collections by their path: the column that they are, and the query parameter that filters by one. */
const COLLECTIONS = [
  ['eventTypes', 'type', 'eventType'],
  ['bizSteps', 'step', 'EQ_bizStep'],
  ['dispositions', 'disposition', 'EQ_disposition'],
  ['readPoints', 'read_point', 'EQ_readPoint'],
  ['bizLocations', 'biz_location', 'EQ_bizLocation'],
] as const;

/** Answers a query with a page of its events, in JSON or XML. */
export async function answerQuery(
  { store, asks, now, prefixes }: Desk,
  context: Context,
  { parameters, namespaces }: Question,
  queryName = 'SimpleEventQuery',
): Promise<Response> {
  asks(context, 'query');
  const { perPage, token } = pageOf(context);
  const format = epcFormatOf(context.req.header('gs1-epc-format'));
  const { found, next } = await queryEvents(store, parameters, { perPage, token, namespaces });
  // Whether there is more is known by looking, so that a last page never promises another.
  const isMore = next !== undefined && (await queryEvents(store, parameters, { perPage: 1, token: next, namespaces })).found.length > 0;
  const document = queryDocument(found, { now: now(), queryName, format, prefixes });
  const headers = nextHeaders(context, isMore ? next : undefined, perPage);
  if (answerType(context.req.header('accept'), true) !== 'xml') return json(document, 200, headers);
  const xml = queryDocumentXml(document, cbvFormOf(context.req.header('gs1-cbv-xml-format')));
  return new Response(new Uint8Array(xml), { status: 200, headers: { ...HEADERS, 'content-type': 'application/xml', ...headers } });
}

/**
 * The query that an address asks. Lists are separated by `|` (openapi.json: pipeDelimited); commas separate bare words only, since a URI and a text may have them.
 * Prefixes come in GS1-Extensions, as PREFIX=NAMESPACE.
 */
function asked(context: Context, more: Readonly<Record<string, readonly string[]>> = {}): Question {
  const parameters: Record<string, readonly string[]> = {};
  for (const [name, values] of Object.entries(context.req.queries()))
    if (name !== 'perPage' && name !== 'nextPageToken')
      parameters[name] = values
        .flatMap((value) => (WORDS.has(name) && /^\w+(?:,\w+)+$/.test(value) ? value.split(',') : value.split('|')))
        .filter((value) => value !== '');
  const mapped = (context.req.header('gs1-extensions') ?? '').slice(0, URL_MAX).matchAll(/([A-Za-z_][\w.-]*)=([^,\s]+)/g);
  const namespaces = new Map([...mapped].map(([, prefix = '', namespace = '']) => [prefix, namespace]));
  return { parameters: { ...parameters, ...more }, namespaces };
}

/** Parameters whose values are words of the standard. */
const WORDS = new Set([
  'eventType',
  'EQ_action',
  'EQ_bizStep',
  'EQ_disposition',
  'EQ_persistentDisposition_set',
  'EQ_persistentDisposition_unset',
  'EQ_errorReason',
  'EQ_type',
]);

export function mountEvents(app: Hono, desk: Desk): void {
  const { store, asks, prefixes } = desk;
  app.get('/events', (context) => answerQuery(desk, context, asked(context)));
  app.get('/events/:id', async (context) => {
    asks(context, 'query');
    const format = epcFormatOf(context.req.header('gs1-epc-format'));
    const { found } = await queryEvents(store, { EQ_eventID: [context.req.param('id')] }, { perPage: 10, token: undefined });
    const one = found.find(({ event }) => event.declaredWrong === undefined) ?? found[0];
    if (one === undefined) return missing('there is no such event');
    return json({
      '@context': one.body['@context'] ?? 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      ...givenEvent(one, format, prefixes),
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
    app.get(`/${path}/:value/events`, (context) =>
      answerQuery(desk, context, asked(context, { [parameter]: [context.req.param('value')] })),
    );
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
  app.get('/epcs/:value/events', (context) => answerQuery(desk, context, asked(context, { MATCH_anyEPC: [context.req.param('value')] })));
}
