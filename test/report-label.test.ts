import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgeApk, forgeApp, makeApkSigner } from '../src/forge/node/index.ts';
import { nodeCosigner, nodeHash } from '../src/platform/node/index.ts';
import { formatVerifierKey, parseLogPolicy } from '../src/provenance/index.ts';
import { openWitness, serveWitness, witnessKey } from '../src/store/index.ts';
import { verifyPage } from '../tools/build-page.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-label-'));
const run = (...words: string[]) => assay(folder, ...words);
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');
const CHROMIUM = '/usr/bin/chromium';

let browser: Browser | undefined;
let code = '';

beforeAll(async () => {
  for (const [name, type] of [
    ['log', 'ed25519'],
    ['lab', 'ed25519'],
    ['second', 'ec'],
    ['witness', 'ed25519'],
  ] as const) {
    const { privateKey, publicKey } = type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    writeFileSync(at(`${name}.pem`), privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    writeFileSync(at(`${name}.pub`), publicKey.export({ format: 'pem', type: 'spki' }).toString());
  }
  writeFileSync(at('getprop.txt'), '[ro.product.model]: [Example]\n[ro.product.brand]: [Example]\n[ro.build.version.release]: [14]\n');
  writeFileSync(at('report.json'), (await run('inspect', 'getprop.txt', '--json')).out);
  await run(
    'report',
    'sign',
    'report.json',
    '--key',
    'lab.pem',
    '--identity',
    'serial=XY-00A1B2C3',
    'imei=1',
    'imei=2',
    '--out',
    'bundle',
    '--secret',
    'secret',
  );
  if (existsSync(CHROMIUM))
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a label for the box', () => {
  test('is made of a bundle that the key signed, and verified at the counter', async () => {
    const made = await run('report', 'label', 'bundle', '--key', 'lab.pem', '--show', 'serial', '--out', 'label.svg');
    expect(made).toMatchObject({ status: 0, err: '' });
    code = made.out.trim();
    expect(read('label.svg')).toMatch(/<svg [^>]*>.*ON HOLD.*serial ends in.*A1B2C3.*as the phone says/s);
    expect(await run('report', 'verify-label', code, '--key', 'lab.pub')).toMatchObject({
      status: 0,
      out: expect.stringContaining('compare: its serial must end in A1B2C3 (told)'),
    });
    expect(await run('report', 'verify-label', code, '--key', 'lab.pub', '--identity', 'XY-00A1B2C3')).toMatchObject({ status: 0 });
    expect(await run('report', 'verify-label', code, '--key', 'lab.pub', '--identity', 'XY-00A1B2C4')).toMatchObject({
      status: 20,
      out: expect.stringContaining('ANOTHER'),
    });
    expect(await run('report', 'verify-label', code, '--key', 'lab.pub', '--at', '2099-01-01T00:00:00Z')).toMatchObject({
      status: 20,
      out: expect.stringContaining('expired'),
    });
    expect(await run('report', 'verify-label', code, '--key', 'second.pub', '--json')).toMatchObject({
      status: 20,
      out: expect.stringContaining('no trusted key signed it'),
    });
  });
  test.each([
    [['--key', 'second.pem', '--show', 'serial'], 'not signed by this key'],
    [['--key', 'lab.pem', '--show', 'meid'], 'no identity of the kind'],
    [['--key', 'lab.pem', '--show', 'imei'], 'a label shows one'],
    [['--key', 'lab.pem', '--show', 'serial', '--vouched', 'sure'], 'told, attested, fused'],
  ])('%j is wrong usage', async (words, because) =>
    expect(await run('report', 'label', 'bundle', ...words, '--out', 'no.svg')).toMatchObject({
      status: 2,
      err: expect.stringContaining(because),
    }),
  );
});

describe('a second lab', () => {
  test('cosigns the same statement, once', async () => {
    expect(await run('report', 'cosign', 'bundle', '--key', 'second.pem', '--out', 'both')).toMatchObject({ status: 0, err: '' });
    const verified = (...more: string[]) => run('report', 'verify', 'both', '--without-log', '--need', '2', ...more);
    expect(await verified('--key', 'lab.pub', 'second.pub')).toMatchObject({ status: 0 });
    expect(await verified('--key', 'lab.pub', 'log.pub')).toMatchObject({ status: 20 });
    expect(await run('report', 'cosign', 'both', '--key', 'second.pem', '--out', 'again')).toMatchObject({
      status: 2,
      err: expect.stringContaining('already'),
    });
  });
  test('does not sign a summary that does not follow', async () => {
    const bundle = JSON.parse(read('bundle'));
    writeFileSync(at('forged'), JSON.stringify({ ...bundle, summary: { ...bundle.summary, payload: bundle.statement.payload } }));
    expect(await run('report', 'cosign', 'forged', '--key', 'second.pem', '--out', 'no')).toMatchObject({ status: 1 });
  });
});

test('a policy with a quorum: the witnesses cosign the checkpoint of the proof', async () => {
  const made = await run('log', 'init', 'log', '--origin', 'log.example/1', '--key', 'log.pem');
  const logKey = made.out.trim().split(' ')[1] ?? '';
  const signer = nodeCosigner(read('witness.pem'));
  const key = formatVerifierKey(witnessKey('witness.example/1', signer));
  // The witness knows the log by its key alone.
  writeFileSync(at('known'), `log ${logKey}\nquorum none\n`);
  const policy = parseLogPolicy(nodeHash, read('known'));
  const witness = await openWitness({ name: 'witness.example/1', signers: [signer], state: at('state'), policy, now: () => 1_800_000_000 });
  const server = serveWitness(witness);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  writeFileSync(at('policy'), `log ${logKey}\nwitness w ${key} http://127.0.0.1:${port}\nquorum w\n`);
  try {
    const signing = [
      'report',
      'sign',
      'report.json',
      '--key',
      'lab.pem',
      '--log',
      'log',
      '--log-key',
      'log.pem',
      '--secret',
      'secret2',
      '--out',
      'witnessed',
    ];
    expect(await run(...signing, '--log-policy', 'policy')).toMatchObject({ status: 0, err: '' });
    expect(await run('report', 'verify', 'witnessed', '--key', 'lab.pub', '--policy', 'policy')).toMatchObject({ status: 0 });
  } finally {
    server.close();
    witness.close();
  }
});

describe.skipIf(!existsSync(CHROMIUM))('the page, in a browser', () => {
  const open = async () => {
    if (browser === undefined) throw new Error('no browser');
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(at('verify.html')).href);
    return { page, requests };
  };
  beforeAll(async () => writeFileSync(at('verify.html'), await verifyPage()), 60_000);

  test('a bundle: verified under the key that is pasted, refused under another, and no request to anywhere', async () => {
    const { page, requests } = await open();
    await page.fill('#keys', read('lab.pub'));
    await page.setInputFiles('#file', { name: 'bundle.json', mimeType: 'application/json', buffer: readFileSync(at('bundle')) });
    await page.waitForSelector('#answer.open');
    expect(await page.textContent('#answer')).toMatch(/Authentic report: on hold.*signed by key 1/s);
    await page.fill('#identity', 'serial=XY-00A1B2C3');
    await page.setInputFiles('#file', { name: 'b2.json', mimeType: 'application/json', buffer: readFileSync(at('bundle')) });
    await page.waitForSelector('text=every identity of the phone in hand was signed');
    await page.fill('#keys', read('second.pub'));
    await page.setInputFiles('#file', { name: 'b3.json', mimeType: 'application/json', buffer: readFileSync(at('bundle')) });
    await page.waitForSelector('#answer.bad');
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('blob:'))).toEqual([]);
    await page.close();
  });

  test('a photo of the printed label', async () => {
    if (browser === undefined) throw new Error('no browser');
    const printer = await browser.newPage({ viewport: { width: 800, height: 480 } });
    await printer.setContent(`<body style="margin:40px;background:#998;transform:rotate(4deg)">${read('label.svg')}</body>`);
    const photo = await printer.screenshot();
    await printer.close();
    const { page } = await open();
    await page.fill('#keys', read('lab.pub'));
    await page.fill('#identity', 'XY-00A1B2C3');
    await page.setInputFiles('#file', { name: 'photo.png', mimeType: 'image/png', buffer: photo });
    await page.waitForSelector('#answer');
    expect(await page.textContent('#answer')).toMatch(/Authentic label: on hold/);
    await page.fill('#identity', 'other');
    await page.setInputFiles('#file', { name: 'photo2.png', mimeType: 'image/png', buffer: photo });
    await page.waitForSelector('#answer.bad');
    expect(await page.textContent('#answer')).toMatch(/the phone in hand is another one/);
    await page.setInputFiles('#file', {
      name: 'blank.png',
      mimeType: 'image/png',
      buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
    });
    await page.waitForSelector('text=No code was found');
    await page.close();
  });

  test('an APK that is dropped has the verdict of the command line', async () => {
    const signer = await makeApkSigner({ kind: 'rsa', bits: 1024, name: 'made' });
    const parts = forgeApp({ packageName: 'com.made.app', versionCode: 3, minSdk: 19, targetSdk: 26 }, nodeHash);
    const whole = await forgeApk(parts, { v1: { signers: [signer], digest: 'sha1' }, v2: [signer] }, nodeHash);
    const old = await forgeApk(parts, { v1: { signers: [signer], digest: 'sha1' } }, nodeHash);
    const { page, requests } = await open();
    for (const [name, bytes] of [
      ['whole.apk', whole],
      ['changed.apk', whole.map((byte, index) => (index === 60 ? byte ^ 1 : byte))],
      ['old.apk', old],
      ['cut.apk', whole.subarray(0, 400)],
    ] as const) {
      writeFileSync(at(name), bytes);
      const told = JSON.parse((await run('apk', 'verify', name, '--json')).out);
      await page.setInputFiles('#file', at(name));
      await page.waitForSelector(
        `#answer h2:has-text("${told.verified === true ? `Signature verified: ${told.schemes.join(', ')}` : 'Signature not verified'}")`,
      );
      const text = (await page.textContent('#answer')) ?? '';
      for (const word of [...(told.signers ?? []), ...(told.issues ?? [])]) expect(text, name).toContain(word);
      if (told.verified === true) expect(text).toContain('calls itself com.made.app');
    }
    expect(requests).toHaveLength(1);
    await page.close();
  });
});
