/** How long a command takes from nothing to its answer: Node directly, compile cache warm. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = 15;

/** Median and least of several runs, after one that warms the compile cache. */
function measure(words: readonly string[]): { readonly median: number; readonly least: number } {
  const program = join(import.meta.dirname, '..', 'bin', 'assay.mjs');
  const times: number[] = [];
  for (let i = 0; i <= RUNS; i++) {
    const started = performance.now();
    spawnSync(process.execPath, [program, ...words], { stdio: 'ignore' });
    if (i > 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(RUNS / 2)] ?? 0, least: times[0] ?? 0 };
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    const getprop = join(folder, 'getprop.txt');
    const lines = Array.from({ length: 900 }, (_, i) => `[vendor.made.key.${i}]: [value ${i}]`);
    writeFileSync(
      getprop,
      ['[ro.build.version.release]: [13]', '[ro.build.version.sdk]: [33]', '[ro.product.model]: [made]', ...lines, ''].join('\n'),
    );
    for (const [name, words, target] of [
      ['--help', ['--help'], 150],
      ['inspect getprop.txt (900 properties)', ['inspect', getprop], 400],
    ] as const) {
      const { median, least } = measure(words);
      console.log(`${name}: median ${median.toFixed(0)} ms, least ${least.toFixed(0)} ms of ${RUNS} runs; target ${target} ms`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
