/**
 * Holes of the Linux kernel with the version that fixes each stream: `stream_fixes.json` of nluedtke/linux_kernel_cves (Apache-2.0), `{ CVE: { STREAM: { fixed_version } } }`.
 * A kernel older than the fix of its own stream has the hole, unless its maker brought the fix over: vendors' kernels keep their number. A kernel of a stream that is not named is not judged.
 */
import { z } from 'zod/mini';
import type { VulnerabilityRows } from './osv.ts';
import type { Vulnerability } from './types.ts';

const fixesSchema = z.record(z.string(), z.record(z.string(), z.looseObject({ fixed_version: z.optional(z.string()) })));

export const isKernelStreams = (json: unknown): boolean =>
  typeof json === 'object' &&
  json !== null &&
  !Array.isArray(json) &&
  Object.keys(json).length > 0 &&
  Object.keys(json)
    .slice(0, 20)
    .every((key) => /^CVE-\d{4}-\d+$/.test(key));

/** Reads the table. */
export function rowsOfKernelStreams(json: unknown, source: string): VulnerabilityRows {
  const parsed = fixesSchema.safeParse(json);
  if (!parsed.success) return { rows: [], left: [parsed.error.issues[0]?.path.join('.') ?? 'the table'] };
  const rows: Vulnerability[] = [];
  const left: string[] = [];
  for (const [id, streams] of Object.entries(parsed.data)) {
    const fixes = Object.entries(streams).flatMap(([stream, { fixed_version: fixed }]) =>
      /^\d+\.\d+$/.test(stream) && fixed !== undefined && /^\d+\.\d+\.\d+$/.test(fixed) ? [[stream, fixed] as const] : [],
    );
    if (fixes.length === 0) left.push(`${id}: no stream with its fix`);
    else
      rows.push({
        id,
        name: undefined,
        part: 'kernel',
        severity: undefined,
        level: undefined,
        versions: '',
        fixedOn: '',
        fixedInKernel: undefined,
        fixedInStreams: Object.fromEntries(fixes),
        sources: [source],
      });
  }
  return { rows, left };
}
