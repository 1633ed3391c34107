/**
 * The subset of the shell language that the built-in shell runs: lists, pipelines, `if`, `for`, `while`, `case`, groups, subshells, functions,
 * redirections, here-documents, quoting, `$NAME`, `${NAME:-word}` and its kin, `$(…)`, `` `…` ``, `$((…))`.
 * Does not read: job control, aliases, arrays, coprocesses. Spec: POSIX.1-2017 XCU 2.
 */

/** A part of a word. `quoted` parts are neither split nor matched. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly operator: string;
      readonly word: Word | undefined;
      readonly quoted: boolean;
    }
  | { readonly kind: 'command'; readonly script: Script; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: string; readonly quoted: boolean };
export type Word = readonly Part[];

export interface Redirect {
  readonly fd: number;
  readonly operator: '<' | '>' | '>>' | '>&' | '<&' | '<<' | '<>' | '>|';
  readonly word: Word;
}

interface Redirected {
  readonly redirects: readonly Redirect[];
}

export type Command =
  | ({
      readonly kind: 'simple';
      readonly assignments: readonly (readonly [name: string, value: Word])[];
      readonly words: readonly Word[];
    } & Redirected)
  | ({ readonly kind: 'group'; readonly body: Script; readonly subshell: boolean } & Redirected)
  | ({
      readonly kind: 'if';
      readonly branches: readonly (readonly [test: Script, body: Script])[];
      readonly otherwise: Script | undefined;
    } & Redirected)
  | ({ readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: Script } & Redirected)
  | ({ readonly kind: 'while'; readonly until: boolean; readonly test: Script; readonly body: Script } & Redirected)
  | ({
      readonly kind: 'case';
      readonly word: Word;
      readonly branches: readonly (readonly [patterns: readonly Word[], body: Script])[];
    } & Redirected)
  | ({ readonly kind: 'function'; readonly name: string; readonly body: Command } & Redirected);

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}
/** One `a && b || c`, and whether an `&` followed it. */
export interface AndOr {
  readonly first: Pipeline;
  readonly rest: readonly (readonly [operator: '&&' | '||', pipeline: Pipeline])[];
  readonly background: boolean;
}
export type Script = readonly AndOr[];

/** Text that the shell refuses: prints as `syntax error: …`, status 1. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
}

const DEPTH_MAX = 100;
const OPERATOR = /^(?:&&|\|\||;;|<<-?|>>|>&|<&|<>|>\||[;&|()<>\n])/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const RESERVED = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'in',
  'do',
  'done',
  'while',
  'until',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'function',
]);

/** Parses a script. @throws ShellSyntaxError */
export function parseScript(source: string): Script {
  const parser = new Parser(source);
  const script = parser.list(new Set());
  parser.end();
  return script;
}

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #documents: { readonly delimiter: string; readonly quoted: boolean; readonly tabs: boolean; readonly fill: (word: Word) => void }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  #fail(): never {
    const near = this.#source.slice(this.#at).split('\n')[0]?.slice(0, 20) ?? '';
    throw new ShellSyntaxError(near === '' ? 'unexpected EOF' : `unexpected '${near}'`);
  }

  end(): void {
    this.#blank();
    if (this.#at < this.#source.length) this.#fail();
  }

  #blank(): void {
    for (;;) {
      const rest = this.#source.slice(this.#at, this.#at + 2);
      if (rest.startsWith(' ') || rest.startsWith('\t') || rest.startsWith('\r')) this.#at += 1;
      else if (rest === '\\\n') this.#at += 2;
      else if (rest.startsWith('#')) {
        const end = this.#source.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#source.length : end;
      } else return;
    }
  }

  #operator(): string | undefined {
    this.#blank();
    return OPERATOR.exec(this.#source.slice(this.#at, this.#at + 3))?.[0];
  }

  #newlines(): void {
    while (this.#operator() === '\n') this.#newline();
  }

  #newline(): void {
    this.#at += 1;
    const documents = this.#documents;
    this.#documents = [];
    for (const document of documents) this.#hereDocument(document);
  }

  #hereDocument(document: { delimiter: string; quoted: boolean; tabs: boolean; fill: (word: Word) => void }): void {
    let body = '';
    while (this.#at < this.#source.length) {
      const end = this.#source.indexOf('\n', this.#at);
      const line = this.#source.slice(this.#at, end < 0 ? undefined : end);
      this.#at = end < 0 ? this.#source.length : end + 1;
      const shown = document.tabs ? line.replace(/^\t+/, '') : line;
      if (shown === document.delimiter) break;
      body += `${shown}\n`;
    }
    document.fill(document.quoted ? [{ kind: 'text', text: body, quoted: true }] : new Parser(body).quotedText());
  }

  /** The whole source as the inside of double quotes, in which a double quote is itself. */
  quotedText(): Word {
    const parts: Part[] = [];
    while (this.#at < this.#source.length) this.#quotedPart(parts, false);
    return parts;
  }

  /** The reserved word that comes next, if any. */
  #reserved(): string | undefined {
    this.#blank();
    const word = /^(?:[a-z]+|[{}!])(?=$|[\s;&|()<>])/.exec(this.#source.slice(this.#at, this.#at + 9))?.[0];
    return word !== undefined && RESERVED.has(word) ? word : undefined;
  }

  #expect(word: string): void {
    this.#newlines();
    if (this.#reserved() !== word) this.#fail();
    this.#at += word.length;
  }

  /** Commands up to one of the stop words, `)` or `;;`. */
  list(stop: ReadonlySet<string>): Script {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new ShellSyntaxError('nested too deeply');
    const items: AndOr[] = [];
    for (;;) {
      this.#newlines();
      const operator = this.#operator();
      if (this.#at >= this.#source.length || operator === ')' || operator === ';;') break;
      const reserved = this.#reserved();
      if (reserved !== undefined && stop.has(reserved)) break;
      const item = this.#andOr();
      const after = this.#operator();
      if (after === ';' || after === '&') this.#at += 1;
      items.push({ ...item, background: after === '&' });
      if (after !== ';' && after !== '&' && after !== '\n') break;
    }
    this.#depth -= 1;
    return items;
  }

  #andOr(): Omit<AndOr, 'background'> {
    const first = this.#pipeline();
    const rest: [operator: '&&' | '||', pipeline: Pipeline][] = [];
    for (;;) {
      const operator = this.#operator();
      if (operator !== '&&' && operator !== '||') return { first, rest };
      this.#at += 2;
      this.#newlines();
      rest.push([operator, this.#pipeline()]);
    }
  }

  #pipeline(): Pipeline {
    let negated = false;
    while (this.#reserved() === '!') {
      this.#at += 1;
      negated = !negated;
    }
    const commands = [this.#command()];
    while (this.#operator() === '|') {
      this.#at += 1;
      this.#newlines();
      commands.push(this.#command());
    }
    return { negated, commands };
  }

  #command(): Command {
    const reserved = this.#reserved();
    if (this.#operator() === '(') {
      this.#at += 1;
      const body = this.list(new Set());
      if (this.#operator() !== ')') this.#fail();
      this.#at += 1;
      return { kind: 'group', body, subshell: true, redirects: this.#redirects() };
    }
    switch (reserved) {
      case '{': {
        this.#at += 1;
        const body = this.list(new Set(['}']));
        this.#expect('}');
        return { kind: 'group', body, subshell: false, redirects: this.#redirects() };
      }
      case 'if':
        return this.#if();
      case 'for':
        return this.#for();
      case 'while':
      case 'until': {
        this.#at += 5;
        const test = this.list(new Set(['do']));
        return { kind: 'while', until: reserved === 'until', test, body: this.#body(), redirects: this.#redirects() };
      }
      case 'case':
        return this.#case();
      case undefined:
        return this.#simple();
      default:
        return this.#fail();
    }
  }

  #body(): Script {
    this.#expect('do');
    const body = this.list(new Set(['done']));
    this.#expect('done');
    return body;
  }

  #if(): Command {
    const branches: [test: Script, body: Script][] = [];
    let otherwise: Script | undefined;
    this.#at += 2;
    for (;;) {
      const test = this.list(new Set(['then']));
      this.#expect('then');
      branches.push([test, this.list(new Set(['elif', 'else', 'fi']))]);
      const next = this.#reserved();
      if (next === 'elif') {
        this.#at += 4;
        continue;
      }
      if (next === 'else') {
        this.#at += 4;
        otherwise = this.list(new Set(['fi']));
      }
      this.#expect('fi');
      return { kind: 'if', branches, otherwise, redirects: this.#redirects() };
    }
  }

  #for(): Command {
    this.#at += 3;
    this.#blank();
    const name = NAME.exec(this.#source.slice(this.#at))?.[0];
    if (name === undefined) this.#fail();
    this.#at += name.length;
    this.#newlines();
    let words: Word[] | undefined;
    if (this.#reserved() === 'in') {
      this.#at += 2;
      words = [];
      for (let word = this.#word(); word !== undefined; word = this.#word()) words.push(word);
    }
    if (this.#operator() === ';') this.#at += 1;
    return { kind: 'for', name, words, body: this.#body(), redirects: this.#redirects() };
  }

  #case(): Command {
    this.#at += 4;
    const word = this.#word();
    if (word === undefined) this.#fail();
    this.#expect('in');
    const branches: [patterns: Word[], body: Script][] = [];
    for (;;) {
      this.#newlines();
      if (this.#reserved() === 'esac') break;
      if (this.#operator() === '(') this.#at += 1;
      const patterns: Word[] = [];
      for (;;) {
        const pattern = this.#word();
        if (pattern === undefined) this.#fail();
        patterns.push(pattern);
        const operator = this.#operator();
        this.#at += 1;
        if (operator === ')') break;
        if (operator !== '|') this.#fail();
      }
      branches.push([patterns, this.list(new Set(['esac']))]);
      this.#newlines();
      if (this.#operator() === ';;') this.#at += 2;
    }
    this.#expect('esac');
    return { kind: 'case', word, branches, redirects: this.#redirects() };
  }

  #simple(): Command {
    const assignments: [name: string, value: Word][] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const redirect = this.#redirect();
      if (redirect !== undefined) {
        redirects.push(redirect);
        continue;
      }
      const assignment = words.length === 0 ? /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(this.#source.slice(this.#at)) : null;
      if (assignment?.[1] !== undefined) {
        this.#at += assignment[0].length;
        const next = this.#source[this.#at] ?? '';
        assignments.push([assignment[1], /[\s;&|()<>]|^$/.test(next) ? [] : (this.#word() ?? [])]);
        continue;
      }
      const word = this.#word();
      if (word === undefined) break;
      words.push(word);
      if (words.length === 1 && this.#operator() === '(') return this.#function(word);
    }
    if (words.length + assignments.length + redirects.length === 0) this.#fail();
    return { kind: 'simple', assignments, words, redirects };
  }

  #function(word: Word): Command {
    const [part] = word;
    if (part?.kind !== 'text' || word.length !== 1) this.#fail();
    this.#at += 1;
    if (this.#operator() !== ')') this.#fail();
    this.#at += 1;
    this.#newlines();
    return { kind: 'function', name: part.text, body: this.#command(), redirects: [] };
  }

  #redirects(): readonly Redirect[] {
    const redirects: Redirect[] = [];
    for (let redirect = this.#redirect(); redirect !== undefined; redirect = this.#redirect()) redirects.push(redirect);
    return redirects;
  }

  #redirect(): Redirect | undefined {
    this.#blank();
    const match = /^(\d?)(<<-|<<|>>|>&|<&|<>|>\||<|>)/.exec(this.#source.slice(this.#at, this.#at + 4));
    const operator = match?.[2];
    if (match === null || operator === undefined) return undefined;
    this.#at += match[0].length;
    const fd = match[1] === '' ? (operator.startsWith('<') ? 0 : 1) : Number(match[1]);
    this.#blank();
    if (operator.startsWith('<<')) {
      const start = this.#at;
      const delimiter = this.#word();
      if (delimiter === undefined) this.#fail();
      const raw = this.#source.slice(start, this.#at);
      const word: Part[] = [];
      this.#documents.push({
        delimiter: raw.replaceAll(/["'\\]/g, ''),
        quoted: /["'\\]/.test(raw),
        tabs: operator === '<<-',
        fill: (parts) => word.push(...parts),
      });
      return { fd, operator: '<<', word };
    }
    const word = this.#word();
    if (word === undefined) this.#fail();
    // The pattern above lists exactly these operators.
    return { fd, operator: operator as Redirect['operator'], word };
  }

  #word(): Word | undefined {
    this.#blank();
    const parts: Part[] = [];
    const start = this.#at;
    while (this.#at < this.#source.length) {
      const character = this.#source[this.#at] ?? '';
      if (/[\s;&|()<>]/.test(character)) break;
      if (character === "'") {
        const end = this.#source.indexOf("'", this.#at + 1);
        if (end < 0) throw new ShellSyntaxError('no closing quote');
        parts.push({ kind: 'text', text: this.#source.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (character === '"') {
        this.#at += 1;
        const before = parts.length;
        while (this.#source[this.#at] !== '"') {
          if (this.#at >= this.#source.length) throw new ShellSyntaxError('no closing quote');
          this.#quotedPart(parts, true);
        }
        this.#at += 1;
        if (parts.length === before) parts.push({ kind: 'text', text: '', quoted: true });
      } else if (character === '\\') {
        if (this.#source[this.#at + 1] !== '\n') parts.push({ kind: 'text', text: this.#source[this.#at + 1] ?? '\\', quoted: true });
        this.#at += 2;
      } else if (character === '$' || character === '`') {
        parts.push(this.#expansion(false));
      } else {
        const text = /^[^\s;&|()<>'"\\$`]+/.exec(this.#source.slice(this.#at))?.[0] ?? character;
        parts.push({ kind: 'text', text, quoted: false });
        this.#at += text.length;
      }
    }
    return this.#at === start ? undefined : parts;
  }

  #quotedPart(parts: Part[], inQuotes: boolean): void {
    const character = this.#source[this.#at] ?? '';
    if (character === '$' || character === '`') {
      parts.push(this.#expansion(true));
      return;
    }
    if (character === '\\') {
      const next = this.#source[this.#at + 1] ?? '';
      this.#at += 2;
      if (next === '\n') return;
      const escaped = next === '$' || next === '`' || next === '\\' || (next === '"' && inQuotes);
      parts.push({ kind: 'text', text: escaped ? next : `\\${next}`, quoted: true });
      return;
    }
    const text = (inQuotes ? /^[^"\\$`]+/ : /^[^\\$`]+/).exec(this.#source.slice(this.#at))?.[0] ?? character;
    parts.push({ kind: 'text', text, quoted: true });
    this.#at += text.length;
  }

  #expansion(quoted: boolean): Part {
    const rest = this.#source.slice(this.#at, this.#at + 3);
    if (rest.startsWith('`')) {
      const end = this.#source.indexOf('`', this.#at + 1);
      if (end < 0) throw new ShellSyntaxError('no closing quote');
      const inner = this.#source.slice(this.#at + 1, end);
      this.#at = end + 1;
      return { kind: 'command', script: parseScript(inner), quoted };
    }
    if (rest === '$((') {
      const end = this.#source.indexOf('))', this.#at);
      if (end < 0) throw new ShellSyntaxError('no closing ))');
      const text = this.#source.slice(this.#at + 3, end);
      this.#at = end + 2;
      return { kind: 'arithmetic', text, quoted };
    }
    if (rest.startsWith('$(')) {
      this.#at += 2;
      const script = this.list(new Set());
      if (this.#operator() !== ')') this.#fail();
      this.#at += 1;
      return { kind: 'command', script, quoted };
    }
    if (rest.startsWith('${')) return this.#braced(quoted);
    const name = /^\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(this.#source.slice(this.#at))?.[1];
    if (name === undefined) {
      this.#at += 1;
      return { kind: 'text', text: '$', quoted };
    }
    this.#at += 1 + name.length;
    return { kind: 'variable', name, operator: '', word: undefined, quoted };
  }

  #braced(quoted: boolean): Part {
    this.#at += 2;
    const match = /^(#?)([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(:?[-=+?]|##?|%%?)?/.exec(this.#source.slice(this.#at));
    const name = match?.[2];
    if (match === null || name === undefined) this.#fail();
    this.#at += match[0].length;
    const operator = match[1] === '#' ? 'length' : (match[3] ?? '');
    const word: Part[] = [];
    while (this.#source[this.#at] !== '}') {
      if (this.#at >= this.#source.length) throw new ShellSyntaxError('no closing }');
      this.#inBraces(word, quoted);
    }
    this.#at += 1;
    return { kind: 'variable', name, operator, word, quoted };
  }

  #inBraces(parts: Part[], quoted: boolean): void {
    const character = this.#source[this.#at] ?? '';
    if (character === '$' || character === '`') parts.push(this.#expansion(quoted));
    else if (character === '"' || character === "'") {
      const end = this.#source.indexOf(character, this.#at + 1);
      if (end < 0) throw new ShellSyntaxError('no closing quote');
      parts.push({ kind: 'text', text: this.#source.slice(this.#at + 1, end), quoted: true });
      this.#at = end + 1;
    } else if (character === '\\') {
      parts.push({ kind: 'text', text: this.#source[this.#at + 1] ?? '', quoted: true });
      this.#at += 2;
    } else {
      parts.push({ kind: 'text', text: character, quoted });
      this.#at += 1;
    }
  }
}
