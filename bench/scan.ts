/**
 * Rules over the system APKs of a phone, as `assay apk scan FILE…` runs them.
 * Method: 300 APKs, 1.5 GB, made by `forge/` with keys of this run: twelve contents, each written 25 times, of which two thirds are stored and a third is packed;
 * scanned with the bundled rules, every member unpacked, through file handles with warm caches: one file after the other, then by two threads, whose start
 * and own compilation of the rules count. No rule may be met. Memory is the most that the whole process had.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { scanFiles } from '../src/cli/scan-pool.ts';
import { forgeApk, forgeApp } from '../src/forge/apk.ts';
import { makeApkSigner } from '../src/forge/node/sign-apk.ts';
import { builtinRules } from '../src/knowledge/index.ts';
import { nodeHash, nodeRules } from '../src/platform/node/index.ts';

const CONTENTS = 12;
const COPIES = 25;
const SIZE = 5 << 20;

/** Members of 20 KiB: one in three packed, one in ten under a name that rules do not look into, as pictures are. */
function files(noise: Buffer) {
  const size = 20 << 10;
  return Array.from({ length: Math.floor(SIZE / size) }, (_, index) => {
    const data = noise.subarray(index * size, index * size + size);
    const name = index % 10 === 0 ? `res/file${index}.png` : `assets/file${index}.bin`;
    if (index % 3 !== 0) return { name, data };
    const text = Buffer.from(data.toString('base64'));
    return { name, data: text, packed: deflateRawSync(text) };
  });
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-scan-'));
  try {
    const signer = await makeApkSigner({ kind: 'rsa', name: 'bench' });
    const paths: string[] = [];
    let total = 0;
    for (let content = 0; content < CONTENTS; content++) {
      const app = {
        packageName: `com.example.bench${content}`,
        versionCode: 1,
        minSdk: 24,
        targetSdk: 28,
        files: files(randomBytes(SIZE)),
      };
      const apk = await forgeApk(forgeApp(app, nodeHash), { v2: [signer] }, nodeHash);
      for (let copy = 0; copy < COPIES; copy++) {
        const path = join(folder, `${content}-${copy}.apk`);
        writeFileSync(path, apk);
        paths.push(path);
        total += apk.length;
      }
    }
    for (const threads of [1, Math.min(2, cpus().length)]) await scanAll(paths, total, threads);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function scanAll(paths: readonly string[], total: number, threads: number): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  const rules = [builtinRules];
  const scanner = await nodeRules(rules);
  if (scanner === undefined) throw new Error('there is no YARA engine for this machine');
  let scanned = 0;
  for await (const outcome of scanFiles(paths, { rules, scanner }, threads)) {
    if ('error' in outcome) throw new Error(outcome.error);
    if (outcome.matches.length > 0 || outcome.left.length > 0)
      throw new Error(`${outcome.file}: ${outcome.matches.length} met, ${outcome.left.length} left`);
    scanned += outcome.bytes;
  }
  const { user, system } = process.cpuUsage(before);
  console.log(
    `scan: ${paths.length} APKs, ${(total / 1e9).toFixed(2)} GB, ${(scanned / 1e9).toFixed(2)} GB unpacked, in ${((performance.now() - started) / 1000).toFixed(1)} s by ${scanner.engine} on ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${((user + system) / 1e6).toFixed(1)} s of processor, ${cpus().length} cores (wanted: 60 s); peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
  );
}
