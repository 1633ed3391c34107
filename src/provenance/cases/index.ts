export * from './chain.ts';
export { renderCaseDeclarations } from './cyclonedx.ts';
export * from './entry.ts';
export * from './gsma.ts';
export * from './maker-pack.ts';
export * from './state.ts';
