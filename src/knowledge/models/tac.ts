import type { Tac } from '../types.ts';
import { parseCsv } from './csv.ts';

export interface TacTable {
  readonly tacs: readonly Tac[];
  /** Rows that are no TAC, with the reason. */
  readonly skipped: readonly { readonly row: number; readonly because: string }[];
}

/** Columns by the names that tables give them; the first of each that is there is taken. */
const COLUMNS = {
  tac: ['tac', 'tac_code', 'allocation', 'type allocation code'],
  brand: ['brand', 'manufacturer', 'vendor', 'maker', 'name'],
  model: ['model', 'marketing name', 'marketing_name', 'device', 'name'],
};

/**
 * Parses a table of Type Allocation Codes from CSV. The header may follow lines of prose; a table with two `name` columns (Osmocom's) has brand and model in this order.
 * A row that is no TAC costs that row.
 */
export function parseTacCsv(text: string): TacTable {
  const rows = parseCsv(text.replace(/^\uFEFF/, ''));
  const headerAt = rows.slice(0, 20).findIndex((row) => row.some((field) => COLUMNS.tac.includes(field.trim().toLowerCase())));
  const header = rows[headerAt]?.map((field) => field.trim().toLowerCase());
  if (header === undefined) return { tacs: [], skipped: [{ row: 0, because: 'no row names a column tac' }] };
  const tacAt = header.findIndex((name) => COLUMNS.tac.includes(name));
  const brandAt = header.findIndex((name, at) => at !== tacAt && COLUMNS.brand.includes(name));
  const modelAt = header.findIndex((name, at) => at !== tacAt && at !== brandAt && COLUMNS.model.includes(name));
  const tacs: Tac[] = [];
  const skipped: TacTable['skipped'][number][] = [];
  rows.forEach((row, at) => {
    if (at <= headerAt || row.every((field) => field.trim() === '')) return;
    const tac = (row[tacAt] ?? '').trim();
    const brand = (row[brandAt] ?? '').trim();
    const model = (row[modelAt] ?? '').trim();
    if (!/^\d{8}$/.test(tac)) skipped.push({ row: at, because: 'the TAC is not eight digits' });
    else if (brand === '' && model === '') skipped.push({ row: at, because: 'neither brand nor model is said' });
    else tacs.push({ tac, brand, model });
  });
  return { tacs, skipped };
}

const indexes = new WeakMap<readonly Tac[], ReadonlyMap<string, readonly Tac[]>>();

/** Every row for a TAC: sources may disagree, and all of them are kept. */
export function tacsOf(tac: string, tacs: readonly Tac[]): readonly Tac[] {
  let index = indexes.get(tacs);
  if (index === undefined) {
    const map = new Map<string, Tac[]>();
    for (const row of tacs) {
      const rows = map.get(row.tac);
      if (rows === undefined) map.set(row.tac, [row]);
      else rows.push(row);
    }
    index = map;
    indexes.set(tacs, index);
  }
  return index.get(tac) ?? [];
}
