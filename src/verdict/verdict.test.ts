import { describe, expect, test } from 'vitest';
import type { CheckResults, Finding, Passed } from '../checks/index.ts';
import { type Circumstances, decide, labPolicy, ownerPolicy, policies, policySchema, tradePolicy } from './index.ts';

const live: Circumstances = { trust: 'live', asOf: '2026-01-31T12:00:00Z', attests: undefined, isAsked: false, claimedModel: 'MI 4' };
const recording: Circumstances = { ...live, trust: 'bearer' };

const finding = (over: Partial<Finding>): Finding => ({
  check: 'test.check',
  title: 'test',
  axis: 'software',
  strength: 'strong',
  standing: 'shown',
  claimed: 'a',
  observed: 'b',
  because: 'c',
  evidence: [{ artefact: 'x', at: 0, length: 1 }],
  benign: [],
  falsePositiveRate: { fails: 0, n: 200, upper: 0.015 },
  confirm: 'd',
  group: 'g1',
  causes: ['property-edit'],
  nature: undefined,
  flag: undefined,
  names: undefined,
  toolmarks: [],
  ...over,
});
const passed = (over: Partial<Passed>): Passed => ({
  check: 'p',
  axis: 'software',
  standing: 'shown',
  catches: 'framework',
  clears: undefined,
  ...over,
});
const results = (findings: readonly Finding[], passes: readonly Passed[] = []): CheckResults => ({
  findings,
  passed: passes,
  notExamined: [],
});

describe('an axis against the phone', () => {
  test('one conclusive finding decides it', () => {
    const { axes } = decide(results([finding({ strength: 'conclusive', nature: 'modified' })]), labPolicy, live);
    expect([axes.software.answer, axes.nature, axes.hardware.answer, axes.custody.answer]).toEqual([
      'altered',
      'modified',
      'unproven',
      'unproven',
    ]);
  });

  test('one strong finding does not', () => {
    expect(decide(results([finding({})]), labPolicy, live).axes.software.answer).toBe('unproven');
  });

  test('two strong findings of one surface do not', () => {
    const two = [finding({}), finding({ causes: ['root'] })];
    expect(decide(results(two), labPolicy, live).axes.software.answer).toBe('unproven');
  });

  test('two strong findings that one event explains do not', () => {
    const two = [finding({ causes: ['property-edit', 'ota'] }), finding({ group: 'g2', causes: ['ota'] })];
    expect(decide(results(two), labPolicy, live).axes.software.answer).toBe('unproven');
  });

  test('two independent strong findings do', () => {
    const two = [finding({}), finding({ group: 'g2', causes: ['root'] })];
    const { axes } = decide(results(two), labPolicy, live);
    expect(axes.software.answer).toBe('altered');
    expect(axes.software.decidedBy).toHaveLength(2);
  });

  test('a hundred weak findings do not', () => {
    const many = Array.from({ length: 100 }, (_, i) => finding({ strength: 'weak', group: `g${i}`, causes: [] }));
    expect(decide(results(many), labPolicy, live).axes.software.answer).toBe('unproven');
  });

  test('a foreign ROM is not called modified, whatever else differs', () => {
    const both = [
      finding({ strength: 'conclusive', nature: 'modified' }),
      finding({ strength: 'conclusive', nature: 'foreign', names: 'LineageOS 18.1' }),
    ];
    const verdict = decide(results(both), ownerPolicy, live);
    expect([verdict.axes.nature, verdict.decision]).toEqual(['foreign', 'hold']);
    expect(verdict.reason).toContain('LineageOS 18.1');
  });
});

describe('for the phone', () => {
  const cleared = (axis: 'hardware' | 'software') => passed({ axis, standing: 'signed', clears: { axis, because: 'bound attestation' } });

  test('only a clearance makes an axis genuine, and both make an acceptance', () => {
    expect(
      decide(results([], [passed({}), passed({ axis: 'hardware', catches: 'bootloader' })]), labPolicy, live).axes.hardware.answer,
    ).toBe('unproven');
    const verdict = decide(results([], [cleared('hardware'), cleared('software')]), labPolicy, live);
    expect([verdict.axes.hardware.answer, verdict.axes.software.answer, verdict.decision]).toEqual(['genuine', 'genuine', 'accept']);
  });

  test('a strong finding stands in the way of a clearance', () => {
    expect(decide(results([finding({})], [cleared('software')]), labPolicy, live).axes.software.answer).toBe('unproven');
  });

  test('a conclusive finding beats a clearance', () => {
    expect(decide(results([finding({ strength: 'conclusive' })], [cleared('software')]), labPolicy, live).axes.software.answer).toBe(
      'altered',
    );
  });
});

describe('reach', () => {
  test('is the strongest adversary that a check that passed would have caught', () => {
    const { axes } = decide(
      results([], [passed({ catches: 'app' }), passed({ catches: 'framework' }), passed({ axis: 'hardware', catches: 'kernel' })]),
      labPolicy,
      live,
    );
    expect([axes.software.reach, axes.hardware.reach, axes.custody.reach]).toEqual(['framework', 'kernel', null]);
  });
});

describe('policies', () => {
  test('with nothing examined, none accepts and none rejects', () => {
    for (const policy of Object.values(policies)) expect(decide(results([]), policy, live).decision).toBe('hold');
  });

  test('a recording never ends in accept or reject', () => {
    for (const policy of Object.values(policies)) {
      expect(decide(results([finding({ strength: 'conclusive', axis: 'hardware' })]), policy, recording).decision).toBe('hold');
      const clear = [
        passed({ clears: { axis: 'hardware', because: 'x' }, axis: 'hardware' }),
        passed({ clears: { axis: 'software', because: 'x' } }),
      ];
      expect(decide(results([], clear), policy, recording).decision).toBe('hold');
    }
  });

  test('trade accepts an unproven old phone only from kernel reach on', () => {
    const kernel = results([], [passed({ catches: 'kernel' })]);
    expect(decide(kernel, tradePolicy, { ...live, attests: false }).decision).toBe('accept');
    expect(decide(kernel, tradePolicy, { ...live, attests: true }).decision).toBe('hold');
    expect(decide(kernel, tradePolicy, { ...live, attests: undefined }).decision).toBe('hold');
    expect(decide(results([], [passed({ catches: 'framework' })]), tradePolicy, { ...live, attests: false }).decision).toBe('hold');
    expect(decide(results([finding({})], [passed({ catches: 'kernel' })]), tradePolicy, { ...live, attests: false }).decision).toBe('hold');
    expect(decide(kernel, labPolicy, { ...live, attests: false }).decision).toBe('hold');
    expect(decide(kernel, ownerPolicy, { ...live, attests: true }).decision).toBe('accept');
  });

  test('the owner’s policy holds where the others reject for custody', () => {
    const broken = results([finding({ axis: 'custody', strength: 'conclusive' })]);
    expect([labPolicy, tradePolicy, ownerPolicy].map((policy) => decide(broken, policy, live).decision)).toEqual([
      'reject',
      'reject',
      'hold',
    ]);
  });

  test('no policy accepts malware', () => {
    const sick = results(
      [finding({ axis: 'posture', strength: 'conclusive', flag: 'malware', names: 'DarthPusher' })],
      [passed({ clears: { axis: 'hardware', because: 'x' }, axis: 'hardware' }), passed({ clears: { axis: 'software', because: 'x' } })],
    );
    for (const policy of Object.values(policies)) {
      const verdict = decide(sick, policy, live);
      expect(verdict.decision).not.toBe('accept');
      expect(verdict.reason).toContain('DarthPusher');
    }
  });

  test('each built-in policy satisfies its own schema, and expires from the moment judged at', () => {
    for (const policy of Object.values(policies)) expect(policySchema.parse(policy)).toEqual(policy);
    expect(decide(results([]), tradePolicy, live).expires).toBe('2026-02-07T12:00:00Z');
  });
});

describe('an image without a phone', () => {
  const image: Circumstances = { ...live, trust: 'image', claimedModel: undefined };
  const genuine = passed({ standing: 'signed', clears: { axis: 'software', because: 'every partition is the maker’s' } });
  const altered = finding({ strength: 'conclusive', nature: 'modified' });
  test('only the maker’s own bytes are accepted, whatever the policy', () => {
    for (const policy of Object.values(policies)) {
      expect(decide(results([], [genuine]), policy, image).decision).toBe('accept');
      // A check that would have caught a kernel is enough for an old phone, never for an image.
      expect(decide(results([], [passed({ catches: 'kernel' })]), policy, image).decision).toBe('hold');
      expect(decide(results([altered], [genuine]), policy, image).decision).toBe('reject');
    }
  });
  test('the maker’s own bytes with known malware are held', () => {
    const malware = finding({ axis: 'posture', strength: 'strong', flag: 'malware', names: 'Adups' });
    expect(decide(results([malware], [genuine]), ownerPolicy, image)).toMatchObject({ decision: 'hold' });
  });
  test('its sentences speak of an image', () => {
    expect(decide(results([altered]), ownerPolicy, image).reason).toMatch(/^This image is a maker/);
    expect(decide(results([]), ownerPolicy, image).reason).toMatch(/^This image is on hold/);
    expect(decide(results([finding({ strength: 'conclusive', nature: 'foreign' })]), ownerPolicy, image).decision).toBe('hold');
  });
});
