export { renderLabel } from './label.ts';
