import type { Fact, Place } from '../fact.ts';

/**
 * A fact with every place in it moved by `move`: for what was read from bytes that stand elsewhere in the artefact (a text within JSON).
 * Any object of exactly `artefact`, `at` and `length` is a place.
 */
export function relocated(fact: Fact, move: (place: Place) => Place): Fact {
  return {
    ...fact,
    place: move(fact.place),
    // The walk keeps every shape; only places change, and stay places.
    value: walk(fact.value, move) as Fact['value'],
    oddities: fact.oddities.map((oddity) => ({ ...oddity, at: move({ artefact: fact.place.artefact, at: oddity.at, length: 0 }).at })),
  };
}

function walk(value: unknown, move: (place: Place) => Place): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, move));
  if (typeof value !== 'object' || value === null) return value;
  if (isPlace(value)) return move(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, move)]));
}

function isPlace(value: object): value is Place {
  return 'artefact' in value && 'at' in value && 'length' in value && typeof value.at === 'number' && Object.keys(value).length === 3;
}
