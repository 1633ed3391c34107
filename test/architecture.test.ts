import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');

/** The story's order (design: The house). Left imports nothing from its right; rooms of one step import nothing from each other. */
const ORDER: readonly (readonly string[])[] = [
  ['bytes'],
  ['formats'],
  ['evidence'],
  ['knowledge'],
  ['references', 'acquire', 'challenges'],
  ['checks'],
  ['verdict'],
  ['provenance'],
  ['report'],
  ['platform'],
  ['store'],
  ['jobs'],
  ['forge'],
  ['web'],
  ['server'],
  ['cli'],
];

const PURE = new Set([
  'bytes',
  'formats',
  'evidence',
  'knowledge',
  'references',
  'acquire',
  'challenges',
  'checks',
  'verdict',
  'provenance',
  'report',
]);

/** Imports that look past a border on purpose, each with its reason. One that no longer occurs fails the test. */
const EXCEPTIONS: readonly { readonly from: string; readonly to: string; readonly because: string }[] = [];

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
const isTest = (name: string) => /\.(test|fuzz)\.tsx?$/.test(name);
const roomOf = (name: string) => name.split('/')[0] ?? '';

function importsOf(name: string): readonly string[] {
  const text = readFileSync(join(src, name), 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const internal: readonly Import[] = files.flatMap((from) =>
  importsOf(from)
    .filter((to) => to.startsWith('.'))
    .map((to) => ({ from, to: relative(src, normalize(join(src, dirname(from), to))) })),
);

const stepOf = (room: string) => ORDER.findIndex((step) => step.includes(room));
const isException = (found: Import) => EXCEPTIONS.some(({ from, to }) => from === found.from && to === found.to);

describe('the house', () => {
  test('every folder of src is a room of the design', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => stepOf(room) < 0)).toEqual([]);
  });

  test('left imports nothing from its right', () => {
    const wrong = internal.filter((found) => {
      const from = roomOf(found.from);
      const to = roomOf(found.to);
      if (from === to || found.to.startsWith('..')) return false;
      // Any test may make its phones with the pure part of forge.
      if (isTest(found.from) && to === 'forge' && !found.to.startsWith('forge/node/')) return false;
      if (found.from.endsWith('.node.test.ts') && (to === 'platform' || to === 'forge')) return false;
      return stepOf(to) >= stepOf(from) && !isException(found);
    });
    expect(wrong).toEqual([]);
  });

  test('nobody imports past a room’s public face', () => {
    const wrong = internal.filter((found) => {
      if (roomOf(found.from) === roomOf(found.to) || found.to.startsWith('..')) return false;
      const [room, ...rest] = found.to.split('/');
      // Families and platforms have faces of their own: assay/formats/avb, assay/platform/node.
      const isFace = rest.at(-1) === 'index.ts' || (room === 'cli' && rest[0] === 'commands');
      return !isFace && !(isTest(found.from) && room === 'forge') && !isException(found);
    });
    expect(wrong).toEqual([]);
  });

  test('pure rooms import no module of Node and no test tool', () => {
    const wrong = files
      .filter((name) => PURE.has(roomOf(name)) && !isTest(name))
      .flatMap((from) => importsOf(from).map((to) => ({ from, to })))
      .filter(({ to }) => to.startsWith('node:') || to === 'vitest' || to === 'fast-check');
    expect(wrong).toEqual([]);
  });

  test('every exception still occurs', () => {
    expect(EXCEPTIONS.filter((exception) => !internal.some(({ from, to }) => from === exception.from && to === exception.to))).toEqual([]);
  });

  test('the lock file carries no resolved addresses', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
