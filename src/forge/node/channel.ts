/** One opened service as its handler sees it: chunks in, bytes out, an end. */
export interface Channel {
  /** The next bytes from the host; undefined once the host has closed. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when the host may be sent more; rejects with ChannelClosed when it has gone. */
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
  /** Aborted when either side has closed. */
  readonly closed: AbortSignal;
}

/** The host closed while we were writing: ends a handler, and is no failure. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
}

/** Reads exact numbers of bytes from a channel. */
export class ChannelReader {
  readonly #channel: Channel;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Exactly `length` bytes, or undefined where the host closes before. */
  async exactly(length: number): Promise<Uint8Array | undefined> {
    const parts = [this.#rest];
    let size = this.#rest.length;
    while (size < length) {
      const chunk = await this.#channel.read();
      if (chunk === undefined) return undefined;
      parts.push(chunk);
      size += chunk.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }
}
