import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, parseHex } from '../../bytes/index.ts';
import { deflateRaw } from '../archive/index.ts';
import { inflateRaw, inflater } from './inflate.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);

/** zlib 1.2.13 at level 9, raw: the 256 byte values three times, then 20 times "abcabcabcabcabc". */
const ZLIB = hex(
  '6360646266616563e7e0e4e2e6e1e5e3171014121611151397909492969195935750545256515553d7d0d4d2d6d1d5d33730343236313533b7b0b4b2b6b1b5b37770747276717573f7f0f4f2f6f1f5f30f080c0a0e090d0b8f888c8a8e898d8b4f484c4a4e494d4bcfc8cccacec9cdcb2f282c2a2e292d2bafa8acaaaea9adab6f686c6a6e696d6befe8eceaeee9edeb9f3071d2e42953a74d9f3173d6ec3973e7cd5fb070d1e2254b972d5fb172d5ea356bd7addfb071d3e62d5bb76ddfb173d7ee3d7bf7ed3f70f0d0e123478f1d3f71f2d4e93367cf9dbf70f1d2e52b57af5dbf71f3d6ed3b77efdd7ff0f0d1e3274f9f3d7ff1f2d5eb376fdfbdfff0f1d3e72f5fbf7dfff1f3d7ef3f7ffffd6718f5ff88f63fd079a388480400',
);

function inPieces(bytes: Uint8Array, size: number): Uint8Array {
  const out: number[] = [];
  const stream = inflater((piece) => out.push(...piece), 1 << 20);
  for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size), at + size >= bytes.length);
  return Uint8Array.from(out);
}

test('what zlib packs unpacks, whole and byte by byte', () => {
  const wanted = [...Array.from({ length: 768 }, (_, i) => i % 256), ...new TextEncoder().encode('abcabcabcabcabc'.repeat(20))];
  expect([...inflateRaw(ZLIB, 1 << 20)]).toEqual(wanted);
  for (const size of [1, 2, 7, 100]) expect([...inPieces(ZLIB, size)]).toEqual(wanted);
});

test('a stored block, and bytes after the end are left alone', () => {
  const stored = hex('010300fcff616263' + 'ffff');
  expect(new TextDecoder().decode(inflateRaw(stored, 10))).toBe('abc');
  const stream = inflater(() => undefined, 10);
  expect(stream.push(stored, true)).toBe(true);
  expect([stream.total, stream.left]).toEqual([3, 2]);
});

test('what our own packer packs unpacks', () => {
  const repetitive = fc.array(fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.nat(40)), { maxLength: 20 });
  fc.assert(
    fc.property(repetitive, (parts) => {
      const bytes = Uint8Array.from(parts.flatMap(([part, times]) => Array.from({ length: times }, () => [...part]).flat()));
      expect([...inflateRaw(deflateRaw(bytes), 1 << 20)]).toEqual([...bytes]);
    }),
  );
});

test('matches reach back over more than one window of output', () => {
  const bytes = Uint8Array.from({ length: 400_000 }, (_, i) => (i * i) >> 7);
  expect(inflateRaw(deflateRaw(bytes), 1 << 20)).toEqual(bytes);
});

const malformed: readonly [name: string, bytes: string, says: string][] = [
  ['no bytes', '', 'the stream ends'],
  ['block type 3', '07', 'BTYPE: 3 is no block type'],
  ['a stored length without its complement', '010300fcfe616263', 'LEN: 3'],
  ['a stored block that is cut', '010300fcff61', 'the stream ends inside a stored block'],
  ['a distance before the first byte', '4b041200', 'distance: '],
  ['too many literal codes', 'fdff01', 'HLIT: '],
  ['the middle of a stream', '6360646266', 'the stream ends'],
];

describe('malformed', () => {
  test.each(malformed)('%s', (_name, bytes, says) => {
    expect(() => inflateRaw(hex(bytes), 1 << 20)).toThrow(FormatError);
    expect(() => inflateRaw(hex(bytes), 1 << 20)).toThrow(says);
  });

  test('cut anywhere: refused, never short', () => {
    for (let length = 0; length < ZLIB.length; length++) expect(() => inflateRaw(ZLIB.subarray(0, length), 1 << 20)).toThrow(FormatError);
  });

  test('a bomb is stopped at the ceiling, before it is made', () => {
    const bomb = deflateRaw(new Uint8Array(4 << 20));
    let made = 0;
    const stream = inflater((piece) => {
      made += piece.length;
    }, 1 << 20);
    expect(() => stream.push(bomb, true)).toThrow('more than 1048576 bytes');
    expect(made).toBeLessThanOrEqual(1 << 20);
  });
});
