/**
 * Edify, the language of `META-INF/com/google/android/updater-script`. Source: AOSP bootable/recovery/edify/lexer.ll and parser.yy.
 * Limits: SCRIPT_MAX characters, NODES_MAX expressions, DEPTH_MAX of them in each other. Parsed here and never run; what functions mean is not read here.
 *
 *   expr: STRING | ( expr ) | ! expr | expr + expr | expr == expr | expr != expr | expr && expr | expr || expr | expr ; [expr]
 *       | if expr then expr [else expr] endif | NAME ( [expr {, expr}] )
 *   STRING: [a-zA-Z0-9_:/.]+, or in quotes with \n \t \" \\ \xHH; a comment goes from # to the end of its line. Operators bind in that order, `;` the least.
 */
import { FormatError } from '../../../bytes/index.ts';

const FORMAT = 'edify';
const SCRIPT_MAX = 8 << 20;
/** Scripts that set the rights of every file have some 50,000. */
const NODES_MAX = 1 << 18;
const DEPTH_MAX = 128;

export type EdifyOperator = '+' | '==' | '!=' | '&&' | '||' | '!';

/** An expression. `line` counts from 1. */
export type Edify =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Edify[]; readonly line: number }
  | { readonly kind: 'operator'; readonly operator: EdifyOperator; readonly args: readonly Edify[]; readonly line: number }
  | { readonly kind: 'sequence'; readonly steps: readonly Edify[]; readonly line: number }
  | { readonly kind: 'if'; readonly test: Edify; readonly yes: Edify; readonly no: Edify | undefined; readonly line: number };

interface Token {
  readonly kind: 'text' | 'mark' | 'end';
  readonly text: string;
  readonly line: number;
  readonly at: number;
}

const MARK = /&&|\|\||==|!=|[+(),!;]/y;
const BLANK = /[ \t\r]+|(?:#[^\n]*)?\n/y;
const WORD = /[a-zA-Z0-9_:/.]+/y;
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'then', 'else', 'endif']);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
]);

/** Parses a script. @throws FormatError, naming line and offset */
export function parseEdify(text: string): Edify {
  if (text.length > SCRIPT_MAX) throw problem({ line: 1, at: 0 }, 'too-large', `${text.length} characters, and ${SCRIPT_MAX} is the most`);
  // A comment is one only before the end of its line, and the last line may have none.
  const parser = new Parser(`${text}\n`);
  const script = parser.sequence(0);
  parser.expect('end', '');
  return script;
}

const problem = ({ line, at }: { readonly line: number; readonly at: number }, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field: `line ${line}`, at }, code, detail);

/** Owns the place in the script. */
class Parser {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #nodes = 0;
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#next();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #next(): Token {
    for (let blank = this.#match(BLANK); blank !== undefined; blank = this.#match(BLANK)) {
      this.#at += blank.length;
      if (blank.endsWith('\n')) this.#line++;
    }
    const place = { line: this.#line, at: this.#at };
    if (this.#at === this.#text.length) return { kind: 'end', text: '', ...place };
    if (this.#text[this.#at] === '"') return { kind: 'text', text: this.#quoted(), ...place };
    const mark = this.#match(MARK);
    const word = mark ?? this.#match(WORD);
    if (word === undefined) throw problem(place, 'bad-value', `${JSON.stringify(this.#text[this.#at])} begins nothing`);
    this.#at += word.length;
    return { kind: mark !== undefined || KEYWORDS.has(word) ? 'mark' : 'text', text: word, ...place };
  }

  #quoted(): string {
    const place = { line: this.#line, at: this.#at };
    const parts: string[] = [];
    for (this.#at++; this.#text[this.#at] !== '"'; ) {
      const char = this.#text[this.#at];
      if (char === undefined) throw problem(place, 'short-read', 'a text that does not end');
      const plain = char === '\\' ? undefined : this.#match(/[^"\\]+/y);
      if (plain !== undefined) {
        parts.push(plain);
        this.#line += plain.split('\n').length - 1;
        this.#at += plain.length;
        continue;
      }
      const escaped = ESCAPES.get(this.#text[this.#at + 1] ?? '');
      const hex = this.#match(/\\x[0-9a-fA-F]{2}/y);
      // Anything else is the backslash itself.
      parts.push(escaped ?? (hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex.slice(2), 16))));
      this.#at += escaped !== undefined ? 2 : (hex?.length ?? 1);
    }
    this.#at++;
    return parts.join('');
  }

  #take(kind: Token['kind'], text: string): boolean {
    if (this.#token.kind !== kind || (kind === 'mark' && this.#token.text !== text)) return false;
    if (kind !== 'end') this.#token = this.#next();
    return true;
  }

  expect(kind: Token['kind'], text: string): void {
    const found = this.#token;
    if (!this.#take(kind, text))
      throw problem(found, 'bad-value', `${JSON.stringify(found.text)} where ${kind === 'end' ? 'the end' : text} should be`);
  }

  #node<T extends Edify>(node: T): T {
    if (++this.#nodes > NODES_MAX) throw problem(this.#token, 'too-large', `more than ${NODES_MAX} expressions`);
    return node;
  }

  sequence(depth: number): Edify {
    const { line } = this.#token;
    const steps = [this.#binary(0, depth)];
    while (this.#take('mark', ';')) {
      if (this.#isEnd()) break;
      steps.push(this.#binary(0, depth));
    }
    return steps.length === 1 && steps[0] !== undefined ? steps[0] : this.#node({ kind: 'sequence', steps, line });
  }

  /** Whether nothing can follow a last semicolon here. */
  #isEnd(): boolean {
    const { kind, text } = this.#token;
    return kind === 'end' || (kind === 'mark' && /^(?:[),]|then|else|endif)$/.test(text));
  }

  #binary(level: number, depth: number): Edify {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary(depth);
    let left = this.#binary(level + 1, depth);
    for (let chain = depth; ; ) {
      const operator = this.#token.kind === 'mark' ? operators.find((one) => one === this.#token.text) : undefined;
      if (operator === undefined) return left;
      const { line } = this.#token;
      this.#take('mark', operator);
      // Those that may be regrouped are kept flat; a chain of comparisons is as deep as it is long.
      const isFlat = operator !== '==' && operator !== '!=';
      if (!isFlat && ++chain > DEPTH_MAX) throw problem(this.#token, 'too-deep', `more than ${DEPTH_MAX} expressions in each other`);
      const args: Edify[] = [left, this.#binary(level + 1, depth)];
      while (isFlat && this.#take('mark', operator)) args.push(this.#binary(level + 1, depth));
      left = this.#node({ kind: 'operator', operator, args, line });
    }
  }

  #unary(depth: number): Edify {
    const token = this.#token;
    if (depth > DEPTH_MAX) throw problem(token, 'too-deep', `more than ${DEPTH_MAX} expressions in each other`);
    const { line } = token;
    if (this.#take('mark', '!')) return this.#node({ kind: 'operator', operator: '!', args: [this.#unary(depth + 1)], line });
    if (this.#take('mark', '(')) {
      const inner = this.sequence(depth + 1);
      this.expect('mark', ')');
      return inner;
    }
    if (this.#take('mark', 'if')) {
      const test = this.sequence(depth + 1);
      this.expect('mark', 'then');
      const yes = this.sequence(depth + 1);
      const no = this.#take('mark', 'else') ? this.sequence(depth + 1) : undefined;
      this.expect('mark', 'endif');
      return this.#node({ kind: 'if', test, yes, no, line });
    }
    if (!this.#take('text', ''))
      throw problem(token, 'bad-value', `${token.kind === 'end' ? 'the end' : JSON.stringify(token.text)} where an expression should be`);
    if (!this.#take('mark', '(')) return this.#node({ kind: 'text', text: token.text, line });
    const args: Edify[] = [];
    if (!this.#take('mark', ')')) {
      do args.push(this.sequence(depth + 1));
      while (this.#take('mark', ','));
      this.expect('mark', ')');
    }
    return this.#node({ kind: 'call', name: token.text, args, line });
  }
}

/** From what binds the least. */
const LEVELS: readonly (readonly EdifyOperator[])[] = [['||'], ['&&'], ['==', '!='], ['+']];

const quote = (text: string) =>
  `"${text.replaceAll(/["\\\n\t]/g, (char) => ({ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t' })[char] ?? char)}"`;

/** Writes an expression so that it parses to the same one. */
export function writeEdify(expr: Edify): string {
  switch (expr.kind) {
    case 'text':
      return quote(expr.text);
    case 'call':
      return `${/^[a-zA-Z0-9_:/.]+$/.test(expr.name) && !KEYWORDS.has(expr.name) ? expr.name : quote(expr.name)}(${expr.args.map(writeEdify).join(', ')})`;
    case 'operator':
      return `(${expr.operator === '!' ? `!${expr.args.map(writeEdify).join('')}` : expr.args.map(writeEdify).join(` ${expr.operator} `)})`;
    case 'sequence':
      return `(${expr.steps.map((step) => `${writeEdify(step)};\n`).join('')})`;
    case 'if':
      return `if ${writeEdify(expr.test)} then ${writeEdify(expr.yes)}${expr.no === undefined ? '' : ` else ${writeEdify(expr.no)}`} endif`;
  }
}
