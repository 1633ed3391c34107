/**
 * The protobuf wire format, as much as update_metadata.proto needs: varints, length-delimited and fixed fields, unknown ones handed on.
 * Spec: protobuf.dev, Encoding. Limits: a varint has at most ten bytes. Groups (wire types 3 and 4) are refused: nothing writes them.
 */
import { type Cursor, concatBytes } from '../../../bytes/index.ts';

/** One field as it lies. */
export interface ProtoField {
  readonly number: number;
  /** Varint and fixed fields; 0 for length-delimited ones. */
  readonly value: bigint;
  /** Length-delimited fields; empty for others. */
  readonly body: Cursor | undefined;
}

/** Reads fields until the message ends. @throws FormatError */
export function* protoFields(cursor: Cursor): Generator<ProtoField, void, void> {
  while (cursor.left > 0) {
    const at = cursor.at;
    const key = readVarint(cursor, 'key');
    const number = Number(key >> 3n);
    const wire = Number(key & 7n);
    if (number === 0 || number > 0x1fffffff) throw cursor.error('key', 'bad-value', `${key} names no field`, at);
    const field = `field[${number}]`;
    switch (wire) {
      case 0:
        yield { number, value: readVarint(cursor, field), body: undefined };
        break;
      case 1:
        yield { number, value: cursor.u64(field), body: undefined };
        break;
      case 2: {
        const length = readVarint(cursor, `${field}.length`);
        if (length > BigInt(cursor.left))
          throw cursor.error(`${field}.length`, 'short-read', `${length} bytes wanted, ${cursor.left} left`);
        yield { number, value: 0n, body: cursor.sub(field, Number(length)) };
        break;
      }
      case 5:
        yield { number, value: BigInt(cursor.u32(field)), body: undefined };
        break;
      default:
        throw cursor.error(field, 'bad-value', `wire type ${wire}`, at);
    }
  }
}

function readVarint(cursor: Cursor, field: string): bigint {
  const at = cursor.at;
  let low = 0;
  // The first seven bytes fit into a number: almost every varint ends there, and bigint arithmetic costs.
  for (let index = 0; index < 7; index++) {
    const byte = cursor.u8(field);
    low += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let index = 7; index < 10; index++) {
    const byte = cursor.u8(field);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw cursor.error(field, 'bad-value', 'a varint of more than ten bytes', at);
}

/** A field for `writeProto`: numbers become varints, text and bytes length-delimited fields; undefined ones are left out. */
export type ProtoPart = readonly [number: number, value: number | bigint | string | Uint8Array | undefined];

/** Writes a message, fields in the order given. */
export function writeProto(parts: readonly ProtoPart[]): Uint8Array {
  const out: Uint8Array[] = [];
  for (const [number, value] of parts) {
    if (value === undefined) continue;
    if (typeof value === 'number' || typeof value === 'bigint') out.push(varint(number * 8), varint(value));
    else {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      out.push(varint(number * 8 + 2), varint(bytes.length), bytes);
    }
  }
  return concatBytes(out);
}

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
