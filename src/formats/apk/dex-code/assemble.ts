import { encodeInstruction, INSTRUCTIONS, type Mnemonic, type Pool, unitsOf } from './instructions.ts';
import { parseMethodReference, wordsOf } from './references.ts';

/**
 * One line of assembly: an instruction with its operands in the order of Dalvik's own assembly (registers are numbers, references and label names are texts),
 * a label, or a stretch between two labels whose exceptions lead to a third.
 */
export type Line =
  | readonly [Mnemonic, ...(number | string)[]]
  | readonly ['label', string]
  | readonly ['catch-all', from: string, to: string, handler: string];

/** A static method of ours. Its parameters lie in its last registers. */
export interface MethodSource {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly returns: string;
  readonly registers: number;
  readonly lines: readonly Line[];
}

export interface AssembledMethod {
  readonly registers: number;
  readonly ins: number;
  readonly outs: number;
  readonly units: readonly number[];
  readonly tries: readonly { readonly start: number; readonly count: number; readonly handler: number }[];
}

/** Where a reference stands in the file's tables. */
export type IndexOf = (pool: Pool, text: string) => number;

const isJump = (name: Mnemonic): boolean => INSTRUCTIONS[name].format.endsWith('t');

/** Every reference of a method's lines, for the tables. */
export function referencesOf({ lines }: MethodSource): readonly { readonly pool: Pool; readonly text: string }[] {
  return lines.flatMap((line) => {
    if (line[0] === 'label' || line[0] === 'catch-all') return [];
    const row = INSTRUCTIONS[line[0]];
    const text = line.find((operand, index) => index > 0 && typeof operand === 'string');
    return row.pool === undefined || typeof text !== 'string' ? [] : [{ pool: row.pool, text }];
  });
}

/** Turns lines into code. @throws RangeError for registers or labels that are not there */
export function assemble(source: MethodSource, indexOf: IndexOf): AssembledMethod {
  const labels = new Map<string, number>();
  let at = 0;
  for (const line of source.lines) {
    if (line[0] === 'label') labels.set(line[1], at);
    else if (line[0] !== 'catch-all') at += unitsOf(INSTRUCTIONS[line[0]].format);
  }
  const place = (label: string): number => {
    const found = labels.get(label);
    if (found === undefined) throw new RangeError(`${source.name}: there is no label ${label}`);
    return found;
  };
  const units: number[] = [];
  const tries: { start: number; count: number; handler: number }[] = [];
  let outs = 0;
  for (const line of source.lines) {
    if (line[0] === 'label') continue;
    if (line[0] === 'catch-all') {
      const [, from, to, handler] = line as readonly ['catch-all', string, string, string];
      tries.push({ start: place(from), count: place(to) - place(from), handler: place(handler) });
      continue;
    }
    const [name, ...operands] = line as readonly [Mnemonic, ...(number | string)[]];
    const row = INSTRUCTIONS[name];
    const numbers = operands.map((operand) => {
      if (typeof operand === 'number') return operand;
      if (row.pool !== undefined) return indexOf(row.pool, operand);
      if (isJump(name)) return place(operand) - units.length;
      throw new RangeError(`${source.name}: ${name} takes no ${operand}`);
    });
    if (row.pool === 'method') outs = Math.max(outs, numbers.length - 1);
    units.push(...encodeInstruction(name, numbers));
  }
  return {
    registers: source.registers,
    ins: source.parameters.reduce((sum, type) => sum + wordsOf(type), 0),
    outs,
    units,
    tries: tries.toSorted((a, b) => a.start - b.start),
  };
}

/** The text by which other lines call a method of a class of ours. */
export const callOf = (className: string, { name, parameters, returns }: Pick<MethodSource, 'name' | 'parameters' | 'returns'>): string => {
  const text = `${className}->${name}(${parameters.join('')})${returns}`;
  parseMethodReference(text);
  return text;
};
