/**
 * The check values of codecs and file systems: CRC-16 (ARC), CRC-32 (IEEE), CRC-32C (Castagnoli), CRC-64 (ECMA-182, reflected) and xxHash32.
 * All but bzip2's, which runs the other way round and lives there.
 */
const CRC32_IEEE = 0xedb88320;
const CRC32_CASTAGNOLI = 0x82f63b78;
const SLICES = 8;

/** Tables for eight bytes at a time, one behind the other. */
function tablesOf(polynomial: number): Uint32Array {
  const tables = new Uint32Array(SLICES * 256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    tables[i] = value;
  }
  for (let i = 256; i < tables.length; i++) {
    const value = tables[i - 256] ?? 0;
    tables[i] = (value >>> 8) ^ (tables[value & 0xff] ?? 0);
  }
  return tables;
}

const ieee = tablesOf(CRC32_IEEE);
const castagnoli = tablesOf(CRC32_CASTAGNOLI);

function run(t: Uint32Array, bytes: Uint8Array, start: number): number {
  let crc = start;
  let at = 0;
  const whole = bytes.length - (bytes.length % 8);
  for (; at < whole; at += 8) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    crc =
      (t[1792 + (crc & 0xff)] ?? 0) ^
      (t[1536 + ((crc >>> 8) & 0xff)] ?? 0) ^
      (t[1280 + ((crc >>> 16) & 0xff)] ?? 0) ^
      (t[1024 + (crc >>> 24)] ?? 0) ^
      (t[768 + (bytes[at + 4] ?? 0)] ?? 0) ^
      (t[512 + (bytes[at + 5] ?? 0)] ?? 0) ^
      (t[256 + (bytes[at + 6] ?? 0)] ?? 0) ^
      (t[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}

/** CRC-32 as in zip, gzip and xz; goes on from `before`. */
export const crc32 = (bytes: Uint8Array, before = 0): number => ~run(ieee, bytes, ~before) >>> 0;

/** CRC-32C without a last inversion, as Linux file systems keep it: `seed` is the value so far (0xffffffff at first). */
export const crc32cRaw = (bytes: Uint8Array, seed = 0xffffffff): number => run(castagnoli, bytes, seed) >>> 0;

/** F2FS' CRC: the reflected IEEE polynomial over a start value of the format's own, without inversions. */
export const crc32Raw = (bytes: Uint8Array, seed: number): number => run(ieee, bytes, seed) >>> 0;

const crc16Table = Uint16Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xa001 : value >>> 1;
  return value;
});

/** CRC-16 with the reflected polynomial 0xa001, going on from `seed`, as ext4's group descriptors have it. */
export function crc16(bytes: Uint8Array, seed = 0xffff): number {
  let crc = seed;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crc16Table[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

/** High and low halves of the CRC-64 table; 64 bits do not fit a number. */
const crc64Tables = (() => {
  const high = new Uint32Array(1024);
  const low = new Uint32Array(1024);
  for (let i = 0; i < 256; i++) {
    let h = 0;
    let l = i;
    for (let bit = 0; bit < 8; bit++) {
      const out = l & 1;
      l = (l >>> 1) | ((h & 1) << 31);
      h >>>= 1;
      if (out === 1) {
        h ^= 0xc96c5795;
        l ^= 0xd7870f42;
      }
    }
    high[i] = h;
    low[i] = l;
  }
  for (let i = 256; i < 1024; i++) {
    const h = high[i - 256] ?? 0;
    const l = low[i - 256] ?? 0;
    low[i] = ((l >>> 8) | (h << 24)) ^ (low[l & 0xff] ?? 0);
    high[i] = (h >>> 8) ^ (high[l & 0xff] ?? 0);
  }
  return { high, low };
})();

/** A running CRC-64 as two halves. */
export interface Crc64 {
  high: number;
  low: number;
}

export const crc64Start = (): Crc64 => ({ high: 0xffffffff, low: 0xffffffff });

/** Goes on with a CRC-64, in place. Inverted at the end, it is the check that xz keeps. */
export function crc64Update(crc: Crc64, bytes: Uint8Array): void {
  const { high: th, low: tl } = crc64Tables;
  let high = crc.high;
  let low = crc.low;
  let at = 0;
  const whole = bytes.length - (bytes.length % 4);
  for (; at < whole; at += 4) {
    const x = low ^ ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24));
    const a = 768 + (x & 0xff);
    const b = 512 + ((x >>> 8) & 0xff);
    const c = 256 + ((x >>> 16) & 0xff);
    const d = x >>> 24;
    low = high ^ (tl[a] ?? 0) ^ (tl[b] ?? 0) ^ (tl[c] ?? 0) ^ (tl[d] ?? 0);
    high = (th[a] ?? 0) ^ (th[b] ?? 0) ^ (th[c] ?? 0) ^ (th[d] ?? 0);
  }
  for (; at < bytes.length; at++) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (tl[index] ?? 0);
    high = (high >>> 8) ^ (th[index] ?? 0);
  }
  crc.high = high >>> 0;
  crc.low = low >>> 0;
}

const XX1 = 0x9e3779b1;
const XX2 = 0x85ebca77;
const XX3 = 0xc2b2ae3d;
const XX4 = 0x27d4eb2f;
const XX5 = 0x165667b1;
const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));

/** xxHash32 with seed 0, as LZ4 frames carry it. */
export function xxh32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const round = (lane: number, at: number) => Math.imul(rotate((lane + Math.imul(view.getUint32(at, true), XX2)) | 0, 13), XX1);
  let at = 0;
  let hash: number;
  if (bytes.length >= 16) {
    let a = (XX1 + XX2) | 0;
    let b = XX2 | 0;
    let c = 0;
    let d = -XX1 | 0;
    for (; at + 16 <= bytes.length; at += 16) {
      a = round(a, at);
      b = round(b, at + 4);
      c = round(c, at + 8);
      d = round(d, at + 12);
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else hash = XX5 | 0;
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) hash = Math.imul(rotate((hash + Math.imul(view.getUint32(at, true), XX3)) | 0, 17), XX4);
  for (; at < bytes.length; at++) hash = Math.imul(rotate((hash + Math.imul(view.getUint8(at), XX5)) | 0, 11), XX1);
  hash = Math.imul(hash ^ (hash >>> 15), XX2);
  hash = Math.imul(hash ^ (hash >>> 13), XX3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
