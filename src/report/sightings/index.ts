export { renderStix } from './stix.ts';
