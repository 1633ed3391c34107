/**
 * One small machine that every challenge program is written for once: eight registers, 32-bit arithmetic, loads and stores, branches, system calls.
 * Three assemblers give it: AArch64 and A32 for phones, x86-64 as the twin that tests and benchmarks time (times under an emulator mean nothing).
 * Arithmetic is on 32 bits everywhere, so that the host recomputes one and the same value for all three.
 */
import type { ElfMachine } from '../elf.ts';

/** Registers 0 to 5 survive system calls; 6 and 7 do not survive those with more than four arguments. A register holds a 32-bit number or a pointer. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** How two 32-bit numbers compare; `lo` and `hs` are unsigned. */
export type Comparison = 'eq' | 'ne' | 'lo' | 'hs';

export type SystemCall =
  | 'read'
  | 'write'
  | 'exit'
  | 'mmap'
  | 'munmap'
  | 'ppoll'
  | 'setAffinity'
  | 'sigaction'
  | 'sigreturn'
  | 'clockGettime'
  | 'setitimer'
  | 'clone'
  | 'wait4'
  | 'openat'
  | 'close'
  | 'unlinkat'
  | 'statfs'
  | 'fallocate'
  | 'fdatasync'
  | 'fadvise'
  | 'pread';

/** An argument of a system call: a register, or a number of at most 32 bits. */
export type Argument = { readonly register: Register } | number;

export interface Machine {
  readonly target: ElfMachine;
  /** Bytes of a pointer. */
  readonly wordSize: 4 | 8;
  readonly label: (name: string) => void;
  /** Instruction words as they are; for the two Arm targets. */
  readonly raw: (words: readonly number[]) => void;
  /** Bytes of data; programs jump over them. */
  readonly data: (bytes: Uint8Array) => void;
  readonly constant: (rd: Register, value: number) => void;
  readonly address: (rd: Register, label: string) => void;
  readonly stackPointer: (rd: Register) => void;
  /** Copies a number or a pointer. */
  readonly copy: (rd: Register, rs: Register) => void;
  readonly add: (rd: Register, rn: Register, rm: Register) => void;
  readonly sub: (rd: Register, rn: Register, rm: Register) => void;
  readonly and: (rd: Register, rn: Register, rm: Register) => void;
  readonly or: (rd: Register, rn: Register, rm: Register) => void;
  readonly xor: (rd: Register, rn: Register, rm: Register) => void;
  readonly mul: (rd: Register, rn: Register, rm: Register) => void;
  readonly shiftLeft: (rd: Register, rn: Register, bits: number) => void;
  readonly shiftRight: (rd: Register, rn: Register, bits: number) => void;
  readonly rotateRight: (rd: Register, rn: Register, bits: number) => void;
  /** Adds 0 to 4095, or a multiple of 4096 below 2^20, to a 32-bit number. */
  readonly increase: (rd: Register, rn: Register, by: number) => void;
  /** rd = pointer rn + number rm. */
  readonly point: (rd: Register, rn: Register, rm: Register) => void;
  /** rd = pointer rn + 0 to 4095. */
  readonly pointAt: (rd: Register, rn: Register, offset: number) => void;
  /** A 32-bit number at rn + offset, offset a multiple of 4 below 4096. */
  readonly load: (rt: Register, rn: Register, offset: number) => void;
  readonly store: (rt: Register, rn: Register, offset: number) => void;
  readonly loadPointer: (rt: Register, rn: Register, offset: number) => void;
  readonly storePointer: (rt: Register, rn: Register, offset: number) => void;
  readonly loadByte: (rt: Register, rn: Register) => void;
  readonly storeByte: (rt: Register, rn: Register) => void;
  /** The 32-bit number at rn + 4 rm. */
  readonly loadIndexed: (rt: Register, rn: Register, rm: Register) => void;
  readonly storeIndexed: (rt: Register, rn: Register, rm: Register) => void;
  readonly jump: (label: string) => void;
  readonly branch: (comparison: Comparison, operands: readonly [Register, Register | { readonly number: number }], label: string) => void;
  readonly call: (rd: Register, call: SystemCall, args: readonly Argument[]) => void;
  /** Stores the 64-bit system counter at rn + offset: CNTVCT on Arm, the time stamp counter on the twin. */
  readonly storeCounter: (rn: Register, offset: number) => void;
  /** Makes illegal instructions step over themselves; needs 40 free bytes at rn + offset. Nothing on the twin. */
  readonly installTrap: (rn: Register, offset: number) => void;
  /** Runs instructions of which some may be illegal: rd is 1 where all were executed, 0 where one was stepped over. `body` uses none of the machine's own scratch across instructions. */
  readonly guarded: (rd: Register, body: () => void) => void;
  readonly done: () => Uint8Array;
}
