/**
 * Android's bulletins as OSV records, one document or many: for what came after the built-in bulletins.
 * Spec: OSV schema 1.6 and the Android ecosystem of osv.dev: `affected[].ranges[]` of type ECOSYSTEM with events `introduced` and `fixed` as `VERSION:LEVEL`, `ecosystem_specific` with severity and spl;
 * packages are named by repository (`platform/frameworks/base`), and `:linux_kernel:` with its vendor for kernel and drivers.
 * Limits: those of JSON in memory; a record that cannot be used costs itself.
 */
import { z } from 'zod/mini';
import type { Severity, Vulnerability, VulnerablePart } from './types.ts';

const LEVEL = /^20\d\d-\d\d-\d\d$/;

const recordSchema = z.looseObject({
  id: z.string(),
  aliases: z.optional(z.array(z.string())),
  withdrawn: z.optional(z.string()),
  affected: z.array(
    z.looseObject({
      package: z.looseObject({ ecosystem: z.string(), name: z.string() }),
      ranges: z.optional(z.array(z.looseObject({ type: z.string(), events: z.array(z.record(z.string(), z.string())) }))),
      versions: z.optional(z.array(z.string())),
      ecosystem_specific: z.optional(z.looseObject({ severity: z.optional(z.string()), spl: z.optional(z.string()) })),
      database_specific: z.optional(z.looseObject({ severity: z.optional(z.string()), spl: z.optional(z.string()) })),
    }),
  ),
});

/** Rows read, and records left with the reason. */
export interface VulnerabilityRows {
  readonly rows: readonly Vulnerability[];
  readonly left: readonly string[];
}

/** Whether a document looks like OSV records. */
export const isOsv = (json: unknown): boolean => {
  const [first] = Array.isArray(json) ? (json as readonly unknown[]) : [json];
  return typeof first === 'object' && first !== null && 'id' in first && 'affected' in first;
};

/** Reads one record or a list. One row for each part of Android that a record touches. */
export function rowsOfOsv(json: unknown, source: string): VulnerabilityRows {
  const rows = new Map<string, Vulnerability>();
  const left: string[] = [];
  for (const one of Array.isArray(json) ? (json as readonly unknown[]) : [json]) {
    const parsed = recordSchema.safeParse(one);
    if (!parsed.success) {
      left.push(`a record without ${parsed.error.issues[0]?.path.join('.') ?? 'its form'}`);
      continue;
    }
    const { id, aliases = [], affected, withdrawn } = parsed.data;
    if (withdrawn !== undefined) {
      left.push(`${id}: withdrawn`);
      continue;
    }
    const name = aliases.find((alias) => alias.startsWith('CVE-')) ?? id;
    for (const { package: of, ranges = [], versions = [], ...rest } of affected) {
      if (!of.ecosystem.startsWith('Android')) continue;
      const said = { ...rest.database_specific, ...rest.ecosystem_specific };
      const events = ranges.flatMap(({ events: list }) => list).flatMap((event) => event['fixed'] ?? []);
      // `13:2023-05-01`: the level at which that version has the fix; `17-next` is no version that a phone states.
      const fixed = events.flatMap((text) => (/^(\d{1,2}(?:\.\d)?):(20\d\d-\d\d-\d\d)$/.exec(text) === null ? [] : [text.split(':')]));
      const levels = [said.spl, ...fixed.map(([, at]) => at)].filter((at) => at !== undefined && LEVEL.test(at));
      const level = levels.reduce((first, at) => (first === undefined || (at !== undefined && at < first) ? at : first), undefined);
      if (level === undefined) {
        left.push(`${id}: no patch level`);
        continue;
      }
      const part = partOf(of.name);
      const releases = [
        ...new Set([...fixed.flatMap(([release]) => release ?? []), ...versions.filter((text) => /^\d{1,2}(\.\d){0,2}$/.test(text))]),
      ].toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b));
      const key = `${name}\0${part}`;
      const known = rows.get(key);
      rows.set(key, {
        id: name,
        name: undefined,
        part,
        severity: severityOf(said.severity) ?? known?.severity,
        level: known?.level !== undefined && known.level < level ? known.level : level,
        versions: [...new Set([...(known?.versions.split(' ') ?? []), ...releases])].filter((text) => text !== '').join(' '),
        fixedOn: level,
        fixedInKernel: undefined,
        sources: [source],
      });
    }
  }
  return { rows: [...rows.values()], left };
}

/** Whose code a package is. */
function partOf(name: string): VulnerablePart {
  const lower = name.toLowerCase();
  if (!lower.startsWith(':')) return lower.startsWith('kernel/') ? 'kernel' : 'platform';
  const vendors = ['qualcomm', 'mediatek', 'nvidia', 'broadcom', 'synaptics', 'htc', 'lg', 'motorola', 'huawei', 'samsung'] as const;
  const vendor = vendors.find((one) => lower.includes(one));
  if (vendor !== undefined) return vendor;
  return /^:linux_kernel:$/.test(lower) ? 'kernel' : lower.startsWith(':unspecified') ? 'platform' : 'other-driver';
}

function severityOf(text: string | undefined): Severity {
  const word = text?.toLowerCase();
  return (['Critical', 'High', 'Moderate', 'Low'] as const).find((one) => one.toLowerCase() === word);
}
