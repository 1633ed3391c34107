/**
 * npm run conformance [-- --data DIR] [COLLECTION…]: runs every collection that it finds under DIR (default: ../shared/data), laid out like that folder,
 * and prints for each how many cases agree, and each that differs. Exit 0 when all agree, 20 when some differ, 1 when there was nothing to run.
 */
import { existsSync, globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** One collection: a file under tools/conformance. `undefined`: its folder is not there. */
interface Collection {
  readonly collection: string;
  readonly run: (dataDir: string) => Promise<{ readonly agree: number; readonly differ: readonly string[] } | undefined>;
}

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } });
// npm changes the folder; relative paths are the caller's.
const dataDir =
  values.data === undefined ? join(root, '..', 'shared', 'data') : resolve(process.env['INIT_CWD'] ?? process.cwd(), values.data);

if (!existsSync(dataDir)) {
  console.log(`conformance: there is no folder of data beside this checkout (${values.data ?? '../shared/data'}); nothing was compared`);
  process.exit(values.data === undefined ? 0 : 1);
}

let agreeing = 0;
let differing = 0;
let missing = 0;
for (const file of globSync('tools/conformance/*.ts', { cwd: root }).toSorted()) {
  // Each file under tools/conformance exports the shape above; the architecture of this folder is nothing else.
  const { collection, run } = (await import(pathToFileURL(join(root, file)).href)) as Collection;
  if (positionals.length > 0 && !positionals.includes(collection)) continue;
  try {
    const started = performance.now();
    const result = await run(dataDir);
    if (result === undefined) {
      missing++;
      console.log(`${collection}: not in this data`);
      continue;
    }
    agreeing += result.agree;
    differing += result.differ.length;
    console.log(
      `${collection}: ${result.agree} of ${result.agree + result.differ.length} agree (${((performance.now() - started) / 1000).toFixed(1)} s)`,
    );
    for (const difference of result.differ) console.log(`  differs: ${difference}`);
  } catch (error) {
    differing++;
    console.log(`${collection}: stopped: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
console.log(`conformance: ${agreeing} agree, ${differing} differ, ${missing} collections not in this data`);
process.exitCode = differing > 0 ? 20 : agreeing === 0 ? 1 : 0;
