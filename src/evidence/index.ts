export * from './capture.ts';
export * from './fact.ts';
export * from './lines.ts';
export * from './properties.ts';
export * from './reader.ts';
export * from './values.ts';
