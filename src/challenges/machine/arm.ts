/**
 * The small machine on A32, for phones with 32-bit kernels. Registers 0 to 7 are r6, r8 to r12, r14 and r4; r7 numbers system calls, r0 to r3 and r5 are scratch.
 * Only instructions that every core since ARMv6 has. Source: Arm ARM for ARMv7-A (DDI 0406) chapter A8; Linux arch/arm/tools/syscall.tbl.
 */
import type { Argument, Comparison, Machine, Register, SystemCall } from './machine.ts';

const CALLS: Readonly<Record<SystemCall, number>> = {
  read: 3,
  write: 4,
  exit: 1,
  mmap: 192, // mmap2: the offset is in pages
  munmap: 91,
  ppoll: 336,
  setAffinity: 241,
  sigaction: 174,
  sigreturn: 173,
  clockGettime: 263,
  setitimer: 104,
  clone: 120,
  wait4: 114,
  openat: 322,
  close: 6,
  unlinkat: 328,
  statfs: 266, // statfs64, with the size of its structure
  fallocate: 352,
  fdatasync: 148,
  fadvise: 270, // arm_fadvise64_64: the advice comes second
  pread: 180, // pread64, whose offset begins at an even register
};
const CONDITIONS: Readonly<Record<Comparison, number>> = { eq: 0, ne: 1, hs: 2, lo: 3 };
const REGISTERS = [6, 8, 9, 10, 11, 12, 14, 4] as const;
const r = (register: Register): number => REGISTERS[register];
/** Scratch that no program sees. */
const T = 5;
const PC = 15;

/** Where the signal handler leaves word of an illegal instruction: r3. In a signal frame r0 is at ucontext + 32 (arch/arm sigcontext.h). */
const FLAG = 3;
const UCONTEXT_FLAG = 32 + 4 * FLAG;
const UCONTEXT_PC = 32 + 4 * PC;
const SIGILL = 4;
/** SA_SIGINFO, SA_RESTORER, SA_NODEFER. */
const SIGNAL_FLAGS = 0x44000004;

/** Starts a program. */
export function armMachine(): Machine {
  const words: number[] = [];
  const labels = new Map<string, number>();
  const fixups: { readonly at: number; readonly label: string; readonly kind: 'branch' | 'address' }[] = [];
  const emit = (word: number) => void words.push(word >>> 0);
  const three = (base: number) => (rd: Register, rn: Register, rm: Register) => emit(base | (r(rn) << 16) | (r(rd) << 12) | r(rm));
  const shift = (kind: number) => (rd: Register, rn: Register, bits: number) => {
    if (bits < 1 || bits > 31) throw new RangeError(`a shift of ${bits}`);
    emit(0xe1a00000 | (r(rd) << 12) | (bits << 7) | (kind << 5) | r(rn));
  };
  const memory = (base: number) => (rt: Register, rn: Register, offset: number) => {
    if (offset < 0 || offset > 4095) throw new RangeError(`offset ${offset}`);
    emit(base | (r(rn) << 16) | (r(rt) << 12) | offset);
  };
  /** Any constant from its four bytes: MOV, then ORR for each other byte; `always` writes all four, so that the length is known before the value is. */
  const constant = (rd: number, value: number, always = false) => {
    emit(0xe3a00000 | (rd << 12) | (value & 255));
    for (let byte = 1; byte < 4; byte++) {
      const part = (value >>> (8 * byte)) & 255;
      if (part !== 0 || always) emit(0xe3800000 | (rd << 16) | (rd << 12) | ((16 - 4 * byte) << 8) | part);
    }
  };
  const addSmall = (rd: number, rn: number, value: number) => {
    if (value < 0 || value > 4095) throw new RangeError(`immediate ${value}`);
    emit(0xe2800000 | (rn << 16) | (rd << 12) | (value & 255));
    // The upper four bits: rotated right by 24, which is left by 8.
    if (value > 255) emit(0xe2800000 | (rd << 16) | (rd << 12) | (12 << 8) | (value >> 8));
  };
  const argument = (at: number, value: Argument) => {
    if (typeof value === 'number') constant(at, value);
    else emit(0xe1a00000 | (at << 12) | r(value.register));
  };
  return {
    target: 'arm',
    wordSize: 4,
    label(name) {
      if (labels.has(name)) throw new RangeError(`label ${name} is there twice`);
      labels.set(name, words.length);
    },
    raw: (list) => {
      for (const word of list) emit(word);
    },
    data(bytes) {
      if (bytes.length % 4 !== 0) throw new RangeError('data comes in words');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < bytes.length; at += 4) emit(view.getUint32(at, true));
    },
    constant: (rd, value) => constant(r(rd), value),
    address(rd, label) {
      fixups.push({ at: words.length, label, kind: 'address' });
      constant(r(rd), 0, true);
      emit(0xe0800000 | (PC << 16) | (r(rd) << 12) | r(rd)); // ADD rd, pc, rd
    },
    stackPointer: (rd) => emit(0xe1a00000 | (r(rd) << 12) | 13),
    copy: (rd, rs) => emit(0xe1a00000 | (r(rd) << 12) | r(rs)),
    add: three(0xe0800000),
    sub: three(0xe0400000),
    and: three(0xe0000000),
    or: three(0xe1800000),
    xor: three(0xe0200000),
    mul: (rd, rn, rm) => emit(0xe0000090 | (r(rd) << 16) | (r(rm) << 8) | r(rn)),
    shiftLeft: shift(0),
    shiftRight: shift(1),
    rotateRight: shift(3),
    increase: (rd, rn, by) =>
      // A multiple of 4096: rotated right by 20, which is left by 12.
      by > 4095 ? emit(0xe2800000 | (r(rn) << 16) | (r(rd) << 12) | (10 << 8) | (by >> 12)) : addSmall(r(rd), r(rn), by),
    point: three(0xe0800000),
    pointAt: (rd, rn, offset) => addSmall(r(rd), r(rn), offset),
    load: memory(0xe5900000),
    store: memory(0xe5800000),
    loadPointer: memory(0xe5900000),
    storePointer: memory(0xe5800000),
    loadByte: (rt, rn) => emit(0xe5d00000 | (r(rn) << 16) | (r(rt) << 12)),
    storeByte: (rt, rn) => emit(0xe5c00000 | (r(rn) << 16) | (r(rt) << 12)),
    loadIndexed: (rt, rn, rm) => emit(0xe7900100 | (r(rn) << 16) | (r(rt) << 12) | r(rm)),
    storeIndexed: (rt, rn, rm) => emit(0xe7800100 | (r(rn) << 16) | (r(rt) << 12) | r(rm)),
    jump(label) {
      fixups.push({ at: words.length, label, kind: 'branch' });
      emit(0xea000000);
    },
    branch(comparison, [rn, other], label) {
      if (typeof other !== 'number') constant(T, other.number);
      emit(0xe1500000 | (r(rn) << 16) | (typeof other === 'number' ? r(other) : T));
      fixups.push({ at: words.length, label, kind: 'branch' });
      emit(((CONDITIONS[comparison] << 28) | 0x0a000000) >>> 0);
    },
    call(rd, call, args) {
      for (const [at, value] of args.entries()) argument(at, value);
      constant(7, CALLS[call]);
      emit(0xef000000);
      emit(0xe1a00000 | (r(rd) << 12));
    },
    storeCounter(rn, offset) {
      emit(0xec510f1e); // MRRC p15, 1, r0, r1, c14: CNTVCT
      emit(0xe5800000 | (r(rn) << 16) | offset);
      emit(0xe5801000 | (r(rn) << 16) | (offset + 4));
    },
    installTrap(rn, offset) {
      const put = (register: number, at: number) => emit(0xe5800000 | (r(rn) << 16) | (register << 12) | (offset + at));
      const addressOf = (register: number, label: string) => {
        fixups.push({ at: words.length, label, kind: 'address' });
        constant(register, 0, true);
        emit(0xe0800000 | (PC << 16) | (register << 12) | register);
      };
      addressOf(T, 'trap-handler');
      put(T, 0);
      constant(T, SIGNAL_FLAGS);
      put(T, 4);
      addressOf(T, 'trap-restorer');
      put(T, 8);
      constant(T, 0);
      put(T, 12);
      put(T, 16);
      constant(0, SIGILL);
      addSmall(1, r(rn), offset);
      constant(2, 0);
      constant(3, 8);
      constant(7, CALLS.sigaction);
      emit(0xef000000);
      fixups.push({ at: words.length, label: 'trap-installed', kind: 'branch' });
      emit(0xea000000);
      // handler(signal, info, ucontext in r2): step over the instruction, and say so.
      labels.set('trap-handler', words.length);
      emit(0xe5920000 | UCONTEXT_PC);
      addSmall(0, 0, 4);
      emit(0xe5820000 | UCONTEXT_PC);
      constant(0, 0);
      emit(0xe5820000 | UCONTEXT_FLAG);
      emit(0xe12fff1e); // BX lr
      labels.set('trap-restorer', words.length);
      constant(7, CALLS.sigreturn);
      emit(0xef000000);
      labels.set('trap-installed', words.length);
    },
    guarded(rd, body) {
      constant(FLAG, 1);
      body();
      emit(0xe1a00000 | (r(rd) << 12) | FLAG);
    },
    done() {
      for (const { at, label, kind } of fixups) {
        const target = labels.get(label);
        if (target === undefined) throw new RangeError(`no label ${label}`);
        if (kind === 'branch') words[at] = ((words[at] ?? 0) | ((target - at - 2) & 0xffffff)) >>> 0;
        else {
          // The ADD is four words on, and reads pc as two words beyond itself.
          const distance = (target - (at + 4) - 2) * 4;
          for (let byte = 0; byte < 4; byte++) words[at + byte] = ((words[at + byte] ?? 0) | ((distance >>> (8 * byte)) & 255)) >>> 0;
        }
      }
      const bytes = new Uint8Array(words.length * 4);
      const view = new DataView(bytes.buffer);
      for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
      return bytes;
    },
  };
}
