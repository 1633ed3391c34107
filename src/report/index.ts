export * from './build.ts';
export * from './html.ts';
export * from './judge.ts';
export * from './redact.ts';
export * from './schema.ts';
export * from './terminal.ts';
export * from './text.ts';
export * from './words.ts';
