/** Values of a query and of an event, and how they compare: numbers as numbers, times as moments, everything else as text. */
import { instantMs, isInstant } from '../../../../bytes/index.ts';
import { canonicalUri } from '../../gs1/digital-link.ts';
import { isObject, type Json } from '../model.ts';
import { canonicalTime } from '../pre-image.ts';
import { QueryError } from './query-error.ts';

export const OPERATORS = ['EQ', 'GT', 'GE', 'LT', 'LE'] as const;
export type Operator = (typeof OPERATORS)[number];
export type Namespaces = ReadonlyMap<string, string>;
export type Scalar = string | number | boolean;

/** One way to read each text, so that a long one that is no number is left after one look. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** What two numbers may differ by and still be one: units are converted in floating point. */
const NEARLY = 1e-9;

export const isCompared = (operator: Operator, a: number, b: number): boolean => {
  const isEqual = a === b || Math.abs(a - b) <= NEARLY * Math.max(Math.abs(a), Math.abs(b));
  if (operator === 'EQ') return isEqual;
  if (operator === 'GE' || operator === 'LE') return isEqual || (operator === 'GE' ? a > b : a < b);
  return !isEqual && (operator === 'GT' ? a > b : a < b);
};

export const numberOf = (value: Scalar | undefined): number | undefined => {
  const number = typeof value === 'number' ? value : typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
};

/** Milliseconds since 1970; undefined for what is no time. */
export const momentOf = (value: Scalar | undefined): number | undefined => {
  const instant = typeof value === 'string' ? canonicalTime(value) : '';
  return isInstant(instant) ? instantMs(instant) : undefined;
};

/** A CURIE of a prefix that is declared, written out; every other text as it is. */
export function writtenOut(text: string, namespaces: Namespaces): string {
  const [, prefix, local] = /^([A-Za-z_][\w.-]*):(?!\/\/)(.+)$/s.exec(text) ?? [];
  const namespace = prefix === undefined ? undefined : namespaces.get(prefix);
  return namespace === undefined || local === undefined ? text : namespace + local;
}

/** The plain values of a field: of each entry of a list, and of an element with attributes its text. */
export function scalarsOf(value: Json | undefined): readonly Scalar[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: Json) => scalarsOf(item));
  if (isObject(value)) return scalarsOf(value['#text'] ?? value['@value'] ?? value['@id'] ?? null);
  return [value as Scalar]; // Whatever JSON is neither list nor object nor null.
}

/** Whether a value is one of those that were asked for, however both are written. What was asked for is read once. */
export function sameAs(values: readonly string[], wantedNames: Namespaces): (value: Scalar, names: Namespaces) => boolean {
  const texts = new Set(values);
  const numbers = values.flatMap((value) => numberOf(value) ?? []);
  const moments = new Set(values.flatMap((value) => momentOf(value) ?? []));
  const uris = new Set(values.map((value) => canonicalUri(writtenOut(value, wantedNames))));
  return (value, names) => {
    const text = String(value);
    if (texts.has(text)) return true;
    const number = numberOf(value);
    if (number !== undefined) return numbers.some((wanted) => isCompared('EQ', number, wanted));
    const moment = momentOf(value);
    if (moment !== undefined) return moments.has(moment);
    return uris.has(canonicalUri(writtenOut(text, names)));
  };
}

const first = (name: string, values: readonly string[]): string => {
  if (values.length !== 1) throw new QueryError('parameter', `${name} wants one value, and has ${values.length}`);
  return values[0] ?? '';
};

/** @throws QueryError */
export function timeIn(name: string, values: readonly string[]): number {
  const text = first(name, values);
  const ms = momentOf(text);
  if (ms === undefined) throw new QueryError('parameter', `${name} wants a time with its offset; "${text.slice(0, 60)}" is none`);
  return ms;
}

/** @throws QueryError */
export function numberIn(name: string, values: readonly string[]): number {
  const text = first(name, values);
  const number = numberOf(text);
  if (number === undefined) throw new QueryError('parameter', `${name} wants a number; "${text.slice(0, 60)}" is none`);
  return number;
}

/** @throws QueryError */
export function booleanIn(name: string, values: readonly string[]): boolean {
  const text = first(name, values);
  if (text !== 'true' && text !== 'false') throw new QueryError('parameter', `${name} is true or false`);
  return text === 'true';
}

/** Compares what the field has with a number or a time. Values of another kind never match. @throws QueryError where it is neither */
export function ordering(name: string, operator: Exclude<Operator, 'EQ'>, values: readonly string[]): (value: Scalar) => boolean {
  const text = first(name, values);
  const number = numberOf(text);
  if (number !== undefined)
    return (value) => {
      const other = numberOf(value);
      return other !== undefined && isCompared(operator, other, number);
    };
  const moment = momentOf(text);
  if (moment === undefined)
    throw new QueryError('parameter', `${name} wants a number or a time with its offset; "${text.slice(0, 60)}" is neither`);
  return (value) => {
    const other = momentOf(value);
    if (other === undefined) return false;
    return operator === 'GT' ? other > moment : operator === 'GE' ? other >= moment : operator === 'LT' ? other < moment : other <= moment;
  };
}
