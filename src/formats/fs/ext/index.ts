export { openExt } from './ext.ts';
export { isExt } from './layout.ts';
