/**
 * node tools/kill-custody.ts [KILLS] [DATABASE_URL]: kills a process that imports custody events at random moments (200 unless said otherwise), and tells whether anything that
 * was acknowledged is lost or anything is half-written. Exit 0 where nothing is, 20 where something is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killImports } from '../test/support/kill-imports.ts';

const [kills = '200', url] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'assay-kill-'));
try {
  const { acknowledged, lost, halves, unequal } = await killImports(folder, url, Number(kills));
  console.log(
    `${kills} kills while importing: ${acknowledged} documents acknowledged, ${lost.length} lost, ${halves.length} half-written, index ${unequal ? 'differs from' : 'equals'} what the blobs give`,
  );
  process.exitCode = lost.length + halves.length > 0 || unequal ? 20 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
