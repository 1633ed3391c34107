/**
 * node tools/import-bulletins.ts FILE.json.gz: Android security bulletins as the compact table `src/knowledge/vulnerabilities/bulletins.json`.
 * Input: rows of CVE, level, severity, area, affected or updated versions, as read off source.android.com (Apache-2.0). Only facts are kept.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

interface Row {
  readonly cve: string;
  readonly spl: string;
  readonly area: string;
  readonly severity?: string;
  readonly component?: string;
  readonly updated?: string;
  readonly affected?: string;
  readonly refs?: readonly string[];
}

const OUT = new URL('../src/knowledge/vulnerabilities/bulletins.json', import.meta.url);
const path = process.argv[2];
if (path === undefined) throw new Error('give the bulletins as JSON, gzipped');
const { source, rows } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as { source: string; rows: readonly Row[] }; // checked field by field below

/** Whose code it is: what a phone must have inside to be affected. Order matters: a Qualcomm kernel driver is Qualcomm's. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['qualcomm', /qualcomm|\bQC\b|\bmsm\b/i],
  ['mediatek', /mediatek|\bMTK\b/i],
  ['nvidia', /nvidia|libnvomx/i],
  ['broadcom', /broadcom|bcmdhd/i],
  ['synaptics', /synaptics/i],
  ['htc', /\bHTC\b/],
  ['lg', /\bLG\b/],
  ['huawei', /huawei/i],
  ['motorola', /motorola/i],
  ['samsung', /samsung/i],
  ['other-driver', /texas instruments|\bTI\b|maxim|goodix|elan |nxp|n-trig/i],
  ['kernel', /kernel|\bext4\b|filesystem|file system|binder driver|usb driver|\bscsi\b|linux/i],
];
/** Levels that end in -01 hold framework and system only; others without a named part are somebody's driver, we do not know whose. */
function partOf({ area, component = '', refs = [], spl }: Row): string {
  const text = `${area} ${component} ${refs.join(' ')}`;
  const found = PARTS.find(([, pattern]) => pattern.test(text))?.[0];
  if (found !== undefined) return found;
  return spl.endsWith('-01') || spl < '2016-07-01' ? 'platform' : 'other-driver';
}

/** `4.4.4 5.0.2`: versions that got the fix; `<=5.1`, `>=5.0`: as the bulletin says it; empty: not said. */
function versionsOf({ updated, affected }: Row): string {
  const text = (updated ?? affected ?? '').replaceAll('*', '').trim();
  const below = /^(\d+(?:\.\d+)*) and (?:below|earlier)$/.exec(text)?.[1];
  if (below !== undefined) return `<=${below}`;
  const above = /^(\d+(?:\.\d+)*) and above$/.exec(text)?.[1];
  if (above !== undefined) return `>=${above}`;
  const range = /^(\d+(?:\.\d+)*) - (\d+(?:\.\d+)*)$/.exec(text);
  if (range !== null) return `>=${range[1]} <=${range[2]}`;
  return [...new Set(text.match(/\d+(?:\.\d+)*/g) ?? [])].join(' ');
}

const tables = { levels: [] as string[], parts: [] as string[], versions: [] as string[] };
const SEVERITIES = ['', 'Low', 'Moderate', 'High', 'Critical'];
const indexIn = (list: string[], value: string): number => {
  const at = list.indexOf(value);
  return at >= 0 ? at : list.push(value) - 1;
};
const seen = new Set<string>();
const table = [];
for (const row of rows.toSorted((a, b) => (a.spl < b.spl ? -1 : a.spl > b.spl ? 1 : a.cve < b.cve ? -1 : 1))) {
  const year = /^CVE-(\d{4})-(\d{4,7})$/.exec(row.cve);
  if (year === null || !/^20\d\d-\d\d-\d\d$/.test(row.spl)) throw new Error(`${row.cve} ${row.spl}: not a row`);
  const part = partOf(row);
  // A hole that several bulletins name is open until the first of them that fixes this part.
  const key = `${row.cve} ${part}`;
  if (seen.has(key)) continue;
  seen.add(key);
  const severity = Math.max(0, SEVERITIES.indexOf((row.severity ?? '').replaceAll('*', '').replace('None', '')));
  table.push([
    row.cve.slice(4),
    indexIn(tables.levels, row.spl),
    severity,
    indexIn(tables.parts, part),
    indexIn(tables.versions, versionsOf(row)),
  ]);
}
const lines = table.map((row) => `    ${JSON.stringify(row)}`);
writeFileSync(
  OUT,
  `{\n  "source": ${JSON.stringify(source)},\n  "severities": ${JSON.stringify(SEVERITIES)},\n  "levels": ${JSON.stringify(tables.levels)},\n  "parts": ${JSON.stringify(tables.parts)},\n  "versions": ${JSON.stringify(tables.versions)},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`,
);
console.log(`${table.length} rows, ${seen.size} of CVE and part`);
