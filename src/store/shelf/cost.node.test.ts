/** What keeping a shelf costs, counted: a further build does not cost the shelf, and a pass over it reads each object a few times at most. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test, vi } from 'vitest';
import { madeBuild } from '../../../test/support/made-builds.ts';
import type { Provenance } from '../../references/index.ts';
import { openShelf } from './shelf.ts';

let reads = 0;
vi.mock(import('./files.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    readShelfFile(folder, kind, name) {
      if (kind === 'objects') reads++;
      return real.readShelfFile(folder, kind, name);
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), 'assay-cost-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const PROVENANCE: Provenance = { made: 'image', sources: [], signatures: [], vouched: 'nobody', label: 'release' };
const BUILDS = 40;

test('the index is packed by gc, and by nothing else', async () => {
  const executed = vi.spyOn(DatabaseSync.prototype, 'exec');
  const vacuums = () => executed.mock.calls.filter(([sql]) => /\bvacuum\b/i.test(sql)).length;
  const shelf = await openShelf(join(folder, 'packed'), { config: join(folder, 'config') });
  for (let n = 0; n < 8; n++) {
    const manifest = madeBuild({ family: 1, files: 200, changed: 0.5, common: 0 }, n);
    await shelf.put({ manifest, provenance: PROVENANCE, writer: { by: 'here' } });
  }
  expect(vacuums()).toBe(0);
  await shelf.gc();
  expect(vacuums()).toBe(1);
  shelf.close();
  executed.mockRestore();
});

test('verify, export, import, rebuild and gc read an object a few times, however many stand below it', async () => {
  const shelf = await openShelf(join(folder, 'read'), { config: join(folder, 'config') });
  const builds = Array.from({ length: BUILDS }, (_, n) => madeBuild({ family: n % 2, files: 20, changed: 0.2, common: 0 }, n >> 1));
  await shelf.putAll(builds.map((manifest) => ({ manifest, provenance: PROVENANCE, writer: { by: 'here' as const } })));
  const counted = async (work: () => Promise<unknown>) => {
    reads = 0;
    await work();
    return reads;
  };
  expect(await counted(() => shelf.verify())).toBe(BUILDS);
  expect(await counted(() => shelf.exportPack(join(folder, 'a.pack'), [], []))).toBe(BUILDS);
  expect(await counted(() => shelf.rebuild())).toBeLessThanOrEqual(3 * BUILDS);
  for (const [i, { digest }] of (await shelf.list()).entries()) if (i % 2 === 0) await shelf.remove(digest);
  expect(await counted(() => shelf.gc())).toBeLessThanOrEqual(6 * BUILDS);
  expect(await shelf.verify()).toMatchObject({ builds: BUILDS / 2, problems: [] });
  shelf.close();
});
