/**
 * String pools of Android's binary resources: in compiled XML and in resources.arsc.
 * Spec: AOSP frameworks/base libs/androidfw ResourceTypes.h (android-15.0.0_r1), ResStringPool_header.
 * Limits: texts of at most `TEXT_MAX` code units. Does not read: style spans.
 *
 *   struct ResChunk_header { uint16_t type; uint16_t headerSize; uint32_t size; };
 *   struct ResStringPool_header { ResChunk_header header;   type 0x0001, headerSize 28
 *     uint32_t stringCount, styleCount, flags,              SORTED 1, UTF8 0x100
 *              stringsStart, stylesStart; };                from the chunk's start; then u32 offsets, then the texts
 *   UTF-16: u16 units (two of them above 0x7fff), the units, 0. UTF-8: units and bytes in one or two bytes each, the bytes, 0.
 */
import { Cursor } from '../../bytes/index.ts';
import type { OddityLog } from '../archive/index.ts';

const TEXT_MAX = 1 << 20;
const FLAG_UTF8 = 0x100;

/** A pool: texts are decoded when asked for. */
export interface StringPool {
  /** How many texts can be asked for: what the header states, or what fits. */
  readonly count: number;
  readonly utf8: boolean;
  /** A text, or undefined outside the pool or where its bytes are not. */
  text(index: number): string | undefined;
}

/** A pool without texts. */
export const EMPTY_POOL: StringPool = { count: 0, utf8: true, text: () => undefined };

const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const utf16Decoder = new TextDecoder('utf-16le', { ignoreBOM: true });

/** Reads the pool that is `chunk`, header and all; `base` is where it lies. What Android refuses here is an oddity: the texts that can be had are had. */
export function readStringPool(chunk: Uint8Array, place: { readonly format: string; readonly base: number }, log: OddityLog): StringPool {
  const cursor = new Cursor(chunk, { ...place, prefix: 'string_pool.' });
  const odd = (code: string, field: string, at: number, detail: string) => log.add(code, `string_pool.${field}`, place.base + at, detail);
  cursor.u16('type');
  const headerSize = cursor.u16('header_size');
  cursor.u32('size');
  const stated = cursor.u32('string_count');
  const styleCount = cursor.u32('style_count');
  const flags = cursor.u32('flags');
  const stringsStart = cursor.u32('strings_start');
  const stylesStart = cursor.u32('styles_start');
  if (headerSize !== 28) odd('pool-header-size', 'header_size', 2, `${headerSize}, not 28`);
  const fits = Math.max(0, Math.floor((chunk.length - headerSize) / 4));
  const count = Math.min(stated, fits);
  if (stated > fits) odd('pool-count', 'string_count', 8, `${stated}, where ${fits} offsets fit`);
  // A count above the offsets that lie before the texts: the surplus points into text.
  else if (stated > 0 && headerSize + 4 * stated > stringsStart) {
    odd('pool-count', 'string_count', 8, `${stated} offsets reach past the texts at ${stringsStart}`);
  }
  if (styleCount > 0) odd('pool-styles', 'style_count', 12, `${styleCount} styles`);
  else if (stylesStart !== 0) odd('pool-styles-start', 'styles_start', 24, `${stylesStart}, and no style`);
  if (stringsStart > chunk.length) odd('pool-start', 'strings_start', 20, `${stringsStart} is outside the ${chunk.length} bytes there are`);
  if ((flags & ~(FLAG_UTF8 | 1)) !== 0) odd('pool-flags', 'flags', 16, `0x${flags.toString(16)}`);
  const utf8 = (flags & FLAG_UTF8) !== 0;
  const end = styleCount > 0 && stylesStart > stringsStart && stylesStart <= chunk.length ? stylesStart : chunk.length;
  if (count > 0 && !endsInNul(chunk, end, utf8)) odd('pool-unterminated', 'strings', end - 1, 'the last text is not terminated');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const cache = new Map<number, string | undefined>();
  return {
    count,
    utf8,
    text(index) {
      if (!Number.isInteger(index) || index < 0 || index >= count) return undefined;
      if (cache.has(index)) return cache.get(index);
      const at = stringsStart + view.getUint32(headerSize + 4 * index, true);
      const found = utf8 ? utf8At(chunk, at, end) : utf16At(chunk, at, end);
      const text = found?.text;
      if (found?.terminated === false) odd('pool-text-unterminated', `string[${index}]`, at, 'no zero after the text');
      if (text?.includes('\0') === true) odd('pool-text-nul', `string[${index}]`, at, 'the text holds a NUL');
      if (text === undefined) odd('pool-text', `string[${index}]`, at, 'its bytes are not inside the pool');
      cache.set(index, text);
      return text;
    },
  };
}

function endsInNul(chunk: Uint8Array, end: number, utf8: boolean): boolean {
  // The pool is padded to four bytes, so its last unit is zero in any case that Android accepts.
  return chunk[end - 1] === 0 && (utf8 || chunk[end - 2] === 0);
}

interface PooledText {
  readonly text: string;
  readonly terminated: boolean;
}

function utf8At(chunk: Uint8Array, start: number, end: number): PooledText | undefined {
  let at = start;
  const length = (): number => {
    const first = chunk[at++] ?? 0;
    return (first & 0x80) === 0 ? first : ((first & 0x7f) << 8) | (chunk[at++] ?? 0);
  };
  if (start >= end) return undefined;
  length();
  const bytes = length();
  if (at + bytes > end) return undefined;
  return { text: utf8Decoder.decode(chunk.subarray(at, at + bytes)), terminated: chunk[at + bytes] === 0 };
}

function utf16At(chunk: Uint8Array, start: number, end: number): PooledText | undefined {
  if (start + 2 > end) return undefined;
  const unit = (at: number) => (chunk[at] ?? 0) | ((chunk[at + 1] ?? 0) << 8);
  let units = unit(start);
  let at = start + 2;
  if ((units & 0x8000) !== 0) {
    units = ((units & 0x7fff) << 16) | unit(at);
    at += 2;
  }
  const after = at + 2 * units;
  if (units > TEXT_MAX || after > end) return undefined;
  return { text: utf16Decoder.decode(chunk.subarray(at, after)), terminated: after + 2 <= chunk.length && unit(after) === 0 };
}
