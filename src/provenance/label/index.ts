export { parseBase45, toBase45 } from './base45.ts';
export { type Label, labelNumber, labelOf, signLabel, tailOf, type VerifiedLabel, verifyLabel } from './label.ts';
