/**
 * The register of official builds: lists that the operator imported, in `builds.sqlite` of the shelf. What stands on none is unknown, never fake.
 * A list vouches under the operator's seal only, over its rows as they are: one that somebody else put there, or wrote into, answers questions and vouches for nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ListedFile, Provenance } from '../../references/index.ts';
import { isSealed, sealOf } from './seal.ts';

const FILE = 'builds.sqlite';
const BUSY_MS = 30_000;
const VERSION = 1;
const TABLES = `
create table list (id integer primary key, name text not null unique, maker text not null, sha256 text not null, files integer not null, seal text not null) strict;
create table listed (list integer not null, device text not null, version text not null, name text not null, md5 text, sha256 text) strict;
create index listed_list on listed (list);
create index listed_name on listed (name);
create index listed_version on listed (version);
create index listed_md5 on listed (md5) where md5 is not null;
create index listed_sha256 on listed (sha256) where sha256 is not null;
pragma user_version = ${VERSION};
`;

/** A list that was imported. */
export interface BuildList {
  readonly name: string;
  readonly maker: string;
  /** SHA-256 of the document. */
  readonly sha256: string;
  readonly files: number;
  /** Whether this operator imported it, and nobody changed it since. */
  readonly isOurs: boolean;
}

/** A file of a list. */
export interface ListedHit extends ListedFile {
  readonly list: string;
  readonly maker: string;
}

export interface Register {
  readonly lists: () => readonly BuildList[];
  /** Files by exact name, version (incremental or build id), MD5 or SHA-256; at most `limit`. */
  readonly find: (word: string, limit: number) => readonly ListedHit[];
  /** The list of this operator on which a file stands by a digest of all its bytes. */
  readonly listed: (source: Provenance['sources'][number]) => string | undefined;
  readonly close: () => void;
}

interface ListRow {
  readonly id: number;
  readonly name: string;
  readonly maker: string;
  readonly sha256: string;
  readonly files: number;
  readonly seal: string;
}

function openDatabase(folder: string, readOnly: boolean): DatabaseSync {
  const path = join(folder, FILE);
  const database = new DatabaseSync(path, { timeout: BUSY_MS, readOnly });
  const version = Number(Object.values(database.prepare('pragma user_version').get() ?? {})[0] ?? 0);
  if (version === 0 && !readOnly) database.exec(`begin immediate; ${TABLES} commit`);
  else if (version !== VERSION) {
    database.close();
    throw new Error(`${path} is a register of version ${version}, and ${VERSION} is read here`);
  }
  return database;
}

/** Opens the register for reading; undefined where none was ever imported. */
export function openRegister(folder: string, key: Uint8Array | undefined): Register | undefined {
  if (!existsSync(join(folder, FILE))) return undefined;
  const database = openDatabase(folder, true);
  const rows = database.prepare('select id, name, maker, sha256, files, seal from list order by id').all() as unknown as readonly ListRow[]; // a strict table
  const known = new Map<number, boolean>();
  const isOurs = (row: ListRow): boolean => {
    const before = known.get(row.id);
    if (before !== undefined) return before;
    const answer = isSealed(key, statedOf(row, digestOfRows(database, row.id)), row.seal);
    known.set(row.id, answer);
    return answer;
  };
  const byDigest = {
    sha256: database.prepare('select distinct list from listed where sha256 = ?'),
    md5: database.prepare('select distinct list from listed where md5 = ?'),
  };
  const listedBy = (algorithm: 'sha256' | 'md5', digest: string | null | undefined): string | undefined => {
    if (digest === null || digest === undefined) return undefined;
    const found = new Set(byDigest[algorithm].all(digest).map((row) => Number(row['list'])));
    const list = rows.find((row) => found.has(row.id) && isOurs(row));
    return list && `${list.maker}’s list "${list.name}" by its ${algorithm === 'md5' ? 'MD5' : 'SHA-256'}`;
  };
  return {
    lists: () => rows.map((row) => ({ name: row.name, maker: row.maker, sha256: row.sha256, files: row.files, isOurs: isOurs(row) })),
    find(word, limit) {
      const sql = `select list.name as list, list.maker, device, version, listed.name as name, md5, listed.sha256 as sha256 from listed join list on list.id = listed.list`;
      const clauses = ['listed.name = ?', 'version = ?', 'md5 = ?', 'listed.sha256 = ?'];
      const hits: ListedHit[] = [];
      for (const clause of clauses)
        hits.push(
          ...(database
            .prepare(`${sql} where ${clause} order by listed.rowid limit ?`)
            .all(/^(md5|listed.sha256)/.test(clause) ? word.toLowerCase() : word, limit - hits.length) as unknown as readonly ListedHit[]),
        ); // a strict table
      return hits.map(({ md5, sha256, ...hit }) => ({ ...hit, md5: md5 ?? undefined, sha256: sha256 ?? undefined }));
    },
    listed: ({ sha256, md5 }) => listedBy('sha256', sha256) ?? listedBy('md5', md5),
    close: () => database.close(),
  };
}

/** Imports a list in place of one of the same name. The folder is locked by the caller. */
export function importList(
  folder: string,
  list: Pick<ListRow, 'name' | 'maker' | 'sha256'> & { readonly rows: readonly ListedFile[] },
  key: Uint8Array,
): void {
  const database = openDatabase(folder, false);
  try {
    database.exec('pragma synchronous = full; begin immediate');
    database.prepare('delete from listed where list in (select id from list where name = ?)').run(list.name);
    database.prepare('delete from list where name = ?').run(list.name);
    const made = database
      .prepare("insert into list (name, maker, sha256, files, seal) values (?, ?, ?, ?, '')")
      .run(list.name, list.maker, list.sha256, list.rows.length);
    const id = Number(made.lastInsertRowid);
    const row = database.prepare('insert into listed (list, device, version, name, md5, sha256) values (?, ?, ?, ?, ?, ?)');
    for (const { device, version, name, md5, sha256 } of list.rows) row.run(id, device, version, name, md5 ?? null, sha256 ?? null);
    const stated = statedOf({ ...list, files: list.rows.length }, digestOfRows(database, id));
    database.prepare('update list set seal = ? where id = ?').run(sealOf(key, stated), id);
    database.exec('commit');
  } finally {
    // An open transaction ends with its connection.
    database.close();
  }
}

const statedOf = ({ name, maker, sha256, files }: Omit<ListRow, 'id' | 'seal'>, rows: string) =>
  JSON.stringify(['assay.build-list/1', name, maker, sha256, files, rows]);

function digestOfRows(database: DatabaseSync, list: number): string {
  const hash = createHash('sha256');
  for (const row of database.prepare('select device, version, name, md5, sha256 from listed where list = ? order by rowid').iterate(list))
    hash.update(`${JSON.stringify(Object.values(row))}\n`);
  return hash.digest('hex');
}
