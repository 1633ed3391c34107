/**
 * node tools/apk-differential.ts [--count N] [--seed N] [--keep FOLDER]: APKs signed by Debian's libapksig-java in combinations of its options, and by `forge` with JAR
 * files in unusual forms, as they are and altered, some with a .idsig file beside them; the verdict and the signers at 14 levels by that library and by ours. What differs is printed, with why;
 * `--keep` keeps those files. Ranges of levels are asked too. Needs libapksig-java, a JDK and openssl. Exit 1 where anything differs. `reference.node.test.ts` keeps a few of these for ever.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesSource } from '../src/bytes/index.ts';
import { apkPorts } from '../src/cli/apk-verify.ts';
import { forgeApp } from '../src/forge/apk.ts';
import { makeApkSigner } from '../src/forge/node/sign-apk.ts';
import { verifyApk } from '../src/formats/apk/index.ts';
import { writeZip, type ZipPart } from '../src/formats/archive/index.ts';
import { nodeHash } from '../src/platform/node/index.ts';
import { cmsForger, forger, oddlySigned } from './apk-differential/jar-forms.ts';
import { alteredIdsig, mutated, type Roll } from './apk-differential/mutate.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' }, keep: { type: 'string' } },
});
const LIBRARY = '/usr/share/java/apksig.jar';
const LEVELS = '10 17 18 19 23 24 27 28 29 30 32 33 34 35 : 1: 17:23 18: 24:27 28:'.split(' ');
/** Altered ones of each that is signed. */
const ALTERED = 9;
const root = join(import.meta.dirname, '..');
if (!existsSync(LIBRARY)) throw new Error('libapksig-java is not installed');

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

/** Keys of every kind that the library signs with: name, how openssl makes them. */
const KEYS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['rsa1024', ['-newkey', 'rsa:1024']],
  ['rsa2048', ['-newkey', 'rsa:2048']],
  ['rsa3072', ['-newkey', 'rsa:3072']],
  ['rsa4096', ['-newkey', 'rsa:4096']],
  ['ec256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ec384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['ec521', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ['dsa1024', ['-newkey', 'dsa:PARAM1024']],
  ['dsa2048', ['-newkey', 'dsa:PARAM2048']],
];

function makeKeys(folder: string): readonly string[] {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  for (const bits of ['1024', '2048']) openssl('dsaparam', '-out', join(folder, `PARAM${bits}`), bits);
  for (const [name, args] of KEYS) {
    const pem = join(folder, `${name}.pem`);
    const own = args.map((one) => one.replace('PARAM', `${folder}/PARAM`));
    openssl(
      'req',
      '-x509',
      '-nodes',
      '-sha256',
      '-days',
      '9000',
      '-subj',
      `/CN=${name}`,
      ...own,
      '-keyout',
      pem,
      '-out',
      join(folder, `${name}.crt`),
    );
    openssl('pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', '-in', pem, '-out', join(folder, `${name}.key`));
  }
  return KEYS.map(([name]) => name);
}

function contents(roll: Roll): readonly ZipPart[] {
  const minSdk = [undefined, 1, 8, 16, 17, 18, 21, 24, 28, 30][roll(10)];
  const files = Array.from({ length: roll(6) }, (_, index): ZipPart => {
    const names = [
      `assets/${index}`,
      `assets/${'long'.repeat(20)}${index}`,
      `assets/é ${index}`,
      `dir${index}/`,
      `a:b${index}`,
      `assets/\u{1f4f1}${index}`,
    ];
    return {
      name: names[roll(names.length)] ?? '',
      data: new Uint8Array(roll(3000)).fill(roll(256)),
      deflate: roll(2) === 0,
      align: roll(3) === 0 ? 4096 : 4,
    };
  });
  const app = {
    packageName: 'com.example.made',
    versionCode: 1,
    targetSdk: [16, 26, 29, 30, 33][roll(5)] ?? 26,
    debuggable: roll(2) === 0,
    files,
  };
  return forgeApp(minSdk === undefined ? app : { ...app, minSdk }, nodeHash);
}

/** One line for ApkSign.java. */
function signingOf(keys: readonly string[], roll: Roll): string {
  const key = () => keys[roll(keys.length)] ?? '';
  const strong = keys.filter((name) => !name.startsWith('dsa'));
  const schemes = ['v1', 'v2', 'v3'].filter(() => roll(3) > 0);
  if (schemes.length === 0) schemes.push('v2');
  if (roll(6) === 0) schemes.push('verity');
  if (roll(3) === 0 && (schemes.includes('v2') || schemes.includes('v3'))) schemes.push('v4');
  const lineage =
    roll(3) === 0 ? [...new Set([strong[roll(strong.length)], strong[roll(strong.length)], strong[roll(strong.length)]])] : [];
  const isRotated = lineage.length > 1;
  const several = roll(4) === 0 && !schemes.includes('v3');
  const signers = isRotated ? [lineage[0], lineage.at(-1)] : several ? [...new Set([key(), key(), key()])] : [key()];
  const stamp = roll(5) === 0 ? (strong[roll(strong.length)] ?? '-') : '-';
  const level = [undefined, 8, 17, 18, 24, 28][roll(6)] ?? '-';
  return [schemes.join(','), level, signers.join(','), isRotated ? lineage.join(',') : '-', stamp].join('|');
}

interface Question {
  readonly apk: Uint8Array;
  readonly idsig: Uint8Array | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'assay-apks-'));
const java = (...words: readonly string[]) =>
  execFileSync('java', ['-cp', LIBRARY, ...words], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'ignore'] });
let differing = 0;
try {
  const roll = random(Number(values.seed));
  const count = Number(values.count);
  for (const sub of ['keys', 'plain', 'signed', 'asked']) mkdirSync(join(folder, sub));
  const keys = makeKeys(join(folder, 'keys'));
  const jobs = Array.from({ length: Math.ceil(count / (2 * (ALTERED + 1))) }, (_, index) => {
    writeFileSync(join(folder, 'plain', `${index}.apk`), writeZip(contents(roll)));
    return `${join(folder, 'plain', `${index}.apk`)}|${join(folder, 'signed', `${index}.apk`)}|${signingOf(keys, roll)}`;
  });
  const said = execFileSync('java', ['-cp', LIBRARY, join(root, 'tools', 'java', 'ApkSign.java'), join(folder, 'keys')], {
    input: jobs.join('\n'),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
    .trim()
    .split('\n');
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
  const own = [await makeApkSigner({ kind: 'rsa', name: 'a' }), await makeApkSigner({ kind: 'ec', name: 'b' })].map(forger);
  const forgers = [...own, ...own, ...keys.map((name) => cmsForger(join(folder, 'keys'), name))];
  while (asked.length < count) {
    const signers = Array.from({ length: roll(5) === 0 ? 2 : 1 }, () => forgers[roll(forgers.length)]).filter((one) => one !== undefined);
    const apk = await oddlySigned(contents(roll), signers, roll);
    asked.push({ apk: roll(3) === 0 ? await mutated(apk, roll).catch(() => apk) : apk, idsig: undefined });
  }
  const ours = new Map<string, string>();
  const good = new Set<number>();
  for (const [index, { apk, idsig }] of asked.entries()) {
    writeFileSync(join(folder, 'asked', `${index}.apk`), apk);
    if (idsig !== undefined) writeFileSync(join(folder, 'asked', `${index}.apk.idsig`), idsig);
    for (const level of LEVELS) {
      const { verified, signers, issues, refusal, v4 } = await verdictOf({ apk, idsig }, level);
      if (verified) good.add(index);
      const why = [
        ...issues.map(({ name, detail }) => `${name} ${detail}`),
        ...(refusal === undefined ? [] : [`${refusal.exception} ${refusal.because}`]),
      ];
      ours.set([`${index}.apk`, level, verified, ...signers, ...v4].join(' '), why.join('; ').slice(0, 300));
    }
  }
  const theirs = java(join(root, 'test', 'java', 'ApkAnswers.java'), join(folder, 'asked'), ...LEVELS)
    .trim()
    .split('\n');
  const answered = new Set(theirs);
  const different = [...ours].filter(([line, why]) => !answered.has(line) && !isKnown(line, why));
  const names = new Set(different.map(([line]) => line.split(' ')[0] ?? ''));
  differing = names.size;
  console.log(
    `${asked.length} APKs, of which ${good.size} verify somewhere, at ${LEVELS.length} levels and ranges: ${ours.size - different.length} verdicts agree, ${different.length} of ${names.size} APKs differ`,
  );
  if (names.size > 0) explain(different, [...names]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = differing > 0 ? 1 : 0;

/**
 * What is wrong with a v2 or v3 block as a whole, and not with a signer, the library in Debian drops; later ones do not (ApkVerifier.Result.mergeFrom), nor does
 * Android, which takes such a block for none. At an .idsig file that does not read, it throws, or, where that is cut in its tree or goes on behind the signer, it
 * takes what is there; adb and the platform want all of it.
 */
function isKnown(line: string, why: string): boolean {
  if (/^V4_SIG_(?:VERSION_NOT_CURRENT|MALFORMED_SIGNERS apk idsig)\b/.test(why)) return true;
  return line.includes(' false') && /^V[23]_SIG_(?:NO_SIGNERS|MALFORMED_SIGNERS)\b/.test(why);
}

/**
 * Our verdict as the library gives it: an .idsig file that is bad in itself only makes the APK one without v4; one of somebody else's, or
 * beside v1 alone, refuses it. To us either is
 * a refusal, because whoever hands us the file asks about it.
 */
async function verdictOf({ apk, idsig }: Question, level: string) {
  const plain = await verifyApk(bytesSource(apk), apkPorts, rangeOf(level));
  if (idsig === undefined || !plain.verified) return { ...plain, v4: [] };
  const beside = await verifyApk(bytesSource(apk), apkPorts, { ...rangeOf(level), idsig: bytesSource(idsig) });
  const isOthers = beside.issues.some(({ name }) => name.startsWith('V4_SIG_V2_V3_'));
  const isAlone = plain.schemes.every((scheme) => scheme === 'v1');
  if (isOthers || isAlone) return { ...beside, v4: [] };
  return { ...plain, issues: beside.issues, v4: beside.schemes.includes('v4') ? ['v4'] : [] };
}

/** A level, or the two ends of a range. */
function rangeOf(words: string): { readonly minSdk: number | undefined; readonly maxSdk: number | undefined } {
  const [min = '', max = min] = words.split(':');
  return { minSdk: min === '' ? undefined : Number(min), maxSdk: max === '' ? undefined : Number(max) };
}

/** What the library says of the APKs in question, beside what we say. */
function explain(different: readonly (readonly [string, string])[], names: readonly string[]): void {
  const why = join(folder, 'why');
  mkdirSync(why);
  for (const name of names) {
    for (const file of [name, `${name}.idsig`]) {
      if (!existsSync(join(folder, 'asked', file))) continue;
      copyFileSync(join(folder, 'asked', file), join(why, file));
      if (values.keep === undefined) continue;
      mkdirSync(values.keep, { recursive: true });
      copyFileSync(join(folder, 'asked', file), join(values.keep, file));
    }
  }
  const reasons = java(join(root, 'test', 'java', 'ApkAnswers.java'), why, ...LEVELS)
    .trim()
    .split('\n');
  for (const [line, ourWhy] of different) {
    const [name, level] = line.split(' ');
    const their = reasons.find((one) => one.startsWith(`${name} ${level} `)) ?? '';
    console.log(`${line}\n  we: ${ourWhy}\n  they: ${their.split(' ').slice(2).join(' ').slice(0, 400)}`);
  }
}
