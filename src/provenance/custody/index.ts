export * from './epcis/index.ts';
export { canonicalUri } from './gs1/digital-link.ts';
export { digitalLinkToUrn, urnToDigitalLink } from './gs1/urn.ts';
export * from './types.ts';
