/**
 * ELF files for programs that bring everything with them: one segment, no interpreter, no libraries.
 * Spec: System V gABI chapter 4 and 5; Android's limits: 16 KiB pages refuse segments that are aligned to less (p_align 64 KiB serves every page size),
 * a file without PT_INTERP never meets bionic's refusal of position-dependent executables, and without PT_GNU_STACK old arm kernels make every mapping executable.
 * Does not write: sections, symbols, relocations. Programs find their data by pc-relative addresses and map memory themselves.
 */

/** How a kernel loads it: `dynamic` (ET_DYN, at an address of its choice) first, `fixed` (ET_EXEC) for kernels that refuse that without an interpreter. */
export type ElfKind = 'dynamic' | 'fixed';
export type ElfMachine = 'aarch64' | 'arm' | 'x86-64';

const MACHINES: Readonly<Record<ElfMachine, { readonly code: number; readonly bits: 32 | 64; readonly flags: number }>> = {
  aarch64: { code: 183, bits: 64, flags: 0 },
  // EF_ARM_EABI_VER5: without it a kernel takes the file for the old ABI.
  arm: { code: 40, bits: 32, flags: 0x05000000 },
  'x86-64': { code: 62, bits: 64, flags: 0 },
};

const ALIGN = 0x10000;
/** A multiple of 64 KiB, above mmap_min_addr of every kernel. */
const FIXED_BASE = 0x400000;
const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474e551;
const READ_EXECUTE = 5;
const READ_WRITE = 6;

/** Bytes before the code: file header and two program headers. */
export const elfHeaderSize = (machine: ElfMachine): number => (MACHINES[machine].bits === 64 ? 64 + 2 * 56 : 52 + 2 * 32);

/** Wraps machine code into an executable whose entry is the code's first byte. */
export function writeElf(machine: ElfMachine, kind: ElfKind, code: Uint8Array): Uint8Array {
  const { code: machineCode, bits, flags } = MACHINES[machine];
  const headers = elfHeaderSize(machine);
  const size = headers + code.length;
  const base = kind === 'fixed' ? FIXED_BASE : 0;
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, 1, 1]);
  view.setUint16(16, kind === 'fixed' ? 2 : 3, true); // e_type
  view.setUint16(18, machineCode, true);
  view.setUint32(20, 1, true); // e_version
  if (bits === 64) {
    view.setBigUint64(24, BigInt(base + headers), true); // e_entry
    view.setBigUint64(32, 64n, true); // e_phoff
    view.setUint32(48, flags, true);
    view.setUint16(52, 64, true); // e_ehsize
    view.setUint16(54, 56, true); // e_phentsize
    view.setUint16(56, 2, true); // e_phnum
    segment64(view, 64, { type: PT_LOAD, flags: READ_EXECUTE, address: base, size, align: ALIGN });
    segment64(view, 64 + 56, { type: PT_GNU_STACK, flags: READ_WRITE, address: 0, size: 0, align: 16 });
  } else {
    view.setUint32(24, base + headers, true);
    view.setUint32(28, 52, true);
    view.setUint32(36, flags, true);
    view.setUint16(40, 52, true);
    view.setUint16(42, 32, true);
    view.setUint16(44, 2, true);
    segment32(view, 52, { type: PT_LOAD, flags: READ_EXECUTE, address: base, size, align: ALIGN });
    segment32(view, 52 + 32, { type: PT_GNU_STACK, flags: READ_WRITE, address: 0, size: 0, align: 16 });
  }
  file.set(code, headers);
  return file;
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly size: number;
  readonly align: number;
}

/** Elf64_Phdr: the file's bytes from its beginning. */
function segment64(view: DataView, at: number, { type, flags, address, size, align }: Segment): void {
  view.setUint32(at, type, true);
  view.setUint32(at + 4, flags, true);
  view.setBigUint64(at + 16, BigInt(address), true);
  view.setBigUint64(at + 24, BigInt(address), true);
  view.setBigUint64(at + 32, BigInt(size), true);
  view.setBigUint64(at + 40, BigInt(size), true);
  view.setBigUint64(at + 48, BigInt(align), true);
}

/** Elf32_Phdr. */
function segment32(view: DataView, at: number, { type, flags, address, size, align }: Segment): void {
  view.setUint32(at, type, true);
  view.setUint32(at + 8, address, true);
  view.setUint32(at + 12, address, true);
  view.setUint32(at + 16, size, true);
  view.setUint32(at + 20, size, true);
  view.setUint32(at + 24, flags, true);
  view.setUint32(at + 28, align, true);
}
