/** Whether a pattern holds of what was observed. Three answers, because what a capture cannot show is neither so nor not so. */
import type { Comparison, ComparisonExpression, ObservationExpression } from './pattern.ts';

/** One thing that was observed, as STIX objects: by object type and property, all values that it has. */
export interface Observation {
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** The key of a property in an observation. */
export const propertyKey = (object: string, path: string) => `${object}:${path}`;

/**
 * `yes` with what held; `no`; `open`: it hangs on something that is not examined here, in the pattern's own words.
 * A property that an observation does not have makes a comparison `no`, as STIX says; not examined are regular expressions (they may never end), subnets, and bounds in time and number.
 */
export type Match =
  | { readonly answer: 'yes'; readonly observations: readonly Observation[] }
  | { readonly answer: 'no' }
  | { readonly answer: 'open'; readonly because: string };

const NO: Match = { answer: 'no' };

/** Matches a pattern against everything that was observed. Time: comparisons × observations. */
export function matchPattern(pattern: ObservationExpression, observations: readonly Observation[]): Match {
  switch (pattern.kind) {
    case 'observation': {
      let open: Match | undefined;
      for (const observation of observations) {
        const found = compare(pattern.test, observation);
        if (found === 'yes') return { answer: 'yes', observations: [observation] };
        if (found !== 'no') open ??= { answer: 'open', because: found.because };
      }
      return open ?? NO;
    }
    case 'any': {
      const found = pattern.of.map((part) => matchPattern(part, observations));
      return found.find(({ answer }) => answer === 'yes') ?? found.find(({ answer }) => answer === 'open') ?? NO;
    }
    case 'all':
    case 'followed-by': {
      const found = pattern.of.map((part) => matchPattern(part, observations));
      if (found.some(({ answer }) => answer === 'no')) return NO;
      const open = found.find(({ answer }) => answer === 'open');
      if (open !== undefined) return open;
      // That all of it is there is known; which came first is not.
      if (pattern.kind === 'followed-by') return { answer: 'open', because: 'FOLLOWEDBY: the order of what was found is not known' };
      return { answer: 'yes', observations: found.flatMap((one) => (one.answer === 'yes' ? one.observations : [])) };
    }
    case 'qualified': {
      const found = matchPattern(pattern.of, observations);
      return found.answer === 'yes' ? { answer: 'open', because: pattern.by } : found;
    }
  }
}

/** Types of the objects that a pattern speaks of. */
export function objectsOf(pattern: ObservationExpression): ReadonlySet<string> {
  const of = (test: ComparisonExpression): readonly string[] => (test.kind === 'comparison' ? [test.object] : test.of.flatMap(of));
  const all = (one: ObservationExpression): readonly string[] =>
    one.kind === 'observation' ? of(one.test) : one.kind === 'qualified' ? all(one.of) : one.of.flatMap(all);
  return new Set(all(pattern));
}

type Compared = 'yes' | 'no' | { readonly because: string };

function compare(test: ComparisonExpression, observation: Observation): Compared {
  if (test.kind === 'comparison') {
    const found = observation.values.get(propertyKey(test.object, test.path)) ?? [];
    // Absence is of an object that is there: a file without a size, not an app.
    if (test.operator === 'exists' && test.negated)
      return found.length === 0 && [...observation.values.keys()].some((key) => key.startsWith(`${test.object}:`)) ? 'yes' : 'no';
    return holds(test, found);
  }
  let open: Compared | undefined;
  for (const part of test.of) {
    const found = compare(part, observation);
    if (found === (test.kind === 'and' ? 'no' : 'yes')) return found;
    if (typeof found === 'object') open ??= found;
  }
  return open ?? (test.kind === 'and' ? 'yes' : 'no');
}

function holds({ operator, negated, values, path }: Comparison, found: readonly string[]): Compared {
  if (found.length === 0) return 'no';
  if (operator === 'exists') return 'yes';
  if (operator === 'matches' || operator === 'issubset' || operator === 'issuperset')
    return { because: `${operator.toUpperCase()} on ${path}` };
  const [wanted = ''] = values;
  // Digests are written in either case.
  const fold = /(^|\.)(sha\d+|md5)$/.test(path) ? (text: string) => text.toLowerCase() : (text: string) => text;
  const one = (text: string): boolean => {
    switch (operator) {
      case '=':
        return fold(text) === fold(wanted);
      case '!=':
        return fold(text) !== fold(wanted);
      case 'in':
        return values.some((value) => fold(value) === fold(text));
      case 'like':
        return isLike(text, wanted);
      case '<':
        return Number(text) < Number(wanted);
      case '>':
        return Number(text) > Number(wanted);
      case '<=':
        return Number(text) <= Number(wanted);
      case '>=':
        return Number(text) >= Number(wanted);
    }
  };
  return found.some((text) => one(text) !== negated) ? 'yes' : 'no';
}

/** SQL's LIKE: % is any text, _ one character. Greedy with one step back, so the time is text × pattern at most. */
export function isLike(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '_' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
}
