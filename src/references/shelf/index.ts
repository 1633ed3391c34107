export * from './components.ts';
export * from './memory.ts';
export * from './types.ts';
