/** `assay reference diff A B`: what of the second build differs from the first, heaviest first. */
import { signerName } from '../../checks/index.ts';
import { builtinKnowledge } from '../../knowledge/index.ts';
import { nodeCodec, nodeHash, nodeStream, openSpool } from '../../platform/node/index.ts';
import { compareManifests, findPartitions, type ReadFilesPort, type Reference, readRomFiles, textsOf } from '../../references/index.ts';
import { comparisonReport, renderComparison } from '../../report/index.ts';
import { EXIT } from '../exit.ts';
import { isDocument, openDocument } from '../references.ts';
import { type OpenRom, openRom } from '../rom.ts';
import { referenceOf } from './firmware-manifest.ts';

interface Side {
  readonly reference: Reference;
  /** The firmware itself, where it was named: files of it can be read. */
  readonly rom: OpenRom | undefined;
}

/** Where else a word may name a reference, as a build on a shelf; undefined: it does not. */
type FindReference = (word: string) => Promise<Reference | undefined>;

interface DiffFlags {
  readonly json?: true;
}

/** Compares two builds and prints the comparison. Exit 0 where they are the same, 20 where they differ. */
export async function diffReferences(
  words: readonly [string, string],
  flags: DiffFlags,
  find: FindReference = async () => undefined,
): Promise<number> {
  const spool = openSpool();
  const ports = { hash: nodeHash, codec: nodeCodec, stream: nodeStream, spool: spool.spool };
  const opened: OpenRom[] = [];
  try {
    const open = async (word: string): Promise<Side> => {
      const found = await find(word);
      if (found !== undefined) return { reference: found, rom: undefined };
      if (await isDocument(word)) return { reference: await openDocument(word), rom: undefined };
      const rom = await openRom(word, ports);
      opened.push(rom);
      return { reference: await referenceOf({ ...rom, rom: word, ports }), rom };
    };
    const before = await open(words[0]);
    const after = await open(words[1]);
    const comparison = compareManifests(before.reference.manifest, after.reference.manifest, { signerName: signerName(builtinKnowledge) });
    const readOf = ({ reference, rom }: Side): ReadFilesPort | undefined =>
      rom === undefined
        ? reference.readFiles
        : async (wanted, limit) => readRomFiles(await findPartitions(rom.source, ports, rom.name), wanted, ports, limit);
    const changed = comparison.groups.flatMap(({ differences }) => differences);
    const texts = await textsOf(changed, readOf(before), readOf(after));
    const report = comparisonReport({ before: before.reference, after: after.reference }, comparison, texts);
    if (flags.json === true) console.log(JSON.stringify(report, null, 2));
    else
      process.stdout.write(
        renderComparison(report, {
          width: process.stdout.columns ?? 100,
          colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
        }),
      );
    // The same build in another container differs in what its tools leave.
    const isSame =
      comparison.groups.every(({ expected }) => expected !== undefined) && report.partitions.every(({ outcome }) => outcome === 'same');
    return isSame ? EXIT.done : EXIT.reject;
  } finally {
    await Promise.all(opened.map((rom) => rom.close()));
    await spool.close();
  }
}
