/**
 * The small machine on x86-64: the twin that tests and benchmarks run at native speed. Registers 0 to 7 are rbx, rbp, r12 to r15, r9 and r8; rax, rcx and rdx are scratch.
 * Source: Intel SDM volume 2; Linux arch/x86/entry/syscalls/syscall_64.tbl. 32-bit operations clear the upper half.
 */
import type { Argument, Comparison, Machine, Register, SystemCall } from './machine.ts';

const CALLS: Readonly<Record<SystemCall, number>> = {
  read: 0,
  write: 1,
  exit: 60,
  mmap: 9,
  munmap: 11,
  ppoll: 271,
  setAffinity: 203,
  sigaction: 13,
  sigreturn: 15,
  clockGettime: 228,
  setitimer: 38,
  clone: 56,
  wait4: 61,
  openat: 257,
  close: 3,
  unlinkat: 263,
  statfs: 137,
  fallocate: 285,
  fdatasync: 75,
  fadvise: 221,
  pread: 17,
};
/** Second byte of the near conditional jumps. */
const CONDITIONS: Readonly<Record<Comparison, number>> = { eq: 0x84, ne: 0x85, lo: 0x82, hs: 0x83 };
const REGISTERS = [3, 5, 12, 13, 14, 15, 9, 8] as const;
const r = (register: Register): number => REGISTERS[register];
const RAX = 0;
const RDX = 2;
/** Argument registers of system calls: rdi, rsi, rdx, r10, r8, r9. */
const ARGUMENTS = [7, 6, 2, 10, 8, 9] as const;

/** Starts a program. */
export function x64Machine(): Machine {
  const code: number[] = [];
  const labels = new Map<string, number>();
  const fixups: { readonly at: number; readonly label: string }[] = [];
  const emit = (...bytes: readonly number[]) => void code.push(...bytes);
  const emit32 = (value: number) => emit(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
  const rex = (wide: boolean, reg: number, rm: number, index = 0) =>
    emit(0x40 | (wide ? 8 : 0) | ((reg >> 3) << 2) | ((index >> 3) << 1) | (rm >> 3));
  /** `op rm, reg` between registers. */
  const between = (op: number, rm: number, reg: number, wide = false) => {
    rex(wide, reg, rm);
    emit(op, 0xc0 | ((reg & 7) << 3) | (rm & 7));
  };
  const move = (rd: number, rs: number, wide = true) => between(0x89, rd, rs, wide);
  /** `op reg, [base + offset]`. */
  const memory = (
    op: readonly number[],
    how: { readonly reg: number; readonly base: number; readonly offset: number; readonly wide: boolean },
  ) => {
    rex(how.wide, how.reg, how.base);
    emit(...op, 0x80 | ((how.reg & 7) << 3) | (how.base & 7));
    if ((how.base & 7) === 4) emit(0x24);
    emit32(how.offset);
  };
  const indexed = (op: number, reg: number, base: number, index: number) => {
    rex(false, reg, base, index);
    // A displacement of one byte, which base r13 wants anyway.
    emit(op, 0x44 | ((reg & 7) << 3), 0x80 | ((index & 7) << 3) | (base & 7), 0);
  };
  const immediate = (rd: number, value: number) => {
    rex(false, 0, rd);
    emit(0xb8 | (rd & 7));
    emit32(value);
  };
  /** rd = rn op rm on 32 bits; rm is read before rd is written. */
  const three = (op: number) => (rd: Register, rn: Register, rm: Register) => {
    if (r(rd) === r(rn)) return between(op, r(rd), r(rm));
    move(RAX, r(rn), false);
    between(op, RAX, r(rm));
    move(r(rd), RAX, false);
  };
  const shift = (digit: number) => (rd: Register, rn: Register, bits: number) => {
    if (rd !== rn) move(r(rd), r(rn), false);
    rex(false, 0, r(rd));
    emit(0xc1, 0xc0 | (digit << 3) | (r(rd) & 7), bits);
  };
  const argument = (at: number, value: Argument) => {
    const to = ARGUMENTS[at];
    if (to === undefined) throw new RangeError('a system call has six arguments at most');
    if (typeof value !== 'number') move(to, r(value.register));
    else if (value >= 0) immediate(to, value);
    else {
      // MOV r64, imm32: sign-extended.
      rex(true, 0, to);
      emit(0xc7, 0xc0 | (to & 7));
      emit32(value);
    }
  };
  const refer = (label: string) => {
    fixups.push({ at: code.length, label });
    emit32(0);
  };
  const addNumber = (rd: Register, rn: Register, how: { readonly value: number; readonly wide: boolean }) => {
    if (rd !== rn) move(r(rd), r(rn), how.wide);
    rex(how.wide, 0, r(rd));
    emit(0x81, 0xc0 | (r(rd) & 7));
    emit32(how.value);
  };
  return {
    target: 'x86-64',
    wordSize: 8,
    label(name) {
      if (labels.has(name)) throw new RangeError(`label ${name} is there twice`);
      labels.set(name, code.length);
    },
    raw: () => {
      throw new RangeError('the twin takes no instruction words');
    },
    data: (bytes) => emit(...bytes),
    constant: (rd, value) => immediate(r(rd), value),
    address(rd, label) {
      rex(true, r(rd), 0);
      emit(0x8d, 0x05 | ((r(rd) & 7) << 3)); // LEA rd, [rip + distance]
      refer(label);
    },
    stackPointer: (rd) => move(r(rd), 4),
    copy: (rd, rs) => move(r(rd), r(rs)),
    add: three(0x01),
    sub: three(0x29),
    and: three(0x21),
    or: three(0x09),
    xor: three(0x31),
    mul(rd, rn, rm) {
      move(RAX, r(rn), false);
      rex(false, RAX, r(rm));
      emit(0x0f, 0xaf, 0xc0 | (RAX << 3) | (r(rm) & 7)); // IMUL eax, rm
      move(r(rd), RAX, false);
    },
    shiftLeft: shift(4),
    shiftRight: shift(5),
    rotateRight: shift(1),
    increase: (rd, rn, by) => addNumber(rd, rn, { value: by, wide: false }),
    point(rd, rn, rm) {
      move(RAX, r(rm), false);
      if (rd !== rn) move(r(rd), r(rn));
      between(0x01, r(rd), RAX, true);
    },
    pointAt: (rd, rn, offset) => addNumber(rd, rn, { value: offset, wide: true }),
    load: (rt, rn, offset) => memory([0x8b], { reg: r(rt), base: r(rn), offset, wide: false }),
    store: (rt, rn, offset) => memory([0x89], { reg: r(rt), base: r(rn), offset, wide: false }),
    loadPointer: (rt, rn, offset) => memory([0x8b], { reg: r(rt), base: r(rn), offset, wide: true }),
    storePointer: (rt, rn, offset) => memory([0x89], { reg: r(rt), base: r(rn), offset, wide: true }),
    loadByte: (rt, rn) => memory([0x0f, 0xb6], { reg: r(rt), base: r(rn), offset: 0, wide: false }),
    storeByte: (rt, rn) => memory([0x88], { reg: r(rt), base: r(rn), offset: 0, wide: false }),
    loadIndexed: (rt, rn, rm) => indexed(0x8b, r(rt), r(rn), r(rm)),
    storeIndexed: (rt, rn, rm) => indexed(0x89, r(rt), r(rn), r(rm)),
    jump(label) {
      emit(0xe9);
      refer(label);
    },
    branch(comparison, [rn, other], label) {
      if (typeof other === 'number') between(0x39, r(rn), r(other));
      else {
        rex(false, 0, r(rn));
        emit(0x81, 0xf8 | (r(rn) & 7)); // CMP rn, imm32
        emit32(other.number);
      }
      emit(0x0f, CONDITIONS[comparison]);
      refer(label);
    },
    call(rd, call, args) {
      for (const [at, value] of args.entries()) argument(at, value);
      immediate(RAX, CALLS[call]);
      emit(0x0f, 0x05);
      move(r(rd), RAX);
    },
    storeCounter(rn, offset) {
      emit(0x0f, 0xae, 0xe8, 0x0f, 0x31); // LFENCE, RDTSC
      memory([0x89], { reg: RAX, base: r(rn), offset, wide: false });
      memory([0x89], { reg: RDX, base: r(rn), offset: offset + 4, wide: false });
    },
    installTrap: () => undefined,
    guarded(rd, body) {
      body();
      immediate(r(rd), 1);
    },
    done() {
      const bytes = Uint8Array.from(code);
      const view = new DataView(bytes.buffer);
      for (const { at, label } of fixups) {
        const target = labels.get(label);
        if (target === undefined) throw new RangeError(`no label ${label}`);
        view.setInt32(at, target - at - 4, true);
      }
      return bytes;
    },
  };
}
