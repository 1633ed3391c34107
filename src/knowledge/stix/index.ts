export { readStixBundle, type StixBundle, type StixIndicator } from './bundle.ts';
export { isLike, type Match, matchPattern, type Observation, objectsOf, propertyKey } from './match.ts';
export { type Comparison, type ComparisonExpression, type ObservationExpression, parsePattern } from './pattern.ts';
