import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSigningKey, nodeHash, nodeSigner } from '../../src/platform/node/index.ts';
import { entriesPath, formatVerifierKey, parseLogPolicy, readEntries, TILE_WIDTH } from '../../src/provenance/index.ts';
import { initLog, logFetch, trustCheckpoint, verifyWholeLog } from '../../src/store/index.ts';

const appender = fileURLToPath(new URL('./append.ts', import.meta.url));

export interface KilledLog {
  readonly acknowledged: number;
  /** Indexes that were said and do not have the entry that was said with them. */
  readonly lost: readonly string[];
  /** What is wrong with the log itself after a kill; undefined where nothing is. */
  readonly broken: string | undefined;
}

/** Kills a process that appends to a log at `kills` random moments. After each the log is verified whole, every entry and tile under the signed root. */
export async function killAppends(folder: string, kills: number): Promise<KilledLog> {
  mkdirSync(folder, { recursive: true });
  const place = join(folder, 'log');
  const pem = makeSigningKey('ed25519');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, pem);
  const key = await initLog(place, 'log.example/killed', nodeSigner(pem));
  const policy = parseLogPolicy(nodeHash, `log ${formatVerifierKey(key)}\nquorum none\n`);
  const fetch = logFetch(place);
  const said: string[] = [];
  for (let round = 0; round < kills; round++) {
    const child = spawn(process.execPath, [appender, place, keyFile, `k${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, randomInt(150)));
    child.kill('SIGKILL');
    await closed;
    // A last line without its end was never said.
    said.push(
      ...text
        .split('\n')
        .slice(0, -1)
        .filter((line) => line !== 'open'),
    );
    try {
      await verifyWholeLog(fetch, await trustCheckpoint(readFileSync(join(place, 'checkpoint')), policy));
    } catch (error) {
      return { acknowledged: said.length, lost: [], broken: `after kill ${round + 1}: ${String(error)}` };
    }
  }
  const { size } = await trustCheckpoint(readFileSync(join(place, 'checkpoint')), policy);
  const entries: string[] = [];
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
    const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
    for (const entry of readEntries(await fetch(entriesPath(bundle, width)), width)) entries.push(new TextDecoder().decode(entry));
  }
  const lost = said.filter((line) => {
    const split = line.indexOf('=');
    return entries[Number(line.slice(0, split))] !== line.slice(split + 1);
  });
  return { acknowledged: said.length, lost, broken: undefined };
}
