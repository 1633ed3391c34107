/**
 * The branch filters of machines that no phone has: PowerPC, SPARC, IA-64 and RISC-V. mksquashfs tries each that it is told of on every block and keeps what packs best,
 * so that they occur in images of phones all the same.
 * Spec: The .xz File Format 1.2.1, 5.3.2; the reference decoders of XZ Embedded and XZ Utils 5.6 (0BSD).
 */
import type { Unfilter } from './bcj.ts';

const big32 = (b: Uint8Array, at: number) => ((b[at] ?? 0) << 24) | ((b[at + 1] ?? 0) << 16) | ((b[at + 2] ?? 0) << 8) | (b[at + 3] ?? 0);
const little32 = (b: Uint8Array, at: number) =>
  ((b[at + 3] ?? 0) << 24) | ((b[at + 2] ?? 0) << 16) | ((b[at + 1] ?? 0) << 8) | (b[at] ?? 0);

function put(b: Uint8Array, at: number, value: number, isBig: boolean): void {
  for (let i = 0; i < 4; i++) b[at + i] = value >>> (8 * (isBig ? 3 - i : i));
}

/** An instruction of four bytes at a time; `change` answers what becomes of one, or undefined: it stays. */
function words(startOffset: number, change: (word: number, here: number) => number | undefined): Unfilter {
  let position = startOffset;
  return (b, end) => {
    let i = 0;
    for (; i + 4 <= end; i += 4) {
      const changed = change(big32(b, i), position + i);
      if (changed !== undefined) put(b, i, changed, true);
    }
    position = (position + i) | 0;
    return i;
  };
}

/** PowerPC: BL with a relative address. */
export const powerPc = (startOffset = 0): Unfilter =>
  words(startOffset, (word, here) =>
    (word & 0xfc000003) >>> 0 === 0x48000001 ? 0x48000001 | (((word & 0x03fffffc) - here) & 0x03fffffc) : undefined,
  );

/** SPARC: CALL within ±16 MiB. */
export const sparc = (startOffset = 0): Unfilter =>
  words(startOffset, (word, here) => {
    const high = word >>> 22;
    if (high !== 0x100 && high !== 0x1ff) return undefined;
    const target = ((word << 2) - here) >>> 2;
    return ((-((target >>> 22) & 1) << 22) & 0x3fffffff) | (target & 0x3fffff) | 0x40000000;
  });

/** Which of the three slots of a bundle may hold a branch, by its template. */
// biome-ignore format: sixteen templates a line
const BRANCHES = Uint8Array.of(
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0,
);
const BUNDLE = 16;
const SLOT_BITS = 41;

/** IA-64: branches with a relative address, in bundles of three instructions of 41 bits. */
export function ia64(startOffset = 0): Unfilter {
  let position = startOffset;
  return (b, end) => {
    let i = 0;
    for (; i + BUNDLE <= end; i += BUNDLE) {
      const mask = BRANCHES[(b[i] ?? 0) & 0x1f] ?? 0;
      for (let slot = 0; slot < 3; slot++) if (((mask >>> slot) & 1) === 1) branch(b, i, 5 + slot * SLOT_BITS, position + i);
    }
    position = (position + i) | 0;
    return i;
  };
}

function branch(b: Uint8Array, bundle: number, bit: number, here: number): void {
  const at = bundle + (bit >>> 3);
  const shift = BigInt(bit & 7);
  let six = 0n;
  for (let i = 5; i >= 0; i--) six = (six << 8n) | BigInt(b[at + i] ?? 0);
  let instruction = six >> shift;
  if (((instruction >> 37n) & 0xfn) !== 5n || ((instruction >> 9n) & 7n) !== 0n) return;
  const source = Number((instruction >> 13n) & 0xfffffn) | (Number((instruction >> 36n) & 1n) << 20);
  const target = BigInt((((source << 4) - here) >>> 4) & 0x1fffff);
  instruction &= ~(0x8fffffn << 13n);
  instruction |= (target & 0xfffffn) << 13n;
  instruction |= (target & 0x100000n) << 16n;
  let out = (six & ((1n << shift) - 1n)) | (instruction << shift);
  for (let i = 0; i < 6; i++, out >>= 8n) b[at + i] = Number(out & 0xffn);
}

/** RISC-V: JAL to ra, and AUIPC with what uses its address behind it. */
export function riscv(startOffset = 0): Unfilter {
  let position = startOffset;
  return (b, end) => {
    let i = 0;
    while (i + 8 <= end) i += instruction(b, i, position + i);
    position = (position + i) | 0;
    return i;
  };
}

/** Undoes what begins at `i`; answers how many bytes it took. */
function instruction(b: Uint8Array, i: number, here: number): number {
  const first = b[i] ?? 0;
  if (first === 0xef) return jal(b, i, here);
  if ((first & 0x7f) !== 0x17) return 2;
  const one = little32(b, i);
  if ((one & 0xe80) !== 0) {
    const two = little32(b, i + 4);
    // The pair: what follows uses the register that AUIPC sets.
    if ((((one << 8) ^ (two - 3)) & 0xf8003) !== 0) return 6;
    put(b, i, 0x17 | (2 << 7) | (two << 12), false);
    put(b, i + 4, (one & 0xfffff000) + (two >>> 20), false);
    return 8;
  }
  const register = one >>> 27;
  if (((one - 0x3117) << 18) >>> 0 >= (register & 0x1d)) return 4;
  const address = big32(b, i + 4) - here;
  put(b, i, 0x17 | (register << 7) | ((address + 0x800) & 0xfffff000), false);
  put(b, i + 4, (one >>> 12) | (address << 20), false);
  return 8;
}

function jal(b: Uint8Array, i: number, here: number): number {
  const [b1, b2, b3] = [b[i + 1] ?? 0, b[i + 2] ?? 0, b[i + 3] ?? 0];
  if ((b1 & 0x0d) !== 0) return 2;
  const address = (((b1 & 0xf0) << 13) | (b2 << 9) | (b3 << 1)) - here;
  b[i + 1] = (b1 & 0x0f) | ((address >>> 8) & 0xf0);
  b[i + 2] = ((address >>> 16) & 0x0f) | ((address >>> 7) & 0x10) | ((address << 4) & 0xe0);
  b[i + 3] = ((address >>> 4) & 0x7f) | ((address >>> 13) & 0x80);
  return 4;
}
