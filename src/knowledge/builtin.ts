import { cloneFamilies, models, tacs } from './models/index.ts';
import { checkers, indicators, signers } from './packages/index.ts';
import { socs } from './silicon/index.ts';
import type { Knowledge } from './types.ts';

/** What assay knows without any imported pack. Its table of TACs is a small one: whole ones are imported. */
export const builtinKnowledge: Knowledge = {
  version: 'builtin-1',
  socs,
  models,
  signers,
  indicators,
  patterns: [],
  rules: [],
  vulnerabilities: [],
  kernelLevels: [],
  checkers,
  tacs,
  clones: cloneFamilies,
};
