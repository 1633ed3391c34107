import { Command } from 'commander';
import type { ExportEnvelopeFlags, ImportEnvelopeFlags, MakeFlags } from './reference-envelope.ts';

const several = (word: string, all: readonly string[]) => [...all, word];

/** `assay reference envelope make|list|show|import|export` */
export function envelopeCommand(): Command {
  const inFolder = (name: string, summary: string) =>
    new Command(name).summary(summary).option('--knowledge <folder>', 'where packs stand, in place of your own folder');
  return new Command('envelope')
    .summary('what genuine units of a model were measured to do: make, look at, give and take envelopes')
    .addCommand(
      new Command('make')
        .summary('make a signed pack of envelopes from the records of at least five owners each')
        .argument('<record...>', 'signed records (assay lab record)')
        .requiredOption('--trust <file>', 'public key of an owner whose records you believe; may be given several times', several, [])
        .requiredOption('--key <file>', 'your private key, which signs the pack: Ed25519 or ECDSA P-256, PKCS#8 PEM')
        .requiredOption('--out <file>', 'where it is written; the signature as FILE.sig')
        .requiredOption('--licence <licence>', 'under which licence you give it')
        .option('--id <id>', 'its name', 'envelopes')
        .option('--pack-version <version>', 'its version; the date by default')
        .action(async (files: readonly string[], flags: MakeFlags) => {
          process.exitCode = await (await import('./reference-envelope.ts')).makeEnvelopes(files, flags);
        }),
    )
    .addCommand(
      inFolder('list', 'the envelopes that phones are held against')
        .option('--json', 'print the result as one JSON document and nothing else')
        .action(async (flags: { readonly knowledge?: string; readonly json?: true }) => {
          process.exitCode = await (await import('./reference-envelope.ts')).listEnvelopes(flags);
        }),
    )
    .addCommand(
      inFolder('show', 'the figures of a model')
        .argument('<model>', 'as ro.product.model says it')
        .option('--json', 'print the result as one JSON document and nothing else')
        .action(async (model: string, flags: { readonly knowledge?: string; readonly json?: true }) => {
          process.exitCode = await (await import('./reference-envelope.ts')).showEnvelopes(model, flags);
        }),
    )
    .addCommand(
      inFolder('import', 'hold phones against the envelopes of packs that somebody you name signed')
        .argument('<pack...>', 'files or https addresses, each with its .sig beside it')
        .requiredOption('--signer <file>', 'public key of whoever must have signed; may be given several times', several, [])
        .action(async (words: readonly string[], flags: ImportEnvelopeFlags) => {
          process.exitCode = await (await import('./reference-envelope.ts')).importEnvelopes(words, flags);
        }),
    )
    .addCommand(
      inFolder('export', 'write a pack of envelopes to a file, to give it to others')
        .argument('<id>')
        .requiredOption('--out <file>', 'where it is written')
        .option('--key <file>', 'sign it: Ed25519 or ECDSA P-256, PKCS#8 PEM; the signature is written beside it as FILE.sig')
        .action(async (id: string, flags: ExportEnvelopeFlags) => {
          process.exitCode = await (await import('./reference-envelope.ts')).exportEnvelopes(id, flags);
        }),
    );
}
