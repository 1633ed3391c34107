export { matchOf } from './match.ts';
export { type Asked, isStandardType } from './parameters.ts';
export { QueryError } from './query-error.ts';
export { type EventQuery, inOrder, type ReadQuery, readQuery } from './read-query.ts';
export { momentOf } from './values.ts';
