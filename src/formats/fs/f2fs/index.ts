export { openF2fs } from './f2fs.ts';
export { isF2fs, SECOND_COPIES } from './layout.ts';
