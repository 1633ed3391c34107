/**
 * Texts of builds: what lets a comparison show the lines that differ, where a manifest has only digests. SQLite beside the index, by SHA-256. Each is packed alone or
 * against the first text that lay at its path, so that another build costs what its texts changed. Losing the file costs lines, and never a finding:
 * whatever is read counts only when its SHA-256 is that which was asked for.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { KeptText } from '../../references/index.ts';
import { BUSY_MS, openToRead } from './database.ts';
import { isCalled, packText, unpackText } from './text-codec.ts';
import { inTransaction } from './transaction.ts';

const FILE = 'texts.sqlite';
/** Of one text, unpacked: several times what is kept. */
const TEXT_MAX = 1 << 20;

const TABLES = `
create table if not exists text (sha256 blob primary key, base blob, packed blob not null) without rowid, strict;
create table if not exists first (path text primary key, sha256 blob not null) without rowid, strict;
`;

export interface TextStore {
  /** Keeps what is not there yet and is what it is called; durable when it answers, with how many that were. The folder is locked by the caller. */
  readonly put: (texts: readonly KeptText[]) => number;
  /** The bytes; undefined for what is not there, or is not what it is called. */
  readonly read: (sha256: string) => Uint8Array | undefined;
  /** Takes away what `isWanted` says no to and nothing is packed against. Answers how many. */
  readonly collect: (isWanted: (sha256: Uint8Array) => boolean) => number;
  /** Every text that is not what it is called. */
  readonly verify: () => readonly string[];
  readonly close: () => void;
}

/** Opens the texts of a shelf; undefined where there are none and none are to be written. */
export function openTexts(folder: string, mode: 'read' | 'write'): TextStore | undefined {
  const path = join(folder, FILE);
  if (mode === 'read' && !existsSync(path)) return undefined;
  const database = mode === 'read' ? openToRead(path).database : new DatabaseSync(path, { timeout: BUSY_MS });
  if (mode === 'write') database.exec(`pragma journal_mode = wal; pragma synchronous = full; ${TABLES}`);
  const get = database.prepare('select base, packed from text where sha256 = ?');
  const rowOf = (sha256: Uint8Array) => get.get(sha256) as { base: Uint8Array | null; packed: Uint8Array } | undefined; // a strict table
  const alone = (sha256: Uint8Array): Uint8Array | undefined => {
    const row = rowOf(sha256);
    return row === undefined || row.base !== null ? undefined : unpackText(row.packed, undefined, TEXT_MAX);
  };
  const read = (sha256: Uint8Array): Uint8Array | undefined => {
    const row = rowOf(sha256);
    const base = row?.base ? alone(row.base) : undefined;
    const bytes = row === undefined || (row.base !== null && base === undefined) ? undefined : unpackText(row.packed, base, TEXT_MAX);
    return bytes !== undefined && isCalled(bytes, Buffer.from(sha256).toString('hex')) ? bytes : undefined;
  };
  const put = (texts: readonly KeptText[]): number => {
    const first = database.prepare('select sha256 from first where path = ?');
    const make = database.prepare(
      'insert into text (sha256, base, packed) values (?, ?, ?) on conflict do update set base = null, packed = excluded.packed',
    );
    const name = database.prepare('insert into first (path, sha256) values (?, ?) on conflict do update set sha256 = excluded.sha256');
    let count = 0;
    for (const { path, sha256, bytes } of texts) {
      const key = Buffer.from(sha256, 'hex');
      if (bytes.length > TEXT_MAX || !isCalled(bytes, sha256) || read(key) !== undefined) continue;
      // What is there and is not what it is called is put right, alone: others may stand on it.
      const known = rowOf(key) === undefined ? (first.get(path) as { sha256: Uint8Array } | undefined) : undefined; // a strict table
      const { packed, isAlone } = packText(bytes, known && alone(known.sha256));
      if (known !== undefined && !isAlone) make.run(key, known.sha256, packed);
      else {
        make.run(key, null, packed);
        name.run(path, key);
      }
      count++;
    }
    return count;
  };
  const all = () => (database.prepare('select sha256 from text').all() as unknown as { sha256: Uint8Array }[]).map(({ sha256 }) => sha256); // a strict table
  return {
    put: (texts) => inTransaction(database, () => put(texts)),
    read: (sha256) => read(Buffer.from(sha256, 'hex')),
    collect: (isWanted) =>
      inTransaction(database, () => {
        const drop = database.prepare('delete from text where sha256 = ?1 and not exists (select 1 from text where base = ?1)');
        let count = 0;
        // Those that others stand on come after those others.
        const [apart, together] = [all().filter((one) => rowOf(one)?.base), all().filter((one) => !rowOf(one)?.base)];
        for (const sha256 of [...apart, ...together]) if (!isWanted(sha256)) count += Number(drop.run(sha256).changes);
        database.exec('delete from first where sha256 not in (select sha256 from text)');
        return count;
      }),
    verify: () =>
      all()
        .filter((sha256) => read(sha256) === undefined)
        .map((sha256) => Buffer.from(sha256).toString('hex')),
    close: () => database.close(),
  };
}
