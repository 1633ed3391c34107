/** What an event says of custody, in canonical terms: who had which things where, when, and in which box. */
import { type HashPort, type Instant, instantMs } from '../../bytes/index.ts';
import { eventHashId } from './epcis/hash-id.ts';
import { type EpcisEvent, EVENT_TYPES, isObject, type Json, type JsonObject, listOf, textAt, textsOf } from './epcis/model.ts';
import { canonicalTime } from './epcis/pre-image.ts';
import { bareWord, VOCABULARIES } from './epcis/vocabulary.ts';
import { canonicalUri } from './gs1/digital-link.ts';
import { canonicalIdentity } from './identity.ts';

/** The parties and the place that one end of a movement names. */
export interface HandOver {
  readonly owning: string | undefined;
  readonly possessing: string | undefined;
  readonly location: string | undefined;
}

export interface CustodyEvent {
  /** Its hash ID: what it says decides what it is called. */
  readonly id: string;
  /** What its sender calls it, where that is not its hash ID. */
  readonly calledId: string | undefined;
  readonly type: (typeof EVENT_TYPES)[number] | 'other';
  readonly at: Instant;
  readonly atMs: number;
  readonly action: 'ADD' | 'OBSERVE' | 'DELETE' | undefined;
  /** The bare word of the CBV, or a URI of the sender's own. */
  readonly step: string | undefined;
  readonly disposition: string | undefined;
  /** What the event is about; of a transformation, what came out. Canonical. */
  readonly things: readonly string[];
  /** What went into a transformation. */
  readonly inputs: readonly string[];
  /** The box, pallet or label that the things are in or on. */
  readonly parent: string | undefined;
  readonly readPoint: string | undefined;
  readonly bizLocation: string | undefined;
  readonly source: HandOver;
  readonly destination: HandOver;
  readonly certificationInfo: readonly string[];
  /** Where the event was declared wrong. */
  readonly declaredWrong:
    | { readonly at: string; readonly reason: string | undefined; readonly correctiveEventIds: readonly string[] }
    | undefined;
}

/** @throws RangeError where the event's time is none: validate it first */
export function custodyEvent(hash: HashPort, event: EpcisEvent): CustodyEvent {
  return custodyEventOf(eventHashId(hash, event), event.body);
}

/** The same, with the ID that the caller has computed or verified. */
export function custodyEventOf(id: string, body: JsonObject): CustodyEvent {
  const at = canonicalTime(textAt(body, 'eventTime') ?? '') as Instant; // Checked in the next line.
  const atMs = instantMs(at);
  if (!Number.isSafeInteger(atMs)) throw new RangeError(`"${at.slice(0, 40)}" is no time`);
  const type = EVENT_TYPES.find((name) => name === body['type']) ?? 'other';
  const action = (['ADD', 'OBSERVE', 'DELETE'] as const).find((word) => word === body['action']);
  const isContainment = type === 'AggregationEvent' || type === 'AssociationEvent';
  const things = type === 'TransformationEvent' ? body['outputEPCList'] : isContainment ? body['childEPCs'] : body['epcList'];
  const parent = textAt(body, 'parentID');
  const called = textAt(body, 'eventID');
  const step = textAt(body, 'bizStep');
  const disposition = textAt(body, 'disposition');
  return {
    id,
    calledId: called === id ? undefined : called,
    type,
    at,
    atMs,
    action,
    step: bareWord(VOCABULARIES.bizStep, step) ?? step,
    disposition: bareWord(VOCABULARIES.disposition, disposition) ?? disposition,
    things: textsOf(things).map(canonicalIdentity),
    inputs: textsOf(body['inputEPCList']).map(canonicalIdentity),
    parent: parent === undefined ? undefined : canonicalIdentity(parent),
    readPoint: placeOf(body['readPoint']),
    bizLocation: placeOf(body['bizLocation']),
    source: handOver(body['sourceList'], 'source'),
    destination: handOver(body['destinationList'], 'destination'),
    certificationInfo: textsOf(body['certificationInfo']),
    declaredWrong: declared(body['errorDeclaration']),
  };
}

const placeOf = (value: Json | undefined): string | undefined => {
  const id = isObject(value) ? textAt(value, 'id') : undefined;
  return id === undefined ? undefined : canonicalUri(id);
};

function handOver(value: Json | undefined, name: 'source' | 'destination'): HandOver {
  const pairs = listOf(value).filter(isObject);
  const of = (type: string) => {
    const pair = pairs.find((one) => bareWord(VOCABULARIES.sourceDestType, textAt(one, 'type')) === type);
    const uri = pair === undefined ? undefined : textAt(pair, name);
    return uri === undefined ? undefined : canonicalUri(uri);
  };
  return { owning: of('owning_party'), possessing: of('possessing_party'), location: of('location') };
}

function declared(value: Json | undefined): CustodyEvent['declaredWrong'] {
  if (!isObject(value)) return undefined;
  const reason = textAt(value, 'reason');
  return {
    at: canonicalTime(textAt(value, 'declarationTime') ?? ''),
    reason: bareWord(VOCABULARIES.errorReason, reason) ?? reason,
    correctiveEventIds: textsOf(value['correctiveEventIDs']),
  };
}

/** Everything that an event names and by which it can be found, with what it is there. */
export function namesOf(event: CustodyEvent): readonly { readonly uri: string; readonly role: 'thing' | 'input' | 'parent' }[] {
  const found = new Map<string, 'thing' | 'input' | 'parent'>();
  if (event.parent !== undefined) found.set(event.parent, 'parent');
  for (const uri of event.inputs) found.set(uri, 'input');
  for (const uri of event.things) if (!found.has(uri)) found.set(uri, 'thing');
  return [...found].map(([uri, role]) => ({ uri, role }));
}

/** Events in order of time; those of one moment in the order in which things are done, then by ID, so that the order is the same everywhere. */
const DONE = ['commissioning', 'packing', 'shipping', 'departing', 'arriving', 'receiving', 'accepting', 'unpacking', 'retail_selling'];
export function byTime(a: CustodyEvent, b: CustodyEvent): number {
  const rank = ({ step }: CustodyEvent) => (step === undefined || !DONE.includes(step) ? DONE.length : DONE.indexOf(step));
  return a.atMs - b.atMs || rank(a) - rank(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
