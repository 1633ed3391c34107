export * from './a64.ts';
export * from './browser/index.ts';
export * from './counter.ts';
export * from './elf.ts';
export * from './isa/index.ts';
export * from './native/index.ts';
export * from './timing/index.ts';
export * from './wasm/index.ts';
