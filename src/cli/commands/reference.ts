import { Command, InvalidArgumentError } from 'commander';
import type { AddFlags } from './reference-add.ts';
import type { FindFlags } from './reference-ask.ts';
import type { ImportListFlags } from './reference-builds.ts';
import { envelopeCommand } from './reference-envelope-command.ts';
import type { ExportFlags, ImportFlags } from './reference-keep.ts';

interface Flags {
  readonly shelf?: string;
  readonly json?: true;
}

const several = (word: string, all: readonly string[]) => [...all, word];

function threads(word: string): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < 1 || count > 64) throw new InvalidArgumentError('a number from 1 to 64');
  return count;
}

function label(word: string): string {
  if (word !== 'release' && word !== 'engineering' && word !== 'superseded')
    throw new InvalidArgumentError('release, engineering or superseded');
  return word;
}

/** A command on the shelf: where that stands, and `--json`. */
const onShelf = (name: string, summary: string) =>
  new Command(name)
    .summary(summary)
    .option('--shelf <folder>', 'where the shelf stands, in place of ASSAY_SHELF or your own')
    .option('--json', 'print the result as one JSON document and nothing else');

/** `assay reference add|list|show|find|diff|remove|export|import|gc|verify|builds|envelope` */
export function referenceCommand(): Command {
  return new Command('reference')
    .description('Builds that phones are held against, the shelf where they stand, and envelopes of times.')
    .addCommand(addCommand())
    .addCommand(
      onShelf('list', 'the builds on the shelf').action(async (flags: Flags) => {
        process.exitCode = await (await import('./reference-ask.ts')).listReferences(flags);
      }),
    )
    .addCommand(
      onShelf('show', 'one build: what it is, what it consists of, who vouches for it')
        .argument('<build>', 'its digest, or the beginning of it, or its fingerprint')
        .option('--manifest', 'print its manifest instead')
        .option('--reference', 'print it as a reference instead')
        .action(async (word: string, flags: Flags & { readonly manifest?: true; readonly reference?: true }) => {
          process.exitCode = await (await import('./reference-ask.ts')).showReference(word, flags);
        }),
    )
    .addCommand(
      onShelf('find', 'in which builds files occur, and under which paths, by SHA-256')
        .argument('[sha256...]')
        .option('--sha256 <hex>', 'one of them; may be given several times', several, [])
        .option('--from <file>', 'a file of them, as sha256sum prints it')
        .action(async (words: readonly string[], flags: FindFlags) => {
          process.exitCode = await (await import('./reference-ask.ts')).findReferences(words, flags);
        }),
    )
    .addCommand(diffCommand())
    .addCommand(
      onShelf('remove', 'take builds off the shelf')
        .argument('<build...>')
        .action(async (words: readonly string[], flags: Flags) => {
          process.exitCode = await (await import('./reference-keep.ts')).removeReferences(words, flags);
        }),
    )
    .addCommand(
      onShelf('export', 'write builds into a pack, to give them to others; all where none are named')
        .argument('[build...]')
        .requiredOption('--out <file>', 'where it is written')
        .option('--key <file>', 'sign it: Ed25519 or ECDSA P-256, PKCS#8 PEM; may be given several times', several, [])
        .action(async (words: readonly string[], flags: ExportFlags) => {
          process.exitCode = await (await import('./reference-keep.ts')).exportReferences(words, flags);
        }),
    )
    .addCommand(
      onShelf('import', 'add the builds of packs; who vouches for them is decided by whom you trust')
        .argument('<pack...>')
        .option(
          '--signer <file>',
          'public key of whoever must have signed it, and whose word counts; may be given several times',
          several,
          [],
        )
        .action(async (files: readonly string[], flags: ImportFlags) => {
          process.exitCode = await (await import('./reference-keep.ts')).importReferences(files, flags);
        }),
    )
    .addCommand(
      onShelf('gc', 'free what removed builds and killed writers left').action(async (flags: Flags) => {
        process.exitCode = await (await import('./reference-keep.ts')).collectReferences(flags);
      }),
    )
    .addCommand(
      onShelf('verify', 'compute every digest anew')
        .option('--rebuild', 'make the index anew from the files first')
        .action(async (flags: Flags & { readonly rebuild?: true }) => {
          process.exitCode = await (await import('./reference-keep.ts')).verifyReferences(flags);
        }),
    )
    .addCommand(buildsCommand())
    .addCommand(envelopeCommand());
}

const addCommand = () =>
  onShelf('add', 'put builds onto the shelf, from ROMs in whatever container')
    .argument('<rom...>', 'files or https addresses; after ! a path inside')
    .option('--from-capture', 'from phones believed genuine; such a build finds differences and clears nothing')
    .option('--from-tree', 'from extracted folders; such a build finds differences and clears nothing')
    .option('--from-list', 'from lists of digests; such a build finds differences and clears nothing')
    .option('--root <path>', 'trees and lists: where relative paths lie on the phone, as /system')
    .option(
      '--identity <property=value>',
      'trees and lists: what the build calls itself, as build.id=KTU84P; may be given several times',
      several,
      [],
    )
    .option('--label <label>', 'release, engineering or superseded, in place of what the build says of itself', label)
    .option('--threads <count>', 'how many partitions are read at a time', threads)
    .option('--offline', 'refuse addresses on a network')
    .action(async (words: readonly string[], flags: AddFlags) => {
      process.exitCode = await (await import('./reference-add.ts')).addReferences(words, flags);
    });

const diffCommand = () =>
  onShelf('diff', 'what of the second build differs from the first, heaviest first')
    .argument('<first>', 'a ROM, an image, a manifest, a reference, or a build on the shelf')
    .argument('<second>', 'another')
    .action(async (first: string, second: string, flags: Flags) => {
      const [{ diffReferences }, { findOnShelf }] = await Promise.all([import('./reference-diff.ts'), import('../shelf.ts')]);
      process.exitCode = await diffReferences([first, second], flags, (word) => findOnShelf(word, flags));
    });

function buildsCommand(): Command {
  return new Command('builds')
    .summary('official lists of builds')
    .description('Official lists of builds. What stands on none of them is unknown, never fake: every list has gaps.')
    .addCommand(
      onShelf('import', 'import lists: tables, YAML, the Pixel build index, what sha256sum and md5sum print')
        .argument('<list...>')
        .requiredOption('--maker <name>', 'whose lists they are; importing them is your word that they are')
        .option('--name <name>', 'its name here; the file’s by default')
        .action(async (files: readonly string[], flags: ImportListFlags) => {
          process.exitCode = await (await import('./reference-builds.ts')).importBuildLists(files, flags);
        }),
    )
    .addCommand(
      onShelf('list', 'the lists that were imported').action(async (flags: Flags) => {
        process.exitCode = await (await import('./reference-builds.ts')).listBuildLists(flags);
      }),
    )
    .addCommand(
      onShelf('find', 'whether versions, file names, MD5, SHA-256 or files are on a list')
        .argument('<word...>')
        .action(async (words: readonly string[], flags: Flags) => {
          process.exitCode = await (await import('./reference-builds.ts')).findBuilds(words, flags);
        }),
    );
}
