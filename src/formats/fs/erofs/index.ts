export { openErofs } from './erofs.ts';
export { isErofs } from './layout.ts';
