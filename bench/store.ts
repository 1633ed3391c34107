/**
 * The embedded store with 100,000 inspections. Targets: opened in under 50 ms, under 150 MB of memory.
 * Method: the rows of inspections of made-up phones are written as `inspect --store` writes them; of their blobs only those of the phone that is asked for, because opening reads none. Then,
 * eleven times, a new process with a warm compile cache, as the command line has it, opens the store as every command does (key, SQLite's driver, migrations asked for), asks for the
 * history of one phone by its serial number, and says how long each took and the most memory that it had. Times are without Node's own start and the loading of the
 * store's modules. `--inspections N`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { hashOf, toHex } from '../src/bytes/index.ts';
import { nodeHash } from '../src/platform/node/index.ts';
import { openStore } from '../src/store/index.ts';
import { recordBytes, recordedSighting } from '../src/store/record.ts';
import { indexBlob, indexInspection } from '../src/store/store.ts';
import { keptInspection } from '../test/support/kept-inspection.ts';
import { option } from './support/option.ts';

const ROUNDS = 11;
const BATCH = 5000;
/** The phone that is asked for. */
const ASKED = 777;

export async function run(): Promise<void> {
  const wanted = Number(option('inspections', '100000'));
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-store-'));
  try {
    const started = performance.now();
    await fill(folder, wanted);
    const size = (statSync(join(folder, 'index.sqlite')).size / 1e6).toFixed(0);
    console.log(`filled: ${wanted} inspections in ${((performance.now() - started) / 1000).toFixed(0)} s, index ${size} MB`);
    const room = pathToFileURL(fileURLToPath(new URL('../src/store/index.ts', import.meta.url))).href;
    const program = `const { openStore, historyOf } = await import(${JSON.stringify(room)});
      const c0 = process.cpuUsage(); const t0 = performance.now(); const store = await openStore(${JSON.stringify(folder)}, undefined);
      const t1 = performance.now(); const c1 = process.cpuUsage(c0); const { sightings } = await historyOf(store, { imeis: [], serials: ['b${ASKED}'] });
      const t2 = performance.now(); console.log(JSON.stringify([t1 - t0, t2 - t1, process.resourceUsage().maxRSS / 1024, sightings.length, (c1.user + c1.system) / 1000])); await store.close();`;
    const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
    const ask = () => {
      const out = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', env });
      return JSON.parse(out) as readonly [number, number, number, number, number]; // Said by the program above.
    };
    ask();
    const rounds = Array.from({ length: ROUNDS }, ask);
    const median = (at: 0 | 1 | 2 | 4) =>
      rounds
        .map((round) => round[at])
        .toSorted((a, b) => a - b)
        [ROUNDS >> 1]?.toFixed(1);
    if (rounds.some(([, , , found]) => found !== 1)) throw new Error('the phone was not found');
    console.log(
      `median of ${ROUNDS} processes: opened in ${median(0)} ms (${median(4)} ms of processor time), history of a phone in ${median(1)} ms, ${median(2)} MB of memory at most`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string, wanted: number): Promise<void> {
  const store = await openStore(folder, undefined);
  const keep = async (kind: 'report' | 'inspection', bytes: Uint8Array, isAsked: boolean) =>
    isAsked ? store.blobs.put(kind, bytes) : toHex(hashOf(nodeHash, 'sha256', bytes));
  for (let from = 0; from < wanted; from += BATCH)
    await store.db.transaction().execute(async (transaction) => {
      for (let i = from; i < Math.min(from + BATCH, wanted); i++) {
        const { sighting, ...kept } = keptInspection('b', i);
        const report = await keep('report', kept.report, i === ASKED);
        const record = {
          format: 'assay.inspection/1' as const,
          report,
          capture: null,
          verdict: kept.verdict,
          judgedAsOf: kept.judgedAsOf,
          // Every phone its own number: ten that share one would be one history of ten thousand.
          sighting: recordedSighting({ ...sighting, imeis: [`35${String(i).padStart(12, '0')}`] }),
        };
        const bytes = recordBytes(record);
        const sha256 = await keep('inspection', bytes, i === ASKED);
        await indexBlob(transaction, 'report', { sha256: report, bytes: kept.report.length });
        await indexBlob(transaction, 'inspection', { sha256, bytes: bytes.length });
        await indexInspection(transaction, store.key, { sha256, record });
      }
    });
  await store.close();
}
