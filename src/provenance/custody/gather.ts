/**
 * The events of one phone out of all events: those that name it by any of its identities, and those of the boxes it was in while it was in them.
 * Identities join where an event says so of one unit: an association (the label on the box, the IMEI in the modem), or a commissioning that names one trade item
 * and what else it is called. A list of a thousand phones joins nothing.
 */
import { byTime, type CustodyEvent } from './event.ts';
import { identityKind, isOwn } from './identity.ts';
import type { CustodyIdentity, CustodySubject } from './types.ts';

/** A phone in a box on a pallet in a container in a ship; more is a mistake or an attack. */
const NESTING_MAX = 8;
export const IDENTITIES_MAX = 32;
const EVENTS_MAX = 10_000;

/** Finds every event that names one of these, in whatever role. */
export type EventLookup = (uris: readonly string[]) => Promise<readonly CustodyEvent[]>;

export interface Gathered {
  readonly subject: CustodySubject;
  /** Events that say something of the phone, in order of time. Declared errors are left out. */
  readonly events: readonly CustodyEvent[];
  /** Boxes: which, from when, until when. */
  readonly inside: readonly Containment[];
  /** Events that were declared wrong, and so say nothing any more. */
  readonly declaredWrong: readonly string[];
}

export interface Containment {
  readonly parent: string;
  /** What was in it: an identity of the phone, or the next box inside. */
  readonly of: string;
  readonly fromMs: number;
  /** Infinity where nothing says that it was taken out. */
  readonly untilMs: number;
  readonly event: string;
}

/** @throws RangeError where a phone is in more boxes in one another, or has more names or events, than any phone */
export async function gatherEvents(lookup: EventLookup, start: readonly string[]): Promise<Gathered> {
  const all = new Map<string, CustodyEvent>();
  const wrong = new Set<string>();
  const add = (found: readonly CustodyEvent[]) => {
    for (const event of found) {
      if (event.declaredWrong !== undefined) wrong.add(event.id);
      else all.set(event.id, event);
    }
    if (all.size > EVENTS_MAX) throw new RangeError(`more than ${EVENTS_MAX} events of one phone`);
  };
  let names: readonly string[] = [];
  let more: readonly string[] = [...new Set(start)];
  while (more.length > 0) {
    names = [...names, ...more];
    if (names.length > IDENTITIES_MAX) throw new RangeError(`more than ${IDENTITIES_MAX} identities of one phone`);
    add(await lookup(more));
    const known = new Set(names);
    more = [...new Set([...all.values()].filter(({ id }) => !wrong.has(id)).flatMap((event) => joinedBy(event, known)))].filter(
      (uri) => !known.has(uri),
    );
  }
  const own = new Set(names);
  const direct = [...all.values()].filter(({ id }) => !wrong.has(id));
  const inside: Containment[] = [];
  const events = new Map(direct.filter((event) => isOf(event, own)).map((event) => [event.id, event]));
  let boxes = containmentsOf(direct, own);
  for (let depth = 0; boxes.length > 0; depth++) {
    if (depth === NESTING_MAX)
      throw new RangeError(`boxes more than ${NESTING_MAX} in one another: the aggregations go in a circle, or are made up`);
    const found = await lookup([...new Set(boxes.map(({ parent }) => parent))]);
    for (const event of found) if (event.declaredWrong !== undefined) wrong.add(event.id);
    const valid = found.filter((event) => event.declaredWrong === undefined && !wrong.has(event.id));
    // Unpacking all of a box names the box alone, so it is found here and not before.
    boxes = boxes.map((box) => ({ ...box, untilMs: Math.min(box.untilMs, emptiedMs(box, valid)) }));
    inside.push(...boxes);
    const outer: Containment[] = [];
    for (const box of boxes) {
      // What happens to the box happens to what is in it; packing and unpacking others does not.
      for (const event of valid)
        if (event.atMs >= box.fromMs && event.atMs <= box.untilMs && event.things.includes(box.parent) && !isContainment(event))
          events.set(event.id, event);
      for (const one of containmentsOf(valid, new Set([box.parent]))) {
        const fromMs = Math.max(one.fromMs, box.fromMs);
        const untilMs = Math.min(one.untilMs, box.untilMs);
        if (fromMs <= untilMs) outer.push({ ...one, fromMs, untilMs });
      }
    }
    boxes = outer;
  }
  for (const id of wrong) events.delete(id);
  return {
    subject: { identities: names.map((uri): CustodyIdentity => ({ kind: identityKind(uri), uri })) },
    events: [...events.values()].toSorted(byTime),
    inside,
    declaredWrong: [...wrong].toSorted(),
  };
}

function emptiedMs({ parent, fromMs }: Containment, events: readonly CustodyEvent[]): number {
  const ends = events.filter(
    (event) =>
      event.type === 'AggregationEvent' &&
      event.action === 'DELETE' &&
      event.parent === parent &&
      event.things.length === 0 &&
      event.atMs >= fromMs,
  );
  return ends.reduce((first, { atMs }) => Math.min(first, atMs), Number.POSITIVE_INFINITY);
}

const isContainment = ({ type }: CustodyEvent) => type === 'AggregationEvent' || type === 'AssociationEvent';

const isOf = (event: CustodyEvent, own: ReadonlySet<string>) =>
  (event.parent !== undefined && own.has(event.parent)) ||
  event.things.some((uri) => own.has(uri)) ||
  event.inputs.some((uri) => own.has(uri));

const UNIT = new Set(['sgtin', 'imei', 'serial', 'attested', 'fused']);

/** What else a unit is called by an event that names one of its names. */
function joinedBy(event: CustodyEvent, known: ReadonlySet<string>): readonly string[] {
  if (event.action !== 'ADD') return [];
  const list = event.type === 'AssociationEvent' && event.parent !== undefined ? [event.parent, ...event.things] : event.things;
  if (event.type !== 'AssociationEvent' && !(event.type === 'ObjectEvent' && event.step === 'commissioning')) return [];
  if (list.length > IDENTITIES_MAX || !list.some((uri) => known.has(uri))) return [];
  const units = list.filter((uri) => UNIT.has(identityKind(uri)) && isOwn({ kind: identityKind(uri), uri }));
  // Two trade items are two phones.
  return units.filter((uri) => identityKind(uri) === 'sgtin').length <= 1 && units.length === list.length ? units : [];
}

/** When things of a set were in which boxes, by aggregations and their ends. */
function containmentsOf(events: readonly CustodyEvent[], own: ReadonlySet<string>): readonly Containment[] {
  const of = [...own][0] ?? '';
  const open = new Map<string, { readonly fromMs: number; readonly event: string }>();
  const done: Containment[] = [];
  for (const event of events.filter(({ type }) => type === 'AggregationEvent').toSorted(byTime)) {
    const { parent } = event;
    if (parent === undefined || own.has(parent)) continue;
    const isNamed = event.things.some((uri) => own.has(uri));
    if (event.action === 'DELETE' && (isNamed || event.things.length === 0)) {
      const from = open.get(parent);
      if (from === undefined) continue;
      open.delete(parent);
      done.push({ parent, of, fromMs: from.fromMs, untilMs: event.atMs, event: from.event });
    } else if (isNamed && event.action === 'ADD' && !open.has(parent)) open.set(parent, { fromMs: event.atMs, event: event.id });
  }
  for (const [parent, from] of open) done.push({ parent, of, ...from, untilMs: Number.POSITIVE_INFINITY });
  return done.toSorted((a, b) => a.fromMs - b.fromMs);
}
