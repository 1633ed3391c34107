import { Command } from 'commander';

/** `assay reference diff A B` */
export function referenceCommand(): Command {
  return new Command('reference').description('Builds that phones are held against.').addCommand(
    new Command('diff')
      .summary('what of the second build differs from the first, heaviest first')
      .argument('<first>', 'a ROM, an image, a manifest or a reference')
      .argument('<second>', 'another')
      .option('--json', 'print the comparison as one JSON document and nothing else')
      .action(async (first: string, second: string, flags: { readonly json?: true }) => {
        const { diffReferences } = await import('./reference-diff.ts');
        process.exitCode = await diffReferences([first, second], flags);
      }),
  );
}
