/** npm run bench [-- NAME…]: every figure that an issue or the README names, with its method and the machine. Nothing here asserts a time. */
import { globSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Bench {
  readonly run: () => Promise<void>;
}

const wanted = process.argv.slice(2);
const [cpu] = cpus();
console.log(
  `machine: ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
);
for (const file of globSync('*.ts', { cwd: import.meta.dirname }).toSorted()) {
  const name = basename(file, '.ts');
  if (name === 'run' || (wanted.length > 0 && !wanted.includes(name))) continue;
  console.log(`\n── ${name}`);
  const { run } = (await import(pathToFileURL(join(import.meta.dirname, file)).href)) as Bench;
  await run();
}
