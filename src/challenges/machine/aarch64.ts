/** The small machine on AArch64: registers 0 to 7 are x19 to x26, which system calls keep. W forms do 32-bit arithmetic. Source: Arm ARM (DDI 0487) chapter C6; Linux asm-generic/unistd.h. */
import { a64, SYSTEM } from '../a64.ts';
import type { Argument, Comparison, Machine, Register, SystemCall } from './machine.ts';

const CALLS: Readonly<Record<SystemCall, number>> = {
  read: 63,
  write: 64,
  exit: 93,
  mmap: 222,
  munmap: 215,
  ppoll: 73,
  setAffinity: 122,
  sigaction: 134,
  sigreturn: 139,
  clockGettime: 113,
  setitimer: 103,
  clone: 220,
  wait4: 260,
  openat: 56,
  close: 57,
  unlinkat: 35,
  statfs: 43,
  fallocate: 47,
  fdatasync: 83,
  fadvise: 223,
  pread: 67,
};
const CONDITIONS: Readonly<Record<Comparison, 'eq' | 'ne' | 'lo' | 'hs'>> = { eq: 'eq', ne: 'ne', lo: 'lo', hs: 'hs' };
const x = (register: Register): number => 19 + register;
/** Scratch that no program sees. */
const T = 9;

/** Where the signal handler leaves word of an illegal instruction: x27. In a signal frame x0 is at ucontext + 184, pc at ucontext + 440 (arch/arm64 sigcontext.h). */
const FLAG = 27;
const UCONTEXT_FLAG = 184 + 8 * FLAG;
const UCONTEXT_PC = 440;
const SIGILL = 4;
/** SA_SIGINFO, SA_RESTORER, SA_NODEFER. */
const SIGNAL_FLAGS = 0x44000004;

/** Starts a program. */
export function aarch64Machine(): Machine {
  const p = a64();
  const three = (base: number) => (rd: Register, rn: Register, rm: Register) => p.word(base | (x(rm) << 16) | (x(rn) << 5) | x(rd));
  const memory = (base: number) => (rt: Register, rn: Register, offset: number) => {
    if (offset % 4 !== 0 || offset < 0 || offset > 16380) throw new RangeError(`offset ${offset}`);
    p.word(base | ((offset / 4) << 10) | (x(rn) << 5) | x(rt));
  };
  const argument = (at: number, value: Argument) => {
    if (typeof value !== 'number') p.mov(at, x(value.register));
    // -1 is a file descriptor or a mask of all ones: sign-extended, as C does it.
    else p.movImm(at, value < 0 ? BigInt.asUintN(64, BigInt(value)) : value);
  };
  return {
    target: 'aarch64',
    wordSize: 8,
    label: p.label,
    raw: (words) => {
      for (const word of words) p.word(word);
    },
    data(bytes) {
      if (bytes.length % 4 !== 0) throw new RangeError('data comes in words');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < bytes.length; at += 4) p.word(view.getUint32(at, true));
    },
    constant: (rd, value) => p.movImm(x(rd), value >>> 0),
    address: (rd, label) => p.adr(x(rd), label),
    stackPointer: (rd) => p.addImm(x(rd), 31, 0),
    copy: (rd, rs) => p.mov(x(rd), x(rs)),
    add: three(0x0b000000), // ADD W
    sub: three(0x4b000000), // SUB W
    and: three(0x0a000000), // AND W
    or: three(0x2a000000), // ORR W
    xor: three(0x4a000000), // EOR W
    mul: three(0x1b007c00), // MADD W with WZR
    shiftLeft: (rd, rn, bits) => p.word(0x53000000 | (((32 - bits) % 32) << 16) | ((31 - bits) << 10) | (x(rn) << 5) | x(rd)), // UBFM W
    shiftRight: (rd, rn, bits) => p.word(0x53007c00 | (bits << 16) | (x(rn) << 5) | x(rd)), // UBFM W
    rotateRight: (rd, rn, bits) => p.word(0x13800000 | (x(rn) << 16) | (bits << 10) | (x(rn) << 5) | x(rd)), // EXTR W
    increase: (rd, rn, by) => p.word((by > 4095 ? 0x11400000 | ((by >> 12) << 10) : 0x11000000 | (by << 10)) | (x(rn) << 5) | x(rd)), // ADD W (immediate)
    point: (rd, rn, rm) => p.word(0x8b204000 | (x(rm) << 16) | (x(rn) << 5) | x(rd)), // ADD (extended register, UXTW)
    pointAt: (rd, rn, offset) => p.addImm(x(rd), x(rn), offset),
    load: memory(0xb9400000), // LDR W
    store: memory(0xb9000000), // STR W
    loadPointer: (rt, rn, offset) => p.ldr(x(rt), x(rn), offset),
    storePointer: (rt, rn, offset) => p.str(x(rt), x(rn), offset),
    loadByte: (rt, rn) => p.ldrb(x(rt), x(rn), 0),
    storeByte: (rt, rn) => p.strb(x(rt), x(rn), 0),
    loadIndexed: (rt, rn, rm) => p.word(0xb8605800 | (x(rm) << 16) | (x(rn) << 5) | x(rt)), // LDR W (register, UXTW #2)
    storeIndexed: (rt, rn, rm) => p.word(0xb8205800 | (x(rm) << 16) | (x(rn) << 5) | x(rt)), // STR W (register, UXTW #2)
    jump: p.b,
    branch(comparison, [rn, other], label) {
      if (typeof other === 'number')
        p.word(0x6b00001f | (x(other) << 16) | (x(rn) << 5)); // SUBS WZR
      else {
        const value = other.number | 0;
        if (value >= 0 && value < 4096)
          p.word(0x7100001f | (value << 10) | (x(rn) << 5)); // SUBS WZR (immediate)
        else if (value < 0 && value > -4096)
          p.word(0x3100001f | (-value << 10) | (x(rn) << 5)); // ADDS WZR (immediate): the same sum, the same carry
        else {
          p.movImm(T, value >>> 0);
          p.word(0x6b00001f | (T << 16) | (x(rn) << 5));
        }
      }
      p.bCond(CONDITIONS[comparison], label);
    },
    call(rd, call, args) {
      for (const [at, value] of args.entries()) argument(at, value);
      p.movImm(8, CALLS[call]);
      p.svc();
      p.mov(x(rd), 0);
    },
    storeCounter(rn, offset) {
      p.isb();
      p.mrs(T, SYSTEM.CNTVCT_EL0);
      p.str(T, x(rn), offset);
    },
    installTrap(rn, offset) {
      p.adr(T, 'trap-handler');
      p.str(T, x(rn), offset);
      p.movImm(T, SIGNAL_FLAGS);
      p.str(T, x(rn), offset + 8);
      p.adr(T, 'trap-restorer');
      p.str(T, x(rn), offset + 16);
      p.str(31, x(rn), offset + 24);
      p.movImm(0, SIGILL);
      p.addImm(1, x(rn), offset);
      p.movImm(2, 0);
      p.movImm(3, 8);
      p.movImm(8, CALLS.sigaction);
      p.svc();
      p.b('trap-installed');
      // handler(signal, info, ucontext in x2): step over the instruction, and say so.
      p.label('trap-handler');
      p.ldr(T, 2, UCONTEXT_PC);
      p.addImm(T, T, 4);
      p.str(T, 2, UCONTEXT_PC);
      p.str(31, 2, UCONTEXT_FLAG);
      p.ret();
      p.label('trap-restorer');
      p.movImm(8, CALLS.sigreturn);
      p.svc();
      p.label('trap-installed');
    },
    guarded(rd, body) {
      p.movImm(FLAG, 1);
      body();
      p.mov(x(rd), FLAG);
    },
    done: p.done,
  };
}
