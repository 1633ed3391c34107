import { describe, expect, test } from 'vitest';
import { compileRules } from '../../../test/support/ports.ts';
import type { RuleScanner } from '../../bytes/index.ts';
import { builtinRules, ruleParts } from './index.ts';

const MAGIC = { dex: 'dex\n035\0', elf: '\x7fELF', code: 'dex\n039\0' } as const;
const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
/** A file that begins as a program does and holds these strings between zeros. */
const program = (magic: string, strings: readonly string[]) => ascii(`${magic}${'\0'.repeat(64)}${strings.join('\0')}\0`);

const scanner = await compileRules([builtinRules]);
const open = (): RuleScanner => {
  if (scanner === undefined) throw new Error('no engine');
  return scanner;
};
const met = async (bytes: Uint8Array) => {
  const answer = await open().scan(bytes);
  if (answer.stopped.length > 0) throw new Error(answer.stopped.join());
  return answer.matches.map(({ rule }) => rule);
};

describe('our own rules', () => {
  test('all compile, in the engine of this machine', () => expect(open().refused).toEqual([]));

  describe.each(ruleParts)('$rule', ({ rule, all, any = [], least = 1, bytes: parts = [], file }) => {
    const enough = [...all, ...any.slice(0, least), ...parts.map(({ text }) => text)];
    test('meets a program with what it asks for, and says where', async () => {
      const bytes = program(MAGIC[file], enough);
      const answer = await open().scan(bytes);
      expect(answer).toMatchObject({ matches: expect.arrayContaining([expect.objectContaining({ rule, source: 'assay' })]) });
      const [first] = answer.matches.find((match) => match.rule === rule)?.strings ?? [];
      expect(new TextDecoder().decode(bytes.subarray(first?.at, (first?.at ?? 0) + (first?.length ?? 0)))).toBe(
        enough.find((text) => first?.length === text.length) ?? '',
      );
    });
    test('meets the same in UTF-16, unless it asks for bytes as they are', async () => {
      const found = await met(new Uint8Array([...program(MAGIC[file], []), ...ascii(enough.join('\0').replaceAll(/./gs, '$&\0'))]));
      expect(found.includes(rule)).toBe(parts.length === 0);
    });
    test('does not meet one thing less', async () => {
      for (const missing of enough) {
        const less = enough.filter((text) => text !== missing);
        expect(await met(program(MAGIC[file], less)), `without ${missing}`).not.toContain(rule);
      }
    });
    test('does not meet a list of names, as a blocker or a scanner keeps one', async () =>
      expect(await met(ascii([...all, ...any].join('\n')))).toEqual([]));
  });

  test('nothing, zeros and a lone magic meet none', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(1 << 16), ascii(MAGIC.dex), ascii(MAGIC.elf)])
      expect(await met(bytes)).toEqual([]);
  });
});

describe('rules of others', () => {
  test('one source that does not compile costs itself, with line or reason', async () => {
    const compiled = await compileRules([
      { name: 'broken', text: 'rule x { condition: nonsense }' },
      { name: 'good', text: 'rule y { meta: family = "F" strings: $a = "needle" condition: $a }' },
      { name: 'same name', text: 'rule y { condition: false }' },
    ]);
    expect(compiled?.refused).toMatchObject([{ source: 'broken', because: expect.stringMatching(/line/) }]);
    expect(await compiled?.scan(ascii('hay needle hay'))).toEqual({
      stopped: [],
      matches: [{ source: 'good', rule: 'y', meta: { family: 'F' }, strings: [{ id: '$a', at: 4, length: 6 }] }],
    });
  });
});
