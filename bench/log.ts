/**
 * The log. Targets: 10,000 entries a second sustained on two cores with one durable batch a second; a log of a million entries verified from its files at 50,000 leaves a second
 * a core; an inclusion proof made in under 5 ms and verified in under 2 ms, also in Chromium.
 * Method: one process appends digests to a log in a folder with batches of one second, as fast as it gives them up to a ceiling of 25,000 a second, until the log has a million entries (`--entries N`); every promise
 * is waited for, so each counted entry was durable. Then the whole log is verified as `log verify` does (entries hashed again, every tile compared, root), by one process.
 * Then 2,000 proofs of entries all over the log are made, one after the other, from cold tiles (a new reader each, files from the page cache) under the newest checkpoint, which is read and trusted off the clock, and verified; first with the log at
 * rest, then while another process appends 10,000 entries a second to it in durable batches of a second, which on two cores is beside it. By the clock, so on a machine that has other work the last hundredth shows that work: the load average is printed beside, and the mean of processor time, which does not depend on it. 500 more in Chromium from tiles at hand, where one is installed: the code is bundled, and times are taken in the page.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { toBase64 } from '../src/bytes/index.ts';
import { makeSigningKey, nodeHash, nodeSigner, nodeVerify } from '../src/platform/node/index.ts';
import {
  formatVerifierKey,
  type LogPolicy,
  leafHash,
  logEntry,
  type NoteKey,
  parseCheckpoint,
  parseLogPolicy,
  parseLogProof,
  parseNote,
  proveInclusion,
  tileRangeRoot,
  verifyInclusion,
  verifyNoteSignatures,
} from '../src/provenance/index.ts';
import { initLog, logFetch, openLog, proofOf, trustCheckpoint, verifyWholeLog } from '../src/store/index.ts';
import type { BrowserJob } from './browser/log.ts';
import { option } from './support/option.ts';

const A_SECOND = 25_000;
const PROOFS = 2000;
const CHROMIUM_PROOFS = 500;
/** Entries a second that another process appends meanwhile: the target for what a log sustains. */
const UNDER_LOAD = 10_000;

const of = (times: readonly number[], share: number) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]?.toFixed(2);

export async function run(): Promise<void> {
  const wanted = Number(option('entries', '1000000'));
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-log-'));
  try {
    const keyFile = join(folder, 'key.pem');
    writeFileSync(keyFile, makeSigningKey('ed25519'));
    const signer = nodeSigner(readFileSync(keyFile, 'utf8'));
    const place = join(folder, 'log');
    const key = await initLog(place, 'log.example/bench', signer);
    const digest = (n: number) => {
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setUint32(0, n);
      return bytes;
    };
    const log = await openLog(place, signer, { everyMs: 1000 });
    const cpu = process.cpuUsage();
    const started = performance.now();
    const waiting: Promise<number>[] = [];
    for (let n = 0; n < wanted; ) {
      const elapsed = (performance.now() - started) / 1000;
      // Given as they come from many clients, so that no second is asked for more than the ceiling.
      const due = Math.min(wanted, Math.floor((elapsed + 0.05) * A_SECOND));
      for (; n < due; n++) waiting.push(log.append(logEntry('report', digest(n))));
      // A server that gets more than it can keep makes its clients wait.
      if (waiting.length - log.size() > 4 * A_SECOND) await waiting[log.size() + A_SECOND];
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(waiting);
    const appending = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    console.log(
      `append: ${wanted} entries in ${appending.toFixed(1)} s, ${Math.round(wanted / appending)} a second, each durable; ${((user + system) / 1e6).toFixed(1)} s of processor time (${Math.round((wanted * 1e6) / (user + system))} entries a second a core)`,
    );
    await log.close();

    const policy = parseLogPolicy(nodeHash, `log ${formatVerifierKey(key)}\nquorum none\n`);
    const checkpoint = await trustCheckpoint(readFileSync(join(place, 'checkpoint')), policy);
    const cpuBefore = process.cpuUsage();
    const verifyStarted = performance.now();
    await verifyWholeLog(logFetch(place), checkpoint);
    const verifying = (performance.now() - verifyStarted) / 1000;
    const used = process.cpuUsage(cpuBefore);
    console.log(
      `verify: ${wanted} leaves in ${verifying.toFixed(1)} s, ${Math.round(wanted / verifying)} a second; ${Math.round((wanted * 1e6) / (used.user + used.system))} leaves a second of processor time`,
    );

    const proving: Proving = { place, key, policy, wanted, entryOf: (n) => logEntry('report', digest(n)) };
    console.log(`proofs, the log at rest: ${await timed(proving)}`);
    let loaded = '';
    const rate = await whileAppending(place, keyFile, async () => {
      loaded = await timed(proving);
    });
    console.log(`proofs, while another process appends ${rate} entries a second, each durable: ${loaded}`);
    await inChromium(place, { vkey: formatVerifierKey(key), note: checkpoint.note, entryOf: (n) => logEntry('report', digest(n)), wanted });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Proving {
  readonly place: string;
  readonly key: NoteKey;
  readonly policy: LogPolicy;
  readonly wanted: number;
  readonly entryOf: (n: number) => Uint8Array;
}

/** Makes and verifies proofs of entries all over the log, under whatever checkpoint is the newest then, and says how long each took. */
async function timed({ place, key, policy, wanted, entryOf }: Proving): Promise<string> {
  const made: number[] = [];
  const verified: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < PROOFS; i++) {
    const checkpoint = await trustCheckpoint(readFileSync(join(place, 'checkpoint')), policy);
    const index = (i * 7_919_113) % wanted;
    const entry = entryOf(index);
    const before = performance.now();
    const text = await proofOf(logFetch(place), checkpoint, index, entry);
    made.push(performance.now() - before);
    const verifyAt = performance.now();
    // All that a verifier does: reads the file, verifies the log's signature and the path.
    const proof = parseLogProof(text);
    const note = parseNote(new TextEncoder().encode(proof.checkpoint));
    const { size, root } = parseCheckpoint(note.text);
    const isSigned = (await verifyNoteSignatures(note, [key], nodeVerify)).length === 1;
    if (!isSigned || !verifyInclusion(nodeHash, { index, size, leaf: leafHash(nodeHash, entry), root }, proof.hashes))
      throw new Error(`the proof of ${index} does not verify`);
    verified.push(performance.now() - verifyAt);
  }
  const { user, system } = process.cpuUsage(cpu);
  const each = ((user + system) / 1000 / PROOFS).toFixed(2);
  return `${PROOFS} made in ${spread(made)}, verified with the log's signature in ${spread(verified)}; ${each} ms of processor time for both and for trusting the checkpoint (load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores)`;
}

const spread = (times: readonly number[]) =>
  `${of(times, 0.5)} ms (99 of 100 within ${of(times, 0.99)}, all within ${Math.max(...times).toFixed(2)})`;

/** Has another process append while `work` runs. Answers how many entries a second it sustained, each durable. */
async function whileAppending(place: string, keyFile: string, work: () => Promise<void>): Promise<number> {
  const appender = spawn(process.execPath, [join(import.meta.dirname, 'log/appender.ts'), place, keyFile, String(UNDER_LOAD)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(appender, 'close');
  const lines = createInterface({ input: appender.stdout })[Symbol.asyncIterator]();
  await lines.next();
  try {
    await work();
  } finally {
    appender.kill('SIGTERM');
  }
  const { value } = await lines.next();
  await ended;
  return Number(value);
}

interface ChromiumJob {
  readonly vkey: string;
  readonly note: string;
  readonly entryOf: (n: number) => Uint8Array;
  readonly wanted: number;
}

async function inChromium(place: string, { vkey, note, entryOf, wanted }: ChromiumJob): Promise<void> {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  if (executablePath === undefined) {
    console.log('proofs in Chromium: there is none here');
    return;
  }
  const proofs: BrowserJob['proofs'][number][] = [];
  for (let i = 0; i < CHROMIUM_PROOFS; i++) {
    const index = (i * 7_919_113) % wanted;
    const tiles: Record<string, string> = {};
    const fetch = logFetch(place);
    // What a proof asks for, as it would come over the network.
    const recorded = async (path: string) => {
      const bytes = await fetch(path);
      tiles[path] = toBase64(bytes);
      return bytes;
    };
    await proveInclusion(tileRangeRoot(nodeHash, recorded, { size: wanted }), index, wanted);
    proofs.push({ index, entry: toBase64(entryOf(index)), tiles });
  }
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      rollupOptions: { input: join(import.meta.dirname, 'browser/log.ts'), output: { format: 'iife' } },
    },
  });
  const chunk = (Array.isArray(built) ? built : [built])
    .flatMap((one) => ('output' in one ? one.output : []))
    .find((output) => output.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('nothing was built');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: chunk.code });
    const job: BrowserJob = { vkey, note, proofs };
    const times = await page.evaluate((given) => (globalThis as unknown as Measuring).measure(given), job); // The script above puts it there.
    console.log(
      `proofs in Chromium ${browser.version()}: made in ${of(times.made, 0.5)} ms (99 of 100 within ${of(times.made, 0.99)}), verified in ${of(times.verified, 0.5)} ms (${of(times.verified, 0.99)}), the log's signature in ${of(times.signed, 0.5)} ms more (${of(times.signed, 0.99)})`,
    );
  } finally {
    await browser.close();
  }
}

interface Measuring {
  readonly measure: (job: BrowserJob) => Promise<Readonly<Record<'made' | 'verified' | 'signed', readonly number[]>>>;
}
