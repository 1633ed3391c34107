/** Knowledge with the packs that the operator imported, and foreign documents as packs. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FormatError } from '../bytes/index.ts';
import {
  builtinKnowledge,
  emptyPack,
  INDICATOR_CLASSES,
  isKernelStreams,
  isOsv,
  isSecurityState,
  type Knowledge,
  type Pack,
  parseSpecTable,
  parseTacCsv,
  readPack,
  readStixBundle,
  rowsOfKernelStreams,
  rowsOfOsv,
  rowsOfSecurityState,
  rowsOfStix,
  withPacks,
} from '../knowledge/index.ts';
import { configFolder } from '../platform/node/index.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

/** Where packs stand: a folder that is named, or the user's own. */
export const knowledgeFolder = (named: string | undefined): string =>
  named === undefined ? join(configFolder(), 'knowledge') : callerPath(named);

/** What assay knows, with the packs of that folder. @throws UsageError where one of them cannot be read: knowledge that is not what it was is not judged by */
export async function openKnowledge(named: string | undefined): Promise<Knowledge> {
  const { openPacks } = await import('../store/packs/index.ts');
  try {
    const packs = await openPacks(knowledgeFolder(named));
    return packs.length === 0
      ? builtinKnowledge
      : withPacks(
          builtinKnowledge,
          // Times of an envelope that nobody vouches for are held against nobody.
          packs.map(({ pack, imported }) => (imported.signedBy === null ? { ...pack, envelopes: [] } : pack)),
        );
  } catch (error) {
    if (error instanceof FormatError) throw new UsageError(`${error.message} (assay knowledge remove, or import it again)`);
    throw error;
  }
}

const DOCUMENT_MAX = 256 << 20;
const FETCH_MS = 120_000;

/** The bytes of a document: a file, or an https address. */
export async function readDocument(word: string): Promise<Uint8Array> {
  if (!/^https?:\/\//i.test(word)) return new Uint8Array(await readFile(callerPath(word)));
  const answer = await fetch(word, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!answer.ok || answer.body === null) throw new Error(`${word}: HTTP ${answer.status}`);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body) {
    size += piece.length;
    if (size > DOCUMENT_MAX) throw new Error(`${word}: more than ${DOCUMENT_MAX} bytes`);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** What an operator says of a document that does not say it itself. */
export interface PackWords {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly packVersion?: string | undefined;
  readonly licence?: string | undefined;
  readonly class?: string | undefined;
}

export type IndicatorClass = Pack['indicators'][number]['class'];

export function classOf(word: string | undefined): IndicatorClass | undefined {
  const known = INDICATOR_CLASSES.find((one) => one === word);
  if (word !== undefined && known === undefined)
    throw new UsageError(`--class is one of ${INDICATOR_CLASSES.join(', ')}; "${word}" is none`);
  return known;
}

/** A document as a pack, by its content, with what could not be used of it. @throws FormatError, UsageError */
export function packOf(bytes: Uint8Array, word: string, words: PackWords): { readonly pack: Pack; readonly left: readonly string[] } {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096)).trimStart();
  if (/^\{[^{}[]*"format"\s*:\s*"assay\.knowledge\/1"/.test(text)) return { pack: readPack(bytes), left: [] };
  const name = basename(word.replace(/[?#].*$/, ''));
  const { licence, packVersion } = words;
  if (licence === undefined) throw new UsageError(`--licence: under which licence is ${name}? It is shown wherever the pack is used`);
  if (packVersion === undefined) throw new UsageError(`--pack-version: which version of ${name} is this? A date or a commit will do`);
  const id =
    words.id ??
    name
      .toLowerCase()
      .replace(/\.[a-z0-9]+$/, '')
      .replaceAll(/[^a-z0-9.-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 63);
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(id)) throw new UsageError('--id: small letters, digits, dots and hyphens');
  const title = words.title ?? name;
  const pack = emptyPack({ id, title, version: packVersion, licence, source: /^https?:/i.test(word) ? word : name });
  const source = `${id}@${packVersion}`;
  if (text.startsWith('{') && /"type"\s*:\s*"bundle"/.test(text)) {
    const bundle = readStixBundle(bytes);
    const chosen = classOf(words.class);
    const rows = rowsOfStix(bundle, { source, title, ...(chosen === undefined ? {} : { class: chosen }) });
    return { pack: { ...pack, ...rows }, left: bundle.left.map(({ id: indicator, because }) => `${indicator}: ${because}`) };
  }
  const whole = new TextDecoder().decode(bytes);
  if (/^(?:private\s+|global\s+)*rule\s+\w+|^import\s+"\w+"/m.test(whole.slice(0, 1 << 20)) && /\.yara?$/i.test(name))
    return { pack: { ...pack, rules: [{ name, text: whole }] }, left: [] };
  const bulletin = bulletinOf(whole, source);
  if (bulletin !== undefined) return { pack: { ...pack, ...bulletin.rows }, left: bulletin.left };
  const tacs = parseTacCsv(whole);
  if (tacs.tacs.length > 0)
    return { pack: { ...pack, tacs: [...tacs.tacs] }, left: tacs.skipped.map(({ row, because }) => `row ${row + 1}: ${because}`) };
  const specs = isJsonOrTable(whole) ? parseSpecTable(whole, source, builtinKnowledge.socs) : undefined;
  if (specs !== undefined && specs.models.length > 0)
    return {
      pack: { ...pack, specs: [{ name, text: whole }] },
      left: specs.skipped.map(({ row, because }) => `row ${row + 1}: ${because}`),
    };
  throw new FormatError(
    { format: 'knowledge', field: 'document', at: 0 },
    'bad-value',
    `${name} is no pack, STIX bundle, YARA file, TAC table or spec table`,
  );
}

/** Published holes in one of the forms that are kept; undefined where the text is none. */
function bulletinOf(
  text: string,
  source: string,
): { readonly rows: Pick<Pack, 'vulnerabilities' | 'kernelLevels'>; readonly left: readonly string[] } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = isOsv(json)
    ? { ...rowsOfOsv(json, source), kernels: [] }
    : isSecurityState(json)
      ? rowsOfSecurityState(json, source)
      : isKernelStreams(json)
        ? { ...rowsOfKernelStreams(json, source), kernels: [] }
        : undefined;
  if (read === undefined || read.rows.length + read.kernels.length === 0) return undefined;
  const vulnerabilities = read.rows.map(({ name: _name, fixedInKernel: _kernel, severity, level, fixedInStreams, sources, ...row }) => ({
    ...row,
    sources: [...sources],
    ...(severity === undefined ? {} : { severity }),
    ...(level === undefined ? {} : { level }),
    ...(fixedInStreams === undefined ? {} : { fixedInStreams: { ...fixedInStreams } }),
  }));
  return {
    rows: { vulnerabilities, kernelLevels: read.kernels.map(({ versions, ...kernel }) => ({ ...kernel, versions: [...versions] })) },
    left: read.left,
  };
}

/** Whether a text that begins as a JSON list is one. */
function isJsonOrTable(text: string): boolean {
  if (!text.trimStart().startsWith('[')) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
