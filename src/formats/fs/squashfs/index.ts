export { isSquashfs } from './layout.ts';
export { openSquashfs } from './squashfs.ts';
