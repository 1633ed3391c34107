export * from './boot.ts';
export * from './cpio.ts';
export * from './dhtb.ts';
export * from './kernel.ts';
export * from './ramdisk.ts';
