/** Builds to hold a phone against, as the operator names them: a ROM in whatever container, a manifest, or a reference that was made before. */
import { readFile, stat } from 'node:fs/promises';
import { FormatError } from '../bytes/index.ts';
import { nodeCodec, nodeHash, nodeStream, openSpool } from '../platform/node/index.ts';
import {
  type FirmwarePorts,
  findPartitions,
  isBoundWhole,
  makersKeys,
  type ReadFilesPort,
  type Reference,
  readReference,
  readRomFiles,
  rulesOf,
  type VouchingKnowledge,
  vouchingOf,
} from '../references/index.ts';
import { callerPath } from './paths.ts';
import { type OpenRom, openRom } from './rom.ts';

/** Bytes of a manifest as JSON: the largest builds have some 60 MB. */
const DOCUMENT_MAX = 512 << 20;

/** What decides who vouches: by default the makers' keys that are known here, and no list. */
export type VouchingInputs = Partial<VouchingKnowledge>;

/**
 * Opens one. Who vouches for a ROM is decided as on the shelf, from what is verified here: this run is who writes it down. What a document says of that is its bearer's word, so
 * nobody does: such a reference finds differences, and they are weak.
 * @throws FormatError, and the system's errors
 */
export async function openReference(word: string, inputs: VouchingInputs = {}): Promise<Reference> {
  if (await isDocument(word)) return openDocument(word);
  const { referenceOf } = await import('./commands/firmware-manifest.ts');
  const spool = openSpool();
  const ports = { hash: nodeHash, codec: nodeCodec, stream: nodeStream, spool: spool.spool };
  try {
    const rom = await openRom(word, ports);
    try {
      const reference = await referenceOf({ ...rom, rom: word, ports });
      if (reference.manifest.files.length === 0)
        throw new FormatError({ format: 'firmware', field: 'partitions', at: 0 }, 'bad-value', 'no file system in it is read here');
      return { ...vouchedFor(reference, inputs), ...(await policyOf(rom, reference, ports)), readFiles: readAgain(word) };
    } finally {
      await rom.close();
    }
  } finally {
    await spool.close();
  }
}

/** Files of a ROM that is opened anew: few comparisons want any. */
const readAgain =
  (word: string): ReadFilesPort =>
  async (wanted, limit) => {
    const spool = openSpool();
    const ports = { hash: nodeHash, codec: nodeCodec, stream: nodeStream, spool: spool.spool };
    try {
      const rom = await openRom(word, ports);
      try {
        return await readRomFiles(await findPartitions(rom.source, ports, rom.name), wanted, ports, limit);
      } finally {
        await rom.close();
      }
    } finally {
      await spool.close();
    }
  };

/** A reference that was made of firmware in this run, with who vouches for it. */
function vouchedFor(reference: Reference, inputs: VouchingInputs): Reference {
  const { manifest, provenance } = reference;
  if (provenance === undefined) return reference;
  const isBound = isBoundWhole(manifest);
  const knowledge = { listed: () => undefined, ...makersKeys, ...inputs };
  const { vouched } = vouchingOf({ provenance, isBound, writer: { known: true, name: 'this run' } }, knowledge);
  return { ...reference, vouched, provenance: { ...provenance, vouched } };
}

/** A binary policy has up to 4 MiB. */
const POLICY_MAX = 16 << 20;

/** The policy of a build whose firmware is open: what a manifest does not hold. */
async function policyOf({ source, name }: OpenRom, { manifest }: Reference, ports: FirmwarePorts): Promise<Pick<Reference, 'policy'>> {
  const wanted = manifest.files.filter(({ path, type }) => type === 'file' && /\/(?:precompiled_sepolicy|sepolicy)$/.test(path));
  if (wanted.length === 0) return {};
  // The one that init loads; a recovery has its own.
  const rank = (path: string) => (path.endsWith('/precompiled_sepolicy') ? 0 : path.startsWith('/ramdisk/') ? 2 : 1);
  wanted.sort((a, b) => rank(a.path) - rank(b.path));
  const read = await readRomFiles(await findPartitions(source, ports, name), wanted, ports, POLICY_MAX);
  for (const { path } of wanted) {
    const bytes = read.get(path);
    const rules = bytes === undefined ? undefined : rulesOf(bytes);
    if (rules !== undefined) return { policy: { path, rules } };
  }
  return {};
}

/** A reference or a manifest as a JSON file, vouched for by nobody. @throws FormatError, and the system's errors */
export async function openDocument(word: string): Promise<Reference> {
  return { ...readReference(new Uint8Array(await readFile(callerPath(word))), nodeHash), vouched: 'nobody' };
}

/** Whether a word names a JSON file and no firmware. @throws the system's errors where there is no such file */
export async function isDocument(word: string): Promise<boolean> {
  const path = callerPath(word);
  return !/^https?:/i.test(word) && path.endsWith('.json') && (await stat(path)).size <= DOCUMENT_MAX;
}
