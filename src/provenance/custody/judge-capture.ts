/**
 * What may come into the store, judged event by event before anything is kept. A refusal has a name, a place and a reason. What only the store can know
 * (duplicates, circles of boxes in earlier captures) is judged there, under the same names.
 */
import { type HashPort, type Instant, instantMs } from '../../bytes/index.ts';
import type { Place } from './channel.ts';
import { eventListOf, eventOf, namespacesOfDocument, type RawDocument } from './epcis/document.ts';
import { eventHashId, isHashId } from './epcis/hash-id.ts';
import { isObject, type Json, type JsonObject, listOf, textAt } from './epcis/model.ts';
import { canonicalTime } from './epcis/pre-image.ts';
import { EPCS_MAX, eventListPointer, eventProblems } from './epcis/validate.ts';
import { type CustodyEvent, custodyEventOf } from './event.ts';
import { canonicalUri } from './gs1/digital-link.ts';

export const REFUSALS = [
  'invalid', // not of the schema
  'too-many-things', // more things than one event may name
  'in-the-future',
  'out-of-order', // recorded, or declared wrong, before it happened
  'forged-hash-id', // its ID says that it is a hash of the event, and it is not
  'party-not-authorised', // the sender has no part in it
  'cyclic-aggregation', // a box in itself
  'duplicate',
] as const;
export type RefusalName = (typeof REFUSALS)[number];

export interface Refusal {
  readonly name: RefusalName;
  /** JSON Pointer into the document. */
  readonly at: string;
  readonly because: string;
}

/** An event that may be kept: its body with the prefixes it needs, so that it can be hashed again from its own bytes. */
export interface Admitted {
  readonly at: string;
  readonly body: JsonObject;
  readonly event: CustodyEvent;
}

export interface Rules {
  readonly hash: HashPort;
  readonly now: Instant;
  /**
   * `verify`: an ID that says it is a hash has to be the event's. `own`: it is kept as the sender's word beside ours; for events of old generators, whose
   * IDs nobody can check any more.
   */
  readonly hashIds: 'verify' | 'own';
  /** Who sends: the party that the door knows him as, or the operator of the store, whose own word it is. */
  readonly sender: { readonly kind: 'operator' } | { readonly kind: 'party'; readonly uri: string };
  readonly places: ReadonlyMap<string, Place>;
}

/** Clocks of scanners differ from ours. */
const AHEAD_MS = 5 * 60_000;

/** Judges the events of a document in their order. */
export function judgeDocument(
  document: RawDocument,
  rules: Rules,
): { readonly admitted: readonly Admitted[]; readonly refused: readonly Refusal[] } {
  const pointer = eventListPointer(document.json);
  const namespaces = namespacesOfDocument(document.json);
  const admitted: Admitted[] = [];
  const refused: Refusal[] = [];
  const seen = new Set<string>();
  const called = new Map<string, string>();
  for (const [i, body] of listOf(eventListOf(document.json)).entries()) {
    const at = `${pointer}/${i}`;
    const judged = judgeEvent(body, at, rules, namespaces);
    if ('name' in judged) refused.push(judged);
    else if (seen.has(keyOf(judged))) refused.push({ name: 'duplicate', at, because: 'is in this document twice' });
    else if ((called.get(judged.event.calledId ?? '') ?? judged.event.id) !== judged.event.id)
      refused.push({ name: 'duplicate', at, because: `${judged.event.calledId} is the ID of another event in this document` });
    else {
      seen.add(keyOf(judged));
      if (judged.event.calledId !== undefined) called.set(judged.event.calledId, judged.event.id);
      admitted.push(judged);
    }
  }
  return { admitted, refused };
}

/** What makes an event the same as another: its ID, and whether it is the declaration that it is wrong. */
export const keyOf = ({ event }: Pick<Admitted, 'event'>): string => `${event.id} ${event.declaredWrong === undefined ? '' : 'declared'}`;

/** Judges one event. */
export function judgeEvent(body: Json, at: string, rules: Rules, outer?: ReadonlyMap<string, string>): Admitted | Refusal {
  const refuse = (name: RefusalName, because: string): Refusal => ({ name, at, because });
  const [problem] = eventProblems(body, at);
  if (problem !== undefined)
    return {
      name: problem.problem.includes(`${EPCS_MAX} is the most`) ? 'too-many-things' : 'invalid',
      at: problem.at,
      because: problem.problem,
    };
  if (!isObject(body)) return refuse('invalid', 'is no object');
  const known = eventOf(body, outer);
  const id = eventHashId(rules.hash, known);
  const event = custodyEventOf(id, body);
  if (event.atMs > instantMs(rules.now) + AHEAD_MS) return refuse('in-the-future', `happened at ${event.at}, and it is ${rules.now}`);
  const disorder = disorderOf(body, event);
  if (disorder !== undefined) return refuse('out-of-order', disorder);
  const said = textAt(body, 'eventID');
  if (rules.hashIds === 'verify' && said !== undefined && isHashId(said) && said !== id)
    return refuse('forged-hash-id', `says that its hash is ${said.slice(0, 100)}, and it is ${id}`);
  if (rules.sender.kind === 'party' && !takesPart(event, canonicalUri(rules.sender.uri), rules.places))
    return refuse('party-not-authorised', `${rules.sender.uri} sent it, and has no part in it`);
  if (event.parent !== undefined && event.things.includes(event.parent))
    return refuse('cyclic-aggregation', `${event.parent} would be in itself`);
  return { at, body: withContext(body, known.namespaces), event };
}

/** An event is told after it happened. */
function disorderOf(body: JsonObject, event: CustodyEvent): string | undefined {
  const recorded = textAt(body, 'recordTime');
  if (recorded !== undefined && instantMs(canonicalTime(recorded) as Instant) + AHEAD_MS < event.atMs)
    // The schema asked for a time.
    return `was recorded at ${recorded}, before it happened`;
  const declared = event.declaredWrong?.at;
  if (declared !== undefined && instantMs(declared as Instant) + AHEAD_MS < event.atMs)
    return `was declared wrong at ${declared}, before it happened`; // As above.
  return undefined;
}

/** Whether a party is one of those an event is about: it had the things, gets them, or is where it happened. */
function takesPart(event: CustodyEvent, party: string, places: Rules['places']): boolean {
  const { source, destination, readPoint, bizLocation } = event;
  const parties = [source.owning, source.possessing, destination.owning, destination.possessing];
  const ofPlaces = [readPoint, bizLocation, source.location, destination.location].flatMap((place) =>
    place === undefined ? [] : [places.get(place)?.party ?? place.replace(/\/254\/.*$/, '').replace('/414/', '/417/')],
  );
  return [...parties, ...ofPlaces].includes(party);
}

/** The prefixes that an event's own fields and values use, and no more. */
function withContext(body: JsonObject, namespaces: ReadonlyMap<string, string>): JsonObject {
  const used = new Set<string>();
  const prefixOf = (text: string): void => {
    const colon = text.indexOf(':');
    if (colon > 0) used.add(text.slice(0, colon));
  };
  const gather = (value: Json): void => {
    if (typeof value === 'string') prefixOf(value);
    else if (Array.isArray(value)) for (const item of value) gather(item as Json);
    else if (isObject(value))
      for (const [name, inner] of Object.entries(value)) {
        prefixOf(name);
        gather(inner);
      }
  };
  const { '@context': _context, ...rest } = body;
  gather(rest);
  const own = [...used].flatMap((prefix) => {
    const namespace = namespaces.get(prefix);
    return namespace === undefined ? [] : [[prefix, namespace] as const];
  });
  return own.length === 0 ? rest : { ...rest, '@context': [Object.fromEntries(own)] };
}
