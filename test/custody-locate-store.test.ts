/** `assay custody locate STORE`: paths and inspections out of a store, and signed reports of others, as a user runs it. On PostgreSQL too, where it is installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Instant } from '../src/bytes/index.ts';
import type { Sighting, Toolmark } from '../src/evidence/index.ts';
import { nodeHash } from '../src/platform/node/index.ts';
import { imeiUri, judgeEvent, reportUri, toldEvent, verdictEvent } from '../src/provenance/index.ts';
import { locate, seededRandom } from '../src/provenance/locate/index.ts';
import { flowOfStore, keepEvents, keepInspection, openStore, type Store, type StoreFlow } from '../src/store/index.ts';
import { assay } from './support/cli.ts';
import { storeEngines } from './support/store-engines.ts';

const now = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
const on = (day: string) => `2026-${day}T12:00:00Z` as Instant;
const party = (n: number) => `https://id.gs1.org/417/400000000000${n}`;
const IMEIS = Array.from({ length: 24 }, (_, n) => `350000001234${String(n).padStart(2, '0')}`);
const seen = (n: number, trust: Sighting['trust'] = 'live'): Sighting => ({
  at: on('03-01'),
  source: `phone ${n}`,
  trust,
  imeis: [IMEIS[n] ?? ''],
  serials: [],
  brand: undefined,
  model: undefined,
  fingerprint: undefined,
});

const { describeOn, urlOf } = storeEngines();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-locate-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FINDING = { check: 'c', axis: 'software', strength: 'conclusive', standing: 'shown', claimed: 'c', observed: 'o', because: 'b' };
const MARK: Toolmark = { kind: 'signer', sha256: 'ab'.repeat(32) };

/** Twenty-four phones from one maker through two shops; every phone that came through the second is altered. `marked`: those whose findings left a mark. */
async function filled(url: string | undefined, marked: readonly number[] = []): Promise<Store> {
  const store = await openStore(join(folder, 'store'), url);
  const bodies = IMEIS.flatMap((imei, n) => {
    const things = [imeiUri(imei)];
    const shop = party(n % 2 === 0 ? 2 : 3);
    return [
      toldEvent('commissioning', { at: on('01-10'), things, to: party(1) }),
      toldEvent('shipping', { at: on('01-20'), things, from: party(1), to: shop }),
      toldEvent('receiving', { at: on('02-01'), things, from: party(1), to: shop }),
    ];
  });
  // Somebody's word, whose statement nobody gave.
  bodies.push(
    verdictEvent({ hardware: 'counterfeit', software: 'unproven', custody: 'unproven' } as const, {
      at: on('03-02'),
      things: [imeiUri(IMEIS[0] ?? '')],
      certificationInfo: [reportUri('cd'.repeat(32))],
    }),
  );
  const rules = { hash: nodeHash, now, hashIds: 'verify', sender: { kind: 'operator' }, places: new Map() } as const;
  const admitted = bodies.map((body) => judgeEvent(body, '', rules)).filter((one) => 'event' in one);
  expect(admitted).toHaveLength(bodies.length);
  await keepEvents(store, admitted, { capturedAt: now, sender: null, behaviour: 'rollback' });
  for (let n = 0; n < 20; n++)
    await keepInspection(store, {
      report: new TextEncoder().encode(`report ${n}`),
      capture: undefined,
      judgedAsOf: on('03-01'),
      verdict: { hardware: 'genuine', software: n % 2 === 0 ? 'genuine' : 'altered', custody: 'unproven', decision: 'hold' },
      sighting: seen(n, n < 18 ? 'live' : 'bearer'),
      toolmarks: marked.includes(n) ? [MARK] : [],
    });
  return store;
}

describeOn('in %s', (engine) => {
  test('inspections of the store count, recordings and the bare word of an event do not; phones of one mark are brought together', async () => {
    const store = await filled(urlOf(engine), [1, 3, 5]);
    try {
      const report = 'ef'.repeat(32);
      const proven = [{ identities: [imeiUri(IMEIS[20] ?? '')], at: on('03-03'), outcome: 'clean' as const, report, toolmarks: [] }];
      const { flow, counted, leftOut, phones } = await flowOfStore(store, { proven, complaints: [imeiUri(IMEIS[1] ?? '')] });
      expect(counted).toEqual({ own: 18, proven: 1 });
      expect(leftOut).toEqual({
        'a recording that no known operator signed is its bearer’s word': 2,
        'an inspecting event whose statement was not given': 1,
      });
      expect(JSON.stringify(flow)).not.toContain('imei');
      const at = phones.findIndex(({ identities }) => identities.includes(imeiUri(IMEIS[1] ?? '')));
      expect(flow.phones[at]).toMatchObject({
        path: [{ custodian: party(1) }, { custodian: party(3) }],
        inspections: [{ outcome: 'altered', because: 'complaint', subject: 'phone' }],
      });
      const located = locate(flow, { random: seededRandom(1) });
      expect(located.suspects[0]).toMatchObject({ name: party(3) });
      expect(located.posteriors.get(party(3))).toBeGreaterThan(0.9);

      // A mark that altered phones of one shop share is their signature; one that a clean phone carries too is none.
      const signed = ({ flow }: StoreFlow) =>
        flow.phones.flatMap(({ inspections = [] }) => inspections.flatMap(({ signature }) => signature ?? []));
      const ask = (proven: Parameters<typeof flowOfStore>[1]['proven']) => flowOfStore(store, { proven, complaints: [] });
      const theirs = {
        identities: [imeiUri(IMEIS[21] ?? '')],
        at: on('03-03'),
        outcome: 'altered' as const,
        report: 'ef'.repeat(32),
        toolmarks: [MARK],
      };
      const own = await ask([]);
      expect([signed(own), own.marks.used?.phones.length]).toEqual([Array.from({ length: 3 }, () => `signer ${MARK.sha256}`), 3]);
      const both = await ask([theirs]);
      expect(signed(both)).toHaveLength(4);
      expect(locate(both.flow, { random: seededRandom(1) }).shared).toEqual([{ signature: `signer ${MARK.sha256}`, phones: 4 }]);
      // A clean phone of the other shop, by the word of a laboratory.
      const innocent = await ask([
        theirs,
        { ...theirs, identities: [imeiUri(IMEIS[20] ?? '')], outcome: 'clean', report: 'ee'.repeat(32) },
      ]);
      expect([signed(innocent), innocent.marks.used, innocent.marks.leftOut[0]?.because]).toEqual([
        [],
        undefined,
        'a phone that was not found altered carries it too',
      ]);
      // An altered one there: nobody but the maker had all of them.
      const spread = await ask([theirs, { ...theirs, identities: [imeiUri(IMEIS[22] ?? '')], report: 'ee'.repeat(32) }]);
      expect([signed(spread), spread.marks.leftOut[0]?.because]).toEqual([[], 'no custodian besides makers had all phones that carry it']);
    } finally {
      await store.close();
    }
  });
});

test('from the command line, with a bundle that verifies and two that do not', async () => {
  await (await filled(undefined, [1, 3])).close();
  for (const name of ['lab', 'other']) {
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(folder, `${name}.pem`)], { stdio: 'ignore' });
    execFileSync('openssl', ['pkey', '-in', join(folder, `${name}.pem`), '-pubout', '-out', join(folder, `${name}.pub`)], {
      stdio: 'ignore',
    });
  }
  const report = (kind: 'phone' | 'recording') => ({
    format: 'assay.report/1',
    subject: { kind, judgedAsOf: on('03-04') },
    verdict: { hardware: 'genuine', software: 'altered', custody: 'unproven', decision: 'reject', policy: 'lab', reason: 'r' },
    findings: [{ ...FINDING, toolmarks: [MARK] }],
    notExamined: [],
    evidence: [],
    expires: on('03-05'),
    versions: { assay: '0', knowledge: '0', references: [] },
  });
  const sign = async (name: string, key: string, kind: 'phone' | 'recording', n: number) => {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(report(kind)));
    const identity = `imei=${IMEIS[n]}0`;
    const ran = await assay(
      folder,
      'report',
      'sign',
      `${name}.json`,
      '--key',
      key,
      '--identity',
      identity,
      '--out',
      `${name}.bundle`,
      '--secret',
      `${name}.secret`,
    );
    expect(ran).toMatchObject({ status: 0 });
  };
  await sign('good', 'lab.pem', 'phone', 21);
  await sign('foreign', 'other.pem', 'phone', 22);
  await sign('recorded', 'lab.pem', 'recording', 23);
  const bundles = ['--bundle', 'good.bundle', 'foreign.bundle', 'recorded.bundle', '--key', 'lab.pub', '--without-log'];
  const ran = await assay(folder, 'custody', 'locate', 'store', '--json', '--phones', 'phones.json', '--html', 'page.html', ...bundles);
  expect(ran.status).toBe(0);
  expect(ran.err).toContain('18 inspections of this store and 1 of verified bundles');
  expect(ran.err).toContain(`3 phones carry one toolmark, which counts as one hand’s: signer ${MARK.sha256}`);
  expect(ran.err).toContain('foreign.bundle: signers-too-few');
  expect(ran.err).toContain('recorded.bundle: it is about a recording');
  const { suspects, shared } = JSON.parse(ran.out);
  expect(shared).toEqual([{ signature: `signer ${MARK.sha256}`, phones: 3 }]);
  expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('3 phones carry the same alteration');
  expect(suspects[0]).toMatchObject({ name: party(3), altered: 10 });
  expect(ran.out).not.toContain('imei');
  expect(JSON.parse(readFileSync(join(folder, 'phones.json'), 'utf8'))).toHaveLength(24);
  expect(await assay(folder, 'custody', 'locate', 'store', '--bundle', 'good.bundle', '--key', 'lab.pub')).toMatchObject({ status: 2 });
}, 240_000);
