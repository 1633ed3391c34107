/** LZ4 frames of any length, in pieces: memory is a block and the 64 KiB that it may look back to. Spec and limits: see `lz4.ts`. */
import { FormatError, type FormatErrorCode, type Source } from '../../bytes/index.ts';
import { xxh32 } from './checksums.ts';
import { fill, type InputWindow } from './input-window.ts';
import { decodeLz4 } from './lz4.ts';

const MAGIC = 0x184d2204;
const LEGACY_MAGIC = 0x184c2102;
const SKIPPABLE = 0x184d2a50;
const LEGACY_BLOCK = 8 << 20;
const HISTORY = 64 << 10;

const refuse = (field: string, at: number, code: FormatErrorCode, detail: string) =>
  new FormatError({ format: 'lz4', field, at }, code, detail);

const le32 = (bytes: Uint8Array, at: number) =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;

interface Reader extends InputWindow {
  readonly source: Source;
}

async function take(reader: Reader, field: string, length: number): Promise<Uint8Array> {
  const ahead = await fill(reader, reader.source, length);
  if (ahead < length) throw refuse(field, reader.base + reader.at, 'short-read', `${length} bytes wanted, ${ahead} left`);
  reader.at += length;
  return reader.bytes.subarray(reader.at - length, reader.at);
}

/** What frames unpack to, new and legacy ones. Content checksums are not computed: block checksums are. @throws FormatError */
export async function* lz4Pieces(source: Source, ceiling: number): AsyncGenerator<Uint8Array, void, void> {
  const reader: Reader = { source, bytes: new Uint8Array(0), at: 0, base: 0 };
  let total = 0;
  for (let frames = 0; (await fill(reader, source, 4)) > 0; frames++) {
    const at = reader.base + reader.at;
    const ahead = await fill(reader, source, 4);
    const magic = ahead < 4 ? 0 : le32(reader.bytes, reader.at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      reader.at += 4;
      await skip(reader);
      continue;
    }
    const pieces = magic === MAGIC ? frame(reader) : magic === LEGACY_MAGIC ? legacy(reader) : undefined;
    if (pieces === undefined) {
      // Padding, or the size that a kernel's build appends.
      if (frames > 0 && (ahead < 4 || magic === 0)) return;
      throw refuse('magic', at, 'bad-magic', `0x${magic.toString(16)} begins no LZ4 frame`);
    }
    reader.at += 4;
    for await (const piece of pieces) {
      total += piece.length;
      if (total > ceiling) throw refuse('output', reader.base + reader.at, 'too-large', `more than ${ceiling} bytes`);
      yield piece;
    }
  }
}

async function skip(reader: Reader): Promise<void> {
  const size = le32(await take(reader, 'skippable frame', 4), 0);
  if (size > reader.source.size) throw refuse('skippable frame', reader.base + reader.at, 'out-of-bounds', `${size} bytes`);
  for (let left = size; left > 0; left -= Math.min(left, 1 << 20)) await take(reader, 'skippable frame', Math.min(left, 1 << 20));
}

async function* frame(reader: Reader): AsyncGenerator<Uint8Array, void, void> {
  const start = reader.base + reader.at;
  const [flags = 0, descriptor = 0] = await take(reader, 'FLG', 2);
  if (flags >>> 6 !== 1) throw refuse('FLG', start, 'unsupported-version', `version ${flags >>> 6}, not 1`);
  if ((flags & 1) !== 0) throw refuse('FLG', start, 'unsupported-feature', 'the frame needs a dictionary');
  const sizeCode = (descriptor >>> 4) & 7;
  if (sizeCode < 4) throw refuse('BD', start + 1, 'bad-value', `block size code ${sizeCode}`);
  const blockMax = 1 << (8 + 2 * sizeCode);
  if ((flags & 8) !== 0) await take(reader, 'content size', 8);
  await take(reader, 'HC', 1);
  // What was decoded before lies in front of where the next block goes.
  const room = new Uint8Array(HISTORY + blockMax);
  let history = 0;
  for (;;) {
    const at = reader.base + reader.at;
    const word = le32(await take(reader, 'block size', 4), 0);
    if (word === 0) break;
    const size = word & 0x7fffffff;
    if (size > blockMax) throw refuse('block size', at, 'too-large', `${size} is above ${blockMax}`);
    const block = await take(reader, 'block', size);
    let length = size;
    if (word >= 0x80000000) room.set(block, history);
    else
      length =
        decodeLz4({
          input: block,
          inAt: 0,
          inEnd: size,
          out: room,
          outAt: history,
          outEnd: history + blockMax,
          from: (flags & 0x20) === 0 ? 0 : history,
          partial: false,
        }) - history;
    const sum = (flags & 0x10) === 0 ? undefined : xxh32(block);
    if (sum !== undefined && le32(await take(reader, 'block checksum', 4), 0) !== sum)
      throw refuse('block checksum', at, 'bad-checksum', 'the block has another');
    yield room.subarray(history, history + length);
    const end = history + length;
    history = Math.min(HISTORY, end);
    room.copyWithin(0, end - history, end);
  }
  if ((flags & 4) !== 0) await take(reader, 'content checksum', 4);
}

async function* legacy(reader: Reader): AsyncGenerator<Uint8Array, void, void> {
  const out = new Uint8Array(LEGACY_BLOCK);
  while ((await fill(reader, reader.source, 4)) >= 4) {
    const size = le32(reader.bytes, reader.at);
    const left = reader.source.size - reader.base - reader.at - 4;
    if (size === 0 || size === MAGIC || size === LEGACY_MAGIC || left === 0) {
      if (left === 0) reader.at += 4;
      return;
    }
    if (size > LEGACY_BLOCK + (LEGACY_BLOCK >> 7)) throw refuse('block size', reader.base + reader.at, 'too-large', `${size} bytes`);
    reader.at += 4;
    const block = await take(reader, 'block', size);
    yield out.subarray(0, decodeLz4({ input: block, inAt: 0, inEnd: size, out, outAt: 0, outEnd: out.length, from: 0, partial: false }));
  }
}
