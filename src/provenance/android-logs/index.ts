export * from './logs.ts';
export * from './look-up.ts';
export * from './open.ts';
export * from './records.ts';
