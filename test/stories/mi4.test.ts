import { describe, expect, test } from 'vitest';
import { inspectVirtual, makeWorld } from '../../src/forge/node/index.ts';
import { mi4Counterfeit, mi4Genuine, mi4Retailer } from '../../src/forge/profiles/index.ts';
import { reportSchema } from '../../src/report/index.ts';
import { ownerPolicy } from '../../src/verdict/index.ts';

/** The case that everything here must be able to decide, from the cable to the verdict. */
describe('the Mi 4 of March 2015, judged live', { timeout: 120_000 }, () => {
  const world = makeWorld();
  const inspect = (make: typeof mi4Genuine) => {
    const phone = make();
    return inspectVirtual(phone, {
      policy: ownerPolicy,
      claims: { model: 'MI 4' },
      depth: 'full',
      version: 'test',
      source: phone.name,
      latencyMs: 0,
      canaries: true,
      world,
    });
  };

  test('the genuine phone is accused of nothing, and cleared of nothing by its own word', async () => {
    const report = await inspect(mi4Genuine);
    expect(
      report.findings.filter(({ axis, strength }) => axis !== 'posture' && (strength === 'conclusive' || strength === 'strong')),
    ).toEqual([]);
    expect([report.verdict.hardware, report.verdict.software, report.verdict.custody, report.verdict.decision]).toEqual([
      'unproven',
      'unproven',
      'unproven',
      'hold',
    ]);
    expect(report.notExamined.length).toBeGreaterThan(3);
    expect(report.findings.flatMap(({ toolmarks = [] }) => toolmarks)).toEqual([]);
  });

  test('the retailer’s image is altered software on hardware that nothing speaks against', async () => {
    const { verdict, findings } = await inspect(mi4Retailer);
    expect([verdict.hardware, verdict.software, verdict.nature, verdict.decision]).toEqual(['unproven', 'altered', 'modified', 'reject']);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['packages.maker-disclaimer', 'boot.root-traces', 'properties.release-sdk']),
    );
    expect(findings.flatMap(({ toolmarks = [] }) => toolmarks)).toEqual([]);
  });

  test('the counterfeit is another phone’s silicon, and its installer swaps the checker', async () => {
    const { verdict, findings } = await inspect(mi4Counterfeit);
    // No build of the maker's runs on this chip, whatever the system calls itself.
    expect([verdict.hardware, verdict.software, verdict.nature, verdict.decision]).toEqual(['counterfeit', 'altered', 'foreign', 'reject']);
    expect(verdict.reason).toContain('MT6592');
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['silicon.claim', 'packages.canary']));
    // What other phones of the same hand would carry: the copy that the installer has ready, and the key of those in the system. The retailer's apps under public keys leave nothing of the sort.
    const marks = findings.flatMap(({ check, toolmarks = [] }) => toolmarks.map(({ kind }) => `${check} ${kind}`));
    expect([...new Set(marks)].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['packages.canary file', 'packages.checker-copies signer']);
  });

  test('held against the maker’s build, the genuine phone differs in nothing, and the retailer’s in what he put in', async () => {
    const references = [await world.referenceOf(mi4Genuine())];
    const against = async (make: typeof mi4Genuine) => {
      const phone = make();
      const options = {
        policy: ownerPolicy,
        claims: { model: 'MI 4' },
        depth: 'full',
        version: 'test',
        source: phone.name,
        latencyMs: 0,
        canaries: false,
      } as const;
      return inspectVirtual(phone, { ...options, world, references });
    };
    const genuine = await against(mi4Genuine);
    expect(genuine.comparisons[0]?.groups.filter(({ expected }) => expected === null)).toEqual([]);
    expect(genuine.comparisons[0]?.coverage.find(({ partition }) => partition === 'system')?.withDigest).toBeGreaterThan(100);
    const sold = await against(mi4Retailer);
    const groups = sold.comparisons[0]?.groups ?? [];
    expect(groups.some(({ change, kind }) => change === 'added' && kind === 'app')).toBe(true);
    expect(groups.map(({ weight }) => weight)).toContain('root');
  });

  test('every report satisfies the published schema, and nothing of the phone is changed but what is said', async () => {
    const report = await inspect(mi4Counterfeit);
    expect(reportSchema.safeParse(report).success).toBe(true);
    for (const { undone, undo } of report.changes) expect(undone || undo !== null).toBe(true);
  });
});
