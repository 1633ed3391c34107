/**
 * Official lists of builds as files: which packages a maker published, with their digests. What is not on a list is unknown, never fake: lists have gaps.
 * Read: tables with a header (tab-separated, with `filename` or `name`, `version`, `md5`, `sha256`, `codename_or_model` or `codename`), YAML of flat items with the same
 * keys and `link`, the Pixel build index (`DEVICE BUILD:` and below it `factory: SHA256 NAME`), and what sha256sum and md5sum print. Limits: ROWS_MAX, LINE_MAX.
 */
import { FormatError } from '../../bytes/index.ts';

/** One published file. */
export interface ListedFile {
  /** Code name of the device; empty where the list does not say. */
  readonly device: string;
  /** Incremental or build id, as in `V9.2.6.0.NCCMIEK`; empty where the list does not say. */
  readonly version: string;
  /** The file's own name. */
  readonly name: string;
  /** Lower-case hex; at least one of the two is there, or neither where the list has none. */
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
}

/** Several times the largest list that is known (55,459). */
const ROWS_MAX = 2_000_000;
const LINE_MAX = 16_384;

const refuse = (line: number, detail: string) =>
  new FormatError({ format: 'list of builds', field: `line ${line + 1}`, at: 0 }, 'bad-value', detail);
const nameOf = (path: string) =>
  path
    .replace(/[?#].*$/, '')
    .replace(/^.*\//, '')
    .trim();
const hex = (text: string | undefined, digits: number) =>
  text !== undefined && new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(text) ? text.toLowerCase() : undefined;

/** The files of a list, each once. @throws FormatError for a text that is no list */
export function parseBuildList(text: string): readonly ListedFile[] {
  const lines = text.split(/\r?\n/);
  const long = lines.findIndex((line) => line.length > LINE_MAX);
  if (long >= 0) throw refuse(long, `more than ${LINE_MAX} characters`);
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  const rows = first.includes('\t')
    ? tableRows(lines)
    : /^(?:- )?[a-z_]+: ?\S/.test(first) && first.startsWith('- ')
      ? yamlRows(lines)
      : /^\S+ [^:\s]+:\s*$/.test(first)
        ? indexRows(lines)
        : sumRows(lines);
  const seen = new Set<string>();
  const files: ListedFile[] = [];
  for (const row of rows) {
    const key = JSON.stringify(row);
    if (row.name === '' || seen.has(key)) continue;
    if (files.length === ROWS_MAX) throw refuse(0, `more than ${ROWS_MAX} files`);
    seen.add(key);
    files.push(row);
  }
  if (files.length === 0) throw refuse(0, 'it names no file');
  return files;
}

function fileOf(fields: ReadonlyMap<string, string>): ListedFile {
  const said = (...names: readonly string[]) => names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== '');
  return {
    device: said('codename_or_model', 'codename', 'device') ?? '',
    version: said('version', 'incremental', 'build') ?? '',
    name: nameOf(said('filename', 'link', 'url', 'name') ?? ''),
    md5: hex(said('md5'), 32),
    sha256: hex(said('sha256'), 64),
  };
}

function* tableRows(lines: readonly string[]): Generator<ListedFile> {
  const at = lines.findIndex((line) => line.includes('\t'));
  const header = (lines[at] ?? '').split('\t').map((name) => name.trim().toLowerCase());
  if (!header.some((name) => name === 'filename' || name === 'name' || name === 'url' || name === 'link'))
    throw refuse(at, 'no column says the file’s name');
  for (const line of lines.slice(at + 1)) {
    if (line.trim() === '') continue;
    const cells = line.split('\t');
    yield fileOf(new Map(header.map((name, i) => [name, (cells[i] ?? '').trim()])));
  }
}

/** A list of flat maps, as in `- key: value` and below it `  key: value`. */
function* yamlRows(lines: readonly string[]): Generator<ListedFile> {
  let fields = new Map<string, string>();
  for (const line of lines) {
    const found = /^(- | {2})([a-z0-9_]+): ?(.*)$/.exec(line);
    if (found === null) continue;
    const [, lead, key = '', value = ''] = found;
    if (lead === '- ') {
      if (fields.size > 0) yield fileOf(fields);
      fields = new Map();
    }
    fields.set(key, value.trim().replace(/^(['"])(.*)\1$/, '$2'));
  }
  if (fields.size > 0) yield fileOf(fields);
}

/** `DEVICE BUILD:`, and below it lines of a kind, a digest and a name or an address. */
function* indexRows(lines: readonly string[]): Generator<ListedFile> {
  let [device, version] = ['', ''];
  for (const line of lines) {
    const head = /^(\S+) ([^:\s]+):\s*$/.exec(line);
    if (head !== null) [device, version] = [head[1] ?? '', head[2] ?? ''];
    const file = /^\s+\S+: ([0-9a-f]{64}) (\S+)\s*$/.exec(line);
    if (head === null && file !== null) yield { device, version, name: nameOf(file[2] ?? ''), md5: undefined, sha256: hex(file[1], 64) };
  }
}

function* sumRows(lines: readonly string[]): Generator<ListedFile> {
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const found = /^([0-9a-fA-F]{32}|[0-9a-fA-F]{64}) [ *](.+)$/.exec(line);
    if (found === null) throw refuse(i, 'neither a table, nor an index, nor sums');
    const [, digest = '', name = ''] = found;
    yield { device: '', version: '', name: nameOf(name), md5: hex(digest, 32), sha256: hex(digest, 64) };
  }
}
