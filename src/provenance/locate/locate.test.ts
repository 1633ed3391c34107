import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ASSUMPTIONS,
  alikeSets,
  compile,
  type Flow,
  type Inspection,
  type Location,
  likelihood,
  locate,
  modesOf,
  networkOf,
  type Phone,
  parseFlow,
  routesOf,
  seededRandom,
} from './index.ts';

const because = 'chosen' as const;
const altered: Inspection = { outcome: 'altered', because, subject: 'phone' };
const clean: Inspection = { outcome: 'clean', because, subject: 'phone' };
const phone = (id: string, path: string, ...inspections: readonly Inspection[]): Phone => ({
  id,
  path: [...path].map((custodian) => (custodian === '?' ? { gap: true as const } : { custodian })),
  inspections: [...inspections],
});
const flow = (custodians: string, phones: readonly Phone[], more: Partial<Flow> = {}): Flow => ({
  format: 'assay.flow/1',
  custodians: [...custodians].map((id) => ({ id })),
  phones: [...phones],
  ...more,
});
const solve = (input: Flow, options: Partial<Parameters<typeof locate>[1]> = {}): Location =>
  locate(input, { random: seededRandom(1), ...options });
const noLinks = { linkWeight: 0 };
const { outside: NOBODY, anotherHand: MORE, shareShape: SHAPE } = ASSUMPTIONS;
/** The prior of exactly one hand. */
const ONE = (1 - NOBODY) * (1 - MORE);

describe('posteriors by hand', () => {
  test('one custodian, one altered phone', () => {
    // P(altered | hand) = f + (s-f)·(1-(1-ε)(1-θ)), θ being its mean: the cells' middles by what Beta(a, 1) gives to each cell.
    const edges = [0, 0.08, 0.22, 0.4, 0.6, 0.8, 1];
    const share = edges.slice(1).reduce((sum, to, i) => sum + (((edges[i] ?? 0) + to) / 2) * (to ** SHAPE - (edges[i] ?? 0) ** SHAPE), 0);
    const [s, f, e] = [0.95, 0.01, 0.002];
    const ifHand = f + (s - f) * (1 - (1 - e) * (1 - share));
    const ifNot = f + (s - f) * e;
    const odds = ((1 - ASSUMPTIONS.outside) * (1 - ASSUMPTIONS.anotherHand) * ifHand) / (ASSUMPTIONS.outside * ifNot);
    const { suspects, outside, method } = solve(flow('A', [phone('1', 'A', altered)]));
    expect(method).toBe('exact');
    expect(suspects[0]?.posterior).toBeCloseTo(odds / (1 + odds), 12);
    expect(outside).toBeCloseTo(1 / (1 + odds), 12);
  });

  test('two custodians in one path, two shares: every hypothesis written out', () => {
    const assumptions = { ...ASSUMPTIONS, ...noLinks, shares: [0, 0.6, 1] };
    const input = flow('AB', [phone('1', 'AB', altered), phone('2', 'A', clean)]);
    const [s, f, e] = [0.95, 0.01, 0.002];
    const cells = [
      { share: 0.3, p: 0.6 ** SHAPE },
      { share: 0.8, p: 1 - 0.6 ** SHAPE },
    ];
    const says = (a: number, b: number) => {
      const first = f + (s - f) * (1 - (1 - e) * (1 - a) * (1 - b));
      const second = 1 - (f + (s - f) * (1 - (1 - e) * (1 - a)));
      return first * second;
    };
    const none = NOBODY * says(0, 0);
    // One hand: half each; two: as much again as the share of incidents with one more, and there is one such pair.
    const onlyA = (ONE / 2) * cells.reduce((sum, { share, p }) => sum + p * says(share, 0), 0);
    const onlyB = (ONE / 2) * cells.reduce((sum, { share, p }) => sum + p * says(0, share), 0);
    const both = ONE * MORE * cells.reduce((sum, a) => sum + cells.reduce((part, b) => part + a.p * b.p * says(a.share, b.share), 0), 0);
    const all = none + onlyA + onlyB + both;
    const located = solve(input, { assumptions, method: 'exact' });
    expect(located.posteriors.get('A')).toBeCloseTo((onlyA + both) / all, 12);
    expect(located.posteriors.get('B')).toBeCloseTo((onlyB + both) / all, 12);
    expect(located.outside).toBeCloseTo(none / all, 12);
    expect(located.several).toBeCloseTo(both / all, 12);
  });

  test('a clean inspection half-way cuts the path: the likelihood is a sum over segments', () => {
    const assumptions = { ...ASSUMPTIONS, ...noLinks };
    const input = flow('AB', [phone('1', 'AB', { ...clean, after: 1 }, altered)]);
    const { observations } = compile(input, assumptions);
    const [observation] = observations;
    const modes = modesOf(assumptions, 0);
    if (observation === undefined) throw new Error('nothing observed');
    const [s, f, e] = [0.95, 0.01, 0.002 / 2];
    const theta = modes.share[4] ?? 0;
    // A is the hand: altered in the first segment, (1-s)·s; by the leak in the second, (1-f)·s; never, (1-f)·f.
    const first = theta + (1 - theta) * e;
    const byHand = first * (1 - s) * s + (1 - first) * (e * (1 - f) * s + (1 - e) * (1 - f) * f);
    expect(likelihood(observation, (v) => (v === 0 ? 4 : -1), modes, assumptions)).toBeCloseTo(byHand, 12);
    const located = solve(input);
    expect(located.posteriors.get('B') ?? 0).toBeGreaterThan(5 * (located.posteriors.get('A') ?? 1));
  });

  test('what the ledger says adds up to the posterior', () => {
    const input = flow('DRSTU', [
      phone('1', 'DR', altered),
      phone('2', 'DR', altered),
      phone('3', 'DS', clean),
      phone('4', 'DT', clean),
      phone('5', 'U', clean),
    ]);
    for (const { ledger, posterior } of solve(input).suspects.slice(0, 3)) {
      if (ledger === null) throw new Error('no ledger');
      const total = ledger.prior + ledger.lines.reduce((sum, { decibans }) => sum + decibans, 0);
      expect(total).toBeCloseTo(ledger.posterior, 9);
      expect(ledger.posterior).toBeCloseTo(10 * Math.log10(posterior / (1 - posterior)), 6);
    }
  });
});

describe('exact and sampled agree', () => {
  const input = flow('ABCDEF', [
    phone('1', 'ACE', altered),
    phone('2', 'ACE', altered),
    phone('3', 'ACF', clean),
    phone('4', 'ADE', altered),
    phone('5', 'BDF', clean),
    phone('6', 'BDF', clean),
    phone('7', 'BCF', clean, altered),
    phone('8', 'ADE', clean),
  ]);
  // The exact method stops at two hands, so the prior of a third is made as good as nothing.
  const assumptions = { ...noLinks, anotherHand: 0.02 };

  test('on a small network with two inspections of one phone', () => {
    const exact = solve(input, { method: 'exact', assumptions });
    const sampled = solve(input, { method: 'sampled', assumptions, sweeps: 6000 });
    expect(sampled.disagreement).toBeLessThan(0.03);
    for (const [name, p] of exact.posteriors) expect(Math.abs((sampled.posteriors.get(name) ?? 0) - p), name).toBeLessThan(0.02);
    expect(Math.abs(sampled.outside - exact.outside)).toBeLessThan(0.02);
  });

  test('after complaints', () => {
    const complained = {
      ...input,
      phones: input.phones.map((one) => (one.id === '1' ? { ...one, inspections: [{ ...altered, because: 'complaint' as const }] } : one)),
    };
    const exact = solve(complained, { method: 'exact', assumptions });
    const sampled = solve(complained, { method: 'sampled', assumptions, sweeps: 6000 });
    for (const [name, p] of exact.posteriors) expect(Math.abs((sampled.posteriors.get(name) ?? 0) - p), name).toBeLessThan(0.02);
  });

  test('with signatures and gaps', () => {
    const more = flow('ABCDEF', [
      phone('1', 'ACE', { ...altered, signature: 'x' }),
      phone('2', 'BDE', { ...altered, signature: 'x' }),
      phone('3', 'A?F', clean),
      phone('4', 'ACF', clean),
      phone('5', 'ADF', clean),
      phone('6', 'BDE'),
    ]);
    const exact = solve(more, { method: 'exact', assumptions });
    const sampled = solve(more, { method: 'sampled', assumptions, sweeps: 6000 });
    for (const [name, p] of exact.posteriors) expect(Math.abs((sampled.posteriors.get(name) ?? 0) - p), name).toBeLessThan(0.02);
  });

  test('three hands that share nothing are found by sampling, and automatically so', () => {
    const phones = ['A', 'B', 'C'].flatMap((shop) => [1, 2, 3, 4, 5].map((n) => phone(`${shop}${n}`, `M${shop}`, altered)));
    const others = ['D', 'E', 'F'].flatMap((shop) => [1, 2, 3, 4, 5].map((n) => phone(`${shop}${n}`, `M${shop}`, clean)));
    const located = solve(flow('MABCDEF', [...phones, ...others]));
    expect(located.method).toBe('sampled');
    for (const shop of 'ABC') expect(located.posteriors.get(shop), shop).toBeGreaterThan(0.95);
    for (const shop of 'DEF') expect(located.posteriors.get(shop), shop).toBeLessThan(0.05);
  });
});

describe('invariance', () => {
  const random = seededRandom(7);
  const input = flow(
    'ABCDEFGH',
    Array.from({ length: 20 }, (_, n) => {
      const path = `${'AB'[Math.floor(random() * 2)]}${'CDE'[Math.floor(random() * 3)]}${'FGH'[Math.floor(random() * 3)]}`;
      return phone(String(n), path, path.includes('G') && random() < 0.8 ? altered : clean);
    }),
  );
  test('under the order of custodians and phones', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(input.phones, { minLength: 20 }),
        fc.shuffledSubarray(input.custodians, { minLength: 8 }),
        (phones, custodians) => {
          const other = solve({ ...input, phones, custodians });
          expect(Object.fromEntries(other.posteriors)).toEqual(Object.fromEntries(solve(input).posteriors));
        },
      ),
      { numRuns: 10 },
    );
  });
  test('under renaming', () => {
    const renamed = (id: string) => String.fromCharCode(219 - id.charCodeAt(0));
    const other = solve({
      ...input,
      custodians: input.custodians.map(({ id }) => ({ id: renamed(id) })),
      phones: input.phones.map((one) => ({
        ...one,
        path: one.path.map((step) => ('gap' in step ? step : { custodian: renamed(step.custodian) })),
      })),
    });
    for (const { id } of input.custodians) expect(other.posteriors.get(renamed(id))).toBeCloseTo(solve(input).posteriors.get(id) ?? -1, 9);
  });
  test('the same seed gives the same bytes, sampled too', () => {
    const text = () => {
      const located = solve(input, { method: 'sampled', sweeps: 50, random: seededRandom(3) });
      return JSON.stringify({ ...located, posteriors: [...located.posteriors] });
    };
    expect(text()).toBe(text());
  });
});

describe('monotonicity', () => {
  test('one more altered phone through a shop never lowers its posterior, one more clean phone never raises it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('DR', 'DS', 'ER', 'ES'), fc.boolean()), { maxLength: 8 }), (seen) => {
        const phones = seen.map(([path, is], n) => phone(String(n), path, is ? altered : clean));
        // Of the two in each way only one can have done it: else a supplier who explains more explains the shop away, and rightly so.
        const custodians = [...'DERS'].map((id) => ({ id, suspect: id === 'R' || id === 'S' }));
        const of = (more: readonly Phone[]) =>
          solve({ ...flow('', [...phones, ...more]), custodians }, { method: 'exact', assumptions: noLinks }).posteriors.get('R') ?? -1;
        expect(of([phone('x', 'R', altered)])).toBeGreaterThanOrEqual(of([]) - 1e-12);
        expect(of([phone('x', 'R', clean)])).toBeLessThanOrEqual(of([]) + 1e-12);
      }),
      { numRuns: 40 },
    );
  });
});

describe('degenerate input', () => {
  test('nothing at all', () => {
    const located = solve(flow('', []));
    expect(located.suspects).toEqual([]);
    expect(located.outside).toBe(1);
    expect(located.stop.reason).toBe('nothing-inspected');
  });
  test('no phone was inspected: the posterior is the prior', () => {
    const located = solve(flow('AB', [phone('1', 'AB')]), { assumptions: noLinks });
    expect(located.outside).toBeCloseTo(NOBODY / (NOBODY + ONE * (1 + MORE)), 12);
    expect(located.stop.stop).toBe(false);
  });
  test('no clean phone, all from one path: nobody can be told from the others, and the answer says so', () => {
    const located = solve(
      flow(
        'ABC',
        [1, 2, 3, 4].map((n) => phone(String(n), 'ABC', altered)),
      ),
      { assumptions: noLinks },
    );
    expect(located.alike).toEqual([{ suspects: ['A', 'B', 'C'], posterior: expect.any(Number), separable: false }]);
    expect(located.stop.reason).toBe('located-set');
    expect(located.suspects.every(({ posterior }) => posterior < 0.95)).toBe(true);
  });
  test('every phone clean: it was nobody', () => {
    const located = solve(
      flow(
        'AB',
        Array.from({ length: 60 }, (_, n) => phone(String(n), 'AB', clean)),
      ),
    );
    expect(located.outside).toBeGreaterThan(0.5);
  });
  test('everybody above suspicion', () => {
    const located = solve({ ...flow('', [phone('1', 'A', altered)]), custodians: [{ id: 'A', suspect: false }] });
    expect(located.outside).toBe(1);
    expect(located.posteriors.get('A')).toBe(0);
  });
  test('a phone without a path', () => {
    expect(solve(flow('A', [phone('1', '', altered)])).outside).toBeCloseTo(NOBODY / (NOBODY + ONE), 12);
  });
  test('a hundred thousand equal phones do not overflow', () => {
    const located = solve(
      flow('AB', [
        ...Array.from({ length: 20_000 }, (_, n) => phone(`a${n}`, 'A', altered)),
        ...Array.from({ length: 20_000 }, (_, n) => phone(`b${n}`, 'B', clean)),
      ]),
    );
    expect(located.posteriors.get('A')).toBeCloseTo(1, 9);
    expect(located.posteriors.get('B')).toBeLessThan(0.01);
    expect(located.suspects[0]?.share.low).toBeGreaterThan(0.8);
  });
});

describe('what does not count', () => {
  test('a recording, unless a known operator signed it', () => {
    const recorded: Inspection = { ...altered, subject: 'recording', operator: 'lab 1' };
    const input = flow('AB', [phone('1', 'A', recorded), phone('2', 'B', clean)]);
    const ignored = solve(input);
    expect(ignored.counts.altered).toBe(0);
    expect(ignored.unused).toEqual([{ phone: '1', because: 'a recording that no known operator signed is its bearer’s word' }]);
    expect(solve({ ...input, operators: ['lab 2'] }).counts.altered).toBe(0);
    expect(solve({ ...input, operators: ['lab 1'] }).counts.altered).toBe(1);
  });
  test('an inconclusive inspection', () => {
    const input = flow('AB', [phone('1', 'A', { ...altered, outcome: 'inconclusive' })]);
    expect(solve(input).counts.inspected).toBe(0);
  });
});

describe('signatures', () => {
  test('the same ROM on two paths speaks for whoever they share', () => {
    const phones = (first: string, second: string) => [
      phone('1', 'ACE', { ...altered, signature: first }),
      phone('2', 'BCF', { ...altered, signature: second }),
      phone('3', 'ADE', clean),
      phone('4', 'BDF', clean),
    ];
    const same = solve(flow('ABCDEF', phones('x', 'x'))).posteriors.get('C') ?? 0;
    const unknown = solve(flow('ABCDEF', phones('x', 'y'))).posteriors.get('C') ?? 0;
    expect(same).toBeGreaterThan(unknown);
  });
});

describe('missing events', () => {
  test('a stated gap is filled by who is known between', () => {
    const phones = [phone('1', 'ABC'), phone('2', 'ABC'), phone('3', 'ADC'), phone('4', 'A?C')];
    const routes = routesOf(phones[3]?.path ?? [], networkOf(phones));
    expect(routes.map(({ stops, weight }) => [stops.map(({ custodian }) => custodian).join(''), Math.round(weight * 3)])).toEqual([
      ['ABC', 2],
      ['ADC', 1],
    ]);
  });
  test('a hand-over that skips who is always between is a mixture', () => {
    const phones = [...Array.from({ length: 20 }, (_, n) => phone(`b${n}`, 'ABC')), phone('x', 'AC')];
    const [first] = routesOf([{ custodian: 'A' }, { custodian: 'C' }], networkOf(phones));
    expect(first?.stops.map(({ custodian }) => custodian)).toEqual(['A', 'B', 'C']);
  });
  test('a whole network stays as it is', () => {
    const phones = [phone('1', 'ABC'), phone('2', 'AC')];
    expect(routesOf(phones[0]?.path ?? [], networkOf(phones))).toHaveLength(1);
  });
});

describe('what to inspect next', () => {
  const input = flow('DRSTU', [
    phone('1', 'DR', altered),
    phone('2', 'DR'),
    phone('3', 'DS'),
    phone('4', 'DR'),
    phone('5', 'DT'),
    { ...phone('6', 'DR'), available: false },
    phone('7', 'U'),
  ]);
  test('the phone that tells most is on the shared path, and one that is gone is never proposed', () => {
    const { next, batch } = solve(input);
    expect(['2', '3', '4', '5']).toContain(next[0]?.phone);
    expect(next[0]?.bits).toBeGreaterThan(next.at(-1)?.bits ?? 1);
    expect([...next, ...batch].map(({ phone: id }) => id)).not.toContain('6');
    expect(new Set(batch.map(({ phone: id }) => id)).size).toBe(batch.length);
  });
  test('a batch adds up to more than its first phone, and each further phone adds less than alone', () => {
    const { batch, next } = solve(input, { batch: 3 });
    expect(batch).toHaveLength(3);
    expect(batch[0]?.bits).toBeCloseTo(next[0]?.bits ?? -1, 3);
  });
});

describe('sets that cannot be told apart', () => {
  test('are named, and whether a phone that is left could tell', () => {
    const phones = [phone('1', 'AB', altered), phone('2', 'C', clean)];
    const problem = (more: readonly Phone[]) => compile(flow('ABC', [...phones, ...more]), { ...ASSUMPTIONS, ...noLinks });
    expect(alikeSets(problem([]))).toEqual([{ suspects: [0, 1], separable: false }]);
    expect(alikeSets(problem([phone('3', 'AC')]))).toEqual([{ suspects: [0, 1], separable: true }]);
  });
});

describe('hostile documents', () => {
  const good = flow('AB', [phone('1', 'AB', altered)]);
  test.each([
    ['a path to nobody', { ...good, phones: [phone('1', 'AZ')] }, 'path[1].custodian'],
    ['a custodian twice', flow('AA', []), 'custodians[1].id'],
    ['a phone twice', { ...good, phones: [phone('1', 'A'), phone('1', 'B')] }, 'phones[1].id'],
    [
      'time that goes back',
      {
        ...good,
        phones: [
          {
            id: '1',
            path: [
              { custodian: 'A', from: '2026-02-01T00:00:00Z' },
              { custodian: 'B', from: '2026-01-01T00:00:00Z' },
            ],
          },
        ],
      },
      'path[1]',
    ],
    ['a path of 65', { ...good, phones: [phone('1', 'A'.repeat(65))] }, 'phones.0.path'],
    ['a check that is never wrong', { ...good, calibration: { default: { sensitivity: 1, falsePositive: 0 } } }, 'calibration'],
    ['another format', { ...good, format: 'assay.flow/2' }, 'format'],
    ['a field that nobody knows', { ...good, guilty: 'A' }, 'document'],
    ['no document', null, 'document'],
  ])('%s is refused by name', (_, document, field) => {
    expect(() => parseFlow(document)).toThrow(field);
  });
  test('names such as __proto__ are only names', () => {
    const input = flow('', [phone('1', '', altered)]);
    const named = {
      ...input,
      custodians: [{ id: '__proto__' }],
      phones: [{ id: 'constructor', path: [{ custodian: '__proto__' }], inspections: [altered] }],
    };
    expect(solve(parseFlow(named)).suspects[0]?.name).toBe('__proto__');
  });
});
