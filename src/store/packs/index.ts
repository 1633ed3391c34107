export * from './pack-folder.ts';
