export { builtinRules, ruleParts } from './preinstalled.ts';
