/**
 * ADB packets over a byte link, as streams of `@yume-chan/adb`. Ours, because the phone is the adversary: a payload's length meets a ceiling before
 * anything is allocated, and a phone that ignores the flow control is cut off instead of filling our memory.
 * Source: AOSP packages/modules/adb/protocol.txt: six little-endian words (command, arg0, arg1, payload length, checksum, command ^ 0xffffffff), then the payload.
 */
import { AdbCommand, type AdbDaemonConnection, type AdbPacketData, type AdbPacketInit } from '@yume-chan/adb';
import { DeviceError } from '../../../acquire/index.ts';

/** MAX_PAYLOAD of adb: what we announce, so the most a phone may send. */
const PAYLOAD_MAX = 1024 * 1024;
/** Bytes that a phone may have sent beyond what we acknowledged: twice the window that we offer. */
const UNACKNOWLEDGED_MAX = 16 * 1024 * 1024;
/** STLS: the phone wants TLS, as wireless debugging does. */
const STLS = 0x534c5453;
const HEADER = 24;

/** Bytes both ways. */
export interface ByteLink {
  /** Exactly `length` bytes, or undefined at the end. */
  read(length: number): Promise<Uint8Array | undefined>;
  /** A header and its payload; USB keeps them apart. */
  write(header: Uint8Array, payload: Uint8Array): Promise<void>;
  close(): void;
}

/** What `@yume-chan/adb` writes: a value that tells when it was used. */
interface Consumable {
  tryConsume(use: (packet: AdbPacketInit) => Promise<void>): Promise<void>;
}

/** Makes the two packet streams of a link. */
export function packetLink(link: ByteLink): AdbDaemonConnection {
  const unacknowledged = new Map<number, number[]>();
  let held = 0;
  // A stream's end waits until everything before it was taken: the library drops what is still on its way to a slow reader when a stream ends.
  const ends = new Map<number, AdbPacketData>();
  let controller: ReadableStreamDefaultController<AdbPacketData> | undefined;
  const taken = (local: number) => {
    const waiting = unacknowledged.get(local);
    held -= waiting?.shift() ?? 0;
    if (waiting === undefined || waiting.length > 0) return;
    unacknowledged.delete(local);
    const end = ends.get(local);
    ends.delete(local);
    if (end !== undefined) controller?.enqueue(end);
  };
  const readable = new ReadableStream<AdbPacketData>(
    {
      start(one) {
        controller = one;
      },
      async pull(one) {
        try {
          let packet = await readPacket(link);
          while (packet?.command === AdbCommand.Close && unacknowledged.has(packet.arg1)) {
            ends.set(packet.arg1, packet);
            packet = await readPacket(link);
          }
          if (packet === undefined) {
            controller = undefined;
            one.close();
            return;
          }
          if (packet.command === AdbCommand.Write) {
            held += packet.payload.length;
            if (held > UNACKNOWLEDGED_MAX) throw new DeviceError('lied', 'the phone ignores the flow control');
            const local = unacknowledged.get(packet.arg1);
            if (local === undefined) unacknowledged.set(packet.arg1, [packet.payload.length]);
            else local.push(packet.payload.length);
          }
          one.enqueue(packet);
        } catch (error) {
          controller = undefined;
          link.close();
          one.error(error);
        }
      },
      cancel() {
        controller = undefined;
        link.close();
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<Consumable>({
    write: (chunk) =>
      chunk.tryConsume(async (packet) => {
        const header = new Uint8Array(HEADER);
        const view = new DataView(header.buffer);
        const words = [packet.command, packet.arg0, packet.arg1, packet.payload.length, packet.checksum, packet.magic];
        for (const [index, word] of words.entries()) view.setUint32(4 * index, word >>> 0, true);
        await link.write(header, packet.payload);
        if (packet.command === AdbCommand.Okay) taken(packet.arg0);
      }),
    close: () => link.close(),
    abort: () => link.close(),
  });
  // Its streams are the platform's own under another name; the cast says no more than that.
  return { readable, writable } as unknown as AdbDaemonConnection;
}

async function readPacket(link: ByteLink): Promise<AdbPacketData | undefined> {
  const header = await link.read(HEADER);
  if (header === undefined) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, HEADER);
  const command = view.getUint32(0, true);
  const length = view.getUint32(12, true);
  if ((command ^ 0xffffffff) >>> 0 !== view.getUint32(20, true))
    throw new DeviceError('lied', 'a packet whose magic does not fit its command');
  if (command === STLS)
    throw new DeviceError(
      'tls',
      'the phone asks for TLS, as wireless debugging does: pair it with `adb pair`, `adb connect` it, and name its serial',
    );
  if (length > PAYLOAD_MAX) throw new DeviceError('lied', `a packet of ${length} bytes, and ${PAYLOAD_MAX} is the most there is`);
  const payload = length === 0 ? new Uint8Array(0) : await link.read(length);
  if (payload === undefined) throw new DeviceError('disconnected', 'the connection ended inside a packet');
  return { command, arg0: view.getUint32(4, true), arg1: view.getUint32(8, true), payload };
}
