import { describe, expect, test } from 'vitest';
import { type Edify, parseEdify, writeEdify } from './edify.ts';

/** Without lines: what an expression is. */
function shape(expr: Edify): unknown {
  switch (expr.kind) {
    case 'text':
      return expr.text;
    case 'call':
      return [`${expr.name}()`, ...expr.args.map(shape)];
    case 'operator':
      return [expr.operator, ...expr.args.map(shape)];
    case 'sequence':
      return [';', ...expr.steps.map(shape)];
    case 'if':
      return ['if', shape(expr.test), shape(expr.yes), ...(expr.no === undefined ? [] : [shape(expr.no)])];
  }
}
const parsed = (text: string) => shape(parseEdify(text));

describe('what scripts hold', () => {
  // The expressions of AOSP bootable/recovery/edify/expr_test.cpp, with what they parse to by its parser.yy.
  test.each<[string, unknown]>([
    ['a', 'a'],
    ['"a"', 'a'],
    ['#comment\na #comment', 'a'],
    ['"a\\x20b"', 'a b'],
    ['"a\\nb\\t\\"\\\\"', 'a\nb\t"\\'],
    ['"\\q"', '\\q'],
    ['a + b + c', ['+', 'a', 'b', 'c']],
    ['a + b == c + d', ['==', ['+', 'a', 'b'], ['+', 'c', 'd']]],
    ['a && b || c && d', ['||', ['&&', 'a', 'b'], ['&&', 'c', 'd']]],
    ['!a && b', ['&&', ['!', 'a'], 'b']],
    ['a == b == c', ['==', ['==', 'a', 'b'], 'c']],
    ['a; b; c;', [';', 'a', 'b', 'c']],
    ['if a then b; c else d endif', ['if', 'a', [';', 'b', 'c'], 'd']],
    ['if "" then yes endif', ['if', '', 'yes']],
    ['ifelse(a, b,)c'.replace(',)c', ', c)'), ['ifelse()', 'a', 'b', 'c']],
    ['abort()', ['abort()']],
    ['"set_perm"(0, 2000, 0755, "/system/bin/x")', ['set_perm()', '0', '2000', '0755', '/system/bin/x']],
    ['assert(a; b)', ['assert()', [';', 'a', 'b']]],
  ])('%j', (text, expected) => expect(parsed(text)).toEqual(expected));

  test('lines are counted through texts that go over several', () => {
    const script = parseEdify('a("x\ny");\n\nb()');
    expect(script.kind === 'sequence' ? script.steps.map(({ line }) => line) : []).toEqual([1, 4]);
  });

  test('what is written reads back', () => {
    const script = parseEdify('if !(a == "b\\"\\x01") then c(d + e, "f g"); h("") else i && j || k endif');
    expect(shape(parseEdify(writeEdify(script)))).toEqual(shape(script));
  });
});

describe('hostile', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'the end where an expression should be'],
    ['a text without an end', 'ui_print("a', 'a text that does not end'],
    ['a call without an end', 'a(b', '"" where ) should be'],
    ['an if without its end', 'if a then b', '"" where endif should be'],
    ['a byte of nothing', 'a;\n$', 'line 2'],
    ['two expressions without a semicolon', 'a() b()', '"b" where the end should be'],
    ['parentheses without end', '('.repeat(100_000), 'more than 128'],
    ['negations without end', '!'.repeat(100_000), 'more than 128'],
    ['calls in calls', 'a('.repeat(100_000), 'more than 128'],
    ['a chain of comparisons', `a==a${'==a'.repeat(1000)}`, 'more than 128'],
    ['a script that is too large', ' '.repeat((8 << 20) + 1), 'is the most'],
    ['expressions without end', 'a;'.repeat((1 << 18) + 1), 'more than 262144'],
  ])('%s', (_name, text, says) => {
    const refused = expect(() => parseEdify(text));
    refused.toThrow(expect.objectContaining({ name: 'FormatError', message: expect.stringContaining(says) }));
  });

  test('a long sum is flat', () => expect(parsed(`a${'+a'.repeat(50_000)}`)).toHaveLength(50_002));
});
