import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasLuhn } from '../src/evidence/index.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-box-'));
const run = (...words: string[]) => assay(folder, ...words);
const hasTools = spawnSync('zint', ['--version']).status === 0 && existsSync('/usr/bin/chromium');
const IMEI = [...'0123456789'].map((digit) => `00440100123456${digit}`).find(hasLuhn) ?? '';
const OTHER = [...'0123456789'].map((digit) => `00440100654321${digit}`).find(hasLuhn) ?? '';
const SERIAL = 'XY00A1B2C3';

/** A photo of a box: three codes by a foreign tool, at an angle, on cardboard. */
async function photograph(imei: string): Promise<Buffer> {
  const svg = (kind: string, text: string) =>
    execFileSync('zint', ['-b', kind, '-d', text, '--direct', '--filetype=SVG', '--scale=1.6'], { encoding: 'utf8' }).replace(
      /^<\?xml[^>]*\?>|<!DOCTYPE[^>]*>/g,
      '',
    );
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 1000 } });
    const codes = [svg('20', imei), svg('13', '690123456789'), svg('20', SERIAL)].map(
      (code) => `<div style="background:#fff;padding:20px;margin:24px;width:max-content">${code}</div>`,
    );
    await page.setContent(
      `<body style="background:#b8a07a"><div style="transform:rotate(3deg);margin:60px">${codes.join('')}</div></body>`,
    );
    return await page.screenshot({ type: 'jpeg', quality: 70 });
  } finally {
    await browser.close();
  }
}

describe.skipIf(!hasTools)('the box by its picture (needs zint and chromium)', () => {
  beforeAll(async () => {
    writeFileSync(join(folder, 'box.jpg'), await photograph(IMEI));
    writeFileSync(join(folder, 'other.jpg'), await photograph(OTHER));
    writeFileSync(
      join(folder, 'getprop.txt'),
      `[ro.product.model]: [Example]\n[ro.serialno]: [${SERIAL}]\n[gsm.imei1]: [${IMEI}]\n[persist.radio.imei]: [${IMEI}]\n[ro.ril.oem.imei]: [${IMEI}]\n`,
    );
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('its codes are claims, shown by their ends', async () => {
    const { out, err } = await run('inspect', 'getprop.txt', '--box', 'box.jpg', '--json');
    expect(err).toContain(`the box says imei …${IMEI.slice(-4)}, serial …${SERIAL.slice(-4)}, product 0690123456789`);
    expect(err).not.toContain(IMEI);
    expect(JSON.parse(out).subject.claims).toMatchObject({ imei: IMEI, serial: SERIAL });
  });
  test('another phone’s box does not go with this phone', async () => {
    const { out } = await run('inspect', 'getprop.txt', '--box', 'other.jpg', '--json');
    expect(JSON.parse(out).findings.map(({ check }: { check: string }) => check)).toContain('identity.box');
  });
  test('what is typed counts above what is scanned', async () => {
    const { out } = await run('inspect', 'getprop.txt', '--box', 'other.jpg', '--claim', `imei=${IMEI}`, '--json');
    expect(JSON.parse(out).subject.claims).toMatchObject({ imei: IMEI });
  });
  test('a picture without a code, and no picture, are wrong usage', async () => {
    writeFileSync(
      join(folder, 'none.png'),
      Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
    );
    expect(await run('inspect', 'getprop.txt', '--box', 'none.png')).toMatchObject({
      status: 2,
      err: expect.stringContaining('no barcode was found'),
    });
    expect(await run('inspect', 'getprop.txt', '--box', 'getprop.txt')).toMatchObject({ status: 2 });
    expect(readFileSync(join(folder, 'getprop.txt'), 'utf8')).toContain(SERIAL);
  });
});
