/** Programs that work on text and bytes, in the subset that collectors use. Output follows toybox 0.8. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Program } from '../shell/call.ts';
import { normalise, PhoneFsError } from '../tree.ts';

/** Splits leading options from the rest: `-a`, `-n5`, `-n 5`. `valued` lists the letters that take a value. */
export function optionsOf(
  args: readonly string[],
  valued = '',
): { readonly flags: ReadonlyMap<string, string>; readonly rest: readonly string[] } {
  const flags = new Map<string, string>();
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      at += 1;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    for (let i = 1; i < arg.length; i += 1) {
      const letter = arg[i] ?? '';
      if (!valued.includes(letter)) {
        flags.set(letter, '');
        continue;
      }
      if (i + 1 < arg.length) flags.set(letter, arg.slice(i + 1));
      else {
        at += 1;
        flags.set(letter, args[at] ?? '');
      }
      break;
    }
  }
  return { flags, rest: args.slice(at) };
}

/** The bytes of a file, or undefined after the error was printed. */
async function bytesOf(call: Call, path: string): Promise<Buffer | undefined> {
  if (path === '-') return call.stdin.all();
  const at = normalise(path, call.cwd);
  if (at === '/dev/null') return Buffer.alloc(0);
  try {
    return Buffer.from(call.machine.tree.read(at, call.actor));
  } catch (error) {
    if (!(error instanceof PhoneFsError)) throw error;
    // toolbox names no program before what it says, toybox does.
    await call.err(
      `${call.machine.phone.shell.box === 'toolbox' && call.name === 'cat' ? '/system/bin/sh: cat' : call.name}: ${path}: ${error.message}\n`,
    );
    return undefined;
  }
}

/** Runs over the named files, or standard input where none is named. */
async function overFiles(
  call: Call,
  files: readonly string[],
  each: (bytes: Buffer, name: string) => void | Promise<void>,
): Promise<number> {
  let status = 0;
  for (const name of files.length === 0 ? ['-'] : files) {
    const bytes = await bytesOf(call, name);
    if (bytes === undefined) status = 1;
    else await each(bytes, name);
  }
  return status;
}

const linesOf = (bytes: Buffer): string[] => {
  const text = bytes.toString('utf8');
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\' };
const readEscapes = (text: string): string =>
  text.replaceAll(
    /\\(?:([ntrabfv\\])|0?([0-7]{1,3})|x([0-9a-fA-F]{1,2}))/g,
    (whole, letter: string | undefined, octal: string | undefined, hex: string | undefined) => {
      if (letter !== undefined) return ESCAPES[letter] ?? whole;
      return String.fromCharCode(octal === undefined ? Number.parseInt(hex ?? '0', 16) : Number.parseInt(octal, 8));
    },
  );

const echo: Program = async ({ args, out }) => {
  const { flags, rest } = optionsOf(/^-[neE]+$/.test(args[0] ?? '') ? args.slice(0, 1) : []);
  const words = flags.size > 0 ? args.slice(1) : args;
  const raw = words.join(' ');
  const text = flags.has('E') ? raw : readEscapes(raw); // mksh reads escapes unless told not to
  await out(flags.has('n') || rest.length > 0 ? text : `${text}\n`);
  return 0;
};

/** A conversion of printf's format. */
const CONVERSION = /%([-0 #+]*)(\d*)(?:\.(\d+))?([sdiuxXocb%])/g;

const printf: Program = async ({ args, out }) => {
  const [format = '', ...values] = args;
  const pieces = readEscapes(format);
  let left = [...values];
  let text = '';
  do {
    const before = left.length;
    let at = 0;
    for (const match of pieces.matchAll(CONVERSION)) {
      const [whole, flags = '', width = '', precision, kind = ''] = match;
      text += pieces.slice(at, match.index);
      at = match.index + whole.length;
      if (kind === '%') text += '%';
      else {
        const shown = formatted(kind, left.shift() ?? '', precision);
        text += flags.includes('-') ? shown.padEnd(Number(width)) : shown.padStart(Number(width), flags.includes('0') ? '0' : ' ');
      }
    }
    text += pieces.slice(at);
    if (left.length === before) left = [];
  } while (left.length > 0);
  await out(Buffer.from(text, 'utf8'));
  return 0;
};

function formatted(kind: string, value: string, precision: string | undefined): string {
  if (kind === 's') return precision === undefined ? value : value.slice(0, Number(precision));
  if (kind === 'b') return readEscapes(value);
  if (kind === 'c') return value.slice(0, 1);
  const number = Math.trunc(Number(value)) || 0;
  if (kind === 'x') return number.toString(16);
  if (kind === 'X') return number.toString(16).toUpperCase();
  return kind === 'o' ? number.toString(8) : String(number);
}

const test: Program = (call) => {
  const args = call.name === '[' ? call.args.slice(0, -1) : call.args;
  return evaluate(call, args) ? 0 : 1;
};

function evaluate(call: Call, args: readonly string[]): boolean {
  for (const [operator, combine] of [
    ['-o', (a: boolean, b: boolean) => a || b],
    ['-a', (a: boolean, b: boolean) => a && b],
  ] as const) {
    const at = args.indexOf(operator);
    if (at > 0 && at < args.length - 1) return combine(evaluate(call, args.slice(0, at)), evaluate(call, args.slice(at + 1)));
  }
  const [first = '', second = '', third = ''] = args;
  if (first === '!') return !evaluate(call, args.slice(1));
  if (args.length === 0) return false;
  if (args.length === 1) return first !== '';
  if (args.length === 2) return unary(call, first, second);
  switch (second) {
    case '=':
    case '==':
      return first === third;
    case '!=':
      return first !== third;
    case '-eq':
      return Number(first) === Number(third);
    case '-ne':
      return Number(first) !== Number(third);
    case '-lt':
      return Number(first) < Number(third);
    case '-le':
      return Number(first) <= Number(third);
    case '-gt':
      return Number(first) > Number(third);
    case '-ge':
      return Number(first) >= Number(third);
    default:
      return false;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '-f': 'file',
  '-d': 'directory',
  '-L': 'link',
  '-h': 'link',
  '-b': 'block device',
  '-c': 'character device',
  '-p': 'fifo',
  '-S': 'socket',
};

function unary(call: Call, operator: string, value: string): boolean {
  if (operator === '-n') return value !== '';
  if (operator === '-z') return value === '';
  if (operator === '-t') return false;
  const { tree } = call.machine;
  const at = normalise(value, call.cwd);
  try {
    const stat = tree.stat(at, call.actor, operator !== '-L' && operator !== '-h');
    const type = TYPES[operator];
    if (type !== undefined) return stat.type === type;
    if (operator === '-s') return stat.size > 0;
    if (operator === '-e') return true;
    const bit = operator === '-r' ? 4 : operator === '-w' ? 2 : 1;
    const shift = call.actor.uid === stat.uid ? 6 : 0;
    return call.actor.uid === 0 || ((stat.mode >> shift) & bit) !== 0;
  } catch (error) {
    if (error instanceof PhoneFsError) return false;
    throw error;
  }
}

const cat: Program = (call) => overFiles(call, optionsOf(call.args).rest, (bytes) => call.out(bytes));

const head: Program = (call) => {
  const old = /^-(\d+)$/.exec(call.args[0] ?? '');
  const { flags, rest } = optionsOf(old === null ? call.args : call.args.slice(1), 'nc');
  const lines = Number(old?.[1] ?? flags.get('n') ?? 10);
  return overFiles(call, rest, async (bytes) => {
    const count = flags.get('c');
    if (count !== undefined) return call.out(bytes.subarray(0, Number(count)));
    const shown = linesOf(bytes).slice(0, lines);
    await call.out(shown.length > 0 ? `${shown.join('\n')}\n` : '');
  });
};

const tail: Program = (call) => {
  const old = /^-(\d+)$/.exec(call.args[0] ?? '');
  const { flags, rest } = optionsOf(old === null ? call.args : call.args.slice(1), 'nc');
  const lines = old?.[1] ?? flags.get('n') ?? '10';
  return overFiles(call, rest, async (bytes) => {
    const all = linesOf(bytes);
    const shown = lines.startsWith('+') ? all.slice(Number(lines) - 1) : all.slice(Math.max(all.length - Number(lines), 0));
    await call.out(shown.length > 0 ? `${shown.join('\n')}\n` : '');
  });
};

const wc: Program = (call) => {
  const { flags, rest } = optionsOf(call.args);
  return overFiles(call, rest, async (bytes, name) => {
    const counts = [
      ...(flags.size === 0 || flags.has('l') ? [bytes.filter((byte) => byte === 10).length] : []),
      ...(flags.size === 0 || flags.has('w')
        ? [
            bytes
              .toString('latin1')
              .split(/\s+/)
              .filter((word) => word !== '').length,
          ]
        : []),
      ...(flags.size === 0 || flags.has('c') || flags.has('m') ? [bytes.length] : []),
    ];
    await call.out(`${counts.join(' ')}${name === '-' ? '' : ` ${name}`}\n`);
  });
};

const sort: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args, 'kt');
  const lines: string[] = [];
  const status = await overFiles(call, rest, (bytes) => void lines.push(...linesOf(bytes)));
  const compare = flags.has('n')
    ? (a: string, b: string) => Number.parseFloat(a) - Number.parseFloat(b) || 0
    : (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = (flags.has('u') ? [...new Set(lines)] : lines).toSorted(compare);
  const shown = flags.has('r') ? sorted.toReversed() : sorted;
  await call.out(shown.map((line) => `${line}\n`).join(''));
  return status;
};

const uniq: Program = (call) => {
  const { flags, rest } = optionsOf(call.args);
  return overFiles(call, rest, async (bytes) => {
    const groups: [line: string, count: number][] = [];
    for (const line of linesOf(bytes)) {
      const last = groups.at(-1);
      if (last?.[0] === line) last[1] += 1;
      else groups.push([line, 1]);
    }
    await call.out(groups.map(([line, times]) => `${flags.has('c') ? `${String(times).padStart(7)} ` : ''}${line}\n`).join(''));
  });
};

const cut: Program = (call) => {
  const { flags, rest } = optionsOf(call.args, 'dfc');
  const wanted = (flags.get('f') ?? flags.get('c') ?? '1').split(',').flatMap((range) => {
    const [from = '', to] = range.split('-');
    if (to === undefined) return [Number(from)];
    const end = to === '' ? 200 : Number(to);
    return Array.from({ length: Math.min(Math.max(end - Number(from || 1) + 1, 0), 200) }, (_, i) => Number(from || 1) + i);
  });
  return overFiles(call, rest, async (bytes) => {
    const delimiter = flags.has('c') ? '' : (flags.get('d') ?? '\t');
    for (const line of linesOf(bytes)) {
      const fields = line.split(delimiter);
      const shown =
        fields.length === 1 && delimiter !== '' ? fields : wanted.map((i) => fields[i - 1]).filter((field) => field !== undefined);
      await call.out(`${shown.join(delimiter)}\n`);
    }
  });
};

const tr: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args);
  const [from = '', to = ''] = rest.map((set) => readEscapes(set).replaceAll(/(.)-(.)/g, (_, a: string, b: string) => span(a, b)));
  let text = (await call.stdin.all()).toString('latin1');
  if (flags.has('d')) text = [...text].filter((character) => !from.includes(character)).join('');
  else if (flags.has('s') && rest.length === 1)
    text = text.replaceAll(/(.)\1+/gs, (run, character: string) => (from.includes(character) ? character : run));
  else
    text = [...text]
      .map((character) => (from.includes(character) ? (to[Math.min(from.indexOf(character), to.length - 1)] ?? '') : character))
      .join('');
  await call.out(Buffer.from(text, 'latin1'));
  return 0;
};

const span = (a: string, b: string): string =>
  Array.from({ length: Math.max(b.charCodeAt(0) - a.charCodeAt(0) + 1, 0) }, (_, i) => String.fromCharCode(a.charCodeAt(0) + i)).join('');

/** A basic regular expression in JavaScript's words. */
function basicPattern(pattern: string): string {
  return pattern.replaceAll(
    /\\([(){}|+?])|([(){}|+?])/g,
    (_, escaped: string | undefined, bare: string | undefined) => escaped ?? `\\${bare}`,
  );
}

const grep: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args, 'emAB');
  const pattern = flags.get('e') ?? rest[0] ?? '';
  const files = flags.has('e') ? rest : rest.slice(1);
  const isFixed = flags.has('F') || call.name === 'fgrep';
  const isExtended = flags.has('E') || call.name === 'egrep';
  const source = isFixed ? pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`) : isExtended ? pattern : basicPattern(pattern);
  const expression = new RegExp(
    flags.has('x') ? `^(?:${source})$` : flags.has('w') ? `\\b(?:${source})\\b` : source,
    flags.has('i') ? 'i' : '',
  );
  let found = 0;
  const most = Number(flags.get('m') ?? Number.POSITIVE_INFINITY);
  const status = await overFiles(call, files, async (bytes, name) => {
    let here = 0;
    const prefix = files.length > 1 && !flags.has('h') ? `${name}:` : '';
    for (const [i, line] of linesOf(bytes).entries()) {
      const match = expression.exec(line);
      if ((match !== null) === flags.has('v') || here >= most) continue;
      here += 1;
      if (flags.has('q') || flags.has('c') || flags.has('l')) continue;
      await call.out(`${prefix}${flags.has('n') ? `${i + 1}:` : ''}${flags.has('o') ? match?.[0] : line}\n`);
    }
    found += here;
    if (flags.has('c')) await call.out(`${prefix}${here}\n`);
    if (flags.has('l') && here > 0) await call.out(`${name}\n`);
  });
  return found > 0 ? 0 : status === 0 ? 1 : 2;
};

/** `s/…/…/[gp]`, `Np`, `N,Mp`, `/…/p`, `/…/d`. */
const sed: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args, 'e');
  const script = flags.get('e') ?? rest[0] ?? '';
  const files = flags.has('e') ? rest : rest.slice(1);
  const replace = /^s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gp]*)$/s.exec(script);
  const address = /^(?:(\d+)(?:,(\d+|\$))?|\/((?:\\.|[^/])*)\/)?([pd])$/.exec(script);
  return overFiles(call, files, async (bytes) => {
    for (const [i, line] of linesOf(bytes).entries()) {
      let shown: string | undefined = line;
      let extra = false;
      if (replace !== null) {
        const [, , from = '', to = '', letters = ''] = replace;
        const source = flags.has('E') || flags.has('r') ? from : basicPattern(from);
        shown = line.replace(
          new RegExp(source, letters.includes('g') ? 'g' : ''),
          readEscapes(to)
            .replaceAll(/\\(\d)/g, '$$$1')
            .replaceAll('&', '$$&'),
        );
        extra = letters.includes('p') && shown !== line;
      } else if (address !== null) {
        const [, from, to, pattern, verb] = address;
        const within = from !== undefined && i + 1 >= Number(from) && i + 1 <= (to === '$' ? Number.POSITIVE_INFINITY : Number(to ?? from));
        const hit =
          within ||
          (pattern !== undefined && new RegExp(basicPattern(pattern)).test(line)) ||
          (from === undefined && pattern === undefined);
        if (verb === 'd' && hit) shown = undefined;
        extra = verb === 'p' && hit;
      }
      if (shown !== undefined && (!flags.has('n') || extra)) await call.out(`${shown}\n`);
      if (shown !== undefined && extra && !flags.has('n')) await call.out(`${shown}\n`);
    }
  });
};

const BATCH = 100;

const xargs: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args, 'nPIsE');
  const bytes = await call.stdin.all();
  const text = bytes.toString('utf8');
  const items = (flags.has('0') ? text.split('\0') : flags.has('I') ? text.split('\n') : text.split(/\s+/)).filter((item) => item !== '');
  const argv = rest.length === 0 ? ['echo'] : rest;
  const place = flags.get('I');
  let status = 0;
  if (place !== undefined) {
    for (const item of items) status = Math.max(status, await call.run(argv.map((word) => word.replaceAll(place, item))));
    return status === 0 ? 0 : 123;
  }
  if (items.length === 0 && flags.has('r')) return 0;
  const size = Number(flags.get('n') ?? BATCH * 10);
  for (let at = 0; at < Math.max(items.length, 1); at += size)
    status = Math.max(status, await call.run([...argv, ...items.slice(at, at + size)]));
  return status === 0 ? 0 : 123;
};

const hashProgram =
  (algorithm: string): Program =>
  (call) =>
    overFiles(call, optionsOf(call.args).rest, async (bytes, name) => {
      const digest = createHash(algorithm).update(bytes).digest('hex');
      await call.out(optionsOf(call.args).flags.has('b') ? `${digest}\n` : `${digest}  ${name}\n`);
    });

/** KitKat's own `md5`. */
const md5: Program = (call) =>
  overFiles(call, call.args, (bytes, name) => call.out(`${createHash('md5').update(bytes).digest('hex')}  ${name}\n`));

const date: Program = async ({ args, out, machine }) => {
  const { clock } = machine.phone;
  const utc = args.includes('-u');
  const shifted = new Date(machine.nowMs() + (utc ? 0 : clock.offsetMinutes * 60_000));
  const iso = shifted.toISOString();
  const day = shifted.toUTCString().slice(0, 3);
  const month = shifted.toUTCString().slice(8, 11);
  const zone = utc ? 'UTC' : clock.zone;
  const offset = `${clock.offsetMinutes < 0 ? '-' : '+'}${String(Math.floor(Math.abs(clock.offsetMinutes) / 60)).padStart(2, '0')}${String(Math.abs(clock.offsetMinutes) % 60).padStart(2, '0')}`;
  const fields: Readonly<Record<string, string>> = {
    s: String(Math.floor(machine.nowMs() / 1000)),
    N: String(Math.floor((machine.nowMs() % 1000) * 1e6)).padStart(9, '0'),
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    Z: zone,
    z: utc ? '+0000' : offset,
    a: day,
    b: month,
    '%': '%',
  };
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1);
  const text =
    format === undefined
      ? `${day} ${month} ${iso.slice(8, 10).replace(/^0/, ' ')} ${iso.slice(11, 19)} ${zone} ${iso.slice(0, 4)}`
      : format.replaceAll(/%([a-zA-Z%])/g, (whole, letter: string) => fields[letter] ?? whole);
  await out(`${text}\n`);
  return 0;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const sleepProgram: Program = async ({ args, signal }) => {
  await Promise.race([
    sleep(
      args.reduce((sum, arg) => sum + Number.parseFloat(arg) * 1000, 0),
      undefined,
      { ref: false },
    ),
    untilAborted(signal),
  ]);
  return 0;
};

const timeout: Program = async (call) => {
  const { rest } = optionsOf(call.args, 'ks');
  const [limit = '0', ...argv] = rest;
  const seconds = Number.parseFloat(limit);
  const timer = new AbortController();
  const late = sleep(seconds * 1000, 'late' as const, { signal: timer.signal, ref: false }).catch(() => 'late' as const);
  const result = await Promise.race([call.run(argv, call.stdin), late]);
  timer.abort();
  return result === 'late' ? 124 : result;
};

/** Runs what follows the options: `nice`, `nohup`, `setsid`, `env`. */
const prefix =
  (valued: string): Program =>
  async (call) => {
    const rest = optionsOf(call.args, valued).rest.filter(
      (word, i, all) => !/^[A-Za-z_]\w*=/.test(word) || all.slice(0, i).some((one) => !one.includes('=')),
    );
    if (rest.length > 0) return call.run(rest, call.stdin);
    if (call.name !== 'env') return 0;
    await call.out([...call.env].map(([key, value]) => `${key}=${value}\n`).join(''));
    return 0;
  };

const seq: Program = async ({ args, out }) => {
  const [a = 1, b, c] = args.map(Number);
  const [from, step, to] = c !== undefined ? [a, b ?? 1, c] : b !== undefined ? [a, 1, b] : [1, 1, a];
  if (step === 0) return 1;
  const lines: string[] = [];
  for (let value = from; step > 0 ? value <= to : value >= to; value += step) lines.push(String(value));
  await out(lines.map((line) => `${line}\n`).join(''));
  return 0;
};

const which: Program = async (call) => {
  let status = 0;
  const all = call.args.includes('-a');
  for (const name of call.args.filter((arg) => !arg.startsWith('-'))) {
    const found = (call.env.get('PATH') ?? '')
      .split(':')
      .filter((folder) => folder !== '' && call.machine.tree.exists(`${folder}/${name}`, call.actor));
    if (found.length === 0) status = 1;
    for (const folder of all ? found : found.slice(0, 1)) await call.out(`${folder}/${name}\n`);
  }
  return status;
};

const tee: Program = async (call) => {
  const bytes = await call.stdin.all();
  await call.out(bytes);
  const { machine, actor } = call;
  for (const file of optionsOf(call.args).rest) {
    machine.tree.write(normalise(file, call.cwd), bytes, { actor, mode: 0o644, mtime: Math.floor(machine.nowMs() / 1000) });
  }
  return 0;
};

const base64: Program = (call) =>
  overFiles(call, optionsOf(call.args, 'w').rest, async (bytes) => {
    const { flags } = optionsOf(call.args, 'w');
    if (flags.has('d')) return call.out(Buffer.from(bytes.toString('latin1'), 'base64'));
    const text = bytes.toString('base64');
    await call.out(flags.get('w') === '0' ? text : `${text.replaceAll(/.{76}(?=.)/g, '$&\n')}\n`);
  });

const xxd: Program = (call) =>
  overFiles(call, optionsOf(call.args, 'lc').rest, async (bytes) => {
    const { flags } = optionsOf(call.args, 'lc');
    const shown = bytes.subarray(0, Number(flags.get('l') ?? bytes.length));
    if (flags.has('p')) return call.out(`${shown.toString('hex')}\n`);
    for (let at = 0; at < shown.length; at += 16) {
      const row = shown.subarray(at, at + 16);
      const hex = row.toString('hex').replaceAll(/(.{4})/g, '$1 ');
      await call.out(`${at.toString(16).padStart(8, '0')}: ${hex.padEnd(40)} ${row.toString('latin1').replaceAll(/[^ -~]/g, '.')}\n`);
    }
  });

/** `dd if= of= bs= count= skip=`. */
const dd: Program = async (call) => {
  const values = new Map(call.args.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] as const));
  const size = (text: string) => Number.parseInt(text, 10) * (/[kK]$/.test(text) ? 1024 : /M$/i.test(text) ? 1_048_576 : 1);
  const block = size(values.get('bs') ?? '512');
  const count = values.get('count');
  const input = values.get('if');
  const all =
    input === '/dev/zero' ? Buffer.alloc(Math.min(block * Number(count ?? 1), 64 * 1_048_576)) : await bytesOf(call, input ?? '-');
  if (all === undefined) return 1;
  const start = block * Number(values.get('skip') ?? 0);
  const bytes = all.subarray(start, count === undefined ? undefined : start + block * Number(count));
  const to = values.get('of');
  if (to === undefined) await call.out(bytes);
  else if (to !== '/dev/null') {
    call.machine.tree.write(normalise(to, call.cwd), bytes, {
      actor: call.actor,
      mode: 0o644,
      mtime: Math.floor(call.machine.nowMs() / 1000),
    });
  }
  await call.err(`${Math.floor(bytes.length / block)}+0 records in\n${Math.floor(bytes.length / block)}+0 records out\n`);
  return 0;
};

export const textPrograms: Readonly<Record<string, Program>> = {
  echo,
  printf,
  test,
  '[': test,
  true: () => 0,
  false: () => 1,
  pwd: async ({ out, cwd }) => {
    await out(`${cwd}\n`);
    return 0;
  },
  cat,
  head,
  tail,
  wc,
  sort,
  uniq,
  cut,
  tr,
  grep,
  egrep: grep,
  fgrep: grep,
  sed,
  xargs,
  md5,
  md5sum: hashProgram('md5'),
  sha1sum: hashProgram('sha1'),
  sha224sum: hashProgram('sha224'),
  sha256sum: hashProgram('sha256'),
  sha512sum: hashProgram('sha512'),
  date,
  sleep: sleepProgram,
  timeout,
  nice: prefix('n'),
  ionice: prefix('cnp'),
  nohup: prefix(''),
  setsid: prefix(''),
  env: prefix('u'),
  printenv: async ({ args, env, out }) => {
    const [name] = args;
    if (name === undefined) await out([...env].map(([key, value]) => `${key}=${value}\n`).join(''));
    else if (env.has(name)) await out(`${env.get(name)}\n`);
    return name === undefined || env.has(name) ? 0 : 1;
  },
  seq,
  which,
  tee,
  base64,
  xxd,
  dd,
  basename: async ({ args, out }) => {
    const [path = '', suffix = ''] = args;
    const base = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
    await out(`${suffix !== '' && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base}\n`);
    return 0;
  },
  dirname: async ({ args, out }) => {
    const path = (args[0] ?? '').replace(/\/+$/, '');
    const at = path.lastIndexOf('/');
    await out(`${at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)}\n`);
    return 0;
  },
};
