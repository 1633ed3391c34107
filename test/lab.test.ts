import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasRomTools, LAB_ROM, type LabRow, labBases, matrixPage, ROM_ALTERATIONS, runLab, summaryOf } from '../src/forge/node/index.ts';

/** The whole lab, live: some two hundred phones, a third of a second each. */
let rows: Promise<readonly LabRow[]> | undefined;
const lab = () => {
  rows ??= runLab(labBases, { version: 'test' });
  return rows;
};

describe('the adversary lab', { timeout: 900_000 }, () => {
  test('no altered phone ends genuine, and at least 95 % are convicted on the axis attacked with the right nature', async () => {
    const summary = summaryOf(await lab());
    expect(summary.endedGenuine).toBe(0);
    expect(summary.convicted / summary.altered).toBeGreaterThanOrEqual(0.95);
  });

  test('no unaltered phone and no benign variant is accused', async () => {
    const summary = summaryOf(await lab());
    expect([summary.unalteredRight, summary.benignRight]).toEqual([summary.unaltered, summary.benign]);
  });

  test('what nothing convicts clears nothing either: unproven on every axis, with the reason in the matrix', async () => {
    const all = await lab();
    const found = all.filter(({ alteration }) => alteration === 'attestation-sibling-whole');
    expect(found.length).toBeGreaterThan(0);
    for (const { verdict } of found)
      expect([verdict.hardware, verdict.software, verdict.custody, verdict.decision]).toEqual(['unproven', 'unproven', 'unproven', 'hold']);
    expect(matrixPage(all)).toContain('- attestation-sibling-whole: every number agrees');
  });

  test('storage that wraps is seen by who writes to it, and convicts nobody', async () => {
    const found = (await lab()).filter(({ alteration }) => alteration === 'storage-wraps');
    expect(found.length).toBeGreaterThan(0);
    for (const { verdict, checks } of found)
      expect([verdict.hardware, verdict.decision, ...checks]).toEqual(['unproven', 'hold', '(silicon.storage-proof)']);
  });

  test('what a browser says is noticed by one weak sign each, and convicts nobody; right answers of another machine by none', async () => {
    const signs = (await lab()).filter(({ kind }) => kind === 'sign');
    for (const { verdict } of signs)
      expect([verdict.hardware, verdict.software, verdict.custody]).toEqual(['unproven', 'unproven', 'unproven']);
    expect(
      Object.fromEntries(signs.map(({ alteration, checks }) => [alteration, checks.filter((check) => check.includes('browser'))])),
    ).toEqual({
      'browser-other-gpu': ['(silicon.browser-gpu)', '(silicon.browser-claim)'],
      'browser-other-screen': ['(silicon.browser-screen)'],
      'browser-less-memory': ['(silicon.browser-memory)'],
      'browser-silent-gyroscope': ['(silicon.browser-motion)'],
      'browser-answers-of-before': ['(silicon.browser-executed)'],
      'browser-other-machine': [],
    });
  });

  test('an archive that deceives is told by the check of archives too, and a foreign platform by its key, not by the maker’s build alone', async () => {
    const expected: Readonly<Record<string, string>> = {
      'apk-janus': 'packages.signature-tricks',
      'apk-master-key-duplicate': 'packages.signature-tricks',
      'apk-master-key-extra': 'packages.signature-tricks',
      'apk-master-key-name': 'packages.signature-tricks',
      'apk-fake-id': 'packages.signature-tricks',
      'apk-stripped-v3': 'packages.signature-tricks',
      'apk-injected-dex': 'packages.signature-tricks',
      'platform-resigned': 'packages.platform-key',
      'platform-test-key': 'packages.platform-key',
      'gms-resigned': 'packages.google-impostor',
    };
    const all = await lab();
    for (const [id, check] of Object.entries(expected)) {
      const found = all.filter(({ alteration }) => alteration === id);
      expect(found.length, id).toBeGreaterThan(0);
      // Of Pixels' platform key nothing is known: an unknown one in its place is told by the maker's build alone.
      for (const { phone, checks } of found.filter((row) => id !== 'platform-resigned' || row.phone !== 'pixel-14'))
        expect(checks.join(' '), `${id} on ${phone}`).toContain(check);
    }
  });

  test('one attestation key under two brands counts; of many phones of one brand it says nothing', async () => {
    const checks = (id: string) =>
      lab().then((all) => all.filter(({ alteration }) => alteration === id).map((row) => row.checks.includes('attestation.issuer-brands')));
    expect(new Set(await checks('attestation-key-of-two-brands'))).toEqual(new Set([true]));
    expect(new Set(await checks('attested-batch-mates'))).toEqual(new Set([false]));
  });

  test('there are at least 30 alterations on every level and axis, and at least 12 benign variants', async () => {
    const all = await lab();
    const of = (kind: LabRow['kind']) => new Set(all.filter((row) => row.kind === kind).map(({ alteration }) => alteration)).size;
    expect(of('altered')).toBeGreaterThanOrEqual(30);
    expect(of('benign')).toBeGreaterThanOrEqual(12);
    for (const level of ['framework', 'kernel', 'bootloader']) expect(all.some((row) => row.level === level)).toBe(true);
    for (const axis of ['hardware', 'software', 'custody']) expect(all.some((row) => row.axis === axis)).toBe(true);
  });

  test.skipIf(!hasRomTools())(
    'every alteration of firmware is a row, judged without a phone; the maker’s own images are genuine',
    async () => {
      const found = (await lab()).filter(({ phone }) => phone === LAB_ROM);
      expect(new Set(found.map(({ alteration }) => alteration))).toEqual(new Set([null, ...ROM_ALTERATIONS.map(({ id }) => id)]));
      expect(found.filter(({ kind, verdict }) => kind === 'unaltered' && verdict.software === 'genuine')).toHaveLength(1);
    },
  );

  test.skipIf(!hasRomTools())('docs/adversary-matrix.md is what the lab says (npm run lab writes it)', async () => {
    expect(readFileSync(join(import.meta.dirname, '..', 'docs', 'adversary-matrix.md'), 'utf8')).toBe(matrixPage(await lab()));
  });
});
