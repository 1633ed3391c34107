/** What this repository knows: types, steps, dispositions, places and things, each as a resource whose events can be asked for. */
import type { Context, Hono } from 'hono';
import { canonicalUri, EVENT_TYPES, VOCABULARIES } from '../../provenance/index.ts';
import { isNamed, ownTypes, thingsIn, valuesOf } from '../../store/index.ts';
import type { Desk } from './desk.ts';
import { missing } from './discovery.ts';
import { epcFormatOf, epcIn } from './documents.ts';
import { answerQuery, questionAsked } from './events.ts';
import { collection, nextHeaders, pageOf } from './exchange.ts';

interface Collection {
  readonly path: string;
  /** The parameter that finds the events of one. */
  readonly parameter: string;
  readonly members: (store: Desk['store']) => Promise<readonly string[]>;
  /** Members are keys of GS1, which come in the form that is asked for. */
  readonly isKeyed?: true;
}

/** The standard's words, and those of somebody's own that events have. */
const words = async (known: Iterable<string>, own: Promise<readonly string[]>) => [...new Set([...known, ...(await own)])].toSorted();

const COLLECTIONS: readonly Collection[] = [
  { path: 'eventTypes', parameter: 'eventType', members: (store) => words(EVENT_TYPES, ownTypes(store)) },
  { path: 'bizSteps', parameter: 'EQ_bizStep', members: (store) => words(VOCABULARIES.bizStep.words, valuesOf(store, 'step')) },
  {
    path: 'dispositions',
    parameter: 'EQ_disposition',
    members: (store) => words(VOCABULARIES.disposition.words, valuesOf(store, 'disposition')),
  },
  { path: 'readPoints', parameter: 'EQ_readPoint', members: (store) => valuesOf(store, 'read_point'), isKeyed: true },
  { path: 'bizLocations', parameter: 'EQ_bizLocation', members: (store) => valuesOf(store, 'biz_location'), isKeyed: true },
];

export function mountCollections(app: Hono, desk: Desk): void {
  const { store, asks, prefixes } = desk;
  const inForm = (context: Context, uris: readonly string[]) => {
    const format = epcFormatOf(context.req.header('gs1-epc-format'));
    return uris.map((uri) => epcIn(uri, format, prefixes));
  };
  for (const { path, parameter, members, isKeyed } of COLLECTIONS) {
    app.get(`/${path}`, async (context) => {
      asks(context, 'query');
      const { shown, headers } = pageOfNames(context, await members(store));
      return collection(isKeyed === true ? inForm(context, shown) : shown, headers);
    });
    app.get(`/${path}/:value`, async (context) => {
      asks(context, 'query');
      const value = context.req.param('value');
      const known = await members(store);
      return known.includes(isKeyed === true ? canonicalUri(value) : value)
        ? collection(['events'])
        : missing(`${path} has no such member here`);
    });
    app.get(`/${path}/:value/events`, (context) =>
      answerQuery(desk, context, questionAsked(context, { [parameter]: [context.req.param('value')] })),
    );
  }

  app.get('/epcs', async (context) => {
    asks(context, 'query');
    const { perPage, token } = pageOf(context);
    const { uris, next } = await thingsIn(store, { perPage, token });
    return collection(inForm(context, uris), nextHeaders(context, next, perPage));
  });
  app.get('/epcs/:value', async (context) => {
    asks(context, 'query');
    return (await isNamed(store, context.req.param('value'))) ? collection(['events']) : missing('no event names it here');
  });
  app.get('/epcs/:value/events', (context) =>
    answerQuery(desk, context, questionAsked(context, { MATCH_anyEPC: [context.req.param('value')] })),
  );
}

/** A page of names that are in order, and where the next one is. The token is the last name that was shown. */
export function pageOfNames(
  context: Context,
  names: readonly string[],
): { readonly shown: readonly string[]; readonly headers: Readonly<Record<string, string>> } {
  const { perPage, token } = pageOf(context);
  const rest = token === undefined ? names : names.filter((name) => name > token);
  const shown = rest.slice(0, perPage);
  return { shown, headers: nextHeaders(context, rest.length > perPage ? shown.at(-1) : undefined, perPage) };
}
