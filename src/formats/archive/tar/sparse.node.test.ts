/** Members with holes, by GNU tar itself. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { readTar, tarMember } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));
const isGnu = (spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout ?? '').includes('GNU');

/** A file with so many pieces between holes, and a hole at its end. */
function sparseFile(pieces: number): Uint8Array {
  const path = join(folder, 'image');
  writeFileSync(path, '');
  truncateSync(path, pieces * 65_536 + 40_000);
  const file = readFileSync(path);
  for (let index = 0; index < pieces; index++) file.fill(index + 1, index * 65_536 + 8192, index * 65_536 + 8192 + 5000);
  writeFileSync(path, file);
  // Holes where there are zeros.
  execFileSync('cp', ['--sparse=always', path, `${path}.sparse`]);
  return new Uint8Array(file);
}

describe.skipIf(!isGnu)('skipped without GNU tar', () => {
  test.each([1, 3, 4, 5, 60])('%i pieces between holes come back, at any place', async (pieces) => {
    const wanted = sparseFile(pieces);
    writeFileSync(join(folder, 'behind'), 'the member behind');
    execFileSync('tar', ['-cSf', 'a.tar', '--format=gnu', 'image.sparse', 'behind'], { cwd: folder });
    const archive = bytesSource(new Uint8Array(readFileSync(join(folder, 'a.tar'))));
    const { value } = await readTar(archive);
    const [member, behind] = value;
    if (member === undefined || behind === undefined) throw new Error('no members');
    const source = tarMember(archive, member);
    expect(await source.read(0, source.size)).toEqual(wanted);
    for (const at of [0, 8191, 8192, 13_000, 13_192, 70_000, wanted.length - 1])
      expect(await source.read(at, Math.min(9000, wanted.length - at))).toEqual(wanted.subarray(at, at + 9000));
    expect(new TextDecoder().decode(await tarMember(archive, behind).read(0, behind.size))).toBe('the member behind');
  });

  test('hostile: cut in its map, and a map of other bytes than lie there', async () => {
    sparseFile(60);
    execFileSync('tar', ['-cSf', 'a.tar', '--format=gnu', 'image.sparse'], { cwd: folder });
    const bytes = new Uint8Array(readFileSync(join(folder, 'a.tar')));
    await expect(readTar(bytesSource(bytes.subarray(0, 1000)))).rejects.toThrow(FormatError);
    const bent = bytes.slice();
    // The length of the first run of the first block of the map.
    bent.set(new TextEncoder().encode('00000010001'), 512 + 12);
    const outcome = await readTar(bytesSource(bent))
      .then(
        ({ value }) => value.map((entry) => tarMember(bytesSource(bent), entry)),
        (error: unknown) => {
          throw error;
        },
      )
      .catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(FormatError);
  });
});
