/** `assay reference add`: builds onto the shelf, each durable before the next is begun, so that a run that was broken off goes on where it was. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readFacts } from '../../evidence/index.ts';
import { HttpError, nodeCodec, nodeHash, nodeStream, openInput, openSpool } from '../../platform/node/index.ts';
import {
  buildName,
  type Checkpoint,
  type KeptText,
  type Manifest,
  manifestOfList,
  manifestOfPhone,
  type Provenance,
  phoneFiles,
  textsOfPhone,
} from '../../references/index.ts';
import type { DiskShelf } from '../../store/shelf/index.ts';
import { because } from '../because.ts';
import { EXIT, UsageError } from '../exit.ts';
import { manifestOfTree } from '../made-tree.ts';
import { callerPath, packageVersion } from '../paths.ts';
import { plain } from '../progress.ts';
import { isDocument, openDocument } from '../references.ts';
import { openRom, type RemoteRom } from '../rom.ts';
import { type ShelfFlag, usingShelf } from '../shelf.ts';
import { digestsOfSource, referenceOf } from './firmware-manifest.ts';

export interface AddFlags extends ShelfFlag {
  readonly json?: true;
  readonly offline?: true;
  readonly threads?: number;
  readonly fromCapture?: true;
  readonly fromTree?: true;
  readonly fromList?: true;
  readonly root?: string;
  readonly identity: readonly string[];
  readonly label?: Provenance['label'];
}

type Outcome =
  | {
      readonly source: string;
      readonly digest: string;
      /** What it calls itself. */
      readonly build: string;
      readonly isNew: boolean;
      readonly vouched: string;
      readonly because: string;
      readonly label: string;
      readonly files: number;
      readonly unread: number;
    }
  | { readonly source: string; readonly error: string };

/** What stands behind a word: a manifest and where it came from; or a build that was made from the very same file before. */
type Made =
  | { readonly manifest: Manifest; readonly provenance: Provenance; readonly texts?: readonly KeptText[]; readonly rom?: string }
  | { readonly known: string };

export async function addReferences(words: readonly string[], flags: AddFlags): Promise<number> {
  const kinds = [flags.fromCapture, flags.fromTree, flags.fromList].filter((flag) => flag === true);
  if (kinds.length > 1) throw new UsageError('--from-capture, --from-tree and --from-list exclude each other');
  if (flags.offline === true)
    for (const word of words) if (/^https?:/i.test(word)) throw new UsageError(`--offline, and ${word} lies on a network`);
  return usingShelf(flags, async (shelf) => {
    const outcomes: Outcome[] = [];
    for (const [i, word] of words.entries()) {
      if (words.length > 1) console.error(plain(`${i + 1} of ${words.length}: ${word}`, 200));
      const outcome = await addOne(shelf, word, flags).catch((error: unknown) => {
        if (error instanceof UsageError) throw error;
        return { source: word, error: because(error) };
      });
      outcomes.push(outcome);
      tell(outcome, flags);
    }
    if (flags.json === true) console.log(JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes, null, 2));
    return outcomes.some((outcome) => 'error' in outcome) ? EXIT.couldNot : EXIT.done;
  });
}

async function addOne(shelf: DiskShelf, word: string, flags: AddFlags): Promise<Outcome> {
  const made = await makeOne(shelf, word, flags);
  const added =
    'known' in made
      ? { digest: made.known, isKnown: true }
      : await shelf.put({
          manifest: made.manifest,
          provenance: labelled(made.provenance, flags),
          writer: { by: 'here' },
          texts: made.texts ?? [],
        });
  if ('rom' in made && made.rom !== undefined) await shelf.forget({ sha256: made.rom });
  const { vouched, because } = await shelf.standing(added.digest);
  const { label, manifest } = await shelf.get(added.digest);
  return {
    source: word,
    digest: added.digest,
    build: buildName(manifest),
    isNew: !added.isKnown,
    vouched,
    because,
    label,
    files: manifest.files.length,
    unread: manifest.unread?.length ?? 0,
  };
}

const labelled = (provenance: Provenance, { label }: AddFlags): Provenance => (label === undefined ? provenance : { ...provenance, label });

function makeOne(shelf: DiskShelf, word: string, flags: AddFlags): Promise<Made> {
  if (flags.fromTree === true) return fromTree(word, flags);
  if (flags.fromList === true) return fromList(word, flags);
  if (flags.fromCapture === true) return fromCapture(word);
  return fromRom(shelf, word, flags);
}

/** A ROM in whatever container. The same bytes as before are not read through again. */
async function fromRom(shelf: DiskShelf, word: string, flags: AddFlags): Promise<Made> {
  if (await isDocument(word)) {
    const { manifest } = await openDocument(word);
    return {
      manifest,
      provenance: provenanceOf('list', { name: basename(word), bytes: new Uint8Array(await readFile(callerPath(word))), kind: 'manifest' }),
    };
  }
  const spool = openSpool();
  const ports = { hash: nodeHash, codec: nodeCodec, stream: nodeStream, spool: spool.spool };
  try {
    const rom = await openRom(word, ports);
    try {
      const digests = rom.remote === undefined ? await digestsOfSource(rom.source) : undefined;
      const known = digests && (await shelf.sources()).get(digests.sha256);
      if (known !== undefined) return { known };
      const checkpoint = await checkpointOf(shelf, digests?.sha256 ?? remoteKey(word, rom.remote), rom.remote);
      const { manifest, provenance } = await referenceOf(
        { ...rom, rom: word, ports },
        {
          ...(digests === undefined ? {} : { digests }),
          ...(checkpoint === undefined ? {} : { checkpoint: checkpoint.port }),
          ...(flags.threads === undefined ? {} : { threads: flags.threads }),
        },
      ).catch(async (error: unknown) => {
        // Of a file that is another now nothing is taken, neither in this run nor in the next one.
        if (error instanceof HttpError && error.code === 'changed' && checkpoint !== undefined)
          await shelf.forget({ sha256: checkpoint.rom });
        throw error;
      });
      if (manifest.files.length === 0) throw new Error('no file system in it is read here');
      if (provenance === undefined) throw new Error('nothing is known of where it came from');
      return { manifest, provenance, ...(checkpoint === undefined ? {} : { rom: checkpoint.rom }) };
    } finally {
      await rom.close();
    }
  } finally {
    await spool.close();
  }
}

/**
 * What a file on a web server is known by to another run that goes on with it: not by its digest, since it is not read whole, but by address, size and a strong validator together.
 * Undefined: the server gives none, and parts of two files must not be put together.
 */
function remoteKey(word: string, remote: RemoteRom | undefined): string | undefined {
  if (remote?.validator === undefined) return undefined;
  const stated = JSON.stringify(['assay.remote-rom/1', word, remote.size, remote.validator]);
  return createHash('sha256').update(stated).digest('hex');
}

/** Where what is done of a ROM is kept, and taken from again. What lies on a web server is held to what was read of it then. */
async function checkpointOf(
  shelf: DiskShelf,
  sha256: string | undefined,
  remote: RemoteRom | undefined,
): Promise<{ readonly rom: string; readonly port: Checkpoint } | undefined> {
  if (sha256 === undefined) {
    console.error('the server says nothing by which a changed file could be told: a run that is broken off begins anew');
    return undefined;
  }
  const making = { sha256, version: packageVersion() };
  if (remote === undefined) return { rom: sha256, port: told(shelf.checkpoint(making)) };
  try {
    remote.holdTo((await shelf.pins(making)) ?? new Map());
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    // What was done is of another file than the one that lies there now.
    await shelf.forget(making);
  }
  return { rom: sha256, port: told(shelf.checkpoint(making, () => remote.pins)) };
}

/** Says of which partitions a run that was broken off left something. */
const told = (checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  async load(partition) {
    const part = await checkpoint.load(partition);
    if (part !== undefined) console.error(plain(`${partition}: read before, by a run that was broken off`, 200));
    return part;
  },
});

async function fromTree(word: string, { root, identity }: AddFlags): Promise<Made> {
  const { manifest: found, texts } = await manifestOfTree(callerPath(word), rootOf(root));
  const manifest = withIdentity(found, identity);
  if (manifest.files.length === 0) throw new Error('there is no file in it');
  return {
    manifest,
    texts,
    provenance: { ...NOBODYS, made: 'tree', sources: [{ name: basename(callerPath(word)), size: 0, sha256: null, kind: 'folder' }] },
  };
}

async function fromList(word: string, { root, identity }: AddFlags): Promise<Made> {
  const bytes = new Uint8Array(await readFile(callerPath(word)));
  const { gunzipSync } = await import('node:zlib');
  const text = new TextDecoder().decode(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: LIST_MAX }) : bytes);
  const manifest = manifestOfList(text, { root: rootOf(root), identity: pairsOf(identity) });
  return { manifest, provenance: provenanceOf('list', { name: basename(word), bytes, kind: 'list' }) };
}

async function fromCapture(word: string): Promise<Made> {
  const { recognise } = await import('../../acquire/import/index.ts');
  const capture = await recognise(await openInput(callerPath(word)), { codec: nodeCodec, hash: nodeHash });
  const manifest = manifestOfPhone(await readFacts(capture));
  if (manifest.files.length === 0) throw new Error('the phone showed no digest of a file of its system');
  return {
    manifest,
    texts: await textsOfPhone(manifest, phoneFiles(capture), nodeHash),
    provenance: { ...NOBODYS, made: 'phone', sources: [{ name: basename(callerPath(word)), size: 0, sha256: null, kind: 'capture' }] },
  };
}

/** Bytes of a list as text. */
const LIST_MAX = 512 << 20;
const NOBODYS: Provenance = { made: 'list', sources: [], signatures: [], vouched: 'nobody', label: 'release' };

function provenanceOf(
  made: 'list',
  { name, bytes, kind }: { readonly name: string; readonly bytes: Uint8Array; readonly kind: string },
): Provenance {
  return { ...NOBODYS, made, sources: [{ name, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), kind }] };
}

/** Where relative paths lie, as in `/system`. */
function rootOf(word: string | undefined): string {
  const root = (word ?? '').replace(/\/+$/, '');
  if (root !== '' && !/^\/[^/]/.test(root)) throw new UsageError(`--root wants a path as /system; this is "${word ?? ''}"`);
  return root;
}

/** `build.id=KTU84P` and its like. */
function pairsOf(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.map((word) => {
    const found = /^(?:ro\.)?([a-z_][a-z0-9_.]*)=(.+)$/.exec(word);
    if (found === null) throw new UsageError(`--identity wants a property and its value as build.id=KTU84P; this is "${word}"`);
    return [found[1] ?? '', found[2] ?? ''] as const;
  });
  return Object.fromEntries(pairs);
}

const withIdentity = (manifest: Manifest, words: readonly string[]): Manifest => ({
  ...manifest,
  identity: { ...manifest.identity, ...pairsOf(words) },
});

function tell(outcome: Outcome, { json }: AddFlags): void {
  if ('error' in outcome) console.error(plain(`assay: ${outcome.source}: ${outcome.error}`, 400));
  else if (json !== true) {
    const { digest, build, isNew, vouched, because, label, files, unread } = outcome;
    console.log(plain(`${digest}  ${isNew ? 'new' : 'known'}: ${build}`, 300));
    console.log(
      plain(`  ${label}, ${files} files${unread > 0 ? `, ${unread} parts not read` : ''}; vouched for by ${vouched}: ${because}`, 400),
    );
  }
}
