/**
 * xz streams, read in pieces: memory is the dictionary and one chunk, whatever the stream unpacks to.
 * Spec: The .xz File Format 1.2.1 (2024-04-08). Several streams and stream padding follow each other; checks none, CRC32, CRC64 and SHA-256 are verified.
 * Limits: the caller's ceiling on output, `DICTIONARY_MAX`, `FILTERS_MAX`, `RECORDS_MAX`. What headers claim is compared with what came, never trusted.
 * Does not read: checks of reserved numbers (refused), filters other than delta, BCJ and LZMA2 (named).
 *
 *   stream   header, blocks, index, footer, padding of a multiple of 4
 *   header   FD 37 7A 58 5A 00, flags[2] = 00 0c, CRC32(flags)
 *   block    size/4-1, flags, [packed size], [unpacked size], filters { id, size of properties, properties }, padding, CRC32; data; padding to 4; check
 *   index    00, count, { unpadded size, unpacked size }…, padding to 4, CRC32
 *   footer   CRC32, backward size/4-1 [4], flags[2], 59 5A
 */
import { bytesSource, concatBytes, equalBytes, FormatError, type FormatErrorCode, type Source } from '../../bytes/index.ts';
import { arm, arm64, armThumb, delta, type Unfilter, x86 } from './bcj.ts';
import { ia64, powerPc, riscv, sparc } from './bcj-others.ts';
import { type Crc64, crc32, crc64Start, crc64Update } from './checksums.ts';
import { fill, type InputWindow } from './input-window.ts';
import { chunkSize, decodeChunk, lzma2, PACKED_CHUNK_MAX } from './lzma2.ts';
import { type Sha256, sha256Digest, sha256Start, sha256Update } from './sha256.ts';

const FORMAT = 'xz';
const HEADER_SIZE = 12;
const MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0);
/** What `xz -9 --lzma2=dict=…` can be told to; `-9` alone takes 64 MiB. Only what data fills is allocated. */
const DICTIONARY_MAX = 1 << 30;
const FILTERS_MAX = 4;
/** Blocks of one stream: with the smallest blocks that threaded xz makes, terabytes. */
const RECORDS_MAX = 1 << 20;
const BLOCK_HEADER_MAX = 1024;
/** Check sizes by number; those between are reserved. */
const CHECK_SIZES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

/** Whether bytes begin as an xz stream does. */
export function isXz(start: Uint8Array): boolean {
  return start.length >= MAGIC.length && equalBytes(start.subarray(0, MAGIC.length), MAGIC);
}

const refuse = (field: string, at: number, code: FormatErrorCode, detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

interface Reader extends InputWindow {
  readonly source: Source;
}

const place = (reader: Reader) => reader.base + reader.at;

async function need(reader: Reader, field: string, length: number): Promise<Uint8Array> {
  const ahead = await fill(reader, reader.source, length);
  if (ahead < length) throw refuse(field, place(reader), 'short-read', `${length} bytes wanted, ${ahead} left`);
  return reader.bytes.subarray(reader.at, reader.at + length);
}

const le32 = (bytes: Uint8Array, at: number) =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;

/**
 * What a Source of xz streams unpacks to, in pieces. A piece is a view: it is to be used or copied before the next is asked for.
 * @throws FormatError on anything malformed, on a check that does not hold, and above `ceiling` bytes of output
 */
export async function* xzPieces(source: Source, ceiling: number): AsyncGenerator<Uint8Array, void, void> {
  const reader: Reader = { source, bytes: new Uint8Array(0), at: 0, base: 0 };
  let total = 0;
  for (let streams = 0; ; streams++) {
    // Between and after streams there may be padding: zeros, a multiple of four.
    while (streams > 0 && (await fill(reader, source, 4)) >= 4 && le32(reader.bytes, reader.at) === 0) reader.at += 4;
    if (streams > 0 && (await fill(reader, source, 1)) === 0) return;
    const check = await readStreamHeader(reader);
    const records: { unpadded: number; unpacked: number }[] = [];
    for (;;) {
      const size = (await need(reader, 'block header size', 1))[0] ?? 0;
      if (size === 0) break;
      if (records.length >= RECORDS_MAX) throw refuse('blocks', place(reader), 'too-large', `more than ${RECORDS_MAX} blocks`);
      const startedAt = place(reader);
      const block = await readBlockHeader(reader, (size + 1) * 4);
      let unpacked = 0;
      const checking = startCheck(check);
      for await (const piece of blockPieces(reader, block)) {
        unpacked += piece.length;
        total += piece.length;
        if (total > ceiling) throw refuse('output', place(reader), 'too-large', `more than ${ceiling} bytes`);
        checking.update(piece);
        yield piece;
      }
      const packed = place(reader) - startedAt - block.headerSize;
      const claims: readonly [string, number | undefined, number][] = [
        ['compressed size', block.packedSize, packed],
        ['uncompressed size', block.unpackedSize, unpacked],
      ];
      for (const [field, claimed, is] of claims)
        if (claimed !== undefined && claimed !== is) throw refuse(field, startedAt, 'bad-value', `${claimed}, where the block has ${is}`);
      const padding = (4 - (packed % 4)) % 4;
      if ((await need(reader, 'block padding', padding)).some((byte) => byte !== 0))
        throw refuse('block padding', place(reader), 'bad-value', 'not zero');
      reader.at += padding;
      const stored = await need(reader, 'check', checking.size);
      if (!equalBytes(stored, checking.digest())) throw refuse('check', place(reader), 'bad-checksum', 'the data has another check');
      reader.at += checking.size;
      records.push({ unpadded: block.headerSize + packed + checking.size, unpacked });
    }
    await readIndex(reader, records);
    const indexEnd = place(reader);
    await readFooter(reader, check, indexEnd);
  }
}

async function readStreamHeader(reader: Reader): Promise<number> {
  const at = place(reader);
  const bytes = await need(reader, 'stream header', HEADER_SIZE);
  if (!isXz(bytes)) throw refuse('magic', at, 'bad-magic', 'not FD 37 7A 58 5A 00');
  if (crc32(bytes.subarray(6, 8)) !== le32(bytes, 8)) throw refuse('stream flags', at + 8, 'bad-checksum', 'the CRC-32 is another');
  const check = bytes[7] ?? 0;
  if (bytes[6] !== 0 || CHECK_SIZES[check] === undefined)
    throw refuse('stream flags', at + 6, 'unsupported-feature', `check ${check} is none of none, CRC32, CRC64 and SHA-256`);
  reader.at += HEADER_SIZE;
  return check;
}

interface Block {
  readonly headerSize: number;
  readonly packedSize: number | undefined;
  readonly unpackedSize: number | undefined;
  readonly unfilters: readonly Unfilter[];
  readonly dictionarySize: number;
}

async function readBlockHeader(reader: Reader, size: number): Promise<Block> {
  const at = place(reader);
  const bytes = await need(reader, 'block header', Math.min(size, BLOCK_HEADER_MAX));
  if (crc32(bytes.subarray(0, size - 4)) !== le32(bytes, size - 4))
    throw refuse('block header', at, 'bad-checksum', 'the CRC-32 is another');
  const block = parseBlockHeader(bytes, at);
  reader.at += size;
  return block;
}

function parseBlockHeader(bytes: Uint8Array, at: number): Block {
  const size = bytes.length;
  const fields = { bytes: bytes.subarray(0, size - 4), at: 2, base: at };
  const flags = bytes[1] ?? 0;
  if ((flags & 0x3c) !== 0) throw refuse('block flags', at + 1, 'unsupported-feature', `0x${flags.toString(16)} has reserved bits`);
  const packedSize = (flags & 0x40) !== 0 ? readInteger(fields, 'compressed size') : undefined;
  const unpackedSize = (flags & 0x80) !== 0 ? readInteger(fields, 'uncompressed size') : undefined;
  const unfilters: Unfilter[] = [];
  let dictionarySize = 0;
  const count = (flags & 3) + 1;
  for (let i = 0; i < Math.min(count, FILTERS_MAX); i++) {
    const id = readInteger(fields, `filter[${i}].id`);
    const length = readInteger(fields, `filter[${i}].properties`);
    const properties = fields.bytes.subarray(fields.at, fields.at + length);
    if (properties.length < length) throw refuse(`filter[${i}]`, at + fields.at, 'short-read', 'its properties end after the header');
    if (i === count - 1) dictionarySize = readDictionarySize(id, properties, at + fields.at);
    else unfilters.unshift(makeUnfilter(id, properties, at + fields.at));
    fields.at += length;
  }
  if (fields.bytes.subarray(fields.at).some((byte) => byte !== 0)) throw refuse('header padding', at + fields.at, 'bad-value', 'not zero');
  return { headerSize: size, packedSize, unpackedSize, unfilters, dictionarySize };
}

function readDictionarySize(id: number, properties: Uint8Array, at: number): number {
  if (id !== 0x21) throw refuse('filter', at, 'unsupported-feature', `the last filter is 0x${id.toString(16)}, not LZMA2`);
  const bits = properties[0] ?? 0;
  if (properties.length !== 1 || bits > 40) throw refuse('dictionary size', at, 'bad-value', `${bits} is none`);
  const size = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  if (size > DICTIONARY_MAX) throw refuse('dictionary size', at, 'too-large', `${size} is above ${DICTIONARY_MAX}`);
  return size;
}

function makeUnfilter(id: number, properties: Uint8Array, at: number): Unfilter {
  if (id === 3) {
    if (properties.length !== 1) throw refuse('delta', at, 'bad-value', 'its properties are not one byte');
    return delta((properties[0] ?? 0) + 1);
  }
  const makers: Readonly<Record<number, (start: number) => Unfilter>> = {
    4: x86,
    5: powerPc,
    6: ia64,
    7: arm,
    8: armThumb,
    9: sparc,
    10: arm64,
    11: riscv,
  };
  const make = makers[id];
  if (make === undefined) throw refuse('filter', at, 'unsupported-feature', `filter 0x${id.toString(16)} is not one that is undone here`);
  if (properties.length !== 0 && properties.length !== 4) throw refuse('filter', at, 'bad-value', 'its properties are not four bytes');
  return make(properties.length === 4 ? le32(properties, 0) | 0 : 0);
}

/** A multibyte integer: seven bits a byte, least significant first, at most nine bytes, no zero at the end. */
function readInteger(fields: { bytes: Uint8Array; at: number; readonly base: number }, field: string): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 9; i++, scale *= 128) {
    const byte = fields.bytes[fields.at++];
    if (byte === undefined) throw refuse(field, fields.base + fields.at, 'short-read', 'the integer does not end');
    value += (byte & 0x7f) * scale;
    if (byte >= 0x80) continue;
    if ((byte === 0 && i > 0) || !Number.isSafeInteger(value)) break;
    return value;
  }
  throw refuse(field, fields.base + fields.at, 'bad-value', 'no integer of 53 bits in its shortest form');
}

/** The unpacked pieces of one block, filters undone. Moves the reader to the end of the packed data. */
async function* blockPieces(reader: Reader, block: Block): AsyncGenerator<Uint8Array, void, void> {
  const decoder = lzma2(FORMAT, block.dictionarySize);
  const stages: readonly Stage[] = block.unfilters.map((unfilter) => ({ unfilter, held: new Uint8Array(0) }));
  while (!decoder.ended) {
    const ahead = await fill(reader, reader.source, PACKED_CHUNK_MAX);
    const size = chunkSize(reader.bytes, reader.at);
    if (size === undefined || size > ahead) throw refuse('chunk', place(reader), 'short-read', `${size ?? 6} bytes wanted, ${ahead} left`);
    let piece: Uint8Array;
    try {
      piece = decodeChunk(decoder, reader.bytes, reader.at);
    } catch (error) {
      // The core knows its place in what is loaded; the stream's is further on.
      if (error instanceof FormatError) throw refuse(error.field, reader.base + error.at, error.code, error.message);
      throw error;
    }
    reader.at += size;
    if (block.unfilters.length === 0) {
      if (piece.length > 0) yield piece;
      continue;
    }
    // Filters change bytes in place; the window must keep them as they came.
    let bytes: Uint8Array = piece.slice();
    for (const stage of stages) bytes = runStage(stage, bytes, decoder.ended);
    if (bytes.length > 0) yield bytes;
  }
}

/** A filter and what it held back: the bytes at the end of a piece may be half an instruction. */
interface Stage {
  readonly unfilter: Unfilter;
  held: Uint8Array;
}

function runStage(stage: Stage, bytes: Uint8Array, isLast: boolean): Uint8Array {
  const joined = stage.held.length === 0 ? bytes : concatBytes([stage.held, bytes]);
  const done = stage.unfilter(joined, joined.length);
  if (isLast) return joined;
  stage.held = joined.slice(done);
  return joined.subarray(0, done);
}

interface Check {
  readonly size: number;
  update(piece: Uint8Array): void;
  digest(): Uint8Array;
}

function startCheck(check: number): Check {
  const size = CHECK_SIZES[check] ?? 0;
  if (check === 1) {
    let value = 0;
    return { size, update: (piece) => (value = crc32(piece, value)), digest: () => littleEndian([value]) };
  }
  if (check === 4) {
    const crc: Crc64 = crc64Start();
    return { size, update: (piece) => crc64Update(crc, piece), digest: () => littleEndian([~crc.low, ~crc.high]) };
  }
  if (check === 10) {
    const sha: Sha256 = sha256Start();
    return { size, update: (piece) => sha256Update(sha, piece), digest: () => sha256Digest(sha) };
  }
  return { size, update: () => undefined, digest: () => new Uint8Array(0) };
}

function littleEndian(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word >>> 0, true);
  return new Uint8Array(view.buffer);
}

/** The index must tell of each block what it was. */
async function readIndex(reader: Reader, records: readonly { readonly unpadded: number; readonly unpacked: number }[]): Promise<void> {
  const startedAt = place(reader);
  // Two integers of at most nine bytes for each record.
  const ahead = await fill(reader, reader.source, 1 + 9 + 18 * records.length + 8);
  const fields = { bytes: reader.bytes.subarray(reader.at, reader.at + ahead), at: 1, base: startedAt };
  const count = readInteger(fields, 'index.records');
  if (count !== records.length) throw refuse('index.records', startedAt, 'bad-value', `${count}, where there are ${records.length} blocks`);
  for (const [i, record] of records.entries()) {
    const unpadded = readInteger(fields, `index[${i}].unpadded size`);
    const unpacked = readInteger(fields, `index[${i}].uncompressed size`);
    if (unpadded !== record.unpadded || unpacked !== record.unpacked)
      throw refuse(
        `index[${i}]`,
        startedAt,
        'bad-value',
        `${unpadded} and ${unpacked}, where the block has ${record.unpadded} and ${record.unpacked}`,
      );
  }
  while (fields.at % 4 !== 0)
    if (fields.bytes[fields.at++] !== 0) throw refuse('index padding', startedAt + fields.at, 'bad-value', 'not zero');
  if (fields.at + 4 > fields.bytes.length) throw refuse('index', startedAt, 'short-read', 'it ends before its CRC-32');
  if (crc32(fields.bytes.subarray(0, fields.at)) !== le32(fields.bytes, fields.at))
    throw refuse('index', startedAt + fields.at, 'bad-checksum', 'the CRC-32 is another');
  reader.at += fields.at + 4;
}

async function readFooter(reader: Reader, check: number, indexEnd: number): Promise<void> {
  const bytes = await need(reader, 'stream footer', HEADER_SIZE);
  if (bytes[10] !== 0x59 || bytes[11] !== 0x5a) throw refuse('footer magic', indexEnd + 10, 'bad-magic', 'not 59 5A');
  if (crc32(bytes.subarray(4, 10)) !== le32(bytes, 0)) throw refuse('stream footer', indexEnd, 'bad-checksum', 'the CRC-32 is another');
  if (bytes[8] !== 0 || bytes[9] !== check) throw refuse('footer flags', indexEnd + 8, 'bad-value', 'not those of the header');
  reader.at += HEADER_SIZE;
}

/** What xz streams in memory unpack to. @throws FormatError on malformed streams and above `ceiling` bytes of output */
export async function unxz(bytes: Uint8Array, ceiling: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of xzPieces(bytesSource(bytes), ceiling)) pieces.push(piece.slice());
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces);
}

/** What the chunks of xz streams say, without decoding them. */
export interface XzClaims {
  readonly size: number;
  readonly dictionarySize: number;
}

/**
 * Bytes that a single xz stream unpacks to and the dictionary it wants, by its blocks' headers and chunks: a decoder that follows them writes no more.
 * Undefined where the bytes are anything but one whole well-formed stream: only a decoder can tell what is wrong with it.
 */
export function xzClaims(bytes: Uint8Array): XzClaims | undefined {
  if (bytes.length < 2 * HEADER_SIZE || !isXz(bytes)) return undefined;
  const check = CHECK_SIZES[bytes[7] ?? 255];
  if (check === undefined) return undefined;
  let size = 0;
  let dictionarySize = 0;
  let at = HEADER_SIZE;
  try {
    while ((bytes[at] ?? 0) !== 0) {
      const headerSize = ((bytes[at] ?? 0) + 1) * 4;
      if (at + headerSize > bytes.length) return undefined;
      const reader: Reader = { source: bytesSource(bytes), bytes, at, base: 0 };
      dictionarySize = Math.max(dictionarySize, dictionaryOf(reader, headerSize));
      at += headerSize;
      const startedAt = at;
      for (let control = bytes[at]; control !== 0; control = bytes[at]) {
        const packed = chunkSize(bytes, at);
        if (control === undefined || packed === undefined || at + packed > bytes.length) return undefined;
        const low = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
        size += (control >= 0x80 ? (control & 0x1f) * 65_536 : 0) + low + 1;
        at += packed;
      }
      at += 1;
      at += ((4 - ((at - startedAt) % 4)) % 4) + check;
    }
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  // Behind the index and footer of a stream another may follow, whose size is not counted here.
  const backward = (le32(bytes, bytes.length - 8) + 1) * 4;
  return at + backward + HEADER_SIZE === bytes.length ? { size, dictionarySize } : undefined;
}

const dictionaryOf = (reader: Reader, size: number): number => {
  const at = reader.at;
  const bytes = reader.bytes.subarray(at, at + size);
  if (crc32(bytes.subarray(0, size - 4)) !== le32(bytes, size - 4))
    throw refuse('block header', at, 'bad-checksum', 'the CRC-32 is another');
  return parseBlockHeader(bytes, at).dictionarySize;
};
