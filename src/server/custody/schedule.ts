/**
 * When a scheduled query runs: EPCIS 2.0, 8.2.5.3 (QuerySchedule). Fields hold numbers, ranges in brackets and lists, as in "0,30" and "[8-17]"; a field that is not given
 * is any, except seconds, which are then 0. Times are UTC; day of week 1 is Monday. Both days have to fit, as the standard says.
 */
import { Problem } from './problem.ts';

const FIELDS = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [1, 7],
} as const;
type Field = keyof typeof FIELDS;
export type Schedule = Readonly<Record<Field, ReadonlySet<number>>>;

/** Days that are looked through for the next time: the 29th of February of a certain weekday comes within 28 years, and 40 where a century leaves one out. */
const DAYS_MAX = 41 * 366;
const DAY_MS = 86_400_000;

/** @throws RangeError that names the field */
export function parseSchedule(given: Readonly<Record<string, unknown>>): Schedule {
  const names = Object.keys(given);
  const unknown = names.find((name) => !Object.hasOwn(FIELDS, name));
  if (unknown !== undefined) throw new RangeError(`a schedule has no ${unknown.slice(0, 40)}`);
  if (names.length === 0) throw new RangeError('a schedule says at least one of second, minute, hour, dayOfMonth, month, dayOfWeek');
  const field = (name: Field): ReadonlySet<number> => {
    const [low, high] = FIELDS[name];
    const text = given[name];
    if (text === undefined) return name === 'second' ? new Set([0]) : range(low, high);
    if (typeof text !== 'string' || !/^(?:\d{1,2}|\[\d{1,2}-\d{1,2}\])(?:,(?:\d{1,2}|\[\d{1,2}-\d{1,2}\])){0,59}$/.test(text))
      throw new RangeError(`${name} is numbers and [ranges] with commas`);
    const values = text.split(',').flatMap((part) => {
      const [, from = part, to = from] = /^\[(\d+)-(\d+)\]$/.exec(part) ?? [];
      return [...range(Number(from), Number(to))];
    });
    if (values.length === 0 || values.some((value) => value < low || value > high))
      throw new RangeError(`${name} goes from ${low} to ${high}`);
    return new Set(values);
  };
  return {
    second: field('second'),
    minute: field('minute'),
    hour: field('hour'),
    dayOfMonth: field('dayOfMonth'),
    month: field('month'),
    dayOfWeek: field('dayOfWeek'),
  };
}

const range = (from: number, to: number): ReadonlySet<number> =>
  new Set(Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i));

/** The first moment of a schedule that somebody sent. @throws Problem where it is none, or has no moment */
export function dueAfter(schedule: Readonly<Record<string, unknown>>, ms: number): number {
  let next: number | undefined;
  try {
    next = nextTime(parseSchedule(schedule), ms);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Problem('ValidationException', `schedule: ${error.message}`);
  }
  if (next === undefined) throw new Problem('ValidationException', 'schedule: there is no such day');
  return next;
}

/** The next moment after `ms`, in milliseconds; undefined where there is none, as on the 31st of February. */
export function nextTime(schedule: Schedule, ms: number): number | undefined {
  const from = Math.floor(ms / 1000) * 1000 + 1000;
  const startOfDay = Math.floor(from / DAY_MS) * DAY_MS;
  for (let day = 0; day < DAYS_MAX; day++) {
    const at = startOfDay + day * DAY_MS;
    const date = new Date(at);
    const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
    if (!schedule.month.has(date.getUTCMonth() + 1) || !schedule.dayOfMonth.has(date.getUTCDate()) || !schedule.dayOfWeek.has(weekday))
      continue;
    const found = timeOfDay(schedule, day === 0 ? (from - at) / 1000 : 0);
    if (found !== undefined) return at + found * 1000;
  }
  return undefined;
}

/** The first second of a day, from one on, that fits. */
function timeOfDay({ hour, minute, second }: Schedule, from: number): number | undefined {
  for (const h of sorted(hour))
    for (const m of sorted(minute)) {
      if (h * 3600 + m * 60 + 59 < from) continue;
      for (const s of sorted(second)) if (h * 3600 + m * 60 + s >= from) return h * 3600 + m * 60 + s;
    }
  return undefined;
}

const sorted = (values: ReadonlySet<number>) => [...values].toSorted((a, b) => a - b);
