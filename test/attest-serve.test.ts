/** `assay attest serve` as a station's clerk runs it: a certificate of an authority of one's own, a real Chromium that takes it, and the capture that inspect reads; and `browser:` under the same flags. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AttestationSchema, BrowserChallengeSchema } from '../src/evidence/own/index.ts';
import { makeStationCertificate } from './support/station-certificate.ts';

const CHROMIUM = '/usr/bin/chromium';
const NAME = 'station.example.org';
const main = join(import.meta.dirname, '../bin/assay.mjs');
const PAIR = ['--cert', 'cert.pem', '--key', 'key.pem'];
let folder: string;
let authority: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-station-'));
  authority = await makeStationCertificate(folder, `DNS:*.example.org,DNS:${NAME},DNS:localhost,IP:127.0.0.1`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Station {
  readonly url: string;
  readonly stderr: string;
  /** Exit status and standard output. */
  readonly ended: Promise<readonly [number | null, string]>;
  readonly stop: () => void;
}

/** Starts the command and waits for its address. */
const serve = (...flags: string[]): Promise<Station> => start(['attest', 'serve'], '--yes', ...flags);

async function start(command: readonly string[], ...flags: string[]): Promise<Station> {
  const child = spawn(process.execPath, [main, ...command, ...PAIR, '--listen', '127.0.0.1:0', ...flags], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  const ended = new Promise<readonly [number | null, string]>((resolve) => child.on('close', (status) => resolve([status, stdout])));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
      const found = /https:\S+(?=\n)/.exec(stderr)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.on('close', () => reject(new Error(stderr)));
  });
  return { url, stderr, ended, stop: () => child.kill('SIGINT') };
}

/** One request, as a program with the authority's certificate makes it. */
const ask = (
  url: string,
  {
    path,
    method = 'GET',
    host,
    body,
  }: { readonly path?: string; readonly method?: string; readonly host?: string; readonly body?: string } = {},
) =>
  new Promise<number>((resolve) => {
    const { port, pathname, host: own } = new URL(url);
    const sent = request(
      {
        host: '127.0.0.1',
        servername: NAME,
        port,
        path: path ?? pathname,
        method,
        ca: authority,
        agent: false,
        headers: { host: host ?? own },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', () => resolve(0));
    sent.end(body);
  });

const transcript = async (out: string) =>
  AttestationSchema.parse(JSON.parse(await readFile(join(folder, out, 'attestation-browser.json'), 'utf8')));

test('one page, one answer: everything else is refused, and then the station is gone', { timeout: 30_000 }, async () => {
  const station = await serve('--out', 'plain', '--json', '--qr', 'code.svg', '--claim', 'model=Pixel 8a');
  const { host } = new URL(station.url);
  expect(host).toMatch(new RegExp(`^${NAME}:\\d+$`));
  const answer = { path: `${new URL(station.url).pathname}/answer`, method: 'POST', body: '{"error":"NotAllowedError"}' };
  expect(await ask(station.url)).toBe(200);
  expect(await ask(station.url, { path: '/' })).toBe(404);
  expect(await ask(station.url, { path: '/0123456789abcdef/answer', method: 'POST', body: '{}' })).toBe(404);
  // A page elsewhere that has its name lead here.
  expect(await ask(station.url, { ...answer, host: 'elsewhere.example' })).toBe(421);
  expect([413, 0]).toContain(await ask(station.url, { ...answer, body: 'x'.repeat(1 << 20) }));
  expect(await ask(station.url, answer)).toBe(200);
  expect(await station.ended).toEqual([1, `${JSON.stringify({ capture: 'plain', outcome: 'refused' }, null, 2)}\n`]);
  expect(await ask(station.url)).toBe(0);
  expect(await transcript('plain')).toMatchObject({
    outcome: 'refused',
    note: 'NotAllowedError',
    page: { origin: `https://${host}`, relyingParty: NAME },
  });
  // What a camera sees is the address.
  expect(readSvg(await readFile(join(folder, 'code.svg'), 'utf8'))).toBe(station.url);
  // The capture is one that inspect reads, and a second run does not write over it.
  const report = JSON.parse(inspect('plain'));
  expect(report.verdict).toMatchObject({ software: 'unproven', decision: 'hold' });
  await expect(serve('--out', 'plain')).rejects.toThrow('holds a capture');
});

test('the same flags serve the challenges of browser:, also at an address that the certificate names', { timeout: 30_000 }, async () => {
  const station = await start(['capture', 'browser:'], '--host', '127.0.0.1', '--out', 'challenges', '--qr', 'challenges.svg');
  const { origin } = new URL(station.url);
  expect(origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await ask(station.url)).toBe(200);
  expect(await ask(station.url, { host: 'elsewhere.example' })).toBe(421);
  expect(readSvg(await readFile(join(folder, 'challenges.svg'), 'utf8'))).toBe(station.url);
  station.stop();
  expect((await station.ended)[0]).toBe(1);
  const document = BrowserChallengeSchema.parse(JSON.parse(await readFile(join(folder, 'challenges/challenge-browser.json'), 'utf8')));
  expect(document).toMatchObject({ carrier: 'network', origin, outcome: 'stopped', opened: 1, turnedAway: 1 });
});

/** `assay inspect CAPTURE --json`, whatever its decision. */
function inspect(out: string): string {
  try {
    return execFileSync(process.execPath, [main, 'inspect', out, '--json'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, INIT_CWD: folder },
    });
  } catch (error) {
    return (error as { stdout: string }).stdout; // execFileSync throws where the status is not 0; hold is 10
  }
}

/** The text of a code, its squares drawn as a camera would see them. */
function readSvg(svg: string): string | undefined {
  const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  // The package is CommonJS: what its default is depends on who loads it.
  const read = (jsQR as unknown as { readonly default?: typeof jsQR.default }).default ?? (jsQR as unknown as typeof jsQR.default);
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x = '0', y = '0', square = '0'] of svg.matchAll(/M(\d+),(\d+)h(\d+)v/g))
    for (let row = 0; row < Number(square); row++)
      for (let column = 0; column < Number(square); column++) {
        const at = ((Number(y) + row) * side + Number(x) + column) * 4;
        pixels.fill(0, at, at + 3);
      }
  return read(pixels, side, side)?.data;
}

test('the time is over, or the operator stops: said, kept, and the station is gone', { timeout: 30_000 }, async () => {
  const over = await serve('--out', 'over', '--minutes', '0.02');
  expect((await over.ended)[0]).toBe(1);
  expect((await transcript('over')).outcome).toBe('timed out');
  const stopped = await serve('--out', 'stopped');
  stopped.stop();
  expect((await stopped.ended)[0]).toBe(1);
  expect((await transcript('stopped')).outcome).toBe('stopped');
});

test.each([
  ['an address in digits', ['--host', '192.0.2.7'], 'wants a domain name'],
  ['a name that the certificate is not for', ['--host', 'other.org'], 'not for other.org'],
  ['a name of one word', ['--host', 'station'], 'wants a domain name'],
  ['another key', ['--key', 'ca.key'], 'not the key of --cert'],
  ['no certificate', ['--cert', 'ext.cnf'], '--cert and --key'],
  ['no port', ['--listen', 'everywhere'], '--listen wants'],
  ['no time', ['--minutes', '0'], '--minutes'],
])('%s is refused before anything listens', async (_name, flags, because) => {
  await expect(serve('--out', 'never', ...flags)).rejects.toThrow(because);
  expect(existsSync(join(folder, 'never'))).toBe(false);
});

describe.skipIf(!existsSync(CHROMIUM))('in Chromium (skipped where it is not installed)', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      // The name leads here, as a phone's resolver would have it.
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', `--host-resolver-rules=MAP ${NAME} 127.0.0.1`],
    });
  });
  afterAll(() => browser?.close());

  test('a secure page at the station’s own name: its credential is for that name, our nonce is in it, and the report says what it is worth', async () => {
    const station = await serve('--out', 'chromium');
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasUserVerification: true,
        isUserVerified: true,
        hasResidentKey: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(station.url);
    await page.click('#ask');
    await page.getByText('Done.').waitFor();
    expect((await station.ended)[0]).toBe(0);
    const document = await transcript('chromium');
    expect(document).toMatchObject({ outcome: 'answered', carrier: 'browser', page: { relyingParty: NAME } });
    expect(document.leaves[0]).toContain(NAME);
    const verified = verify('chromium', document.nonce ?? '');
    const outcome = (id: string) => verified.rules.find(({ rule }) => rule === id)?.outcome;
    expect(['client-data', 'challenge', 'origin', 'relying-party', 'flags'].map((id) => outcome(`webauthn-${id}`))).toEqual(
      Array.from({ length: 5 }, () => 'pass'),
    );
    expect(verified.trusted).toBe(false);
    expect(JSON.parse(inspect('chromium')).verdict).toMatchObject({ hardware: 'unproven', software: 'unproven' });
  });
});

/** `assay attest verify TRANSCRIPT --json`. */
function verify(
  out: string,
  nonce: string,
): { readonly trusted: boolean; readonly rules: readonly { readonly rule: string; readonly outcome: string }[] } {
  try {
    return JSON.parse(
      execFileSync(process.execPath, [main, 'attest', 'verify', join(out, 'attestation-browser.json'), '--challenge', nonce, '--json'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, INIT_CWD: folder },
      }),
    );
  } catch (error) {
    return JSON.parse((error as { stdout: string }).stdout); // status 20: not verified
  }
}
