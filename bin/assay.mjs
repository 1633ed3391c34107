#!/usr/bin/env node
// Starts assay under the Node it is pinned to, or says what is missing. Plain JavaScript, so that an old Node can read it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
// The whole module: a named import of what Node 20 lacks would stop it before a word is said.
import * as module from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major = 0] = process.versions.node.split('.').map(Number);

if (major < 24) {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  if (!existsSync(pinned)) {
    console.error(`assay needs Node 24 and this is ${process.versions.node}. In a checkout, "npm start" installs the right one.`);
    process.exit(1);
  }
  const { status, signal } = spawnSync(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}

// Decoders work in threads of libuv's, four unless it is told otherwise before the first is asked for: more than there are cores only need more memory, 20 MB each.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()));
// The native xz decoder's allocator (mimalloc) keeps what is freed for a while, up to 30 MB a thread; given back at once it costs no time that could be measured.
process.env.MIMALLOC_PURGE_DELAY ??= '0';
// Compiled code is kept between runs: it more than halves the start.
module.enableCompileCache?.();
const compiled = join(root, 'dist', 'cli', 'main.js');
const source = join(root, 'src', 'cli', 'main.ts');
const { main } = await import(existsSync(source) ? source : compiled);
process.exitCode = await main(process.argv.slice(2));
