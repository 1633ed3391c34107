export { type Lot, type PoolEstimate, poolSize, serialRuns } from './numbers.ts';
export { type Allocation, clonesOfPath, findClones, type UnitSighting, wrongAllocations } from './rules.ts';
export { judgeTails, type TailEntry, tailChallenge, tailDigest } from './tail.ts';
