/** The pattern of the page in a real Chromium, whose pixels stand for a panel's; photographed, written as a camera writes pictures, and read back by the command line's own reader. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrowserSession, openBrowserSession } from '../src/acquire/browser-session.ts';
import { bytesSource, parseHex } from '../src/bytes/index.ts';
import { browserPage } from '../src/challenges/browser/page/index.ts';
import { writeBrowserQuestion } from '../src/challenges/index.ts';
import { screenPhotoArtefact } from '../src/cli/screen-photo.ts';
import type { Artefact } from '../src/evidence/index.ts';
import { type BrowserChallengeDocument, ScreenPhotoSchema } from '../src/evidence/own/index.ts';
import { nodeClock } from '../src/platform/node/index.ts';
import { nodePlainStation } from '../src/platform/node/site-server.ts';
import { assay } from './support/cli.ts';
import { judgeAsLab } from './support/judge-as-lab.ts';
import { CHROMIUM } from './support/phone-browser.ts';
import { type Camera, DRAWN_SIDE, drawPattern, MARGIN, type Panel, photograph } from './support/photographed-panel.ts';

const TOKEN = 'abcdef0123456789';
const NONCE = '00112233445566778899aabbccddeeff';
const nonce = parseHex(NONCE) ?? new Uint8Array(0);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-photo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Red, green and blue alike. */
function rgbaOf(green: Uint8Array): Buffer {
  const rgba = Buffer.alloc(green.length * 4, 255);
  for (const [at, value] of green.entries()) rgba.fill(value, 4 * at, 4 * at + 3);
  return rgba;
}

/** A picture of what was drawn, as a file. */
async function pictureOf(name: string, drawn: Uint8Array, panel: Panel, camera: Camera): Promise<string> {
  const { picture } = photograph(drawn, panel, { scale: 2.2, ...camera });
  const data = rgbaOf(picture.green);
  const path = join(folder, name);
  await writeFile(
    path,
    name.endsWith('.jpg') ? jpeg.encode({ ...picture, data }, 85).data : PNG.sync.write(Object.assign(new PNG(picture), { data })),
  );
  return path;
}

/** What a page's answer and photographs come to. */
async function judged(answer: string, photos: readonly Artefact[]) {
  const document: BrowserChallengeDocument = {
    format: 'assay.browser-challenge/1',
    carrier: 'network',
    origin: 'http://192.0.2.1:41000',
    outcome: 'done',
    note: null,
    opened: 1,
    turnedAway: 0,
    exchanges: [{ nonce: NONCE, question: writeBrowserQuestion({ ask: 'pattern' }, nonce), answer, sentNs: 0, receivedNs: 1 }],
    leaves: [],
  };
  const page: Artefact = {
    name: 'challenge-browser.json',
    kind: 'challenge-browser',
    origin: undefined,
    source: bytesSource(new TextEncoder().encode(JSON.stringify(document))),
  };
  const capture = {
    trust: 'bearer',
    origin: 'test',
    takenAt: undefined,
    artefacts: [page, ...photos],
    items: [],
    changes: [],
    claims: {},
    unused: [],
  } as const;
  const report = await judgeAsLab(capture);
  const isOurs = ({ check }: { readonly check: string }) => check === 'silicon.browser-pattern';
  return {
    passed: report.passed.some(isOurs),
    findings: report.findings.filter(isOurs),
    why: report.notExamined.find(({ what }) => what.startsWith('Single pixels'))?.because,
    verdict: report.verdict,
  };
}
const SHOWN = '{"width":1344,"height":2400,"ratio":3,"zoom":1,"shownMs":30000}';
const documentOf = async ({ source }: Artefact) =>
  ScreenPhotoSchema.parse(JSON.parse(new TextDecoder().decode(await source.read(0, source.size))));

describe.skipIf(!existsSync(CHROMIUM))('the page in Chromium (skipped where it is not installed)', { timeout: 60_000 }, () => {
  const launched: Browser[] = [];
  afterAll(() => Promise.all(launched.map((browser) => browser.close())));
  /** With so many device pixels a CSS pixel: by its own settings, since what is emulated is no canvas’s. */
  async function launch(ratio: number): Promise<Browser> {
    const args = ['--no-sandbox', '--disable-background-networking', '--force-color-profile=srgb', '--window-size=600,900'];
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...args, `--force-device-scale-factor=${ratio}`] });
    launched.push(browser);
    return browser;
  }

  /** Opens the page, goes on to the pattern, does something there, and answers what the page said. */
  async function shown(
    browser: Browser,
    act: (page: Page) => Promise<void>,
    options: BrowserContextOptions = { viewport: null },
  ): Promise<string> {
    const conversation = {
      page: browserPage,
      count: 1,
      ask: () => ({ nonce, text: writeBrowserQuestion({ ask: 'pattern' }, nonce), timeMs: 50_000 }),
    };
    const timer = (ms: number, run: () => void) => {
      const id = setTimeout(run, ms);
      return () => clearTimeout(id);
    };
    const opened = Promise.withResolvers<{ readonly url: string; readonly session: BrowserSession }>();
    const server = await nodePlainStation('127.0.0.1').serve((origin) => {
      const session = openBrowserSession({
        conversation,
        host: new URL(origin).host,
        token: TOKEN,
        clock: nodeClock,
        timer,
        openMs: 50_000,
      });
      opened.resolve({ url: `${origin}/${TOKEN}`, session });
      return session.site;
    });
    const { url, session } = await opened.promise;
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      await page.goto(url);
      await page.click('#start');
      await page.waitForSelector('#hand:not([hidden])');
      await act(page);
      await session.ended;
      return session.record().exchanges[0]?.answer ?? '';
    } finally {
      await context.close();
      await server.close();
    }
  }

  test.each([3, 2.625])('each pixel of the pattern is one of the screen, at %d to a CSS pixel', async (ratio) => {
    let taken = new PNG();
    const answer = await shown(await launch(ratio), async (page) => {
      await page.click('#do');
      // Drawn once the browser has said how large it is.
      await page.waitForFunction(() => Number(document.querySelector('canvas')?.width) > 300);
      taken = PNG.sync.read(await page.screenshot());
      await page.click('#photographed');
    });
    const { x, y, ...said } = JSON.parse(answer) as { readonly x: number; readonly y: number };
    expect(said).toMatchObject({ ratio, zoom: 1 });
    const drawn = drawPattern(nonce);
    const wrong = [...drawn.entries()].filter(([at, value]) => {
      const [column, row] = [x - MARGIN + (at % DRAWN_SIDE), y - MARGIN + Math.floor(at / DRAWN_SIDE)];
      return taken.data[4 * (row * taken.width + column) + 1] !== 255 * value;
    });
    expect(wrong).toHaveLength(0);
  });

  const PHONE = { viewport: { width: 448, height: 800 }, isMobile: true, hasTouch: true } as const;
  const LARGE: BrowserContextOptions = { viewport: null };
  test.each<{
    readonly name: string;
    readonly ratio: number;
    readonly options: BrowserContextOptions;
    readonly before?: (page: Page) => Promise<unknown>;
    readonly because: string;
  }>([
    { name: 'a screen that is too small', ratio: 1, options: PHONE, because: 'the pattern wants 612 and room for buttons' },
    {
      name: 'a ratio that is not the canvas’s',
      ratio: 1,
      options: { ...PHONE, deviceScaleFactor: 3 },
      because: 'counts device pixels in two ways',
    },
    {
      name: 'a page that is zoomed',
      ratio: 2,
      options: LARGE,
      before: async (page) => (await page.context().newCDPSession(page)).send('Emulation.setPageScaleFactor', { pageScaleFactor: 1.5 }),
      because: 'the page is zoomed',
    },
    {
      name: 'a browser that does not count device pixels',
      ratio: 2,
      options: LARGE,
      before: (page) =>
        page.evaluate(() => {
          // As browsers before the option was there did.
          ResizeObserver.prototype.observe = () => {
            throw new TypeError('not a box');
          };
        }),
      because: 'does not say how many device pixels',
    },
  ])('$name: nothing is shown, and the reason is said', async ({ ratio, options, before, because }) => {
    const act = async (page: Page) => {
      await before?.(page);
      // Where the page is zoomed, a button may lie elsewhere.
      await page.evaluate(() => document.getElementById('do')?.click());
    };
    const answer = await shown(await launch(ratio), act, options);
    expect(JSON.parse(answer).refused).toContain(because);
    expect((await judged(answer, [])).why).toContain(because);
  });
});

describe('photographs as files', () => {
  const drawn = drawPattern(nonce);
  test.each(['panel.png', 'panel.jpg'])('%s of a panel with these pixels is found, bound by its code, and shows them', async (name) => {
    const artefact = await screenPhotoArtefact(await pictureOf(name, drawn, {}, { roll: 74, tilt: 8 }), 0);
    const document = await documentOf(artefact);
    expect(document).toMatchObject({ nonce: NONCE, problem: null });
    expect(document.patches).toHaveLength(16);
    expect(artefact).toMatchObject({ kind: 'screen-photo', origin: name });
    expect(await judged(SHOWN, [artefact])).toMatchObject({ passed: true, findings: [] });
  });

  test('of a panel with half of them: one weak finding, which decides nothing', async () => {
    const artefact = await screenPhotoArtefact(await pictureOf('half.jpg', drawn, { part: 0.5 }, { bayer: true }), 0);
    const { passed, findings, verdict } = await judged(SHOWN, [artefact]);
    expect([passed, findings.map(({ strength }) => strength), verdict.hardware]).toEqual([false, ['weak'], 'unproven']);
    // Nor is it judged for a page that showed nothing.
    expect(await judged('{"refused":"whoever held the phone skipped it"}', [artefact])).toMatchObject({
      passed: false,
      findings: [],
      why: expect.stringContaining('skipped'),
    });
  });

  test('a picture without a code, and one of a single pixel: not examined, and why', async () => {
    for (const side of [1, 300]) {
      const path = join(folder, `grey-${side}.png`);
      await writeFile(path, PNG.sync.write(new PNG({ width: side, height: side, fill: true })));
      expect((await judged(SHOWN, [await screenPhotoArtefact(path, 0)])).why).toContain('no code of a pattern');
    }
  });

  test('the pattern of another check is none of this one’s', async () => {
    const other = await pictureOf('other.png', drawPattern(new Uint8Array(16).fill(9)), { part: 0.5 }, { scale: 1.6 });
    expect((await judged(SHOWN, [await screenPhotoArtefact(other, 0)])).why).toContain('another check');
  });

  /** A head of a PNG of this size, and nothing that would fill it. */
  const pngHead = (width: number, height: number) => {
    const bytes = PNG.sync.write(new PNG({ width: 1, height: 1 }));
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };
  const jpegOf = (width: number, height: number) => jpeg.encode({ width, height, data: Buffer.alloc(width * height * 4, 128) }, 50).data;
  const jpegHead = (width: number, height: number) => {
    const bytes = jpegOf(16, 16);
    const frame = bytes.indexOf(Buffer.of(0xff, 0xc0));
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
    return bytes;
  };
  test.each<[string, Uint8Array, RegExp]>([
    ['text.txt', new TextEncoder().encode('a picture'), /neither JPEG nor PNG/],
    ['empty', new Uint8Array(0), /neither JPEG nor PNG/],
    ['huge.png', pngHead(60_000, 60_000), /60000x60000; 64 million/],
    ['short.png', pngHead(9, 9).subarray(0, 20), /ends in its head/],
    ['broken.png', pngHead(9, 9), /./],
    ['huge.jpg', jpegHead(65_000, 65_000), /65000x65000; 64 million/],
    ['promises.jpg', jpegHead(4000, 3000), /4000x3000 in \d+ bytes is cut off/],
    ['truncated.jpg', jpegOf(64, 64).subarray(0, 300), /./],
    ['head.jpg', Uint8Array.of(0xff, 0xd8), /no frame/],
  ])('%s is refused, in words', async (name, bytes, words) => {
    await writeFile(join(folder, name), bytes);
    await expect(screenPhotoArtefact(join(folder, name), 0)).rejects.toThrow(words);
  });

  test('what is no picture is wrong usage, and a picture for a recording without a page changes nothing', async () => {
    await writeFile(join(folder, 'getprop.txt'), '[ro.product.model]: [made]\n[ro.build.version.sdk]: [33]\n');
    expect(await assay(folder, 'inspect', 'getprop.txt', '--screen-photo', 'getprop.txt')).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringContaining('--screen-photo getprop.txt: it is neither JPEG nor PNG'),
    });
    const { status, out } = await assay(folder, 'inspect', 'getprop.txt', '--screen-photo', 'half.jpg', '--json');
    expect(status).toBe(10);
    expect(out).not.toContain('"check": "silicon.browser-pattern"');
  });
});
