/**
 * From the events of a phone to its path: who had it, where, from when to when, whether they were allowed to, what is missing, and what does not go together.
 * `broken` by a fault of its own events. `authorised` where it begins with the making, is without gaps, every stay is covered by the brand's word, and the events carry an
 * identity that no label holds. `unproven` for everything else: events name phones, and names can be copied.
 */
import { type Instant, instantMs } from '../../bytes/index.ts';
import { authorisedAt, type Channel, type ChannelAnswer } from './channel.ts';
import { instantOf } from './epcis/pre-image.ts';
import type { CustodyEvent } from './event.ts';
import type { Gathered } from './gather.ts';
import { boundIdentity, identityKind } from './identity.ts';
import { tooFast } from './travel.ts';
import type { CustodyFault, CustodyFaultCode, CustodyGap, CustodyInspection, CustodyPath, CustodyStay } from './types.ts';

/** Steps by which a phone leaves whoever does them. */
const LEAVING = new Set(['shipping', 'departing', 'consigning', 'staging_outbound', 'loading']);
/** Steps by which it comes to whoever does them. */
const COMING = new Set(['receiving', 'accepting', 'arriving', 'unloading', 'collecting']);
const ENDING = new Set(['decommissioning', 'destroying', 'killing']);
/** Steps of trade: a phone that was sold goes through none of them, unless it came back. */
const TRADE = new Set([
  ...LEAVING,
  ...COMING,
  'packing',
  'stocking',
  'storing',
  'picking',
  'retail_selling',
  'commissioning',
  'staging_outbound',
]);
const WORKSHOP = new Set(['repairing', 'replacing', 'inspecting', 'returning']);

/** Sent to nobody in trade. */
const SOLD = Symbol('sold');

interface Building {
  readonly custodian: string;
  readonly place: string | undefined;
  readonly fromMs: number;
  untilMs: number | undefined;
  /** Whom it was sent to, where the sender said so. */
  sentTo: string | typeof SOLD | undefined;
  readonly events: [string, ...string[]];
}

/** The path that gathered events tell. Pure: the same events in any order give the same path. */
export function pathOf({ subject, events, inside }: Gathered, channel: Channel): CustodyPath {
  const stays: Building[] = [];
  const faults: CustodyFault[] = [];
  const gaps: CustodyGap[] = [];
  const inspections: CustodyInspection[] = [];
  const life: Life = { made: undefined, sold: undefined, ended: undefined };
  const names = new Set(subject.identities.map(({ uri }) => uri));
  const fault = (code: CustodyFaultCode, event: CustodyEvent, where: string, why: string) =>
    faults.push({ code, at: event.at, where, why, events: [event.id] });

  for (const event of events) {
    const holder = holderOf(event, channel);
    const current = stays.at(-1);
    if (event.step === 'inspecting') {
      inspections.push({
        at: event.at,
        stay: current === undefined || (current.untilMs !== undefined && current.untilMs < event.atMs) ? -1 : stays.length - 1,
        disposition: event.disposition,
        certificationInfo: event.certificationInfo,
        event: event.id,
      });
    }
    judgeLife(life, event, names, fault);
    // Who inspects or repairs a phone that its owner brings is no custodian of trade.
    const isOwners = life.sold !== undefined && event.step !== 'retail_selling' && !TRADE.has(event.step ?? '');
    if (holder === undefined || event.type === 'AssociationEvent' || event.step === 'inspecting' || isOwners) continue;
    if (current !== undefined && staysWith(current, holder, event)) {
      current.untilMs = undefined;
      current.events.push(event.id);
      leave(current, event);
      continue;
    }
    const next: Building = { ...holder, fromMs: event.atMs, untilMs: undefined, sentTo: undefined, events: [event.id] };
    if (current === undefined) {
      if (event.step !== 'commissioning')
        gaps.push({ after: -1, from: undefined, until: event.at, because: 'nothing says where it was made and who had it before' });
    } else if (current.custodian === next.custodian && current.sentTo !== SOLD) current.untilMs ??= event.atMs;
    else handOver(current, next, event, { channel, fault, gap: (gap) => gaps.push({ after: stays.length - 1, ...gap }) });
    leave(next, event);
    stays.push(next);
  }
  faults.push(...parentFaults(inside), ...travelFaults(events, channel));
  const product = productOf(subject.identities.map(({ uri }) => uri));
  const judged = stays.map((stay) => judgedStay(stay, channel, product));
  for (const { answer, stay } of judged)
    if (answer.standing === 'unauthorised')
      faults.push({
        code: answer.isOutside ? 'outside-territory' : 'unauthorised-custodian',
        at: instantOf(stay.fromMs),
        where: stay.custodian,
        why: answer.because,
        events: stay.events,
      });
  return {
    subject,
    ...answerOf(
      judged.map(({ result }) => result),
      faults,
      gaps,
      boundIdentity(subject)?.uri,
    ),
    boundTo: boundIdentity(subject),
    stays: judged.map(({ result }) => result),
    gaps,
    faults: faults.toSorted((a, b) => instantMs(a.at) - instantMs(b.at)),
    inspections,
  };
}

/** Who has the phone after an event, and where. */
function holderOf(
  event: CustodyEvent,
  { places }: Channel,
): { readonly custodian: string; readonly place: string | undefined } | undefined {
  const isLeaving = event.step !== undefined && LEAVING.has(event.step);
  const here = event.bizLocation ?? event.readPoint ?? (isLeaving ? event.source.location : event.destination.location);
  const said = isLeaving
    ? event.source.possessing
    : event.step !== undefined && (COMING.has(event.step) || event.step === 'commissioning')
      ? (event.destination.possessing ?? event.destination.owning)
      : undefined;
  const custodian = said ?? partyAt(here, places) ?? (isLeaving ? event.source.owning : undefined);
  return custodian === undefined ? undefined : { custodian, place: here };
}

/** Whose a place is: what its master data says, else the company of the same GLN, else the place itself. */
function partyAt(place: string | undefined, places: Channel['places']): string | undefined {
  if (place === undefined) return undefined;
  const site = place.replace(/\/254\/.*$/, '');
  return places.get(place)?.party ?? places.get(site)?.party ?? site.replace(/^(https:\/\/id\.gs1\.org)\/414\/(\d{13})$/, '$1/417/$2');
}

/** Whether the phone is where it was: the same custodian at the same place, and not on its way to another. */
function staysWith(current: Building, holder: Pick<Building, 'custodian' | 'place'>, event: CustodyEvent): boolean {
  if (current.custodian !== holder.custodian) return false;
  if (current.place !== undefined && holder.place !== undefined && current.place !== holder.place) return false;
  // Two events of one leaving, and its being called off.
  if (event.step !== undefined && (LEAVING.has(event.step) || event.step === 'void_shipping')) return true;
  const isGone = current.untilMs !== undefined && current.untilMs < event.atMs;
  return !isGone || current.sentTo === undefined || current.sentTo === current.custodian;
}

function leave(stay: Building, event: CustodyEvent): void {
  if (event.step === 'void_shipping') stay.sentTo = undefined;
  else if (event.step !== undefined && LEAVING.has(event.step)) {
    stay.untilMs = event.atMs;
    stay.sentTo = event.destination.possessing ?? event.destination.owning ?? stay.sentTo;
  } else if (event.step === 'retail_selling') {
    stay.untilMs = event.atMs;
    stay.sentTo = SOLD;
  }
}

interface Saying {
  readonly channel: Channel;
  readonly gap: (gap: Omit<CustodyGap, 'after'>) => void;
  readonly fault: (code: CustodyFaultCode, event: CustodyEvent, where: string, why: string) => void;
}

/** What lies between two stays. A fault only where somebody named whom he sent it to, and the brand named who may: else it is a gap, and nobody is accused. */
function handOver(from: Building, to: Building, event: CustodyEvent, { channel, gap, fault }: Saying): void {
  const told = event.source.possessing ?? event.source.owning;
  const until = event.at;
  if (from.sentTo === SOLD) {
    gap({ from: instantOf(lastOf(from)), until, because: 'it was sold, and whoever bought it had it' });
    return;
  }
  if (from.untilMs === undefined) {
    from.untilMs = event.atMs;
    // The receiver's word alone is a hand-over, if it names the one who had it.
    if (told !== from.custodian) gap({ from: instantOf(from.fromMs), until, because: `nothing says how it left ${from.custodian}` });
    return;
  }
  if (from.sentTo === to.custodian || (from.sentTo === undefined && told === from.custodian)) return;
  if (from.sentTo === undefined) {
    gap({
      from: instantOf(from.untilMs),
      until,
      because: `${from.custodian} did not say whom it was sent to, nor ${to.custodian} from whom it came`,
    });
    return;
  }
  const role = authorisedAt(channel, { party: to.custodian, place: to.place, at: event.at, product: undefined }).by?.role;
  if (role === 'logistics') {
    // A carrier on the way: whom it was sent to is still whom it has to reach.
    to.sentTo = from.sentTo;
    return;
  }
  const why = `${from.custodian} sent it to ${from.sentTo}, and ${to.custodian} had it next`;
  if (channel.authorisations.length > 0) fault('wrong-hand-over', event, to.custodian, why);
  else gap({ from: instantOf(from.untilMs), until, because: why });
}

const lastOf = (stay: Building) => stay.untilMs ?? stay.fromMs;

interface Life {
  made: CustodyEvent | undefined;
  sold: CustodyEvent | undefined;
  ended: CustodyEvent | undefined;
}

/** What the life of a phone allows: made once, in trade until sold, gone when taken out of use. */
function judgeLife(life: Life, event: CustodyEvent, names: ReadonlySet<string>, fault: Saying['fault']): void {
  const { step = '' } = event;
  const where = event.bizLocation ?? event.readPoint ?? 'a place that is not named';
  if (life.ended !== undefined && !ENDING.has(step) && step !== 'inspecting')
    fault(
      'after-decommissioning',
      event,
      where,
      `it was taken out of use on ${life.ended.at.slice(0, 10)}, and is in an event (${step || event.type}) after that`,
    );
  if (step === 'commissioning' && event.action === 'ADD' && event.things.some((uri) => names.has(uri) && identityKind(uri) === 'sgtin')) {
    if (life.made !== undefined) fault('made-twice', event, where, `it was made on ${life.made.at.slice(0, 10)} already`);
    life.made ??= event;
  }
  if (ENDING.has(step)) life.ended ??= event;
  const isBack = event.disposition === 'returned' || WORKSHOP.has(step);
  if (life.sold !== undefined && isBack && event.disposition === 'returned') life.sold = undefined;
  if (life.sold !== undefined && TRADE.has(step) && !isBack)
    fault(
      'after-sale',
      event,
      where,
      `it was sold on ${life.sold.at.slice(0, 10)}, and is in trade (${step}) after that without having come back`,
    );
  if (step === 'retail_selling' || event.disposition === 'retail_sold') life.sold ??= event;
}

/** In two boxes at once, of which neither is in the other. */
function parentFaults(inside: Gathered['inside']): readonly CustodyFault[] {
  const direct = inside.toSorted((a, b) => a.fromMs - b.fromMs);
  const faults: CustodyFault[] = [];
  for (const [i, one] of direct.entries())
    for (const other of direct.slice(i + 1)) {
      if (other.parent === one.parent || other.of !== one.of) continue;
      if (other.fromMs < one.untilMs && other.fromMs >= one.fromMs)
        faults.push({
          code: 'two-parents',
          at: instantOf(other.fromMs),
          where: other.parent,
          why: `it was put into ${other.parent} while it was in ${one.parent}`,
          events: [one.event, other.event],
        });
    }
  return faults;
}

/** In two places in less time than anything travels. */
function travelFaults(events: readonly CustodyEvent[], { places }: Channel): readonly CustodyFault[] {
  const seen = events.flatMap((event) => {
    const uri = event.readPoint ?? event.bizLocation;
    const place = uri === undefined ? undefined : (places.get(uri) ?? places.get(uri.replace(/\/254\/.*$/, '')));
    return place === undefined ? [] : [{ event, place }];
  });
  return seen.slice(1).flatMap(({ event, place }, i): readonly CustodyFault[] => {
    const before = seen[i];
    if (before === undefined) return [];
    const why = tooFast({ place: before.place, atMs: before.event.atMs }, { place, atMs: event.atMs });
    return why === undefined ? [] : [{ code: 'two-places', at: event.at, where: place.uri, why, events: [before.event.id, event.id] }];
  });
}

/** The GTIN among the identities of a phone. */
const productOf = (uris: readonly string[]): string | undefined => {
  for (const uri of uris) {
    const gtin = /^https:\/\/id\.gs1\.org\/01\/(\d{14})\//.exec(uri)?.[1];
    if (gtin !== undefined) return gtin;
  }
  return undefined;
};

function judgedStay(stay: Building, channel: Channel, product: string | undefined) {
  const at: Instant = instantOf(stay.fromMs);
  const answers: ChannelAnswer[] = [authorisedAt(channel, { party: stay.custodian, place: stay.place, at, product })];
  // A stay is covered where it began and where it ended.
  if (stay.untilMs !== undefined)
    answers.push(authorisedAt(channel, { party: stay.custodian, place: stay.place, at: instantOf(stay.untilMs), product }));
  const answer = answers.find(({ standing }) => standing !== 'authorised') ?? answers[0];
  if (answer === undefined) throw new RangeError('a stay without an answer');
  const result: CustodyStay = {
    custodian: stay.custodian,
    place: stay.place,
    from: at,
    until: stay.untilMs === undefined ? undefined : instantOf(stay.untilMs),
    role: answer.by?.role,
    standing: answer.standing,
    because: answer.because,
    events: stay.events,
  };
  return { answer, stay, result };
}

function answerOf(
  stays: readonly CustodyStay[],
  faults: readonly CustodyFault[],
  gaps: readonly CustodyGap[],
  boundTo: string | undefined,
): Pick<CustodyPath, 'answer' | 'because'> {
  const [first] = faults.toSorted((a, b) => instantMs(a.at) - instantMs(b.at));
  if (first !== undefined) return { answer: 'broken', because: `On ${first.at.slice(0, 10)} at ${first.where}: ${first.why}.` };
  if (stays.length === 0) return { answer: 'unproven', because: 'No event says who had this phone.' };
  const unknown = stays.find(({ standing }) => standing !== 'authorised');
  if (unknown !== undefined) return { answer: 'unproven', because: `${unknown.custodian} had it, and ${unknown.because}.` };
  const [gap] = gaps;
  if (gap !== undefined) return { answer: 'unproven', because: `Part of the path is missing: ${gap.because}.` };
  if (boundTo === undefined)
    return {
      answer: 'unproven',
      because: 'The events name the phone by labels alone, which another phone can carry; none names an attested or fused ID.',
    };
  return { answer: 'authorised', because: `All ${stays.length} who had it were authorised then, from its making on.` };
}
