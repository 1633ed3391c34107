export * from './bypasses.ts';
export * from './revoked-serials.ts';
export * from './roots.ts';
export * from './verified-boot-keys.ts';
