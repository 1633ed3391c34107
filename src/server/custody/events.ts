/** Events as resources: all of them, and one. */
import type { Context, Hono } from 'hono';
import { queryDocumentXml } from '../../provenance/index.ts';
import { queryEvents } from '../../store/index.ts';
import { answerType, cbvFormOf } from './accept.ts';
import type { Desk } from './desk.ts';
import { HEADERS, missing, URL_MAX } from './discovery.ts';
import { epcFormatOf, queryDocument } from './documents.ts';
import { json, nextHeaders, pageOf } from './exchange.ts';
import type { Question } from './queries.ts';

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
export function questionAsked(context: Context, more: Readonly<Record<string, readonly string[]>> = {}): Question {
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
  const { store, asks } = desk;
  app.get('/events', (context) => answerQuery(desk, context, questionAsked(context)));
  // An event and the declaration that it is wrong have one ID.
  app.get('/events/:id', async (context) => {
    asks(context, 'query');
    const parameters = { EQ_eventID: [context.req.param('id')] };
    const { found } = await queryEvents(store, parameters, { perPage: 1, token: undefined });
    if (found.length === 0) return missing('there is no such event');
    return answerQuery(desk, context, { parameters, namespaces: new Map() });
  });
}
