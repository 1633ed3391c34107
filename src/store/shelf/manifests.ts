/** Manifests out of their objects: an object, its base, that one's base, and back up. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { FormatError } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  BODY_MAX,
  DEPTH_MAX,
  decodeManifest,
  decodeParts,
  type EncodedManifest,
  type Manifest,
  manifestParts,
  type ObjectHead,
  type Parts,
  readObject,
  writeObject,
} from '../../references/index.ts';
import { putFile, readShelfFile } from './files.ts';

/** Objects below one before a family begins anew: what reading one may cost at most. */
export const CHAIN_MAX = 256;

/** How often a chain is read anew whose base was gone when its turn came: `gc` puts the object that no longer needs it in place first, and only then takes the base away. */
const TRIES = 3;

/** An object as it lies there. @throws FormatError, Error where there is none */
export async function loadObject(folder: string, digest: string): Promise<ObjectHead> {
  const head = readObject(await readShelfFile(folder, 'objects', digest), nodeHash);
  if (head.manifest !== digest) throw refuse('manifest', 'bad-value', `the object ${digest} says that it is ${head.manifest}`);
  return head;
}

/** The manifest of an object, its digest computed anew. @throws FormatError, Error where it or a base is not there */
export const loadManifest = (folder: string, digest: string): Promise<Manifest> => readManifestOf(folder, digest, new Map());

/** Manifests that a reader keeps: that which the next one stands on, and what that stood on. */
const KEPT = 3;

/** Reads manifests one after the other: one that stands on one of those before costs itself, and not all that is below it. Each digest is computed anew. */
export function manifestReader(folder: string): (digest: string) => Promise<Manifest> {
  const kept = new Map<string, Manifest>();
  return async (digest) => {
    const manifest = kept.get(digest) ?? (await readManifestOf(folder, digest, kept));
    kept.delete(digest);
    kept.set(digest, manifest);
    for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
    return manifest;
  };
}

async function readManifestOf(folder: string, digest: string, kept: ReadonlyMap<string, Manifest>): Promise<Manifest> {
  for (let tries = 1; ; tries++) {
    const { chain, missing } = await readChain(folder, digest, kept);
    if (missing === undefined) return decodeChain(chain, kept);
    if (missing === digest) throw new Error(`the object of build ${digest} is not there`);
    if (tries === TRIES) throw new Error(`the object ${missing} is not there, on which build ${digest} stands`);
  }
}

interface Chain {
  /** From the one that is wanted down to one that stands alone, or on what is kept. */
  readonly chain: readonly ObjectHead[];
  readonly missing: string | undefined;
}

async function readChain(folder: string, digest: string, kept: ReadonlyMap<string, Manifest>): Promise<Chain> {
  const chain: ObjectHead[] = [];
  for (let next: string | undefined = digest; next !== undefined && !kept.has(next); ) {
    if (chain.length > DEPTH_MAX) throw refuse('base', 'too-deep', `more than ${DEPTH_MAX} objects below ${digest}`);
    const head: ObjectHead | undefined = await loadObject(folder, next).catch(ifMissing);
    if (head === undefined) return { chain, missing: next };
    const above = chain.at(-1);
    // A chain in a circle would never get deeper.
    if (above !== undefined && head.depth >= above.depth) throw refuse('depth', 'bad-value', `${next} is no base of ${above.manifest}`);
    chain.push(head);
    next = head.base;
  }
  return { chain, missing: undefined };
}

function decodeChain(chain: readonly ObjectHead[], kept: ReadonlyMap<string, Manifest>): Manifest {
  const lowest = kept.get(chain.at(-1)?.base ?? '');
  let base: Parts | undefined = lowest && manifestParts(lowest);
  for (const head of chain.slice(1).toReversed()) base = decodeParts(unpack(head), head, base);
  const [top] = chain;
  if (top === undefined) throw refuse('base', 'bad-value', 'no object');
  return decodeManifest(unpack(top), top, { hash: nodeHash, base });
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

/** The bytes of an object. */
export function objectBytes({ body, digests }: EncodedManifest, head: Pick<ObjectHead, 'manifest' | 'base' | 'depth'>): Uint8Array {
  return writeObject({ ...head, bodySize: body.length, digests, packed: new Uint8Array(deflateRawSync(body)) }, nodeHash);
}

/** Writes an object, flushed when it answers. */
export async function saveObject(
  folder: string,
  encoded: EncodedManifest,
  head: Pick<ObjectHead, 'manifest' | 'base' | 'depth'>,
): Promise<void> {
  await putFile(folder, { kind: 'objects', name: head.manifest }, objectBytes(encoded, head));
}

/** The body of an object. @throws FormatError where it is not as large as it says */
export function unpack({ packed, bodySize }: ObjectHead): Uint8Array {
  let body: Uint8Array;
  try {
    // One more byte than it says is refused there, before it is made.
    body = new Uint8Array(inflateRawSync(packed, { maxOutputLength: Math.min(bodySize, BODY_MAX) || 1 }));
  } catch (error) {
    throw refuse('body', 'bad-value', error instanceof Error ? error.message : String(error));
  }
  if (body.length !== bodySize) throw refuse('bodySize', 'bad-value', `${body.length} bytes, and it says ${bodySize}`);
  return body;
}

const refuse = (field: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'shelf object', field, at: 0 }, code, detail);
