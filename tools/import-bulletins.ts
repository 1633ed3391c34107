/**
 * node tools/import-bulletins.ts FILE.json.gz: Android security bulletins as the compact table `src/knowledge/vulnerabilities/bulletins.json`.
 * Input: rows of CVE, level, severity, area, affected or updated versions, devices, as read off source.android.com (Apache-2.0). Only facts are kept.
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
  readonly devices?: string;
  readonly refs?: readonly string[];
  readonly fix?: readonly string[];
}

const OUT = new URL('../src/knowledge/vulnerabilities/bulletins.json', import.meta.url);
const path = process.argv[2];
if (path === undefined) throw new Error('give the bulletins as JSON, gzipped');
const { source, rows } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as { source: string; rows: readonly Row[] }; // checked field by field below

/** Whose code it is: what a phone must have inside to be affected. Order matters: a Qualcomm kernel driver is Qualcomm's. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['qualcomm', /qualcomm|\bQC\b|\bmsm\b|vulnerabilities in trustzone/i],
  ['mediatek', /mediatek|\bMTK\b|\bM-ALPS|\bmisc-sd\b/i],
  ['nvidia', /nvidia|libnvomx|\bN-CVE\b/i],
  ['broadcom', /broadcom|bcmdhd|\bB-RB\b/i],
  ['synaptics', /synaptics/i],
  ['htc', /\bHTC\b/],
  ['lg', /\bLG\b/],
  ['huawei', /huawei/i],
  ['motorola', /motorola/i],
  ['samsung', /samsung/i],
  [
    'other-driver',
    /texas instruments|\bTI\b|maxim|goodix|elan |nxp|n-trig|imagination|imgtk|realtek|stmicro|\bDTS\b|bootloader|(?<!kernel )\bION driver/i,
  ],
  ['kernel', /kernel|\bext4\b|filesystem|file system|binder|usb driver|\bscsi\b|linux|networking component/i],
];
/** Repositories that a fix is in, where the words name nobody: makers of chips have code of theirs in Android's tree. What is fixed in both is Android's. */
const REPOSITORIES: readonly (readonly [string, RegExp])[] = [
  ['platform', /platform\/(?:frameworks|external|system|packages|libcore|bionic|build|dalvik|bootable)\b/],
  ['qualcomm', /platform\/hardware\/qcom\//],
  ['broadcom', /platform\/hardware\/broadcom\//],
];
/** Areas of Android itself, as the later bulletins head them. */
const OWN_AREA =
  /^(?:system|framework|media framework|librar(?:y|ies)|android runtime|runtime|system ui)$|framework APIs|system_server|google play services|conscrypt/i;

function partOf({ area, component = '', refs = [], fix = [], updated, affected, spl }: Row): string {
  const repositories = fix.map((address) => address.replaceAll('%2F', '/'));
  const text = `${area} ${component} ${refs.join(' ')}`;
  const said = PARTS.find(([, pattern]) => pattern.test(text))?.[0];
  const code = REPOSITORIES.find(([, pattern]) => repositories.some((one) => pattern.test(one)))?.[0];
  // A file system that is fixed in Android's own tree is not the kernel's.
  if (said !== undefined && !(said === 'kernel' && code === 'platform')) return said;
  if (code !== undefined) return code;
  // `Display Driver` of December 2015: all its fixes that are named are in hardware/qcom.
  if (/display driver/i.test(area)) return 'qualcomm';
  // Levels that end in -01 hold framework and system only; a row that lists versions of Android is about Android.
  const isOwn = spl.endsWith('-01') || spl < '2016-07-01' || OWN_AREA.test(area) || /\d/.test(updated ?? affected ?? '');
  return isOwn ? 'platform' : 'other-driver';
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

const wordsOf = (text: string) => text.split(/[ ,]+/).filter((word) => word !== '');
const byVersion = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/** What two rows of one hole say of its versions, together. A bound swallows what it holds. */
function bothVersions(one: string, other: string): string {
  if (one === other || other === '') return one;
  if (one === '') return other;
  const words = [...new Set([...wordsOf(one), ...wordsOf(other)])];
  const most = words.filter((word) => word.startsWith('<=')).map((word) => word.slice(2));
  const listed = words.filter((word) => /^\d/.test(word));
  if (most.length === 0) return listed.toSorted(byVersion).join(' ');
  const [last = ''] = [...most, ...listed].toSorted(byVersion).toReversed();
  return `<=${last}`;
}

/** The devices that a bulletin names. Both words for all of Google's are kept: they change what they mean. */
function devicesOf({ devices = '' }: Row): readonly string[] {
  const text = devices.replaceAll('*', '').replace(/ and /g, ', ').replace('Nexus 7 (2013)', 'Nexus 7').trim();
  if (/^none$/i.test(text)) return [];
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

interface Kept {
  readonly cve: string;
  readonly part: string;
  readonly level: string;
  severity: number;
  versions: string;
  readonly devices: Set<string>;
}

const SEVERITIES = ['', 'Low', 'Moderate', 'High', 'Critical'];
const kept = new Map<string, Kept[]>();
for (const row of rows.toSorted((a, b) => (a.spl < b.spl ? -1 : a.spl > b.spl ? 1 : a.cve < b.cve ? -1 : 1))) {
  const year = /^CVE-(\d{4})-(\d{4,7})$/.exec(row.cve);
  if (year === null || !/^20\d\d-\d\d-\d\d$/.test(row.spl)) throw new Error(`${row.cve} ${row.spl}: not a row`);
  // Acknowledgements name holes of both levels under the first: they are no rows of a bulletin.
  if (row.refs === undefined && row.severity === undefined) continue;
  const part = partOf(row);
  // What Google fixed on its own devices, in a section without a level, belongs to the full one.
  const level = row.area === '' && part !== 'platform' ? row.spl.replace(/-01$/, '-05') : row.spl;
  const found: Kept = {
    cve: row.cve,
    part,
    level,
    severity: Math.max(0, SEVERITIES.indexOf((row.severity ?? '').replaceAll('*', '').replace('None', ''))),
    versions: versionsOf(row),
    devices: new Set(devicesOf(row)),
  };
  const known = kept.get(`${row.cve} ${part}`);
  const same = known?.find((one) => one.level === level);
  if (known === undefined) kept.set(`${row.cve} ${part}`, [found]);
  else if (same !== undefined) {
    same.severity = Math.max(same.severity, found.severity);
    same.versions = bothVersions(same.versions, found.versions);
    for (const device of found.devices) same.devices.add(device);
  } else {
    // A hole that several bulletins name is open until the first; a later one counts for the versions that it adds.
    for (const device of found.devices) known[0]?.devices.add(device);
    const before = new Set(known.flatMap(({ versions }) => wordsOf(versions)));
    const added = wordsOf(found.versions).filter((word) => /^\d/.test(word) && !before.has(word));
    if (added.length > 0) known.push({ ...found, versions: added.join(' ') });
  }
}

const tables = { levels: [] as string[], parts: [] as string[], versions: [] as string[], devices: [''] };
const indexIn = (list: string[], value: string): number => {
  const at = list.indexOf(value);
  return at >= 0 ? at : list.push(value) - 1;
};
const table = [...kept.values()]
  .flat()
  .toSorted((a, b) => (a.level < b.level ? -1 : a.level > b.level ? 1 : a.cve < b.cve ? -1 : a.cve > b.cve ? 1 : 0))
  .map(({ cve, level, severity, part, versions, devices }) => [
    cve.slice(4),
    indexIn(tables.levels, level),
    severity,
    indexIn(tables.parts, part),
    indexIn(tables.versions, versions),
    ...(devices.size === 0 ? [] : [indexIn(tables.devices, [...devices].toSorted(byVersion).join(', '))]),
  ]);
const lines = table.map((row) => `    ${JSON.stringify(row)}`);
writeFileSync(
  OUT,
  `{\n  "source": ${JSON.stringify(source)},\n  "severities": ${JSON.stringify(SEVERITIES)},\n  "levels": ${JSON.stringify(tables.levels)},\n  "parts": ${JSON.stringify(tables.parts)},\n  "versions": ${JSON.stringify(tables.versions)},\n  "devices": ${JSON.stringify(tables.devices)},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`,
);
console.log(`${table.length} rows of ${kept.size} pairs of CVE and part`);
