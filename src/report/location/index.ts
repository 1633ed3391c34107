export * from './html.ts';
export * from './terminal.ts';
