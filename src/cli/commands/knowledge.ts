/** `assay knowledge list|import|update|export|remove`: what assay judges by besides the phone, and packs that others keep. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { FormatError } from '../../bytes/index.ts';
import { builtinKnowledge, isOlderVersion, type Pack, writePack } from '../../knowledge/index.ts';
import { nodeClock, nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import { packSigner, sealPack } from '../../provenance/index.ts';
import { type KeptPack, keepPack, openPack, openPacks, removePack } from '../../store/packs/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { classOf, knowledgeFolder, type PackWords, packOf, readDocument } from '../knowledge.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';

interface Folder {
  readonly knowledge?: string;
}

export interface ImportFlags extends Folder, PackWords {
  readonly signer: readonly string[];
  /** Takes a pack in place of a newer one, or of one that was signed. */
  readonly replace?: true;
}

const several = (word: string, all: readonly string[]) => [...all, word];

export function knowledgeCommand(): Command {
  const folder = ['--knowledge <folder>', 'where packs stand, in place of your own folder'] as const;
  const signer = ['--signer <file>', 'public key of whoever must have signed the pack; may be given several times'] as const;
  return new Command('knowledge')
    .description(
      'What assay judges by besides the phone: its own tables, and packs that others keep, each with version, licence and source.',
    )
    .addCommand(
      new Command('list')
        .summary('the tables and packs that are used')
        .option(...folder)
        .option('--json', 'print the result as one JSON document and nothing else')
        .action(list),
    )
    .addCommand(
      new Command('import')
        .summary(
          'import packs: assay packs, STIX bundles, YARA rules, bulletins (OSV, security state, kernel streams), TAC tables, spec tables',
        )
        .argument('<document...>', 'files or https addresses')
        .option(...folder)
        .option('--id <id>', 'its name here; the file’s by default')
        .option('--title <title>', 'its title; the file’s name by default')
        .option('--pack-version <version>', 'its version, where the document has none')
        .option('--licence <licence>', 'its licence, where the document has none')
        .option('--class <class>', 'what its indicators are, where they do not say it: malware, stalkerware, riskware …')
        .option('--replace', 'take it although a newer one, or one that another or somebody signed, is kept under its name')
        .option(...signer, several, [])
        .action(importPacks),
    )
    .addCommand(
      new Command('update')
        .summary('fetch packs again that came from an address')
        .argument('[id...]', 'which; all of them by default')
        .option(...folder)
        .option('--pack-version <version>', 'the version that is fetched, where the document has none; the date by default')
        .option(...signer, several, [])
        .action(update),
    )
    .addCommand(
      new Command('export')
        .summary('write a pack to a file, to give it to others')
        .argument('<id>')
        .requiredOption('--out <file>', 'where it is written')
        .option(...folder)
        .option('--key <file>', 'sign it: Ed25519 or ECDSA P-256, PKCS#8 PEM; the signature is written beside it as FILE.sig')
        .action(exportPack),
    )
    .addCommand(
      new Command('remove')
        .summary('remove a pack')
        .argument('<id>')
        .option(...folder)
        .action(async (id: string, flags: Folder) => {
          if (!(await removePack(knowledgeFolder(flags.knowledge), id))) throw new UsageError(`there is no pack ${id}`);
        }),
    );
}

const countsOf = ({ indicators, patterns, rules, signers, vulnerabilities, kernelLevels, tacs, specs, envelopes, clones }: Pack) => ({
  indicators: indicators.length,
  patterns: patterns.length,
  rules: rules.length,
  signers: signers.length,
  vulnerabilities: vulnerabilities.length,
  'kernel levels': kernelLevels.length,
  tacs: tacs.length,
  specs: specs.length,
  envelopes: envelopes?.length ?? 0,
  clones: clones?.length ?? 0,
});

async function list(flags: Folder & { readonly json?: true }): Promise<void> {
  const packs = await openPacks(knowledgeFolder(flags.knowledge));
  const { version, socs, models, signers, indicators, checkers, tacs } = builtinKnowledge;
  const builtin = {
    id: version,
    rows: {
      socs: socs.length,
      models: models.length,
      signers: signers.length,
      indicators: indicators.length,
      checkers: checkers.length,
      tacs: tacs.length,
    },
  };
  if (flags.json === true) {
    const listed = packs.map(({ pack: { id, title, version: of, licence, source, ...pack }, imported }) => ({
      id,
      title,
      version: of,
      licence,
      source,
      rows: countsOf({ id, title, version: of, licence, source, ...pack }),
      imported,
    }));
    process.stdout.write(`${JSON.stringify({ builtin, packs: listed }, null, 2)}\n`);
    return;
  }
  console.log(`${builtin.id}: ${said(builtin.rows)} (Apache-2.0; every row with its source)`);
  for (const { pack, imported } of packs)
    console.log(
      `${pack.id}@${pack.version}: ${pack.title}; ${said(countsOf(pack))}; licence ${pack.licence}; from ${pack.source}; ${imported.signedBy === null ? 'nobody vouches for it' : `signed by ${imported.signedBy}`}; imported ${imported.importedAt}`,
    );
}

const said = (rows: Readonly<Record<string, number>>) =>
  Object.entries(rows)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'no rows';

async function importPacks(words: readonly string[], flags: ImportFlags): Promise<void> {
  if (words.length > 1 && flags.id !== undefined) throw new UsageError('--id names one document; there are several');
  for (const word of words) await importOne(word, flags, word);
}

/** @throws Error where a signer was named and has not signed; UsageError for envelopes that nobody vouches for */
export async function importOne(word: string, flags: ImportFlags, from: string): Promise<void> {
  const bytes = await readDocument(word);
  const signedBy = await signerOf(word, bytes, flags.signer);
  const { pack, left } = packOf(bytes, word, flags);
  if ((pack.envelopes ?? []).length > 0 && signedBy === null)
    throw new UsageError(`--signer: ${word} holds envelopes, and one that nobody vouches for judges nobody`);
  const chosen = classOf(flags.class);
  const folder = knowledgeFolder(flags.knowledge);
  if (flags.replace !== true) {
    // One that is not what was imported is in nobody's way: importing it again mends it.
    const kept = await openPack(folder, pack.id).catch((error: unknown) => {
      if (error instanceof FormatError) return undefined;
      throw error;
    });
    const refused = notInPlaceOf(kept, pack, signedBy);
    if (refused !== undefined) throw new UsageError(`${refused} (--replace takes it all the same)`);
  }
  await keepPack(folder, pack, {
    importedAt: nodeClock.now(),
    signedBy,
    from,
    ...(chosen === undefined ? {} : { class: chosen }),
  });
  console.log(
    `${pack.id}@${pack.version}: ${said(countsOf(pack))}; licence ${pack.licence}${signedBy === null ? '' : `; signed by ${signedBy}`}`,
  );
  for (const line of left.slice(0, 20)) console.error(`assay: left out: ${line}`);
  if (left.length > 20) console.error(`assay: and ${left.length - 20} more were left out`);
}

/** Why a pack is not taken in place of the one that is kept; undefined where it is. */
function notInPlaceOf(kept: KeptPack | undefined, pack: Pack, signedBy: string | null): string | undefined {
  if (kept === undefined) return undefined;
  const before = kept.imported.signedBy;
  if (before !== null && signedBy !== before)
    return `--signer: the kept pack ${pack.id} is signed by ${before}, and this one ${signedBy === null ? 'by nobody that is named' : `by ${signedBy}`}`;
  return isOlderVersion(pack.version, kept.pack.version)
    ? `${pack.id}@${pack.version} is older than the kept ${pack.id}@${kept.pack.version}: what was known since would be forgotten`
    : undefined;
}

async function signerOf(word: string, pack: Uint8Array, keys: readonly string[]): Promise<string | null> {
  const [first, ...others] = await Promise.all(keys.map(trustedSigner));
  if (first === undefined) return null;
  const seal = await readDocument(`${word}.sig`).catch(() => {
    throw new Error(`${word}.sig is not there: nobody signed ${word}`);
  });
  return packSigner({ pack, seal }, [first, ...others], { hash: nodeHash, verify: nodeVerify });
}

async function update(
  ids: readonly string[],
  flags: Folder & { readonly packVersion?: string; readonly signer: readonly string[] },
): Promise<void> {
  const packs = await openPacks(knowledgeFolder(flags.knowledge));
  const unknown = ids.find((id) => !packs.some(({ pack }) => pack.id === id));
  if (unknown !== undefined) throw new UsageError(`there is no pack ${unknown}`);
  for (const { pack, imported } of packs) {
    if (ids.length > 0 && !ids.includes(pack.id)) continue;
    if (!/^https?:/i.test(imported.from)) {
      console.error(`assay: ${pack.id} came from a file: import the new one`);
      continue;
    }
    // What was signed before is not replaced by what is not.
    if (imported.signedBy !== null && flags.signer.length === 0)
      throw new UsageError(`${pack.id} was signed: name the key again with --signer`);
    const { id, title, licence } = pack;
    const packVersion = flags.packVersion ?? nodeClock.now().slice(0, 10);
    await importOne(imported.from, { ...flags, id, title, licence, packVersion, class: imported.class }, imported.from);
  }
}

export async function exportPack(id: string, flags: Folder & { readonly out: string; readonly key?: string }): Promise<void> {
  const kept = (await openPacks(knowledgeFolder(flags.knowledge))).find(({ pack }) => pack.id === id);
  if (kept === undefined) throw new UsageError(`there is no pack ${id}`);
  const bytes = writePack(kept.pack);
  const seal = flags.key === undefined ? undefined : await sealPack(nodeHash, bytes, await openSigner(callerPath(flags.key)));
  await writeFile(callerPath(flags.out), bytes, { flag: 'wx' });
  if (seal !== undefined) await writeFile(callerPath(`${flags.out}.sig`), seal, { flag: 'wx' });
  process.exitCode = EXIT.done;
}
