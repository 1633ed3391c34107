/**
 * node tools/kill-writers.ts [KILLS]: kills a process that appends to a log, and one that reads a phone into a folder, at random moments (200 each unless said otherwise), and tells
 * whether anything that was acknowledged is lost or anything is half-written. Exit 0 where nothing is, 20 where something is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAppends } from '../test/support/kill-appends.ts';
import { killCaptures } from '../test/support/kill-captures.ts';

const [kills = '200'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'assay-kill-'));
try {
  const log = await killAppends(join(folder, 'log'), Number(kills));
  console.log(
    `${kills} kills while appending: ${log.acknowledged} entries acknowledged, ${log.lost.length} lost; the log ${log.broken ?? 'verifies whole after each kill'}`,
  );
  const captures = await killCaptures(join(folder, 'captures'), Number(kills));
  console.log(
    `${kills} kills while capturing: ${captures.whole} captures said to be whole, ${captures.lost.length} artefacts lost, ${captures.broken.length} half-written`,
  );
  for (const line of [...captures.lost, ...captures.broken].slice(0, 10)) console.log(`  ${line}`);
  process.exitCode = log.lost.length + captures.lost.length + captures.broken.length > 0 || log.broken !== undefined ? 20 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
