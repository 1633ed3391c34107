/**
 * A bootloader that speaks fastboot over TCP, and answers `getvar` only.
 * Spec: AOSP system/core/fastboot/README.md, "TCP Protocol v1": `FB01` both ways, then messages of a big-endian 64-bit length and their bytes.
 */
import { createServer, type Socket } from 'node:net';
import type { VirtualPhone } from '../phone.ts';
import type { OpenOptions } from './device.ts';
import { type Fault, faultBox } from './faults.ts';

const HANDSHAKE = Buffer.from('FB01');
/** A command is at most 64 bytes in version 0.4 of the protocol; fastbootd takes 4096. */
const COMMAND_MAX = 4096;

export interface OpenFastboot {
  readonly host: string;
  readonly port: number;
  /** Every command that came, in order. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Opens the phone's bootloader on a TCP port. */
export async function openFastboot(
  phone: VirtualPhone,
  options: Pick<OpenOptions, 'host' | 'port' | 'faults'> = {},
): Promise<OpenFastboot> {
  const log: string[] = [];
  const sockets = new Set<Socket>();
  const fault = faultBox(options.faults ?? []);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    serve(socket, phone, { log, fault });
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    host,
    port: address.port,
    log,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Bootloader {
  readonly log: string[];
  readonly fault: (service: string) => Fault | undefined;
}

function serve(socket: Socket, phone: VirtualPhone, bootloader: Bootloader): void {
  let rest = Buffer.alloc(0);
  let greeted = false;
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!greeted) {
      if (rest.length < HANDSHAKE.length) return;
      if (!rest.subarray(0, 2).equals(HANDSHAKE.subarray(0, 2))) return void socket.destroy();
      greeted = true;
      rest = rest.subarray(HANDSHAKE.length);
      socket.write(HANDSHAKE);
    }
    while (rest.length >= 8) {
      const length = rest.readBigUInt64BE(0);
      if (length > BigInt(COMMAND_MAX)) return void socket.destroy();
      if (rest.length < 8 + Number(length)) return;
      const command = rest.toString('latin1', 8, 8 + Number(length));
      rest = rest.subarray(8 + Number(length));
      bootloader.log.push(command);
      const strike = bootloader.fault(command)?.kind;
      if (strike === 'disconnect' || strike === 'die') return void socket.destroy();
      if (strike === 'hang') return;
      if (strike === 'lie') return void socket.write(message('OKAYshort', 4096));
      for (const answer of answersTo(command, phone)) socket.write(message(answer));
      if (strike === 'flood') for (let i = 0; i < 100_000; i += 1) socket.write(message(`INFOflood:${i}`));
    }
  });
}

function message(text: string, claimedLength = Buffer.byteLength(text)): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(claimedLength));
  return Buffer.concat([head, Buffer.from(text)]);
}

function answersTo(command: string, phone: VirtualPhone): readonly string[] {
  const name = /^getvar:(.*)$/s.exec(command)?.[1];
  // Whatever else a bootloader can do changes the phone: nobody here may ask for it.
  if (name === undefined) return ['FAILcommand not allowed'];
  if (name === 'all') return [...phone.fastboot.map(([key, value]) => `INFO${key}: ${value}`), 'OKAY'];
  const found = phone.fastboot.find(([key]) => key === name);
  return [found === undefined ? 'FAILGetVar Variable Not found' : `OKAY${found[1]}`];
}
