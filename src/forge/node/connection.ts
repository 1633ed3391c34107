/**
 * The device's end of one ADB connection: greeting, authorisation, streams.
 * Spec: AOSP packages/modules/adb, protocol.txt; delayed acks as in adb.cpp (handle_packet, A_OPEN and A_OKAY).
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type HostKey, isSignedBy, parseHostKey, TOKEN_SIZE } from './auth.ts';
import { type Channel, ChannelClosed } from './channel.ts';
import type { Link } from './link.ts';
import { COMMAND, type Packet, PacketReader, VERSION_SKIP_CHECKSUM, writePacket } from './packet.ts';

const AUTH = { token: 1, signature: 2, publicKey: 3 } as const;
/** What a stream may send before it is acknowledged, where both sides know delayed acks (INITIAL_DELAYED_ACK_BYTES). */
const WINDOW = 32 * 1024 * 1024;
/** Bytes that the host may have sent and nobody read, without delayed acks: one message is acknowledged at a time. */
const EMPTY = new Uint8Array(0);

export interface ConnectionOptions {
  readonly version: number;
  readonly maxPayload: number;
  readonly features: readonly string[];
  readonly banner: () => string;
  readonly link: Link;
  /** Whether a host must show a key at all. */
  readonly asksForKey: boolean;
  /** Keys already trusted, `any` for the owner who trusted this host before. */
  readonly trusted: () => readonly HostKey[] | 'any';
  /** Asks the owner; a promise that never settles is an owner who is not there. */
  readonly prompt: (key: HostKey | undefined) => Promise<boolean>;
  /** Starts a service; undefined refuses it. */
  readonly open: (service: string) => ((channel: Channel) => Promise<void>) | undefined;
}

interface Stream {
  readonly remote: number;
  /** Bytes that may still be sent; Infinity or -1 without delayed acks. */
  window: number;
  wake: (() => void) | undefined;
  readonly incoming: Uint8Array[];
  reader: ((chunk: Uint8Array | undefined) => void) | undefined;
  readonly abort: AbortController;
  ended: boolean;
}

export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #streams = new Map<number, Stream>();
  readonly #reader = new PacketReader();
  #version = 0x01000000;
  #maxPayload = 4096;
  #hostFeatures: readonly string[] = [];
  #online = false;
  #token: Buffer = Buffer.alloc(0);
  #nextId = 1;
  #sending: Promise<void> = Promise.resolve();
  readonly #accepted = new Map<number, (stream: Stream | undefined) => void>();

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        for (const packet of this.#reader.push(chunk)) this.#receive(packet);
      } catch {
        // adbd drops a connection on which it no longer finds its place.
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const [id] of this.#streams) this.#end(id, false);
    });
  }

  /** Cuts the cable. */
  destroy(): void {
    this.#socket.destroy();
  }

  get #delayedAcks(): boolean {
    return this.#hostFeatures.includes('delayed_ack') && this.#options.features.includes('delayed_ack');
  }

  #send(packet: Packet): Promise<void> {
    const bytes = writePacket(packet, this.#version);
    this.#sending = this.#sending.then(async () => {
      await this.#options.link.carry(bytes.length);
      if (this.#socket.destroyed) return;
      if (this.#socket.write(bytes)) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#socket.off('drain', done).off('close', done);
          resolve();
        };
        this.#socket.on('drain', done).on('close', done);
      });
    });
    return this.#sending;
  }

  #receive(packet: Packet): void {
    switch (packet.command) {
      case COMMAND.connect:
        this.#greet(packet);
        break;
      case COMMAND.auth:
        this.#authorise(packet);
        break;
      case COMMAND.open:
        if (this.#online) this.#open(packet);
        break;
      case COMMAND.okay: {
        const waiting = this.#accepted.get(packet.arg1);
        if (waiting === undefined) this.#okay(packet);
        else this.#welcome(packet, waiting);
        break;
      }
      case COMMAND.write:
        this.#data(packet);
        break;
      case COMMAND.close:
        this.#accepted.get(packet.arg1)?.(undefined);
        this.#end(packet.arg1, true);
        break;
      default:
        // adbd logs and goes on.
        break;
    }
  }

  #greet(packet: Packet): void {
    this.#online = false;
    for (const [id] of this.#streams) this.#end(id, false);
    this.#version = Math.min(packet.arg0, this.#options.version);
    this.#maxPayload = Math.min(packet.arg1, this.#options.maxPayload);
    const features = /features=([^;\0]*)/.exec(Buffer.from(packet.payload).toString('utf8'))?.[1] ?? '';
    this.#hostFeatures = features.split(',');
    if (this.#options.asksForKey) this.#ask();
    else this.#welcomeHost();
  }

  #ask(): void {
    this.#token = randomBytes(TOKEN_SIZE);
    void this.#send({ command: COMMAND.auth, arg0: AUTH.token, arg1: 0, payload: this.#token });
  }

  #welcomeHost(): void {
    this.#online = true;
    // The greeting carries the version we can do; the lower of both counts from the next message on.
    void this.#send({
      command: COMMAND.connect,
      arg0: this.#options.version,
      arg1: this.#options.maxPayload,
      payload: Buffer.from(this.#options.banner()),
    });
  }

  #authorise(packet: Packet): void {
    if (packet.arg0 === AUTH.signature) {
      const trusted = this.#options.trusted();
      const token = this.#token;
      if (trusted === 'any' || trusted.some((key) => isSignedBy(key, token, packet.payload))) this.#welcomeHost();
      else this.#ask();
      return;
    }
    if (packet.arg0 !== AUTH.publicKey) return;
    const key = parseHostKey(Buffer.from(packet.payload).toString('latin1'));
    void this.#options.prompt(key).then((allowed) => {
      if (allowed && !this.#socket.destroyed) this.#welcomeHost();
    });
  }

  #newStream(remote: number, window: number): Stream {
    return { remote, window, wake: undefined, incoming: [], reader: undefined, abort: new AbortController(), ended: false };
  }

  #open(packet: Packet): void {
    const service = Buffer.from(packet.payload).toString('utf8').replace(/\0+$/, '');
    const handler = this.#options.open(service);
    if (handler === undefined) {
      void this.#send({ command: COMMAND.close, arg0: 0, arg1: packet.arg0, payload: EMPTY });
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#streams.set(id, this.#newStream(packet.arg0, this.#delayedAcks ? packet.arg1 : Number.POSITIVE_INFINITY));
    void this.#acknowledge(id, WINDOW);
    this.#run(id, handler);
  }

  #run(id: number, handler: (channel: Channel) => Promise<void>): void {
    handler(this.#channel(id))
      .catch((error: unknown) => {
        if (!(error instanceof ChannelClosed)) process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => this.#end(id, true));
  }

  #acknowledge(id: number, bytes: number): Promise<void> {
    const stream = this.#streams.get(id);
    if (stream === undefined) return Promise.resolve();
    const payload = new Uint8Array(this.#delayedAcks ? 4 : 0);
    if (payload.length === 4) new DataView(payload.buffer).setUint32(0, bytes, true);
    return this.#send({ command: COMMAND.okay, arg0: id, arg1: stream.remote, payload });
  }

  #okay(packet: Packet): void {
    const stream = this.#streams.get(packet.arg1);
    if (stream === undefined) return;
    if (this.#delayedAcks && packet.payload.length === 4) {
      stream.window += new DataView(packet.payload.buffer, packet.payload.byteOffset).getUint32(0, true);
    } else {
      stream.window = Number.POSITIVE_INFINITY;
    }
    stream.wake?.();
  }

  #data(packet: Packet): void {
    const stream = this.#streams.get(packet.arg1);
    if (stream === undefined) {
      void this.#send({ command: COMMAND.close, arg0: 0, arg1: packet.arg0, payload: EMPTY });
      return;
    }
    if (stream.reader !== undefined) {
      const { reader } = stream;
      stream.reader = undefined;
      reader(packet.payload);
      void this.#received(packet.arg1, packet.payload.length);
    } else {
      // It is acknowledged when somebody reads it: that is how a slow service slows its host.
      stream.incoming.push(packet.payload);
    }
  }

  async #received(id: number, length: number): Promise<void> {
    await this.#options.link.carry(length);
    await this.#acknowledge(id, length);
  }

  #end(id: number, tell: boolean): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    stream.ended = true;
    if (tell) void this.#send({ command: COMMAND.close, arg0: id, arg1: stream.remote, payload: EMPTY });
    stream.abort.abort();
    stream.wake?.();
    stream.reader?.(undefined);
  }

  #channel(id: number): Channel {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw new ChannelClosed('never opened');
    const writeNow = async (bytes: Uint8Array): Promise<void> => {
      const most = this.#version >= VERSION_SKIP_CHECKSUM ? this.#maxPayload : Math.min(this.#maxPayload, 4096);
      for (let at = 0; at < bytes.length; at += most) {
        while (stream.window <= 0 && !stream.ended) {
          await new Promise<void>((resolve) => {
            stream.wake = resolve;
          });
          stream.wake = undefined;
        }
        if (stream.ended) throw new ChannelClosed('the host closed the stream');
        const part = bytes.subarray(at, at + most);
        stream.window = this.#delayedAcks ? stream.window - part.length : -1;
        await this.#send({ command: COMMAND.write, arg0: id, arg1: stream.remote, payload: part });
      }
    };
    // stdout and stderr write to one stream: one at a time, since one window and one wake serve them.
    let last: Promise<void> = Promise.resolve();
    const write = (bytes: Uint8Array): Promise<void> => {
      const mine = last.then(() => writeNow(bytes));
      last = mine.catch(() => undefined);
      return mine;
    };
    const read = async (): Promise<Uint8Array | undefined> => {
      const next = stream.incoming.shift();
      if (next !== undefined) {
        void this.#received(id, next.length);
        return next;
      }
      if (stream.ended) return undefined;
      return new Promise((resolve) => {
        stream.reader = resolve;
      });
    };
    return { read, write, close: () => this.#end(id, true), closed: stream.abort.signal };
  }

  /** Opens a service on the host, as a reverse tunnel does; undefined where it refuses. */
  dial(service: string): Promise<Channel | undefined> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      this.#accepted.set(id, (stream) => {
        this.#accepted.delete(id);
        if (stream === undefined) return resolve(undefined);
        this.#streams.set(id, stream);
        resolve(this.#channel(id));
      });
      void this.#send({ command: COMMAND.open, arg0: id, arg1: this.#delayedAcks ? WINDOW : 0, payload: Buffer.from(`${service}\0`) });
    });
  }

  #welcome(packet: Packet, waiting: (stream: Stream | undefined) => void): void {
    const window =
      this.#delayedAcks && packet.payload.length === 4
        ? new DataView(packet.payload.buffer, packet.payload.byteOffset).getUint32(0, true)
        : Number.POSITIVE_INFINITY;
    waiting(this.#newStream(packet.arg0, window));
  }
}
