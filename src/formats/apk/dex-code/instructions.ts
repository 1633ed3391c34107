/**
 * The instructions that we write: a small part of Dalvik's, by the names of its own assembly.
 * Spec: source.android.com "Dalvik bytecode" and "Dalvik executable instruction formats". Registers of the 35c, 22c, 22t and 12x forms have four bits,
 * those of the others eight. Not written: switches, wide moves but of results, range calls (a method of ours has at most 16 registers).
 *
 *     10x  00 op            20t  00 op, AAAA        22b  AA op, CC BB      23x  AA op, CC BB
 *     11x  AA op            21s  AA op, BBBB        22c  BA op, CCCC       35c  AG op, BBBB, FEDC
 *     12x  BA op            21c  AA op, BBBB        22t  BA op, CCCC
 *                           21t  AA op, BBBB        22x  AA op, BBBB
 */
export type InstructionFormat = '10x' | '11x' | '12x' | '20t' | '21s' | '21c' | '21t' | '22b' | '22c' | '22t' | '22x' | '23x' | '35c';

/** What an index in an instruction leads to. */
export type Pool = 'string' | 'type' | 'field' | 'method';

interface Instruction {
  readonly opcode: number;
  readonly format: InstructionFormat;
  readonly pool?: Pool;
}

const ROWS = {
  'move-object/from16': { opcode: 0x08, format: '22x' },
  'move-result': { opcode: 0x0a, format: '11x' },
  'move-result-wide': { opcode: 0x0b, format: '11x' },
  'move-result-object': { opcode: 0x0c, format: '11x' },
  'move-exception': { opcode: 0x0d, format: '11x' },
  'return-void': { opcode: 0x0e, format: '10x' },
  return: { opcode: 0x0f, format: '11x' },
  'return-object': { opcode: 0x11, format: '11x' },
  'const/16': { opcode: 0x13, format: '21s' },
  'const-string': { opcode: 0x1a, format: '21c', pool: 'string' },
  'const-class': { opcode: 0x1c, format: '21c', pool: 'type' },
  'array-length': { opcode: 0x21, format: '12x' },
  'new-instance': { opcode: 0x22, format: '21c', pool: 'type' },
  'new-array': { opcode: 0x23, format: '22c', pool: 'type' },
  'goto/16': { opcode: 0x29, format: '20t' },
  'if-ge': { opcode: 0x35, format: '22t' },
  'if-eqz': { opcode: 0x38, format: '21t' },
  'if-nez': { opcode: 0x39, format: '21t' },
  'aget-object': { opcode: 0x46, format: '23x' },
  aput: { opcode: 0x4b, format: '23x' },
  'aput-object': { opcode: 0x4d, format: '23x' },
  'sget-object': { opcode: 0x62, format: '21c', pool: 'field' },
  'invoke-virtual': { opcode: 0x6e, format: '35c', pool: 'method' },
  'invoke-direct': { opcode: 0x70, format: '35c', pool: 'method' },
  'invoke-static': { opcode: 0x71, format: '35c', pool: 'method' },
  'add-int/lit8': { opcode: 0xd8, format: '22b' },
} as const satisfies Readonly<Record<string, Instruction>>;

export type Mnemonic = keyof typeof ROWS;
export const INSTRUCTIONS: Readonly<Record<Mnemonic, Instruction>> = ROWS;

/** Code units of 16 bits that an instruction takes. */
export const unitsOf = (format: InstructionFormat): number =>
  format === '35c' ? 3 : format === '10x' || format === '11x' || format === '12x' ? 1 : 2;

/** Numbers of an instruction in the order of its assembly: registers, then literal, distance or index; for 35c the index first. */
export function encodeInstruction(name: Mnemonic, numbers: readonly number[]): readonly number[] {
  const { opcode, format } = INSTRUCTIONS[name];
  const [a = 0, b = 0, c = 0] = numbers;
  const register = (value: number, bits: 4 | 8): number => {
    if (!Number.isInteger(value) || value < 0 || value >= 1 << bits)
      throw new RangeError(`${name}: register ${value} has more than ${bits} bits`);
    return value;
  };
  const signed = (value: number, bits: 8 | 16): number => {
    const half = 1 << (bits - 1);
    if (!Number.isInteger(value) || value < -half || value >= half) throw new RangeError(`${name}: ${value} has more than ${bits} bits`);
    return value & ((1 << bits) - 1);
  };
  const index = (value: number): number => {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${name}: index ${value} has more than 16 bits`);
    return value;
  };
  switch (format) {
    case '10x':
      return [opcode];
    case '11x':
      return [opcode | (register(a, 8) << 8)];
    case '12x':
      return [opcode | (register(a, 4) << 8) | (register(b, 4) << 12)];
    case '20t':
      return [opcode, signed(a, 16)];
    case '21s':
    case '21t':
      return [opcode | (register(a, 8) << 8), signed(b, 16)];
    case '21c':
    case '22x':
      return [opcode | (register(a, 8) << 8), index(b)];
    case '22b':
      return [opcode | (register(a, 8) << 8), register(b, 8) | (signed(c, 8) << 8)];
    case '22c':
      return [opcode | (register(a, 4) << 8) | (register(b, 4) << 12), index(c)];
    case '22t':
      return [opcode | (register(a, 4) << 8) | (register(b, 4) << 12), signed(c, 16)];
    case '23x':
      return [opcode | (register(a, 8) << 8), register(b, 8) | (register(c, 8) << 8)];
    case '35c': {
      const [method = 0, ...arguments_] = numbers;
      if (arguments_.length > 5) throw new RangeError(`${name}: ${arguments_.length} arguments, and 5 is the most`);
      const [one = 0, two = 0, three = 0, four = 0, five = 0] = arguments_.map((value) => register(value, 4));
      return [opcode | (five << 8) | (arguments_.length << 12), index(method), one | (two << 4) | (three << 8) | (four << 12)];
    }
  }
}

/** An instruction of code, as it lies there. `numbers` as `encodeInstruction` takes them. */
export interface Decoded {
  readonly name: Mnemonic;
  readonly numbers: readonly number[];
  readonly units: number;
}

const BY_OPCODE: ReadonlyMap<number, Mnemonic> = new Map(
  // The keys are those of the table.
  (Object.keys(INSTRUCTIONS) as Mnemonic[]).map((name) => [INSTRUCTIONS[name].opcode, name]),
);

/** The instruction at a code unit; undefined where it is none that we write, or is cut off. */
export function decodeInstruction(code: readonly number[], at: number): Decoded | undefined {
  const first = code[at] ?? 0;
  const name = BY_OPCODE.get(first & 0xff);
  if (name === undefined) return undefined;
  const { format } = INSTRUCTIONS[name];
  const units = unitsOf(format);
  if (at + units > code.length) return undefined;
  const high = first >> 8;
  const second = code[at + 1] ?? 0;
  const signed16 = (second << 16) >> 16;
  const numbers = ((): readonly number[] => {
    switch (format) {
      case '10x':
        return [];
      case '11x':
        return [high];
      case '12x':
        return [high & 15, high >> 4];
      case '20t':
        return [signed16];
      case '21s':
      case '21t':
        return [high, signed16];
      case '21c':
      case '22x':
        return [high, second];
      case '22b':
        return [high, second & 0xff, second >> 8 > 127 ? (second >> 8) - 256 : second >> 8];
      case '22c':
        return [high & 15, high >> 4, second];
      case '22t':
        return [high & 15, high >> 4, signed16];
      case '23x':
        return [high, second & 0xff, second >> 8];
      case '35c': {
        const third = code[at + 2] ?? 0;
        const all = [third & 15, (third >> 4) & 15, (third >> 8) & 15, third >> 12, high & 15];
        return [second, ...all.slice(0, high >> 4)];
      }
    }
  })();
  return { name, numbers, units };
}
