export * from './commitment.ts';
export * from './dsse.ts';
export * from './evidence-index.ts';
export * from './statement.ts';
