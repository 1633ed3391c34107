/** Indicators by what they name: packs hold hundreds of thousands of them, and a phone thousands of files. */
import type { Indicator } from '../../knowledge/index.ts';

/** Whether a package row names this package: exactly, or as everything below a name that ends in a dot. */
export const namesPackage = (row: Indicator, name: string): boolean =>
  row.type === 'package' && (row.value.endsWith('.') ? name.startsWith(row.value) : name === row.value);

export interface IndicatorIndex {
  /** Exactly this value, letter for letter. */
  readonly valued: (type: Indicator['type'], value: string) => Indicator | undefined;
  /** By name, or by a row that names everything below it and ends in a dot. */
  readonly named: (packageName: string) => Indicator | undefined;
  /** A file at this path, or in a folder that a row names. */
  readonly placed: (path: string) => Indicator | undefined;
}

/** Digests are written in either case, folders with a slash at their end or without. */
const keyOf = ({ type, value }: Indicator): string =>
  type === 'path' ? value.replace(/\/+$/, '') || '/' : /^(?:sha|md5|signer)/.test(type) ? value.toLowerCase() : value;

export function indexIndicators(rows: readonly Indicator[]): IndicatorIndex {
  const byKey = new Map<string, Indicator>();
  const below: Indicator[] = [];
  for (const row of rows) {
    const key = `${row.type}:${keyOf(row)}`;
    if (!byKey.has(key)) byKey.set(key, row);
    if (row.type === 'package' && row.value.endsWith('.')) below.push(row);
  }
  const valued: IndicatorIndex['valued'] = (type, value) => byKey.get(`${type}:${value}`);
  return {
    valued,
    named: (name) => valued('package', name) ?? below.find(({ value }) => name.startsWith(value)),
    placed(path) {
      for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
        const row = valued('path', path.slice(0, end));
        if (row !== undefined) return row;
      }
      return undefined;
    },
  };
}
