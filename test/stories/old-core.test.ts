/** A ROM that is put together of two Androids, as the Mi 4 of 2015 was: the version of one, the framework of an older one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeDex } from '../../src/formats/apk/index.ts';
import { writeZip } from '../../src/formats/archive/index.ts';
import { nodeHash } from '../../src/platform/node/index.ts';
import { inspectImages, romTools } from '../support/judge-rom.ts';

const folder = mkdtempSync(join(tmpdir(), 'old-core-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An ext4 image of a system with this version, and a core of these strings: in its jar, or compiled beside an empty one. */
function systemImage(release: string, strings: readonly string[], isCompiled: boolean): Uint8Array {
  const root = mkdtempSync(join(folder, 'system-'));
  mkdirSync(join(root, 'framework'));
  const dex = writeDex({ classes: ['Ljava/util/zip/ZipFile;'], strings }, nodeHash);
  writeFileSync(join(root, 'build.prop'), `ro.build.version.release=${release}\nro.product.model=MI 4LTE\nro.build.date.utc=1408406400\n`);
  const member = isCompiled ? { name: 'META-INF/MANIFEST.MF', data: new Uint8Array(2) } : { name: 'classes.dex', data: dex, deflate: true };
  writeFileSync(join(root, 'framework/core.jar'), writeZip([member]));
  if (isCompiled) writeFileSync(join(root, 'framework/core.odex'), Buffer.concat([Buffer.from('dey\n036\0'), new Uint8Array(32), dex]));
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', root, `${root}.img`, '4M'], { stdio: 'ignore' });
  return new Uint8Array(readFileSync(`${root}.img`));
}

async function said(release: string, strings: readonly string[], isCompiled: boolean): Promise<string | undefined> {
  const report = await inspectImages(new Map([['system', systemImage(release, strings, isCompiled)]]), []);
  return report.findings.find(({ check }) => check === 'vulnerabilities.patch-presence')?.observed;
}

describe.skipIf(!romTools)('skipped where mke2fs is not installed', () => {
  test.each([
    ['jar', false, '/system/framework/core.jar'],
    ['odex', true, '/system/framework/core.odex'],
  ])('Android 4.4.4 with a core of before the Master Key fix, in its %s, is told', async (_, isCompiled, path) => {
    expect(await said('4.4.4', ['File too short to be a zip file: '], isCompiled)).toBe(
      `${path} has no trace of the platform’s fix of Master Key (bug 8219321)`,
    );
    expect(await said('4.4.4', ['Duplicate entry name: '], isCompiled)).toBeUndefined();
    expect(await said('4.2.2', ['File too short to be a zip file: '], isCompiled)).toBeUndefined();
  });
});
