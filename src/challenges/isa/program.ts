/**
 * The program that executes instruction probes on a phone, written anew for each run: probe order and inputs come from the nonce.
 * It speaks through its standard input and output: it reads a request (a mask of cores, then 64 bytes of inputs for each probe), pins itself, executes, answers and waits.
 * It ends with its input. SIGILL is caught: the handler clears x19 and steps over the instruction.
 *
 * Sources: Linux arch/arm64/include/uapi/asm/sigcontext.h and asm-generic/unistd.h (syscall numbers), arm64 signal frame: x19 at ucontext + 336, pc at ucontext + 440.
 */
import { a64, XZR } from '../a64.ts';
import { type ElfKind, writeElf } from '../elf.ts';
import type { IsaProbe, ProbeInput } from './probes.ts';

const SYS = { read: 63, write: 64, exit: 93, schedSetaffinity: 122, rtSigaction: 134, rtSigreturn: 139, mmap: 222 } as const;
const SIGILL = 4;
/** SA_SIGINFO, SA_RESTORER, SA_NODEFER. */
const SIGNAL_FLAGS = 0x44000004;
const UCONTEXT_X19 = 336;
const UCONTEXT_PC = 440;

/** Bytes of a request: the mask of cores, then inputs. */
export const requestSize = (probes: number): number => 8 + probes * INPUT_SIZE;
/** Bytes of an answer: what pinning returned, then results. */
export const answerSize = (probes: number): number => 8 + probes * OUTPUT_SIZE;

const INPUT_SIZE = 64;
/** Executed flag, v3 (16 bytes), x3, memory. */
const OUTPUT_SIZE = 40;
const SCRATCH = 0;
const REQUEST = 64;

/** Writes the program. `dynamic` runs everywhere it was tried; `fixed` is the fall-back for kernels that refuse it. */
export function isaProgram(probes: readonly IsaProbe[], kind: ElfKind): Uint8Array {
  const p = a64();
  const inSize = requestSize(probes.length);
  const outSize = answerSize(probes.length);
  const answer = REQUEST + Math.ceil(inSize / 16) * 16;
  const total = answer + outSize;
  const call = (number: number) => {
    p.movImm(8, number);
    p.svc();
  };

  // x20 = mmap(0, total, READ|WRITE, PRIVATE|ANONYMOUS, -1, 0)
  p.movImm(0, 0);
  p.movImm(1, total);
  p.movImm(2, 3);
  p.movImm(3, 0x22);
  p.movImm(4, 0xffffffffffffffffn);
  p.movImm(5, 0);
  call(SYS.mmap);
  p.mov(20, 0);
  // struct sigaction { handler, flags, restorer, mask } in the scratch space
  p.adr(1, 'handler');
  p.str(1, 20, 0);
  p.movImm(1, SIGNAL_FLAGS);
  p.str(1, 20, 8);
  p.adr(1, 'restorer');
  p.str(1, 20, 16);
  p.str(XZR, 20, 24);
  p.movImm(0, SIGILL);
  p.addImm(1, 20, 0);
  p.movImm(2, 0);
  p.movImm(3, 8);
  call(SYS.rtSigaction);

  p.label('request');
  // x21 = where to read to, x22 = bytes still to come
  p.addImm(21, 20, REQUEST);
  p.movImm(22, inSize);
  p.label('read');
  p.movImm(0, 0);
  p.mov(1, 21);
  p.mov(2, 22);
  call(SYS.read);
  p.cmpImm(0, 0);
  p.bCond('le', 'exit');
  p.add(21, 21, 0);
  p.subs(22, 22, 0);
  p.bCond('gt', 'read');

  // sched_setaffinity(0, 8, request); its answer goes first
  p.movImm(0, 0);
  p.movImm(1, 8);
  p.addImm(2, 20, REQUEST);
  call(SYS.schedSetaffinity);
  offset(p, 6, 20, answer);
  p.str(0, 6, 0);
  p.addImm(6, 6, 8);
  p.addImm(5, 20, REQUEST + 8);
  p.addImm(4, 20, SCRATCH);
  for (const probe of probes) {
    p.word(0x3dc000a0); // LDR q0, [x5]
    p.word(0x3dc004a1); // LDR q1, [x5, #16]
    p.word(0x3dc008a2); // LDR q2, [x5, #32]
    p.word(0x3dc00ca3); // LDR q3, [x5, #48]
    p.word(0x3d800082); // STR q2, [x4]
    p.ldr(0, 5, 0);
    p.ldr(1, 5, 16);
    p.ldr(3, 5, 48);
    p.movImm(19, 1);
    for (const word of probe.words) p.word(word);
    p.str(19, 6, 0);
    p.word(0xf9000000 | (3 << 10) | (6 << 5) | 3); // STR x3, [x6, #24]
    p.word(0x9e660067); // FMOV x7, d3
    p.str(7, 6, 8);
    p.word(0x9eae0067); // FMOV x7, v3.d[1]
    p.str(7, 6, 16);
    p.ldr(7, 4, 0);
    p.str(7, 6, 32);
    p.addImm(5, 5, INPUT_SIZE);
    p.addImm(6, 6, OUTPUT_SIZE);
  }
  offset(p, 21, 20, answer);
  p.movImm(22, outSize);
  p.label('write');
  p.movImm(0, 1);
  p.mov(1, 21);
  p.mov(2, 22);
  call(SYS.write);
  p.cmpImm(0, 0);
  p.bCond('le', 'exit');
  p.add(21, 21, 0);
  p.subs(22, 22, 0);
  p.bCond('gt', 'write');
  p.b('request');

  p.label('exit');
  p.movImm(0, 0);
  call(SYS.exit);

  // handler(signal, info, ucontext in x2)
  p.label('handler');
  p.ldr(9, 2, UCONTEXT_PC);
  p.addImm(9, 9, 4);
  p.str(9, 2, UCONTEXT_PC);
  p.str(XZR, 2, UCONTEXT_X19);
  p.ret();
  p.label('restorer');
  call(SYS.rtSigreturn);
  return writeElf('aarch64', kind, p.done());
}

/** rd = rn + bytes, whatever their number. */
function offset(p: ReturnType<typeof a64>, rd: number, rn: number, bytes: number): void {
  p.movImm(rd, bytes);
  p.add(rd, rn, rd);
}

/** A request: which cores (bit n is core n), and inputs in the order of the probes. */
export function isaRequest(cores: bigint, inputs: readonly ProbeInput[]): Uint8Array {
  const bytes = new Uint8Array(requestSize(inputs.length));
  new DataView(bytes.buffer).setBigUint64(0, cores, true);
  for (const [index, { v }] of inputs.entries())
    for (const [register, vector] of v.entries()) bytes.set(vector, 8 + index * INPUT_SIZE + register * 16);
  return bytes;
}

/** What the phone answered for one probe. */
export interface ProbeAnswer {
  readonly executed: boolean;
  readonly v3: Uint8Array;
  readonly x3: bigint;
  readonly memory: bigint;
}

/** Reads an answer. Undefined where it has not exactly the length that was asked for. */
export function readIsaAnswer(
  bytes: Uint8Array,
  probes: number,
): { readonly pinned: boolean; readonly answers: readonly ProbeAnswer[] } | undefined {
  if (bytes.length !== answerSize(probes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const answers = Array.from({ length: probes }, (_, index): ProbeAnswer => {
    const at = 8 + index * OUTPUT_SIZE;
    return {
      executed: view.getBigUint64(at, true) === 1n,
      v3: bytes.slice(at + 8, at + 24),
      x3: view.getBigUint64(at + 24, true),
      memory: view.getBigUint64(at + 32, true),
    };
  });
  return { pinned: view.getBigInt64(0, true) >= 0n, answers };
}
