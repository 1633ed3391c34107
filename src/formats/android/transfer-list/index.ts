export * from './transfer-list.ts';
