import { FormatError, type FormatErrorCode } from './format-error.ts';

/** How a cursor's errors name where they are. */
export interface CursorPlace {
  /** The format's name. */
  readonly format: string;
  /** Where the cursor's first byte lies in the outermost Source; default 0. */
  readonly base?: number;
  /** Put in front of every field name, as in `descriptor[3].`; default none. */
  readonly prefix?: string;
  /** Byte order; default little endian. */
  readonly bigEndian?: boolean;
}

/**
 * Reads fields one after the other from loaded bytes. Every read takes the field's name, so that an error names it with its absolute offset.
 * A cursor never reads past its bytes and never allocates more than it has.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly format: string;
  readonly base: number;
  readonly prefix: string;
  readonly #little: boolean;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array, place: CursorPlace) {
    this.bytes = bytes;
    this.format = place.format;
    this.base = place.base ?? 0;
    this.prefix = place.prefix ?? '';
    this.#little = !(place.bigEndian ?? false);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset within these bytes. */
  get at(): number {
    return this.#at;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** Offset of the next byte in the outermost Source. */
  get absolute(): number {
    return this.base + this.#at;
  }

  /** An error at `at` (default: the next byte). */
  error(field: string, code: FormatErrorCode, detail: string, at = this.#at): FormatError {
    return new FormatError({ format: this.format, field: this.prefix + field, at: this.base + at }, code, detail);
  }

  /** Moves to an offset within these bytes. @throws FormatError `out-of-bounds` */
  seek(field: string, at: number): void {
    if (!Number.isSafeInteger(at) || at < 0 || at > this.bytes.length) {
      throw this.error(field, 'out-of-bounds', `offset ${at} is not inside the ${this.bytes.length} bytes there are`);
    }
    this.#at = at;
  }

  #take(field: string, length: number): number {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.left) {
      throw this.error(field, 'short-read', `${length} bytes wanted, ${this.left} left`);
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#take(field, 1));
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#take(field, 2), this.#little);
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4), this.#little);
  }

  i32(field: string): number {
    return this.#view.getInt32(this.#take(field, 4), this.#little);
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(field, 8), this.#little);
  }

  i64(field: string): bigint {
    return this.#view.getBigInt64(this.#take(field, 8), this.#little);
  }

  /** A u64 as a number. @throws FormatError `too-large` above 2^53 - 1 */
  size64(field: string): number {
    const at = this.#at;
    const value = this.u64(field);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.error(field, 'too-large', `${value} is above 2^53 - 1`, at);
    return Number(value);
  }

  /** A view of the next `length` bytes. */
  take(field: string, length: number): Uint8Array {
    const at = this.#take(field, length);
    return this.bytes.subarray(at, at + length);
  }

  skip(field: string, length: number): void {
    this.#take(field, length);
  }

  /** ASCII or UTF-8 text of exactly `length` bytes; malformed UTF-8 becomes U+FFFD. */
  text(field: string, length: number): string {
    return utf8.decode(this.take(field, length));
  }

  /** Text in a fixed field that ends at its first NUL. */
  paddedText(field: string, length: number): string {
    const bytes = this.take(field, length);
    const end = bytes.indexOf(0);
    return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** A cursor over the next `length` bytes, with names prefixed. */
  sub(field: string, length: number): Cursor {
    const base = this.absolute;
    return new Cursor(this.take(field, length), { format: this.format, base, prefix: `${this.prefix}${field}.`, bigEndian: !this.#little });
  }

  /** Refuses bytes left over. @throws FormatError `trailing` */
  end(field: string): void {
    if (this.left > 0) throw this.error(field, 'trailing', `${this.left} bytes left over`);
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
