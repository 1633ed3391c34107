import { describe, expect, test } from 'vitest';
import { hash } from '../../../test/support/ports.ts';
import { readStixBundle } from '../../knowledge/stix/index.ts';
import type { Report } from '../index.ts';
import { renderStix } from './index.ts';

const finding = (
  check: string,
  strength: Report['findings'][number]['strength'],
  observed = 'com.example, IMEI 490154203237518',
): Report['findings'][number] => ({
  check,
  title: `It's "${check}"`,
  axis: 'software',
  strength,
  standing: 'shown',
  claimed: 'an app of the maker',
  observed,
  because: 'Another signer.',
  evidence: [{ artefact: 'packages', at: 0, length: 4 }],
  benign: ['A shop put it there.'],
  falsePositiveRate: { fails: 0, n: 0, upper: 1 },
  confirm: 'Pull the APK.',
});
const report = (findings: Report['findings']): Report => ({
  format: 'assay.report/1',
  subject: {
    kind: 'phone',
    origin: 'usb',
    source: 'x',
    takenAt: '2026-01-01T10:00:00Z',
    judgedAsOf: '2026-01-02T00:00:00Z',
    claims: {},
    says: { model: null, brand: null, device: null, android: null, build: null, fingerprint: null, patchLevel: null },
  },
  verdict: {
    hardware: 'unproven',
    software: 'altered',
    custody: 'unproven',
    nature: null,
    reach: { hardware: null, software: null, custody: null },
    decision: 'reject',
    policy: 'owner',
    reason: 'Changed.',
    nextStep: 'Return it.',
    decidedBy: [],
  },
  posture: [],
  findings: [...findings],
  comparisons: [],
  passed: [],
  notExamined: [],
  evidence: [{ artefact: 'packages', sha256: 'ab'.repeat(32), bytes: 4, command: null, outcome: null }],
  changes: [],
  expires: '2026-02-01T00:00:00Z',
  versions: { assay: '1.0.0', knowledge: 'k', references: [] },
});
interface Bundle {
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}
const made = '2026-01-03T00:00:00Z';
const render = (findings: Report['findings'], at = made) => renderStix(hash, report(findings), at);
const objectsOf = (text: string, type: string) => (JSON.parse(text) as Bundle).objects.filter((one) => one['type'] === type); // Ours.
const ID = /^[a-z-]+--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('a report as STIX 2.1', () => {
  test('is a bundle that our own reader reads: an indicator a check, and a sighting a finding', () => {
    const text = render([
      finding('packages.a', 'strong'),
      finding('packages.a', 'weak'),
      finding("it's\\b", 'conclusive'),
      finding('context', 'note'),
    ]);
    const { indicators, left } = readStixBundle(new TextEncoder().encode(text));
    expect(left).toEqual([]);
    expect(indicators.map(({ name }) => name)).toEqual(['It\'s "packages.a"', 'It\'s "it\'s\\b"']);
    expect(objectsOf(text, 'sighting').map((one) => one['confidence'])).toEqual([80, 25, 95]);
  });

  test('every object has what the specification requires of it, and every reference is in the bundle', () => {
    const { objects } = JSON.parse(render([finding('a', 'strong'), finding('b', 'weak')])) as Bundle; // Ours.
    const ids = new Set(objects.map((one) => one['id']));
    expect(ids.size).toBe(objects.length);
    for (const one of objects) {
      expect(one['id']).toMatch(ID);
      expect(one['spec_version']).toBe('2.1');
      if (one['type'] !== 'file') for (const name of ['created', 'modified']) expect(one[name]).toMatch(TIME);
      const required: Readonly<Record<string, readonly string[]>> = {
        identity: ['name'],
        indicator: ['pattern', 'pattern_type', 'valid_from'],
        'observed-data': ['first_observed', 'last_observed', 'number_observed', 'object_refs'],
        sighting: ['sighting_of_ref'],
        file: ['hashes'],
      };
      for (const name of required[String(one['type'])] ?? ['an unknown type'])
        expect([one['type'], name, one[name] !== undefined]).toEqual([one['type'], name, true]);
      const refs = [one['created_by_ref'], one['sighting_of_ref'], one['object_refs'], one['observed_data_refs']]
        .flat()
        .filter((ref) => ref !== undefined);
      for (const ref of refs) expect(ids).toContain(ref);
    }
    expect(objects.filter((one) => one['type'] === 'sighting')).toMatchObject([
      { first_seen: '2026-01-01T10:00:00.000Z', count: 1 },
      { first_seen: '2026-01-01T10:00:00.000Z' },
    ]);
  });

  test('an IMEI goes nowhere, and the same report is the same bundle', () => {
    const text = render([finding('a', 'strong')]);
    expect(text).not.toContain('490154203237518');
    expect(render([finding('a', 'strong')])).toBe(text);
    // The indicator is the check's, whatever the report.
    const ids = (of: string) => objectsOf(of, 'indicator').map((one) => one['id']);
    expect(ids(render([finding('a', 'weak', 'other')]))).toEqual(ids(text));
  });

  test('without findings it has no sighting, and a time that is none is refused', () => {
    expect(objectsOf(render([finding('a', 'note')]), 'sighting')).toEqual([]);
    expect(() => render([], 'yesterday')).toThrow('is no time');
  });
});
