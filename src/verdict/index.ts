export * from './axes.ts';
export * from './decide.ts';
export * from './policy.ts';
