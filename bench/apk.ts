/**
 * APK verification: a verdict, a 46 MB APK, and the system APKs of a phone.
 * Method: everything is made by `forge/` with keys of this run, written to a temporary folder, and read through file handles with warm caches.
 * `framework`: as Debian's android-framework-res is made: 7,600 entries, 44 MB, a resource table of 30 MB, 6,155 small files stored and 1,444 packed from
 * 1.7 MB to 0.6, signed with v1, v2 and v3; `packed`: 46 MB of which a third is packed and hardly gets smaller, which costs more to unpack than to hash.
 * `hashing` is SHA-256 alone, over as many bytes as the verification hashed, in 1 MiB pieces; the two are measured in turns in one process and the best
 * rounds compared, as whatever else the machine does only adds. Memory is the peak of `assay apk verify`, a process of its own.
 * `phone`: 300 APKs, 1.5 GB, 200 of them v2 and v3, 100 v1 alone, by the command `assay apk verify FILE…`, from its start to its end.
 * `verdicts`: the platform's own small APKs where they lie beside this checkout, at 14 levels each, in one process.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { bytesSource, type HashPort } from '../src/bytes/index.ts';
import { apkPorts } from '../src/cli/apk-verify.ts';
import { type ApkSigner, type ApkSigning, forgeApk, forgeApp } from '../src/forge/apk.ts';
import { makeApkSigner } from '../src/forge/node/sign-apk.ts';
import { type ApkPorts, verifyApk } from '../src/formats/apk/index.ts';
import type { ZipPart } from '../src/formats/archive/index.ts';
import { nodeHash, openFile } from '../src/platform/node/index.ts';

const ports: ApkPorts = apkPorts;
const ROUNDS = 7;
const MEGABYTE = 1 << 20;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Runs all of it and prints what it finds. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-apk-'));
  try {
    const signer = await makeApkSigner({ kind: 'rsa', name: 'bench' });
    await benchVerdicts();
    await benchFramework(folder, signer);
    await benchPhone(folder, signer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Entries of mixed content: two thirds stored as they are, a third packed. */
function filling(count: number, total: number): readonly ZipPart[] {
  const size = Math.floor(total / count);
  const noise = randomBytes(total);
  return Array.from({ length: count }, (_, index) => {
    const name = `res/drawable/file${index}.bin`;
    if (index % 3 !== 0) return { name, data: noise.subarray(index * size, index * size + size) };
    const data = Buffer.from(noise.subarray(index * size, index * size + size).toString('base64'));
    return { name, data, packed: deflateRawSync(data) };
  });
}

const every = (signer: ApkSigner): ApkSigning => ({
  v1: { signers: [signer], digest: 'sha256' },
  v2: [signer],
  v3: [{ signer, minSdk: 28, maxSdk: 0x7fffffff }],
});

async function makeApk(path: string, files: readonly ZipPart[], signing: ApkSigning): Promise<number> {
  const app = { packageName: 'com.example.bench', versionCode: 1, minSdk: 18, targetSdk: 28, files };
  const bytes = await forgeApk(forgeApp(app, nodeHash), signing, nodeHash);
  writeFileSync(path, bytes);
  return bytes.length;
}

async function verifyPath(path: string, minSdk: number | undefined, hash: HashPort = nodeHash): Promise<boolean> {
  const source = await openFile(path);
  try {
    return (await verifyApk(source, { ...ports, hash }, { minSdk, maxSdk: undefined })).verified;
  } finally {
    await source.close();
  }
}

async function benchVerdicts(): Promise<void> {
  const corpus = join(import.meta.dirname, '..', '..', 'shared', 'data', 'apk', 'corpus');
  if (!existsSync(corpus)) {
    console.log('verdicts: the corpus is not beside this checkout');
    return;
  }
  const files = readdirSync(corpus)
    .filter((name) => name.endsWith('.apk'))
    .map((name) => bytesSource(readFileSync(join(corpus, name))));
  const levels = [10, 17, 18, 19, 23, 24, 27, 28, 29, 30, 32, 33, 34, 35];
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    const started = performance.now();
    for (const file of files) for (const level of levels) await verifyApk(file, ports, { minSdk: level, maxSdk: level });
    times.push((performance.now() - started) / (files.length * levels.length));
  }
  const ours = Math.min(...times);
  console.log(
    `verdicts: ${ours.toFixed(2)} ms a verdict, ${files.length} APKs at ${levels.length} levels, the best of ${times.length} rounds`,
  );
  const reference = referenceVerdicts(corpus, levels, times.length);
  if (reference === undefined) console.log('  libapksig-java or a Java that runs it is not installed: nothing to compare with');
  else
    console.log(
      `  libapksig in one warm JVM: ${reference.toFixed(2)} ms a verdict, ${(reference / ours).toFixed(1)} times as long (wanted: 3)`,
    );
  const cli = referenceCommandLine(join(corpus, 'original.apk'));
  if (cli !== undefined)
    console.log(`  its command line: ${cli.toFixed(0)} ms a verdict, ${(cli / ours).toFixed(0)} times as long (wanted: 20)`);
}

/** The same verdicts by the platform's library, Debian's libapksig-java, in milliseconds each: the best round of as many. */
function referenceVerdicts(corpus: string, levels: readonly number[], rounds: number): number | undefined {
  try {
    const program = join(import.meta.dirname, 'java', 'ApkVerdicts.java');
    const words = ['-cp', '/usr/share/java/apksig.jar', program, corpus, String(rounds), ...levels.map(String)];
    const printed = execFileSync('java', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Math.min(...printed.trim().split('\n').map(Number));
  } catch {
    return undefined;
  }
}

function referenceCommandLine(apk: string): number | undefined {
  try {
    const times = [0, 1, 2].map(() => {
      const started = performance.now();
      execFileSync('apksigner', ['verify', apk], { stdio: 'ignore' });
      return performance.now() - started;
    });
    return Math.min(...times);
  } catch {
    return undefined;
  }
}

/** The shape of Debian's framework-res.apk. */
function framework(): readonly ZipPart[] {
  const noise = randomBytes(30 * MEGABYTE);
  const texts = Array.from({ length: 1444 }, (_, index) => {
    const data = Buffer.from(`<item name="entry${index}" value="@${noise.toString('hex', index * 300, index * 300 + 300)}"/>`.repeat(2));
    return { name: `res/layout/file${index}.xml`, data, packed: deflateRawSync(data) };
  });
  const pictures = Array.from({ length: 6155 }, (_, index) => ({
    name: `res/drawable/file${index}.png`,
    data: noise.subarray(index * 2000, index * 2000 + 2000),
  }));
  return [{ name: 'resources.arsc', data: noise }, ...pictures, ...texts];
}

async function benchFramework(folder: string, signer: ApkSigner): Promise<void> {
  for (const [what, files] of [
    ['framework', framework()],
    ['packed', filling(7600, 46 * MEGABYTE)],
  ] as const) {
    const path = join(folder, `${what}.apk`);
    const size = await makeApk(path, files, every(signer));
    for (const [schemes, minSdk] of [
      ['v1, v2 and v3', 18],
      ['v3 alone', 28],
    ] as const) {
      const hashed = await bytesHashed(path, minSdk);
      const { verifying, hashing } = await inTurns(path, minSdk, hashed);
      console.log(
        `${what}, ${schemes}: ${(size / MEGABYTE).toFixed(0)} MiB in ${verifying.toFixed(0)} ms; hashing ${(hashed / MEGABYTE).toFixed(0)} MiB alone ${hashing.toFixed(0)} ms; ratio ${(verifying / hashing).toFixed(2)} (wanted: 1.3); peak ${peakOf(path, minSdk)}`,
      );
    }
  }
}

async function bytesHashed(path: string, minSdk: number): Promise<number> {
  let hashed = 0;
  const counting: HashPort = (algorithm) => {
    const hasher = nodeHash(algorithm);
    return {
      update(bytes) {
        hashed += bytes.length;
        hasher.update(bytes);
      },
      digest: () => hasher.digest(),
    };
  };
  const source = await openFile(path);
  const { hash: _hash, stretches: _stretches, ...rest } = ports;
  const { verified } = await verifyApk(source, { ...rest, hash: counting }, { minSdk, maxSdk: undefined });
  await source.close();
  if (!verified) throw new Error('the bench APK does not verify');
  return hashed;
}

/** The best time of verifying and of hashing alone, in milliseconds. */
async function inTurns(path: string, minSdk: number, hashed: number): Promise<{ readonly verifying: number; readonly hashing: number }> {
  const piece = randomBytes(MEGABYTE);
  const verifying: number[] = [];
  const hashing: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let started = performance.now();
    await verifyPath(path, minSdk);
    verifying.push(performance.now() - started);
    started = performance.now();
    const hash = createHash('sha256');
    for (let left = hashed; left > 0; left -= MEGABYTE) hash.update(left >= MEGABYTE ? piece : piece.subarray(0, left));
    hash.digest();
    hashing.push(performance.now() - started);
  }
  return { verifying: Math.min(...verifying), hashing: Math.min(...hashing) };
}

/** The most memory that `assay apk verify` has: of its own, where `maxRSS` would begin with what the process that started it had. */
function peakOf(path: string, minSdk: number): string {
  const assay = join(import.meta.dirname, '..', 'bin', 'assay.mjs');
  const report = `import { readFileSync } from 'node:fs'; process.on('exit', () => process.stderr.write(readFileSync('/proc/self/status')))`;
  const hook = `data:text/javascript,${encodeURIComponent(report)}`;
  const run = spawnSync(process.execPath, ['--import', hook, assay, 'apk', 'verify', '--min-sdk', String(minSdk), path], {
    encoding: 'utf8',
  });
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(run.stderr) ?? [];
  return kib === undefined ? 'unknown' : `${(Number(kib) / 1024).toFixed(0)} MiB`;
}

async function benchPhone(folder: string, signer: ApkSigner): Promise<void> {
  // Twelve contents, each written 25 times: making 300 different ones would measure the maker.
  const paths: string[] = [];
  let total = 0;
  for (let kind = 0; kind < 12; kind++) {
    const signing = kind % 3 === 2 ? { v1: { signers: [signer] } } : { v2: [signer], v3: [{ signer, minSdk: 28, maxSdk: 0x7fffffff }] };
    const first = join(folder, `app${kind}-0.apk`);
    total += 25 * (await makeApk(first, filling(100 + 150 * kind, 5 * MEGABYTE), signing));
    const bytes = readFileSync(first);
    for (let copy = 0; copy < 25; copy++) {
      const path = join(folder, `app${kind}-${copy}.apk`);
      writeFileSync(path, bytes);
      paths.push(path);
    }
  }
  const assay = join(import.meta.dirname, '..', 'bin', 'assay.mjs');
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    const run = spawnSync(process.execPath, [assay, 'apk', 'verify', '--min-sdk', String(PHONE_LEVEL), ...paths], { encoding: 'utf8' });
    times.push(performance.now() - started);
    if (run.status !== 0 || run.stdout.split('  verified on API').length - 1 !== paths.length)
      throw new Error(`a bench APK does not verify: ${run.stderr.slice(0, 300)}`);
  }
  console.log(
    `phone: ${paths.length} APKs, ${(total / 1e9).toFixed(2)} GB in ${(median(times) / 1000).toFixed(1)} s, the whole command, ${cpus().length} cores (wanted: 8 s on two)`,
  );
}

/** Verifies files from this level on; a system APK is verified by the platform it comes with. */
const PHONE_LEVEL = 26;
