import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { killAppends } from '../../../test/support/kill-appends.ts';
import { makeSigningKey, nodeHash, nodeSigner } from '../../platform/node/index.ts';
import {
  formatVerifierKey,
  leafHash,
  parseCheckpoint,
  parseLogPolicy,
  parseLogProof,
  parseNote,
  rootOf,
  verifyInclusion,
} from '../../provenance/index.ts';
import { findEntry, initLog, logFetch, logKey, openLog, proofOf, trustCheckpoint, verifyWholeLog, visitLog } from './index.ts';

const appender = join(import.meta.dirname, '../../../test/support/append.ts');
const pem = makeSigningKey('ed25519');
const signer = nodeSigner(pem);
const origin = 'log.example/one';
const policy = parseLogPolicy(nodeHash, `log ${formatVerifierKey(logKey(origin, signer))}\nquorum none\n`);
const utf8 = new TextEncoder();

let root = '';
let folder = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-log-'));
  folder = join(root, 'log');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function appendTo(place: string, count: number, name = 'entry') {
  const log = await openLog(place, signer, { everyMs: 0 });
  const from = log.size();
  const indexes = await Promise.all(Array.from({ length: count }, (_, i) => log.append(utf8.encode(`${name} ${from + i}`))));
  await log.close();
  return indexes;
}
const checkpointOf = (place: string) => trustCheckpoint(readFileSync(join(place, 'checkpoint')), policy);

describe('a log on disk', () => {
  beforeEach(async () => {
    await initLog(folder, origin, signer);
  });

  test('a batch that cannot be written whole leaves none of its files, and the log as it was', async () => {
    await appendTo(folder, 2);
    const files = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted((a, b) => (a < b ? -1 : 1));
    const before = files();
    // As on a full disk: of the files of a batch the last one fails.
    mkdirSync(join(folder, 'tile/0/000.p/3'));
    const log = await openLog(folder, signer, { everyMs: 0 });
    await expect(log.append(utf8.encode('lost'))).rejects.toThrow('EISDIR');
    await log.close();
    rmdirSync(join(folder, 'tile/0/000.p/3'));
    expect(files()).toEqual(before);
    expect(await appendTo(folder, 1)).toEqual([2]);
    await verifyWholeLog(logFetch(folder), await checkpointOf(folder));
  });

  test('a folder without a log is named, and nothing is made in it', async () => {
    await expect(openLog(root, signer, { everyMs: 0 })).rejects.toThrow(`there is no log in ${root}`);
    expect(readdirSync(root)).toEqual(['log']);
  });

  test.each(['', 'a b', 'a+b', 'a\nb'])('a log is not made under a name that no note can carry: %j', async (name) => {
    await expect(initLog(join(root, 'other'), name, signer)).rejects.toThrow('is no name for a key');
    expect(readdirSync(root)).toEqual(['log']);
  });

  test('order of appending is the sequence, over openings and tile borders', async () => {
    expect(await appendTo(folder, 3)).toEqual([0, 1, 2]);
    for (const count of [253, 1, 300, 66_000, 7]) await appendTo(folder, count);
    const checkpoint = await checkpointOf(folder);
    expect(checkpoint.size).toBe(66_564);
    const leaves = Array.from({ length: checkpoint.size }, (_, i) => leafHash(nodeHash, utf8.encode(`entry ${i}`)));
    expect(checkpoint.root).toEqual(rootOf(nodeHash, leaves));
    await verifyWholeLog(logFetch(folder), checkpoint);
    for (const index of [0, 255, 256, 65_535, 65_536, 66_563]) {
      const proof = parseLogProof(await proofOf(logFetch(folder), checkpoint, index));
      const leaf = leaves[index] ?? new Uint8Array(0);
      expect(verifyInclusion(nodeHash, { index, size: checkpoint.size, leaf, root: checkpoint.root }, proof.hashes)).toBe(true);
    }
    expect(await findEntry(logFetch(folder), checkpoint.size, utf8.encode('entry 300'))).toBe(300);
    expect(await findEntry(logFetch(folder), checkpoint.size, utf8.encode('never'))).toBeUndefined();
  });

  test('an entry that is too long is refused alone', async () => {
    const log = await openLog(folder, signer, { everyMs: 0 });
    const good = log.append(utf8.encode('good'));
    await expect(log.append(new Uint8Array(65_536))).rejects.toThrow('65535 is the most');
    expect(await good).toBe(0);
    await log.close();
  });

  test('a second writer is refused, and told who the first one is', async () => {
    const child = spawn(process.execPath, [appender, folder, writeKey(), 'first'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(openLog(folder, signer, { everyMs: 0 })).rejects.toThrow(`is in use by the process ${child.pid}`);
    child.kill('SIGKILL');
    await ended;
    await (await openLog(folder, signer, { everyMs: 0 })).close();
  });

  test('killed at random moments, every index that was said has its entry, and the log is whole after each', async () => {
    const { acknowledged, lost, broken } = await killAppends(join(root, 'killed'), 8);
    expect({ lost, broken }).toEqual({ lost: [], broken: undefined });
    expect(acknowledged).toBeGreaterThan(0);
  });

  test('garbage in a tile, a bundle or the checkpoint is found and named', async () => {
    await appendTo(folder, 600);
    const checkpoint = await checkpointOf(folder);
    for (const [path, words] of [
      ['tile/0/001', 'tile/0/001: the tile is not the hashes of what is below it'],
      ['tile/1/000.p/2', 'tile/1/000.p/2: the tile is not the hashes'],
      ['tile/entries/000', 'tile/0/000: the tile is not the hashes'],
      ['tile/entries/002.p/88', 'tile/0/002.p/88: the tile is not the hashes'],
    ] as const) {
      const place = join(root, 'damaged');
      cpSync(folder, place, { recursive: true });
      const bytes = readFileSync(join(place, path));
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      writeFileSync(join(place, path), bytes);
      await expect(verifyWholeLog(logFetch(place), checkpoint)).rejects.toThrow(words);
      rmSync(place, { recursive: true });
    }
    writeFileSync(join(folder, 'tile/1/000.p/2'), new Uint8Array(64));
    await expect(openLog(folder, signer, { everyMs: 0 })).rejects.toThrow('are not those of its checkpoint');
    await expect(proofOf(logFetch(folder), checkpoint, 599)).rejects.toThrow('do not lead to its checkpoint');
  });

  test('another key, another log and a second beginning are refused', async () => {
    await expect(openLog(folder, nodeSigner(makeSigningKey('ed25519')), { everyMs: 0 })).rejects.toThrow('not that of the log');
    await expect(initLog(folder, origin, signer)).rejects.toThrow('there is a log in');
    expect(() => logKey(origin, nodeSigner(makeSigningKey('ecdsa-p256')))).toThrow('a log signs with Ed25519');
    const stranger = join(root, 'stranger');
    await initLog(stranger, 'stranger.example', signer);
    await expect(checkpointOf(stranger)).rejects.toThrow('no trusted log signed');
  });
});

describe('the monitor', () => {
  const visit = (place: string) => visitLog(logFetch(place), policy, join(root, 'state'));

  test('a log that grows is followed', async () => {
    await initLog(folder, origin, signer);
    expect(await visit(folder)).toMatchObject({ visit: 'first' });
    await appendTo(folder, 300);
    expect(await visit(folder)).toMatchObject({ visit: 'grown', size: 300 });
    await appendTo(folder, 500);
    expect(await visit(folder)).toMatchObject({ visit: 'grown', size: 800 });
    expect(await visit(folder)).toMatchObject({ visit: 'same' });
  });

  test('a log that forks is caught at the same size and at a larger one, with both notes', async () => {
    await initLog(folder, origin, signer);
    await appendTo(folder, 10);
    const other = join(root, 'other');
    cpSync(folder, other, { recursive: true });
    await appendTo(folder, 5);
    await appendTo(other, 5, 'rewritten');
    await visit(folder);
    const same = await visit(other);
    expect(same).toMatchObject({ visit: 'split-view', size: 15 });
    expect(same.evidence.map((note) => parseCheckpoint(parseNote(utf8.encode(note)).text).size)).toEqual([15, 15]);
    await appendTo(other, 9, 'rewritten');
    expect(await visitLog(logFetch(other), policy, join(root, 'state'))).toMatchObject({ visit: 'split-view', size: 24 });
  });

  test('a log that shrinks is caught', async () => {
    await initLog(folder, origin, signer);
    await appendTo(folder, 10);
    const older = join(root, 'older');
    cpSync(folder, older, { recursive: true });
    await appendTo(folder, 1);
    await visit(folder);
    expect(await visit(older)).toMatchObject({ visit: 'shrunk', size: 10, evidence: { length: 2 } });
  });

  test('a wrong tile is no proof, and is not taken for growth', async () => {
    await initLog(folder, origin, signer);
    await appendTo(folder, 300);
    await visit(folder);
    await appendTo(folder, 300);
    rmSync(join(folder, 'tile/0/001'));
    expect(await visit(folder)).toMatchObject({ visit: 'no-proof' });
    writeFileSync(join(folder, 'tile/0/001'), new Uint8Array(8192));
    expect((await visit(folder)).visit).not.toBe('grown');
  });
});

function writeKey(): string {
  const path = join(root, 'key.pem');
  writeFileSync(path, pem, { mode: 0o600 });
  return path;
}
