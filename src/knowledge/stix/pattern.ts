/**
 * STIX patterns as data.
 * Spec: STIX 2.1 section 9: observation expressions (AND, OR, FOLLOWEDBY, qualifiers) over comparison expressions (AND, OR, NOT, =, !=, <, >, <=, >=, IN, LIKE, MATCHES, ISSUBSET, ISSUPERSET, EXISTS).
 * Limits: 64 KiB, 4,096 comparisons, 64 levels of brackets.
 */
import { FormatError } from '../../bytes/index.ts';
import { patternError, patternTokens, type Token } from './tokens.ts';

const COMPARISONS_MAX = 4096;
const DEPTH_MAX = 64;
const UNQUOTED_MAX = 8192;

export type ComparisonOperator = '=' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | 'like' | 'matches' | 'issubset' | 'issuperset' | 'exists';

/** One comparison. `path` is the property in one spelling: steps joined by dots, hash names without their hyphens, lower case. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly object: string;
  readonly path: string;
  readonly operator: ComparisonOperator;
  readonly negated: boolean;
  /** Literals as text; one, but for `in`. */
  readonly values: readonly string[];
}

export type ComparisonExpression = Comparison | { readonly kind: 'and' | 'or'; readonly of: readonly ComparisonExpression[] };

export type ObservationExpression =
  | { readonly kind: 'observation'; readonly test: ComparisonExpression }
  | { readonly kind: 'all' | 'any' | 'followed-by'; readonly of: readonly ObservationExpression[] }
  /** A bound in time or number around an observation, in its own words. */
  | { readonly kind: 'qualified'; readonly by: string; readonly of: ObservationExpression };

const OPERATORS: Readonly<Record<string, ComparisonOperator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  IN: 'in',
  LIKE: 'like',
  MATCHES: 'matches',
  ISSUBSET: 'issubset',
  ISSUPERSET: 'issuperset',
};

/** A lone comparison whose value has no quotes: no STIX, and published all the same, since MVT splits at the sign. */
const UNQUOTED = /^\s*\[\s*([a-z0-9-]+:[\w.'-]+)\s*=\s*([^\s'"[\]()=\p{Cc}]+)\s*\]\s*$/u;

/** Parses a pattern. @throws FormatError with the offset of the word that does not fit */
export function parsePattern(pattern: string): ObservationExpression {
  const [, property, value] = pattern.length > UNQUOTED_MAX ? [] : (UNQUOTED.exec(pattern) ?? []);
  return parseWords(property === undefined || value === undefined ? pattern : `[${property}='${value.replaceAll('\\', '\\\\')}']`);
}

function parseWords(pattern: string): ObservationExpression {
  const reader = new PatternReader(patternTokens(pattern), pattern.length);
  const expression = reader.followedBy(0);
  reader.end();
  return expression;
}

/** Owns the place in the words. Recursion follows brackets alone, which are counted. */
class PatternReader {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #at = 0;
  #comparisons = 0;

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens;
    this.#length = length;
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #isNext(text: string): boolean {
    return this.#next?.text === text && (this.#next.kind === 'word' || this.#next.kind === 'sign');
  }

  #take(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#at++;
    return true;
  }

  #refuse(want: string): FormatError {
    const next = this.#next;
    return patternError(
      next?.at ?? this.#length,
      'pattern',
      `${want}, and not ${next === undefined ? 'the end' : JSON.stringify(next.text.slice(0, 40))}`,
    );
  }

  #need(text: string): void {
    if (!this.#take(text)) throw this.#refuse(`"${text}" stands here`);
  }

  #deeper(depth: number): number {
    if (depth >= DEPTH_MAX)
      throw new FormatError(
        { format: 'stix pattern', field: 'depth', at: this.#next?.at ?? 0 },
        'too-large',
        `more than ${DEPTH_MAX} levels of brackets`,
      );
    return depth + 1;
  }

  end(): void {
    if (this.#next !== undefined) throw this.#refuse('the pattern ends here');
  }

  // observationExpressions: FOLLOWEDBY binds least, then OR, then AND.
  followedBy(depth: number): ObservationExpression {
    return this.#chain('FOLLOWEDBY', 'followed-by', () =>
      this.#chain('OR', 'any', () => this.#chain('AND', 'all', () => this.#qualified(depth))),
    );
  }

  #chain(word: string, kind: 'all' | 'any' | 'followed-by', one: () => ObservationExpression): ObservationExpression {
    const first = one();
    const of = [first];
    while (this.#take(word)) of.push(one());
    return of.length === 1 ? first : { kind, of };
  }

  #qualified(depth: number): ObservationExpression {
    let expression = this.#observation(depth);
    for (let by = this.#qualifier(); by !== undefined; by = this.#qualifier()) expression = { kind: 'qualified', by, of: expression };
    return expression;
  }

  #qualifier(): string | undefined {
    // STIX 2.0 writes times as texts.
    const is = ({ kind, text }: Token, wanted: string) => kind === wanted || text === wanted || (wanted === 'time' && kind === 'text');
    const words = (...kinds: readonly string[]) =>
      kinds
        .map((kind) => {
          const next = this.#next;
          if (next === undefined || !is(next, kind)) throw this.#refuse(`a qualifier goes on with ${kind}`);
          this.#at++;
          return next.text;
        })
        .join(' ');
    if (this.#isNext('WITHIN')) return words('WITHIN', 'number', 'SECONDS');
    if (this.#isNext('REPEATS')) return words('REPEATS', 'number', 'TIMES');
    if (this.#isNext('START')) return words('START', 'time', 'STOP', 'time');
    return undefined;
  }

  #observation(depth: number): ObservationExpression {
    if (this.#take('(')) {
      const inner = this.followedBy(this.#deeper(depth));
      this.#need(')');
      return inner;
    }
    if (!this.#take('[')) throw this.#refuse('an observation begins with "["');
    const test = this.#or(this.#deeper(depth));
    this.#need(']');
    return { kind: 'observation', test };
  }

  #or(depth: number): ComparisonExpression {
    const of = [this.#and(depth)];
    while (this.#take('OR')) of.push(this.#and(depth));
    return joined('or', of);
  }

  #and(depth: number): ComparisonExpression {
    const of = [this.#test(depth)];
    while (this.#take('AND')) of.push(this.#test(depth));
    return joined('and', of);
  }

  #test(depth: number): ComparisonExpression {
    if (this.#take('(')) {
      const inner = this.#or(this.#deeper(depth));
      this.#need(')');
      return inner;
    }
    if (++this.#comparisons > COMPARISONS_MAX)
      throw new FormatError(
        { format: 'stix pattern', field: 'comparisons', at: this.#next?.at ?? 0 },
        'too-large',
        `more than ${COMPARISONS_MAX}`,
      );
    const isAbsence = this.#isNext('NOT');
    if (isAbsence) this.#at++;
    if (this.#take('EXISTS')) return { kind: 'comparison', ...this.#path(), operator: 'exists', negated: isAbsence, values: [] };
    if (isAbsence) throw this.#refuse('EXISTS stands here');
    const place = this.#path();
    const negated = this.#take('NOT');
    const next = this.#next;
    const operator = next === undefined || next.kind === 'text' ? undefined : OPERATORS[next.text];
    if (operator === undefined) throw this.#refuse('a comparison operator stands here');
    this.#at++;
    if (operator !== 'in') return { kind: 'comparison', ...place, operator, negated, values: [this.#literal()] };
    this.#need('(');
    const values = [this.#literal()];
    while (this.#take(',')) values.push(this.#literal());
    this.#need(')');
    return { kind: 'comparison', ...place, operator, negated, values };
  }

  #path(): { readonly object: string; readonly path: string } {
    const object = this.#step();
    this.#need(':');
    const steps = [this.#step()];
    for (;;) {
      if (this.#take('.')) steps.push(this.#step());
      else if (this.#take('[')) {
        const index = this.#next;
        if (index === undefined || (index.kind !== 'number' && index.text !== '*')) throw this.#refuse('a list index or * stands here');
        this.#at++;
        this.#need(']');
      } else break;
    }
    return { object: object.toLowerCase(), path: pathOf(steps) };
  }

  #step(): string {
    const next = this.#next;
    if (next === undefined || (next.kind !== 'word' && next.kind !== 'text')) throw this.#refuse('a name stands here');
    this.#at++;
    return next.text;
  }

  #literal(): string {
    const next = this.#next;
    if (next === undefined || next.kind === 'sign') throw this.#refuse('a literal stands here');
    if (next.kind === 'word' && next.text !== 'true' && next.text !== 'false') throw this.#refuse('a literal stands here');
    this.#at++;
    return next.text;
  }
}

const joined = (kind: 'and' | 'or', of: readonly ComparisonExpression[]): ComparisonExpression => {
  const [first] = of;
  return of.length === 1 && first !== undefined ? first : { kind, of };
};

/** `hashes.'SHA-256'`, `hashes.sha256` and `hashes.SHA256` are one property; so are `cert.sha1` and `cert.SHA-1`. */
function pathOf(steps: readonly string[]): string {
  return steps.map((step, i) => (i > 0 && /^(sha-?\d+|md5)$/i.test(step) ? step.replaceAll('-', '') : step).toLowerCase()).join('.');
}
