/** Queries that have a name, and what they find. */
import type { Hono } from 'hono';
import { isObject, type Json } from '../../provenance/index.ts';
import { type EventQuery, namedQueries, queryEvents, removeSubscriptions } from '../../store/index.ts';
import type { Desk } from './desk.ts';
import { HEADERS, missing } from './discovery.ts';
import { answerQuery } from './events.ts';
import { collection, json, jsonOf } from './exchange.ts';
import { Problem } from './problem.ts';

export function mountQueries(app: Hono, desk: Desk): void {
  const { store, asks, now } = desk;
  app.get('/queries', async (context) => {
    asks(context, 'query');
    return collection(await namedQueries.list(store));
  });
  app.post('/queries', async (context) => {
    asks(context, 'query');
    const given = (await jsonOf(context)) as Json; // JSON.parse gives JSON.
    const [name, query] = isObject(given) ? [given['name'], given['query']] : [undefined, undefined];
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
    return query === undefined
      ? missing('there is no such query')
      : answerQuery(desk, context, queryOf(query), context.req.param('name'));
  });
}

/** A query in JSON as names and values. @throws Problem where it is none */
export function queryOf(query: unknown): EventQuery {
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
