export * from './budget.ts';
export * from './cursor.ts';
export * from './format-error.ts';
export * from './hex.ts';
export * from './integers.ts';
export * from './ports.ts';
export * from './rooms.ts';
export * from './source.ts';
