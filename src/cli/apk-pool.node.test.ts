import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { forgeApk, forgeApp } from '../forge/apk.ts';
import { makeApkSigner } from '../forge/node/sign-apk.ts';
import { nodeHash } from '../platform/node/index.ts';
import { verifyFiles } from './apk-pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));
const RANGE = { minSdk: 26, maxSdk: undefined };

test('threads answer as one does: in the order of the files, and a bad or missing one costs itself', async () => {
  const signer = await makeApkSigner({ kind: 'ec', name: 'pool' });
  const files: string[] = [];
  for (let index = 0; index < 12; index++) {
    const path = join(folder, `${index}.apk`);
    files.push(path);
    if (index === 3) writeFileSync(path, 'no archive');
    // Number 7 is not there at all.
    if (index === 3 || index === 7) continue;
    const app = { packageName: `com.example.app${index}`, versionCode: 1, minSdk: 26, targetSdk: 26 };
    writeFileSync(path, await forgeApk(forgeApp(app, nodeHash), { v2: [signer] }, nodeHash));
  }
  const collect = async (threads: number) => {
    const found: string[] = [];
    for await (const outcome of verifyFiles(files, RANGE, threads))
      found.push('error' in outcome ? `${outcome.source} error` : `${outcome.file} ${outcome.verified} ${outcome.signers.length}`);
    return found;
  };
  const alone = await collect(1);
  expect(alone).toEqual(files.map((path, index) => (index === 7 ? `${path} error` : `${path} ${index !== 3} ${index === 3 ? 0 : 1}`)));
  expect(await collect(2)).toEqual(alone);
});

test('who stops listening stops the threads', async () => {
  const files = Array.from({ length: 500 }, (_, index) => join(folder, `none${index}.apk`));
  for await (const outcome of verifyFiles(files, RANGE, 2)) {
    expect(outcome).toMatchObject({ source: files[0] });
    break;
  }
});
