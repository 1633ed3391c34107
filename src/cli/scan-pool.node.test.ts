import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeZip } from '../formats/archive/index.ts';
import { nodeRules } from '../platform/node/index.ts';
import { type ScanOutcome, scanFiles } from './scan-pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-scans-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rules = [{ name: 'made', text: 'rule Made { strings: $a = "needle in a member" condition: $a }' }];

test('threads find what one finds, in the order of the files, and a missing one costs itself', async () => {
  const files = Array.from({ length: 10 }, (_, index) => join(folder, `${index}.apk`));
  for (const [index, path] of files.entries()) {
    // Number 6 is not there at all.
    if (index === 6) continue;
    const text = index % 3 === 0 ? 'a needle in a member' : 'nothing';
    writeFileSync(path, writeZip([{ name: `assets/${index}`, data: new TextEncoder().encode(text), deflate: true }]));
  }
  const scanner = await nodeRules(rules);
  if (scanner === undefined) throw new Error('no engine');
  const collect = async (threads: number) => {
    const found: ScanOutcome[] = [];
    for await (const outcome of scanFiles(files, { rules, scanner }, threads)) found.push(outcome);
    return found;
  };
  const alone = await collect(1);
  expect(alone.map((outcome) => ('error' in outcome ? 'error' : outcome.matches.map(({ rule, member }) => `${rule} ${member}`)))).toEqual(
    files.map((_, index) => (index === 6 ? 'error' : index % 3 === 0 ? [`Made assets/${index}`] : [])),
  );
  expect(await collect(2)).toEqual(alone);
});
