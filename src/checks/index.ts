export { answeredChallenges, attestedSightings, isForOperator, isMissingPiece } from './attestation/checks.ts';
export * from './define.ts';
export { sightingOf } from './identity/index.ts';
export { type PackageView, packageView } from './packages/index.ts';
export * from './rates.ts';
export { type Account, accountOf, signerName } from './reference/index.ts';
export * from './registry.ts';
export * from './run.ts';
export {
  chipName,
  inferSoc,
  type JudgedSurface,
  readBrowserTranscript,
  readTranscript,
  type SocInference,
  type SurfaceGroup,
} from './silicon/index.ts';
export { patchQueries } from './vulnerabilities/index.ts';
