/**
 * Builds as one file, to give to others: docs/formats/shelf.md. The first line is a DSSE envelope over the digest of all that follows; then, for each build, a u32 size
 * and `{ manifest, provenance }` as JSON, a u32 size and its object, whose base, if it has one, is the build before it; then the texts of these builds (`pack-texts.ts`). All little endian.
 * Nothing in it says who vouches: an importer that trusts the signer takes its word on what was verified, and decides himself what follows.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { z } from 'zod/mini';
import { concatBytes, FormatError, type HashPort, type VerifyPort } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  type Envelope,
  envelopePayload,
  envelopeSchema,
  type SignPort,
  signEnvelope,
  signerKeyId,
  type TrustedSigner,
  verifyEnvelope,
} from '../../provenance/index.ts';
import {
  decodeManifest,
  encodeManifest,
  type KeptText,
  type Manifest,
  manifestParts,
  type Parts,
  type Provenance,
  provenanceSchema,
  readObject,
} from '../../references/index.ts';
import type { NewBuild } from './add.ts';
import type { EntryWriter } from './entry.ts';
import { objectBytes, unpack } from './manifests.ts';
import { type ReadPart, readTexts, type TextParts } from './pack-texts.ts';

const TYPE = 'application/vnd.assay.shelf-pack+json';
/** Bytes of the first line. */
const ENVELOPE_MAX = 1 << 20;
const ENTRY_MAX = 4 << 20;
const OBJECT_MAX = 512 << 20;
const BUILDS_MAX = 1_000_000;
const WINDOW = 1 << 20;

const TEXTS_MAX = 10_000_000;

const counted = {
  builds: z.int().check(z.gte(1), z.lte(BUILDS_MAX)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
};
/** Version 2 has texts; a pack without any is written as version 1, which every reader reads. */
const statedSchema = z.union([
  z.strictObject({ format: z.literal('assay.shelf-pack/1'), ...counted }),
  z.strictObject({ format: z.literal('assay.shelf-pack/2'), ...counted, texts: z.int().check(z.gte(1), z.lte(TEXTS_MAX)) }),
]);
const entrySchema = z.strictObject({ manifest: z.string().check(z.regex(/^[0-9a-f]{64}$/)), provenance: provenanceSchema });

/** A build to export. */
export interface PackedBuild {
  readonly digest: string;
  readonly manifest: Manifest;
  readonly provenance: Provenance;
}

/** What a pack is made of. The texts are asked for when all builds were. */
export interface PackContents {
  readonly builds: AsyncIterable<PackedBuild>;
  readonly texts: () => Iterable<TextParts>;
}

/** What a pack holds. */
export interface Packed {
  readonly builds: number;
  readonly texts: number;
}

/** Writes a pack; without signers one that vouches for nothing. The file appears whole or not at all. */
export async function writePackFile(path: string, { builds, texts }: PackContents, signers: readonly SignPort[]): Promise<Packed> {
  const body = `${path}.body`;
  const whole = `${path}.part`;
  try {
    const hash = createHash('sha256');
    const counts = { builds: 0, texts: 0 };
    const out = await open(body, 'w');
    try {
      const write = async (parts: readonly Uint8Array[]) => {
        const bytes = concatBytes(parts.flatMap((part) => [u32(part.length), part]));
        hash.update(bytes);
        await out.writeFile(bytes);
      };
      let before: PackedBuild | undefined;
      for await (const build of builds) {
        const base = before;
        const entry = new TextEncoder().encode(
          JSON.stringify({ manifest: build.digest, provenance: { ...build.provenance, vouched: 'nobody' } }),
        );
        const object = objectBytes(encodeManifest(build.manifest, base?.manifest), {
          manifest: build.digest,
          base: base?.digest,
          depth: base === undefined ? 0 : 1,
        });
        await write([entry, object]);
        counts.builds++;
        before = build;
      }
      for (const parts of texts()) {
        await write(parts);
        counts.texts++;
      }
    } finally {
      await out.close();
    }
    const format = counts.texts === 0 ? 'assay.shelf-pack/1' : 'assay.shelf-pack/2';
    const stated = { format, builds: counts.builds, ...(counts.texts === 0 ? {} : { texts: counts.texts }), sha256: hash.digest('hex') };
    const payload = new TextEncoder().encode(JSON.stringify(stated));
    const [first, ...others] = signers;
    const envelope: Envelope =
      first === undefined
        ? { payloadType: TYPE, payload: Buffer.from(payload).toString('base64'), signatures: [] }
        : await signEnvelope(nodeHash, TYPE, payload, [first, ...others]);
    await joinFiles(whole, new TextEncoder().encode(`${JSON.stringify(envelope)}\n`), body);
    await rename(whole, path);
    return counts;
  } finally {
    await rm(body, { force: true });
    await rm(whole, { force: true });
  }
}

async function joinFiles(to: string, head: Uint8Array, rest: string): Promise<void> {
  const [out, source] = [await open(to, 'w'), await open(rest, 'r')];
  try {
    await out.writeFile(head);
    for await (const piece of source.createReadStream({ autoClose: false })) await out.writeFile(piece as Uint8Array); // a stream without encoding gives bytes
    await out.sync();
  } finally {
    await out.close();
    await source.close();
  }
}

export interface ReadPackOptions {
  /** Whose word counts. Empty: nobody's. */
  readonly signers: readonly TrustedSigner[];
  readonly verify: VerifyPort;
}

export interface OpenPack {
  readonly writer: EntryWriter;
  readonly count: number;
  /** Each build, decoded and its digest computed anew. @throws FormatError */
  readonly builds: AsyncIterable<NewBuild>;
  /** Each text, when all builds were read. @throws FormatError */
  readonly texts: () => AsyncIterable<KeptText>;
  readonly close: () => Promise<void>;
}

/** Opens a pack: its digest and its signatures are verified before anything of it is read. @throws FormatError; Error where signers are named and none of them signed it */
export async function openPackFile(path: string, name: string, { signers, verify }: ReadPackOptions): Promise<OpenPack> {
  const file = await open(path, 'r');
  try {
    const { envelope, start } = await readEnvelope(file);
    const stated = parseJson(envelopePayload(envelope), statedSchema, 'payload');
    const size = (await file.stat()).size;
    const hash = createHash('sha256');
    for (let at = start; at < size; at += WINDOW) hash.update(await readAt(file, at, Math.min(WINDOW, size - at)));
    if (hash.digest('hex') !== stated.sha256)
      throw refuse('sha256', 'bad-checksum', 'the builds are not those that its first line is about');
    const signer = await signerOf(envelope, signers, { hash: nodeHash, verify });
    const writer: EntryWriter = {
      by: 'pack',
      signer: signer === undefined ? null : signerKeyId(nodeHash, signer.spki),
      name: signer?.name ?? name,
    };
    const reader = partReader(file, start, size);
    const texts = 'texts' in stated ? stated.texts : 0;
    return {
      writer,
      count: stated.builds,
      builds: readBuilds(reader.part, stated.builds, writer),
      async *texts() {
        yield* readTexts(reader.part, texts);
        reader.end();
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function signerOf(
  envelope: Envelope,
  signers: readonly TrustedSigner[],
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<TrustedSigner | undefined> {
  if (signers.length === 0) return undefined;
  const { signedBy, invalid } = await verifyEnvelope(envelope, signers, ports);
  const [first] = signedBy;
  if (first === undefined || envelope.payloadType !== TYPE)
    throw new Error(
      invalid.length > 0 ? 'its signature under a key that you named is not good' : 'none of the keys that you named signed it',
    );
  return first;
}

async function readEnvelope(file: FileHandle): Promise<{ readonly envelope: Envelope; readonly start: number }> {
  const head = await readAt(file, 0, Math.min(ENVELOPE_MAX, (await file.stat()).size));
  const end = head.indexOf(0x0a);
  if (end < 0) throw refuse('envelope', 'bad-value', `no line ends within ${ENVELOPE_MAX} bytes`);
  const envelope = parseJson(head.subarray(0, end), envelopeSchema, 'envelope');
  if (envelope.payloadType !== TYPE) throw refuse('payloadType', 'bad-value', 'it signs something else than a pack of builds');
  return { envelope, start: end + 1 };
}

/** Reads what lies behind the first line, part after part. */
function partReader(file: FileHandle, start: number, size: number): { readonly part: ReadPart; readonly end: () => void } {
  let at = start;
  return {
    async part(field, ceiling) {
      if (size - at < 4) throw refuse(field, 'short-read', `${size - at} bytes left`);
      const length = new DataView((await readAt(file, at, 4)).buffer).getUint32(0, true);
      if (length > ceiling || length > size - at - 4) throw refuse(field, 'too-large', `${length} bytes, and ${size - at - 4} are left`);
      at += 4 + length;
      return readAt(file, at - length, length);
    },
    end() {
      if (at !== size) throw refuse('texts', 'trailing', `${size - at} bytes left over`);
    },
  };
}

async function* readBuilds(part: ReadPart, count: number, writer: EntryWriter): AsyncGenerator<NewBuild> {
  let before: { readonly digest: string; readonly parts: Parts } | undefined;
  for (let i = 0; i < count; i++) {
    const { manifest: digest, provenance } = parseJson(await part(`builds[${i}].entry`, ENTRY_MAX), entrySchema, `builds[${i}].entry`);
    const head = readObject(await part(`builds[${i}].object`, OBJECT_MAX), nodeHash);
    if (head.manifest !== digest) throw refuse(`builds[${i}]`, 'bad-value', 'its entry is about another build');
    if (head.base !== undefined && head.base !== before?.digest)
      throw refuse(`builds[${i}].base`, 'out-of-bounds', 'its base is not the build before it');
    const base = head.base === undefined ? undefined : before?.parts;
    const manifest = decodeManifest(unpack(head), head, { hash: nodeHash, base });
    before = { digest, parts: manifestParts(manifest) };
    yield { manifest, provenance, writer };
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw refuse('file', 'short-read', `the file ends ${length - done} bytes early`);
    done += bytesRead;
  }
  return bytes;
}

function parseJson<T>(bytes: Uint8Array, schema: z.ZodMiniType<T>, field: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse(field, 'bad-value', 'no JSON in UTF-8');
  }
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw refuse(
    `${field}.${parsed.error.issues[0]?.path.map(String).join('.') ?? ''}`,
    'bad-value',
    parsed.error.issues[0]?.message ?? 'refused',
  );
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

const refuse = (field: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'shelf pack', field, at: 0 }, code, detail);
