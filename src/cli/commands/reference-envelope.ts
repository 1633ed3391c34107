/** `assay reference envelope`: from owners' signed records to envelopes that times are held against. They stand in packs, and are signed, vouched for and removed as these are. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { envelopesOf, RecordSchema, type SignedRecord } from '../../challenges/index.ts';
import { type Envelope, emptyPack, normalName, packSchema, readPack, writePack } from '../../knowledge/index.ts';
import { nodeClock, nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import { envelopePayload, envelopeSchema, sealPack, signerKeyId, type TrustedSigner, verifyEnvelope } from '../../provenance/index.ts';
import { openPacks } from '../../store/packs/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { knowledgeFolder, readDocument } from '../knowledge.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';
import { plain } from '../progress.ts';
import { exportPack, importOne } from './knowledge.ts';
import { RECORD_TYPE } from './lab-record.ts';

export interface MakeFlags {
  readonly trust: readonly string[];
  readonly key: string;
  readonly out: string;
  readonly licence: string;
  readonly id: string;
  readonly packVersion?: string;
}

interface Folder {
  readonly knowledge?: string;
  readonly json?: true;
}

export type ImportEnvelopeFlags = Folder & { readonly signer: readonly string[] };
export type ExportEnvelopeFlags = Folder & { readonly out: string; readonly key?: string };

export async function makeEnvelopes(files: readonly string[], flags: MakeFlags): Promise<number> {
  const trusted = await Promise.all(flags.trust.map(trustedSigner));
  const records = await Promise.all(files.map((file) => readRecord(file, trusted)));
  const { envelopes, tooFew } = envelopesOf(records);
  for (const { model, units } of tooFew)
    console.error(plain(`${model}: records of ${units} owner${units === 1 ? '' : 's'}, and five are wanted`, 300));
  if (envelopes.length === 0) return EXIT.couldNot;
  const version = flags.packVersion ?? nodeClock.now().slice(0, 10);
  const head = { id: flags.id, title: 'Envelopes of genuine units', version, licence: flags.licence, source: 'assay lab record' };
  const parsed = packSchema.safeParse({ ...emptyPack(head), envelopes });
  if (!parsed.success) throw new UsageError(`no pack: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`);
  const bytes = writePack(parsed.data);
  const seal = await sealPack(nodeHash, bytes, await openSigner(callerPath(flags.key)));
  await writeFile(callerPath(flags.out), bytes, { flag: 'wx' });
  await writeFile(callerPath(`${flags.out}.sig`), seal, { flag: 'wx' });
  for (const envelope of envelopes) console.log(lineOf(envelope, `${flags.id}@${version}`));
  return EXIT.done;
}

/** @throws UsageError for what is no record signed by exactly one of the trusted */
async function readRecord(file: string, trusted: readonly TrustedSigner[]): Promise<SignedRecord> {
  const bytes = await readFile(callerPath(file));
  const parsed = envelopeSchema.safeParse(jsonOf(bytes.toString('utf8')));
  if (!parsed.success || parsed.data.payloadType !== RECORD_TYPE) throw new UsageError(`${file} is no signed record`);
  const { signedBy } = await verifyEnvelope(parsed.data, trusted, { hash: nodeHash, verify: nodeVerify });
  const [signer, another] = signedBy;
  if (signer === undefined) throw new UsageError(`${file} is signed by nobody whom you trust`);
  if (another !== undefined) throw new UsageError(`${file} is signed by several owners: one phone is one owner’s`);
  const payload = envelopePayload(parsed.data);
  const record = RecordSchema.safeParse(jsonOf(new TextDecoder().decode(payload)));
  if (!record.success) throw new UsageError(`${file} is no assay.record/1`);
  // What was signed, not the file around it: a copy with other blanks is the same record.
  const sha256 = createHash('sha256').update(payload).digest('hex');
  return { record: record.data, signer: signerKeyId(nodeHash, signer.spki), sha256 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const lineOf = ({ brand, model, build, signers, figures }: Envelope, pack: string): string =>
  plain(`${brand} ${model}, ${build ?? 'all builds'}: ${signers.length} units, ${Object.keys(figures).length} figures (${pack})`, 500);

async function kept(folder: string | undefined) {
  const packs = await openPacks(knowledgeFolder(folder));
  return packs.flatMap(({ pack, imported }) =>
    (pack.envelopes ?? []).map((envelope) => ({ pack: `${pack.id}@${pack.version}`, signedBy: imported.signedBy, envelope })),
  );
}

export async function listEnvelopes(flags: Folder): Promise<number> {
  const all = await kept(flags.knowledge);
  if (flags.json === true) console.log(JSON.stringify(all, null, 2));
  else {
    for (const { envelope, pack, signedBy } of all)
      console.log(`${lineOf(envelope, pack)}; ${signedBy === null ? 'nobody vouches for it: it judges nobody' : `signed by ${signedBy}`}`);
    if (all.length === 0) console.log('no envelope: times refute nothing');
  }
  return EXIT.done;
}

export async function showEnvelopes(model: string, flags: Folder): Promise<number> {
  const found = (await kept(flags.knowledge)).filter(({ envelope }) => normalName(envelope.model) === normalName(model));
  if (found.length === 0) throw new UsageError(`there is no envelope of ${model}`);
  if (flags.json === true) console.log(JSON.stringify(found, null, 2));
  else
    for (const { envelope, pack } of found) {
      console.log(lineOf(envelope, pack));
      for (const [name, { n, min, median, max }] of Object.entries(envelope.figures).toSorted(([a], [b]) =>
        a.localeCompare(b, 'en', { numeric: true }),
      ))
        console.log(`  ${name}: ${[min, median, max].map((value) => Number(value.toPrecision(4))).join(' · ')} (${n} units)`);
    }
  return EXIT.done;
}

export async function importEnvelopes(words: readonly string[], flags: ImportEnvelopeFlags): Promise<number> {
  for (const word of words) {
    if ((readPack(await readDocument(word)).envelopes ?? []).length === 0)
      throw new UsageError(`${word} holds no envelope (assay knowledge import)`);
    await importOne(word, flags, word);
  }
  return EXIT.done;
}

export async function exportEnvelopes(id: string, flags: ExportEnvelopeFlags): Promise<number> {
  if (!(await kept(flags.knowledge)).some(({ pack }) => pack.startsWith(`${id}@`)))
    throw new UsageError(`there is no pack ${id} with envelopes`);
  await exportPack(id, flags);
  return EXIT.done;
}
