import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachLine, linesOf } from './lines.ts';

const encode = (text: string) => new TextEncoder().encode(text);

test('every line is the text of its own bytes, in any encoding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(encode('\n')), fc.constant(encode('\r\n')))),
      fc.nat(9),
      (parts, base) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        let end = base;
        for (const line of linesOf(bytes, base)) {
          expect(line.at).toBeGreaterThanOrEqual(end);
          const own = bytes.subarray(line.at - base, line.at - base + line.length);
          expect(line.text).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(own));
          expect(own.includes(10)).toBe(false);
          end = line.at + line.length;
        }
      },
    ),
  );
});

test('offsets stay true over stretches of ASCII, of other scripts and of one line longer than a stretch', () => {
  const lines = ['a'.repeat(10), 'ж'.repeat(40_000), 'b'.repeat(200_000), '', '最后', 'end'];
  const bytes = encode(lines.join('\n'));
  const found = [...eachLine(bytes)];
  expect(found.map(({ text }) => text)).toEqual(lines);
  for (const { at, length, text } of found) expect(new TextDecoder().decode(bytes.subarray(at, at + length))).toBe(text);
});

test('a line of 3 MB is cut, and the line after it is found', () => {
  const [long, next] = linesOf(encode(`${'x'.repeat(3_000_000)}\nnext\n`));
  expect(long?.length).toBe(1 << 20);
  expect(next).toEqual({ text: 'next', at: 3_000_001, length: 4 });
});

test('a flood of lines is refused, never held', () => {
  expect(() => linesOf(new Uint8Array(2_000_002).fill(10))).toThrow('more than 2000000 lines');
});
