/** The built-in shell: runs what parse.ts reads, over the phone's tree and programs. For machines without mksh and toybox. */
import type { Machine } from '../machine.ts';
import { type Actor, normalise, PhoneFsError } from '../tree.ts';
import { arithmetic } from './arithmetic.ts';
import type { Call, Program } from './call.ts';
import { collector, Input, type Sink } from './io.ts';
import {
  type AndOr,
  type Command,
  type Part,
  type Pipeline,
  parseScript,
  type Redirect,
  type Script,
  ShellSyntaxError,
  type Word,
} from './parse.ts';

import { type Mark, matches, split, trim } from './pattern.ts';

export interface ShellIo {
  readonly stdin: Input;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

export interface ShellOptions {
  readonly machine: Machine;
  readonly actor: Actor;
  readonly programs: ReadonlyMap<string, Program>;
  readonly signal: AbortSignal;
  readonly env: ReadonlyMap<string, string>;
}

/** `exit`, `return`, `break` and `continue` on their way out. */
class Leave extends Error {
  override readonly name = 'Leave';
  readonly kind: 'exit' | 'return' | 'break' | 'continue';
  readonly value: number;
  constructor(kind: Leave['kind'], value: number) {
    super(kind);
    this.kind = kind;
    this.value = value;
  }
}

/** Keeps an empty quoted string alive as a field. */
const EMPTY_QUOTED: Mark = { character: '', quoted: true, splits: false };
const SHEBANG_MAX = 128;

/** Runs a script, returns its exit status. */
export async function runShell(script: string, io: ShellIo, options: ShellOptions): Promise<number> {
  const shell = new Shell(options);
  try {
    return await shell.script(parseScript(script), io);
  } catch (error) {
    if (error instanceof Leave) return error.value;
    if (error instanceof ShellSyntaxError) {
      await io.stderr(Buffer.from(`/system/bin/sh: syntax error: ${error.message}\n`));
      return 1;
    }
    throw error;
  }
}

class Shell {
  readonly #options: ShellOptions;
  readonly #variables: Map<string, string>;
  readonly #exported: Set<string>;
  readonly #functions: Map<string, Command>;
  #parameters: readonly string[];
  #cwd: string;
  #status = 0;

  constructor(options: ShellOptions, parent?: Shell) {
    this.#options = options;
    this.#variables = new Map(parent === undefined ? options.env : parent.#variables);
    this.#exported = new Set(parent === undefined ? options.env.keys() : parent.#exported);
    this.#functions = new Map(parent === undefined ? [] : parent.#functions);
    this.#parameters = parent === undefined ? [] : parent.#parameters;
    this.#cwd = parent === undefined ? '/' : parent.#cwd;
    this.#status = parent === undefined ? 0 : parent.#status;
  }

  async script(script: Script, io: ShellIo): Promise<number> {
    for (const item of script) {
      if (this.#options.signal.aborted) throw new Leave('exit', 129);
      if (item.background) void new Shell(this.#options, this).script([{ ...item, background: false }], io).catch(() => undefined);
      else await this.#andOr(item, io);
    }
    return this.#status;
  }

  async #andOr(item: AndOr, io: ShellIo): Promise<void> {
    await this.#pipeline(item.first, io);
    for (const [operator, pipeline] of item.rest) {
      if ((operator === '&&') === (this.#status === 0)) await this.#pipeline(pipeline, io);
    }
  }

  async #pipeline(pipeline: Pipeline, io: ShellIo): Promise<void> {
    let { stdin } = io;
    const last = pipeline.commands.length - 1;
    for (const [i, command] of pipeline.commands.entries()) {
      if (last === 0) {
        this.#status = await this.#command(command, io);
      } else {
        const output = collector();
        const child = new Shell(this.#options, this);
        this.#status = await child.#inSubshell(() =>
          child.#command(command, { ...io, stdin, stdout: i === last ? io.stdout : output.sink }),
        );
        stdin = new Input(output.bytes());
      }
    }
    if (pipeline.negated) this.#status = this.#status === 0 ? 1 : 0;
  }

  async #inSubshell(run: () => Promise<number>): Promise<number> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Leave) return error.value;
      throw error;
    }
  }

  async #command(command: Command, outer: ShellIo): Promise<number> {
    if (command.kind === 'function') {
      this.#functions.set(command.name, command.body);
      return 0;
    }
    const redirected = await this.#redirect(command.redirects, outer);
    if (typeof redirected === 'string') {
      await outer.stderr(Buffer.from(`/system/bin/sh: ${redirected}\n`));
      return 1;
    }
    try {
      return await this.#redirectedCommand(command, redirected.io);
    } finally {
      redirected.finish();
    }
  }

  async #redirectedCommand(command: Exclude<Command, { kind: 'function' }>, io: ShellIo): Promise<number> {
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, io);
      case 'group': {
        if (!command.subshell) return this.script(command.body, io);
        const child = new Shell(this.#options, this);
        return this.#inSubshell(() => child.script(command.body, io));
      }
      case 'if': {
        for (const [test, body] of command.branches) {
          if ((await this.#list(test, io)) === 0) return this.#list(body, io);
        }
        return command.otherwise === undefined ? 0 : this.#list(command.otherwise, io);
      }
      case 'for': {
        const words = command.words === undefined ? this.#parameters : await this.#fields(command.words, io);
        return this.#loop(words, async (word) => {
          this.#variables.set(command.name, word);
          return this.#list(command.body, io);
        });
      }
      case 'while':
        return this.#loop(forever(), async () => {
          if (((await this.#list(command.test, io)) === 0) === command.until) throw new Leave('break', 1);
          return this.#list(command.body, io);
        });
      case 'case': {
        const value = await this.#one(command.word, io);
        for (const [patterns, body] of command.branches) {
          for (const pattern of patterns) {
            if (matches(await this.#marks(pattern, io), value)) return this.#list(body, io);
          }
        }
        return 0;
      }
    }
  }

  async #list(script: Script, io: ShellIo): Promise<number> {
    this.#status = 0;
    return this.script(script, io);
  }

  async #loop<T>(items: Iterable<T>, body: (item: T) => Promise<number>): Promise<number> {
    let status = 0;
    for (const item of items) {
      if (this.#options.signal.aborted) throw new Leave('exit', 129);
      try {
        status = await body(item);
      } catch (error) {
        if (!(error instanceof Leave) || (error.kind !== 'break' && error.kind !== 'continue')) throw error;
        if (error.value > 1) throw new Leave(error.kind, error.value - 1);
        if (error.kind === 'break') break;
      }
    }
    return status;
  }

  // ── redirections ──────────────────────────────────────────────────────────────────────────────────────────────────

  async #redirect(redirects: readonly Redirect[], outer: ShellIo): Promise<{ readonly io: ShellIo; readonly finish: () => void } | string> {
    let { stdin, stdout, stderr } = outer;
    const files: (() => void)[] = [];
    for (const { fd, operator, word } of redirects) {
      if (operator === '<<') {
        stdin = new Input(Buffer.from(await this.#one(word, outer)));
        continue;
      }
      const target = await this.#one(word, outer);
      if (operator === '>&' || operator === '<&') {
        const sink = target === '2' ? stderr : target === '1' ? stdout : target === '-' ? discard : undefined;
        if (sink === undefined && target !== '0') return `${target}: bad file descriptor`;
        if (fd === 2) stderr = sink ?? stderr;
        else if (fd === 1) stdout = sink ?? stdout;
        continue;
      }
      try {
        if (operator === '<' || operator === '<>') {
          if (fd === 0) stdin = new Input(this.#read(target));
          continue;
        }
        const sink = this.#openForWriting(target, operator === '>>', files);
        if (fd === 2) stderr = sink;
        else if (fd === 1) stdout = sink;
      } catch (error) {
        if (!(error instanceof PhoneFsError)) throw error;
        const verb = operator === '<' ? 'open' : 'create';
        return `can't ${verb} ${target}: ${error.message}`;
      }
    }
    return {
      io: { stdin, stdout, stderr },
      finish: () => {
        for (const close of files) close();
      },
    };
  }

  #read(path: string): Uint8Array {
    const at = normalise(path, this.#cwd);
    return at === '/dev/null' ? new Uint8Array(0) : this.#options.machine.tree.read(at, this.#options.actor);
  }

  #openForWriting(path: string, append: boolean, files: (() => void)[]): Sink {
    const at = normalise(path, this.#cwd);
    if (at === '/dev/null') return discard;
    const { machine, actor } = this.#options;
    const { tree } = machine;
    const parts: Uint8Array[] = append && tree.exists(at, actor) ? [tree.read(at, actor)] : [];
    const mtime = Math.floor(machine.nowMs() / 1000);
    const mode = tree.exists(at, actor) ? tree.stat(at, actor).mode : 0o666 & ~0o22;
    const save = () => tree.write(at, Buffer.concat(parts), { actor, mode, mtime });
    save();
    files.push(save);
    return (bytes) => void parts.push(bytes.slice());
  }

  // ── simple commands ───────────────────────────────────────────────────────────────────────────────────────────────

  async #simple(command: Extract<Command, { kind: 'simple' }>, io: ShellIo): Promise<number> {
    const [name, ...args] = await this.#fields(command.words, io);
    const assigned = new Map<string, string>();
    let status = 0;
    for (const [variable, value] of command.assignments) {
      const before = this.#status;
      assigned.set(variable, await this.#one(value, io));
      status = this.#status === before ? 0 : this.#status;
    }
    if (name === undefined) {
      for (const [variable, value] of assigned) this.#variables.set(variable, value);
      return status;
    }
    const body = this.#functions.get(name);
    if (body !== undefined) return this.#callFunction(body, args, io);
    const builtin = await this.#builtin(name, args, io);
    if (builtin !== undefined) return builtin;
    return this.program([name, ...args], io, assigned);
  }

  async #callFunction(body: Command, args: readonly string[], io: ShellIo): Promise<number> {
    const saved = this.#parameters;
    this.#parameters = args;
    try {
      return await this.#command(body, io);
    } catch (error) {
      if (error instanceof Leave && error.kind === 'return') return error.value;
      throw error;
    } finally {
      this.#parameters = saved;
    }
  }

  /** Finds and runs a program. */
  async program(argv: readonly string[], io: ShellIo, assigned: ReadonlyMap<string, string> = new Map()): Promise<number> {
    const [name = '', ...args] = argv;
    const path = PROGRAMS_INSIDE.has(name) ? `/system/bin/${name}` : this.#find(name);
    if (path === undefined) {
      await io.stderr(Buffer.from(`/system/bin/sh: ${name}: not found\n`));
      return 127;
    }
    const { machine, actor, programs, signal } = this.#options;
    const env = new Map([...this.#variables].filter(([key]) => this.#exported.has(key)));
    for (const [key, value] of assigned) env.set(key, value);
    const real = machine.tree.realPath(path, { uid: 0, domain: 'system' }, true);
    const base = path.slice(path.lastIndexOf('/') + 1);
    const isBox = /\/(?:toybox|toolbox)$/.test(real);
    const program =
      isBox || real.startsWith('/system/') || real.startsWith('/sbin/') || real.startsWith('/apex/') ? programs.get(base) : undefined;
    const call: Call = {
      name: base,
      args,
      stdin: io.stdin,
      out: (data) => io.stdout(typeof data === 'string' ? Buffer.from(data) : data),
      err: (text) => io.stderr(Buffer.from(text)),
      machine,
      actor,
      cwd: this.#cwd,
      env,
      run: (inner, stdin) => this.program(inner, { ...io, stdin: stdin ?? new Input(new Uint8Array(0)) }),
      shell: (script, as) => runShell(script, io, { ...this.#options, actor: as, env }),
      signal,
    };
    if (program !== undefined) return program(call);
    return this.#runFile(path, [name, ...args], io);
  }

  async #runFile(path: string, argv: readonly string[], io: ShellIo): Promise<number> {
    const { machine, actor } = this.#options;
    const [name = '', ...args] = argv;
    try {
      const bytes = machine.tree.read(path, actor);
      const first = Buffer.from(bytes.subarray(0, SHEBANG_MAX)).toString('latin1');
      if (/^#!\s*\/system\/bin\/sh/.test(first)) {
        const child = new Shell(this.#options, this);
        child.#parameters = args;
        return await this.#inSubshell(() => child.script(parseScript(Buffer.from(bytes).toString('utf8')), io));
      }
      await io.stderr(
        Buffer.from(`/system/bin/sh: ${name}: ${first.startsWith('\x7fELF') ? 'not executable: ELF file' : 'cannot execute'}\n`),
      );
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      await io.stderr(Buffer.from(`/system/bin/sh: ${name}: can't execute: ${error.message}\n`));
    }
    return 126;
  }

  #find(name: string): string | undefined {
    const { machine, actor } = this.#options;
    const runs = (path: string) => {
      try {
        const stat = machine.tree.stat(path, actor);
        return stat.type === 'file' && (stat.mode & 0o111) !== 0;
      } catch {
        // Whatever keeps it from us, it is not a program for us.
        return false;
      }
    };
    if (name.includes('/')) {
      const path = normalise(name, this.#cwd);
      return machine.tree.exists(path, actor) ? path : undefined;
    }
    for (const folder of (this.#variables.get('PATH') ?? '').split(':')) {
      if (folder !== '' && runs(`${folder}/${name}`)) return `${folder}/${name}`;
    }
    return undefined;
  }

  // ── builtins ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async #builtin(name: string, args: readonly string[], io: ShellIo): Promise<number | undefined> {
    const [first = '', second = ''] = args;
    switch (name) {
      case ':':
      case 'trap':
      case 'umask':
      case 'wait':
        return 0;
      case 'exit':
      case 'return':
        throw new Leave(name, first === '' ? this.#status : Number(first) & 255);
      case 'break':
      case 'continue':
        throw new Leave(name, first === '' ? 1 : Number(first));
      case 'cd': {
        const to = normalise(first === '' ? '/' : first, this.#cwd);
        if (!this.#options.machine.tree.exists(to, this.#options.actor)) {
          await io.stderr(Buffer.from(`/system/bin/sh: cd: ${first}: No such file or directory\n`));
          return 2;
        }
        this.#cwd = to;
        this.#variables.set('PWD', to);
        return 0;
      }
      case 'export':
      case 'local':
      case 'typeset':
      case 'readonly':
        for (const arg of args) {
          const [variable = '', value] = arg.split(/=(.*)/s);
          if (value !== undefined) this.#variables.set(variable, value);
          if (name === 'export') this.#exported.add(variable);
        }
        return 0;
      case 'unset':
        for (const arg of args) this.#variables.delete(arg);
        return 0;
      case 'shift':
        this.#parameters = this.#parameters.slice(first === '' ? 1 : Number(first));
        return 0;
      case 'set':
        if (first === '--') this.#parameters = args.slice(1);
        return 0;
      case 'eval':
        return this.script(parseScript(args.join(' ')), io);
      case '.':
        return this.script(parseScript(Buffer.from(this.#read(first)).toString('utf8')), io);
      case 'exec':
        if (args.length === 0) return 0;
        throw new Leave('exit', await this.program(args, io));
      case 'read': {
        const names = args.filter((arg) => !arg.startsWith('-'));
        const line = await io.stdin.line();
        const words = (line ?? '').trim().split(/[ \t]+/);
        names.forEach((variable, i) => {
          this.#variables.set(variable, i === names.length - 1 ? restOf(line ?? '', i) : (words[i] ?? ''));
        });
        return line === undefined ? 1 : 0;
      }
      case 'command':
      case 'type':
      case 'whence':
        return this.#which(name, args, io);
      case 'getopts':
        return 1;
      case 'kill':
        return 0;
      case 'time':
        return this.#simpleWords(args, io);
      default:
        return name === 'builtin'
          ? this.#builtin(
              first,
              [second, ...args.slice(2)].filter((arg) => arg !== ''),
              io,
            )
          : undefined;
    }
  }

  async #simpleWords(args: readonly string[], io: ShellIo): Promise<number> {
    const [name = ''] = args;
    return (await this.#builtin(name, args.slice(1), io)) ?? this.program(args, io);
  }

  async #which(name: string, args: readonly string[], io: ShellIo): Promise<number> {
    if (name === 'command' && !args[0]?.startsWith('-')) return this.#simpleWords(args, io);
    let status = 0;
    for (const arg of args.filter((one) => !one.startsWith('-'))) {
      const path = BUILTINS.has(arg) ? arg : this.#find(arg);
      if (path === undefined) status = name === 'command' ? 127 : 1;
      else await io.stdout(Buffer.from(`${path}\n`));
    }
    return status;
  }

  // ── expansion ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A word as one string: no splitting, no patterns. */
  async #one(word: Word, io: ShellIo): Promise<string> {
    return (await this.#marks(word, io)).map((mark) => mark.character).join('');
  }

  async #fields(words: readonly Word[], io: ShellIo): Promise<string[]> {
    const fields: string[] = [];
    for (const word of words) {
      const [only] = word;
      if (word.length === 1 && only?.kind === 'variable' && only.name === '@' && only.quoted) {
        fields.push(...this.#parameters);
        continue;
      }
      for (const field of split(await this.#marks(word, io))) fields.push(...this.#glob(field));
    }
    return fields;
  }

  async #marks(word: Word, io: ShellIo): Promise<Mark[]> {
    const marks: Mark[] = [];
    for (const part of word) {
      const expanded = part.kind === 'text' ? part.text : await this.#expand(part, io);
      if (part.quoted && expanded === '') marks.push(EMPTY_QUOTED);
      const splits = part.kind !== 'text' && !part.quoted;
      for (const character of expanded) marks.push({ character, quoted: part.quoted, splits });
    }
    const [first, second] = word;
    if (
      first?.kind === 'text' &&
      !first.quoted &&
      first.text.startsWith('~') &&
      (first.text === '~' || first.text[1] === '/') &&
      second?.kind !== 'variable'
    ) {
      marks.shift();
      marks.unshift({ character: this.#variables.get('HOME') ?? '/', quoted: true, splits: false });
    }
    return marks;
  }

  async #expand(part: Exclude<Part, { kind: 'text' }>, io: ShellIo): Promise<string> {
    switch (part.kind) {
      case 'command': {
        const output = collector();
        const child = new Shell(this.#options, this);
        this.#status = await this.#inSubshell(() => child.script(part.script, { ...io, stdout: output.sink }));
        return output.bytes().toString('utf8').replace(/\n+$/, '');
      }
      case 'arithmetic':
        return String(await this.#arithmetic(part.text));
      case 'variable': {
        const value = this.#variable(part.name);
        const word = part.word === undefined ? '' : part.operator === '' ? '' : await this.#one(part.word, io);
        switch (part.operator) {
          case '':
            return value ?? '';
          case 'length':
            return String((value ?? '').length);
          case ':-':
          case '-':
            return value === undefined || (part.operator === ':-' && value === '') ? word : value;
          case ':=':
          case '=':
            if (value !== undefined && (part.operator === '=' || value !== '')) return value;
            this.#variables.set(part.name, word);
            return word;
          case ':+':
          case '+':
            return value === undefined || (part.operator === ':+' && value === '') ? '' : word;
          case '#':
          case '##':
          case '%':
          case '%%':
            return trim(value ?? '', await this.#marks(part.word ?? [], io), part.operator);
          default:
            return value ?? '';
        }
      }
    }
  }

  #variable(name: string): string | undefined {
    if (name === '?') return String(this.#status);
    if (name === '#') return String(this.#parameters.length);
    if (name === '@' || name === '*') return this.#parameters.join(' ');
    if (name === '$') return '4242';
    if (name === '0') return '/system/bin/sh';
    if (/^\d+$/.test(name)) return this.#parameters[Number(name) - 1];
    if (name === 'USER_ID') return String(this.#options.actor.uid);
    return this.#variables.get(name);
  }

  async #arithmetic(text: string): Promise<number> {
    const bare = text.replaceAll(/\$?\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (_, name: string) => String(Number(this.#variable(name) ?? 0) || 0));
    return arithmetic(bare);
  }

  #glob(field: readonly Mark[]): readonly string[] {
    const plain = field.map((mark) => mark.character).join('');
    if (!field.some((mark) => !mark.quoted && /[*?[]/.test(mark.character))) return [plain];
    const segments: Mark[][] = [[]];
    for (const mark of field) {
      if (mark.character === '/') segments.push([]);
      else segments.at(-1)?.push(mark);
    }
    const { machine, actor } = this.#options;
    const absolute = plain.startsWith('/');
    let found: string[] = [''];
    for (const [i, segment] of segments.entries()) {
      if (i === 0 && absolute) continue;
      const literal = segment.map((mark) => mark.character).join('');
      const isPattern = segment.some((mark) => !mark.quoted && /[*?[]/.test(mark.character));
      const prefix = absolute || i > 0 ? '/' : '';
      const next: string[] = [];
      for (const base of found) {
        if (!isPattern) {
          const path = `${base}${prefix}${literal}`;
          if (i < segments.length - 1 || machine.tree.exists(normalise(path, this.#cwd), { ...actor })) next.push(path);
          continue;
        }
        let names: readonly string[] = [];
        try {
          names = machine.tree.list(normalise(base === '' ? (absolute ? '/' : '.') : base, this.#cwd), actor);
        } catch (error) {
          if (!(error instanceof PhoneFsError)) throw error;
        }
        for (const name of literal.startsWith('.') ? ['.', '..', ...names] : names) {
          if ((literal.startsWith('.') || !name.startsWith('.')) && matches(segment, name)) next.push(`${base}${prefix}${name}`);
        }
      }
      found = next;
    }
    return found.length === 0 ? [plain] : found;
  }
}

const BUILTINS = new Set([
  ':',
  'cd',
  'exit',
  'export',
  'read',
  'set',
  'shift',
  'command',
  'eval',
  'exec',
  'wait',
  'umask',
  'type',
  'unset',
  'trap',
]);
/** Programs that the shell brings itself, whatever lies in its path. */
const PROGRAMS_INSIDE = new Set(['echo', 'printf', 'test', '[', 'true', 'false', 'pwd']);
const discard: Sink = () => undefined;

function* forever(): Generator<undefined> {
  for (;;) yield undefined;
}

/** What is left of a line after its first words: `read a b` gives b the rest. */
function restOf(line: string, skip: number): string {
  let rest = line.trim();
  for (let i = 0; i < skip; i += 1) rest = rest.replace(/^\S+\s*/, '');
  return rest;
}
