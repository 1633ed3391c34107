/**
 * Checks a file that `writeDexProgram` wrote as a phone's verifier would, from its bytes: every register holds what an instruction takes, every call is given what its
 * signature says and its result is taken by its kind, every jump leads to an instruction, and no path runs off the end.
 * Knows of class hierarchies only what it is told; everything is an Object. Interfaces count as classes.
 */
import { Cursor, FormatError } from '../../../bytes/index.ts';
import { readDex, readUleb128 } from '../dex.ts';
import { type Decoded, decodeInstruction, INSTRUCTIONS } from './instructions.ts';
import { wordsOf } from './references.ts';

/** What a register holds: a descriptor, or one of these. `zero` is a number or a null. `conflict`: two paths left different things. */
type Held = string;
const [NONE, CONFLICT, ZERO, INT, WIDE, WIDE_HIGH] = ['none', 'conflict', 'zero', 'int', 'wide', 'wide-high'] as const;
const OBJECT = 'Ljava/lang/Object;';
const isReference = (held: Held): boolean => /^[L[]/.test(held);
const kindOf = (type: string): Held => (wordsOf(type) === 2 ? WIDE : isReference(type) ? type : INT);

interface Method {
  readonly className: string;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly returns: string;
}

interface Code {
  readonly method: Method;
  readonly registers: number;
  readonly ins: number;
  readonly outs: number;
  readonly units: readonly number[];
  readonly tries: readonly { readonly start: number; readonly end: number; readonly handler: number }[];
}

/** Complaints, none where all is well. `supertypes`: beside each class, those that it may stand for. @throws FormatError where the file does not parse */
export function checkDexProgram(bytes: Uint8Array, supertypes: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const file = readProgram(bytes);
  return file.codes.flatMap((code) => checkCode(code, file, supertypes));
}

interface ProgramFile {
  readonly types: readonly string[];
  readonly fields: readonly string[];
  readonly methods: readonly Method[];
  readonly stringCount: number;
  readonly codes: readonly Code[];
}

function readProgram(bytes: Uint8Array): ProgramFile {
  const { value } = readDex(bytes);
  const cursor = new Cursor(bytes, { format: 'dex' });
  const table = (at: number) => {
    cursor.seek('table', at);
    return { count: cursor.u32('size'), at: cursor.u32('off') };
  };
  const [protoTable, fieldTable, methodTable, classTable] = [table(0x48), table(0x50), table(0x58), table(0x60)];
  const rows = <T>({ count, at }: { readonly count: number; readonly at: number }, size: number, read: () => T): readonly T[] =>
    Array.from({ length: count }, (_, index) => {
      cursor.seek('row', at + size * index);
      return read();
    });
  const type = (index: number): string => value.type(index) ?? 'V';
  const protos = rows(protoTable, 12, () => {
    cursor.skip('shorty', 4);
    return { returns: type(cursor.u32('return')), list: cursor.u32('parameters_off') };
  }).map(({ returns, list }) => {
    if (list === 0) return { returns, parameters: [] };
    cursor.seek('type_list', list);
    return { returns, parameters: Array.from({ length: cursor.u32('size') }, () => type(cursor.u16('type'))) };
  });
  const fields = rows(fieldTable, 8, () => {
    cursor.skip('class', 2);
    return type(cursor.u16('type'));
  });
  const methods = rows(methodTable, 8, () => {
    const [className, proto, name] = [type(cursor.u16('class')), protos[cursor.u16('proto')], cursor.u32('name')];
    return { className, name: value.string(name) ?? '', parameters: proto?.parameters ?? [], returns: proto?.returns ?? 'V' };
  });
  const [data = 0] = rows(classTable, 32, () => {
    cursor.skip('class', 24);
    return cursor.u32('class_data_off');
  });
  cursor.seek('class_data', data);
  cursor.skip('fields', 2);
  const count = readUleb128(cursor, 'uleb128');
  readUleb128(cursor, 'uleb128');
  let index = 0;
  const own = Array.from({ length: count }, () => {
    index += readUleb128(cursor, 'uleb128');
    readUleb128(cursor, 'uleb128');
    return { method: methods[index], at: readUleb128(cursor, 'uleb128') };
  });
  const codes = own.map(({ method, at }) => {
    if (method === undefined) throw new FormatError({ format: 'dex', field: 'method_idx', at: data }, 'out-of-bounds', 'no such method');
    return readCode(cursor, at, method);
  });
  const types = Array.from({ length: value.typeCount }, (_, at) => type(at));
  return { types, fields, methods, stringCount: value.stringCount, codes };
}

function readCode(cursor: Cursor, at: number, method: Method): Code {
  cursor.seek('code_item', at);
  const [registers, ins, outs, tryCount] = [cursor.u16('registers'), cursor.u16('ins'), cursor.u16('outs'), cursor.u16('tries')];
  cursor.skip('debug_info_off', 4);
  const units = Array.from({ length: cursor.u32('insns_size') }, () => cursor.u16('insns'));
  if (tryCount > 0 && units.length % 2 === 1) cursor.skip('padding', 2);
  const raw = Array.from({ length: tryCount }, () => ({
    start: cursor.u32('start'),
    count: cursor.u16('count'),
    offset: cursor.u16('handler_off'),
  }));
  const handlers = cursor.at;
  const tries = raw.map(({ start, count, offset }) => {
    cursor.seek('handler', handlers + offset + 1);
    return { start, end: start + count, handler: readUleb128(cursor, 'uleb128') };
  });
  return { method, registers, ins, outs, units, tries };
}

function checkCode(code: Code, file: ProgramFile, supertypes: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const complaints: string[] = [];
  const { method, registers, ins, units } = code;
  const words = method.parameters.reduce((sum, type) => sum + wordsOf(type), 0);
  if (ins !== words || ins > registers)
    complaints.push(`${method.name}: ${ins} of ${registers} registers for ${words} words of parameters`);
  const begin: Held[] = Array.from({ length: registers }, () => NONE);
  let at = registers - ins;
  for (const type of method.parameters) {
    begin[at] = kindOf(type);
    if (wordsOf(type) === 2) begin[at + 1] = WIDE_HIGH;
    at += wordsOf(type);
  }
  const states = new Map<number, readonly Held[]>([[0, begin]]);
  const todo = [0];
  const flow = (to: number, state: readonly Held[]): void => {
    const known = states.get(to);
    const merged = known === undefined ? state : known.map((held, index) => merge(held, state[index] ?? NONE));
    if (known?.every((held, index) => held === merged[index]) === true) return;
    states.set(to, merged);
    todo.push(to);
  };
  // Every pass changes a state towards `conflict`, of which there are few: the loop ends.
  for (let next = todo.pop(); next !== undefined && complaints.length === 0; next = todo.pop()) {
    const state = states.get(next) ?? begin;
    const decoded = decodeInstruction(units, next);
    if (decoded === undefined) {
      complaints.push(`${method.name} @${next}: no instruction of ours`);
      break;
    }
    for (const { start, end, handler } of code.tries) if (next >= start && next < end) flow(handler, state);
    const step = stepOf({ code, file, supertypes, at: next, before: beforeOf(units, next) }, decoded, state);
    for (const complaint of step.complaints) complaints.push(`${method.name} @${next} ${decoded.name}: ${complaint}`);
    for (const to of step.to) {
      if (to < 0 || to >= units.length) complaints.push(`${method.name} @${next} ${decoded.name}: leads outside the code`);
      else flow(to, step.state);
    }
  }
  return complaints;
}

/** The instruction that lies in front of one; instructions are read from the start, so that none begins inside another. */
function beforeOf(units: readonly number[], at: number): Decoded | undefined {
  let before: Decoded | undefined;
  for (let here = 0; here < at; ) {
    before = decodeInstruction(units, here);
    if (before === undefined) return undefined;
    here += before.units;
    if (here > at) return undefined;
  }
  return before;
}

const merge = (a: Held, b: Held): Held => {
  if (a === b) return a;
  if (a === ZERO && (b === INT || isReference(b))) return b;
  if (b === ZERO && (a === INT || isReference(a))) return a;
  return CONFLICT;
};

interface Where {
  readonly code: Code;
  readonly file: ProgramFile;
  readonly supertypes: Readonly<Record<string, readonly string[]>>;
  readonly at: number;
  readonly before: Decoded | undefined;
}

function stepOf(where: Where, { name, numbers, units }: Decoded, before: readonly Held[]) {
  const { code, file, supertypes, at } = where;
  const complaints: string[] = [];
  const state = [...before];
  const [a = 0, b = 0, c = 0] = numbers;
  const take = (register: number, wanted: Held): void => {
    const held = before[register] ?? NONE;
    if (!fits(held, wanted, supertypes)) complaints.push(`v${register} holds ${held}, not ${wanted}`);
  };
  const give = (register: number, held: Held): void => {
    if (register >= code.registers) complaints.push(`there is no v${register}`);
    state[register] = held;
  };
  let to: readonly number[] = [at + units];
  const array = (register: number, pattern: RegExp): string => {
    const held = before[register] ?? NONE;
    if (!pattern.test(held)) complaints.push(`v${register} holds ${held}, no such array`);
    return held.slice(1);
  };
  switch (name) {
    case 'move-object/from16':
      give(a, before[b] ?? NONE);
      if (!isReference(before[b] ?? NONE) && before[b] !== ZERO) complaints.push(`v${b} holds no reference`);
      break;
    case 'move-result':
    case 'move-result-object':
    case 'move-result-wide': {
      const called =
        where.before !== undefined && INSTRUCTIONS[where.before.name].pool === 'method'
          ? file.methods[where.before.numbers[0] ?? -1]
          : undefined;
      const kind = called === undefined || called.returns === 'V' ? NONE : kindOf(called.returns);
      const fitting = name === 'move-result' ? kind === INT : name === 'move-result-wide' ? kind === WIDE : isReference(kind);
      if (!fitting) complaints.push(`the call before it gives ${kind}`);
      give(a, kind);
      if (kind === WIDE) give(a + 1, WIDE_HIGH);
      break;
    }
    case 'move-exception':
      if (!code.tries.some(({ handler }) => handler === at)) complaints.push('not at the start of a handler');
      give(a, 'Ljava/lang/Throwable;');
      break;
    case 'return-void':
      if (code.method.returns !== 'V') complaints.push(`the method returns ${code.method.returns}`);
      to = [];
      break;
    case 'return':
    case 'return-object':
      if ((name === 'return-object') !== isReference(code.method.returns) || wordsOf(code.method.returns) !== 1)
        complaints.push(`the method returns ${code.method.returns}`);
      take(a, kindOf(code.method.returns));
      to = [];
      break;
    case 'const/16':
      give(a, b === 0 ? ZERO : INT);
      break;
    case 'const-string':
      if (b >= file.stringCount) complaints.push('there is no such string');
      give(a, 'Ljava/lang/String;');
      break;
    case 'const-class':
      give(a, 'Ljava/lang/Class;');
      break;
    case 'array-length':
      array(b, /^\[/);
      give(a, INT);
      break;
    case 'new-instance':
      give(a, `new ${file.types[b] ?? '?'}`);
      break;
    case 'new-array':
      take(b, INT);
      give(a, file.types[c] ?? CONFLICT);
      break;
    case 'goto/16':
      to = [at + a];
      break;
    case 'if-eqz':
    case 'if-nez':
      if (before[a] !== ZERO && before[a] !== INT && !isReference(before[a] ?? NONE)) complaints.push(`v${a} holds ${before[a]}`);
      to = [at + units, at + b];
      break;
    case 'if-ge':
      take(a, INT);
      take(b, INT);
      to = [at + units, at + c];
      break;
    case 'aget-object':
      take(c, INT);
      give(a, array(b, /^\[[L[]/));
      break;
    case 'aput':
      take(a, INT);
      take(c, INT);
      array(b, /^\[I$/);
      break;
    case 'aput-object':
      take(c, INT);
      take(a, array(b, /^\[[L[]/));
      break;
    case 'sget-object':
      give(a, file.fields[b] ?? CONFLICT);
      break;
    case 'add-int/lit8':
      take(b, INT);
      give(a, INT);
      break;
    case 'invoke-virtual':
    case 'invoke-direct':
    case 'invoke-static':
      complaints.push(...callComplaints(where, name, numbers, { take, give, before }));
      break;
  }
  return { complaints, state, to };
}

interface Registers {
  readonly take: (register: number, wanted: Held) => void;
  readonly give: (register: number, held: Held) => void;
  readonly before: readonly Held[];
}

function callComplaints(
  { code, file }: Where,
  name: string,
  [index = -1, ...given]: readonly number[],
  { take, give, before }: Registers,
): readonly string[] {
  const method = file.methods[index];
  if (method === undefined) return ['there is no such method'];
  if (given.length > code.outs) return [`${given.length} words, and the method has room for ${code.outs}`];
  const isConstructor = method.name === '<init>';
  if ((name === 'invoke-direct') !== isConstructor) return [`${method.name} is called by ${name}`];
  let at = 0;
  if (name !== 'invoke-static') {
    const receiver = given[at++] ?? 0;
    if (isConstructor) {
      const fresh = `new ${method.className}`;
      if (before[receiver] !== fresh) return [`v${receiver} holds ${before[receiver]}, not ${fresh}`];
      give(receiver, method.className);
    } else take(receiver, method.className);
  }
  for (const type of method.parameters) {
    const register = given[at] ?? -1;
    take(register, kindOf(type));
    if (wordsOf(type) === 2 && (given[at + 1] !== register + 1 || before[register + 1] !== WIDE_HIGH)) return ['half of a wide value'];
    at += wordsOf(type);
  }
  return at === given.length ? [] : [`${given.length} words, and ${method.name} takes ${at}`];
}

function fits(held: Held, wanted: Held, supertypes: Readonly<Record<string, readonly string[]>>): boolean {
  if (held === wanted) return true;
  if (held === ZERO) return wanted === INT || isReference(wanted);
  if (!isReference(held) || !isReference(wanted)) return false;
  if (wanted === OBJECT) return true;
  // Arrays of references stand for arrays of what those may stand for.
  if (held.startsWith('[') && wanted.startsWith('[')) return isReference(held.slice(1)) && fits(held.slice(1), wanted.slice(1), supertypes);
  return supertypes[held]?.some((above) => fits(above, wanted, supertypes)) ?? false;
}
