import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-store-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A recording of a made-up phone. IMEI and serial have no owner. */
function recording(name: string, model: string): string {
  const lines = [
    ['ro.product.model', model],
    ['ro.product.brand', 'Example'],
    ['ro.build.version.release', '14'],
    ['ro.serialno', `EXAMPLE7SERIAL${model}`],
    ['persist.radio.imei', '864895021234560'],
  ];
  writeFileSync(join(folder, name), lines.map(([key, value]) => `[${key}]: [${value}]\n`).join(''));
  return name;
}
const inspect = async (...words: string[]) => {
  const ran = await assay(folder, 'inspect', '--json', '--as-of', '2026-03-01T10:00:00Z', ...words);
  return JSON.parse(ran.out) as { readonly findings: readonly { readonly check: string; readonly observed: string }[] };
};

describe('inspect --store', () => {
  test('one IMEI beside two serial numbers is found, because the store remembers; and the index rebuilt says the same', async () => {
    const [first, second] = [recording('a.txt', 'One'), recording('b.txt', 'Two')];
    const alone = await inspect(second);
    expect(existsSync(join(folder, 'store'))).toBe(false);
    await inspect(first, '--store', 'store');
    const report = await inspect(second, '--store', 'store');
    const about = ({ findings }: typeof report) => findings.map(({ check }) => check);
    expect(about(report).filter((check) => !about(alone).includes(check))).not.toEqual([]);
    expect((await assay(folder, 'store', 'info', 'store')).out).toMatch(/: 2 inspections, 4 sightings, 8 blobs\n$/);
    expect((await assay(folder, 'store', 'rebuild', 'store')).out).toBe('rebuilt: 2 inspections, 4 sightings, 8 blobs\n');
    expect((await assay(folder, 'store', 'copy', 'store', '--to', 'copy.sqlite')).out).toBe(
      'copied: 2 inspections, 4 sightings, 8 blobs\n',
    );
    expect(await assay(folder, 'store', 'copy', 'store', '--to', 'copy.sqlite')).toMatchObject({ status: 1 });
  });

  test('is made empty, and one whose bucket is none or wants keys leaves nothing behind', async () => {
    expect(await assay(folder, 'store', 'init', 'fresh')).toMatchObject({ status: 0, out: 'made: 0 inspections, 0 sightings, 0 blobs\n' });
    expect(await assay(folder, 'store', 'init', 'fresh')).toMatchObject({ status: 2 });
    const bad = await assay(folder, 'store', 'init', 'bad', '--blobs', 'https://bucket');
    expect(bad).toMatchObject({ status: 1, err: expect.stringContaining('is no bucket') });
    expect(await assay(folder, 'store', 'init', 'bad', '--blobs', 's3://bucket')).toMatchObject({
      status: 1,
      err: expect.stringContaining('AWS_ACCESS_KEY_ID'),
    });
    expect(existsSync(join(folder, 'bad'))).toBe(false);
  });

  test('a store that is not there is wrong usage, and none is made', async () => {
    expect(await assay(folder, 'store', 'info', 'nowhere')).toMatchObject({ status: 2 });
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});
