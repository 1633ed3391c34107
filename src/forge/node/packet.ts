/**
 * The message of the ADB transport.
 * Spec: AOSP packages/modules/adb, protocol.txt and types.h. Limits: PAYLOAD_MAX. Does not read: A_STLS bodies.
 *
 *   struct amessage { uint32_t command, arg0, arg1, data_length, data_check, magic; }  // little endian, magic = command ^ 0xffffffff
 */
import { FormatError } from '../../bytes/index.ts';

/** No message may carry more, whatever was agreed (MAX_PAYLOAD is 1 MiB; we leave room). */
const PAYLOAD_MAX = 4 * 1024 * 1024;
const HEADER_SIZE = 24;
/** From this protocol version on, nobody fills or looks at data_check. */
export const VERSION_SKIP_CHECKSUM = 0x01000001;

const word = (name: string) => name.charCodeAt(0) | (name.charCodeAt(1) << 8) | (name.charCodeAt(2) << 16) | (name.charCodeAt(3) << 24);

export const COMMAND = {
  connect: word('CNXN'),
  auth: word('AUTH'),
  open: word('OPEN'),
  okay: word('OKAY'),
  write: word('WRTE'),
  close: word('CLSE'),
  tls: word('STLS'),
} as const;

export interface Packet {
  readonly command: number;
  readonly arg0: number;
  readonly arg1: number;
  readonly payload: Uint8Array;
}

/** The sum of all bytes, which older versions call a CRC. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) >>> 0;
  return sum;
}

/** Header and payload as they go over the wire. */
export function writePacket(packet: Packet, version: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + packet.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, packet.command, true);
  view.setUint32(4, packet.arg0, true);
  view.setUint32(8, packet.arg1, true);
  view.setUint32(12, packet.payload.length, true);
  view.setUint32(16, version >= VERSION_SKIP_CHECKSUM ? 0 : checksum(packet.payload), true);
  view.setUint32(20, (packet.command ^ 0xffffffff) >>> 0, true);
  bytes.set(packet.payload, HEADER_SIZE);
  return bytes;
}

/** Cuts a byte stream into packets. */
export class PacketReader {
  #parts: Uint8Array[] = [];
  #size = 0;

  /** Takes bytes, gives the packets that are complete. @throws FormatError on a header that is none */
  push(chunk: Uint8Array): readonly Packet[] {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    const packets: Packet[] = [];
    for (;;) {
      if (this.#size < HEADER_SIZE) return packets;
      const head = this.#peek(HEADER_SIZE);
      const header = new DataView(head.buffer, head.byteOffset, HEADER_SIZE);
      const command = header.getInt32(0, true);
      const length = header.getUint32(12, true);
      if (header.getInt32(20, true) !== (command ^ -1)) {
        throw new FormatError({ format: 'adb message', field: 'magic', at: 20 }, 'bad-magic', 'not the complement of the command');
      }
      if (length > PAYLOAD_MAX)
        throw new FormatError({ format: 'adb message', field: 'data_length', at: 12 }, 'too-large', `${length} bytes`);
      if (this.#size < HEADER_SIZE + length) return packets;
      const whole = this.#take(HEADER_SIZE + length);
      packets.push({ command, arg0: header.getUint32(4, true), arg1: header.getUint32(8, true), payload: whole.subarray(HEADER_SIZE) });
    }
  }

  #join(): Uint8Array {
    const [only] = this.#parts;
    if (this.#parts.length === 1 && only !== undefined) return only;
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    this.#parts = [all];
    return all;
  }

  #peek(length: number): Uint8Array {
    const [first] = this.#parts;
    return first !== undefined && first.length >= length ? first.subarray(0, length) : this.#join().subarray(0, length);
  }

  #take(length: number): Uint8Array {
    const all = this.#join();
    this.#parts = all.length > length ? [all.subarray(length)] : [];
    this.#size = all.length - length;
    return all.subarray(0, length);
  }
}
