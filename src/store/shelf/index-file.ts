/**
 * The shelf's index: SQLite in the folder, made again from its objects when it is lost. Which contents lie where is kept as lifetimes: builds of one family stand
 * in a chapter one after the other, and a content at a path is one row with the place of the first build that has it and of the first that no longer does.
 * So a further build costs rows only for what it changes, and a content is found in a thousand builds by one look.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BUSY_MS, openToRead } from './database.ts';
import { inTransaction, inTransactionOver } from './transaction.ts';

/** Raised with every change of the tables: an index of another version is made anew. */
const INDEX_VERSION = 1;
/**
 * Bytes of a SHA-256 that the index keeps. Sixteen leave nothing to find for who looks for a file that is taken for one of millions (2^128 over their number),
 * and are half the index.
 */
export const PREFIX_SIZE = 16;

const TABLES = `
create table build (number integer primary key, digest blob not null unique, chapter integer not null, place integer not null,
  shown integer not null, family text not null, made_at integer not null, summary text not null, unique (chapter, place)) strict;
create index build_family on build (family, made_at);
create table entry (build integer not null, name text not null, document text not null, primary key (build, name)) without rowid, strict;
create table fact (value text not null, key text not null, build integer not null, weight integer not null, primary key (value, key, build)) without rowid, strict;
create table place (id integer primary key, component integer not null, partition text not null, path text not null) strict;
create unique index place_path on place (path, partition, component);
create table content (prefix blob not null, chapter integer not null, place integer not null, birth integer not null, death integer,
  primary key (prefix, chapter, place, birth)) without rowid, strict;
pragma user_version = ${INDEX_VERSION};
`;

/** An open index. Statements are kept: making one costs more than asking it. */
export interface IndexFile {
  readonly database: DatabaseSync;
  readonly statement: (sql: string) => StatementSync;
  /** Does all of it or nothing, flushed when it answers. */
  readonly transaction: <T>(work: () => T) => T;
  /** The same of work that waits in between: for a connection that one writer has alone. */
  readonly transactionOver: <T>(work: () => Promise<T>) => Promise<T>;
  /** @throws Error where it was opened in a folder that may not be written to, and somebody else wrote there meanwhile */
  readonly assertUnchanged: () => void;
  readonly close: () => void;
}

/** Makes an empty index beside its place and moves it there whole: a reader that comes meanwhile finds none, and never one without its tables. The folder is locked by the caller. */
function makeIndex(path: string): void {
  const beside = `${path}.making`;
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(beside + end, { force: true });
  const database = new DatabaseSync(beside);
  try {
    database.exec(`pragma synchronous = full; begin immediate; ${TABLES} commit`);
  } finally {
    database.close();
  }
  renameSync(beside, path);
}

/** Opens an index for reading, or for writing, which makes it where there is none. @throws Error for one of another version */
export function openIndex(path: string, mode: 'read' | 'write'): IndexFile {
  if (mode === 'write' && !existsSync(path)) makeIndex(path);
  const { database, assertUnchanged } =
    mode === 'read' ? openToRead(path) : { database: new DatabaseSync(path, { timeout: BUSY_MS }), assertUnchanged: () => undefined };
  try {
    // Readers never wait for the writer, and a commit that was acknowledged is on the disk.
    if (mode === 'write') database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma journal_size_limit = 4194304');
    database.exec('pragma mmap_size = 4294967296; pragma cache_size = -65536; pragma temp_store = memory');
    const version = versionOf(database);
    if (version !== INDEX_VERSION)
      throw new Error(
        `${path} is an index of version ${version}, and ${INDEX_VERSION} is read here: assay reference verify --rebuild makes it anew`,
      );
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();
  return {
    database,
    statement(sql) {
      let found = statements.get(sql);
      if (found === undefined) {
        found = database.prepare(sql);
        found.setReturnArrays(true);
        statements.set(sql, found);
      }
      return found;
    },
    transaction: (work) => inTransaction(database, work),
    transactionOver: (work) => inTransactionOver(database, work),
    assertUnchanged,
    close: () => database.close(),
  };
}

/**
 * Writes the whole index anew, without the holes that digests leave in the trees they are scattered over: then it has two thirds of the size. Only `gc` does it. Each page is full afterwards,
 * so that the next builds split as many as they have contents: an index that is packed again after it grew by a sixteenth is packed with every build.
 * What is under way lies in a file meanwhile: in memory it would be as much as the index.
 */
export function vacuum(database: DatabaseSync): void {
  database.exec('pragma temp_store = file');
  try {
    database.exec('vacuum');
  } finally {
    database.exec('pragma temp_store = memory');
  }
}

const versionOf = (database: DatabaseSync): number => Number(Object.values(database.prepare('pragma user_version').get() ?? {})[0] ?? 0);

/** What the index keeps of a digest in hex. */
export const prefixOf = (sha256: string): Uint8Array => Buffer.from(sha256.slice(0, 2 * PREFIX_SIZE), 'hex');
