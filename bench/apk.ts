/**
 * APK verification: a verdict, a 46 MB APK, and the system APKs of a phone.
 * Method: everything is made by `forge/` with keys of this run, written to a temporary folder, and read through file handles with warm caches.
 * `framework`: 7,600 entries, 46 MB, a third of them packed, signed with v1, v2 and v3; `hashing` is SHA-256 alone, over as many bytes as the verification
 * hashed, in 1 MiB pieces; the two are measured in turns in one process and the medians compared. Memory is the peak of a process of its own.
 * `phone`: 300 APKs, 1.5 GB, 200 of them v2 and v3, 100 v1 alone, verified by two worker threads.
 * `verdicts`: the platform's own small APKs where they lie beside this checkout, at 14 levels each, in one process.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { deflateRawSync } from 'node:zlib';
import { bytesSource, type HashPort } from '../src/bytes/index.ts';
import { apkPorts } from '../src/cli/commands/apk.ts';
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
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    for (const file of files) for (const level of levels) await verifyApk(file, ports, { minSdk: level, maxSdk: level });
    times.push((performance.now() - started) / (files.length * levels.length));
  }
  console.log(
    `verdicts: ${median(times).toFixed(2)} ms a verdict, ${files.length} APKs at ${levels.length} levels (libapksig in one warm JVM: 6.7 ms, measured elsewhere)`,
  );
}

async function benchFramework(folder: string, signer: ApkSigner): Promise<void> {
  const path = join(folder, 'framework.apk');
  const size = await makeApk(path, filling(7600, 46 * MEGABYTE), every(signer));
  for (const [what, minSdk] of [
    ['v1, v2 and v3', 18],
    ['v3 alone', 28],
  ] as const) {
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
    if (!(await verifyPath(path, minSdk, counting))) throw new Error('the bench APK does not verify');
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
    const ratio = median(verifying) / median(hashing);
    const peak = execFileSync(process.execPath, [import.meta.filename, 'peak', path, String(minSdk)], { encoding: 'utf8' }).trim();
    console.log(
      `framework, ${what}: ${(size / MEGABYTE).toFixed(0)} MiB in ${median(verifying).toFixed(0)} ms; hashing ${(hashed / MEGABYTE).toFixed(0)} MiB alone ${median(hashing).toFixed(0)} ms; ratio ${ratio.toFixed(2)} (wanted: 1.3); peak ${peak}`,
    );
  }
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
  const threads = Math.min(2, cpus().length);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    const verified = await Promise.all(
      Array.from({ length: threads }, (_, index) => inWorker(paths.filter((_path, place) => place % threads === index))),
    );
    times.push(performance.now() - started);
    if (verified.reduce((sum, count) => sum + count, 0) !== paths.length) throw new Error('a bench APK does not verify');
  }
  console.log(
    `phone: ${paths.length} APKs, ${(total / 1e9).toFixed(2)} GB in ${(median(times) / 1000).toFixed(1)} s on ${threads} threads (wanted: 8 s)`,
  );
}

async function inWorker(paths: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: paths });
    worker.once('message', (count: number) => resolve(count));
    worker.once('error', reject);
  });
}

/** Verifies files from this level on; a system APK is verified by the platform it comes with. */
const PHONE_LEVEL = 26;

if (!isMainThread && Array.isArray(workerData)) {
  let count = 0;
  for (const path of workerData) if (typeof path === 'string' && (await verifyPath(path, PHONE_LEVEL))) count++;
  parentPort?.postMessage(count);
} else if (process.argv[2] === 'peak' && process.argv[3] !== undefined) {
  await verifyPath(process.argv[3], Number(process.argv[4]));
  console.log(`${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}
