export * from './a64.ts';
export * from './elf.ts';
