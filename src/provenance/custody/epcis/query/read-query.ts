/** A query as what it means: which events are among its answers, in which order, and how many. A parameter that is not read is refused by name. */
import { STANDARD_NAMESPACES } from '../document.ts';
import { fieldName, fieldTest, valuesOfField } from './fields.ts';
import { type Asked, type MasterData, standardTest, type Test } from './parameters.ts';
import { QueryError } from './query-error.ts';
import { momentOf, type Namespaces, numberOf, type Scalar, scalarsOf } from './values.ts';

/** A parameter's name to its values, as JSON or a query string has them. */
export type EventQuery = Readonly<Record<string, readonly string[]>>;

export interface Order {
  /** What the events are put in order by; a field of somebody's own by its values. */
  readonly by: 'eventTime' | 'recordTime' | ((asked: Asked) => Scalar | undefined);
  readonly direction: 'asc' | 'desc';
}

export interface ReadQuery {
  readonly isAnswer: Test;
  /** Undefined where no order was asked for. */
  readonly order: Order | undefined;
  /** `eventCountLimit`; infinite without one. */
  readonly limit: number;
  /** `maxEventCount`: more answers than that are an error. Infinite without one. */
  readonly most: number;
}

/** Parameters of one query, values of one parameter, and characters of one value: more than anybody asks, and fewer than a database takes. */
const PARAMETERS_MAX = 100;
const VALUES_MAX = 1000;
const VALUE_MAX = 4096;

const OF_THE_ANSWER = new Set(['orderBy', 'orderDirection', 'eventCountLimit', 'maxEventCount']);

const NOTHING: MasterData = { attributesOf: () => [], below: () => [] };

/** Whether a parameter asks what master data say. */
export const asksMasterData = (query: EventQuery): boolean => Object.keys(query).some((name) => /^(?:WD_|HASATTR_|EQ_?ATTR_)/.test(name));

/** @throws QueryError where it cannot be answered as it is asked */
export function readQuery(query: EventQuery, own: Namespaces = new Map(), masterData: MasterData = NOTHING): ReadQuery {
  const namespaces = new Map([...STANDARD_NAMESPACES, ...own]);
  if (Object.keys(query).length > PARAMETERS_MAX) throw new QueryError('too-complex', `more than ${PARAMETERS_MAX} parameters`);
  const tests = Object.entries(query).flatMap(([name, values]): readonly Test[] => {
    if (values.length > VALUES_MAX) throw new QueryError('too-complex', `${name.slice(0, 80)} has more than ${VALUES_MAX} values`);
    if (name.length > VALUE_MAX || values.some((value) => value.length > VALUE_MAX))
      throw new QueryError('parameter', `${name.slice(0, 80)} is longer than ${VALUE_MAX} characters, or has such a value`);
    if (OF_THE_ANSWER.has(name)) return [];
    if (values.length === 0 && !name.startsWith('EXISTS_')) throw new QueryError('parameter', `${name.slice(0, 80)} has no value`);
    const test = standardTest({ name, values, namespaces, masterData }) ?? fieldTest(name, values, namespaces);
    if (test === undefined) throw new QueryError('parameter', `the parameter ${name.slice(0, 80)} is not read here`);
    return [test];
  });
  const order = orderOf(query, namespaces);
  const [limit, most] = [countIn(query, 'eventCountLimit'), countIn(query, 'maxEventCount')];
  if (Number.isFinite(limit) && Number.isFinite(most))
    throw new QueryError('parameter', 'eventCountLimit and maxEventCount exclude each other');
  if (Number.isFinite(limit) && order === undefined) throw new QueryError('parameter', 'eventCountLimit wants orderBy: the first of what?');
  return { isAnswer: (asked) => tests.every((test) => test(asked)), order, limit, most };
}

function orderOf(query: EventQuery, namespaces: Namespaces): Order | undefined {
  const [direction = 'DESC'] = query['orderDirection'] ?? [];
  if (direction !== 'ASC' && direction !== 'DESC') throw new QueryError('parameter', 'orderDirection is ASC or DESC');
  const [by] = query['orderBy'] ?? [];
  if (by === undefined) return undefined;
  const way = direction === 'ASC' ? 'asc' : 'desc';
  if (by === 'eventTime' || by === 'recordTime') return { by, direction: way };
  const full = fieldName('orderBy', by, namespaces);
  if (full === undefined) throw new QueryError('parameter', 'orderBy is eventTime, recordTime, or a field with a namespace');
  return { by: (asked) => scalarsOf(valuesOfField(full, asked))[0], direction: way };
}

function countIn(query: EventQuery, name: string): number {
  const values = query[name];
  if (values === undefined) return Number.POSITIVE_INFINITY;
  const [text = ''] = values;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new QueryError('parameter', `${name} wants a number from 1; "${text.slice(0, 60)}" is none`);
  return Number(text);
}

/** Orders values of a field: numbers as numbers, times as moments, texts by code unit; what has no value comes last. */
export function inOrder(a: Scalar | undefined, b: Scalar | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const [one, other] = [numberOf(a) ?? momentOf(a), numberOf(b) ?? momentOf(b)];
  if (one !== undefined && other !== undefined) return one - other;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
