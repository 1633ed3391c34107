/**
 * What MediaTek's boot ROM (0e8d:0003) and preloader (0e8d:2000 and others) answer over their USB serial port.
 * Spec: not published; the public facts of github.com/bkerler/mtkclient (mtkclient/Library/mtk_preloader.py, Port.py at 168a98c2)
 * and github.com/MTK-bypass/bypass_utility. Only commands that read identity and fuses are written here.
 * Limits: identities of at most `MEDIATEK_ID_MAX` bytes. Not read: memory, logs, certificates, anything that loads or writes.
 *
 *   handshake   host a0 0a 50 05, one byte at a time; the chip answers each with its complement. A preloader says READY before it.
 *   command     one byte, which the chip echoes; then, big endian:
 *   fd          u16 hw_code, u16 status
 *   fc          u16 hw_sub_code, u16 hw_version, u16 sw_version, u16 status
 *   d8          u32 target_config, u16 status        bit 0 secure boot, 1 serial link authorisation, 2 download agent authorisation
 *   e1, e7      u32 length, u8 id[length], u16 status
 *   fe          the boot ROM echoes it; a preloader answers its version instead
 */
import { Cursor, FormatError, toHex } from '../../bytes/index.ts';

/** ME_ID has 16 bytes and SOC_ID 32. */
export const MEDIATEK_ID_MAX = 64;
export const MEDIATEK_HANDSHAKE: readonly number[] = [0xa0, 0x0a, 0x50, 0x05];
export const MEDIATEK_COMMAND = {
  GET_HW_CODE: 0xfd,
  GET_HW_SW_VER: 0xfc,
  GET_TARGET_CONFIG: 0xd8,
  GET_BL_VER: 0xfe,
  GET_ME_ID: 0xe1,
  GET_SOC_ID: 0xe7,
} as const;

export interface MediatekVersions {
  readonly hwSubCode: number;
  readonly hwVersion: number;
  readonly swVersion: number;
}

/** Fuses that decide what the chip starts. `raw` keeps the bits that nobody explained. */
export interface MediatekTargetConfig {
  readonly raw: number;
  /** SBC: the chip verifies what it starts. */
  readonly secureBoot: boolean;
  /** SLA: the chip asks the host to prove itself. */
  readonly serialLinkAuthorisation: boolean;
  /** DAA: the chip verifies the download agent. */
  readonly downloadAgentAuthorisation: boolean;
}

function answerTo(bytes: Uint8Array, command: number, format: string): Cursor {
  const cursor = new Cursor(bytes, { format: `mediatek ${format}`, bigEndian: true });
  const echo = cursor.u8('echo');
  if (echo !== command) throw cursor.error('echo', 'bad-value', `0x${echo.toString(16)} in place of 0x${command.toString(16)}`, 0);
  return cursor;
}

/** Statuses above this are errors: preloaders put notes into the low byte. */
const STATUS_MAX = 0xff;

function end(cursor: Cursor): void {
  const status = cursor.u16('status');
  if (status > STATUS_MAX) throw cursor.error('status', 'bad-value', `0x${status.toString(16)}: the chip refused`, cursor.at - 2);
  cursor.end('answer');
}

/** The answers as they arrive, echo included. @throws FormatError */
export function readHwCode(bytes: Uint8Array): number {
  const cursor = answerTo(bytes, MEDIATEK_COMMAND.GET_HW_CODE, 'GET_HW_CODE');
  const hwCode = cursor.u16('hw_code');
  // Some chips put their hardware version where others put the status.
  cursor.skip('status', 2);
  cursor.end('answer');
  if (hwCode === 0 || hwCode === 0xffff) throw cursor.error('hw_code', 'bad-value', `0x${hwCode.toString(16)} is no chip`, 1);
  return hwCode;
}

export function readHwSwVersions(bytes: Uint8Array): MediatekVersions {
  const cursor = answerTo(bytes, MEDIATEK_COMMAND.GET_HW_SW_VER, 'GET_HW_SW_VER');
  const value = { hwSubCode: cursor.u16('hw_sub_code'), hwVersion: cursor.u16('hw_version'), swVersion: cursor.u16('sw_version') };
  end(cursor);
  return value;
}

export function readTargetConfig(bytes: Uint8Array): MediatekTargetConfig {
  const cursor = answerTo(bytes, MEDIATEK_COMMAND.GET_TARGET_CONFIG, 'GET_TARGET_CONFIG');
  const raw = cursor.u32('target_config');
  end(cursor);
  return {
    raw,
    secureBoot: (raw & 1) !== 0,
    serialLinkAuthorisation: (raw & 2) !== 0,
    downloadAgentAuthorisation: (raw & 4) !== 0,
  };
}

/** The length that stands in front of an identity. @throws FormatError above `MEDIATEK_ID_MAX` */
export function readIdLength(bytes: Uint8Array): number {
  const cursor = new Cursor(bytes, { format: 'mediatek identity', bigEndian: true });
  const length = cursor.u32('length');
  if (length > MEDIATEK_ID_MAX)
    throw cursor.error('length', 'too-large', `${length} bytes, and no identity has more than ${MEDIATEK_ID_MAX}`, 0);
  return length;
}

/** ME_ID or SOC_ID, in hex. @throws FormatError */
export function readMediatekId(bytes: Uint8Array, which: 'GET_ME_ID' | 'GET_SOC_ID'): string {
  const cursor = answerTo(bytes, MEDIATEK_COMMAND[which], which);
  const length = readIdLength(cursor.take('length', 4));
  const id = cursor.take('id', length);
  end(cursor);
  if (length === 0) throw new FormatError({ format: `mediatek ${which}`, field: 'length', at: 1 }, 'bad-value', 'an identity of no bytes');
  return toHex(id);
}

/** Who answers: the boot ROM echoes the question, a preloader answers its version. @throws FormatError */
export function readBootLoaderVersion(bytes: Uint8Array): { readonly stage: 'mask-rom' | 'preloader'; readonly version: number } {
  const cursor = new Cursor(bytes, { format: 'mediatek GET_BL_VER', bigEndian: true });
  const version = cursor.u8('version');
  cursor.end('answer');
  return { stage: version === MEDIATEK_COMMAND.GET_BL_VER ? 'mask-rom' : 'preloader', version };
}
