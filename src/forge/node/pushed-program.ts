/**
 * Programs that are pushed to a virtual phone and run for real, under qemu-user with the CPU model of the phone's silicon. Times under it mean nothing; what is executed and what is not does.
 * qemu's counter runs at 62.5 MHz, so reads of it are translated: each MRS of CNTVCT or CNTFRQ becomes a jump to code behind the program that computes the phone's own crystal from the host's clock.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { a64 } from '../../challenges/index.ts';
import type { PhoneSilicon } from '../phone.ts';
import type { JailIo } from './jail.ts';
import type { Machine } from './machine.ts';
import { type Actor, SYSTEM } from './tree.ts';

const PUSHED = /^\s*(\/data\/local\/tmp\/[A-Za-z0-9._-]{1,80})\s*$/;
const [EM_ARM, EM_AARCH64] = [40, 183];

export interface Pushed {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The program that a command line is nothing but the path of, where it lies in the shell's own folder and may be executed. */
export function pushedProgram(machine: Machine, command: string, actor: Actor): Pushed | undefined {
  const path = PUSHED.exec(command)?.[1];
  if (path === undefined || !machine.tree.exists(path, SYSTEM)) return undefined;
  const { type, mode } = machine.tree.stat(path, SYSTEM, true);
  if (type !== 'file' || (mode & 0o111) === 0) return undefined;
  const bytes = machine.tree.read(path, actor);
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === '\x7fELF' ? { path, bytes } : undefined;
}

/** Which qemu runs the file, and as which core; a sentence as a shell says it where this silicon runs no such program. */
function runnerOf(machineCode: number, silicon: PhoneSilicon): { readonly qemu: string; readonly cpu: string } | string {
  if (machineCode === EM_AARCH64 && silicon.bits === 32) return 'not executable: 64-bit ELF file';
  if (machineCode === EM_ARM && silicon.bits === 64 && !runs32(silicon)) return 'not executable: 32-bit ELF file';
  const qemu =
    machineCode === EM_AARCH64 ? '/usr/bin/qemu-aarch64-static' : machineCode === EM_ARM ? '/usr/bin/qemu-arm-static' : undefined;
  if (qemu === undefined) return 'not executable: ELF file';
  if (!existsSync(qemu)) return 'not executable: this virtual phone has no qemu-user-static';
  const model = silicon.executes ?? modelOf(silicon);
  if (machineCode !== EM_ARM || /^cortex-a(?:7|8|9|15)$/.test(model)) return { qemu, cpu: model };
  // The 32-bit emulator has one core of Armv8, which executes everything: a phone of less runs no 32-bit program here, as many kernels do not.
  return model.startsWith('max') ? { qemu, cpu: 'max' } : 'not executable: 32-bit ELF file';
}

/** Part numbers of cores whose programs are 64-bit only: X2, X3, A715, A520, A720, X4. */
const ONLY_64 = new Set([0xd48, 0xd4e, 0xd4d, 0xd80, 0xd81, 0xd82]);
const partOf = (midr: number): number => (midr >>> 4) & 0xfff;
const runs32 = ({ cores }: PhoneSilicon): boolean => cores.some(({ midr }) => !ONLY_64.has(partOf(midr)));

/** qemu's nearest core to the chip's best: by architecture, since that is what is executed. */
function modelOf({ bits, cores }: PhoneSilicon): string {
  const parts = cores.map(({ midr }) => partOf(midr));
  if (bits === 32) return parts.includes(0xc09) ? 'cortex-a9' : 'cortex-a15';
  const has = (...some: readonly number[]) => parts.some((part) => some.includes(part));
  // Armv9 phones often hide SVE and pointer authentication.
  if (has(0xd46, 0xd47, 0xd48, 0xd4d, 0xd4e, 0xd80, 0xd81, 0xd82)) return 'max,sve=off,pauth=off';
  if (has(0xd05, 0xd0a, 0xd0b, 0xd0d, 0xd41, 0xd44, 0xd4b, 0xd4c)) return 'cortex-a76';
  return has(0xd08, 0xd09) ? 'cortex-a72' : 'cortex-a53';
}

/** Runs it to its end; answers its exit status. */
export async function runPushed({ path, bytes }: Pushed, silicon: PhoneSilicon, io: JailIo): Promise<number> {
  const runner = runnerOf(new DataView(bytes.buffer, bytes.byteOffset).getUint16(18, true), silicon);
  if (typeof runner === 'string') {
    await io.stderr(Buffer.from(`/system/bin/sh: ${path}: ${runner}\n`));
    return 126;
  }
  const folder = mkdtempSync(join(tmpdir(), 'forge-program-'));
  try {
    const file = join(folder, 'program');
    writeFileSync(file, withCrystal(silicon.store === 'wraps' ? withWrappingStore(bytes) : bytes, silicon.counterHz), { mode: 0o755 });
    const child = spawn(runner.qemu, ['-cpu', runner.cpu, file], { cwd: folder, env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    const stop = () => void child.kill('SIGKILL');
    io.signal.addEventListener('abort', stop, { once: true });
    child.stdin.on('error', () => undefined);
    void (async () => {
      for await (const chunk of io.stdin.chunks()) child.stdin.write(chunk);
      child.stdin.end();
    })();
    const ended = new Promise<number>((resolve) => {
      child.once('error', () => resolve(127)).once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 137)));
    });
    const drain = async (from: AsyncIterable<Uint8Array>, to: JailIo['stdout']) => {
      try {
        for await (const chunk of from) await to(chunk);
      } catch {
        // Nobody listens any more.
        stop();
      }
    };
    await Promise.all([drain(child.stdout, io.stdout), drain(child.stderr, io.stderr)]);
    const status = await ended;
    io.signal.removeEventListener('abort', stop);
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [MRS_CNTVCT, MRS_CNTFRQ] = [0xd53be040, 0xd53be000];

/** An AArch64 program whose counter is the phone's. Any other is as it was. */
function withCrystal(program: Uint8Array, hertz: number): Uint8Array {
  const elf = program.slice();
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (view.getUint16(18, true) !== EM_AARCH64) return elf;
  const entry = Number(view.getBigUint64(24, true)) & 0xffff;
  const sites: { readonly at: number; readonly rt: number; readonly counter: boolean }[] = [];
  for (let at = entry; at + 4 <= elf.length; at += 4) {
    const word = view.getUint32(at, true);
    const kind = (word & ~31) >>> 0;
    if (kind === MRS_CNTVCT || kind === MRS_CNTFRQ) sites.push({ at, rt: word & 31, counter: kind === MRS_CNTVCT });
  }
  let size = Math.ceil(elf.length / 4) * 4;
  const parts: { readonly at: number; readonly code: Uint8Array }[] = [];
  for (const { at, rt, counter } of sites) {
    const code = counter ? counterCode(rt, hertz) : constantCode(rt, hertz);
    // The last instruction leads back behind the one that was replaced.
    const back = new DataView(code.buffer);
    const last = code.length - 4;
    back.setUint32(last, (0x14000000 | (((at + 4 - (size + last)) / 4) & 0x3ffffff)) >>> 0, true);
    parts.push({ at: size, code });
    view.setUint32(at, (0x14000000 | (((size - at) / 4) & 0x3ffffff)) >>> 0, true);
    size += code.length;
  }
  const out = new Uint8Array(size);
  out.set(elf);
  for (const { at, code } of parts) out.set(code, at);
  const header = new DataView(out.buffer);
  // The one segment grows with the file: p_filesz and p_memsz of the first program header.
  header.setBigUint64(64 + 32, BigInt(size), true);
  header.setBigUint64(64 + 40, BigInt(size), true);
  return out;
}

/** rt = CLOCK_MONOTONIC_RAW × hertz / 10^9, everything else kept; then a place for the way back. */
function counterCode(rt: number, hertz: number): Uint8Array {
  const p = a64();
  const kept = [0, 1, 2, 8].filter((register) => register !== rt);
  p.subImm(31, 31, 64);
  for (const [index, register] of kept.entries()) p.str(register, 31, 16 + 8 * index);
  p.movImm(0, 4);
  p.addImm(1, 31, 0);
  p.movImm(8, 113);
  p.svc();
  p.ldr(0, 31, 0);
  p.ldr(1, 31, 8);
  p.movImm(2, hertz);
  p.mul(0, 0, 2);
  p.mul(1, 1, 2);
  p.movImm(2, 1_000_000_000);
  p.udiv(1, 1, 2);
  p.add(rt, 0, 1);
  for (const [index, register] of kept.entries()) p.ldr(register, 31, 16 + 8 * index);
  p.addImm(31, 31, 64);
  p.word(0);
  return p.done();
}

function constantCode(rt: number, value: number): Uint8Array {
  const p = a64();
  p.movImm(rt, value);
  p.word(0);
  return p.done();
}

/** MOVZ X8 of unlinkat, MOVZ X2 of O_RDWR|O_CREAT|O_EXCL. */
const [MOV_UNLINKAT, MOV_FLAGS] = [0xd2800468, 0xd2801842];
const [MOV_X0_ZERO, MOV_FLAGS_SHARED, NOP] = [0xd2800000, 0xd2800842, 0xd503201f];

/** An AArch64 program whose files are all one and the same, as on a store that wraps its addresses: each file's bytes land on those of the one before. */
function withWrappingStore(program: Uint8Array): Uint8Array {
  const elf = program.slice();
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (view.getUint16(18, true) !== EM_AARCH64) return elf;
  for (let at = Number(view.getBigUint64(24, true)) & 0xffff; at + 8 <= elf.length; at += 4) {
    const word = view.getUint32(at, true);
    if (word === MOV_FLAGS) view.setUint32(at, MOV_FLAGS_SHARED, true);
    else if (word === MOV_UNLINKAT) {
      view.setUint32(at, MOV_X0_ZERO, true);
      view.setUint32(at + 4, NOP, true);
    }
  }
  return elf;
}
