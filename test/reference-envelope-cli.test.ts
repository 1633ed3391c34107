import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordOf } from '../src/challenges/index.ts';
import { nodeHash, openSigner } from '../src/platform/node/index.ts';
import { signEnvelope } from '../src/provenance/index.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-envelope-cli-'));
const run = (...words: string[]) => assay(folder, ...words);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const OWNERS = ['a', 'b', 'c', 'd', 'e'];

/** A record of a phone that nobody has, signed by this owner. */
async function record(owner: string, clockHertz: number, more: object = {}): Promise<string> {
  const named = { model: 'Made Up 1', brand: 'made', platform: 'zuma', fingerprint: 'made/up/1', kernel: '6.1' };
  const value = {
    ...recordOf({ ...named, circumstances: { governors: [], batteryCelsius: 30, load: 1 } }, []),
    figures: { clockHertz },
    ...more,
  };
  const signer = await openSigner(join(folder, `${owner}.pem`));
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return JSON.stringify(await signEnvelope(nodeHash, 'application/vnd.assay.record+json', bytes, [signer]));
}

beforeAll(async () => {
  for (const name of [...OWNERS, 'lab', 'stranger']) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    write(`${name}.pem`, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    write(`${name}.pub`, publicKey.export({ format: 'pem', type: 'spki' }).toString());
  }
  for (const [index, owner] of OWNERS.entries()) write(`${owner}.json`, await record(owner, 2e9 + index * 1e7));
  write('again.json', await record('a', 2.5e9));
  write('stranger.json', await record('stranger', 9e9));
  write('personal.json', await record('a', 1, { serial: 'X' }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trust = OWNERS.flatMap((owner) => ['--trust', `${owner}.pub`]);
const files = (owners: readonly string[]) => owners.map((owner) => `${owner}.json`);
const make = (records: readonly string[], out: string) =>
  run(
    'reference',
    'envelope',
    'make',
    ...records,
    ...trust,
    '--key',
    'lab.pem',
    '--licence',
    'CC0-1.0',
    '--pack-version',
    '1',
    '--out',
    out,
  );

describe('assay reference envelope', () => {
  test('four owners, and one owner’s five records, make none', async () => {
    copyFileSync(join(folder, 'a.json'), join(folder, 'copy.json'));
    expect(await make([...files(OWNERS.slice(1)), 'b.json'], 'few')).toMatchObject({
      status: 1,
      err: expect.stringContaining('records of 4 owners, and five are wanted'),
    });
    expect(await make(['a.json', 'a.json', 'copy.json', 'again.json', 'again.json'], 'few')).toMatchObject({
      err: expect.stringContaining('1 owner,'),
    });
  });

  test.each([
    ['a stranger’s record', 'stranger.json', 'nobody whom you trust'],
    ['a record with a serial number', 'personal.json', 'no assay.record/1'],
    ['something else', 'a.pub', 'no signed record'],
  ])('%s is refused', async (_name, file, because) => {
    expect(await make([...files(OWNERS), file], 'bad')).toMatchObject({ status: 2, err: expect.stringContaining(because) });
  });

  test('a record that was changed after it was signed is refused', async () => {
    const signed = JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8')) as { payload: string };
    const text = Buffer.from(signed.payload, 'base64').toString().replace('2000000000', '9000000000');
    write('forged.json', JSON.stringify({ ...signed, payload: Buffer.from(text).toString('base64') }));
    expect(await make([...files(OWNERS.slice(1)), 'forged.json'], 'bad')).toMatchObject({
      status: 2,
      err: expect.stringContaining('nobody whom you trust'),
    });
  });

  test('five owners make a pack, which is imported under its signer’s key alone, listed, shown, exported and removed', async () => {
    expect(await make([...files(OWNERS), 'again.json'], 'units')).toMatchObject({
      status: 0,
      out: expect.stringContaining('made Made Up 1, all builds: 5 units, 1 figures (envelopes@1)'),
    });
    for (const command of [
      ['reference', 'envelope', 'import', 'units', '--signer', 'stranger.pub'],
      ['knowledge', 'import', 'units'],
    ])
      expect((await run(...command)).status).not.toBe(0);
    expect((await run('reference', 'envelope', 'list')).out).toBe('no envelope: times refute nothing\n');
    expect(await run('reference', 'envelope', 'import', 'units', '--signer', 'lab.pub')).toMatchObject({
      status: 0,
      out: 'envelopes@1: 2 envelopes; licence CC0-1.0; signed by lab.pub\n',
    });
    expect((await run('reference', 'envelope', 'list')).out).toMatch(
      /all builds: 5 units, 1 figures \(envelopes@1\); signed by lab\.pub\n.*made\/up\/1/,
    );
    expect((await run('reference', 'envelope', 'show', 'made up-1')).out).toContain(
      'clockHertz: 2000000000 · 2030000000 · 2500000000 (5 units)',
    );
    expect(await run('reference', 'envelope', 'show', 'Pixel 8')).toMatchObject({ status: 2 });
    expect(await run('reference', 'envelope', 'export', 'envelopes', '--out', 'given', '--key', 'lab.pem')).toMatchObject({ status: 0 });
    expect(readFileSync(join(folder, 'given'))).toEqual(readFileSync(join(folder, 'units')));
    expect(await run('knowledge', 'remove', 'envelopes')).toMatchObject({ status: 0 });
  });
});
