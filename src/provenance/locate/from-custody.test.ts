import { expect, test } from 'vitest';
import type { CustodyPath, CustodyStay } from '../../evidence/index.ts';
import { checkFlow, flowOfPaths, locate, seededRandom } from './index.ts';

const stay = (custodian: string, from: CustodyStay['from'], more: Partial<CustodyStay> = {}): CustodyStay => ({
  custodian,
  place: undefined,
  from,
  until: undefined,
  role: undefined,
  standing: 'unknown',
  because: '',
  events: ['ni:///sha-256;00?ver=CBV2.0'],
  ...more,
});
const path = (stays: readonly CustodyStay[], more: Partial<CustodyPath> = {}): CustodyPath => ({
  subject: { identities: [{ kind: 'imei', uri: 'urn:gsma:imei:00000000-000000-0' }] },
  answer: 'unproven',
  because: '',
  boundTo: undefined,
  stays,
  gaps: [],
  faults: [],
  inspections: [],
  ...more,
});
const nameOf = (_: CustodyPath, index: number) => `phone ${index}`;
const inspection = (at: CustodyStay['from'], place: number, disposition: string) => ({
  at,
  stay: place,
  disposition,
  certificationInfo: [],
  event: 'ni:///sha-256;01?ver=CBV2.0',
});

const one = path(
  [
    stay('maker', '2026-01-01T00:00:00Z', { role: 'manufacturer', standing: 'authorised' }),
    stay('depot', '2026-01-05T00:00:00Z'),
    stay('depot', '2026-01-06T00:00:00Z'),
    stay('shop', '2026-02-01T00:00:00Z', { role: 'retailer', standing: 'unauthorised' }),
  ],
  {
    gaps: [{ after: 2, from: undefined, until: undefined, because: '' }],
    inspections: [inspection('2026-01-05T12:00:00Z', 1, 'conformant'), inspection('2026-02-02T00:00:00Z', 3, 'non_conformant')],
  },
);

test('stays become handlings, gaps stay gaps, an inspection stands where it was made', () => {
  const flow = flowOfPaths([one], {
    nameOf,
    count: ({ disposition }) => ({ outcome: disposition === 'conformant' ? 'clean' : 'altered', because: 'chosen', subject: 'phone' }),
  });
  expect(() => checkFlow(flow)).not.toThrow();
  expect(flow.custodians).toEqual([
    { id: 'maker', role: 'maker', authorised: true },
    { id: 'depot' },
    { id: 'shop', role: 'retailer', authorised: false },
  ]);
  expect(flow.phones[0]?.path.map((step) => ('gap' in step ? 'gap' : step.custodian))).toEqual(['maker', 'depot', 'gap', 'shop']);
  expect(flow.phones[0]?.inspections?.map(({ after, outcome }) => [after, outcome])).toEqual([
    [2, 'clean'],
    [4, 'altered'],
  ]);
  const located = locate(flow, { random: seededRandom(1) });
  expect(located.posteriors.get('shop')).toBeGreaterThan(20 * (located.posteriors.get('maker') ?? 1));
});

test('an inspection that nobody vouches for does not count, and no identity of the phone is in the flow', () => {
  const flow = flowOfPaths([one], { nameOf, count: () => undefined });
  expect(flow.phones[0]?.inspections).toEqual([]);
  expect(JSON.stringify(flow)).not.toContain('imei');
});
