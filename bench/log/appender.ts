/** A process of its own for bench/log.ts: opens the log in FOLDER with the key in FILE and appends RATE digests a second, in durable batches of a second, until it is ended. Says `ready` after the first batch, and at its end how many were durable. */
import { readFileSync } from 'node:fs';
import { nodeSigner } from '../../src/platform/node/index.ts';
import { logEntry } from '../../src/provenance/index.ts';
import { openLog } from '../../src/store/index.ts';

const [folder = '', keyFile = '', rate = ''] = process.argv.slice(2);
const log = await openLog(folder, nodeSigner(readFileSync(keyFile, 'utf8')), { everyMs: 1000 });
let ended = false;
process.once('SIGTERM', () => {
  ended = true;
});
const started = performance.now();
const before = log.size();
const digest = new Uint8Array(32).fill(255);
let first: Promise<number> | undefined;
for (let n = 0; !ended; ) {
  const due = Math.floor(((performance.now() - started) / 1000) * Number(rate));
  for (; n < due; n++) {
    new DataView(digest.buffer).setUint32(0, n);
    const appended = log.append(logEntry('report', digest));
    if (first === undefined) {
      first = appended;
      void first.then(() => process.stdout.write('ready\n'));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await log.close();
process.stdout.write(`${Math.round((log.size() - before) / ((performance.now() - started) / 1000))}\n`);
