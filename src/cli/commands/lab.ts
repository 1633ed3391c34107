import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { hasRomTools, isRight, LAB_ROM, labBases, matrixPage, runLab, summaryLine } from '../../forge/node/index.ts';
import { EXIT } from '../exit.ts';
import { packageVersion } from '../paths.ts';
import { recordCommand } from './lab-record.ts';

interface Flags {
  readonly json?: true;
  readonly write?: true;
  readonly phone?: string;
}

/** `assay lab`: every alteration on every phone that it fits, judged live. */
export function labCommand(): Command {
  return new Command('lab')
    .option('--json', 'print the rows as one JSON document and nothing else')
    .option('--write', 'write docs/adversary-matrix.md (in a checkout)')
    .option('--phone <name>', 'only this base phone')
    .addCommand(recordCommand())
    .action(async (flags: Flags) => {
      process.exitCode = await run(flags);
    });
}

async function run(flags: Flags): Promise<number> {
  const bases = labBases.filter(({ phone }) => flags.phone === undefined || phone.name === flags.phone);
  const rows = await runLab(bases, {
    version: packageVersion(),
    roms: hasRomTools() && (flags.phone === undefined || flags.phone === LAB_ROM),
    onRow: (row, done, total) =>
      process.stderr.write(`${done} of ${total}: ${row.phone} ${row.alteration ?? 'unaltered'}${isRight(row) ? '' : '  (miss)'}\n`),
  });
  if (!hasRomTools()) process.stderr.write('left out: rows of firmware, which need mkfs.erofs, mke2fs and debugfs\n');
  if (flags.json) process.stdout.write(`${JSON.stringify({ rows }, null, 2)}\n`);
  else process.stdout.write(`${matrixPage(rows)}\n`);
  if (flags.write) await writeFile(new URL('../../../docs/adversary-matrix.md', import.meta.url), matrixPage(rows));
  process.stderr.write(`${summaryLine(rows)}\n`);
  return EXIT.done;
}
