/**
 * BSL, which the boot ROM of Unisoc (Spreadtrum) chips speaks in download mode (1782:4d00).
 * Spec: not published; the public facts of U-Boot's Spreadtrum download code (fdl_main.c, packet.c) and of spd_dump.
 * Only the two questions that begin a conversation are written here; nothing loads, reads or writes memory.
 * Limits: frames of at most `BSL_FRAME_MAX` bytes. The boot ROM uses the CRC; what is loaded into it uses a sum, and is not spoken to.
 *
 *   0x7e, then escaped (0x7d, byte ^ 0x20): u16 type, u16 length, u8 data[length], u16 crc, 0x7e        big endian; CRC-16/XMODEM from type on
 */
import { Cursor } from '../../bytes/index.ts';

export const BSL_FRAME_MAX = 2048;
const FLAG = 0x7e;
const ESCAPE = 0x7d;
/** What begins it: a byte by which the ROM finds the speed. */
export const BSL_CHECK_BAUD: Uint8Array = Uint8Array.of(FLAG);
export const BSL = { connect: 0x00, acknowledge: 0x80, version: 0x81 } as const;

export interface BslFrame {
  readonly type: number;
  readonly data: Uint8Array;
}

/** CRC-16 with polynomial 0x1021, from 0 (as XMODEM). */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** Writes a frame, flags and escapes included. */
export function writeBsl({ type, data }: BslFrame): Uint8Array {
  const plain = new Uint8Array(4 + data.length + 2);
  const view = new DataView(plain.buffer);
  view.setUint16(0, type);
  view.setUint16(2, data.length);
  plain.set(data, 4);
  view.setUint16(4 + data.length, crc16(plain.subarray(0, 4 + data.length)));
  const out: number[] = [FLAG];
  for (const byte of plain) out.push(...(byte === FLAG || byte === ESCAPE ? [ESCAPE, byte ^ 0x20] : [byte]));
  return Uint8Array.from([...out, FLAG]);
}

/** Whether bytes hold a whole frame: two flags with something between. */
export function holdsBslFrame(bytes: Uint8Array): boolean {
  const start = bytes.indexOf(FLAG);
  return start >= 0 && bytes.indexOf(FLAG, start + 2) > 0;
}

/** Reads one frame, which must fill the bytes. @throws FormatError */
export function readBsl(bytes: Uint8Array): BslFrame {
  const outer = new Cursor(bytes, { format: 'unisoc bsl', bigEndian: true });
  if (bytes.length > BSL_FRAME_MAX) throw outer.error('frame', 'too-large', `${bytes.length} bytes, ${BSL_FRAME_MAX} is the most`);
  if (outer.u8('flag') !== FLAG) throw outer.error('flag', 'bad-magic', 'no 0x7e begins it', 0);
  const plain: number[] = [];
  for (;;) {
    const byte = outer.u8('byte');
    if (byte === FLAG) break;
    plain.push(byte === ESCAPE ? outer.u8('escaped') ^ 0x20 : byte);
  }
  outer.end('frame');
  const inner = new Cursor(Uint8Array.from(plain), { format: 'unisoc bsl', bigEndian: true });
  const type = inner.u16('type');
  const data = inner.take('data', inner.u16('length'));
  const stated = inner.u16('crc');
  inner.end('frame');
  const computed = crc16(Uint8Array.from(plain.slice(0, -2)));
  if (stated !== computed)
    throw inner.error('crc', 'bad-checksum', `0x${stated.toString(16)}, computed 0x${computed.toString(16)}`, inner.at - 2);
  return { type, data };
}

/** The version text of a boot ROM, as in `SPRD3`: printable ASCII up to its NUL. @throws FormatError where the frame is another's */
export function readBslVersion(bytes: Uint8Array): string {
  const { type, data } = readBsl(bytes);
  const cursor = new Cursor(data, { format: 'unisoc bsl', base: 5 });
  if (type !== BSL.version) throw cursor.error('type', 'bad-value', `0x${type.toString(16)} is no version`, 0);
  return cursor.paddedText('version', Math.min(data.length, 64)).replaceAll(/[^\x20-\x7e]/g, '?');
}
