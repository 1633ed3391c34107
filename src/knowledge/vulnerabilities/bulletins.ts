/**
 * Android security bulletins from August 2015 to March 2019, every patch level exact. `bulletins.json` is written by `tools/import-bulletins.ts`:
 * rows of CVE without its first word, level, severity, part, versions and, where the bulletin names any, devices, each an index into its table. What was published later is imported.
 */
import table from './bulletins.json' with { type: 'json' };
import { NAMES } from './named.ts';
import type { Severity, Vulnerability, VulnerablePart } from './types.ts';

/** The last level of the table: a phone with a later one has nothing open that stands here. */
export const LAST_LEVEL = '2019-03-05';

type Row = readonly [cve: string, level: number, severity: number, part: number, versions: number, devices?: number];

function rowOf([cve, level, severity, part, versions, devices]: Row): Vulnerability {
  const id = `CVE-${cve}`;
  const at = table.levels[level] ?? '';
  const severe = table.severities[severity];
  return {
    id,
    name: NAMES[id],
    part: (table.parts[part] ?? 'other-driver') as VulnerablePart, // the tool writes no others
    severity: severe === '' || severe === undefined ? undefined : (severe as Severity), // as above
    level: at,
    versions: table.versions[versions] ?? '',
    fixedOn: at,
    fixedInKernel: undefined,
    devices: devices === undefined ? undefined : table.devices[devices]?.split(', '),
    sources: [table.source],
  };
}

let rows: readonly Vulnerability[] | undefined;

/** Every row of the bulletins. Made once, when it is first asked for. */
export const bulletins = (): readonly Vulnerability[] => {
  rows ??= (table.rows as unknown as readonly Row[]).map(rowOf); // JSON has no tuples
  return rows;
};
