import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseZero, caseZeroPage } from '../examples/case-zero.ts';
import { makeSigningKey, nodeHash } from '../src/platform/node/index.ts';
import { caseState, parseCase } from '../src/provenance/cases/index.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-case-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  for (const name of ['lab', 'log']) {
    const pem = makeSigningKey('ed25519');
    writeFileSync(join(folder, `${name}.key`), pem);
    writeFileSync(join(folder, `${name}.pub`), createPublicKey(pem).export({ format: 'pem', type: 'spki' }));
  }
});

const add = (kind: string, text: string, ...more: readonly string[]) =>
  assay(folder, 'case', 'add', 'a.case', '--key', 'lab.key', '--kind', kind, '--by', 'Lab', '--role', 'lab', '--text', text, ...more);

describe('assay case', () => {
  test('a case from its opening to its page: signed, logged, verified, with a value that is withheld and disclosed', async () => {
    expect((await add('opening', 'A phone that contradicts itself.', '--title', 'One phone')).out).toBe('entry 0\n');
    const withholding = ['--withhold', 'imei=000000000000000', '--secrets', 'secrets.jsonl'];
    expect((await add('claim', 'The phone with {imei} is a clone.', ...withholding)).out).toBe('entry 1\n');
    expect((await add('promise', 'We answer within a day.', '--about', '1', '--due', '24h')).out).toBe('entry 2\n');
    expect(readFileSync(join(folder, 'a.case'), 'utf8')).not.toContain('000000000000000');

    const verified = await assay(folder, 'case', 'verify', 'a.case', '--key', 'lab.pub', '--without-log');
    expect([verified.status, verified.out]).toEqual([
      0,
      'The case is verified. All 3 entries follow each other and are signed by keys that are trusted.\n',
    ]);
    expect((await assay(folder, 'case', 'verify', 'a.case', '--key', 'log.pub', '--without-log')).status).toBe(20);
    expect((await assay(folder, 'case', 'verify', 'a.case', '--key', 'lab.pub')).status).toBe(2);

    const made = await assay(folder, 'log', 'init', 'log', '--origin', 'log.example/cases', '--key', 'log.key');
    writeFileSync(join(folder, 'policy'), `${made.out}quorum none\n`);
    expect((await assay(folder, 'case', 'verify', 'a.case', '--key', 'lab.pub', '--policy', 'policy')).status).toBe(20);
    expect((await assay(folder, 'case', 'prove', 'a.case', '--log', 'log', '--log-key', 'log.key')).out).toBe('3 entries logged\n');
    expect((await assay(folder, 'case', 'verify', 'a.case', '--key', 'lab.pub', '--policy', 'policy')).status).toBe(0);

    const shown = JSON.parse((await assay(folder, 'case', 'show', 'a.case', '--json')).out);
    expect(shown.promises).toMatchObject([{ promise: 2, state: 'open' }]);
    expect(
      JSON.parse((await assay(folder, 'case', 'show', 'a.case', '--json', '--as-of', '2099-01-01T00:00:00Z')).out).promises[0].state,
    ).toBe('broken');

    const paged = await assay(folder, 'case', 'page', 'a.case', '--key', 'lab.pub', '--without-log', '--out', 'page.html');
    expect([paged.status, paged.err]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('imei withheld');
    await assay(folder, 'case', 'page', 'a.case', '--key', 'lab.pub', '--without-log', '--out', 'open.html', '--disclose', 'secrets.jsonl');
    expect(readFileSync(join(folder, 'open.html'), 'utf8')).toContain('000000000000000');

    const secret = JSON.parse(readFileSync(join(folder, 'secrets.jsonl'), 'utf8'));
    writeFileSync(join(folder, 'forged.jsonl'), `${JSON.stringify({ ...secret, value: '111111111111111' })}\n`);
    const forged = await assay(
      folder,
      'case',
      'page',
      'a.case',
      '--key',
      'lab.pub',
      '--without-log',
      '--out',
      'no.html',
      '--disclose',
      'forged.jsonl',
    );
    expect([forged.status, forged.err]).toEqual([2, expect.stringContaining('not what entry 1 commits to')]);
  }, 60_000);

  test('what is no entry is refused before anything is signed', async () => {
    const before = readFileSync(join(folder, 'a.case'), 'utf8');
    for (const more of [['--about', '0'], ['--about', '99'], []]) expect((await add('rebuttal', 'No.', ...more)).status).toBe(1);
    expect((await add('opening', 'Again.', '--title', 'Again')).status).toBe(1);
    expect((await add('claim', 'With {imei} and no value.')).status).toBe(1);
    expect(readFileSync(join(folder, 'a.case'), 'utf8')).toBe(before);
  }, 60_000);

  test('the reports for maker and GSMA say what is missing', async () => {
    writeFileSync(join(folder, 'box.jpg'), 'no real photo');
    const ran = await assay(
      folder,
      'case',
      'gsma',
      '--imei',
      '000000000000000',
      '--organisation',
      'Lab',
      '--brand',
      'Example',
      '--model',
      'One',
      '--photo',
      'box=box.jpg',
      '--out',
      'gsma.json',
    );
    expect(ran.out).toMatch(/^still missing: a photo of the device/);
    expect(JSON.parse(readFileSync(join(folder, 'gsma.json'), 'utf8'))).toMatchObject({
      tac: '00000000',
      number: { digits: 15, checkDigit: 'good' },
    });

    writeFileSync(
      join(folder, 'props.txt'),
      '[ro.product.model]: [One]\n[ro.product.brand]: [Example]\n[ro.build.version.release]: [14]\n[ro.build.version.sdk]: [21]\n',
    );
    writeFileSync(join(folder, 'report.json'), (await assay(folder, 'inspect', '--json', 'props.txt')).out);
    const asked = await assay(
      folder,
      'case',
      'ask',
      'report.json',
      '--from',
      'Lab',
      '--photo',
      'box-label=box.jpg',
      '--identity',
      'box-imei=000000000000000',
      '--out',
      'ask.html',
    );
    expect(asked.out).toMatch(/^without photos of: front/);
    const page = readFileSync(join(folder, 'ask.html'), 'utf8');
    expect(page).toContain('000000000000000');
    expect(page).toContain('Is the board in the photos one of yours');
  }, 60_000);
});

describe('case zero', () => {
  test('the files in examples are what the script makes', async () => {
    for (const [name, text] of Object.entries(await caseZero()))
      expect(readFileSync(new URL(`../examples/case-zero/${name}`, import.meta.url), 'utf8') === text, name).toBe(true);
  });
  test('it ends as the story did, and the promise of 24 hours was kept', async () => {
    const text = (await caseZero())['case-zero.case'];
    expect(await caseZeroPage()).toContain('Resolved: it does not hold');
    const { claims, promises } = caseState(
      parseCase(nodeHash, text).entries.map(({ entry }) => entry),
      '2026-01-15T13:00:00Z',
    );
    expect(claims.map(({ state, outcome }) => [state, outcome])).toEqual([
      ['resolved', 'refuted'],
      ['resolved', 'refuted'],
    ]);
    expect(promises.map(({ state }) => state)).toEqual(['kept']);
    expect(claims[0]?.steps.map(({ state }) => state)).toEqual([
      'asserted',
      'rebutted',
      'evidence-backed',
      'evidence-backed',
      'evidence-backed',
      'resolved',
    ]);
  });
});
