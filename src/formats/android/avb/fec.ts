/**
 * Forward error correction as dm-verity uses it: Reed-Solomon codes of 255 bytes, of which `roots` are parity, over bytes that lie far apart.
 * Spec: AOSP system/extras/libfec (fec_private.h: FEC_PARAMS, fec_ecc_interleave), update_engine verity_writer_android.cc; the field is that of gfpoly 0x11d,
 * the generator's roots are the first powers of 2.
 * Limits: `CODES_MAX` bytes of codes, which are all kept while the data goes by once. Does not read: the header that AOSP's `fec` puts behind its files; does not correct.
 *
 *   With n = 255 - roots and r = ceil(blocks / n) rounds, code k of round i covers byte k of blocks i, i + r, … i + (n - 1) · r; blocks behind the end are zeros.
 *   The codes of round i follow those of round i - 1, each with its parity together.
 */
import { FormatError, type Source } from '../../../bytes/index.ts';

const FORMAT = 'fec';
const CODE = 255;
const POLYNOMIAL = 0x11d;
const ROOTS_MIN = 2;
const ROOTS_MAX = 24;
const CODES_MAX = 512 << 20;

/** What codes are computed over. */
export interface FecShape {
  /** Bytes: whole blocks. */
  readonly dataSize: number;
  readonly blockSize: number;
  /** Parity bytes of each code. */
  readonly roots: number;
}

/** Bytes of codes that so much data has. @throws FormatError on a shape that no kernel takes */
export function fecSize({ dataSize, blockSize, roots }: FecShape): number {
  if (!Number.isInteger(roots) || roots < ROOTS_MIN || roots > ROOTS_MAX)
    throw new FormatError({ format: FORMAT, field: 'roots', at: 0 }, 'bad-value', `${roots}; ${ROOTS_MIN} to ${ROOTS_MAX} are known`);
  if (dataSize % blockSize !== 0)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'bad-value', `${dataSize} bytes are no whole blocks`);
  const size = roundsOf({ dataSize, blockSize, roots }) * blockSize * roots;
  if (size > CODES_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${size} bytes of codes, and ${CODES_MAX} is the most`);
  return size;
}

const roundsOf = ({ dataSize, blockSize, roots }: FecShape): number => Math.ceil(dataSize / blockSize / (CODE - roots));

/** The codes of a source's first `dataSize` bytes, which are read once, in order. @throws FormatError */
export async function computeFec(source: Pick<Source, 'read'>, shape: FecShape): Promise<Uint8Array> {
  const { dataSize, blockSize, roots } = shape;
  const parity = new Uint8Array(fecSize(shape));
  const pairs = roots === 2 ? new Uint16Array(parity.length / 2) : undefined;
  const rounds = roundsOf(shape);
  const blocks = dataSize / blockSize;
  const tables = generatorTables(roots);
  const pairTable = Uint16Array.from({ length: 256 }, (_, byte) => ((tables[0]?.[byte] ?? 0) << 8) | (tables[1]?.[byte] ?? 0));
  const zeros = new Uint8Array(blockSize);
  const perRead = Math.max(1, Math.floor((1 << 20) / blockSize));
  let piece: Uint8Array = zeros;
  // The order of blocks is that of the data: a code takes its bytes from the first block on.
  for (let block = 0; block < rounds * (CODE - roots); block++) {
    const inPiece = block % perRead;
    if (inPiece === 0 && block < blocks) piece = await source.read(block * blockSize, Math.min(perRead, blocks - block) * blockSize);
    const bytes = block < blocks ? piece.subarray(inPiece * blockSize, (inPiece + 1) * blockSize) : zeros;
    const code = (block % rounds) * blockSize;
    if (pairs === undefined) take(parity.subarray(code * roots, (code + blockSize) * roots), bytes, tables);
    else takePairs(pairs, code, bytes, pairTable);
  }
  for (const [code, pair] of pairs?.entries() ?? []) {
    parity[2 * code] = pair >>> 8;
    parity[2 * code + 1] = pair & 0xff;
  }
  return parity;
}

/** Takes a byte into each code of a round: division by the generator, whose remainder is the parity. */
function take(parity: Uint8Array, bytes: Uint8Array, tables: readonly Uint8Array[]): void {
  const roots = tables.length;
  for (let k = 0, at = 0; k < bytes.length; k++, at += roots) {
    const feedback = (bytes[k] ?? 0) ^ (parity[at] ?? 0);
    for (let root = 0; root < roots; root++)
      parity[at + root] = (root + 1 < roots ? (parity[at + root + 1] ?? 0) : 0) ^ (tables[root]?.[feedback] ?? 0);
  }
}

/** The same with two bytes of parity, as all phones have: both in one word, and one look into one table for each byte. */
function takePairs(pairs: Uint16Array, from: number, bytes: Uint8Array, table: Uint16Array): void {
  for (let k = 0; k < bytes.length; k++) {
    const pair = pairs[from + k] ?? 0;
    pairs[from + k] = (pair << 8) ^ (table[(bytes[k] ?? 0) ^ (pair >>> 8)] ?? 0);
  }
}

/** For each coefficient of the generator, the highest but one first: its products with every byte. */
function generatorTables(roots: number): readonly Uint8Array[] {
  // (x + 1)(x + 2)(x + 4)…, the lowest coefficient first.
  let generator: number[] = [1];
  let root = 1;
  for (let i = 0; i < roots; i++) {
    const next = Array.from({ length: generator.length + 1 }, () => 0);
    for (const [power, coefficient] of generator.entries()) {
      next[power] = (next[power] ?? 0) ^ multiply(coefficient, root);
      next[power + 1] = (next[power + 1] ?? 0) ^ coefficient;
    }
    generator = next;
    root = multiply(root, 2);
  }
  return Array.from({ length: roots }, (_, i) =>
    Uint8Array.from({ length: 256 }, (__, byte) => multiply(byte, generator[roots - 1 - i] ?? 0)),
  );
}

/** The product of two elements of the field. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product <<= 1;
    if ((product & 0x100) !== 0) product ^= POLYNOMIAL;
    if (((b >>> bit) & 1) === 1) product ^= a;
  }
  return product;
}
