import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture, readDocuments } from '../../src/acquire/index.ts';
import { openVirtualPhone } from '../../src/forge/node/index.ts';
import { PROFILES } from '../../src/forge/profiles/index.ts';
import { acquireLive } from '../../src/platform/node/adb/index.ts';
import { nodeHash, openInput } from '../../src/platform/node/index.ts';

const capturer = fileURLToPath(new URL('./capture-once.ts', import.meta.url));
/** The longest time after which a capturing process is killed: so long that some captures become whole, and most are cut. */
const MOMENT_MS = 1500;
const PROBE = 'probe.txt';

export interface KilledCaptures {
  /** Captures that were said to be whole. */
  readonly whole: number;
  /** Artefacts that a later state of a folder has lost or that a whole capture lacks; but for the probe, which is asked anew at each start. */
  readonly lost: readonly string[];
  /** Folders that could not be read or gone on with after a kill, and artefacts whose bytes are not those that are vouched for. */
  readonly broken: readonly string[];
}

/** Kills a process that reads a virtual phone into a folder at `kills` random moments; each folder is gone on with until it is whole, and then a new one is begun. */
export async function killCaptures(folder: string, kills: number): Promise<KilledCaptures> {
  const make = PROFILES['pixel-14'];
  if (make === undefined) throw new Error('no such phone');
  const phone = await openVirtualPhone(make(), { latencyMs: 1, bytesPerSecond: 0, shell: 'built-in' });
  const address = `${phone.host}:${phone.port}`;
  const config = join(folder, 'config');
  const open = { env: { ASSAY_CONFIG: config } };
  const lost: string[] = [];
  const broken: string[] = [];
  let whole = 0;
  try {
    const undisturbed = await acquireLive({ address, depth: 'quick', open });
    const all = undisturbed.artefacts.map(({ name }) => name);
    let out = join(folder, 'capture-0');
    let before: readonly string[] = [];
    for (let round = 0; round < kills; round++) {
      const child = spawn(process.execPath, [capturer, address, out, config], { stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        errors += part;
      });
      const closed = new Promise((resolve) => child.once('close', resolve));
      await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), closed]);
      await Promise.race([new Promise((resolve) => setTimeout(resolve, randomInt(MOMENT_MS))), closed]);
      child.kill('SIGKILL');
      await closed;
      if (errors !== '') broken.push(`${out}: ${errors.slice(0, 500)}`);
      const isWhole = text.endsWith('whole\n');
      const has = existsSync(join(out, 'capture.json')) ? await artefactsIn(out, broken) : [];
      lost.push(
        ...(isWhole ? all : before).filter((name) => !has.includes(name) && (isWhole || name !== PROBE)).map((name) => `${out}: ${name}`),
      );
      before = isWhole || errors !== '' ? [] : has;
      if (isWhole) whole++;
      if (isWhole || errors !== '') out = join(folder, `capture-${round + 1}`);
    }
    // The last one is gone on with to its end.
    const last = await acquireLive({ address, out, depth: 'quick', open });
    const has = last.artefacts.map(({ name }) => name);
    lost.push(...all.filter((name) => !has.includes(name)).map((name) => `${out}: ${name}`));
  } finally {
    await phone.close();
  }
  return { whole, lost, broken };
}

/** The artefacts of a stopped capture that are vouched for and have the bytes that are vouched for. */
async function artefactsIn(out: string, broken: string[]): Promise<readonly string[]> {
  try {
    const entries = await openInput(out);
    const { document, hashes } = await readDocuments(entries);
    const { artefacts } = await readCapture(entries, nodeHash);
    const good = artefacts.map(({ name }) => name);
    for (const { name } of document.artefacts)
      if (hashes.sha256[name] !== undefined && !good.includes(name)) broken.push(`${out}: ${name} has other bytes than are vouched for`);
    return good;
  } catch (error) {
    broken.push(`${out}: ${String(error)}`);
    return [];
  }
}
