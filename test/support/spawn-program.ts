/** Runs a challenge program on this machine: the x86-64 twin as it is, the others under qemu-user. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramPort } from '../../src/bytes/index.ts';
import { type ElfKind, type ElfMachine, type NativeProgram, planProgram, writeProgram } from '../../src/challenges/index.ts';

export interface Spawned {
  readonly program: NativeProgram;
  readonly size: number;
  /** Where it lies: its own folder. */
  readonly folder: string;
  readonly ask: ProgramPort;
  /** Ends its input; answers its exit status. */
  readonly close: () => Promise<number | null>;
}

export const QEMU = { aarch64: '/usr/bin/qemu-aarch64-static', arm: '/usr/bin/qemu-arm-static' } as const;

export function spawnProgram(
  target: ElfMachine,
  nonce: Uint8Array,
  {
    cpu = 'max',
    kind = 'dynamic' as ElfKind,
    through,
  }: { readonly cpu?: string; readonly kind?: ElfKind; readonly through?: readonly string[] } = {},
): Spawned {
  const folder = mkdtempSync(join(tmpdir(), 'assay-program-'));
  const path = join(folder, 'program');
  const program = planProgram(target, nonce);
  const bytes = writeProgram(program, kind);
  writeFileSync(path, bytes, { mode: 0o755 });
  const words = [...(through ?? []), ...(target === 'x86-64' ? [] : [QEMU[target], '-cpu', cpu]), path];
  const [command, ...args] = [words[0] ?? path, ...words.slice(1)];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  let heard = '';
  let wake = () => {};
  let ended = false;
  child.stdout.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    wake();
  });
  const gone = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null)).once('exit', (code) => resolve(code));
  });
  void gone.then(() => {
    ended = true;
    wake();
  });
  return {
    program,
    folder,
    size: bytes.length,
    async ask(question, timeMs) {
      const sentNs = Math.round(performance.now() * 1e6);
      child.stdin.write(question);
      const limit = setTimeout(() => child.kill('SIGKILL'), timeMs);
      try {
        while (!heard.includes(';')) {
          if (ended) throw new Error(`it ended: ${heard.slice(0, 200)}`);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const receivedNs = Math.round(performance.now() * 1e6);
        const end = heard.indexOf(';') + 1;
        const answer = heard.slice(heard.indexOf(':'), end);
        heard = heard.slice(end);
        return { question: question.trim(), answer, sentNs, receivedNs };
      } finally {
        clearTimeout(limit);
      }
    },
    async close() {
      child.stdin.end();
      const status = await gone;
      rmSync(folder, { recursive: true, force: true });
      return status;
    },
  };
}

/** A nonce of this number: a test that fails can be run again. */
export const nonceOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, index) => (Math.imul(seed + index, 0x9e3779b1) >>> 13) & 255);
