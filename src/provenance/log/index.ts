export * from './checkpoint.ts';
export * from './entry.ts';
export * from './grow.ts';
export * from './merkle.ts';
export * from './note.ts';
export * from './policy.ts';
export * from './proof.ts';
export * from './tile.ts';
