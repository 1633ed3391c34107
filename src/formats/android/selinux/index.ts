export { cilPermissive } from './cil.ts';
export { isSelinuxPolicy, RULE, readSelinuxPolicy, type SelinuxClass, type SelinuxPolicy, type SelinuxRule } from './policy.ts';
export { allowedLines, ruleLines } from './rules.ts';
export { type PolicyParts, writeSelinuxPolicy } from './write.ts';
