import { models } from './models/index.ts';
import { checkers, indicators, signers } from './packages/index.ts';
import { socs } from './silicon/index.ts';
import type { Knowledge } from './types.ts';

/** What assay knows without any imported pack. There is no table of TACs in it: they are imported. */
export const builtinKnowledge: Knowledge = {
  version: 'builtin-1',
  socs,
  models,
  signers,
  indicators,
  checkers,
  tacs: [],
};
