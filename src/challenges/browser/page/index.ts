export { browserPage } from './page.ts';
