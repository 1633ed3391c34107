/**
 * The APK Signing Block: what lies between the last entry and the central directory of an APK signed with scheme v2 or later.
 * Spec: source.android.com "APK Signature Scheme v2"; AOSP tools/apksig and frameworks/base android.util.apk.ApkSigningBlockUtils (android-15).
 * Limits: `BLOCK_MAX` bytes. Does not read: what the pairs hold; see `v2.ts`, `v3.ts`, `stamp.ts`.
 *
 *   u64 size of block (without this field)
 *   pairs: u64 length, u32 id, value of length - 4 bytes
 *   u64 size of block (again)
 *   "APK Sig Block 42"
 *
 * Android takes any deviation as "there is no block", and then falls back on the JAR signature: so the reading says why there is none.
 */
import { Cursor, concatBytes, FormatError, type Oddity, type Reading, type Source } from '../../bytes/index.ts';

const FORMAT = 'apk signing block';
/** Real blocks are a few KiB, padded to 4 KiB; Play's dependency and frosting blocks reach 100 KiB. */
const BLOCK_MAX = 32 << 20;
/** The most pairs that are kept; of those behind, only what Android looks for. */
const PAIRS_MAX = 4096;
const FOOTER = 24;
const MAGIC = 'APK Sig Block 42';

/** Pair ids that are known, by who writes them. */
export const BLOCK_ID = {
  v2: 0x7109871a,
  v3: 0xf05368c0,
  v31: 0x1b93ad61,
  v32: 0x58ddadf6,
  sourceStampV1: 0x2b09189e,
  sourceStampV2: 0x6dff800d,
  padding: 0x42726577,
  dependencyInfo: 0x504b4453,
  frosting: 0x2146444e,
  walle: 0x71777777,
} as const;

/** One pair of the block. */
export interface BlockPair {
  readonly id: number;
  /** Where the value begins in the file. */
  readonly at: number;
  readonly value: Uint8Array;
}

/** A signing block. */
export interface SigningBlock {
  /** Where it begins in the file. */
  readonly at: number;
  readonly size: number;
  /** All pairs up to the first that is malformed. */
  readonly pairs: readonly BlockPair[];
}

/** Where a ZIP's directory lies: what finding the block needs. */
export interface BlockPlace {
  readonly centralAt: number;
}

/**
 * Reads the signing block before the central directory, or undefined where Android sees none. Remains of one (a magic without its sizes, sizes
 * without the magic, a malformed pair) are oddities.
 */
export async function readSigningBlock(source: Source, { centralAt }: BlockPlace): Promise<Reading<SigningBlock | undefined>> {
  const oddities: Oddity[] = [];
  const odd = (code: string, field: string, at: number, detail: string) => oddities.push({ format: FORMAT, field, at, code, detail });
  if (centralAt < 32 || centralAt > source.size) return { value: undefined, oddities };
  const footerAt = centralAt - FOOTER;
  const footer = new Cursor(await source.read(footerAt, FOOTER), { format: FORMAT, base: footerAt });
  const size = footer.u64('size');
  const magic = footer.text('magic', 16);
  const start = size >= 24n && size <= BigInt(centralAt) - 8n ? centralAt - Number(size) - 8 : undefined;
  if (magic !== MAGIC) {
    if (start !== undefined && start > 0 && (await u64At(source, start)) === size) {
      odd(
        'block-magic',
        'magic',
        footerAt + 8,
        `two equal sizes of ${size} around bytes that end in ${JSON.stringify(magic.replace(/\P{ASCII}|\p{Cc}/gu, '.'))}`,
      );
    }
    return { value: undefined, oddities };
  }
  if (start === undefined) {
    odd('block-size', 'size', footerAt, `${size} does not fit before the central directory at ${centralAt}`);
    return { value: undefined, oddities };
  }
  const first = await u64At(source, start);
  if (first !== size) {
    odd('block-size-mismatch', 'size', start, `${first} at the start, ${size} at the end`);
    return { value: undefined, oddities };
  }
  if (size > BigInt(BLOCK_MAX)) {
    throw new FormatError({ format: FORMAT, field: 'size', at: footerAt }, 'too-large', `${size} is above ${BLOCK_MAX}`);
  }
  const block = await source.read(start, centralAt - start);
  const pairs = readPairs(block.subarray(8, block.length - FOOTER), start + 8, odd);
  const seen = new Set<number>();
  for (const { id, at } of pairs) {
    if (seen.has(id)) odd('block-duplicate-id', 'pair.id', at - 4, `a second pair ${hexId(id)}: Android takes the first`);
    else if (!KNOWN_IDS.has(id)) odd('block-unknown-id', 'pair.id', at - 4, `${hexId(id)} is none that we know`);
    seen.add(id);
  }
  return { value: { at: start, size: centralAt - start, pairs }, oddities };
}

const KNOWN_IDS: ReadonlySet<number> = new Set(Object.values(BLOCK_ID));

/** A pair's id as it is written in the field. */
export const hexId = (id: number) => `0x${id.toString(16).padStart(8, '0')}`;

async function u64At(source: Source, at: number): Promise<bigint> {
  const bytes = await source.read(at, 8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

function readPairs(
  bytes: Uint8Array,
  base: number,
  odd: (code: string, field: string, at: number, detail: string) => void,
): readonly BlockPair[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pairs: BlockPair[] = [];
  const late = new Set<number>();
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.length - at >= 8 ? view.getBigUint64(at, true) : -1n;
    if (length < 4n || length > BigInt(bytes.length - at - 8)) {
      odd(
        'block-pair-length',
        `pair[${count}].length`,
        base + at,
        `${length} with ${bytes.length - at} bytes left: Android stops looking here`,
      );
      break;
    }
    const end = at + 8 + Number(length);
    const id = view.getUint32(at + 8, true);
    count++;
    if (count <= PAIRS_MAX || (KNOWN_IDS.has(id) && !late.has(id))) {
      pairs.push({ id, at: base + at + 12, value: bytes.subarray(at + 12, end) });
      if (count > PAIRS_MAX) late.add(id);
    }
    at = end;
  }
  if (count > PAIRS_MAX) odd('block-pairs', 'pairs', base, `${count} pairs, of which ${PAIRS_MAX} are listed`);
  return pairs;
}

/** The value of the first pair with an id. */
export function pairValue(block: SigningBlock | undefined, id: number): BlockPair | undefined {
  return block?.pairs.find((pair) => pair.id === id);
}

/** Writes a block of pairs; with `align`, a padding pair makes its size a multiple of 4096, as apksigner does since v3. */
export function writeSigningBlock(pairs: readonly { readonly id: number; readonly value: Uint8Array }[], align = false): Uint8Array {
  const bodies = pairs.map(pairBytes);
  let size = bodies.reduce((sum, body) => sum + body.length, 0) + FOOTER;
  if (align && (size + 8) % 4096 !== 0) {
    let padding = 4096 - ((size + 8) % 4096);
    if (padding < 12) padding += 4096;
    bodies.push(pairBytes({ id: BLOCK_ID.padding, value: new Uint8Array(padding - 12) }));
    size += padding;
  }
  const head = new DataView(new ArrayBuffer(8));
  head.setBigUint64(0, BigInt(size), true);
  const sizeBytes = new Uint8Array(head.buffer);
  return concatBytes([sizeBytes, ...bodies, sizeBytes, new TextEncoder().encode(MAGIC)]);
}

function pairBytes({ id, value }: { readonly id: number; readonly value: Uint8Array }): Uint8Array {
  const out = new Uint8Array(12 + value.length);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(value.length + 4), true);
  view.setUint32(8, id, true);
  out.set(value, 12);
  return out;
}
