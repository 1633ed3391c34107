import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSigningKey, nodeCosigner, nodeHash, nodeSigner } from '../../platform/node/index.ts';
import { formatAddCheckpoint, formatVerifierKey, parseLogPolicy } from '../../provenance/index.ts';
import {
  askWitness,
  askWitnesses,
  initLog,
  logFetch,
  logKey,
  openLog,
  openWitness,
  serveWitness,
  trustCheckpoint,
  witnessKey,
} from './index.ts';

const signer = nodeSigner(makeSigningKey('ed25519'));
const witnessSigner = nodeCosigner(makeSigningKey('ed25519'));
const quantumSigner = nodeCosigner(makeSigningKey('ml-dsa-44'));
const origin = 'log.example/one';
const vkey = formatVerifierKey(logKey(origin, signer));
const key = witnessKey('w.example', witnessSigner);
const known = parseLogPolicy(nodeHash, `log ${vkey}\nquorum none\n`);
const withQuorum = parseLogPolicy(nodeHash, `log ${vkey}\nwitness w ${formatVerifierKey(key)}\nquorum w\n`);
const utf8 = new TextEncoder();

let root = '';
let folder = '';
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assay-witness-'));
  folder = join(root, 'log');
  await initLog(folder, origin, signer);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function appendTo(place: string, texts: readonly string[]) {
  const log = await openLog(place, signer, { everyMs: 0 });
  await Promise.all(texts.map((text) => log.append(utf8.encode(text))));
  await log.close();
}
const open = (signers: Parameters<typeof openWitness>[0]['signers'] = [witnessSigner], name = 'w.example') =>
  openWitness({ name, signers, state: join(root, 'state'), policy: known, now: () => 1_800_000_000 });
const noteOf = (place: string) => readFileSync(join(place, 'checkpoint'), 'utf8');

test('a log that grows is cosigned over HTTP, and the quorum is met', async () => {
  const witness = await open();
  const server = serveWitness(witness).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = { key, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }; // A server on TCP has an address of this type.
  try {
    for (const texts of [['a', 'b', 'c'], ['d'], Array.from({ length: 300 }, String)]) {
      await appendTo(folder, texts);
      await expect(trustCheckpoint(utf8.encode(noteOf(folder)), withQuorum)).rejects.toThrow('too few witnesses');
      const cosigned = await askWitness(at, noteOf(folder), logFetch(folder));
      expect((await trustCheckpoint(utf8.encode(cosigned), withQuorum)).size).toBeGreaterThan(0);
    }
    expect((await fetch(`${at.url}/add-checkpoint`, { method: 'POST', body: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await fetch(`${at.url}/other`)).status).toBe(404);
  } finally {
    server.close();
    server.closeAllConnections();
    witness.close();
  }
});

test('a fork, a shrunk log, a stranger and a forged signature are refused, over a restart too', async () => {
  const fork = join(root, 'fork');
  await appendTo(folder, ['a', 'b']);
  cpSync(folder, fork, { recursive: true });
  const older = noteOf(folder);
  await appendTo(folder, ['c']);
  await appendTo(fork, ['x']);
  const first = await open();
  expect(await first.add(formatAddCheckpoint({ old: 0, proof: [], note: noteOf(folder) }))).toMatchObject({ status: 200 });
  first.close();
  const witness = await open();
  const ask = (old: number, note: string, proof: readonly Uint8Array[] = []) => witness.add(formatAddCheckpoint({ old, proof, note }));
  expect(await ask(3, noteOf(fork))).toMatchObject({ status: 409, type: 'text/x.tlog.size', body: '3\n' });
  expect(await ask(0, noteOf(fork))).toMatchObject({ status: 409, body: '3\n' });
  expect(await ask(3, older)).toMatchObject({ status: 400 });
  await appendTo(fork, ['y']);
  expect(await ask(3, noteOf(fork), [new Uint8Array(32)])).toMatchObject({ status: 422 });
  expect(await ask(3, noteOf(folder).replace(origin, 'stranger.example'))).toMatchObject({ status: 404 });
  expect(await ask(3, noteOf(folder).replace('\n3\n', '\n4\n'))).toMatchObject({ status: 403 });
  expect(await witness.add('old x\n\nnote')).toMatchObject({ status: 400 });
  expect(
    await ask(
      3,
      noteOf(folder),
      Array.from({ length: 64 }, () => new Uint8Array(32)),
    ),
  ).toMatchObject({ status: 400 });
  expect(await ask(3, noteOf(folder))).toMatchObject({ status: 200 });
  await expect(open()).rejects.toThrow(`is in use by the process ${process.pid}`);
  witness.close();
});

test('of two requests at once for two heads of one log, one is cosigned', async () => {
  const fork = join(root, 'fork');
  cpSync(folder, fork, { recursive: true });
  await appendTo(folder, ['a']);
  await appendTo(fork, ['b']);
  const witness = await open();
  const notes = [noteOf(folder), noteOf(fork)];
  const answers = await Promise.all(notes.map((note) => witness.add(formatAddCheckpoint({ old: 0, proof: [], note }))));
  expect(answers.map(({ status }) => status)).toEqual([200, 409]);
  witness.close();
});

test('a witness with an ML-DSA-44 key, alone or beside Ed25519, is asked once and meets a quorum of both', async () => {
  const pq = witnessKey('w.example', quantumSigner);
  const lines = (url: string) => `log ${vkey}\nwitness w ${formatVerifierKey(key)} ${url}\nwitness pq ${formatVerifierKey(pq)} ${url}\n`;
  const policyOf = (url: string, quorum: string) => parseLogPolicy(nodeHash, `${lines(url)}group both all w pq\nquorum ${quorum}\n`);
  for (const signers of [[quantumSigner], [witnessSigner, quantumSigner]] as const) {
    await appendTo(folder, [`${signers.length}`]);
    const witness = await open(signers);
    let asked = 0;
    const server = serveWitness(witness)
      .on('request', () => asked++)
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A server on TCP has an address of this type.
    try {
      if (signers.length === 1) {
        const note = utf8.encode(await askWitness({ key: pq, url }, noteOf(folder), logFetch(folder)));
        expect((await trustCheckpoint(note, policyOf(url, 'pq'))).size).toBe(1);
        await expect(trustCheckpoint(note, policyOf(url, 'both'))).rejects.toThrow('too few witnesses');
        await expect(askWitness({ key, url }, noteOf(folder), logFetch(folder))).rejects.toThrow('answered without its cosignature');
      } else {
        const both = policyOf(url, 'both');
        const cosigned = await askWitnesses(both, noteOf(folder), logFetch(folder));
        expect((await trustCheckpoint(utf8.encode(cosigned), both)).size).toBe(2);
        // Once to be told the old size, once to be answered; never again for the second key.
        expect([asked, cosigned.split('\n').filter((line) => line.startsWith('\u2014 w.example ')).length]).toEqual([2, 2]);
      }
    } finally {
      server.close();
      server.closeAllConnections();
      witness.close();
    }
  }
});

test('two keys of one kind, and a name that ML-DSA cannot sign, are refused', async () => {
  await expect(open([witnessSigner, nodeCosigner(makeSigningKey('ed25519'))])).rejects.toThrow('one key of each kind');
  await appendTo(folder, ['a']);
  const witness = await open([quantumSigner], 'w'.repeat(256));
  const answer = await witness.add(formatAddCheckpoint({ old: 0, proof: [], note: noteOf(folder) }));
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('255 is the most') });
  witness.close();
});
