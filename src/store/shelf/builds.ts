/** Builds of a shelf as the index knows them, and who vouches for each. */

import {
  type BuildSummary,
  type Manifest,
  makersKeys,
  type Provenance,
  type ShelfBuild,
  type Vouching,
  vouchingOf,
} from '../../references/index.ts';
import { parseEntry, writerOf } from './entry.ts';
import type { IndexFile } from './index-file.ts';

/** What reading a shelf needs besides its index. */
export interface ReadingTrust {
  /** The operator's own seal. */
  readonly key: Uint8Array | undefined;
  /** The official list on which a file stands. */
  readonly listed: (source: Provenance['sources'][number]) => string | undefined;
  /** Standings that were decided while this question is answered. */
  readonly decided: Map<number, Standing>;
}

/** A build's row. */
export interface BuildRow {
  readonly number: number;
  readonly digest: string;
  readonly summary: BuildSummary;
  readonly family: string;
  readonly madeAt: number;
}

const COLUMNS = 'number, digest, summary, family, made_at';

/** Every build that stands there, in the order in which they came. */
export const allBuilds = (index: IndexFile): readonly BuildRow[] =>
  rowsOf(index.statement(`select ${COLUMNS} from build where shown = 1 order by number`).all());

/** Digests of every build, those of one family next to each other. */
export const digestsByFamily = (index: IndexFile): readonly string[] =>
  (
    index.statement('select digest from build where shown = 1 order by chapter, place').all() as unknown as readonly (readonly [
      Uint8Array,
    ])[]
  ) // a strict table
    .map(([digest]) => Buffer.from(digest).toString('hex'));

/** Every source that something was made from, by its SHA-256: what need not be read again. */
export function knownSources(index: IndexFile): ReadonlyMap<string, string> {
  const rows = index
    .statement('select entry.document, build.digest from entry join build on build.number = entry.build where shown = 1')
    .all() as unknown as readonly (readonly [string, Uint8Array])[]; // a strict table
  const found = new Map<string, string>();
  for (const [document, digest] of rows)
    for (const { sha256 } of parseEntry(document).stated.provenance.sources)
      if (sha256 !== null) found.set(sha256, Buffer.from(digest).toString('hex'));
  return found;
}

/** One build by its digest. */
export const buildByDigest = (index: IndexFile, digest: string): BuildRow | undefined =>
  rowsOf(index.statement(`select ${COLUMNS} from build where digest = ? and shown = 1`).all(Buffer.from(digest, 'hex')))[0];

/** Digests of builds that begin with some hex digits, out of the index's order. */
export function digestsFrom(index: IndexFile, beginning: string): readonly string[] {
  const end = (digit: string) => Buffer.from(beginning.padEnd(64, digit).slice(0, 64), 'hex');
  const rows = index.statement('select digest from build where digest between ? and ? and shown = 1').all(end('0'), end('f'));
  return (rows as unknown as readonly (readonly [Uint8Array])[]) // a strict table
    .map(([digest]) => Buffer.from(digest).toString('hex'));
}

export const buildByNumber = (index: IndexFile, number: number): BuildRow | undefined =>
  rowsOf(index.statement(`select ${COLUMNS} from build where number = ? and shown = 1`).all(number))[0];

function rowsOf(rows: readonly unknown[]): readonly BuildRow[] {
  return (rows as readonly (readonly [number, Uint8Array, string, string, number])[]) // the columns above, of a strict table
    .map(([number, digest, summary, family, madeAt]) => ({
      number,
      digest: Buffer.from(digest).toString('hex'),
      summary: JSON.parse(summary) as BuildSummary, // written by `indexBuild`; `verify` compares it with the manifest's
      family,
      madeAt,
    }));
}

/** Where a build came from, with who vouches for it: of several the one that vouches most. */
export interface Standing extends Vouching {
  readonly provenance: Provenance;
  /** Whether somebody wrote it down whom the operator knows. */
  readonly isKnown: boolean;
}

const RANK: readonly Provenance['vouched'][] = ['nobody', 'official-list', 'maker-signature'];
const MADE: readonly Provenance['made'][] = ['list', 'tree', 'phone', 'image'];

/** @throws FormatError for an entry that is malformed, Error for a build without any */
export function standingOf(index: IndexFile, build: number, trust: ReadingTrust): Standing {
  const before = trust.decided.get(build);
  if (before !== undefined) return before;
  const standing = decideStanding(index, build, trust);
  trust.decided.set(build, standing);
  return standing;
}

function decideStanding(index: IndexFile, build: number, { key, listed }: ReadingTrust): Standing {
  const documents = index
    .statement('select document from entry where build = ? order by name')
    .all(build) as unknown as readonly (readonly [string])[]; // a strict table
  const knowledge = { ...makersKeys, listed };
  let best: Standing | undefined;
  for (const [document] of documents) {
    const entry = parseEntry(document);
    const { provenance, isBound } = entry.stated;
    const writer = writerOf(entry, key);
    const standing = { ...vouchingOf({ provenance, isBound, writer }, knowledge), provenance, isKnown: writer.known };
    if (best === undefined || worth(standing) > worth(best)) best = standing;
  }
  if (best === undefined) throw new Error(`nothing says where build ${build} came from`);
  return best;
}

const worth = ({ vouched, provenance }: Standing) => RANK.indexOf(vouched) * MADE.length + MADE.indexOf(provenance.made);

/** The build as it is shown. */
export function shelfBuild(index: IndexFile, row: BuildRow, trust: ReadingTrust): ShelfBuild {
  const standing = standingOf(index, row.number, trust);
  return {
    digest: row.digest,
    ...row.summary,
    made: standing.provenance.made,
    vouched: standing.vouched,
    label: labelOfBuild(index, row, { standing, trust }),
  };
}

/** The label: what the build says of itself, and whether a later one of its family stands here that is vouched for as well as it is. */
export function labelOfBuild(
  index: IndexFile,
  row: BuildRow,
  { standing, trust }: { readonly standing: Standing; readonly trust: ReadingTrust },
): Provenance['label'] {
  const { label } = standing.provenance;
  if (label !== 'release' || row.family === '') return label;
  const later = index
    .statement('select number from build where family = ? and made_at > ? and shown = 1 order by made_at desc limit 16')
    .all(row.family, row.madeAt) as unknown as readonly (readonly [number])[]; // a strict table
  const isLater = ([number]: readonly [number]) => {
    const other = standingOf(index, number, trust);
    return other.provenance.label !== 'engineering' && RANK.indexOf(other.vouched) >= RANK.indexOf(standing.vouched);
  };
  return later.some(isLater) ? 'superseded' : label;
}

/** Builds that follow each other: of one maker's product for one region. Empty: it does not say. */
export function familyOf({ identity }: Pick<Manifest, 'identity'>): string {
  const said = (name: string) => identity[`product.${name}`] ?? identity[`product.system.${name}`];
  const [brand, name, device] = [said('brand'), said('name'), said('device')];
  return name === undefined || device === undefined ? '' : JSON.stringify([brand ?? '', name, device]);
}

/** When a build was made, in seconds since 1970; 0 where it does not say. */
export function madeAtOf({ identity }: Pick<Manifest, 'identity'>): number {
  const seconds = Number(identity['build.date.utc'] ?? identity['system.build.date.utc'] ?? 0);
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : 0;
}
