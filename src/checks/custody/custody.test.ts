import { describe, expect, test } from 'vitest';
import type { Instant } from '../../bytes/index.ts';
import type { CloneFinding, CustodyPath, History } from '../../evidence/index.ts';
import type { CheckContext } from '../define.ts';
import { custodyChecks } from './index.ts';

const [pathCheck, cloneCheck] = custodyChecks;
const at = '2026-03-01T00:00:00Z' as Instant; // A literal of the type's form.
const CHIP = 'urn:x-assay:attested:serial:c0ffee';
const stay = {
  custodian: 'urn:x:shop',
  place: undefined,
  from: at,
  until: undefined,
  role: 'retailer',
  standing: 'authorised',
  because: 'b',
  events: ['e'],
} as const;
const path = (more: Partial<CustodyPath> = {}): CustodyPath => ({
  subject: { identities: [] },
  answer: 'authorised',
  because: 'All 1 who had it were authorised then.',
  boundTo: { kind: 'attested', uri: CHIP },
  stays: [stay],
  gaps: [],
  faults: [],
  inspections: [],
  ...more,
});
const fault = { code: 'after-sale', at, where: 'urn:x:shop', why: 'it was sold before', events: ['e'] } as const;
/** Only what these checks look at: neither knowledge nor references. */
const context = (history: Omit<History, 'sightings'>, attests = false): CheckContext =>
  ({
    trust: 'live',
    facts: {
      list: attests
        ? [
            {
              kind: 'fastboot',
              value: { userspace: false, variables: [['serialno', '00C0FFEE']] },
              place: { artefact: 'f', at: 0, length: 0 },
              standing: 'shown',
            },
          ]
        : [],
    },
    claims: {},
    history: { sightings: [], ...history },
    attestations: attests
      ? [
          {
            proven: true,
            challenge: 'ours',
            result: { trusted: true },
            fact: { value: { canBind: true } },
            statement: { hardwareEnforced: { attestationIdSerial: 'C0FFEE' } },
          },
        ]
      : [],
  }) as unknown as CheckContext;

describe('custody.path', () => {
  const run = (history: Omit<History, 'sightings'>, attests?: boolean) => pathCheck?.run(context(history, attests));

  test('genuine: an authorised path clears the axis, for the phone that signs with its ID and no other', () => {
    expect(run({ custody: path() }, true)).toMatchObject({ outcome: 'pass', standing: 'signed', clears: { axis: 'custody' } });
    expect(run({ custody: path() })).toMatchObject({ outcome: 'not-checked' });
    expect(run({ custody: path({ boundTo: { kind: 'attested', uri: 'urn:x-assay:attested:serial:other' } }) }, true)).toMatchObject({
      outcome: 'not-checked',
    });
  });
  test('tampered: a broken path convicts the phone that signs with its ID, and whispers of one that is only called so', () => {
    const broken = path({ answer: 'broken', faults: [fault] });
    const bound = run({ custody: broken }, true);
    expect(bound).toMatchObject({ outcome: 'fail', findings: [{ observed: expect.stringContaining('it was sold before') }] });
    expect(bound).not.toMatchObject({ findings: [{ strength: 'weak' }] });
    expect(run({ custody: broken })).toMatchObject({ outcome: 'fail', findings: [{ strength: 'weak' }] });
  });
  test('missing: without events nothing is said, and an unproven path says why', () => {
    expect(run({})).toMatchObject({ outcome: 'not-checked' });
    expect(run({ custody: path({ stays: [] }) })).toMatchObject({ outcome: 'not-checked' });
    expect(run({ custody: path({ answer: 'unproven', because: 'Part of the path is missing.' }) }, true)).toMatchObject({
      because: 'Part of the path is missing.',
    });
  });
});

describe('custody.clones', () => {
  const run = (clones: readonly CloneFinding[] | undefined) => cloneCheck?.run(context(clones === undefined ? {} : { clones }));
  const clone = (more: Partial<CloneFinding>): CloneFinding => ({
    code: 'same-name-other-id',
    identity: 'urn:x:y',
    at,
    observed: 'o',
    benign: 'b',
    trust: 'live',
    evidence: ['a'],
    ...more,
  });

  test('genuine: nothing found is a pass that clears nothing', () => {
    expect(run([])).toEqual({ outcome: 'pass', standing: 'told' });
  });
  test('tampered: one attested ID in two places convicts where known operators say so, everything else whispers', () => {
    expect(run([clone({ code: 'same-id-two-places', benign: undefined })])).not.toMatchObject({ findings: [{ strength: 'weak' }] });
    for (const more of [{}, { code: 'same-id-two-places', trust: 'bearer' }, { code: 'after-sale' }] as const)
      expect(run([clone(more)])).toMatchObject({ outcome: 'fail', findings: [{ strength: 'weak' }] });
  });
  test('missing: not asked', () => expect(run(undefined)).toMatchObject({ outcome: 'not-checked' }));
});
