import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, type HashPort } from '../../../bytes/index.ts';
import { readDex } from '../dex.ts';
import type { Line, MethodSource } from './assemble.ts';
import { checkDexProgram } from './check.ts';
import { decodeInstruction, encodeInstruction, INSTRUCTIONS, type Mnemonic, unitsOf } from './instructions.ts';
import { methodText, parseFieldReference, parseMethodReference, shortyOf } from './references.ts';
import { writeDexProgram } from './write.ts';

const noHash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(20) });
const STRING = 'Ljava/lang/String;';

const method = (lines: readonly Line[], change: Partial<MethodSource> = {}): MethodSource => ({
  name: 'main',
  parameters: [`[${STRING}`],
  returns: 'V',
  registers: 4,
  lines,
  ...change,
});
const write = (...methods: readonly MethodSource[]) => writeDexProgram({ className: 'LMain;', methods }, noHash);
const GOOD = write(
  method([
    ['label', 'begin'],
    ['const/16', 0, 0],
    ['aget-object', 1, 3, 0],
    ['label', 'end'],
    ['goto/16', 'print'],
    ['label', 'failed'],
    ['move-exception', 1],
    ['invoke-virtual', `Ljava/lang/Throwable;->toString()${STRING}`, 1],
    ['move-result-object', 1],
    ['label', 'print'],
    ['sget-object', 2, 'Ljava/lang/System;->out:Ljava/io/PrintStream;'],
    ['invoke-virtual', `Ljava/io/PrintStream;->println(${STRING})V`, 2, 1],
    ['return-void'],
    ['catch-all', 'begin', 'end', 'failed'],
  ]),
);

describe('instructions', () => {
  const BITS = { '10x': [], '11x': [8], '12x': [4, 4], '21c': [8, 16], '22x': [8, 16], '22c': [4, 4, 16], '23x': [8, 8, 8] } as const;
  const SIGNED = { '20t': [-16], '21s': [8, -16], '21t': [8, -16], '22b': [8, 8, -8], '22t': [4, 4, -16] } as const;

  test.each(Object.keys(INSTRUCTIONS) as Mnemonic[])('%s reads back as it was written, for every operand', (name) => {
    const { format } = INSTRUCTIONS[name];
    const shape: readonly number[] =
      format === '35c' ? [] : format in BITS ? BITS[format as keyof typeof BITS] : SIGNED[format as keyof typeof SIGNED];
    const operands =
      format === '35c'
        ? fc.tuple(fc.nat(0xffff), fc.array(fc.nat(15), { maxLength: 5 })).map(([index, registers]) => [index, ...registers])
        : fc.tuple(
            ...shape.map((bits) =>
              bits > 0 ? fc.nat(2 ** bits - 1) : fc.integer({ min: -(2 ** (-bits - 1)), max: 2 ** (-bits - 1) - 1 }),
            ),
          );
    fc.assert(
      fc.property(operands, (numbers) => {
        const units = encodeInstruction(name, numbers as readonly number[]);
        expect(units).toHaveLength(unitsOf(format));
        expect(decodeInstruction(units, 0)).toEqual({ name, numbers, units: units.length });
      }),
    );
  });

  test.each([
    ['a register of five bits', 'array-length', [16, 0]],
    ['a register of nine bits', 'const-string', [256, 0]],
    ['a far jump', 'goto/16', [40_000]],
    ['a big literal', 'const/16', [0, 40_000]],
    ['six arguments', 'invoke-static', [0, 1, 2, 3, 4, 5, 6]],
    ['an index of 17 bits', 'const-string', [0, 0x10000]],
  ] as const)('%s cannot be written', (_what, name, numbers) => {
    expect(() => encodeInstruction(name, numbers)).toThrow(RangeError);
  });

  test('an opcode of nobody’s, and one that is cut off, are none', () => {
    expect(decodeInstruction([0x00ff], 0)).toBeUndefined();
    expect(decodeInstruction([INSTRUCTIONS['const-string'].opcode], 0)).toBeUndefined();
  });
});

describe('references', () => {
  test('are taken apart and abbreviated', () => {
    const text = 'La/B$C;-><init>([I[[Ljava/lang/String;JZ)V';
    const parsed = parseMethodReference(text);
    expect(parsed.parameters).toEqual(['[I', '[[Ljava/lang/String;', 'J', 'Z']);
    expect([methodText(parsed), shortyOf(parsed)]).toEqual([text, 'VLLJZ']);
    expect(parseFieldReference('La/B;->c:I')).toEqual({ className: 'La/B;', name: 'c', type: 'I' });
  });

  test.each(['', 'La/B;->c', 'La/B;->c(X)V', 'La/B;->c()', 'La/B;->c()VV', 'a.b->c()V'])('%s is none', (text) => {
    expect(() => parseMethodReference(text)).toThrow(RangeError);
  });
});

describe('a file', () => {
  test('reads back: its class, what it calls, sums in order', () => {
    const { value, oddities } = readDex(GOOD, 0, noHash);
    expect(oddities).toEqual([]);
    expect(value.classes()).toMatchObject([{ name: 'LMain;', superclass: 'Ljava/lang/Object;', accessFlags: 17 }]);
    expect(value.methods().map(({ className, name }) => `${className}${name}`)).toEqual([
      'LMain;main',
      'Ljava/io/PrintStream;println',
      'Ljava/lang/Throwable;toString',
    ]);
  });

  test('passes the checks of a phone’s verifier', () => {
    expect(checkDexProgram(GOOD, {})).toEqual([]);
  });

  test.each([
    ['a label that is not there', method([['goto/16', 'nowhere']]), 'no label nowhere'],
    ['a text where a number belongs', method([['const/16', 0, 'x']]), 'takes no x'],
    ['letters beyond ASCII', method([['const-string', 0, 'ü'], ['return-void']]), 'only ASCII'],
  ] satisfies readonly (readonly [string, MethodSource, string])[])('%s is not written', (_what, source, because) => {
    expect(() => write(source)).toThrow(because);
  });

  const end: Line = ['return-void'];
  test.each([
    ['a register that was never written', [['array-length', 0, 1], end], 'v1 holds none'],
    [
      'a number given as an object',
      [['const/16', 0, 5], ['invoke-virtual', `${STRING}->length()I`, 0], end],
      'v0 holds int, not Ljava/lang/String;',
    ],
    ['a string given as a number', [['const-string', 0, 'x'], ['add-int/lit8', 0, 0, 1], end], 'not int'],
    ['an argument too many', [['const/16', 0, 1], ['invoke-static', 'La/B;->c()V', 0], end], '1 words, and c takes 0'],
    ['an argument missing', [['invoke-static', 'La/B;->c(I)V'], end], 'not int'],
    ['an object used before its constructor', [['new-instance', 0, 'La/B;'], ['invoke-virtual', 'La/B;->c()V', 0], end], 'holds new La/B;'],
    [
      'a constructor called twice',
      [['new-instance', 0, 'La/B;'], ['invoke-direct', 'La/B;-><init>()V', 0], ['invoke-direct', 'La/B;-><init>()V', 0], end],
      'not new',
    ],
    [
      'a constructor called as a method',
      [['new-instance', 0, 'La/B;'], ['invoke-virtual', 'La/B;-><init>()V', 0], end],
      'called by invoke-virtual',
    ],
    ['a result of nothing', [['invoke-static', 'La/B;->c()V'], ['move-result', 0], end], 'gives none'],
    ['an object taken as a number', [['invoke-static', `La/B;->c()${STRING}`], ['move-result', 0], end], 'gives Ljava/lang/String;'],
    ['half of a long', [['const/16', 0, 1], ['invoke-static', 'La/B;->c(J)V', 0, 1], end], 'not wide'],
    ['an exception where none is thrown', [['move-exception', 0], end], 'not at the start of a handler'],
    ['code that runs off its end', [['const/16', 0, 1]], 'leads outside'],
    [
      'a number returned by a method of nothing',
      [
        ['const/16', 0, 1],
        ['return', 0],
      ],
      'returns V',
    ],
    [
      'a path that leaves another type',
      [
        ['const/16', 0, 1],
        ['if-eqz', 0, 'else'],
        ['const-string', 1, 'x'],
        ['goto/16', 'all'],
        ['label', 'else'],
        ['const/16', 1, 3],
        ['label', 'all'],
        ['invoke-virtual', `${STRING}->length()I`, 1],
        end,
      ],
      'not Ljava/lang/String;',
    ],
    [
      'an object of another class',
      [['const-string', 0, 'x'], ['invoke-virtual', 'La/B;->c()V', 0], end],
      'holds Ljava/lang/String;, not La/B;',
    ],
    ['an array of another kind', [['const/16', 0, 1], ['new-array', 1, 0, '[J'], ['aput', 0, 1, 0], end], 'no such array'],
  ] satisfies readonly (readonly [string, readonly Line[], string])[])('%s is found', (_what, lines, because) => {
    const complaints = checkDexProgram(write(method(lines)), {});
    expect(complaints[0]).toContain(because);
  });

  test('parameters that do not fit into the registers are found', () => {
    expect(checkDexProgram(write(method([end], { registers: 0 })), {})[0]).toContain('1 of 0 registers');
  });

  test('a class may stand for what it is said to extend, and an array with it', () => {
    const source = method([
      ['invoke-static', 'La/B;->c()[La/D;'],
      ['move-result-object', 0],
      ['invoke-static', 'La/B;->e([La/C;)V', 0],
      end,
    ]);
    expect(checkDexProgram(write(source), {})[0]).toContain('not [La/C;');
    expect(checkDexProgram(write(source), { 'La/D;': ['La/C;'] })).toEqual([]);
  });

  test('cut off anywhere: a typed refusal or complaints, never a hang', () => {
    for (let length = 0; length < GOOD.length; length += 3) {
      try {
        checkDexProgram(GOOD.subarray(0, length), {});
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  });
});
