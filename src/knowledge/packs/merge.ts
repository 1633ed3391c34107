/** Imported packs added to what assay knows. Nothing is taken away: where rows contradict each other, both are there. */
import { parseSpecTable } from '../models/index.ts';
import { parsePattern } from '../stix/index.ts';
import type { Knowledge } from '../types.ts';
import type { Pack } from './pack.ts';

/** Knowledge with packs, in the order of their ids. Its version names each with its version and licence. */
export function withPacks(knowledge: Knowledge, packs: readonly Pack[]): Knowledge {
  const sorted = packs.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const named = (pack: Pack) => `${pack.id}@${pack.version}`;
  const known = new Set(knowledge.signers.map(({ sha256 }) => sha256));
  return {
    ...knowledge,
    // Reports name each pack with the licence that its author gave it.
    version: [knowledge.version, ...sorted.map((pack) => `${named(pack)} (${pack.licence})`)].join(' + '),
    indicators: [...knowledge.indicators, ...sorted.flatMap(({ indicators }) => indicators)],
    patterns: [
      ...knowledge.patterns,
      ...sorted.flatMap((pack) => pack.patterns.map((row) => ({ ...row, source: row.pattern, pattern: parsePattern(row.pattern) }))),
    ],
    rules: [
      ...knowledge.rules,
      ...sorted.flatMap((pack) => pack.rules.map(({ name, text }) => ({ name: `${named(pack)}: ${name}`, text }))),
    ],
    // A pack cannot give a certificate that is known another owner.
    signers: [...knowledge.signers, ...sorted.flatMap(({ signers }) => signers.filter(({ sha256 }) => !known.has(sha256)))],
    vulnerabilities: [
      ...knowledge.vulnerabilities,
      ...sorted.flatMap(({ vulnerabilities }) =>
        vulnerabilities.map(({ severity, level, fixedInStreams, ...row }) => ({
          ...row,
          name: undefined,
          severity,
          level,
          fixedInKernel: undefined,
          fixedInStreams,
        })),
      ),
    ],
    kernelLevels: [...knowledge.kernelLevels, ...sorted.flatMap(({ kernelLevels }) => kernelLevels)],
    clones: [...(knowledge.clones ?? []), ...sorted.flatMap(({ clones }) => clones ?? [])],
    envelopes: [
      ...(knowledge.envelopes ?? []),
      ...sorted.flatMap((pack) => (pack.envelopes ?? []).map((envelope) => ({ ...envelope, pack: named(pack) }))),
    ],
    tacs: [...knowledge.tacs, ...sorted.flatMap(({ tacs }) => tacs)],
    models: [
      ...knowledge.models,
      ...sorted.flatMap((pack) =>
        pack.specs.flatMap(({ name, text }) => parseSpecTable(text, `${named(pack)}: ${name}`, knowledge.socs).models),
      ),
    ],
  };
}
