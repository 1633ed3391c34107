/**
 * A program of whole numbers for a graphics processor: every cell stirs its own number by operations that the nonce chose. Unsigned 32-bit arithmetic wraps in GLSL ES 3.00 (highp uint,
 * section 4.5.1) and in WGSL (section 8.7), so that every conforming processor gives the same numbers, and the host recomputes them without a table of processors.
 */
import type { Next } from '../native/random.ts';

/** One operation on the cell's number x; `place` is the cell's own. */
type Operation =
  | { readonly kind: 'multiply' | 'add' | 'xor' | 'add-place'; readonly value: number }
  /** 1 to 31. */
  | { readonly kind: 'rotate' | 'shift-xor'; readonly value: number };

/** The operations of one step, in order. */
export interface IntegerProgram {
  readonly operations: readonly Operation[];
}

/** How often, and from which seed; the cells are numbered from 0. */
export interface IntegerRun {
  readonly cells: number;
  readonly steps: number;
  readonly seed: number;
}

/** What a cell's place is multiplied with before the first step. */
const SPREAD = 0x9e3779b1;

/** Which operations there are, in which order, with which numbers: the nonce's choice. Each kind occurs. */
export function chooseIntegers(next: Next): IntegerProgram {
  const kinds: Operation['kind'][] = ['multiply', 'add', 'xor', 'add-place', 'rotate', 'shift-xor', 'multiply', 'rotate'];
  for (let at = kinds.length - 1; at > 0; at--) {
    const other = next(at + 1);
    [kinds[at], kinds[other]] = [kinds[other] ?? 'add', kinds[at] ?? 'add'];
  }
  const numberFor = (kind: Operation['kind']) => {
    if (kind === 'rotate' || kind === 'shift-xor') return 1 + next(31);
    const value = next(2 ** 32);
    // Odd, so that nothing is lost by multiplying.
    return kind === 'multiply' || kind === 'add-place' ? (value | 1) >>> 0 : value;
  };
  return { operations: kinds.map((kind) => ({ kind, value: numberFor(kind) })) };
}

/** The statements of one step: GLSL and WGSL write them alike. */
const STATEMENTS: Readonly<Record<Operation['kind'], (value: number) => string>> = {
  multiply: (value) => `x = x * ${value}u;`,
  add: (value) => `x = x + ${value}u;`,
  xor: (value) => `x = x ^ ${value}u;`,
  'add-place': (value) => `x = x + place * ${value}u;`,
  rotate: (value) => `x = (x << ${value}u) | (x >> ${32 - value}u);`,
  'shift-xor': (value) => `x = x ^ (x >> ${value}u);`,
};

const statements = ({ operations }: IntegerProgram): readonly string[] => operations.map(({ kind, value }) => STATEMENTS[kind](value));

/** A fragment shader of WebGL 2 for a target of R32UI that is `width` cells wide. */
export const glslOf = (program: IntegerProgram): string => `#version 300 es
precision highp float;
precision highp int;
uniform highp uint seed;
uniform highp uint steps;
uniform highp uint width;
layout(location = 0) out highp uint result;
void main() {
  highp uint place = uint(gl_FragCoord.y) * width + uint(gl_FragCoord.x);
  highp uint x = seed ^ (place * ${SPREAD}u);
  for (highp uint step = 0u; step < steps; step++) {
    ${statements(program).join('\n    ')}
  }
  result = x;
}
`;

/** A compute shader of WebGPU, in workgroups of 64. */
export const wgslOf = (program: IntegerProgram): string => `struct Asked { seed: u32, steps: u32 }
@group(0) @binding(0) var<uniform> asked: Asked;
@group(0) @binding(1) var<storage, read_write> cells: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let place = id.x;
  var x: u32 = asked.seed ^ (place * ${SPREAD}u);
  for (var step: u32 = 0u; step < asked.steps; step++) {
    ${statements(program).join('\n    ')}
  }
  cells[place] = x;
}
`;

/** Every cell's number, recomputed. */
export function recomputeIntegers({ operations }: IntegerProgram, { cells, steps, seed }: IntegerRun): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(cells);
  for (let place = 0; place < cells; place++) all[place] = seed ^ Math.imul(place, SPREAD);
  // One operation over all cells at a time: the loop inside is one that the engine makes quick.
  for (let step = 0; step < steps; step++) for (const operation of operations) apply(operation, all);
  return all;
}

function apply({ kind, value }: Operation, all: Uint32Array): void {
  const { length } = all;
  switch (kind) {
    case 'multiply':
      for (let at = 0; at < length; at++) all[at] = Math.imul(all[at] ?? 0, value);
      break;
    case 'add':
      for (let at = 0; at < length; at++) all[at] = (all[at] ?? 0) + value;
      break;
    case 'xor':
      for (let at = 0; at < length; at++) all[at] = (all[at] ?? 0) ^ value;
      break;
    case 'add-place':
      for (let at = 0; at < length; at++) all[at] = (all[at] ?? 0) + Math.imul(at, value);
      break;
    case 'rotate':
      for (let at = 0; at < length; at++) all[at] = ((all[at] ?? 0) << value) | ((all[at] ?? 0) >>> (32 - value));
      break;
    case 'shift-xor':
      for (let at = 0; at < length; at++) all[at] = (all[at] ?? 0) ^ ((all[at] ?? 0) >>> value);
      break;
  }
}

/** One number that depends on every cell: what the page sends in place of sixty kilobytes. */
export function foldCells(cells: Uint32Array): number {
  let fold = 0x811c9dc5;
  for (const cell of cells) {
    const mixed = Math.imul(fold ^ cell, 0x01000193);
    fold = (mixed << 13) | (mixed >>> 19);
  }
  return fold >>> 0;
}
