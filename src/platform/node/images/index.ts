export * from './verify-images.ts';
