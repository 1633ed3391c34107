export { matchOf } from './match.ts';
export { type Asked, isStandardType, type MasterData } from './parameters.ts';
export { QueryError } from './query-error.ts';
export { asksMasterData, type EventQuery, inOrder, type ReadQuery, readQuery } from './read-query.ts';
export { momentOf } from './values.ts';
