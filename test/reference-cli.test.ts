import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-reference-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const A = 'a'.repeat(64);
const run = (...words: string[]) => assay(folder, 'reference', ...words, '--shelf', 'shelf');
const json = async (...words: string[]): Promise<unknown> => JSON.parse((await run(...words, '--json')).out);

test('lists and trees onto the shelf, found there, exported, imported elsewhere, removed', { timeout: 90_000 }, async () => {
  writeFileSync(join(folder, 'sums.txt'), `${A}  /system/bin/sh\n`);
  mkdirSync(join(folder, 'tree', 'bin'), { recursive: true });
  writeFileSync(join(folder, 'tree', 'bin', 'sh'), 'shell');
  writeFileSync(join(folder, 'tree', 'build.prop'), 'ro.build.fingerprint=Example/one/one:14/A/1:user/release-keys\n');
  const added = (await json('add', '--from-list', 'sums.txt', '--identity', 'build.id=KTU84P')) as { readonly digest: string };
  expect(added).toMatchObject({ source: 'sums.txt', isNew: true, vouched: 'nobody', files: 1 });
  expect(await json('add', '--from-list', 'sums.txt', '--identity', 'build.id=KTU84P')).toMatchObject({
    digest: added.digest,
    isNew: false,
  });
  expect(await json('add', '--from-tree', 'tree', 'missing', '--root', '/system')).toMatchObject([
    { isNew: true, files: 3 },
    { source: 'missing', error: expect.stringContaining('no such file') as string },
  ]);
  expect(await json('list')).toMatchObject([
    { digest: added.digest, made: 'list' },
    { made: 'tree', identity: { 'build.fingerprint': 'Example/one/one:14/A/1:user/release-keys' } },
  ]);
  expect(await json('find', '--sha256', A)).toEqual([
    { sha256: A, places: [{ partition: 'system', path: '/system/bin/sh', builds: [added.digest] }] },
  ]);
  expect((await run('find', 'f'.repeat(64))).status).toBe(20);
  expect(await json('show', added.digest.slice(0, 12))).toMatchObject({
    digest: added.digest,
    because: expect.stringContaining('clears nothing') as string,
  });
  expect(await run('show', 'ffffff')).toMatchObject({ status: 2 });
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, 'key.pem')]);
  expect(await run('export', '--out', 'a.pack', '--key', 'key.pem')).toMatchObject({ status: 0 });
  expect(await assay(folder, 'reference', 'import', 'a.pack', '--shelf', 'other', '--json')).toMatchObject({ status: 0 });
  expect(await assay(folder, 'reference', 'verify', '--shelf', 'other')).toMatchObject({
    status: 0,
    out: '2 builds verified, 0 problems\n',
  });
  expect(await run('remove', added.digest)).toMatchObject({ status: 0 });
  expect(await json('gc')).toMatchObject({ builds: 1 });
  expect(await json('list')).toHaveLength(1);
});

test('differences between trees: lines of texts, what one has and the other not, and what a list does not say; also out of a pack', {
  timeout: 90_000,
}, async () => {
  const shelf = ['--shelf', 'trees'];
  const go = async (...words: string[]) => assay(folder, 'reference', ...words, ...shelf);
  for (const [name, rights] of [
    ['a', '<a/>'],
    ['b', '<a/>\n<evil/>'],
  ] as const) {
    mkdirSync(join(folder, name, 'etc', 'permissions'), { recursive: true });
    writeFileSync(join(folder, name, 'etc', 'permissions', 'p.xml'), `${rights}\n`);
  }
  writeFileSync(join(folder, 'b', 'etc', 'su'), 'su');
  writeFileSync(join(folder, 'a.sums'), `${createHash('sha256').update('<a/>\n').digest('hex')}  etc/permissions/p.xml\n`);
  const added = [
    ...(JSON.parse((await go('add', '--from-tree', 'a', 'b', '--root', '/system', '--json')).out) as { readonly digest: string }[]),
    JSON.parse((await go('add', '--from-list', 'a.sums', '--root', '/system', '--json')).out) as { readonly digest: string },
  ];
  const [a = '', b = '', list = ''] = added.map(({ digest }) => digest);
  expect(await go('export', '--out', 'trees.pack')).toMatchObject({ out: expect.stringContaining('3 builds with 2 texts') as string });
  await assay(folder, 'reference', 'import', 'trees.pack', '--shelf', 'others');
  const { status, out } = await assay(folder, 'reference', 'diff', a, b, '--shelf', 'others');
  expect(status).toBe(20);
  expect(out).toContain('+ /system/etc/su');
  expect(out).toContain('+    2 <evil/>');
  const same = await go('diff', a, list);
  expect(same.status).toBe(0);
  expect(same.out).toContain('what a list does not name is not known');
});

test('official lists: listed, and not listed, which is unknown and never fake', async () => {
  writeFileSync(join(folder, 'list.tsv'), 'filename\tcodename\tversion\tmd5\na.tgz\tcancro\tV1.2.3\t\n');
  expect(await json('builds', 'import', 'list.tsv', '--maker', 'Example')).toEqual([{ list: 'list.tsv', files: 1, withDigest: 0 }]);
  expect(await json('builds', 'find', 'V1.2.3')).toMatchObject({
    isListed: true,
    hits: [{ device: 'cancro', name: 'a.tgz', maker: 'Example' }],
  });
  const missing = await run('builds', 'find', 'V9');
  expect(missing.status).toBe(20);
  expect(missing.out).toContain('unknown, not fake');
});

test('what makes no sense is wrong usage', async () => {
  expect(await run('add', '--offline', 'https://example.invalid/a.zip')).toMatchObject({ status: 2 });
  expect(await run('add', '--from-tree', '--from-list', 'x')).toMatchObject({ status: 2 });
  expect(await run('find', 'abc')).toMatchObject({ status: 2 });
});
