/**
 * Firmware: payload → manifest against the limit of the machine and against the chain that people use, hash trees against bare SHA-256, one file out of a remote payload, memory.
 * The ROM is the forged 2025 family with `ASSAY_BENCH_FILL` libraries (default 1050: a payload of 250 MB), made once and kept in the system's folder for temporary files.
 */

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sliceSource } from '../src/bytes/index.ts';
import { forgeRom, makeRomKeys } from '../src/forge/node/index.ts';
import { readPayload, writePayload } from '../src/formats/android/index.ts';
import { writeZip } from '../src/formats/archive/index.ts';
import { verifyImages } from '../src/platform/node/images/index.ts';
import { nodeCodec, nodeHash, openFile, openPartitionPool } from '../src/platform/node/index.ts';
import { type ChainTimes, runChain } from './support/dump-chain.ts';

const FILL = Number(process.env['ASSAY_BENCH_FILL'] ?? 1050);
const ROUNDS = 3;
const MEMORY_RUNS = Number(process.env['ASSAY_BENCH_MEMORY_RUNS'] ?? 3);
const root = join(import.meta.dirname, '..');
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

export async function run(): Promise<void> {
  const folder = join(tmpdir(), `assay-bench-rom-${FILL}`);
  const ota = join(folder, 'ota.zip');
  if (!existsSync(ota)) await makeRom(folder);
  await benchPayload(folder, ota);
  await benchTree(folder);
  await benchRemote(folder, ota);
}

async function makeRom(folder: string): Promise<void> {
  console.log(`making the ROM in ${folder} (once)`);
  const work = `${folder}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'images'), { recursive: true });
  const rom = await forgeRom('payload-2025', 'maker', makeRomKeys(), { fill: FILL });
  for (const [name, bytes] of rom.images) writeFileSync(join(work, 'images', `${name}.img`), bytes);
  writeFileSync(join(work, 'ota.zip'), rom.packages.get('ota.zip') ?? new Uint8Array(0));
  renameSync(work, folder);
}

/** Runs the command line in a process of its own; answers wall time and the most memory it had, by the kernel's mark of that program: `maxRSS` counts what the process had before it became that. */
function runCli(args: readonly string[]): { readonly ms: number; readonly maxMiB: number; readonly cpuMs: number } {
  const hook = `data:text/javascript,${encodeURIComponent('import{readFileSync}from"node:fs";process.on("exit",()=>{const u=process.resourceUsage();let m=u.maxRSS;try{m=/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status","utf8"))[1]}catch{}process.stderr.write("\\nUSAGE "+m+" "+(u.userCPUTime+u.systemCPUTime)+"\\n")})')}`;
  const startedAt = performance.now();
  const { stderr, status } = spawnSync(process.execPath, ['--import', hook, join(root, 'bin/assay.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const ms = performance.now() - startedAt;
  const [, kib = 0, micros = 0] = /USAGE (\d+) (\d+)/.exec(stderr) ?? [];
  if (status !== 0) console.log(`exit ${status}: ${stderr.slice(0, 400)}`);
  return { ms, maxMiB: Number(kib) / 1024, cpuMs: Number(micros) / 1000 };
}

/** The limit: the same operations by the native decoder, SHA-256 over what goes in and over what comes out, two at a time. */
async function limit(ota: string): Promise<{
  readonly ms: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly operations: number;
  readonly cpuMs: number;
}> {
  const file = await openFile(ota);
  const payloadAt = await payloadOffset(ota);
  const source = sliceSource(file, payloadAt, file.size - payloadAt);
  const { value: payload } = await readPayload(source);
  const operations = payload.manifest.partitions.flatMap((partition) => partition.operations);
  let next = 0;
  let packed = 0;
  let unpacked = 0;
  const usage = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(
    [0, 1].map(async () => {
      for (let operation = operations[next++]; operation !== undefined; operation = operations[next++]) {
        const data = await source.read(payload.blobsAt + operation.dataOffset, operation.dataLength);
        createHash('sha256').update(data).digest();
        const out = operation.type === 'REPLACE_XZ' ? await nodeCodec('xz', data, 1 << 24) : data;
        createHash('sha256').update(out).digest();
        packed += data.length;
        unpacked += out.length;
      }
    }),
  );
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(usage);
  await file.close();
  return { ms, packed, unpacked, operations: operations.length, cpuMs: (user + system) / 1000 };
}

/** The same limit by liblzma itself: the operations in two files, each through `xz -dc` and `openssl dgst`. Undefined without these tools. */
async function limitByXz(folder: string, ota: string): Promise<number | undefined> {
  if (spawnSync('xz', ['--version']).error !== undefined || spawnSync('openssl', ['version']).error !== undefined) return undefined;
  const file = await openFile(ota);
  const payloadAt = await payloadOffset(ota);
  const source = sliceSource(file, payloadAt, file.size - payloadAt);
  const { value: payload } = await readPayload(source);
  const paths = [join(folder, 'operations-0.xz'), join(folder, 'operations-1.xz')];
  const handles = paths.map((path) => openSync(path, 'w'));
  const sizes = [0, 0];
  const operations = payload.manifest.partitions.flatMap((partition) => partition.operations.filter(({ type }) => type === 'REPLACE_XZ'));
  for (const { dataOffset, dataLength } of operations) {
    const half = (sizes[0] ?? 0) <= (sizes[1] ?? 0) ? 0 : 1;
    writeSync(handles[half] ?? 0, await source.read(payload.blobsAt + dataOffset, dataLength));
    sizes[half] = (sizes[half] ?? 0) + dataLength;
  }
  for (const handle of handles) closeSync(handle);
  await file.close();
  const startedAt = performance.now();
  await Promise.all(
    paths.map(
      (path) =>
        new Promise((resolve) => {
          const script = 'openssl dgst -sha256 "$1" >/dev/null; xz -dc "$1" | openssl dgst -sha256 >/dev/null';
          spawn('sh', ['-c', script, 'sh', path], { stdio: 'ignore' }).once('exit', resolve);
        }),
    ),
  );
  const ms = performance.now() - startedAt;
  for (const path of paths) rmSync(path);
  return ms;
}

async function payloadOffset(ota: string): Promise<number> {
  const start = new Uint8Array(1 << 16);
  const handle = openSync(ota, 'r');
  readSync(handle, start, 0, start.length, 0);
  return Buffer.from(start).indexOf('CrAU');
}

async function benchPayload(folder: string, ota: string): Promise<void> {
  const limits: Awaited<ReturnType<typeof limit>>[] = [];
  const ours: ReturnType<typeof runCli>[] = [];
  const chains: ChainTimes[] = [];
  // In turns, because a machine is not equally quick all the time.
  for (let round = 0; round < ROUNDS; round++) {
    limits.push(await limit(ota));
    ours.push(runCli(['firmware', 'manifest', ota]));
    const chain = await chainOf(folder, ota);
    if (chain !== undefined) chains.push(chain);
  }
  const least = (list: readonly number[]) => Math.min(...list);
  const limitMs = least(limits.map(({ ms }) => ms));
  const limitCpu = least(limits.map(({ cpuMs }) => cpuMs));
  const oursMs = least(ours.map(({ ms }) => ms));
  const oursCpu = least(ours.map(({ cpuMs }) => cpuMs));
  const { packed = 0, unpacked = 0, operations = 0 } = limits[0] ?? {};
  console.log(`payload of ${mb(packed)} in ${operations} operations, ${mb(unpacked)} of partitions; least of ${ROUNDS} in turns`);
  console.log(`  limit (native xz and SHA-256 of every operation, 2 at a time): ${seconds(limitMs)}, CPU ${seconds(limitCpu)}`);
  console.log(`  firmware manifest, whole process: ${seconds(oursMs)}, CPU ${seconds(oursCpu)}`);
  console.log(
    `  of the limit: ${(limitMs / oursMs).toFixed(2)} by wall time, ${(limitCpu / oursCpu).toFixed(2)} by CPU time (at least 0.8 is wanted)`,
  );
  const byXz = await limitByXz(folder, ota);
  if (byXz !== undefined)
    console.log(
      `  by xz -dc and openssl dgst over the same operations in two processes: ${seconds(byXz)}, of it ${(byXz / oursMs).toFixed(2)}`,
    );
  const chain = chains.toSorted((a, b) => totalOf(a) - totalOf(b))[0];
  if (chain !== undefined)
    console.log(
      `  a Python dumper ${seconds(chain.dumpMs)}, fsck.erofs --extract ${seconds(chain.extractMs)}, sha256sum of every file ${seconds(chain.digestMs)}: ${(totalOf(chain) / oursMs).toFixed(1)} times as long (at least 3 is wanted); ${(totalOf(chain) / limitMs).toFixed(1)} times the limit`,
    );
  const memory = ours.map(({ maxMiB }) => maxMiB);
  while (memory.length < MEMORY_RUNS) memory.push(runCli(['firmware', 'manifest', ota]).maxMiB);
  console.log(
    `  memory at most, ${memory.length} runs: ${Math.min(...memory).toFixed(0)} to ${Math.max(...memory).toFixed(0)} MiB (less than 381 is wanted)`,
  );
}

const totalOf = ({ dumpMs, extractMs, digestMs }: ChainTimes) => dumpMs + extractMs + digestMs;

async function chainOf(folder: string, ota: string): Promise<ChainTimes | undefined> {
  const file = await openFile(ota);
  const payloadAt = await payloadOffset(ota);
  const { value: payload } = await readPayload(sliceSource(file, payloadAt, file.size - payloadAt));
  await file.close();
  return runChain({ path: ota, blobsAt: payloadAt + payload.blobsAt, payload, work: join(folder, 'chain') });
}

/** Two threads that do nothing but SHA-256 of blocks of 4 KiB with a salt: by the one call that is the quickest in Node, and by a hash object a block. */
const BARE = `
const { parentPort, workerData } = require('node:worker_threads');
const { createHash, hash } = require('node:crypto');
const bytes = new Uint8Array(64 << 20).fill(7);
const salted = new Uint8Array(32 + 4096);
const { size, isOneCall } = workerData;
const started = performance.now();
for (let done = 0; done < size; done += bytes.length)
  for (let at = 0; at < bytes.length; at += 4096)
    if (isOneCall) {
      salted.set(bytes.subarray(at, at + 4096), 32);
      hash('sha256', salted, 'binary');
    } else createHash('sha256').update(salted.subarray(0, 32)).update(bytes.subarray(at, at + 4096)).digest();
parentPort.postMessage(performance.now() - started);
`;

async function benchTree(folder: string): Promise<void> {
  const partitions = new Map<string, Awaited<ReturnType<typeof openFile>>>();
  for (const name of readdirSync(join(folder, 'images')))
    partitions.set(name.replace('.img', ''), await openFile(join(folder, 'images', name)));
  const bytes = [...partitions.values()].reduce((sum, { size }) => sum + size, 0);
  const pool = openPartitionPool(2);
  await verifyImages(partitions, pool);
  const rates: number[] = [];
  const bare = { oneCall: [] as number[], object: [] as number[] };
  for (let round = 0; round < 3; round++) {
    const each = Math.ceil(bytes / 2 / (64 << 20)) * (64 << 20);
    for (const kind of ['oneCall', 'object'] as const) {
      const workerData = { size: each, isOneCall: kind === 'oneCall' };
      const times = await Promise.all(
        [0, 1].map(() => new Promise<number>((resolve) => new Worker(BARE, { eval: true, workerData }).once('message', resolve))),
      );
      bare[kind].push((2 * each) / Math.max(...times));
    }
    const startedAt = performance.now();
    const { verified } = await verifyImages(partitions, pool);
    rates.push(bytes / (performance.now() - startedAt));
    if (!verified) throw new Error('the forged ROM does not verify');
  }
  await pool.close();
  for (const file of partitions.values()) await file.close();
  const best = (list: readonly number[]) => Math.max(...list);
  console.log(`hash trees of ${mb(bytes)}, warm, two threads, best of 3 in turns: ${(best(rates) / 1e3).toFixed(0)} MB/s`);
  console.log(
    `  SHA-256 per salted 4 KiB in two threads, one call each: ${(best(bare.oneCall) / 1e3).toFixed(0)} MB/s, of it ${(best(rates) / best(bare.oneCall)).toFixed(2)} (at least 0.8 is wanted); a hash object each: ${(best(bare.object) / 1e3).toFixed(0)} MB/s, of it ${(best(rates) / best(bare.object)).toFixed(2)}`,
  );
}

/** A payload of 4 GB on a web server: the forged one with a partition of holes behind it. */
async function benchRemote(folder: string, ota: string): Promise<void> {
  const zip = join(folder, 'remote.zip');
  if (!existsSync(zip)) await writeRemote(ota, zip);
  const { size } = statSync(zip);
  const counted = { requests: 0, bytes: 0 };
  const handle = openSync(zip, 'r');
  const server = createServer((request, response) => {
    const [, from = 0, to = 0] = (/bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []).map(Number);
    const bytes = new Uint8Array(Math.min(to, size - 1) - from + 1);
    readSync(handle, bytes, 0, bytes.length, from);
    counted.requests++;
    counted.bytes += bytes.length;
    response.writeHead(206, {
      'content-range': `bytes ${from}-${from + bytes.length - 1}/${size}`,
      'content-length': bytes.length,
      etag: 'bench',
    });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'bin/assay.mjs'), 'firmware', 'cat', `http://127.0.0.1:${port}/rom.zip!payload.bin/system.img/system/build.prop`],
    { cwd: root },
  );
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  server.close();
  console.log(
    `build.prop out of a remote payload of ${mb(size)}: ${text.includes('ro.build.fingerprint') ? 'read' : 'NOT READ'}, ${counted.requests} requests, ${(counted.bytes / 1e6).toFixed(1)} MB, ${seconds(performance.now() - startedAt)} (at most 10 and 8 MB beyond the zip directory are wanted)`,
  );
}

async function writeRemote(ota: string, zip: string): Promise<void> {
  const bytes = new Uint8Array(readFileSync(ota));
  const { value: payload } = await readPayload({
    size: bytes.length,
    read: async (at, length) => bytes.subarray((await payloadOffset(ota)) + at, (await payloadOffset(ota)) + at + length),
  });
  const at = (await payloadOffset(ota)) + payload.blobsAt;
  const holes = Array.from({ length: 1800 }, (_, index) => ({
    type: 'REPLACE' as const,
    targets: [{ startBlock: index * 512, blocks: 512 }],
    data: new Uint8Array(0),
  }));
  const parts = payload.manifest.partitions.map(({ name, after, operations }) => ({
    name,
    after: after ?? { size: 0, sha256: new Uint8Array(32) },
    operations: operations.map(({ type, dataOffset, dataLength, targets }) => ({
      type,
      targets,
      data: bytes.subarray(at + dataOffset, at + dataOffset + dataLength),
    })),
  }));
  const whole = await writePayload(
    {
      blockSize: 4096,
      minorVersion: 0,
      partitions: [...parts, { name: 'filler', after: { size: 1800 * 512 * 4096, sha256: new Uint8Array(32) }, operations: holes }],
    },
    nodeHash,
  );
  // A hole between a first small entry and the payload makes the archive as large as a real one, and costs no disk.
  const stored = writeZip([
    { name: 'care_map.pb', data: new Uint8Array(64) },
    { name: 'payload.bin', data: whole, align: 4096 },
  ]);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  const end = stored.length - 22;
  const central = view.getUint32(end + 16, true);
  // The second header of the directory: behind the first, whose name has eleven bytes.
  const second = central + 46 + 11 + view.getUint16(central + 30, true) + view.getUint16(central + 32, true);
  const payloadAt = view.getUint32(second + 42, true);
  const hole = Math.max(0, 4_000_000_000 - whole.length);
  view.setUint32(second + 42, payloadAt + hole, true);
  view.setUint32(end + 16, central + hole, true);
  const handle = openSync(zip, 'w');
  writeSync(handle, stored, 0, payloadAt);
  writeSync(handle, stored, payloadAt, stored.length - payloadAt, payloadAt + hole);
}
