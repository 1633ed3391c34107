/** Challenges in a real Chromium, through the tunnel of a virtual phone and over a network; and in what only poses as a browser. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPhones } from '../../../../test/support/browser-phones.ts';
import { judgeAsLab } from '../../../../test/support/judge-as-lab.ts';
import { CHROMIUM } from '../../../../test/support/phone-browser.ts';
import { makeStationCertificate } from '../../../../test/support/station-certificate.ts';
import { type Capture, factOf, readFacts } from '../../../evidence/index.ts';
import { type BrowserChallengeDocument, BrowserChallengeSchema } from '../../../evidence/own/index.ts';
import type { Report } from '../../../report/index.ts';
import { type AcquireLiveOptions, acquireLive } from './index.ts';

const phones = browserPhones('assay-browser-challenge-');

interface Inspected {
  readonly capture: Capture;
  readonly document: BrowserChallengeDocument;
  readonly report: Report;
}

async function inspect(options: Omit<AcquireLiveOptions, 'depth' | 'out' | 'open'>): Promise<Inspected> {
  const out = join(phones.folder(), 'capture');
  const capture = await acquireLive({ depth: 'quick', out, open: { env: { ASSAY_CONFIG: join(phones.folder(), 'config') } }, ...options });
  const document = BrowserChallengeSchema.parse(JSON.parse(await readFile(join(out, 'challenge-browser.json'), 'utf8')));
  return { capture, document, report: await judgeAsLab(capture) };
}

/** A phone at the cable whose browser does `view` with the address. */
async function overTunnel(view: (url: string) => Promise<void>, stop?: AbortSignal): Promise<Inspected> {
  const phone = await phones.open(view);
  const address = `${phone.host}:${phone.port}`;
  const inspected = await inspect({
    address,
    challengeBrowser: true,
    claims: { model: 'Pixel 8 Pro' },
    ...(stop === undefined ? {} : { stop }),
  });
  // Whatever came of it, nothing is left of the tunnel.
  expect(inspected.capture.changes.filter(({ undone }) => !undone)).toEqual([]);
  expect(await phone.dialReverse(`tcp:${new URL(inspected.document.origin).port}`)).toBeUndefined();
  return inspected;
}

/** A phone that nobody plugged in. */
const overNetwork = (
  view: (url: string) => Promise<void>,
  where: Pick<AcquireLiveOptions, 'address' | 'station'> = { address: 'browser:127.0.0.1' },
): Promise<Inspected> => inspect({ ...where, onEvent: (event) => void (event.kind === 'page' && view(event.url)) });

const STATION = 'station.example.org';
/** An address of this machine that is not loopback: a page at it over plain HTTP is no secure one. */
const outside = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

const ofBrowser = (report: Report) => report.findings.filter(({ check }) => check.startsWith('silicon.browser'));
const passed = (report: Report) => report.passed.map(({ check }) => check).filter((check) => check.startsWith('silicon.browser'));
/** A browser counts the memory and the cores of the machine that runs the tests, which no phone has. */
const notOfThisMachine = (check: string) => check !== 'silicon.browser-memory';
const reason = (report: Report, what: RegExp) => report.notExamined.find((one) => what.test(one.what))?.because ?? '';
const clears = ({ verdict }: Report) => [verdict.hardware, verdict.software, verdict.custody].includes('genuine');

describe.skipIf(!existsSync(CHROMIUM))('in Chromium (skipped where it is not installed)', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        // The name leads here, as a phone's resolver would have it.
        `--host-resolver-rules=MAP ${STATION} 127.0.0.1`,
      ],
    });
  });
  afterAll(() => browser?.close());

  /** A Pixel's shape. */
  const PIXEL: BrowserContextOptions = {
    viewport: { width: 448, height: 800 },
    screen: { width: 448, height: 997 },
    deviceScaleFactor: 3,
    isMobile: true,
    hasTouch: true,
  };

  /** A hand that turns the phone to where the page asks, at one speed: Chromium's own sensors rest. */
  const handOf = (page: Page) =>
    page.evaluate(() => {
      const poses: Readonly<Record<string, readonly [number, number, number]>> = {
        'face-up': [0, 0, 1],
        'face-down': [0, 0, -1],
        upright: [0, 1, 0],
        'upside-down': [0, -1, 0],
        'left-edge-down': [1, 0, 0],
        'right-edge-down': [-1, 0, 0],
      };
      const speed = 2.5;
      let [x, y, z] = [0, Math.SQRT1_2, Math.SQRT1_2];
      let before = performance.now();
      setInterval(() => {
        const [now, asked] = [performance.now(), document.querySelector('#pose i')?.className ?? ''];
        const seconds = (now - before) / 1000;
        before = now;
        const [a, b, c] = poses[asked] ?? [x, y, z];
        let axis = [y * c - z * b, z * a - x * c, x * b - y * a];
        const left = Math.atan2(Math.hypot(...axis), x * a + y * b + z * c);
        if (Math.PI - left < 0.01) axis = Math.abs(x) > 0.5 ? [0, 1, 0] : [1, 0, 0];
        const [length, by] = [Math.hypot(...axis) || 1, Math.min(left, speed * seconds)];
        const [p = 0, q = 0, r = 0] = axis.map((part) => part / length);
        const [cosine, sine] = [Math.cos(by), Math.sin(by)];
        [x, y, z] = [x * cosine + (q * z - r * y) * sine, y * cosine + (r * x - p * z) * sine, z * cosine + (p * y - q * x) * sine];
        const turn = { clockwise: -1, 'counter-clockwise': 1 }[asked] ?? 0;
        const degrees = 180 / Math.PI / Math.max(seconds, 0.001);
        const rotationRate = {
          alpha: -p * by * degrees,
          beta: -q * by * degrees,
          gamma: -r * by * degrees + (turn * speed * 180) / Math.PI,
        };
        const accelerationIncludingGravity = { x: 9.81 * x, y: 9.81 * y, z: 9.81 * z };
        dispatchEvent(new DeviceMotionEvent('devicemotion', { accelerationIncludingGravity, rotationRate, interval: 20 }));
      }, 20);
    });

  /** Somebody who opens the page, taps the dots, turns the phone or does not, and shows the camera. */
  async function owner(url: string, motion: '#skip' | '#do' = '#skip'): Promise<void> {
    // The browser knows no authority of a test's own.
    const context = await browser.newContext({ ...PIXEL, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(url);
    await page.click('#start');
    await page.waitForSelector('#hand:not([hidden])', { timeout: 50_000 });
    await page.click('#do');
    for (let dot = 1; dot <= 5; dot++) await page.locator('#dot', { hasText: String(dot) }).tap();
    await page.waitForFunction(() => document.getElementById('hand-title')?.textContent?.startsWith('Turn'));
    if (motion === '#do') await handOf(page);
    await page.click(motion);
    await page.waitForFunction(() => document.getElementById('hand-title')?.textContent?.startsWith('Show'), null, { timeout: 45_000 });
    await page.click('#do');
    await page.waitForFunction(() => document.getElementById('hand-title')?.textContent?.startsWith('Photograph'));
    await page.click('#do');
    // An emulated ratio is none of the canvas’s: refused at once.
    await page.waitForSelector('#end:not([hidden])');
    await context.close();
  }

  test('every program of every engine is answered right, parts are recorded, and nothing of it clears', async () => {
    const { document, report, capture } = await overTunnel((url) => owner(url, '#do'));
    expect(document).toMatchObject({ carrier: 'tunnel', outcome: 'done', opened: 1, turnedAway: 0 });
    expect(passed(report).filter(notOfThisMachine)).toEqual(
      ['executed', 'screen', 'touch', 'motion', 'camera'].map((name) => `silicon.browser-${name}`),
    );
    // Each engine that was there answered right: what was not is named, and WebGPU has an adapter here.
    expect(report.notExamined.filter(({ what }) => what.startsWith('Programs that the browser ran'))).toEqual([]);
    expect(reason(report, /phone in hand computed/)).toMatch(
      /only that some browser computed them.*not judged: [\d.]+ ns a step at 16 KiB/,
    );
    expect(reason(report, /^Whose touch screen/)).toContain('5 of 5 dots were hit (touch)');
    expect(reason(report, /^Camera/)).toMatch(/a frame of \d+x\d+/);
    expect(reason(report, /^Whose sensors/)).toMatch(/5 of 5 steps were reached.*gravity 9\.8.*agrees in 3 of 3/);
    expect(reason(report, /^Single pixels/)).toContain('this browser counts device pixels in two ways, 448x800 and 1344x2400');
    expect(ofBrowser(report).filter(({ check }) => notOfThisMachine(check))).toEqual([]);
    expect(clears(report)).toBe(false);
    const said = factOf(await readFacts(capture), 'browser-surfaces')?.value;
    expect(said?.browser).toMatchObject({ secure: true, isolated: true });
    // No picture is in the capture, and no name of a device.
    expect(JSON.stringify(document)).not.toContain('deviceId');
    expect(JSON.stringify(document).length).toBeLessThan(100_000);
  });

  test('over HTTPS at a name of the operator’s own: a secure page, which is given everything', async () => {
    await makeStationCertificate(phones.folder(), `DNS:${STATION}`);
    const [cert, key] = await Promise.all(['cert.pem', 'key.pem'].map((file) => readFile(join(phones.folder(), file), 'utf8')));
    const station = { cert: cert ?? '', key: key ?? '', host: '127.0.0.1', port: 0, name: STATION };
    const { document, report, capture } = await overNetwork(owner, { address: 'browser:', station });
    expect(document).toMatchObject({ carrier: 'network', outcome: 'done', opened: 1, turnedAway: 0 });
    expect(document.origin).toMatch(/^https:\/\/station\.example\.org:\d+$/);
    expect(report.notExamined.filter(({ what }) => what.startsWith('Programs that the browser ran'))).toEqual([]);
    expect(reason(report, /^Camera/)).toMatch(/a frame of \d+x\d+/);
    expect(reason(report, /^Motion/)).toContain('skipped');
    expect(factOf(await readFacts(capture), 'browser-surfaces')?.value?.browser).toMatchObject({ secure: true, isolated: true });
    expect(clears(report)).toBe(false);
  });

  test.skipIf(outside === undefined)(
    'over plain HTTP at an address of a network: what wants a secure page is not examined, and says so (skipped where the machine has no address of a network)',
    async () => {
      const { document, report, capture } = await overNetwork((url) => owner(url, '#do'), { address: `browser:${outside}` });
      expect(document).toMatchObject({ carrier: 'network', outcome: 'done', opened: 1, turnedAway: 0 });
      expect(factOf(await readFacts(capture), 'browser-surfaces')?.value?.browser).toMatchObject({ secure: false, isolated: false });
      for (const [what, because] of [
        [/^Camera in/, 'the camera wants a secure page'],
        [/^Motion on command/, 'motion events want a secure page'],
        [/^Film protection in/, 'protected media want a secure page'],
        [/^Programs that the browser ran: WebGPU/, 'WebGPU wants a secure page'],
      ] as const)
        expect(reason(report, what)).toContain(because);
      expect(report.notExamined.find(({ what }) => what.startsWith('Camera in'))?.settledBy).toContain('--cert');
      expect(reason(report, /^Whose touch screen/)).toContain('5 of 5 dots were hit (touch)');
      expect(ofBrowser(report)).toEqual([]);
      expect(clears(report)).toBe(false);
    },
  );
});

interface Asked {
  readonly n: number;
  readonly question: { readonly ask: string };
  readonly done?: true;
}

/** What only poses as a browser: answers each question by `answer`, until it answers undefined. */
const impostor =
  (answer: (asked: Asked, url: string) => unknown) =>
  async (url: string): Promise<void> => {
    const post = (body: string) => fetch(`${url}/next`, { method: 'POST', body });
    let said: unknown = null;
    for (let n = -1; ; ) {
      const response = await post(JSON.stringify({ n, answer: said }));
      if (!response.ok) return;
      // The host's own words.
      const asked = (await response.json()) as Asked;
      if (asked.done === true) return;
      said = await answer(asked, url);
      if (said === undefined) return;
      n = asked.n;
    }
  };

/** A browser that computes nothing and names a phone of its choice. */
const naming = (renderer: string, model: string, platformVersion: string) =>
  impostor(({ question }) => {
    const hints = { mobile: true, model, platform: 'Android', platformVersion, architecture: '', bitness: '' };
    switch (question.ask) {
      case 'graphics':
        return { webgl: { vendor: 'a vendor', renderer, version: 'WebGL 2.0', textureMax: 8192, extensions: 30 }, webgpu: null };
      case 'browser':
        return { userAgent: 'Mozilla/5.0', platform: 'Linux armv81', cores: 8, memoryGib: 8, secure: true, isolated: true, hints };
      case 'screen':
        return { width: 448, height: 997, ratio: 3, depth: 24, touchPoints: 5, orientation: 'portrait-primary' };
      default:
        return { refused: 'not here' };
    }
  });

describe('a browser that names', () => {
  test('the phone it runs on: nothing disagrees', async () => {
    const { report } = await overTunnel(naming('Mali-G715', 'Pixel 8 Pro', '14.0.0'));
    expect(ofBrowser(report)).toEqual([]);
    expect(passed(report)).toEqual(['gpu', 'claim', 'screen', 'identity', 'memory'].map((name) => `silicon.browser-${name}`));
    expect(clears(report)).toBe(false);
  });

  test('another GPU, model and version: weak signs on both axes, none of which counts', async () => {
    const { report } = await overTunnel(naming('ANGLE (Qualcomm, Adreno (TM) 740, OpenGL ES 3.2)', 'SM-S918B', '13.0.0'));
    const found = ofBrowser(report);
    expect(new Set(found.map(({ check, axis, strength }) => `${check} ${axis} ${strength}`))).toEqual(
      new Set(['silicon.browser-gpu software weak', 'silicon.browser-claim hardware weak', 'silicon.browser-identity software weak']),
    );
    expect([report.verdict.hardware, report.verdict.software]).toEqual(['unproven', 'unproven']);
  });

  test('a GPU that the model it names itself never had, over a network: a capture of its own, and a weak sign', async () => {
    const { document, report, capture } = await overNetwork(naming('Adreno (TM) 740', 'Pixel 8 Pro', '14.0.0'));
    expect(document).toMatchObject({ carrier: 'network', outcome: 'done' });
    expect(capture.artefacts.map(({ name }) => name)).toEqual(['challenge-browser.json']);
    expect(ofBrowser(report)).toMatchObject([
      { check: 'silicon.browser-gpu', strength: 'weak', observed: expect.stringContaining('whoever had the page’s address') },
    ]);
    expect(clears(report)).toBe(false);
  });
});

describe('what poses as a browser', { timeout: 30_000 }, () => {
  test('makes numbers up: a weak sign, and no pass', async () => {
    const { report } = await overTunnel(impostor(({ question }) => (question.ask.startsWith('web') ? { fold: 1 } : { value: 1 })));
    expect(ofBrowser(report)).toMatchObject([
      { check: 'silicon.browser-executed', axis: 'hardware', strength: 'weak', observed: expect.stringContaining('21 of 21') },
    ]);
    expect(passed(report)).toEqual([]);
  });

  test.each([
    ['refuses everything', { refused: 'no' }],
    ['answers with nothing', null],
    ['answers with tags and commands', { value: '<script>$(reboot)', refused: '\u001b[31m', webgl: { renderer: 7 }, taps: 'x' }],
  ])('%s: not examined, each with its reason', async (_name, answer) => {
    const { document, report } = await overTunnel(impostor(() => answer));
    expect(document.outcome).toBe('done');
    expect([ofBrowser(report), passed(report)]).toEqual([[], []]);
    for (const what of [/^Programs that the browser ran/, /^The GPU that the browser names$/, /^Touch/, /screen as the browser/])
      expect(reason(report, what)).not.toBe('');
  });

  test('sends megabytes, then nothing: the operator stops, and what was said until then is kept', async () => {
    const stop = new AbortController();
    let status = 0;
    const { document, report } = await overTunnel(
      impostor(async ({ n }, url) => {
        if (n < 2) return { refused: 'no' };
        const sent = await fetch(`${url}/next`, { method: 'POST', body: 'x'.repeat(1 << 22) }).catch(() => undefined);
        status = sent?.status ?? 413;
        stop.abort();
        return undefined;
      }),
      stop.signal,
    );
    expect(status).toBe(413);
    expect(document).toMatchObject({ outcome: 'stopped', exchanges: { length: 2 } });
    expect(passed(report)).toEqual([]);
  });

  test('floods with answers to questions that nobody asked: ended, and said', async () => {
    const { document, report } = await overTunnel(async (url) => {
      for (let turn = 0; turn < 520; turn++)
        await fetch(`${url}/next`, { method: 'POST', body: '{"n":7,"answer":1}' }).catch(() => undefined);
    });
    expect(document.outcome).toBe('flooded');
    expect(reason(report, /^Programs that the browser ran/)).toContain('flooded');
  });
});
