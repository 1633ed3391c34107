/** Packs on disk: `ID.json` holds the pack, when and from where it was imported, and who signed it. One file, so that an import happened or did not. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/mini';
import { FormatError, hashOf, toHex } from '../../bytes/index.ts';
import { INDICATOR_CLASSES, type Pack, readPack, writePack } from '../../knowledge/index.ts';
import { nodeHash } from '../../platform/node/index.ts';

const importSchema = z.strictObject({
  importedAt: z.string(),
  /** SHA-256 of the pack's bytes. */
  sha256: z.string(),
  /** The name of the trusted key that signed it; null: nobody vouches for it. */
  signedBy: z.nullable(z.string()),
  /** Address or file name. */
  from: z.string(),
  /** What its things are, where the operator said so: an update says the same again. */
  class: z.optional(z.enum(INDICATOR_CLASSES)),
});

export type PackImport = z.infer<typeof importSchema>;

const keptSchema = z.strictObject({ format: z.literal('assay.kept-pack/1'), imported: importSchema, pack: z.unknown() });

export interface KeptPack {
  readonly pack: Pack;
  readonly imported: PackImport;
}

const FILE = /^([a-z0-9][a-z0-9.-]{0,62})\.json$/;
const digestOf = (bytes: Uint8Array) => toHex(hashOf(nodeHash, 'sha256', bytes));

/** The packs of a folder, by id; none where there is no folder. @throws FormatError for one that is not what was imported */
export async function openPacks(folder: string): Promise<readonly KeptPack[]> {
  const kept: KeptPack[] = [];
  for (const name of (await namesIn(folder)).toSorted()) {
    const id = FILE.exec(name)?.[1];
    if (id !== undefined) kept.push(await readKept(folder, id));
  }
  return kept;
}

/** One pack; undefined where there is none. @throws FormatError where it is not what was imported */
export async function openPack(folder: string, id: string): Promise<KeptPack | undefined> {
  return (await namesIn(folder)).includes(`${id}.json`) ? readKept(folder, id) : undefined;
}

async function readKept(folder: string, id: string): Promise<KeptPack> {
  const refuse = (field: string, detail: string) => new FormatError({ format: `knowledge pack ${id}`, field, at: 0 }, 'bad-value', detail);
  const parsed = keptSchema.safeParse(jsonOf(await readFile(join(folder, `${id}.json`), 'utf8')));
  if (!parsed.success) throw refuse('file', 'no kept pack');
  const pack = readPack(new TextEncoder().encode(JSON.stringify(parsed.data.pack)));
  // A pack that changed on disk is not the one that was imported, nor the one that was signed.
  if (digestOf(writePack(pack)) !== parsed.data.imported.sha256) throw refuse('sha256', 'it was changed after it was imported');
  if (pack.id !== id) throw refuse('id', `it calls itself ${pack.id}`);
  return { pack, imported: parsed.data.imported };
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps a pack, in place of one with its id. */
export async function keepPack(folder: string, pack: Pack, how: Omit<PackImport, 'sha256'>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const imported: PackImport = { ...how, sha256: digestOf(writePack(pack)) };
  const path = join(folder, `${pack.id}.json`);
  await writeFile(`${path}.new`, `${JSON.stringify({ format: 'assay.kept-pack/1', imported, pack })}\n`, { flush: true });
  await rename(`${path}.new`, path);
}

/** Removes a pack. Answers whether it was there. */
export async function removePack(folder: string, id: string): Promise<boolean> {
  const name = `${id}.json`;
  if (!FILE.test(name) || !(await namesIn(folder)).includes(name)) return false;
  await rm(join(folder, name));
  return true;
}
