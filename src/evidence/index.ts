export { withApkFacts } from './apks.ts';
export * from './capture.ts';
export * from './fact.ts';
export * from './lines.ts';
export * from './properties.ts';
export * from './read.ts';
export * from './reader.ts';
export { artefactReaders, kindOfPath } from './readers/index.ts';
export * from './values.ts';
