/** Reads a capture of ours back: a recording, judged as one (design, rule 7). */
import { FormatError, type HashPort, type Instant, type NamedSource, readAll, type Source, toHex } from '../bytes/index.ts';
import type { Artefact, ArtefactKind, Capture, Claims } from '../evidence/index.ts';
import { type CaptureDocument, CaptureSchema, type HashesDocument, HashesSchema } from './capture-schema.ts';

const DOCUMENT_MAX = 64 * 1024 * 1024;
/** Sources are hashed in pieces of this many bytes. */
const PIECE = 4 * 1024 * 1024;

/** Whether a folder or archive with these names is a capture of ours. */
export const isOwnCapture = (names: readonly string[]): boolean => names.includes('capture.json') && names.includes('hashes.json');

async function digestOf(source: Source, hash: HashPort): Promise<string> {
  const hasher = hash('sha256');
  for (let at = 0; at < source.size; at += PIECE) hasher.update(await source.read(at, Math.min(PIECE, source.size - at)));
  return toHex(hasher.digest());
}

function problem(name: string, detail: string): FormatError {
  return new FormatError({ format: name, field: 'document', at: 0 }, 'bad-value', detail);
}

async function readDocument(entries: ReadonlyMap<string, Source>, name: string): Promise<unknown> {
  const source = entries.get(name);
  if (source === undefined) throw problem(name, 'the capture has no such file');
  const text = new TextDecoder().decode(await readAll(source, DOCUMENT_MAX, name));
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw problem(name, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The two documents of a capture. @throws FormatError */
export async function readDocuments(
  entries: readonly NamedSource[],
): Promise<{ readonly document: CaptureDocument; readonly hashes: HashesDocument }> {
  const byName = new Map(entries.map(({ name, source }) => [name, source]));
  const document = CaptureSchema.safeParse(await readDocument(byName, 'capture.json'));
  if (!document.success) throw problem('capture.json', firstIssue(document.error.issues));
  const hashes = HashesSchema.safeParse(await readDocument(byName, 'hashes.json'));
  if (!hashes.success) throw problem('hashes.json', firstIssue(hashes.error.issues));
  return { document: document.data, hashes: hashes.data };
}

const firstIssue = (issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string =>
  issues[0] === undefined ? 'malformed' : `${issues[0].path.map(String).join('.')}: ${issues[0].message}`;

/**
 * Reads a capture from the files of its folder or archive. An artefact whose SHA-256 is not the one that `hashes.json` states is not used, and that is said.
 * @throws FormatError where one of the two documents is malformed
 */
export async function readCapture(entries: readonly NamedSource[], hash: HashPort): Promise<Capture> {
  const { document, hashes } = await readDocuments(entries);
  const byName = new Map(entries.map(({ name, source }) => [name, source]));
  const artefacts: Artefact[] = [];
  const unused: { name: string; because: string }[] = document.notRead.map(({ what, because }) => ({ name: what, because }));
  const checked = async (name: string): Promise<Source | undefined> => {
    const source = byName.get(name);
    const stated = hashes.sha256[name];
    if (source === undefined) unused.push({ name, because: 'capture.json names it, and it is not there' });
    else if (stated === undefined) unused.push({ name, because: 'hashes.json does not vouch for it' });
    else {
      const found = await digestOf(source, hash);
      if (found === stated) return source;
      unused.push({ name, because: `its SHA-256 is ${found}, and hashes.json says ${stated}` });
    }
    return undefined;
  };
  await checked('capture.json');
  for (const { name, kind, origin } of document.artefacts) {
    const source = await checked(name);
    // A kind that this version does not know is read by nobody, and said as unread.
    if (source !== undefined) artefacts.push({ name, kind: kind as ArtefactKind, origin: origin ?? undefined, source });
  }
  const named = new Set(['capture.json', 'hashes.json', 'operator.json', ...document.artefacts.map(({ name }) => name)]);
  for (const { name } of entries) if (!named.has(name)) unused.push({ name, because: 'capture.json does not name it' });
  return {
    trust: 'bearer',
    origin: 'capture',
    takenAt: document.takenAt as Instant, // the schema checked the form
    artefacts,
    items: document.items.map((item) => ({
      ...item,
      artefact: item.artefact ?? undefined,
      exitStatus: item.exitStatus ?? undefined,
      note: item.note ?? undefined,
    })),
    changes: document.changes.map((change) => ({ ...change, undo: change.undo ?? undefined })),
    claims: document.claims as Claims, // absent and undefined are one here
    unused,
    ...(await sealIn(byName)),
  };
}

/** The operator's signature, where one came along. A forged one is found by whoever has the operator's key, not here. */
async function sealIn(entries: ReadonlyMap<string, Source>): Promise<Pick<Capture, 'seal'>> {
  const [envelope, hashes] = [entries.get('operator.json'), entries.get('hashes.json')];
  if (envelope === undefined || hashes === undefined) return {};
  return {
    seal: {
      envelope: await readAll(envelope, DOCUMENT_MAX, 'operator.json'),
      hashes: await readAll(hashes, DOCUMENT_MAX, 'hashes.json'),
    },
  };
}
