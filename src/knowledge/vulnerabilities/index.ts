export { bulletins, LAST_LEVEL } from './bulletins.ts';
export { MARKED_LIBRARIES, type PatchMarker, patchMarkers } from './markers.ts';
export { namedVulnerabilities } from './named.ts';
export type { Severity, Vulnerability, VulnerablePart } from './types.ts';
export { affectsVersion, compareVersions, versionNumbers } from './versions.ts';
