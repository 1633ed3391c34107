import { connect, type Socket } from 'node:net';
import { DeviceError } from '../../../acquire/index.ts';
import type { ByteLink } from './packet-link.ts';

/** Reads a socket by counts, with the socket's own flow control: it is paused while nobody asks. */
export interface SocketReader {
  /** Exactly `length` bytes, or undefined where the socket ended before. */
  exactly(length: number): Promise<Uint8Array | undefined>;
  /** What there is, at least one byte; undefined at the end. @throws DeviceError `disconnected` */
  some(): Promise<Uint8Array | undefined>;
}

/** Bytes that may wait unread before the socket is paused. */
const WAITING_MAX = 1 << 20;

export function socketReader(socket: Socket): SocketReader {
  let chunks: Buffer[] = [];
  let waiting = 0;
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    waiting += chunk.length;
    if (waiting > WAITING_MAX) socket.pause();
    notify();
  });
  socket.on('error', (error) => {
    failure = error;
    notify();
  });
  const end = () => {
    ended = true;
    notify();
  };
  socket.on('end', end);
  socket.on('close', end);
  const more = async (): Promise<boolean> => {
    if (ended || failure !== undefined) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    if (socket.isPaused()) socket.resume();
    await promise;
    return true;
  };
  const gone = () => {
    if (failure !== undefined) throw new DeviceError('disconnected', `the connection broke: ${failure.message}`);
    return undefined;
  };
  return {
    async exactly(length) {
      while (waiting < length) if (!(await more()) && waiting < length) return gone();
      const first = chunks[0];
      if (first !== undefined && first.length >= length) {
        waiting -= length;
        if (first.length === length) chunks.shift();
        else chunks[0] = first.subarray(length);
        return first.subarray(0, length);
      }
      const whole = new Uint8Array(length);
      let at = 0;
      let used = 0;
      while (at < length) {
        const chunk = chunks[used];
        if (chunk === undefined) break;
        const piece = chunk.subarray(0, length - at);
        whole.set(piece, at);
        at += piece.length;
        if (piece.length === chunk.length) used++;
        else chunks[used] = chunk.subarray(piece.length);
      }
      chunks = chunks.slice(used);
      waiting -= length;
      return whole;
    },
    async some() {
      while (chunks.length === 0) if (!(await more()) && chunks.length === 0) return gone();
      const chunk = chunks.shift();
      waiting -= chunk?.length ?? 0;
      return chunk;
    },
  };
}

/** Connects a TCP socket. @throws DeviceError `not found` */
export function connectTcp(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port, noDelay: true });
  const fail = (why: string) => {
    socket.destroy();
    reject(new DeviceError('not found', `nothing answers at ${host}:${port}: ${why}`));
  };
  const limit = setTimeout(() => fail('no answer in time'), timeoutMs);
  socket.once('error', (error) => {
    clearTimeout(limit);
    fail('code' in error ? String(error.code) : error.message);
  });
  socket.once('connect', () => {
    clearTimeout(limit);
    socket.removeAllListeners('error');
    resolve(socket);
  });
  return promise;
}

/** A TCP connection to adb's daemon as a link. */
export function tcpLink(socket: Socket): ByteLink {
  const reader = socketReader(socket);
  return {
    read: (length) => reader.exactly(length),
    // A write that fails is told by the read side, which ends: nobody waits for the writes of a connection that is gone.
    write(header, payload) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (socket.destroyed) return Promise.resolve();
      if (payload.length > 0) {
        socket.cork();
        socket.write(header);
      }
      socket.write(payload.length > 0 ? payload : header, () => resolve());
      if (payload.length > 0) socket.uncork();
      return promise;
    },
    close() {
      socket.destroy();
    },
  };
}
