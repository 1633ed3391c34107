/**
 * npm run measure-rules [-- --write] [-- --data DIR] [-- --verbose]: runs every check over every recording of a genuine phone (default ../shared/data) and prints, per check,
 * on how many phones it could run, on how many it found something, and the upper end of the 95 % interval; then by era and by maker where it found something.
 * `--write` keeps the totals in src/checks/measured-rates.json. A phone counts once, whatever was recorded of it. Notes are not findings.
 * The claim that a phone is what it is (its own model name) is given to it, so that the checks of claims are measured too.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { allChecks, type Check, type CheckContext, type Finding, type Rate, runChecks } from '../src/checks/index.ts';
import { isResellerVersion } from '../src/checks/properties/index.ts';
import { factsOf, property } from '../src/evidence/index.ts';
import { builtinKnowledge } from '../src/knowledge/index.ts';
import { deciding } from '../src/verdict/index.ts';
import { type GenuineDevice, genuineDevices } from './genuine-devices.ts';

interface Outcome {
  readonly device: GenuineDevice;
  readonly ran: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Runs every check on one phone. The moment judged at is of no matter to these rules; it is after every recording. */
export function judge(device: GenuineDevice): Outcome {
  const model = factsOf(device.facts, 'properties')
    .map((fact) => property(fact.value, 'ro.product.model')?.value)
    .find((value) => value !== undefined && value !== '');
  const context: CheckContext = {
    facts: device.facts,
    claims: model === undefined ? {} : { model },
    trust: 'live',
    knowledge: builtinKnowledge,
    references: [],
    history: { sightings: [] },
    asOf: '2026-06-01T00:00:00Z',
  };
  const results = runChecks(allChecks, context);
  return {
    device,
    ran: new Set([...results.passed.map(({ check }) => check), ...results.findings.map(({ check }) => check)]),
    findings: results.findings.filter(({ strength }) => strength !== 'note'),
  };
}

/** Upper end of the 95 % Clopper-Pearson interval; one-sided where nothing failed. */
export function upperBound(fails: number, n: number): number {
  if (n === 0 || fails >= n) return 1;
  const tail = fails === 0 ? 0.05 : 0.025;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (atMost(fails, n, middle) > tail) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of at most `fails` in `n` at rate `p`. */
function atMost(fails: number, n: number, p: number): number {
  let term = n * Math.log1p(-p);
  let sum = 0;
  for (let k = 0; k <= fails; k++) {
    if (k > 0) term += Math.log((n - k + 1) / k) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(term);
  }
  return sum;
}

const rate = (fails: number, n: number): Rate => ({ fails, n, upper: Math.round(upperBound(fails, n) * 10_000) / 10_000 });
const isStrong = ({ strength }: Finding) => strength === 'strong' || strength === 'conclusive';
const mayBeStrong = (check: Check) => check.strength === 'strong' || check.strength === 'conclusive';

/** Rates of checks and of groups over the outcomes. */
export function ratesOf(outcomes: readonly Outcome[]): { readonly rates: Record<string, Rate>; readonly groups: Record<string, Rate> } {
  const rates: Record<string, Rate> = {};
  const groups: Record<string, Rate> = {};
  for (const { id } of allChecks) {
    const ran = outcomes.filter((outcome) => outcome.ran.has(id));
    if (ran.length > 0) rates[id] = rate(ran.filter(({ findings }) => findings.some(({ check }) => check === id)).length, ran.length);
  }
  for (const [group, members] of Map.groupBy(allChecks.filter(mayBeStrong), (check) => check.group)) {
    const ids = new Set(members.map(({ id }) => id));
    const ran = outcomes.filter((outcome) => [...outcome.ran].some((id) => ids.has(id)));
    if (ran.length > 0)
      groups[group] = rate(
        ran.filter(({ findings }) => findings.some((finding) => isStrong(finding) && ids.has(finding.check))).length,
        ran.length,
      );
  }
  return { rates, groups };
}

/** Official Xiaomi version names against the rule for resellers' ones: a population of builds, for a rule that looks at nothing else. */
function officialVersions(dataDir: string): Rate | undefined {
  const folder = join(dataDir, 'builds');
  if (!existsSync(folder)) return undefined;
  const versions = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.startsWith('xiaomi_official'))) {
    const raw = readFileSync(join(folder, file));
    const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
    for (const [version] of text.matchAll(/\b(?:V|OS)\d{1,3}(?:\.\d{1,4}){2,6}\.[A-Z]{7}\b/g)) versions.add(version);
  }
  return versions.size === 0 ? undefined : rate([...versions].filter(isResellerVersion).length, versions.size);
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, write: { type: 'boolean' }, verbose: { type: 'boolean' } } });
  const dataDir =
    values.data === undefined
      ? join(import.meta.dirname, '..', '..', 'shared', 'data')
      : resolve(process.env['INIT_CWD'] ?? process.cwd(), values.data);
  const devices = await genuineDevices(dataDir);
  if (devices.length === 0) {
    console.error(`measure-rules: there are no recordings under ${values.data ?? '../shared/data'}/devices`);
    process.exitCode = 1;
    return;
  }
  const outcomes = devices.map(judge);
  const { rates, groups } = ratesOf(outcomes);
  const official = officialVersions(dataDir);
  if (official !== undefined) {
    rates['properties.reseller-version'] = official;
    groups['reseller-version'] = official;
  }
  console.log(`${devices.length} genuine phones\n`);
  console.log('check                                   strength    fails     n   95 % upper');
  for (const check of allChecks) {
    const measured = rates[check.id];
    const line = `${check.id.padEnd(40)}${check.strength.padEnd(12)}`;
    console.log(
      measured === undefined
        ? `${line}    -     0`
        : `${line}${String(measured.fails).padStart(5)}${String(measured.n).padStart(6)}   ${percent(measured.upper)}`,
    );
    if (measured === undefined || measured.fails === 0) continue;
    for (const by of ['era', 'maker'] as const) console.log(`    by ${by}: ${brokenDown(outcomes, check.id, by)}`);
  }
  console.log('\ngroup of strong checks                              fails     n   95 % upper');
  for (const [group, measured] of Object.entries(groups))
    console.log(`${group.padEnd(52)}${String(measured.fails).padStart(5)}${String(measured.n).padStart(6)}   ${percent(measured.upper)}`);
  let convicted = 0;
  for (const { device, findings } of outcomes) {
    for (const axis of ['hardware', 'software', 'custody'] as const) {
      const decided = deciding(findings.filter((finding) => finding.axis === axis));
      if (decided.length === 0) continue;
      convicted++;
      console.log(`CONVICTED ${device.name} on ${axis}: ${decided.map(({ check, observed }) => `${check} (${observed})`).join('; ')}`);
    }
    if (values.verbose)
      for (const { check, strength, claimed, observed } of findings)
        console.log(`${device.name}: ${strength} ${check}: ${claimed} | ${observed}`);
  }
  console.log(`\n${convicted} genuine phones convicted on an axis`);
  if (values.write) {
    const population = `${devices.length} recordings of genuine phones, Android 2.3 to 16, in the project's data folder; properties.reseller-version on official build names`;
    writeFileSync(
      join(import.meta.dirname, '..', 'src', 'checks', 'measured-rates.json'),
      `${JSON.stringify({ population, rates, groups }, null, 2)}\n`,
    );
  }
}

function brokenDown(outcomes: readonly Outcome[], id: string, by: 'era' | 'maker'): string {
  const ran = outcomes.filter((outcome) => outcome.ran.has(id));
  return [...Map.groupBy(ran, ({ device }) => device[by])]
    .map(([key, members]) => ({
      key,
      n: members.length,
      fails: members.filter(({ findings }) => findings.some(({ check }) => check === id)).length,
    }))
    .filter(({ fails }) => fails > 0)
    .map(({ key, n, fails }) => `${key} ${fails}/${n} (≤ ${percent(upperBound(fails, n))})`)
    .join(', ');
}

if (process.argv[1] === import.meta.filename) await main();
