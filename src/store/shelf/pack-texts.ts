/**
 * Texts in a pack: for each a u32 size and `{ path, sha256, size, isAlone }` as JSON, a u32 size and its bytes as zstd. One that is not alone is packed against the last one before it that is.
 * They come path by path, so that a reader keeps one at a time. They vouch for nothing: each is what its SHA-256 says, or refused.
 */
import { z } from 'zod/mini';
import { FormatError } from '../../bytes/index.ts';
import { isTextFile, TEXT_FILE_MAX } from '../../evidence/texts/index.ts';
import type { KeptText } from '../../references/index.ts';
import { type IndexFile, prefixOf } from './index-file.ts';
import { isCalled, packText, unpackText } from './text-codec.ts';
import { openTexts } from './texts.ts';

/** Bytes of a path as the manifest allows it, escaped. */
const HEAD_MAX = 1 << 20;
/** zstd adds some bytes to what does not pack. */
const PACKED_MAX = TEXT_FILE_MAX + 1024;
/** Bytes of texts that are put at a time. */
const BATCH = 4 << 20;

const headSchema = z.strictObject({
  path: z.string().check(z.maxLength(128 << 10)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  size: z.int().check(z.gte(0), z.lte(TEXT_FILE_MAX)),
  isAlone: z.boolean(),
});

/** A text as its two parts in a pack. */
export type TextParts = readonly [head: Uint8Array, packed: Uint8Array];

/** Texts out of those that are kept, path by path; what is not there is left out. `paths` are by SHA-256. */
export function* textsToPack(paths: ReadonlyMap<string, string>, read: (sha256: string) => Uint8Array | undefined): Generator<TextParts> {
  let base: { readonly path: string; readonly bytes: Uint8Array } | undefined;
  for (const [sha256, path] of [...paths].toSorted(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const bytes = read(sha256);
    if (bytes === undefined || bytes.length > TEXT_FILE_MAX) continue;
    const { packed, isAlone } = packText(bytes, base?.path === path ? base.bytes : undefined);
    if (isAlone) base = { path, bytes };
    yield [new TextEncoder().encode(JSON.stringify({ path, sha256, size: bytes.length, isAlone })), packed];
  }
}

/** Reads a part of at most so many bytes; `field` names it in errors. */
export type ReadPart = (field: string, ceiling: number) => Promise<Uint8Array>;

/** The texts of a pack. @throws FormatError */
export async function* readTexts(part: ReadPart, count: number): AsyncGenerator<KeptText> {
  let base: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    const field = `texts[${i}]`;
    const { path, sha256, size, isAlone } = parseHead(await part(`${field}.head`, HEAD_MAX), field);
    const packed = await part(`${field}.packed`, PACKED_MAX);
    if (!isTextFile(path)) throw refuse(`${field}.path`, 'no name of a text');
    if (!isAlone && base === undefined) throw refuse(`${field}.isAlone`, 'none before it stands alone');
    const bytes = unpackText(packed, isAlone ? undefined : base, size);
    if (bytes === undefined || !isCalled(bytes, sha256)) throw refuse(`${field}.packed`, 'it is not what its SHA-256 says');
    if (isAlone) base = bytes;
    yield { path, sha256, bytes };
  }
}

/** Puts texts onto a shelf whose folder the caller has locked: those that a build there states. Answers how many are new. */
export async function importTexts(folder: string, index: IndexFile, texts: AsyncIterable<KeptText>): Promise<number> {
  const isStated = index.statement('select 1 from content where prefix = ? limit 1');
  let batch: KeptText[] = [];
  let bytes = 0;
  let count = 0;
  const put = () => {
    const store = batch.length === 0 ? undefined : openTexts(folder, 'write');
    try {
      count += store?.put(batch) ?? 0;
    } finally {
      store?.close();
    }
    batch = [];
    bytes = 0;
  };
  for await (const text of texts) {
    if (isStated.all(prefixOf(text.sha256)).length === 0) continue;
    batch.push(text);
    bytes += text.bytes.length;
    if (bytes >= BATCH) put();
  }
  put();
  return count;
}

function parseHead(bytes: Uint8Array, field: string): z.infer<typeof headSchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse(`${field}.head`, 'no JSON in UTF-8');
  }
  const parsed = z.safeParse(headSchema, value);
  if (!parsed.success) throw refuse(`${field}.head`, parsed.error.issues[0]?.message ?? 'refused');
  return parsed.data;
}

const refuse = (field: string, detail: string) => new FormatError({ format: 'shelf pack', field, at: 0 }, 'bad-value', detail);
