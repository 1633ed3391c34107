import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { EXIT } from '../src/cli/exit.ts';

const ROOT = new URL('../', import.meta.url).href;
const BIN = fileURLToPath(new URL('../bin/assay.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'assay-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs before the program and writes, at its end, every file that was loaded into it. */
const LISTENER = `
  import { registerHooks } from 'node:module';
  import { writeFileSync } from 'node:fs';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('exit', () => writeFileSync(process.env.LOADED, JSON.stringify(loaded)));`;

/** Files of ours that a command loads, as paths below the project's folder. */
function loadedBy(words: readonly string[], status: number): readonly string[] {
  const list = join(folder, 'loaded.json');
  const { status: ended, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(LISTENER)}`, BIN, ...words],
    { env: { ...process.env, LOADED: list, ASSAY_CONFIG: join(folder, 'config') }, encoding: 'utf8' },
  );
  expect(ended, stderr).toBe(status);
  // LISTENER wrote it: an array of addresses.
  const urls = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
  return urls.filter((url) => url.startsWith(ROOT)).map((url) => url.slice(ROOT.length));
}

/** Rooms and families that a recording of properties has nothing for; each is imported where something of its kind was brought. */
const NOT_FOR_PROPERTIES =
  /^src\/(?:acquire\/(?!import\/|capture-)|formats\/(?:apk|archive|codec|fs|android\/(?!selinux\/))|references\/(?:firmware|image|made|builds)|provenance|platform\/node\/.+\/|store\/(?!packs\/)|forge|server|web)/;

describe('what a start loads', () => {
  test('--help loads no room but the command line', () => {
    const loaded = loadedBy(['--help'], EXIT.done);
    expect(loaded).toContain('src/cli/main.ts');
    expect(loaded.filter((name) => name.startsWith('src/') && !name.startsWith('src/cli/'))).toEqual([]);
    expect(loaded.length).toBeLessThan(20);
  });

  // Every check is loaded for every phone, so the number grows with the checks. Whoever meets the ceiling looks at what came in before it is raised.
  test('a recording of properties loads nothing for firmware, archives, packages, phones or logs, and few files in all', () => {
    const getprop = join(folder, 'getprop.txt');
    writeFileSync(getprop, '[ro.build.version.release]: [13]\n[ro.build.version.sdk]: [33]\n[ro.product.model]: [made]\n');
    const loaded = loadedBy(['inspect', getprop], EXIT.hold);
    const ours = loaded.filter((name) => name.startsWith('src/'));
    expect(ours).toContain('src/checks/properties/release-sdk.ts');
    expect(ours.filter((name) => NOT_FOR_PROPERTIES.test(name))).toEqual([]);
    expect(ours.length).toBeLessThan(540);
    expect(loaded.length - ours.length).toBeLessThan(115);
  });
});

describe('whatever Node the machine has', () => {
  // The launcher hands over to the pinned Node, so it must be readable to the one that came with the machine; `npm run` puts the pinned one first on the path.
  test('the launcher starts under it', () => {
    const elsewhere = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
    const machines = elsewhere.map((entry) => join(entry, 'node')).find(existsSync) ?? process.execPath;
    const { status, stdout, stderr } = spawnSync(machines, [BIN, '--version'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\d+\.\d+/);
  });
});
