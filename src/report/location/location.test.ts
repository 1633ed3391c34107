import { describe, expect, test } from 'vitest';
import { type Flow, type Inspection, locate, locationSchema, publishLocation, seededRandom } from '../../provenance/locate/index.ts';
import { renderLocationHtml, renderLocationTerminal } from './index.ts';

const inspected = (outcome: 'altered' | 'clean'): readonly Inspection[] => [{ outcome, because: 'chosen', subject: 'phone' }];

/** A hand at `rogue`: nine of ten phones through it altered, none elsewhere. */
function flow(altered: number, more: Partial<Flow> = {}): Flow {
  return {
    format: 'assay.flow/1',
    custodians: [
      { id: 'works', name: 'The Works', role: 'maker' },
      { id: 'north', name: 'North & Sons', role: 'distributor' },
      { id: 'rogue', name: '<script>alert(1)</script>', role: 'retailer' },
      { id: 'good', name: 'Goodshop', role: 'retailer' },
    ],
    phones: Array.from({ length: 40 }, (_, n) => ({
      id: `p${n}`,
      path: ['works', 'north', n % 2 === 0 ? 'rogue' : 'good'].map((custodian) => ({ custodian })),
      inspections: n >= 30 ? [] : [...inspected(n % 2 === 0 && n / 2 < altered ? 'altered' : 'clean')],
    })),
    ...more,
  };
}
const report = (input: Flow, form: 'public' | 'working-paper' = 'public') =>
  publishLocation(locate(input, { random: seededRandom(1) }), input, { form });

describe('who is named', () => {
  test('whoever is at the threshold, in the conditional, with its own words escaped', () => {
    const named = report(flow(14));
    expect(named.suspects[0]).toMatchObject({ named: true, name: '<script>alert(1)</script>' });
    expect(named.finding).toMatch(/would have been altered at/);
    const page = renderLocationHtml(named);
    expect(page).not.toContain('<script>');
    expect(page).toContain('None was received');
    expect(page).toContain('How often this is wrong');
  });

  test('nobody else, neither in JSON nor on page or terminal', () => {
    const named = report(flow(14));
    for (const text of [JSON.stringify(named), renderLocationHtml(named), renderLocationTerminal(named, { width: 100, colour: false })]) {
      expect(text).not.toMatch(/Goodshop|North & Sons|North &amp; Sons|"good"|The Works/);
    }
    expect(named.suspects.map(({ name }) => name)).toContain('retailer 1');
  });

  test('nobody at all below the threshold', () => {
    const open = report(flow(1));
    expect(open.suspects.every(({ named }) => !named)).toBe(true);
    for (const text of [JSON.stringify(open), renderLocationHtml(open)])
      expect(text).not.toMatch(/Goodshop|North|The Works|script>alert|rogue/);
    expect(open.finding).toMatch(/nobody is named below 95 %/);
  });

  test('nobody on records that are mostly missing, however sure the sums are', () => {
    const whole = flow(14);
    const gaps = {
      ...whole,
      phones: whole.phones.map((phone) => ({ ...phone, path: [{ custodian: 'works' }, { gap: true as const }, ...phone.path.slice(2)] })),
    };
    const others = ['north', 'good'].map((custodian, n) => ({
      id: `x${n}`,
      path: ['works', custodian, 'rogue'].map((each) => ({ custodian: each })),
    }));
    const more = ['north', 'rogue'].map((custodian, n) => ({
      id: `y${n}`,
      path: ['works', custodian, 'good'].map((each) => ({ custodian: each })),
    }));
    const incomplete = report({ ...gaps, phones: [...gaps.phones, ...others, ...more] });
    expect(incomplete.uncertain).toBeGreaterThan(0.6);
    expect(incomplete.suspects[0]?.posterior).toBeGreaterThan(0.95);
    expect(incomplete.suspects.every(({ named }) => !named)).toBe(true);
    expect(incomplete.finding).toMatch(/too many events/);
  });

  test('all in a working paper, which says what it is', () => {
    const paper = report(flow(1), 'working-paper');
    expect(JSON.stringify(paper)).toContain('Goodshop');
    expect(renderLocationHtml(paper)).toContain('NOT TO BE PASSED ON');
    expect(renderLocationTerminal(paper, { width: 80, colour: false })).toContain('NOT TO BE PASSED ON');
  });

  test('a reply is printed as it is, beside the name', () => {
    const replies = [{ custodian: 'rogue', at: '2026-05-01T00:00:00Z', text: 'We sold what we got.\n<b>All of it.</b>' }];
    const page = renderLocationHtml(report(flow(14, { replies })));
    expect(page).toContain('We sold what we got.');
    expect(page).toContain('&lt;b>All of it.');
    // Of somebody who is not named, a reply would name it.
    expect(JSON.stringify(report(flow(1, { replies })))).not.toContain('We sold');
  });
});

describe('the document', () => {
  test('meets its schema, named, open and empty', () => {
    const empty: Flow = { format: 'assay.flow/1', custodians: [], phones: [] };
    for (const input of [flow(14), flow(1), empty]) {
      expect(locationSchema.parse(report(input))).toEqual(report(input));
      expect(renderLocationHtml(report(input))).toContain('</html>');
      expect(renderLocationTerminal(report(input), { width: 20, colour: true }).length).toBeGreaterThan(50);
    }
  });
  test('pictures stand for all phones', () => {
    const { streams } = report(flow(14));
    expect(streams.reduce((sum, { phones }) => sum + phones, 0)).toBe(80);
    expect(renderLocationHtml(report(flow(14))).match(/<svg/g)?.length).toBeGreaterThanOrEqual(2);
  });
});
