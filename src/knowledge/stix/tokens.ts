/**
 * Words of a STIX pattern.
 * Spec: STIX 2.1 section 9 (STIX Patterning) and its ANTLR grammar, comments with it. Limits: 64 KiB of pattern.
 */
import { FormatError } from '../../bytes/index.ts';

const PATTERN_MAX = 64 << 10;

export interface Token {
  readonly kind: 'word' | 'sign' | 'text' | 'number' | 'binary' | 'time';
  /** A text without its quotes and escapes; everything else as it is written. */
  readonly text: string;
  /** Offset in UTF-16 units. */
  readonly at: number;
}

export const patternError = (at: number, field: string, detail: string) =>
  new FormatError({ format: 'stix pattern', field, at }, 'bad-value', detail);

/** One word after the other; every alternative begins differently, so nothing is tried twice. */
const WORDS =
  /\s+|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/\/[^\n]*|(?<time>t'[^'\\]{0,64}')|(?<binary>[hb]'[^'\\]*')|(?<text>'(?:[^'\\]|\\.)*')|(?<number>[+-]?\d+(?:\.\d+)?(?![\w-]))|(?<word>[A-Za-z_][\w-]*)|(?<sign>!=|<>|<=|>=|==|[[\]().:=<>,*])/suy;

/** Splits a pattern into its words. @throws FormatError at what is none */
export function patternTokens(pattern: string): readonly Token[] {
  if (pattern.length > PATTERN_MAX)
    throw new FormatError(
      { format: 'stix pattern', field: 'pattern', at: 0 },
      'too-large',
      `${pattern.length} units, and ${PATTERN_MAX} is the most`,
    );
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    WORDS.lastIndex = at;
    const match = WORDS.exec(pattern);
    if (match === null)
      throw patternError(at, 'word', `nothing that a pattern has begins with ${JSON.stringify(pattern.slice(at, at + 12))}`);
    const found = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined);
    if (found !== undefined) {
      const [kind, text] = found;
      // The groups of the expression are exactly these names.
      tokens.push({ kind: kind as Token['kind'], text: kind === 'text' ? unquoted(text) : text, at });
    }
    at = WORDS.lastIndex;
  }
  return tokens;
}

const unquoted = (text: string) => text.slice(1, -1).replaceAll(/\\(.)/gsu, '$1');
