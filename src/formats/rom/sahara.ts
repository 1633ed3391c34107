/**
 * Sahara, which the boot ROM of Qualcomm chips speaks over USB in emergency download mode (05c6:9008).
 * Spec: not published by Qualcomm; the public facts of github.com/bkerler/edl (edlclient/Library/sahara.py, sahara_defs.py at 05068202),
 * github.com/linux-msm/qdl (sahara.c) and openpst. Only hello, command mode and its reading commands are written here: nothing that loads code or touches memory.
 * Limits: packets of at most `SAHARA_PACKET_MAX`, answers of at most `SAHARA_DATA_MAX` bytes.
 * Not read: image transfer, memory debug, and the 64-bit packets of both.
 *
 *   struct { u32 command; u32 length; u8 body[length - 8]; }                                   little endian, all of them
 *   hello           0x01  u32 version, version_supported, cmd_packet_length, mode, reserved[6]
 *   hello response  0x02  u32 version, version_supported, status, mode, reserved[6]
 *   end transfer    0x04  u32 image_id, status
 *   command ready   0x0b
 *   switch mode     0x0c  u32 mode
 *   execute         0x0d  u32 client_command
 *   execute resp.   0x0e  u32 client_command, data_length
 *   execute data    0x0f  u32 client_command                      then data_length raw bytes from the phone
 */
import { Cursor, FormatError, toHex } from '../../bytes/index.ts';

export const SAHARA_PACKET_MAX = 4096;
/** The longest answer known is the chip identity of version 3, of some hundred bytes. */
export const SAHARA_DATA_MAX = 4096;

export const SAHARA_MODE = { imagePending: 0, imageComplete: 1, memoryDebug: 2, command: 3 } as const;

/** Client commands that read; those that switch or load are left out on purpose. */
export const SAHARA_READ = { serial: 0x01, hardwareId: 0x02, keyHash: 0x03, chipIdV3: 0x0a } as const;

const COMMAND = {
  hello: 0x01,
  helloResponse: 0x02,
  endTransfer: 0x04,
  commandReady: 0x0b,
  switchMode: 0x0c,
  execute: 0x0d,
  executeResponse: 0x0e,
  executeData: 0x0f,
} as const;

export type SaharaPacket =
  | {
      readonly kind: 'hello';
      readonly version: number;
      readonly minimumVersion: number;
      readonly maximumPacket: number;
      readonly mode: number;
    }
  | { readonly kind: 'end-transfer'; readonly imageId: number; readonly status: number }
  | { readonly kind: 'command-ready' }
  | { readonly kind: 'execute-response'; readonly clientCommand: number; readonly dataLength: number }
  /** A packet that a reading host has no business with. */
  | { readonly kind: 'other'; readonly command: number };

/** Reads one packet, which must fill the bytes. @throws FormatError */
export function readSahara(bytes: Uint8Array, base = 0): SaharaPacket {
  const cursor = new Cursor(bytes, { format: 'sahara', base });
  const command = cursor.u32('command');
  const length = cursor.u32('length');
  if (length > SAHARA_PACKET_MAX)
    throw cursor.error('length', 'too-large', `${length} bytes, and no packet has more than ${SAHARA_PACKET_MAX}`, 4);
  if (length < 8) throw cursor.error('length', 'bad-value', `${length}, and the header alone has 8`, 4);
  if (length > bytes.length) throw cursor.error('length', 'short-read', `${length} bytes, and ${bytes.length} arrived`, 4);
  const body = cursor.sub('body', length - 8);
  cursor.end('packet');
  const packet = readBody(command, body);
  if (packet.kind !== 'other') body.end('body');
  return packet;
}

function readBody(command: number, body: Cursor): SaharaPacket {
  switch (command) {
    case COMMAND.hello: {
      const version = body.u32('version');
      const minimumVersion = body.u32('version_supported');
      const maximumPacket = body.u32('cmd_packet_length');
      const mode = body.u32('mode');
      body.skip('reserved', 24);
      return { kind: 'hello', version, minimumVersion, maximumPacket, mode };
    }
    case COMMAND.endTransfer:
      return { kind: 'end-transfer', imageId: body.u32('image_id'), status: body.u32('status') };
    case COMMAND.commandReady:
      return { kind: 'command-ready' };
    case COMMAND.executeResponse: {
      const clientCommand = body.u32('client_command');
      const dataLength = body.u32('data_length');
      if (dataLength > SAHARA_DATA_MAX)
        throw body.error('data_length', 'too-large', `${dataLength} bytes, and no answer has more than ${SAHARA_DATA_MAX}`, 4);
      return { kind: 'execute-response', clientCommand, dataLength };
    }
    default:
      return { kind: 'other', command };
  }
}

function packet(command: number, ...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 + words.length * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, command, true);
  view.setUint32(4, bytes.length, true);
  for (const [index, word] of words.entries()) view.setUint32(8 + index * 4, word, true);
  return bytes;
}

/** The answer to a hello: which mode we want, in the version that the phone speaks. */
export const writeHelloResponse = (version: number, minimumVersion: number, mode: number): Uint8Array =>
  packet(COMMAND.helloResponse, version, minimumVersion, 0, mode, 0, 0, 0, 0, 0, 0);
export const writeExecute = (clientCommand: number): Uint8Array => packet(COMMAND.execute, clientCommand);
export const writeExecuteData = (clientCommand: number): Uint8Array => packet(COMMAND.executeData, clientCommand);
export const writeSwitchMode = (mode: number): Uint8Array => packet(COMMAND.switchMode, mode);

/** Writes a packet of the phone's side, as simulators need it. @throws FormatError for `other` */
export function writeSahara(value: SaharaPacket): Uint8Array {
  switch (value.kind) {
    case 'hello':
      return packet(COMMAND.hello, value.version, value.minimumVersion, value.maximumPacket, value.mode, 0, 0, 0, 0, 0, 0);
    case 'end-transfer':
      return packet(COMMAND.endTransfer, value.imageId, value.status);
    case 'command-ready':
      return packet(COMMAND.commandReady);
    case 'execute-response':
      return packet(COMMAND.executeResponse, value.clientCommand, value.dataLength);
    case 'other':
      return packet(value.command);
  }
}

/** What the chip says it is; hex in lower case. */
export interface SaharaHardwareId {
  /** JTAG id of the chip with its revision taken off, 24 bits, as in `0x7b30e1`. */
  readonly msmId: number;
  /** Who made the phone, from fuses; 0: nobody fused it. */
  readonly oemId: number;
  readonly modelId: number;
}

const at = (field: string) => ({ format: 'sahara', field, at: 0 });

/** The serial number of the chip, eight hex digits. @throws FormatError */
export function readSaharaSerial(data: Uint8Array): string {
  if (data.length < 4) throw new FormatError(at('serial'), 'short-read', `4 bytes wanted, ${data.length} there`);
  return new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true).toString(16).padStart(8, '0');
}

/** MSM_HW_ID of versions 1 and 2: 64 bits, repeated by some chips: `00 MSM MSM MSM OEM OEM MODEL MODEL`. @throws FormatError */
export function readSaharaHardwareId(data: Uint8Array): SaharaHardwareId {
  const cursor = new Cursor(data, { format: 'sahara', prefix: 'hardwareId.' });
  const word = cursor.u64('value');
  const part = (shift: bigint, mask: bigint) => Number((word >> shift) & mask);
  return { msmId: part(32n, 0xffffffn), oemId: part(16n, 0xffffn), modelId: part(0n, 0xffffn) };
}

/** Lengths of the digests that chips fuse: SHA-256, SHA-384, SHA-512. */
const DIGESTS = [32, 48, 64] as const;

/** The digest of the maker's root key in the fuses; chips send it several times over. @throws FormatError */
export function readSaharaKeyHash(data: Uint8Array): string {
  const length = DIGESTS.find((size) => data.length % size === 0 && data.every((byte, index) => byte === data[index % size]));
  if (data.length === 0 || length === undefined)
    throw new FormatError(at('keyHash'), 'bad-value', `${data.length} bytes, which are no digest and no repetition of one`);
  return toHex(data.subarray(0, length));
}

/** The chip identity of version 3: MSM id at 36, OEM id at 40 (at 44 where that is 0), model id at 42. @throws FormatError */
export function readSaharaChipIdV3(data: Uint8Array): SaharaHardwareId & { readonly chipId: number } {
  const cursor = new Cursor(data, { format: 'sahara', prefix: 'chipIdV3.' });
  const chipId = cursor.u32('chipIdentifier');
  cursor.seek('msmId', Math.min(36, data.length));
  const msmId = cursor.u32('msmId') & 0xffffff;
  const oemId = cursor.u16('oemId');
  const modelId = cursor.u16('modelId');
  return { chipId, msmId, oemId: oemId === 0 && cursor.left >= 2 ? cursor.u16('oemIdAlternative') : oemId, modelId };
}
