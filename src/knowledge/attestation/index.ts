export * from './bypasses.ts';
export { EARLIER_BOOT_KEYS_SOURCE } from './maker-boot-keys.ts';
export * from './public-boot-keys.ts';
export * from './revoked-serials.ts';
export * from './roots.ts';
export * from './verified-boot-keys.ts';
