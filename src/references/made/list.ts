/**
 * A manifest out of a list of digests: what sha256sum prints, `path: sha256` lines, or a table with a header that has `path` and `sha256`.
 * Such a manifest finds differences and clears nothing. What a list does not say (owner, label; mostly mode and size) is left out.
 */
import { FormatError } from '../../bytes/index.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import { canonicalManifest } from '../manifest-bytes.ts';

/** Several times the largest builds. */
const ROWS_MAX = 1_000_000;
const LINE_MAX = 16_384;

export interface ListOptions {
  /** Put in front of paths that are not absolute; default nothing but a slash. */
  readonly root: string;
  /** What the build calls itself, property without `ro.` → value. */
  readonly identity: Manifest['identity'];
}

interface Row {
  readonly path: string;
  /** Null: the table has the file and not its digest. */
  readonly sha256: string | null;
  readonly size?: number;
  readonly mode?: string;
  readonly target?: string;
}

/** @throws FormatError for a text that is no list, or names a path twice with different contents */
export function manifestOfList(text: string, { root, identity }: ListOptions): Manifest {
  const lines = text.split(/\r?\n/);
  const files = new Map<string, ManifestFile>();
  for (const [i, row] of rowsOf(lines)) {
    const path = mountedPath(row.path, root);
    if (path === undefined) throw refuse(i, `"${row.path.slice(0, 80)}" is no path`);
    const file = fileOf(path, row);
    const before = files.get(path);
    if (before !== undefined && before.sha256 !== file.sha256)
      throw refuse(i, `${path.slice(0, 80)} stands there twice with different contents`);
    if (files.size === ROWS_MAX) throw refuse(i, `more than ${ROWS_MAX} files`);
    files.set(path, file);
  }
  if (files.size === 0) throw refuse(0, 'it names no file');
  return canonicalManifest({ format: 'assay.manifest/1', identity, partitions: [], files: [...files.values()], apks: [] });
}

function fileOf(path: string, { sha256, size, mode, target }: Row): ManifestFile {
  const isLink = target !== undefined;
  return {
    partition: path.split('/').length > 2 ? (path.split('/')[1] ?? '') : 'system',
    path,
    type: isLink ? 'link' : 'file',
    ...(size === undefined ? {} : { size }),
    ...(mode === undefined ? {} : { mode }),
    sha256: isLink ? null : sha256,
    target: target ?? null,
  };
}

/** Absolute, without what leads out. Folders of a collection (`proprietary/`) are no part of a phone's path. */
function mountedPath(said: string, root: string): string | undefined {
  const path = said.startsWith('/') ? said : `${root}/${said.replace(/^\.\//, '').replace(/^proprietary\//, '')}`;
  const parts = path.split('/').slice(1);
  return parts.some((part) => part === '' || part === '.' || part === '..') ? undefined : `/${parts.join('/')}`;
}

function* rowsOf(lines: readonly string[]): Generator<readonly [number, Row]> {
  const header = (lines[0] ?? '').split('\t');
  const isTable = header.includes('path') && header.includes('sha256');
  for (const [i, line] of lines.entries()) {
    if (line.length > LINE_MAX) throw refuse(i, `more than ${LINE_MAX} characters`);
    if (line.trim() === '' || line.startsWith('#') || (isTable && i === 0)) continue;
    const row = isTable ? tableRow(header, line.split('\t')) : sumRow(line);
    if (row === undefined) throw refuse(i, 'neither a sum, nor a path with its sum, nor a row of a table');
    yield [i, row];
  }
}

function sumRow(line: string): Row | undefined {
  const sum = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
  if (sum !== null) return { path: sum[2] ?? '', sha256: sum[1] ?? '' };
  const pair = /^(.+): ([0-9a-f]{64})$/.exec(line);
  return pair === null ? undefined : { path: pair[1] ?? '', sha256: pair[2] ?? '' };
}

/** A file of a table; what has no digest is a link where it says where to, as Git has it. */
function tableRow(header: readonly string[], cells: readonly string[]): Row | undefined {
  const said = (name: string) => cells[header.indexOf(name)] ?? '';
  const [path, sha256, target] = [said('path'), said('sha256'), said('link_target')];
  const size = said('size') === '' ? Number.NaN : Number(said('size'));
  // Of Git's modes the permissions mean nothing on a phone: it keeps only whether a file may be run.
  const mode = /^0?[0-7]{3,4}$/.test(said('mode')) ? said('mode').slice(-4).padStart(4, '0') : undefined;
  if (path === '' || !/^(?:[0-9a-f]{64})?$/.test(sha256)) return undefined;
  return {
    path,
    sha256: sha256 === '' ? null : sha256,
    ...(Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
    ...(mode === undefined ? {} : { mode }),
    ...(target === '' ? {} : { target }),
  };
}

const refuse = (line: number, detail: string) =>
  new FormatError({ format: 'list of digests', field: `line ${line + 1}`, at: 0 }, 'bad-value', detail);
