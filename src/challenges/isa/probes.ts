/**
 * Instructions that tell a core's generation, each with what it must answer.
 * Source: Arm ARM (DDI 0487) for encodings and operation; words checked against GNU as 2.40; classes from the capability words of measured phones (hrw/arm-socs-table).
 *
 * `hard`: no operating system can switch it off, so absence by execution refutes a core that has it.
 * `gated`: an enable bit, firmware or kernel may hide it on a genuine phone (5 of 13 Armv9 SoCs hide SVE2): absence says nothing.
 * `optional`: the licensee chooses (AES on Snapdragon 410): only a measured row of that chip says anything.
 */
import {
  bf16,
  emptyVector,
  f16,
  f32,
  f64,
  fromBf16,
  fromF16,
  fromF32,
  fromF64,
  fromU32,
  fromU64,
  i32,
  u32,
  u64,
  type Vector,
} from './lanes.ts';

/** What a probe starts from: v0 to v3; x0 and x1 are the low halves of v0 and v1, x3 that of v3; memory at x4 holds v2. */
export interface ProbeInput {
  readonly v: readonly [Vector, Vector, Vector, Vector];
}

/** What a probe leaves behind, where its model says so: v3, x3, the eight bytes at x4. */
export interface ProbeOutput {
  readonly v3?: Vector;
  readonly x3?: bigint;
  readonly memory?: bigint;
}

export type ProbeClass = 'hard' | 'gated' | 'optional' | 'control';

export interface IsaProbe {
  readonly name: string;
  readonly class: ProbeClass;
  /** The architecture version that has it. */
  readonly since: string;
  readonly words: readonly number[];
  /** Makes inputs for which the model is exact; `next(limit)` gives whole numbers below `limit`. Default: random bytes. */
  readonly prepare?: (next: (limit: number) => number) => ProbeInput;
  /** The answer; undefined where only execution tells. */
  readonly model: ((input: ProbeInput) => ProbeOutput) | undefined;
  /** For answers that a key or a register length decides: whether the answer has the right form. */
  readonly isPossible?: (x3: bigint) => boolean;
}

/** Random bytes in all four vectors. */
export function randomInput(next: (limit: number) => number): ProbeInput {
  const vector = (): Vector => Uint8Array.from({ length: 16 }, () => next(256));
  return { v: [vector(), vector(), vector(), vector()] };
}

const MRS_NZCV_X3 = 0xd53b4203;
const MSR_NZCV_XZR = 0xd51b421f;

const small = (next: (limit: number) => number, limit: number) => next(2 * limit + 1) - limit;

export const isaProbes: readonly IsaProbe[] = [
  {
    name: 'CRC32',
    class: 'optional',
    since: 'armv8.0',
    words: [0x9ac14c03],
    model: ({ v }) => ({ x3: BigInt(crc32x(u32(v[0], 0), u64(v[1], 0))) }),
  },
  { name: 'AES', class: 'optional', since: 'armv8.0', words: [0x4e284823], model: ({ v }) => ({ v3: aese(v[3], v[1]) }) },
  {
    name: 'PMULL',
    class: 'optional',
    since: 'armv8.0',
    words: [0x0ee1e003],
    model: ({ v }) => ({ v3: carrylessProduct(u64(v[0], 0), u64(v[1], 0)) }),
  },
  {
    name: 'SHA1',
    class: 'optional',
    since: 'armv8.0',
    words: [0x5e280803],
    model: ({ v }) => ({ v3: fromU32((i) => (i === 0 ? rotate32(u32(v[0], 0), 2) : 0)) }),
  },
  {
    name: 'SHA256',
    class: 'optional',
    since: 'armv8.0',
    words: [0x5e282823],
    model: ({ v }) => ({ v3: fromU32((i) => u32(v[3], i) + sigma256(i < 3 ? u32(v[3], i + 1) : u32(v[1], 0))) }),
  },
  {
    name: 'SHA512',
    class: 'optional',
    since: 'armv8.2',
    words: [0xcec08023],
    model: ({ v }) => ({ v3: fromU64((i) => u64(v[3], i) + sigma512(i === 0 ? u64(v[3], 1) : u64(v[1], 0))) }),
  },
  {
    name: 'SHA3',
    class: 'optional',
    since: 'armv8.2',
    words: [0xce010803],
    model: ({ v }) => ({ v3: fromU64((i) => u64(v[0], i) ^ u64(v[1], i) ^ u64(v[2], i)) }),
  },
  {
    name: 'LSE',
    class: 'hard',
    since: 'armv8.1',
    words: [0xf8200083],
    model: ({ v }) => ({ x3: u64(v[2], 0), memory: BigInt.asUintN(64, u64(v[2], 0) + u64(v[0], 0)) }),
  },
  {
    name: 'RDM',
    class: 'hard',
    since: 'armv8.1',
    words: [0x6e818403],
    model: ({ v }) => ({ v3: fromU32((i) => roundingDoubleMultiplyAdd(i32(v[3], i), i32(v[0], i), i32(v[1], i))) }),
  },
  {
    name: 'FP16',
    class: 'hard',
    since: 'armv8.2',
    words: [0x4e411403],
    prepare: (next) => ({ v: [fromF16(() => small(next, 1000)), fromF16(() => small(next, 1000)), emptyVector(), emptyVector()] }),
    model: ({ v }) => ({ v3: fromF16((i) => f16(v[0], i) + f16(v[1], i)) }),
  },
  {
    name: 'DotProd',
    class: 'hard',
    since: 'armv8.2',
    words: [0x6e819403],
    model: ({ v }) => ({
      v3: fromU32((i) => [0, 1, 2, 3].reduce((sum, k) => sum + (v[0][4 * i + k] ?? 0) * (v[1][4 * i + k] ?? 0), u32(v[3], i))),
    }),
  },
  { name: 'LRCPC', class: 'hard', since: 'armv8.3', words: [0xf8bfc083], model: ({ v }) => ({ x3: u64(v[2], 0) }) },
  {
    name: 'JSCVT',
    class: 'hard',
    since: 'armv8.3',
    words: [0x1e7e0003],
    prepare: (next) => ({ v: [fromF64(() => small(next, 2 ** 40) + 0.5), emptyVector(), emptyVector(), emptyVector()] }),
    model: ({ v }) => ({ x3: BigInt.asUintN(32, BigInt(Math.trunc(f64(v[0], 0)))) }),
  },
  {
    name: 'FCMA',
    class: 'hard',
    since: 'armv8.3',
    words: [0x6e81e403],
    prepare: (next) => ({ v: [fromF32(() => small(next, 10_000)), fromF32(() => small(next, 10_000)), emptyVector(), emptyVector()] }),
    model: ({ v }) => ({ v3: fromF32((i) => (i % 2 === 0 ? f32(v[0], i) - f32(v[1], i + 1) : f32(v[0], i) + f32(v[1], i - 1))) }),
  },
  {
    name: 'FHM',
    class: 'hard',
    since: 'armv8.2',
    words: [0x4e21ec03],
    prepare: (next) => ({
      v: [fromF16(() => small(next, 200)), fromF16(() => small(next, 200)), emptyVector(), fromF32(() => small(next, 1000))],
    }),
    model: ({ v }) => ({ v3: fromF32((i) => f32(v[3], i) + f16(v[0], i) * f16(v[1], i)) }),
  },
  {
    name: 'FlagM',
    class: 'hard',
    since: 'armv8.4',
    words: [MSR_NZCV_XZR, 0xba018405, MRS_NZCV_X3],
    // RMIF x0, #3, #5: bits 5 and 3 of x0 become Z and V.
    model: ({ v }) => ({ x3: (((u64(v[0], 0) >> 5n) & 1n) << 30n) | (((u64(v[0], 0) >> 3n) & 1n) << 28n) }),
  },
  {
    name: 'FRINTTS',
    class: 'hard',
    since: 'armv8.5',
    words: [0x1e68c003],
    prepare: (next) => ({ v: [fromF64(() => small(next, 1_000_000) + 0.25), emptyVector(), emptyVector(), emptyVector()] }),
    model: ({ v }) => ({ v3: fromF64((i) => (i === 0 ? Math.round(f64(v[0], 0)) : 0)) }),
  },
  { name: 'SB', class: 'hard', since: 'armv8.5', words: [0xd50330ff], model: undefined },
  {
    name: 'I8MM',
    class: 'hard',
    since: 'armv8.6',
    words: [0x6e81a403],
    model: ({ v }) => ({
      v3: fromU32((lane) =>
        Array.from({ length: 8 }, (_, k) => (v[0][8 * (lane >> 1) + k] ?? 0) * (v[1][8 * (lane & 1) + k] ?? 0)).reduce(
          (sum, part) => sum + part,
          u32(v[3], lane),
        ),
      ),
    }),
  },
  {
    // Missing from the capability words of two genuine Armv9 phones: gated here, whatever the manual says.
    name: 'BF16',
    class: 'gated',
    since: 'armv8.6',
    words: [0x6e41fc03],
    prepare: (next) => ({
      v: [fromBf16(() => small(next, 100)), fromBf16(() => small(next, 100)), emptyVector(), fromF32(() => small(next, 1000))],
    }),
    model: ({ v }) => ({
      v3: fromF32((i) => f32(v[3], i) + bf16(v[0], 2 * i) * bf16(v[1], 2 * i) + bf16(v[0], 2 * i + 1) * bf16(v[1], 2 * i + 1)),
    }),
  },
  // PACGA's answer is of a key that nobody outside knows; its low half is zero.
  { name: 'PAuth', class: 'gated', since: 'armv8.3', words: [0x9ac13003], model: undefined, isPossible: (x3) => (x3 & 0xffffffffn) === 0n },
  {
    name: 'MTE',
    class: 'gated',
    since: 'armv8.5',
    words: [0x9ac11403],
    model: ({ v }) => ({ x3: u64(v[1], 0) | (1n << ((u64(v[0], 0) >> 56n) & 15n)) }),
  },
  // CNTB answers the vector length in bytes: a multiple of 16 up to 256.
  {
    name: 'SVE',
    class: 'gated',
    since: 'armv8.2',
    words: [0x0420e3e3],
    model: undefined,
    isPossible: (x3) => x3 >= 16n && x3 <= 256n && x3 % 16n === 0n,
  },
  { name: 'RNDR', class: 'gated', since: 'armv8.5', words: [0xd53b2403], model: undefined },
];

/** A word that no core ever executes (UDF), chosen by the nonce: a kernel that swallows SIGILL answers these too. */
export const controlProbe = (nonce: number): IsaProbe => ({
  name: 'undefined',
  class: 'control',
  since: 'never',
  words: [nonce & 0xffff],
  model: undefined,
});

/** A probe's model and inputs under another encoding: what A32 and A64 both have answers the same. */
export function probeLike(name: string): Pick<IsaProbe, 'prepare' | 'model'> {
  const found = isaProbes.find((probe) => probe.name === name);
  if (found === undefined) throw new RangeError(`no probe is called ${name}`);
  return { model: found.model, ...(found.prepare === undefined ? {} : { prepare: found.prepare }) };
}

// ── models ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const rotate32 = (value: number, right: number) => ((value >>> right) | (value << (32 - right))) >>> 0;
const rotate64 = (value: bigint, right: bigint) => BigInt.asUintN(64, (value >> right) | (value << (64n - right)));
const sigma256 = (value: number) => (rotate32(value, 7) ^ rotate32(value, 18) ^ (value >>> 3)) >>> 0;
const sigma512 = (value: bigint) => rotate64(value, 1n) ^ rotate64(value, 8n) ^ (value >> 7n);

/** CRC32X: polynomial 0x04C11DB7, reflected, over eight bytes, without inversion. */
function crc32x(start: number, data: bigint): number {
  let crc = start;
  for (let byte = 0n; byte < 8n; byte++) {
    crc ^= Number((data >> (8n * byte)) & 0xffn);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return crc >>> 0;
}

function carrylessProduct(a: bigint, b: bigint): Vector {
  let product = 0n;
  for (let bit = 0n; bit < 64n; bit++) if ((b >> bit) & 1n) product ^= a << bit;
  return fromU64((i) => product >> (64n * BigInt(i)));
}

/** SQRDMLAH on one lane: saturate((acc << 32 + 2ab + 2^31) >> 32). */
function roundingDoubleMultiplyAdd(acc: number, a: number, b: number): number {
  const sum = ((BigInt(acc) << 32n) + 2n * BigInt(a) * BigInt(b) + (1n << 31n)) >> 32n;
  const most = 0x7fffffffn;
  return Number(sum > most ? most : sum < -most - 1n ? -most - 1n : sum);
}

/** AESE: SubBytes(ShiftRows(state xor key)). FIPS 197. */
function aese(state: Vector, key: Vector): Vector {
  const mixed = state.map((byte, i) => byte ^ (key[i] ?? 0));
  return Uint8Array.from({ length: 16 }, (_, i) => subByte(mixed[(i + 4 * (i % 4)) % 16] ?? 0));
}

/** The AES S-box: the inverse in GF(2^8), then the affine map (FIPS 197 section 5.1.1). */
function subByte(value: number): number {
  let inverse = 0;
  for (let candidate = 1; candidate < 256 && value !== 0; candidate++) {
    if (fieldProduct(value, candidate) === 1) {
      inverse = candidate;
      break;
    }
  }
  let out = 0x63;
  for (const turn of [0, 1, 2, 3, 4]) out ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xff;
  return out;
}

function fieldProduct(a: number, b: number): number {
  let product = 0;
  let shifted = a;
  for (let bit = b; bit > 0; bit >>= 1) {
    if (bit & 1) product ^= shifted;
    shifted = shifted & 0x80 ? (shifted << 1) ^ 0x11b : shifted << 1;
  }
  return product;
}
