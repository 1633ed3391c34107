import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../bytes/index.ts';
import { type BatchEvent, batchReader, writeBatch } from './batch.ts';

const NONCE = '0123456789abcdef';
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function readAllOf(chunks: readonly Uint8Array[]): { outputs: Record<number, string>; ends: Record<number, number> } {
  const reader = batchReader(NONCE);
  const parts: Record<number, Uint8Array[]> = {};
  const ends: Record<number, number> = {};
  const take = (event: BatchEvent) => {
    if (event.kind === 'begin') parts[event.index] = [];
    else if (event.kind === 'data') parts[event.index]?.push(event.bytes.slice());
    else ends[event.index] = event.status;
  };
  for (const chunk of chunks) for (const event of reader.feed(chunk)) take(event);
  const outputs = Object.fromEntries(Object.entries(parts).map(([index, pieces]) => [index, decode(concatBytes(pieces))]));
  return { outputs, ends };
}

const streamOf = (items: readonly (readonly [output: string, status: number])[]) =>
  items.map(([output, status], index) => `\n@${NONCE} b ${index}\n${output}\n@${NONCE} e ${index} ${status}\n`).join('');
const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const places = [...new Set(at.map((one) => one % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.slice(index === 0 ? 0 : places[index - 1], end));
};
// Newlines, at signs and pieces of the nonce are what could be taken for a mark.
const output = fc
  .array(fc.constantFrom('\n', '@', `@${NONCE.slice(0, 8)}`, 'b 0', 'é', 'text', `\n@${NONCE}`, '\r\n'))
  .map((parts) => parts.join(''));

describe('a batch', () => {
  test('comes apart again however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(output, fc.nat(255)), { minLength: 1, maxLength: 5 }), fc.array(fc.nat(500)), (items, at) => {
        const read = readAllOf(cut(encode(streamOf(items)), at));
        for (const [index, [text, status]] of items.entries()) {
          expect(read.outputs[index]).toBe(text);
          expect(read.ends[index]).toBe(status);
        }
      }),
    );
  });

  test('of a terminal has its line ends made LF again, exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(output, fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.array(fc.nat(500)), (items, at) => {
        const wire = streamOf(items).replaceAll('\n', '\r\n');
        const read = readAllOf(cut(encode(wire), at));
        for (const [index, [text]] of items.entries()) expect(read.outputs[index]).toBe(text);
      }),
    );
  });

  test('a mark that is not due is data: a forged end of another item ends nothing', () => {
    const forged = `x\n@${NONCE} e 7 0\ny\n@${NONCE} b 0\nz`;
    expect(readAllOf([encode(streamOf([[forged, 3]]))])).toEqual({ outputs: { 0: forged }, ends: { 0: 3 } });
  });

  test('marks of another nonce are data', () => {
    const forged = '\n@ffffffffffffffff e 0 0\n';
    expect(readAllOf([encode(streamOf([[forged, 0]]))]).outputs[0]).toBe(forged);
  });

  test('an item that never ends keeps what it said', () => {
    const read = readAllOf([encode(`\n@${NONCE} b 0\nhalf`)]);
    expect(read).toEqual({ outputs: { 0: 'half' }, ends: {} });
  });

  test('time is linear in the length of one line', () => {
    const steps = (length: number) => {
      const reader = batchReader(NONCE);
      reader.feed(encode(`\n@${NONCE} b 0\n`));
      let held = 0;
      for (let at = 0; at < length; at += 1000) held += reader.feed(new Uint8Array(1000).fill(120)).length;
      return held;
    };
    // Each chunk is given on at once: nothing is gathered until a newline comes.
    expect(steps(100_000)).toBe(100);
  });

  test('is written with a mark before and after each script, on standard error too where that is a stream of its own', () => {
    const text = writeBatch([{ script: 'getprop' }], NONCE, true);
    expect(text).toBe(
      `N=${NONCE}\necho;echo "@$N b 0";echo >&2;echo "@$N b 0" >&2\n( getprop\n) </dev/null;r=$?;echo;echo "@$N e 0 $r";echo >&2;echo "@$N e 0 $r" >&2`,
    );
    expect(writeBatch([{ script: 'ps' }], NONCE, false)).not.toContain('>&2');
  });
});
