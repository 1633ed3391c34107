import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-log-cli-'));
const run = (...words: string[]) => assay(folder, ...words);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeAll(async () => {
  for (const name of ['log', 'lab']) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    write(`${name}.pem`, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    write(`${name}.pub`, publicKey.export({ format: 'pem', type: 'spki' }).toString());
  }
  write('getprop.txt', '[ro.product.model]: [Example]\n[ro.product.brand]: [Example]\n[ro.build.version.release]: [14]\n');
  const inspected = await run('inspect', 'getprop.txt', '--json');
  write('report.json', inspected.out);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('assay log, and a report that is in it', () => {
  test('from an empty log to a bundle that verifies offline', async () => {
    const made = await run('log', 'init', 'log', '--origin', 'log.example/1', '--key', 'log.pem');
    expect(made.out).toMatch(/^log log\.example\/1\+[0-9a-f]{8}\+/);
    write('policy', `${made.out}quorum none\n`);
    expect((await run('log', 'append', 'log', 'policy', '--kind', 'reference', '--key', 'log.pem')).out).toBe('0 policy\n');
    const signing = ['report', 'sign', 'report.json', '--key', 'lab.pem', '--out', 'bundle', '--secret', 'secret'];
    expect(await run(...signing, '--log', 'log', '--log-key', 'log.pem')).toMatchObject({ status: 0, err: '' });
    const verified = await run('report', 'verify', 'bundle', '--key', 'lab.pub', '--policy', 'policy');
    expect(verified).toMatchObject({ status: 0, out: expect.stringContaining('pass  inclusion:  entry 1') });
    // A bundle that is there is not written over, and nothing is logged for one that cannot be written.
    expect(await run(...signing, '--log', 'log', '--log-key', 'log.pem')).toMatchObject({ status: 2 });
    expect(await run('log', 'verify', 'log', '--policy', 'policy')).toMatchObject({ status: 0 });
    expect((await run('log', 'monitor', 'log', '--policy', 'policy', '--state', 'state')).out).toMatch(
      /^first: log\.example\/1 at 2 entries/,
    );
    expect((await run('log', 'prove', 'log', 'policy', '--kind', 'reference', '--policy', 'policy', '--out', 'proof')).out).toBe(
      'entry 0 of 2\n',
    );
    expect(readFileSync(join(folder, 'proof'), 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 0\n/);
  });

  test('a time-stamping authority is asked, and its word is verified with the bundle', async () => {
    expect(await run('report', 'timestamp', 'bundle', '--request', 'bundle.tsq')).toMatchObject({ status: 0, err: '' });
    const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
    write(
      'tsa.cnf',
      '[req]\ndistinguished_name=dn\n[dn]\n[tsa]\nextendedKeyUsage=critical,timeStamping\n[one]\nserial=serial\ncrypto_device=builtin\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_alg=sha256\n',
    );
    write('serial', '01\n');
    const making = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.pem'];
    openssl('req', '-x509', ...making, '-subj', '/CN=authority', '-config', 'tsa.cnf', '-extensions', 'tsa');
    const answering = ['-section', 'one', '-queryfile', 'bundle.tsq', '-signer', 'tsa.pem', '-inkey', 'tsa.key', '-out', 'bundle.tsr'];
    openssl('ts', '-reply', '-config', 'tsa.cnf', ...answering);
    expect((await run('report', 'timestamp', 'bundle', '--token', 'bundle.tsr', '--out', 'stamped')).out).toMatch(/^stamped 20/);
    const verifying = ['--key', 'lab.pub', '--policy', 'policy', '--tsa', 'tsa.pem'];
    expect(await run('report', 'verify', 'stamped', ...verifying)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/pass {2}timestamp: {2}there at .* at the latest, by authority/),
    });
    expect((await run('report', 'verify', 'bundle', ...verifying)).out).toContain('timestamp-missing');
    expect(await run('report', 'timestamp', 'bundle', '--token', 'bundle.tsr')).toMatchObject({ status: 2 });
  });

  test('it goes out as COSE with a receipt of the log, and the report as STIX', async () => {
    const exporting = ['report', 'export', 'bundle', '--as', 'cose', '--key', 'lab.pem', '--log', 'log'];
    expect(await run(...exporting, '--log-key', 'log.pem', '--out', 'bundle.cose')).toMatchObject({ status: 0, err: '' });
    const verified = await run('report', 'verify-cose', 'bundle.cose', '--key', 'lab.pub', '--policy', 'policy');
    expect(verified).toMatchObject({
      status: 0,
      out: expect.stringMatching(/signed by lab\.pub; hold[\s\S]*receipt of log\.example\/1: entry 1 of 2/),
    });
    // Another key is not the log's, and signs no receipt.
    expect(await run(...exporting, '--log-key', 'lab.pem', '--out', 'other.cose')).toMatchObject({ status: 1 });
    expect(await run('report', 'verify-cose', 'bundle.cose', '--key', 'log.pub', '--without-log')).toMatchObject({ status: 20 });
    expect(await run('report', 'export', 'report.json', '--as', 'stix', '--out', 'stix.json')).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(readFileSync(join(folder, 'stix.json'), 'utf8'))).toMatchObject({ type: 'bundle' });
  });

  test('a store that follows the log knows where a digest stands, also after its index was made anew', async () => {
    await run('inspect', 'getprop.txt', '--store', 'store');
    expect((await run('store', 'follow', 'store', 'log', '--policy', 'policy')).out).toBe('log.example/1: 2 entries, 2 of them new\n');
    expect((await run('store', 'rebuild', 'store')).out).toMatch(/, 2 entries of logs\n$/);
    const proving = ['log', 'prove', 'log', 'policy', '--policy', 'policy', '--store', 'store'];
    expect((await run(...proving, '--kind', 'reference', '--out', 'proof2')).out).toBe('entry 0 of 2\n');
    expect(readFileSync(join(folder, 'proof2'))).toEqual(readFileSync(join(folder, 'proof')));
    expect(await run(...proving, '--kind', 'correction', '--out', 'proof3')).toMatchObject({ status: 1 });
  });

  test('what is not in it has no proof, and a digest counts under its own kind only', async () => {
    const proving = ['--policy', 'policy', '--out', 'none'];
    expect(await run('log', 'prove', 'log', 'policy', '--kind', 'correction', ...proving)).toMatchObject({ status: 1 });
    expect(await run('log', 'prove', 'log', 'lab.pub', '--kind', 'reference', ...proving)).toMatchObject({ status: 1 });
  });

  test('a damaged tile fails the verification, and is named', async () => {
    const path = join(folder, 'log/tile/0/000.p/2');
    const good = readFileSync(path);
    writeFileSync(
      path,
      good.map((byte) => byte ^ 1),
    );
    expect(await run('log', 'verify', 'log', '--policy', 'policy')).toMatchObject({
      status: 20,
      out: expect.stringContaining('tile/0/000.p/2'),
    });
    writeFileSync(path, good);
  });

  test.each([
    ['log', 'append', 'log', 'policy', '--kind', 'rumour', '--key', 'log.pem'],
    ['log', 'append', 'log', '--kind', 'reference', '--key', 'log.pem'],
    ['report', 'sign', 'report.json', '--key', 'lab.pem', '--out', 'b2', '--secret', 's2', '--log', 'log'],
    ['report', 'verify', 'bundle', '--key', 'lab.pub'],
  ])('wrong usage: %s %s %s', async (...words) => {
    expect(await run(...words)).toMatchObject({ status: 2 });
  });
});

describe('assay log android', () => {
  test('lists the logs; wants something to look up; refuses a folder without copies', async () => {
    const listed = await run('log', 'android', 'list');
    expect(listed).toMatchObject({ status: 0 });
    expect(listed.out).toMatch(/^pixel +Pixel factory images +https:/);
    expect(await run('log', 'android', 'verify')).toMatchObject({ status: 2 });
    expect(await run('log', 'android', 'verify', '--fingerprint', 'google/x/x')).toMatchObject({ status: 2 });
    expect(await run('log', 'android', 'verify', 'lab.pub', '--from', 'log')).toMatchObject({
      status: 1,
      err: expect.stringContaining('no copy of a log'),
    });
    expect(await run('inspect', 'getprop.txt', '--android-logs', 'log')).toMatchObject({
      status: 2,
      err: expect.stringContaining('no copy of a log'),
    });
  });
});
