import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { a64 } from './a64.ts';
import { elfHeaderSize, writeElf } from './elf.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-elf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes "hello\n" and exits with 42: write is 64, exit is 93. */
function hello(): Uint8Array {
  const program = a64();
  program.movImm(0, 1);
  program.adr(1, 'text');
  program.movImm(2, 6);
  program.movImm(8, 64);
  program.svc();
  program.movImm(0, 42);
  program.movImm(8, 93);
  program.svc();
  program.label('text');
  program.data64(0x000a6f6c6c6568n);
  return program.done();
}

describe.skipIf(!existsSync('/usr/bin/qemu-aarch64-static'))('under qemu-aarch64 (skipped where qemu-user-static is not installed)', () => {
  test.each(['dynamic', 'fixed'] as const)('a %s program runs, at every page size', (kind) => {
    const path = join(folder, kind);
    writeFileSync(path, writeElf('aarch64', kind, hello()));
    chmodSync(path, 0o755);
    for (const pages of ['4096', '16384', '65536']) {
      const run = spawnSync('/usr/bin/qemu-aarch64-static', ['-p', pages, path]);
      expect([run.stdout.toString(), run.status]).toEqual(['hello\n', 42]);
    }
  });
});

test('the x86-64 twin runs on the machine itself', () => {
  if (process.arch !== 'x64') return;
  // mov edi,42; mov eax,60; syscall
  const path = join(folder, 'twin');
  writeFileSync(path, writeElf('x86-64', 'dynamic', Uint8Array.of(0xbf, 42, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05)));
  chmodSync(path, 0o755);
  expect(spawnSync(path).status).toBe(42);
});

test.skipIf(!existsSync('/usr/bin/readelf'))(
  'readelf sees one segment for code, a stack that is not executable, and 64 KiB alignment (skipped where binutils is not installed)',
  () => {
    const path = join(folder, 'seen');
    writeFileSync(path, writeElf('aarch64', 'dynamic', hello()));
    const text = execFileSync('/usr/bin/readelf', ['-lW', path]).toString();
    expect(text).toMatch(/LOAD +0x000000 0x0{16} 0x0{16} .* R E 0x10000/);
    expect(text).toMatch(/GNU_STACK .* RW +0x10/);
    expect(text).toContain(`Entry point 0x${elfHeaderSize('aarch64').toString(16)}`);
  },
);
