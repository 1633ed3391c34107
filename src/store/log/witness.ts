/** A witness as a server, and the log's side of asking one. Spec: c2sp.org/tlog-witness v1.0.0. */
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { concatBytes, FormatError, hashOf, toHex } from '../../bytes/index.ts';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import {
  type CosignPort,
  cosignedMessage,
  cosignedSubtree,
  ed25519NoteKey,
  emptyRoot,
  formatAddCheckpoint,
  formatNote,
  judgeCheckpoint,
  type LogPolicy,
  mlDsaNoteKey,
  type NoteKey,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  type TileFetch,
  verifyNoteSignatures,
  type WitnessedLog,
} from '../../provenance/index.ts';
import { replaceDurably } from './files.ts';
import { lockFolder } from './lock.ts';
import { growthProof } from './read-log.ts';

/** Longer than any request with 63 hashes and 100 signatures. */
const BODY_MAX = 64 << 10;
const ASK_MS = 10_000;
const utf8 = new TextEncoder();

export interface WitnessOptions {
  readonly name: string;
  /** One key, or one of each kind: each adds its line under the one name. */
  readonly signers: readonly [CosignPort, ...CosignPort[]];
  /** Where it keeps what it cosigned: losing it would let a log fork. */
  readonly state: string;
  /** The logs that it knows. */
  readonly policy: LogPolicy;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export interface Witness {
  /** In the order of the signers. */
  readonly keys: readonly NoteKey[];
  /** Answers a request: status, type and body. */
  readonly add: (body: string) => Promise<{ readonly status: number; readonly type: string; readonly body: string }>;
  readonly close: () => void;
}

/** The key of a witness under its name. */
export function witnessKey(name: string, { scheme, spki }: CosignPort): NoteKey {
  if (scheme.kind === 'ml-dsa') return mlDsaNoteKey(nodeHash, name, spki);
  return ed25519NoteKey(nodeHash, { name, publicKey: spki.subarray(spki.length - 32), type: 'cosignature-ed25519' });
}

/** A line of a signature over a checkpoint: what is signed differs by the kind of the key (tlog-cosignature, "Format"). */
async function cosignatureOf(
  name: string,
  signer: CosignPort,
  { text, time }: { readonly text: string; readonly time: number },
): Promise<NoteSignature> {
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  const message = signer.scheme.kind === 'ml-dsa' ? cosignedSubtree(name, text, time) : cosignedMessage(text, time);
  return { name, id: witnessKey(name, signer).id, signature: concatBytes([stamp, await signer.sign(message)]) };
}

/**
 * Opens a witness: alone on its state, so that no two checkpoints of one size are ever cosigned.
 * @throws TypeError where two of its keys are of one kind: a reader could not tell which of the two is meant to count
 */
export async function openWitness({ name, signers, state, policy, now }: WitnessOptions): Promise<Witness> {
  if (new Set(signers.map(({ scheme }) => scheme.kind)).size !== signers.length) throw new TypeError('a witness has one key of each kind');
  const keys = signers.map((signer) => witnessKey(name, signer));
  await mkdir(state, { recursive: true });
  const lock = lockFolder(state);
  const logs = new Map<string, WitnessedLog>();
  const fileOf = (origin: string) => toHex(hashOf(nodeHash, 'sha256', utf8.encode(origin)));
  try {
    for (const { key: logKey } of policy.logs) {
      const kept = await readFile(join(state, fileOf(logKey.name))).catch(ifMissing);
      logs.set(
        logKey.name,
        kept === undefined
          ? { key: logKey, size: 0, root: emptyRoot(nodeHash) }
          : { key: logKey, ...parseCheckpoint(parseNote(new Uint8Array(kept)).text) },
      );
    }
  } catch (error) {
    lock.release();
    throw error;
  }
  let last: Promise<unknown> = Promise.resolve();
  const add: Witness['add'] = async (body) => {
    const answer = await judgeCheckpoint(body, (origin) => logs.get(origin), { hash: nodeHash, verify: nodeVerify });
    if (answer.status !== 200)
      return { status: answer.status, type: answer.status === 409 ? 'text/x.tlog.size' : 'text/plain', body: answer.body };
    const { text, checkpoint } = answer;
    const time = now();
    let lines: string;
    try {
      const signatures = await Promise.all(signers.map((signer) => cosignatureOf(name, signer, { text, time })));
      lines = formatNote('', signatures).slice(1);
    } catch (error) {
      // A name that is too long for what ML-DSA signs.
      if (error instanceof FormatError) return { status: 400, type: 'text/plain', body: `${error.message}\n` };
      throw error;
    }
    const log = logs.get(checkpoint.origin);
    if (log === undefined) throw new Error('a log was forgotten');
    // Kept before it is told: a cosignature that was given and forgotten would let the log fork.
    await replaceDurably(state, { path: fileOf(checkpoint.origin), bytes: utf8.encode(`${text}\n${lines}`) });
    logs.set(checkpoint.origin, { key: log.key, size: checkpoint.size, root: checkpoint.root });
    return { status: 200, type: 'text/plain', body: lines };
  };
  return {
    keys,
    // One request after the other: checking and keeping must be one step.
    add(body) {
      const answer = last.then(() => add(body));
      last = answer.catch(() => undefined);
      return answer;
    },
    close: lock.release,
  };
}

/** The HTTP side: `POST /add-checkpoint`. */
export function serveWitness(witness: Witness): Server {
  return createServer((request, response) => {
    const end = (status: number, type: string, body: string) => response.writeHead(status, { 'content-type': type }).end(body);
    if (request.method !== 'POST' || request.url !== '/add-checkpoint') return void end(404, 'text/plain', 'not found\n');
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= BODY_MAX) parts.push(part);
    });
    request.on('end', () => {
      if (size > BODY_MAX) return void end(413, 'text/plain', 'too large\n');
      witness.add(Buffer.concat(parts).toString('utf8')).then(
        ({ status, type, body }) => end(status, type, body),
        () => end(500, 'text/plain', 'could not be kept\n'),
      );
    });
  });
}

/**
 * Asks a witness to cosign a checkpoint; answers the note with the line added. `fetch` gives the log's tiles for the proof.
 * @throws Error with what the witness said where it refuses, and where its line is not its signature
 */
export async function askWitness(
  { key, url }: { readonly key: NoteKey; readonly url: string },
  note: string,
  fetchTile: TileFetch,
): Promise<string> {
  const { text } = parseNote(utf8.encode(note));
  const { size } = parseCheckpoint(text);
  let old = 0;
  // The witness says once from where it wants the proof.
  for (let tries = 0; tries < 2; tries++) {
    const body = formatAddCheckpoint({ old, proof: await growthProof(fetchTile, old, size), note });
    const answer = await fetch(`${url.replace(/\/+$/, '')}/add-checkpoint`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(ASK_MS),
      redirect: 'error',
    });
    const said = (await answer.text()).slice(0, BODY_MAX);
    if (answer.status === 409 && tries === 0 && /^\d{1,15}\n$/.test(said) && Number(said) <= size) {
      old = Number(said);
      continue;
    }
    if (answer.status !== 200) throw new Error(`${key.name} refuses with ${answer.status}: ${said.trim().slice(0, 200)}`);
    const cosigned = `${note}${said}`;
    if ((await verifyNoteSignatures(parseNote(utf8.encode(cosigned)), [key], nodeVerify)).length === 0)
      throw new Error(`${key.name} answered without its cosignature`);
    return cosigned;
  }
  throw new Error(`${key.name} has seen another log under this name`);
}

/** Asks every witness of a policy that has an address. One with two keys stands there twice and answers with both lines at once: it is asked once. */
export async function askWitnesses({ witnesses }: LogPolicy, note: string, fetchTile: TileFetch): Promise<string> {
  let cosigned = note;
  for (const { key, url } of witnesses.values()) {
    if (url === undefined) continue;
    const isThere = (await verifyNoteSignatures(parseNote(utf8.encode(cosigned)), [key], nodeVerify)).length > 0;
    if (!isThere) cosigned = await askWitness({ key, url }, cosigned, fetchTile);
  }
  return cosigned;
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
