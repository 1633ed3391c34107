export * from './list.ts';
export * from './phone.ts';
export * from './properties.ts';
