export * from './boot-facts.ts';
export * from './image-facts.ts';
