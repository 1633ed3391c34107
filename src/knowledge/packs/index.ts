export { rowsOfStix, type StixPackOptions } from './from-stix.ts';
export { withPacks } from './merge.ts';
export { emptyPack, INDICATOR_CLASSES, isOlderVersion, type Pack, packSchema, readPack, writePack } from './pack.ts';
