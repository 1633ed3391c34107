import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { locationSchema } from '../src/provenance/locate/index.ts';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-locate-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const flow = {
  format: 'assay.flow/1',
  custodians: [
    { id: 'w', role: 'maker' },
    { id: 'a', name: 'Shop A', role: 'retailer' },
    { id: 'b', name: 'Shop B', role: 'retailer' },
  ],
  phones: Array.from({ length: 24 }, (_, n) => ({
    id: `p${n}`,
    path: [{ custodian: 'w' }, { custodian: n % 2 === 0 ? 'a' : 'b' }],
    inspections: [{ outcome: n % 2 === 0 ? 'altered' : 'clean', because: 'chosen', subject: 'phone' }],
  })),
};
writeFileSync(join(folder, 'flow.json'), JSON.stringify(flow));

describe('assay custody locate', () => {
  test('prints one document, names who is at the threshold and nobody else, and writes the page', async () => {
    const { out, status } = await assay(folder, 'custody', 'locate', 'flow.json', '--json', '--html', 'page.html');
    expect(status).toBe(0);
    const report = locationSchema.parse(JSON.parse(out));
    expect(report.suspects[0]).toMatchObject({ name: 'Shop A', named: true });
    expect(out).not.toContain('Shop B');
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('Shop A');
    expect((await assay(folder, 'custody', 'locate', 'flow.json', '--json')).out).toBe(out);
  });
  test.each([
    [['--threshold', '0.5'], 2, '--threshold'],
    [['--batch', '-3'], 2, '--batch'],
    [['--sweeps', '3'], 2, '--sweeps'],
    [['--treshold', '0.95'], 2, '--treshold'],
  ])('refuses %j', async (flags, status, word) => {
    const ran = await assay(folder, 'custody', 'locate', 'flow.json', ...flags);
    expect(ran.status).toBe(status);
    expect(ran.err).toContain(word);
  });
  test('a flow that contradicts itself could not be done, and the field is named', async () => {
    writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...flow, phones: [{ id: 'p', path: [{ custodian: 'nobody' }] }] }));
    const ran = await assay(folder, 'custody', 'locate', 'bad.json');
    expect(ran.status).toBe(1);
    expect(ran.err).toContain('phones[0].path[0].custodian');
  });
});
