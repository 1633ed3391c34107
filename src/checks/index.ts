export { attestedSightings } from './attestation/checks.ts';
export * from './define.ts';
export { sightingOf } from './identity/index.ts';
export * from './rates.ts';
export { type Account, accountOf, signerName } from './reference/index.ts';
export * from './registry.ts';
export * from './run.ts';
export { chipName, inferSoc, type JudgedSurface, readTranscript, type SocInference, type SurfaceGroup } from './silicon/index.ts';
export { patchQueries } from './vulnerabilities/index.ts';
