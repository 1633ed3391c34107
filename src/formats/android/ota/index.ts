export * from './ota-signature.ts';
