/** Length-prefixed fields, as all APK signature schemes nest them: u32 length, then that many bytes. */
import { type Cursor, concatBytes } from '../../bytes/index.ts';

/** The most elements read of one sequence: real ones have one to ten. */
const ELEMENTS_MAX = 1024;

/** A cursor over the next length-prefixed field. @throws FormatError */
export function prefixed(cursor: Cursor, field: string): Cursor {
  const at = cursor.at;
  const length = cursor.u32(`${field}.length`);
  if (length > cursor.left) throw cursor.error(field, 'out-of-bounds', `${length} bytes stated, ${cursor.left} left`, at);
  return cursor.sub(field, length);
}

/** The bytes of the next length-prefixed field. @throws FormatError */
export function prefixedBytes(cursor: Cursor, field: string): Uint8Array {
  return prefixed(cursor, field).bytes;
}

/** Cursors over a sequence of length-prefixed elements, up to its end. @throws FormatError */
export function* prefixedElements(sequence: Cursor, field: string): Generator<Cursor> {
  for (let index = 0; sequence.left > 0; index++) {
    if (index === ELEMENTS_MAX) throw sequence.error(field, 'too-large', `more than ${ELEMENTS_MAX} elements`);
    yield prefixed(sequence, `${field}[${index}]`);
  }
}

/** Writes a length-prefixed field. */
export function writePrefixed(...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(parts);
  return concatBytes([u32Bytes(body.length), body]);
}

export function u32Bytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value >>> 0, true);
  return new Uint8Array(view.buffer);
}

/** Writes a sequence of (u32 id, length-prefixed bytes), each length-prefixed: digests and signatures. */
export function writeIdPairs(pairs: readonly { readonly id: number; readonly value: Uint8Array }[]): Uint8Array {
  return concatBytes(pairs.map(({ id, value }) => writePrefixed(u32Bytes(id), writePrefixed(value))));
}
