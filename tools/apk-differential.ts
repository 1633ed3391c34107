/**
 * node tools/apk-differential.ts [--count N] [--seed N] [--library JAR] [--keep FOLDER] [--only library|jar|block]: APKs signed by the reference library in combinations of its
 * options, and by ours with JAR files and signing blocks in unusual forms, as they are and altered, some with a .idsig file beside them; what the library says of each at
 * levels and ranges, and what we say: verdict, signers, schemes, names of issues, source stamp. What differs is printed, in groups with an example; `--keep` keeps those.
 * Needs libapksig-java, a JDK and openssl; `--library` names another version of the library: ours follows that of 2024 (35.0.2), and older ones differ in names and knew no v3.1. Exit 1 where anything differs that is not known to. `reference.node.test.ts` keeps a few of these for ever.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hashOf, toHex } from '../src/bytes/index.ts';
import { STAMP_ENTRY } from '../src/formats/apk/index.ts';
import { writeZip } from '../src/formats/archive/index.ts';
import { nodeHash } from '../src/platform/node/index.ts';
import { oddContents, oddSurroundings } from './apk-differential/app-forms.ts';
import { ourAnswer, type Question } from './apk-differential/ask.ts';
import { oddlyBlocked } from './apk-differential/block-forms.ts';
import { compareAnswers, type Difference, type Saying, sayingOf } from './apk-differential/compare.ts';
import { cmsForger, type Forger, forger, oddlySigned } from './apk-differential/jar-forms.ts';
import { makeKeys, readKeys, type TestKey } from './apk-differential/keys.ts';
import { alteredIdsig, mutated, type Roll } from './apk-differential/mutate.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    library: { type: 'string', default: '/usr/share/java/apksig.jar' },
    keep: { type: 'string' },
    only: { type: 'string' },
  },
});
/** Levels, ranges, and ranges that nobody would ask for. */
const RANGES =
  '1 8 10 17 18 19 21 23 24 27 28 29 30 31 32 33 34 35 36 10000 2147483647 : 0: 1: :17 :23 :27 :32 :33 17:23 18: 23:24 24:27 27:28 28: 28:32 32:33 33: 34:36'.split(
    ' ',
  );
/** Altered ones of each that is signed. */
const ALTERED = 9;
const root = join(import.meta.dirname, '..');
if (!existsSync(values.library)) throw new Error('libapksig-java is not installed');

/** xorshift32. */
function random(seed: number): Roll {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

const pick = <T>(roll: Roll, list: readonly T[]): T => list[roll(list.length)] as T; // never empty

/** One line for ApkSign.java. */
function signingOf(keys: readonly string[], roll: Roll): string {
  const strong = keys.filter((name) => !name.startsWith('dsa'));
  const schemes = ['v1', 'v2', 'v3'].filter(() => roll(3) > 0);
  if (schemes.length === 0) schemes.push('v2');
  if (roll(6) === 0) schemes.push('verity');
  if (roll(3) === 0 && (schemes.includes('v2') || schemes.includes('v3'))) schemes.push('v4');
  const lineage = roll(3) === 0 ? [...new Set([pick(roll, strong), pick(roll, strong), pick(roll, strong)])] : [];
  const isRotated = lineage.length > 1;
  const several = roll(4) === 0 && !schemes.includes('v3');
  const signers = isRotated
    ? [lineage[0], lineage.at(-1)]
    : several
      ? [...new Set(Array.from({ length: 3 }, () => pick(roll, keys)))]
      : [pick(roll, keys)];
  const stamp = roll(5) === 0 ? pick(roll, strong) : '-';
  const level = pick(roll, ['-', 8, 17, 18, 24, 28]);
  const rotation = isRotated ? pick(roll, ['-', 28, 32, 33, 34, 10_000, '33dev', '34dev']) : '-';
  return [schemes.join(','), level, signers.join(','), isRotated ? lineage.join(',') : '-', stamp, rotation].join('|');
}

const folder = mkdtempSync(join(tmpdir(), 'assay-apks-'));
/** Runs a program beside the library; its complaints are not ours. */
const java = (words: readonly string[], input = '') =>
  execFileSync('java', ['-Dorg.bouncycastle.rsa.max_size=16384', '-cp', values.library, ...words], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
    .trim()
    .split('\n');

/** APKs signed by the library, and altered. */
async function bySigning(count: number, keys: readonly string[], roll: Roll): Promise<readonly Question[]> {
  for (const sub of ['plain', 'signed']) mkdirSync(join(folder, sub));
  const jobs = Array.from({ length: Math.ceil(count / (ALTERED + 1)) }, (_, index) => {
    writeFileSync(join(folder, 'plain', `${index}.apk`), writeZip(oddContents(roll)));
    return `${join(folder, 'plain', `${index}.apk`)}|${join(folder, 'signed', `${index}.apk`)}|${signingOf(keys, roll)}`;
  });
  const said = java([join(root, 'tools', 'java', 'ApkSign.java'), join(folder, 'keys')], jobs.join('\n'));
  console.log(`signed ${said.filter((line) => line === 'ok').length} of ${jobs.length} combinations; the rest the library refused`);
  const asked: Question[] = [];
  for (const index of jobs.keys()) {
    if (said[index] !== 'ok') continue;
    const path = join(folder, 'signed', `${index}.apk`);
    const apk = new Uint8Array(readFileSync(path));
    const idsig = existsSync(`${path}.idsig`) ? new Uint8Array(readFileSync(`${path}.idsig`)) : undefined;
    asked.push({ apk, idsig });
    for (let n = 0; n < ALTERED; n++) {
      if (idsig !== undefined && roll(3) > 0) {
        asked.push({ apk, idsig: await alteredIdsig(idsig, roll) });
        continue;
      }
      const once = await mutated(apk, roll);
      asked.push({ apk: roll(4) > 0 ? once : await mutated(once, roll).catch(() => once), idsig });
    }
  }
  return asked;
}

interface With {
  readonly keys: readonly TestKey[];
  /** Older versions of the library know v3 alone. */
  readonly knowsV31: boolean;
}

/** openssl, or we ourselves, who put together what it would not. */
function forgerOf(key: TestKey, roll: Roll): Forger {
  const { kind, certificate, spki } = key;
  if ((kind !== 'rsa' && kind !== 'ec') || roll(2) === 0) return cmsForger(join(folder, 'keys'), key.name);
  return forger({ kind, certificate, spki, sign: async (scheme, data) => key.sign(scheme, data) ?? new Uint8Array(8) });
}

/** An APK in unusual forms: of its JAR files, or of its signing block too. */
async function byForging(kind: 'jar' | 'block', { keys, knowsV31 }: With, roll: Roll): Promise<Question> {
  const signers = Array.from({ length: roll(5) === 0 ? 2 : 1 }, () => pick(roll, keys));
  const stampKey = kind === 'block' && roll(3) === 0 ? pick(roll, keys) : undefined;
  const entry =
    stampKey === undefined
      ? []
      : [{ name: STAMP_ENTRY, data: hashOf(nodeHash, 'sha256', (roll(20) === 0 ? pick(roll, keys) : stampKey).certificate) }];
  const parts = [...oddContents(roll), ...entry];
  const around = oddSurroundings(roll);
  const forgers = signers.map((key) => forgerOf(key, roll));
  const jar = kind === 'jar' || roll(3) === 0 ? await oddlySigned(parts, { signers: forgers, roll, around }) : writeZip(parts, around);
  if (kind === 'jar') return { apk: roll(3) === 0 ? await mutated(jar, roll).catch(() => jar) : jar, idsig: undefined };
  const stamp = stampKey === undefined ? undefined : { key: stampKey, lineage: roll(3) === 0 ? [pick(roll, keys), stampKey] : [] };
  const apk = await oddlyBlocked(jar, signers, { keys, roll, hash: nodeHash, stamp, withV31: knowsV31 }).catch(() => jar);
  return { apk: roll(8) === 0 ? await mutated(apk, roll).catch(() => apk) : apk, idsig: undefined };
}

try {
  const roll = random(Number(values.seed));
  const count = Number(values.count);
  for (const sub of ['keys', 'asked']) mkdirSync(join(folder, sub));
  const names = makeKeys(join(folder, 'keys'));
  const keys = readKeys(join(folder, 'keys'));
  const knowsV31 = java([join(root, 'tools', 'java', 'ApkVerdicts.java')])[0] === 'v3.1';
  const wanted = (kind: string) => values.only === undefined || values.only === kind;
  const asked: Question[] = wanted('library') ? [...(await bySigning(values.only === undefined ? count / 4 : count, names, roll))] : [];
  while (asked.length < count)
    asked.push(await byForging(wanted('block') && (!wanted('jar') || roll(2) === 0) ? 'block' : 'jar', { keys, knowsV31 }, roll));
  const ours = new Map<string, Saying>();
  for (const [index, question] of asked.entries()) {
    writeFileSync(join(folder, 'asked', `${index}.apk`), question.apk);
    if (question.idsig !== undefined) writeFileSync(join(folder, 'asked', `${index}.apk.idsig`), question.idsig);
    for (const range of RANGES) ours.set(`${index}.apk ${range}`, await ourAnswer(question, range));
  }
  const lines = java([join(root, 'tools', 'java', 'ApkVerdicts.java'), join(folder, 'asked'), ...RANGES]);
  const { agreed, known, differences, verified } = compareAnswers(ours, lines.map(sayingOf));
  console.log(
    `${asked.length} APKs, of which ${verified} verify somewhere, at ${RANGES.length} levels and ranges: ${agreed} answers agree`,
  );
  for (const [because, times] of known) console.log(`  known to differ, ${times} times: ${because}`);
  explain(differences);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Prints what differs in groups, the largest first, each with an example. */
function explain(differences: readonly Difference[]): void {
  const groups = Map.groupBy(differences, ({ kind }) => kind);
  for (const [kind, group] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
    const [{ name, range, ours, theirs }] = group as [Difference]; // groups are not empty
    const files = new Set(group.map((one) => one.name));
    const apk = readFileSync(join(folder, 'asked', name));
    console.log(
      `${group.length} answers of ${files.size} APKs: ${kind}\n  ${name} at ${range}, ${apk.length} bytes, ${toHex(hashOf(nodeHash, 'sha256', apk)).slice(0, 12)}\n  we: ${ours}\n  they: ${theirs}`,
    );
    if (values.keep === undefined) continue;
    mkdirSync(values.keep, { recursive: true });
    for (const file of [...files].slice(0, 3).flatMap((one) => [one, `${one}.idsig`]))
      if (existsSync(join(folder, 'asked', file))) copyFileSync(join(folder, 'asked', file), join(values.keep, file));
  }
  process.exitCode = differences.length > 0 ? 1 : 0;
}
