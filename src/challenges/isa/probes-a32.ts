/**
 * Instructions of the 32-bit instruction set that tell a core's generation.
 * Source: Arm ARM for ARMv7-A (DDI 0406) and for A-profile (DDI 0487) part F; words as GNU as 2.40 makes them. Inputs: q0 to q3 are v0 to v3; r0, r1 and r2 the low words of v0, v1 and v3; memory at r5 holds v2.
 * A Krait 400 and a Cortex-A7 execute the same: between those two only counter, clock and caches tell.
 */
import { emptyVector, f32, fromF32, fromU32, i32, u32, type Vector } from './lanes.ts';
import { type IsaProbe, type ProbeInput, probeLike } from './probes.ts';

const whole = (next: (limit: number) => number) => next(2001) - 1000;
const floats = (next: (limit: number) => number): ProbeInput => {
  const vector = (): Vector => fromF32(() => whole(next));
  return { v: [vector(), vector(), emptyVector(), vector()] };
};
/** v3 with another first lane. */
const firstLane = (v3: Vector, bits: number): Vector => fromU32((lane) => (lane === 0 ? bits : u32(v3, lane)));
const floatBits = (value: number): number =>
  u32(
    fromF32(() => value),
    0,
  );

export const a32Probes: readonly IsaProbe[] = [
  {
    name: 'MLS',
    class: 'hard',
    since: 'armv6t2',
    words: [0xe0622190],
    model: ({ v }) => ({ x3: BigInt((u32(v[3], 0) - Math.imul(u32(v[0], 0), u32(v[1], 0))) >>> 0) }),
  },
  {
    name: 'NEON',
    class: 'optional',
    since: 'armv7',
    words: [0xf2206842],
    model: ({ v }) => ({ v3: fromU32((i) => u32(v[0], i) + u32(v[1], i)) }),
  },
  {
    name: 'SDIV',
    class: 'hard',
    since: 'armv7ve',
    words: [0xe712f110],
    model: ({ v }) => ({ x3: BigInt((i32(v[1], 0) === 0 ? 0 : Math.trunc(i32(v[0], 0) / i32(v[1], 0))) >>> 0) }),
  },
  {
    name: 'UDIV',
    class: 'hard',
    since: 'armv7ve',
    words: [0xe732f110],
    model: ({ v }) => ({ x3: BigInt(u32(v[1], 0) === 0 ? 0 : Math.trunc(u32(v[0], 0) / u32(v[1], 0))) }),
  },
  {
    name: 'VFMA',
    class: 'optional',
    since: 'vfpv4',
    words: [0xeea06a02],
    prepare: floats,
    model: ({ v }) => ({ v3: firstLane(v[3], floatBits(f32(v[3], 0) + f32(v[0], 0) * f32(v[1], 0))) }),
  },
  {
    name: 'LDA',
    class: 'hard',
    since: 'armv8.0',
    words: [0xe1952c9f],
    model: ({ v }) => ({ x3: BigInt(u32(v[2], 0)) }),
  },
  {
    name: 'VMAXNM',
    class: 'hard',
    since: 'armv8.0',
    words: [0xfe806a02],
    prepare: floats,
    model: ({ v }) => ({ v3: firstLane(v[3], floatBits(Math.max(f32(v[0], 0), f32(v[1], 0)))) }),
  },
  {
    name: 'VRINTA',
    class: 'hard',
    since: 'armv8.0',
    words: [0xfeb86a40],
    prepare: (next) => ({ v: [fromF32(() => next(1000) + 0.75), emptyVector(), emptyVector(), floats(next).v[3]] }),
    model: ({ v }) => ({ v3: firstLane(v[3], floatBits(Math.round(f32(v[0], 0)))) }),
  },
  {
    name: 'CRC32',
    class: 'optional',
    since: 'armv8.0',
    words: [0xe1402041],
    model: ({ v }) => ({ x3: BigInt(crc32w(u32(v[0], 0), u32(v[1], 0))) }),
  },
  { name: 'AES', class: 'optional', since: 'armv8.0', words: [0xf3b06302], ...probeLike('AES') },
  { name: 'SHA256', class: 'optional', since: 'armv8.0', words: [0xf3ba63c2], ...probeLike('SHA256') },
  { name: 'PMULL', class: 'optional', since: 'armv8.0', words: [0xf2a06e02], ...probeLike('PMULL') },
  { name: 'FP16', class: 'hard', since: 'armv8.2', words: [0xf2106d42], ...probeLike('FP16') },
  { name: 'DotProd', class: 'hard', since: 'armv8.2', words: [0xfc206d52], ...probeLike('DotProd') },
  {
    name: 'JSCVT',
    class: 'hard',
    since: 'armv8.3',
    words: [0xeeb96bc0],
    ...probeLike('JSCVT'),
    // In A32 the result is a single register of the vector unit.
    model: (input) => ({ v3: firstLane(input.v[3], Number(BigInt.asUintN(32, probeLike('JSCVT').model?.(input).x3 ?? 0n))) }),
  },
  { name: 'I8MM', class: 'hard', since: 'armv8.6', words: [0xfc206c52], ...probeLike('I8MM') },
];

/** UDF with an operand of the nonce's choice: no core ever executes it. */
export const controlProbeA32 = (nonce: number): IsaProbe => ({
  name: 'undefined',
  class: 'control',
  since: 'never',
  words: [(0xe7f000f0 | ((nonce & 0xfff0) << 4) | (nonce & 15)) >>> 0],
  model: undefined,
});

function crc32w(start: number, data: number): number {
  let crc = (start ^ data) >>> 0;
  for (let bit = 0; bit < 32; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
}
