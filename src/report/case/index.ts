export * from './html.ts';
export * from './maker-pack-html.ts';
