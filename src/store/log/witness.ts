/** A witness as a server, and the log's side of asking one. Spec: c2sp.org/tlog-witness v1.0.0. */
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { concatBytes, hashOf, toHex } from '../../bytes/index.ts';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import {
  cosignedMessage,
  ed25519NoteKey,
  emptyRoot,
  formatAddCheckpoint,
  formatNote,
  judgeCheckpoint,
  type LogPolicy,
  type NoteKey,
  parseCheckpoint,
  parseNote,
  type SignPort,
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
  readonly signer: SignPort;
  /** Where it keeps what it cosigned: losing it would let a log fork. */
  readonly state: string;
  /** The logs that it knows. */
  readonly policy: LogPolicy;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export interface Witness {
  readonly key: NoteKey;
  /** Answers a request: status, type and body. */
  readonly add: (body: string) => Promise<{ readonly status: number; readonly type: string; readonly body: string }>;
  readonly close: () => void;
}

/** The key of a witness under its name. */
export function witnessKey(name: string, { scheme, spki }: SignPort): NoteKey {
  if (scheme.kind !== 'ed25519') throw new TypeError('a witness signs with Ed25519');
  return ed25519NoteKey(nodeHash, { name, publicKey: spki.subarray(spki.length - 32), type: 'cosignature-ed25519' });
}

/** Opens a witness: alone on its state, so that no two checkpoints of one size are ever cosigned. */
export async function openWitness({ name, signer, state, policy, now }: WitnessOptions): Promise<Witness> {
  const key = witnessKey(name, signer);
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
    const stamp = new Uint8Array(8);
    new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
    const signature = concatBytes([stamp, await signer.sign(cosignedMessage(text, time))]);
    const line = formatNote('', [{ name: key.name, id: key.id, signature }]).slice(1);
    const log = logs.get(checkpoint.origin);
    if (log === undefined) throw new Error('a log was forgotten');
    // Kept before it is told: a cosignature that was given and forgotten would let the log fork.
    await replaceDurably(state, { path: fileOf(checkpoint.origin), bytes: utf8.encode(`${text}\n${line}`) });
    logs.set(checkpoint.origin, { key: log.key, size: checkpoint.size, root: checkpoint.root });
    return { status: 200, type: 'text/plain', body: line };
  };
  return {
    key,
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

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
