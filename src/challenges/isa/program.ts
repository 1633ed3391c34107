/**
 * The part of a challenge program that executes instruction probes: their order is the nonce's, their inputs lie in the program.
 * SIGILL is caught: the handler says so and steps over the instruction.
 */

import { a64, XZR } from '../a64.ts';
import type { ElfMachine } from '../elf.ts';
import type { Machine } from '../machine/index.ts';
import { type Next, spread } from '../native/random.ts';
import { controlProbe, type IsaProbe, isaProbes, type ProbeInput, randomInput } from './probes.ts';
import { a32Probes, controlProbeA32 } from './probes-a32.ts';

const INPUT_SIZE = 64;
/** Executed flag, v3 (16 bytes), x3, memory. */
const OUTPUT_SIZE = 40;

/** What a program of this nonce probes, in its order, with its inputs. The twin has none. */
export interface IsaPlan {
  readonly probes: readonly IsaProbe[];
  readonly inputs: readonly ProbeInput[];
}

/** Chooses order, inputs and the undefined control. */
export function planIsa(target: ElfMachine, nonce: Uint8Array): IsaPlan {
  if (target === 'x86-64') return { probes: [], inputs: [] };
  const next = spread(nonce);
  const control = next(0x10000);
  const probes = shuffled(target === 'aarch64' ? [...isaProbes, controlProbe(control)] : [...a32Probes, controlProbeA32(control)], next);
  return { probes, inputs: probes.map((probe) => (probe.prepare ?? randomInput)(next)) };
}

function shuffled<T>(all: readonly T[], next: Next): readonly T[] {
  const list = [...all];
  for (let at = list.length - 1; at > 0; at--) {
    const other = next(at + 1);
    // Both places exist: 0 <= other <= at < length.
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}

/** The inputs as they lie in the program. */
export function isaInputs({ inputs }: IsaPlan): Uint8Array {
  const bytes = new Uint8Array(inputs.length * INPUT_SIZE);
  for (const [index, { v }] of inputs.entries())
    for (const [register, vector] of v.entries()) bytes.set(vector, index * INPUT_SIZE + register * 16);
  return bytes;
}

/** Emits the probes: register 1 points to inputs, 2 to where results go, 3 to eight bytes of scratch; uses 4. */
export function emitIsa(m: Machine, { probes }: IsaPlan): void {
  for (const probe of probes) {
    if (m.target === 'aarch64') {
      m.raw(
        a64Words((p) => {
          p.mov(5, 20);
          p.mov(6, 21);
          p.mov(4, 22);
          p.word(0x3dc000a0); // LDR q0, [x5]
          p.word(0x3dc004a1); // LDR q1, [x5, #16]
          p.word(0x3dc008a2); // LDR q2, [x5, #32]
          p.word(0x3dc00ca3); // LDR q3, [x5, #48]
          p.word(0xfd000082); // STR d2, [x4]
          p.ldr(0, 5, 0);
          p.ldr(1, 5, 16);
          p.ldr(3, 5, 48);
        }),
      );
      m.guarded(4, () => m.raw(probe.words));
      m.store(4, 2, 0);
      m.raw(
        a64Words((p) => {
          p.mov(6, 21);
          p.word(0xb9000000 | (1 << 10) | (6 << 5) | XZR); // STR wzr, [x6, #4]
          p.str(3, 6, 24);
          p.word(0x9e660067); // FMOV x7, d3
          p.str(7, 6, 8);
          p.word(0x9eae0067); // FMOV x7, v3.d[1]
          p.str(7, 6, 16);
          p.ldr(7, 4, 0);
          p.str(7, 6, 32);
        }),
      );
    } else {
      // r8, r9 and r10 are registers 1, 2 and 3; r2 is free, r5 is scratch that raw words may use.
      m.raw([
        0xec980b10, // VLDM r8, {d0-d7}
        0xe5980000, // LDR r0, [r8]
        0xe5981010, // LDR r1, [r8, #16]
        0xe5982030, // LDR r2, [r8, #48]
        0xe1a0500a, // MOV r5, r10
        0xec854b02, // VSTM r5, {d4}
      ]);
      m.guarded(4, () => m.raw(probe.words));
      m.store(4, 2, 0);
      m.raw([
        0xe3a00000, // MOV r0, #0
        0xe5890004, // STR r0, [r9, #4]
        0xe589001c, // STR r0, [r9, #28]
        0xe5892018, // STR r2, [r9, #24]
        0xe2890008, // ADD r0, r9, #8
        0xec806b04, // VSTM r0, {d6-d7}
        0xe59a0000, // LDR r0, [r10]
        0xe5890020, // STR r0, [r9, #32]
        0xe59a0004, // LDR r0, [r10, #4]
        0xe5890024, // STR r0, [r9, #36]
      ]);
    }
    m.pointAt(1, 1, INPUT_SIZE);
    m.pointAt(2, 2, OUTPUT_SIZE);
  }
}

/** The words of straight A64 code. */
function a64Words(write: (p: ReturnType<typeof a64>) => void): readonly number[] {
  const p = a64();
  write(p);
  const bytes = p.done();
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}

/** What the phone answered for one probe. */
export interface ProbeAnswer {
  readonly executed: boolean;
  readonly v3: Uint8Array;
  readonly x3: bigint;
  readonly memory: bigint;
}

/** Reads results. Undefined where they have not exactly the length that belongs to the number of probes. */
export function readIsaAnswer(bytes: Uint8Array, probes: number): readonly ProbeAnswer[] | undefined {
  if (bytes.length !== probes * OUTPUT_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: probes }, (_, index): ProbeAnswer => {
    const at = index * OUTPUT_SIZE;
    return {
      executed: view.getBigUint64(at, true) === 1n,
      v3: bytes.slice(at + 8, at + 24),
      x3: view.getBigUint64(at + 24, true),
      memory: view.getBigUint64(at + 32, true),
    };
  });
}
