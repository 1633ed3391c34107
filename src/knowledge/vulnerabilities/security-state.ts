/**
 * The vulnerability report that androidx.security.state reads: holes by the level that fixes them, and which kernels a level asks for.
 * Source: AndroidX security/security-state, `SecurityPatchState.loadVulnerabilityReport` (Apache-2.0): `{ vulnerabilities: { LEVEL: [{ cve_identifiers, asb_identifiers, severity, components }] }, kernel_lts_versions: { LEVEL: [VERSION] } }`.
 */
import { z } from 'zod/mini';
import type { VulnerabilityRows } from './osv.ts';
import type { KernelLevel, Vulnerability, VulnerablePart } from './types.ts';

const reportSchema = z.looseObject({
  vulnerabilities: z.record(
    z.string(),
    z.array(
      z.looseObject({
        cve_identifiers: z.optional(z.array(z.string())),
        asb_identifiers: z.optional(z.array(z.string())),
        severity: z.optional(z.string()),
        components: z.optional(z.array(z.string())),
      }),
    ),
  ),
  kernel_lts_versions: z.optional(z.record(z.string(), z.array(z.string()))),
});

/** Whether a document is such a report. */
export const isSecurityState = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'vulnerabilities' in json && !Array.isArray(json);

/** Reads a report: rows, and the kernels that each level asks for. */
export function rowsOfSecurityState(json: unknown, source: string): VulnerabilityRows & { readonly kernels: readonly KernelLevel[] } {
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) return { rows: [], left: [parsed.error.issues[0]?.path.join('.') ?? 'the report'], kernels: [] };
  const left: string[] = [];
  const rows: Vulnerability[] = [];
  for (const [level, holes] of Object.entries(parsed.data.vulnerabilities)) {
    if (!/^20\d\d-\d\d-\d\d$/.test(level)) {
      left.push(`"${level.slice(0, 40)}" is no level`);
      continue;
    }
    for (const { cve_identifiers: cves = [], asb_identifiers: asbs = [], severity, components = [] } of holes)
      for (const id of cves.length > 0 ? cves : asbs)
        rows.push({
          id,
          name: undefined,
          part: partOf(components),
          severity: (['Critical', 'High', 'Moderate', 'Low'] as const).find((one) => one.toLowerCase() === severity?.toLowerCase()),
          level,
          versions: '',
          fixedOn: level,
          fixedInKernel: undefined,
          sources: [source],
        });
  }
  const kernels = Object.entries(parsed.data.kernel_lts_versions ?? {}).map(([level, versions]) => ({
    level,
    versions: versions.filter((text) => /^\d+\.\d+\.\d+$/.test(text)),
    source,
  }));
  return { rows, left, kernels };
}

/** `com.android.modules` parts are updated on their own: their level is not the phone's, so they stand with the drivers of others. */
function partOf(components: readonly string[]): VulnerablePart {
  if (components.some((name) => /^(system|SYSTEM)$/.test(name))) return 'platform';
  if (components.some((name) => /kernel/i.test(name))) return 'kernel';
  return components.length === 0 ? 'platform' : 'other-driver';
}
