import type { PackageView } from '../checks/index.ts';
import type { PackagesReport } from './packages-schema.ts';

/** Nobody reads more, and a hostile list has as many as it likes. */
const ROWS_MAX = 5000;

/** The packages of a phone for its report; undefined where none was read. */
export function packagesReport({ rows, preload }: PackageView): PackagesReport | undefined {
  if (rows.length === 0) return undefined;
  return {
    rows: rows.slice(0, ROWS_MAX).map((row) => ({
      name: row.name,
      label: row.label ?? null,
      version: row.version ?? null,
      users: [...row.users],
      paths: [...row.paths],
      inSystem: row.inSystem,
      signers: row.signers.map(({ sha256, owner }) => ({ sha256, owner: owner ?? null })),
      signer: row.signer,
      schemes: [...row.schemes],
      addedBy: row.addedBy,
      addedBecause: row.addedBecause,
      granted: [...row.granted],
      chosen: [...row.chosen],
      exported: row.exported ?? null,
      exportedOpen: row.exportedOpen ?? null,
      sharedUser: row.sharedUser ?? null,
      installer: row.installer ?? null,
      firstSeen: row.firstSeen ?? null,
      abis: row.abis === undefined ? null : [...row.abis],
      targetSdk: row.targetSdk ?? null,
      risk: row.risk,
      because: row.because.map(({ points, what }) => ({ points, what })),
    })),
    preload:
      preload === undefined
        ? null
        : { ...preload, scores: preload.scores.map(({ measure, score, most, added }) => ({ measure, score, most, added: [...added] })) },
  };
}
