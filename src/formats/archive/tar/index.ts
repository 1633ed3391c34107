export { tarMember } from './sparse.ts';
export * from './tar.ts';
export * from './write.ts';
