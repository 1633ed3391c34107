import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const targets = globSync('src/**/*.fuzz.ts', { cwd: root });

interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  run(bytes: Uint8Array): Promise<void> | void;
}

/** What the fuzzer kept and what it found, for ever: nothing may throw, hang or take long. */
describe.each(targets)('%s', (path) => {
  test('its seeds, its corpus and its findings are read or refused', async () => {
    const target = (await import(join(root, path))) as Target;
    expect(target.name).toBe(basename(path, '.fuzz.ts'));
    expect(target.seeds.length).toBeGreaterThan(0);
    const kept = ['corpus', 'findings'].flatMap((kind) => {
      const folder = join(root, 'test', 'fuzz', target.name, kind);
      return existsSync(folder) ? readdirSync(folder).map((file) => new Uint8Array(readFileSync(join(folder, file)))) : [];
    });
    for (const input of [...target.seeds, ...kept]) await target.run(input);
  });
});
