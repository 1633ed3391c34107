/** 128-bit vector registers as bytes, and their lanes: what the models of instructions compute with. */

export type Vector = Uint8Array<ArrayBuffer>;

const view = (vector: Vector) => new DataView(vector.buffer, vector.byteOffset, 16);
export const emptyVector = (): Vector => new Uint8Array(16);

export const u32 = (vector: Vector, lane: number): number => view(vector).getUint32(lane * 4, true);
export const i32 = (vector: Vector, lane: number): number => view(vector).getInt32(lane * 4, true);
export const u64 = (vector: Vector, lane: number): bigint => view(vector).getBigUint64(lane * 8, true);
export const f32 = (vector: Vector, lane: number): number => view(vector).getFloat32(lane * 4, true);
export const f64 = (vector: Vector, lane: number): number => view(vector).getFloat64(lane * 8, true);
export const f16 = (vector: Vector, lane: number): number => halfToNumber(view(vector).getUint16(lane * 2, true));
export const bf16 = (vector: Vector, lane: number): number => {
  const wide = new DataView(new ArrayBuffer(4));
  wide.setUint32(0, view(vector).getUint16(lane * 2, true) << 16);
  return wide.getFloat32(0);
};

/** A vector of four 32-bit lanes. */
export function fromU32(lane: (index: number) => number): Vector {
  const out = emptyVector();
  for (let i = 0; i < 4; i++) view(out).setUint32(i * 4, lane(i) >>> 0, true);
  return out;
}

/** A vector of two 64-bit lanes. */
export function fromU64(lane: (index: number) => bigint): Vector {
  const out = emptyVector();
  for (let i = 0; i < 2; i++) view(out).setBigUint64(i * 8, BigInt.asUintN(64, lane(i)), true);
  return out;
}

export function fromF32(lane: (index: number) => number): Vector {
  const out = emptyVector();
  for (let i = 0; i < 4; i++) view(out).setFloat32(i * 4, lane(i), true);
  return out;
}

export function fromF64(lane: (index: number) => number): Vector {
  const out = emptyVector();
  for (let i = 0; i < 2; i++) view(out).setFloat64(i * 8, lane(i), true);
  return out;
}

/** Eight half-precision lanes; values must be exact in half precision. */
export function fromF16(lane: (index: number) => number): Vector {
  const out = emptyVector();
  for (let i = 0; i < 8; i++) view(out).setUint16(i * 2, numberToHalf(lane(i)), true);
  return out;
}

/** Eight bfloat16 lanes: the upper halves of single-precision numbers. */
export function fromBf16(lane: (index: number) => number): Vector {
  const out = emptyVector();
  const wide = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < 8; i++) {
    wide.setFloat32(0, lane(i));
    view(out).setUint16(i * 2, wide.getUint16(0), true);
  }
  return out;
}

/** IEEE 754 binary16 of a whole number from -2048 to 2048: those are exact. */
function numberToHalf(value: number): number {
  const size = Math.abs(value);
  if (!Number.isInteger(value) || size > 2048) throw new RangeError(`${value} is not exact in half precision`);
  if (size === 0) return 0;
  const exponent = Math.floor(Math.log2(size));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((size - 2 ** exponent) * 2 ** (10 - exponent));
}

function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return half & 0x8000 ? -size : size;
}
