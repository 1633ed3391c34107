/** Queries that have a name, and what they find. */
import type { Hono } from 'hono';
import { type EventQuery, isObject, type Json, momentOf, namespacesOf } from '../../provenance/index.ts';
import { namedQueries, queryEvents, removeSubscriptions } from '../../store/index.ts';
import { pageOfNames } from './collections.ts';
import type { Desk } from './desk.ts';
import { HEADERS, missing } from './discovery.ts';
import { answerQuery } from './events.ts';
import { json, jsonOf } from './exchange.ts';
import { Problem } from './problem.ts';

export function mountQueries(app: Hono, desk: Desk): void {
  const { store, asks, now } = desk;
  app.get('/queries', async (context) => {
    asks(context, 'query');
    const { shown, headers } = pageOfNames(context, await namedQueries.list(store));
    const queries = await Promise.all(shown.map(async (name) => ({ name, query: await namedQueries.get(store, name) })));
    // One that was taken away in between is none.
    return json(
      queries.filter(({ query }) => query !== undefined),
      200,
      headers,
    );
  });
  app.post('/queries', async (context) => {
    asks(context, 'query');
    const given = (await jsonOf(context)) as Json; // JSON.parse gives JSON.
    const [name, query] = isObject(given) ? [given['name'], given['query']] : [undefined, undefined];
    if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name))
      throw new Problem('ValidationException', 'a query has a name of letters, digits, points and dashes');
    const { parameters, namespaces } = questionOf(query);
    // Asked once for nothing, so that a query that is not read is refused when it is made.
    await queryEvents(store, parameters, { perPage: 1, token: undefined, namespaces });
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
    return query === undefined
      ? missing('there is no such query')
      : answerQuery(desk, context, questionOf(query), context.req.param('name'));
  });
}

/** What a query asks for over time has none of these: order and counts are of one answer. */
export const OF_ONE_ANSWER = ['orderBy', 'orderDirection', 'eventCountLimit', 'maxEventCount'];

/** A query of what was recorded from a moment on, which takes nothing back of what the query asks itself. Both moments are in UTC, or the query's own is no time and refused later. */
export function recordedSince(parameters: EventQuery, since: string | null): EventQuery {
  if (since === null) return parameters;
  const [own] = parameters['GE_recordTime'] ?? [];
  const isLater = own !== undefined && (momentOf(own) ?? Number.POSITIVE_INFINITY) > (momentOf(since) ?? 0);
  return isLater ? parameters : { ...parameters, GE_recordTime: [since] };
}

/** A query, and the prefixes that it declares. */
export interface Question {
  readonly parameters: EventQuery;
  readonly namespaces: ReadonlyMap<string, string>;
}

/** A query in JSON as names and values. @throws Problem where it is none */
export function questionOf(query: unknown): Question {
  const given = query as Json; // Read from JSON.
  if (!isObject(given)) throw new Problem('ValidationException', 'a query is an object of parameters');
  const parameters = Object.entries(given)
    .filter(([name]) => name !== '@context')
    .map(([name, value]) => {
      const values: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : value === null ? [] : [value];
      if (!values.every((one) => ['string', 'number', 'boolean'].includes(typeof one)))
        throw new Problem('ValidationException', `${name.slice(0, 80)} has a value that is no text and no number`);
      return [name, values.map(String)] as const;
    });
  return { parameters: Object.fromEntries(parameters), namespaces: namespacesOf(given['@context']) };
}
