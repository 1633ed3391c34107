import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VirtualPhone } from '../../src/forge/index.ts';
import { browse } from '../../src/forge/node/browser.ts';
import { openFastboot } from '../../src/forge/node/fastboot.ts';
import { makeWorld, openVirtualPhone } from '../../src/forge/node/index.ts';
import { mi4Counterfeit, mi4Genuine, mi4Retailer, PROFILES } from '../../src/forge/profiles/index.ts';
import { acquireLive } from '../../src/platform/node/adb/index.ts';
import { makeSigningKey, nodeSigner } from '../../src/platform/node/index.ts';
import { type Provenance, writeReference } from '../../src/references/index.ts';
import { type Report, reportSchema } from '../../src/report/index.ts';
import { assay } from '../support/cli.ts';

const MADE = { made: 'image', sources: [], signatures: [], label: 'release' } satisfies Partial<Provenance>;

type Phone = Awaited<ReturnType<typeof openVirtualPhone>>;

/** A capture of what a phone’s browser answers to a page of ours; how the conversation ended. */
async function saidByBrowser(phone: VirtualPhone, out: string): Promise<string> {
  await acquireLive({
    address: 'browser:127.0.0.1',
    depth: 'quick',
    out,
    onEvent: (event) => void (event.kind === 'page' && browse(phone, event.url)),
  });
  return JSON.parse(await readFile(join(out, 'challenge-browser.json'), 'utf8')).outcome;
}

/** Everything here runs the program as its user does: arguments in, exit status and text out. */
describe('assay on the command line', { timeout: 120_000 }, () => {
  let folder: string;
  let genuine: Phone;
  let counterfeit: Phone;
  const address = (phone: Phone) => `${phone.host}:${phone.port}`;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-cli-'));
    const quick = { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' } as const;
    [genuine, counterfeit] = await Promise.all([openVirtualPhone(mi4Genuine(), quick), openVirtualPhone(mi4Counterfeit(), quick)]);
    await writeFile(join(folder, 'getprop.txt'), '[ro.product.model]: [MI 4LTE]\n[ro.build.version.sdk]: [19]\n[ro.empty]: []\n');
    await writeFile(join(folder, 'not-a-recording.bin'), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const key = makeSigningKey('ed25519');
    await writeFile(join(folder, 'operator.pem'), key);
    const spki = Buffer.from(nodeSigner(key).spki).toString('base64');
    await writeFile(join(folder, 'operator.pub'), `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`);
  });
  afterAll(async () => {
    await Promise.all([genuine.close(), counterfeit.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  const reportOf = (text: string): Report => reportSchema.parse(JSON.parse(text));

  test('a recording is held, with one document on standard output and nothing else', async () => {
    const { status, out } = await assay(folder, 'inspect', 'getprop.txt', '--json');
    expect(status).toBe(10);
    expect(reportOf(out).subject.kind).toBe('recording');
  });

  test('several sources are an array in their order, and an unreadable one is an error of its own', async () => {
    const { status, out } = await assay(folder, 'inspect', 'getprop.txt', 'missing.zip', 'not-a-recording.bin', '--json');
    const [first, second, third] = JSON.parse(out) as readonly Record<string, unknown>[]; // by the contract
    expect(first).toHaveProperty('format', 'assay.report/1');
    expect(second).toEqual({ source: 'missing.zip', error: 'there is no such file or folder' });
    expect(third).toMatchObject({ source: 'not-a-recording.bin' });
    expect(status).toBe(1);
  });

  test.each([
    [['inspect', 'getprop.txt', '--polcy', 'lab'], /unknown option '--polcy'/],
    [['inspect', 'getprop.txt', '--policy', 'lax'], /--policy is owner, trade, lab or a file/],
    [['inspect', 'getprop.txt', '--policy', 'getprop.txt'], /getprop.txt is no JSON/],
    [['inspect', 'getprop.txt', '--claim', 'colour=red'], /colour/],
    [['inspect', 'getprop.txt', '--as-of', 'yesterday'], /--as-of wants a time/],
    [['inspect', 'getprop.txt', '--earlier', 'missing'], /--earlier missing: there is no such file/],
    [
      ['inspect', 'getprop.txt', '--challenge-browser', '--challenge'],
      /--challenge, --challenge-browser: for a phone with ADB, and no source/,
    ],
    [['inspect', 'browser:', 'getprop.txt', '--challenge-browser', '--attest', '--yes'], /: --attest: for a phone with ADB, and no source/],
    [['inspect', 'getprop.txt', '--cert', 'c.pem', '--key', 'k.pem'], /--cert, --key: for browser:/],
    [['inspect', 'browser:', '--cert', 'c.pem'], /--cert and --key belong together/],
    [['capture', 'browser:', '--listen', '0.0.0.0:8443'], /--host and --listen belong to --cert and --key/],
    [['capture', 'browser:', 'browser:192.0.2.7', '--qr', 'code.svg', '--out', 'never'], /--qr: for one page; there are 2/],
    [['inspect', 'browser:192.0.2.7', '--cert', 'c.pem', '--key', 'k.pem', '--listen', '0.0.0.0:8443'], /both say where to listen/],
    [['inspect', '--canary'], /--canary belongs to --full/],
    [['inspect', '--full', '--canary'], /Nobody can be asked here: give --yes/],
  ])('wrong usage ends with 2 and says what: %j', async (args, expected) => {
    const { status, out, err } = await assay(folder, ...args);
    expect(status).toBe(2);
    expect(err).toMatch(expected);
    expect(out).toBe('');
  });

  test('what only a phone has is refused where firmware is given', async () => {
    const boot = new Uint8Array(8192);
    boot.set(new TextEncoder().encode('ANDROID!'));
    await writeFile(join(folder, 'boot.img'), boot);
    const { status, err } = await assay(folder, 'inspect', 'boot.img', '--earlier', 'getprop.txt', '--browser', '-');
    expect(status).toBe(1);
    expect(err).toMatch(/--browser, --earlier: for a phone, and this is firmware/);
  });

  test('a counterfeit at the cable is rejected, and the page is one file that asks for nothing', async () => {
    const { status, out } = await assay(folder, 'inspect', address(counterfeit), '--claim', 'model=MI 4', '--html', 'page.html');
    expect(status).toBe(20);
    expect(out).toContain('MT6592');
    const page = await readFile(join(folder, 'page.html'), 'utf8');
    expect(page).not.toMatch(/(?:src|href)="(?!#)|<script|@import|url\(/);
  });

  test('a canary with the operator’s yes is sent, read back and removed', async () => {
    const { out } = await assay(folder, 'inspect', address(genuine), '--full', '--canary', '--yes', '--json');
    const report = reportOf(out);
    expect(report.passed.map(({ check }) => check)).toContain('packages.canary');
    expect(report.changes.length).toBeGreaterThan(5);
    expect(report.changes.every(({ undone }) => undone)).toBe(true);
  });

  test('a capture that a known operator signed is judged as read; unsigned, altered or unknown it is its bearer’s word', async () => {
    const taken = await assay(folder, 'capture', address(counterfeit), '--quick', '--out', 'signed', '--sign', 'operator.pem');
    expect(taken.status).toBe(0);
    const claim = ['--claim', 'model=MI 4', '--json'];
    const known = await assay(folder, 'inspect', 'signed', '--operator-key', 'operator.pub', ...claim);
    expect(known.status).toBe(20);
    const unknown = await assay(folder, 'inspect', 'signed', ...claim);
    expect(unknown.status).toBe(10);
    expect(reportOf(unknown.out).notExamined).toContainEqual(expect.objectContaining({ what: 'operator.json' }));
    // One byte of one artefact: its hash no longer fits, so it is not used. Its hash too: the signature no longer fits.
    const hashes = join(folder, 'signed', 'hashes.json');
    await writeFile(hashes, `${await readFile(hashes, 'utf8')} `);
    const altered = await assay(folder, 'inspect', 'signed', '--operator-key', 'operator.pub', ...claim);
    expect(altered.status).toBe(10);
    expect(reportOf(altered.out).notExamined).toContainEqual(
      expect.objectContaining({ what: 'operator.json', because: 'it signs another hashes.json than this one' }),
    );
  });

  test('an IMEI that an earlier, signed capture saw on another model convicts', async () => {
    // A made-up serial part on the model's own type allocation.
    const phone = { ...mi4Genuine(), identifiers: { ...mi4Genuine().identifiers, imeis: ['864895021234560'] } };
    const other = {
      ...phone,
      properties: {
        ...phone.properties,
        'ro.product.brand': 'asus',
        'ro.product.model': 'ASUS_Z00AD',
        'ro.serialno': 'X1',
        'ro.boot.serialno': 'X1',
      },
    };
    const quick = { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' } as const;
    const [mine, before] = await Promise.all([openVirtualPhone(phone, quick), openVirtualPhone(other, quick)]);
    try {
      await assay(folder, 'capture', address(before), '--quick', '--out', 'asus', '--sign', 'operator.pem');
      const { out } = await assay(folder, 'inspect', address(mine), '--earlier', 'asus', '--operator-key', 'operator.pub', '--json');
      const found = reportOf(out).findings.find(({ check }) => check === 'identity.imei-seen-before');
      expect(found?.strength).toBe('conclusive');
      expect(reportOf(out).verdict.custody).toBe('broken');
    } finally {
      await Promise.all([mine.close(), before.close()]);
    }
  });

  test('the bootloader of the same phone is heard too: unlocked there and green here convicts', async () => {
    const phone = PROFILES['pixel-14']?.();
    if (phone === undefined) throw new Error('no such profile');
    const unlocked = {
      ...phone,
      fastboot: [
        ['serialno', phone.identifiers.serial],
        ['unlocked', 'yes'],
        ['is-userspace', 'no'],
      ] as const,
    };
    const quick = { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' } as const;
    const [system, bootloader] = await Promise.all([openVirtualPhone(phone, quick), openFastboot(unlocked)]);
    try {
      const fastboot = `${bootloader.host}:${bootloader.port}`;
      const { status, out } = await assay(folder, 'inspect', address(system), '--fastboot', fastboot, '--json');
      expect(status).toBe(20);
      expect(reportOf(out).findings).toContainEqual(
        expect.objectContaining({ check: 'boot.fastboot-contradiction', strength: 'conclusive' }),
      );
      // The same as a capture that was taken before is its bearer's word, and so is all of it.
      await assay(folder, 'capture', `fastboot:${fastboot}`, '--out', 'bootloader');
      const brought = await assay(folder, 'inspect', address(system), '--fastboot', 'bootloader', '--json');
      expect(brought.status).toBe(10);
      expect(bootloader.log.every((command) => command.startsWith('getvar:'))).toBe(true);
    } finally {
      await Promise.all([system.close(), bootloader.close()]);
    }
  });

  test('what the same phone’s browser said is held against the phone: weak, and with whose word it is', async () => {
    const phone = PROFILES['pixel-14']?.();
    if (phone === undefined) throw new Error('no such profile');
    const lying = { ...phone, browser: { renderer: 'PowerVR Rogue GE8320', screen: [720, 1280], memoryGib: 2 } } as const;
    const quick = { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' } as const;
    const [system, honest, other] = await Promise.all([
      openVirtualPhone(phone, quick),
      saidByBrowser(phone, join(folder, 'page')),
      saidByBrowser(lying, join(folder, 'other-page')),
    ]);
    try {
      await assay(folder, 'capture', address(system), '--quick', '--out', 'system');
      expect([honest, other]).toEqual(['done', 'done']);
      const browserOf = ({ findings }: Report) => findings.filter(({ check }) => check.startsWith('silicon.browser-'));
      const joined = reportOf((await assay(folder, 'inspect', 'system', '--browser', 'page', '--json')).out);
      expect(browserOf(joined)).toEqual([]);
      expect(joined.passed.map(({ check }) => check)).toEqual(
        expect.arrayContaining(['gpu', 'screen', 'identity', 'memory'].map((name) => `silicon.browser-${name}`)),
      );
      const found = browserOf(reportOf((await assay(folder, 'inspect', 'system', '--browser', 'other-page', '--json')).out));
      expect(new Set(found.map(({ check }) => check))).toEqual(
        new Set(['gpu', 'screen', 'memory'].map((name) => `silicon.browser-${name}`)),
      );
      for (const { strength, observed } of found) {
        expect(strength).toBe('weak');
        expect(observed).toContain('whoever had the page’s address');
      }
    } finally {
      await system.close();
    }
    for (const [args, refused] of [
      [['system', '--browser', 'system'], /nothing in it was said by a browser/],
      [['system', 'page', '--browser', 'page'], /--browser belongs to one phone; there are several/],
      [['--browser', 'page'], /--browser belongs to one phone; there is none/],
      [['system', '--browser', 'page', '--challenge-browser'], /cannot be used with option/],
      [['system', '--browser', 'page', '--cert', 'c.pem', '--key', 'k.pem'], /: for browser:/],
    ] as const) {
      const { status, out, err } = await assay(folder, 'inspect', ...args);
      expect(status).not.toBe(0);
      expect(`${out}${err}`).toMatch(refused);
    }
  });

  test('a phone is held against its maker’s build, and what nobody vouches for stays weak', async () => {
    const world = makeWorld();
    const { manifest } = await world.referenceOf(mi4Genuine());
    // A document that says of itself that the maker signed it is believed by nobody.
    const said = {
      manifest,
      digest: '',
      vouched: 'maker-signature',
      label: 'release',
      provenance: { ...MADE, vouched: 'maker-signature' },
    } as const;
    await writeFile(join(folder, 'mi4.json'), writeReference(said));
    const options = { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' } as const;
    const [own, sold] = [mi4Genuine(), mi4Retailer()];
    const phones = await Promise.all([
      openVirtualPhone(own, { ...options, makeApk: await world.apksOf(own) }),
      openVirtualPhone(sold, { ...options, makeApk: await world.apksOf(sold) }),
    ]);
    try {
      const against = async (phone: Phone) =>
        reportOf((await assay(folder, 'inspect', address(phone), '--full', '--reference', 'mi4.json', '--json')).out);
      const files = (report: Report) => report.findings.filter(({ check }) => check === 'boot.reference-files');
      const genuineReport = await against(phones[0]);
      expect(files(genuineReport)).toEqual([]);
      expect(genuineReport.passed.map(({ check }) => check)).toContain('boot.reference-files');
      const changed = files(await against(phones[1]));
      expect(changed.map(({ observed }) => observed).join('\n')).toContain('YtService');
      expect(new Set(changed.map(({ strength }) => strength))).toEqual(new Set(['weak']));
    } finally {
      await Promise.all(phones.map((phone) => phone.close()));
    }
    expect((await assay(folder, 'inspect', 'getprop.txt', '--reference', 'not-a-recording.bin')).status).toBe(2);
  });

  test('an encrypted capture opens for its reader, and for nobody else', async () => {
    const recipient = execFileSync('age-keygen', ['-o', join(folder, 'reader.txt')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(recipient).toBe('');
    const to = execFileSync('age-keygen', ['-y', join(folder, 'reader.txt')], { encoding: 'utf8' }).trim();
    const taken = await assay(folder, 'capture', address(genuine), '--quick', '--out', 'kept.zip.age', '--encrypt', to);
    expect(taken.status).toBe(0);
    expect((await assay(folder, 'inspect', 'kept.zip.age')).err).toContain('is encrypted: give --identity FILE');
    const { status, out } = await assay(folder, 'inspect', 'kept.zip.age', '--identity', 'reader.txt', '--json');
    expect(status).toBe(10);
    expect(reportOf(out).subject.origin).toBe('capture');
  });

  test('redaction leaves no identifier of the phone anywhere', async () => {
    const { out } = await assay(folder, 'inspect', address(genuine), '--redact', '--json', '--html', 'redacted.html');
    const page = await readFile(join(folder, 'redacted.html'), 'utf8');
    const { imeis } = mi4Genuine().identifiers;
    for (const secret of [...imeis, mi4Genuine().properties['ro.serialno'] ?? 'none']) {
      expect(out).not.toContain(secret);
      expect(page).not.toContain(secret);
    }
  });

  test('nothing is written beside what was asked for', async () => {
    expect((await readdir(folder)).sort()).toEqual(
      [
        'asus',
        'boot.img',
        'bootloader',
        'config',
        'getprop.txt',
        'kept.zip.age',
        'mi4.json',
        'not-a-recording.bin',
        'operator.pem',
        'operator.pub',
        'other-page',
        'page',
        'page.html',
        'reader.txt',
        'redacted.html',
        'signed',
        'system',
      ].sort(),
    );
  });
});
