/** Where a command's input comes from and its output goes to. */
export type Sink = (bytes: Uint8Array) => void | Promise<void>;

/** Bytes that a command may read: all of them, or a line at a time. */
export class Input {
  readonly #pull: () => Promise<Uint8Array | undefined>;
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: Uint8Array | (() => Promise<Uint8Array | undefined>)) {
    if (typeof source === 'function') {
      this.#pull = source;
    } else {
      this.#rest = Buffer.from(source.buffer, source.byteOffset, source.length);
      this.#pull = async () => undefined;
    }
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const chunk = await this.#pull();
    if (chunk === undefined) {
      this.#ended = true;
      return false;
    }
    this.#rest = Buffer.concat([this.#rest, chunk]);
    return true;
  }

  /** Everything that is left. */
  async all(): Promise<Buffer> {
    const parts = [this.#rest];
    this.#rest = Buffer.alloc(0);
    while (!this.#ended) {
      const chunk = await this.#pull();
      if (chunk === undefined) this.#ended = true;
      else parts.push(Buffer.from(chunk));
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Everything that is left, as it comes. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#rest.length > 0) {
        const rest = this.#rest;
        this.#rest = Buffer.alloc(0);
        yield rest;
      }
      if (!(await this.#more())) return;
    }
  }

  /** The next `length` bytes, fewer at the end. */
  async take(length: number): Promise<Buffer> {
    while (this.#rest.length < length && (await this.#more()));
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** The next line without its newline; undefined at the end. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString('utf8');
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (!(await this.#more())) break;
    }
    if (this.#rest.length === 0) return undefined;
    const line = this.#rest.toString('utf8');
    this.#rest = Buffer.alloc(0);
    return line;
  }
}

/** Collects what is written. */
export function collector(): { readonly sink: Sink; readonly bytes: () => Buffer } {
  const parts: Uint8Array[] = [];
  return { sink: (bytes) => void parts.push(bytes), bytes: () => Buffer.concat(parts) };
}
