import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assay } from './support/cli.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-custody-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [BRAND, MAKER, SHOP] = [
  'https://id.gs1.org/417/4000000000099',
  'https://id.gs1.org/417/4000000000006',
  'https://id.gs1.org/417/4000000000013',
];
const write = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

test('a dispatch list, a brand’s word, and whether a shop was authorised on the day of sale', async () => {
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, 'brand.pem')], { stdio: 'ignore' });
  execFileSync('openssl', ['pkey', '-in', join(folder, 'brand.pem'), '-pubout', '-out', join(folder, 'brand.pub')], { stdio: 'ignore' });
  const head = 'date,step,imei,attested,from,to,place';
  write(
    'list.csv',
    [
      head,
      `2026-01-10,commissioning,350000001234562,C0FFEE42,,4000000000006,`,
      `2026-01-20,dispatched,350000001234562,C0FFEE42,4000000000006,4000000000013,`,
      `2026-02-01,received,350000001234562,C0FFEE42,4000000000006,4000000000013,`,
      `2026-02-30,received,350000001234562,C0FFEE42,,,`,
    ].join('\n'),
  );
  const imported = await assay(folder, 'custody', 'import', 'store', 'list.csv', '--csv', '--json');
  expect(JSON.parse(imported.out)).toMatchObject({ kept: 3, refusedCount: 0, list: { rows: 4, bad: [{ line: 5 }] } });
  expect(imported.status).toBe(10);

  const before = await assay(folder, 'custody', 'path', 'store', '350000001234562', '--json');
  expect(JSON.parse(before.out)).toMatchObject({
    answer: 'unproven',
    stays: [{ custodian: MAKER, standing: 'unknown' }, { custodian: SHOP }],
  });
  expect(before.status).toBe(10);

  expect((await assay(folder, 'custody', 'channels', 'trust', 'store', BRAND, 'brand.pub')).status).toBe(0);
  const authorisation = (party: string, role: string, validTo: string | null) => ({
    format: 'assay.authorisation/1',
    brand: BRAND,
    party,
    role,
    places: [],
    territories: [],
    products: [],
    validFrom: '2026-01-01T00:00:00Z',
    validTo,
    withdraws: null,
  });
  write('maker.json', authorisation(MAKER, 'maker', null));
  write('shop.json', authorisation(SHOP, 'retailer', '2026-03-01T00:00:00Z'));
  for (const name of ['maker', 'shop'])
    expect(await assay(folder, 'custody', 'channels', 'sign', `${name}.json`, '--key', 'brand.pem', '--out', `${name}.dsse`)).toMatchObject(
      { status: 0 },
    );
  expect((await assay(folder, 'custody', 'channels', 'add', 'store', 'maker.dsse', 'shop.dsse')).status).toBe(0);

  const ask = (at: string, ...more: string[]) => assay(folder, 'custody', 'channels', 'ask', 'store', SHOP, '--at', at, ...more);
  const signatureOnly = await ask('2026-02-01T00:00:00Z');
  expect(signatureOnly).toMatchObject({ status: 10, out: expect.stringMatching(/^unproven: .*no log is trusted in this store/) });
  expect(await ask('2026-02-01T00:00:00Z', '--without-log')).toMatchObject({ status: 0, out: expect.stringMatching(/^authorised: /) });

  // Logged, and proven under the store's policy: a proof of another entry is refused.
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, 'log.pem')], { stdio: 'ignore' });
  const log = await assay(folder, 'log', 'init', 'log', '--origin', 'brand.example/channels', '--key', 'log.pem');
  write('policy', `log ${/\S+\+[0-9a-f]{8}\+\S+/.exec(log.out)?.[0] ?? ''}\nquorum none\n`);
  expect(await assay(folder, 'custody', 'channels', 'policy', 'store', 'policy')).toMatchObject({ status: 0 });
  const logged = (name: string) =>
    assay(
      folder,
      'custody',
      'channels',
      'sign',
      `${name}.json`,
      '--key',
      'brand.pem',
      '--out',
      `${name}.logged`,
      '--log',
      'log',
      '--log-key',
      'log.pem',
    );
  expect(await logged('maker')).toMatchObject({ status: 0, out: expect.stringContaining('logged as entry 0') });
  expect(await logged('shop')).toMatchObject({ status: 0 });
  const kept = await assay(folder, 'custody', 'channels', 'add', 'store', 'maker.logged', 'shop.logged');
  expect(kept).toMatchObject({ status: 0, out: expect.stringContaining('entry 1 of brand.example/channels') });
  copyFileSync(join(folder, 'maker.logged.tlog-proof'), join(folder, 'shop.dsse.tlog-proof'));
  expect(await assay(folder, 'custody', 'channels', 'add', 'store', 'shop.dsse')).toMatchObject({
    status: 20,
    out: expect.stringContaining('not-in-log'),
  });
  const papers = await ask('2026-02-01T00:00:00Z', '--proof', 'papers.json');
  expect(papers.out).toContain('entry 1 of brand.example/channels; no witness says since when');
  expect(JSON.parse(readFileSync(join(folder, 'papers.json'), 'utf8')).papers[0].proof).toContain('c2sp.org/tlog-proof@v1');
  expect(await ask('2026-02-01T00:00:00Z')).toMatchObject({ status: 0, out: expect.stringMatching(/^authorised: /) });
  expect(await ask('2026-03-01T00:00:00Z')).toMatchObject({ status: 20, out: expect.stringMatching(/^unauthorised: /) });

  const after = await assay(folder, 'custody', 'path', 'store', '350000001234562');
  expect([after.status, after.out]).toEqual([0, expect.stringMatching(/^authorised: All 2 who had it/)]);

  // Signed by somebody else, it is nobody's word.
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, 'other.pem')], { stdio: 'ignore' });
  await assay(folder, 'custody', 'channels', 'sign', 'shop.json', '--key', 'other.pem', '--out', 'forged.dsse');
  expect(await assay(folder, 'custody', 'channels', 'add', 'store', 'forged.dsse')).toMatchObject({
    status: 20,
    out: expect.stringContaining('is not signed by a key of'),
  });
}, 240_000);

test('what is wrong on the command line is said', async () => {
  expect(await assay(folder, 'custody', 'path', 'nowhere', '350000001234562')).toMatchObject({
    status: 2,
    err: expect.stringContaining('there is no store'),
  });
  expect(await assay(folder, 'custody', 'path', 'store', 'my phone')).toMatchObject({ status: 2 });
}, 60_000);
