import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash } from '../../../test/support/ports.ts';
import { FormatError, parseHex } from '../../bytes/index.ts';
import { EMPTY_EDGE, edgeRoot, edgeTiles, growTree, leafHash, logEntry, parseLogEntry, rootOf, TILE_WIDTH } from './index.ts';

const leaves = Array.from({ length: 1000 }, (_, i) => leafHash(hash, Uint8Array.of(i >> 8, i)));

test('a tree grown in pieces is the tree of all its leaves, and its tiles are those of one step', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 5 }), (steps) => {
      let edge = EMPTY_EDGE;
      const full = new Map<string, Uint8Array>();
      for (const step of steps) {
        const grown = growTree(hash, edge, leaves.slice(edge.size, edge.size + step));
        edge = grown.edge;
        for (const { level, index, width, bytes } of grown.tiles) {
          expect(bytes.length).toBe(32 * width);
          if (width === TILE_WIDTH) full.set(`${level}/${index}`, bytes);
        }
      }
      const all = leaves.slice(0, edge.size);
      expect(edgeRoot(hash, edge)).toEqual(rootOf(hash, all));
      const once = growTree(hash, EMPTY_EDGE, all);
      const expected = once.tiles.filter(({ width }) => width === TILE_WIDTH);
      expect([...full]).toEqual(expected.map(({ level, index, bytes }) => [`${level}/${index}`, bytes]));
      const partial = (tile: { readonly level: number; readonly index: number; readonly width: number }) => [
        tile.level,
        tile.index,
        tile.width,
      ];
      expect(edgeTiles(edge.size).map(partial)).toEqual(once.tiles.filter(({ width }) => width < TILE_WIDTH).map(partial));
    }),
    { numRuns: 30 },
  );
});

test('an entry holds a kind and a digest, and nothing else', () => {
  const digest = parseHex('ab'.repeat(32)) ?? new Uint8Array(0);
  expect(parseLogEntry(logEntry('correction', digest))).toEqual({ kind: 'correction', sha256: 'ab'.repeat(32) });
  expect(() => logEntry('report', new Uint8Array(31))).toThrow(RangeError);
  for (const wrong of [
    '',
    'assay.entry/1\nrumour\n',
    `assay.entry/1\nrumour\n${'ab'.repeat(32)}\n`,
    `assay.entry/1\nreport\n${'AB'.repeat(32)}\n`,
  ])
    expect(() => parseLogEntry(new TextEncoder().encode(wrong))).toThrow(FormatError);
});
