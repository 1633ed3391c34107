/**
 * Live acquisition against virtual phones in a process of their own: 25 ms a shell round trip and 30 MB/s, the stated assumption until a named real phone was recorded.
 * One `--quick` inspection: its wall time, the CPU seconds of this process alone, its round trips. Then 16 phones behind a shared 35 MB/s.
 * The phones run their built-in shell, so that all of their work is in that one process. It shares the machine’s cores and is printed beside.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openVirtualPhone } from '../src/forge/node/index.ts';
import { openLink } from '../src/forge/node/link.ts';
import { PROFILES } from '../src/forge/profiles/index.ts';
import { acquireLive } from '../src/platform/node/adb/index.ts';

const LATENCY_MS = 25;
const ONE_RATE = 30_000_000;
const SHARED_RATE = 35_000_000;
const MANY = 16;
const PROFILE = 'pixel-14';

const cpuSeconds = (from: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};

interface Phones {
  readonly ports: readonly number[];
  /** Ends them; answers the CPU seconds that they took. */
  close(): Promise<number>;
}

/** Phones in a process of their own, which share one link. */
async function openPhones(count: number, rate: number): Promise<Phones> {
  const child = spawn(process.execPath, [import.meta.filename, 'phones', String(count), String(rate)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');
  // The child is this file: it writes an array of ports, then a number.
  const ports = (await read()) as number[];
  return {
    ports,
    async close() {
      child.stdin.end();
      return (await read()) as number;
    },
  };
}

async function inspect(
  port: number,
  config: string,
): Promise<{ readonly ms: number; readonly roundTrips: number; readonly bytes: number; readonly cardMs: number }> {
  const begun = performance.now();
  let roundTrips = 0;
  let cardMs = 0;
  const capture = await acquireLive({
    address: `127.0.0.1:${port}`,
    depth: 'quick',
    open: { env: { ASSAY_CONFIG: config } },
    onEvent: (event) => {
      if (event.kind === 'finished') roundTrips = event.roundTrips;
      if (event.kind === 'identity') cardMs = performance.now() - begun;
    },
  });
  const bytes = capture.artefacts.reduce((sum, { source }) => sum + source.size, 0);
  return { ms: performance.now() - begun, roundTrips, bytes, cardMs };
}

export async function run(): Promise<void> {
  const config = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  try {
    const single = await openPhones(1, ONE_RATE);
    const [port = 0] = single.ports;
    await inspect(port, config); // the phone meets our key, the code is compiled
    const before = process.cpuUsage();
    const one = await inspect(port, config);
    const cpu = cpuSeconds(before);
    await single.close();
    console.log(
      `one --quick capture of ${PROFILE} (${LATENCY_MS} ms, ${ONE_RATE / 1e6} MB/s): ${(one.ms / 1000).toFixed(2)} s, identity card after ${(one.cardMs / 1000).toFixed(2)} s,`,
    );
    console.log(`  ${cpu.toFixed(2)} host CPU s (budget 3), ${one.roundTrips} round trips, ${(one.bytes / 1e6).toFixed(2)} MB`);

    const many = await openPhones(MANY, SHARED_RATE);
    const from = process.cpuUsage();
    const all = await Promise.all(many.ports.map((each) => inspect(each, config)));
    const hostCpu = cpuSeconds(from);
    const phonesCpu = await many.close();
    const slowest = Math.max(...all.map(({ ms }) => ms)) / 1000;
    const total = hostCpu + phonesCpu;
    const limit = 1.3 * Math.max(one.ms / 1000, total / 2);
    console.log(
      `${MANY} phones at once (shared ${SHARED_RATE / 1e6} MB/s): the slowest ${slowest.toFixed(2)} s; host CPU ${hostCpu.toFixed(2)} s, the phones’ own ${phonesCpu.toFixed(2)} s`,
    );
    console.log(`  1.3 × max(one alone, total CPU ÷ 2) = ${limit.toFixed(2)} s: ${slowest <= limit ? 'kept' : 'missed'}`);
  } finally {
    await rm(config, { recursive: true, force: true });
  }
}

/** The other process: opens phones, prints their ports, waits for the end of its input, prints its CPU seconds. */
async function servePhones(count: number, rate: number): Promise<void> {
  const make = PROFILES[PROFILE];
  if (make === undefined) throw new Error(`no profile is named ${PROFILE}`);
  const link = openLink(rate);
  const phones = await Promise.all(
    Array.from({ length: count }, () => openVirtualPhone(make(), { latencyMs: LATENCY_MS, link, shell: 'built-in' })),
  );
  const from = process.cpuUsage();
  console.log(JSON.stringify(phones.map(({ port }) => port)));
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  console.log(JSON.stringify(cpuSeconds(from)));
  await Promise.all(phones.map((phone) => phone.close()));
}

const [role, count, rate] = process.argv.slice(2);
if (import.meta.main && role === 'phones') await servePhones(Number(count), Number(rate));
