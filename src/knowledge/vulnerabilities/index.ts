export { bulletins, LAST_LEVEL } from './bulletins.ts';
export { isOfNamedChip, isOfNamedKernel } from './google-devices.ts';
export * from './kernel-streams.ts';
export { MARKED_JARS, MARKED_LIBRARIES, type PatchMarker, patchMarkers, type UntracedFix, untracedFixes } from './markers.ts';
export { namedVulnerabilities } from './named.ts';
export * from './osv.ts';
export * from './security-state.ts';
export type { KernelLevel, Severity, Vulnerability, VulnerablePart } from './types.ts';
export { affectsVersion, compareVersions, versionNumbers } from './versions.ts';
