/**
 * One identity on two phones, over all that was inspected and told (research 1.5). Two sightings are of one unit unless something says otherwise: what a secure world attests or
 * silicon holds differs, or both were seen too far apart. Attestation keys are shared by batches or rotate, and MAC addresses are random: neither tells units apart, and
 * neither is asked. Placeholders name nobody. A board that was replaced explains itself by an event.
 */
import { type Instant, instantMs } from '../../bytes/index.ts';
import type { CaptureTrust, CloneFinding, CustodyPath } from '../../evidence/index.ts';
import { type CustodyEvent, identityOf, isOwn, type Place, tooFast } from '../custody/index.ts';

/** A phone as one inspection saw it, in identities. */
export interface UnitSighting {
  readonly at: Instant;
  /** What the inspection is called. */
  readonly source: string;
  readonly trust: CaptureTrust;
  /** Every identity as a URI: IMEIs, serials, EPCs, attested and fused IDs. */
  readonly identities: readonly string[];
  readonly place: Place | undefined;
}

/** A block of numbers that a maker gave to one product. Both ends are in it. */
export interface Allocation {
  readonly kind: 'imei' | 'serial';
  readonly from: string;
  readonly to: string;
  readonly brand: string;
  readonly model: string;
}

const TRUSTS: readonly CaptureTrust[] = ['live', 'operator', 'bearer'];
const weakestTrust = (a: CaptureTrust, b: CaptureTrust): CaptureTrust => (TRUSTS.indexOf(a) > TRUSTS.indexOf(b) ? a : b);
/** Pairs of sightings of one identity that are compared: a shop's demonstration phone is seen often. */
const SEEN_MAX = 2000;

interface Unit {
  readonly seen: UnitSighting;
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

const unitOf = (seen: UnitSighting): Unit => {
  const own = seen.identities.map(identityOf).filter(isOwn);
  const isId = ({ kind }: { readonly kind: string }) => kind === 'attested' || kind === 'fused';
  return { seen, ids: own.filter(isId).map(({ uri }) => uri), names: own.filter((one) => !isId(one)).map(({ uri }) => uri) };
};

/** What speaks for clones among sightings. `repairs` are events that say of a name that its board or part was replaced. In order of time. */
export function findClones(sightings: readonly UnitSighting[], repairs: readonly CustodyEvent[]): readonly CloneFinding[] {
  const units = sightings.map(unitOf).toSorted((a, b) => instantMs(a.seen.at) - instantMs(b.seen.at));
  const byIdentity = new Map<string, Unit[]>();
  for (const unit of units)
    for (const uri of new Set([...unit.ids, ...unit.names])) {
      const others = byIdentity.get(uri);
      if (others === undefined) byIdentity.set(uri, [unit]);
      else if (others.length < SEEN_MAX) others.push(unit);
    }
  const found: CloneFinding[] = [];
  // Each with the one before it: what changed, changed between the two.
  for (const [identity, group] of byIdentity)
    for (const [i, unit] of group.entries()) {
      const before = group[i - 1];
      if (before !== undefined) found.push(...compared(identity, before, unit, repairs));
    }
  return found.toSorted((a, b) => instantMs(a.at) - instantMs(b.at) || (a.identity < b.identity ? -1 : 1));
}

function compared(identity: string, before: Unit, now: Unit, repairs: readonly CustodyEvent[]): readonly CloneFinding[] {
  const found: CloneFinding[] = [];
  const isId = now.ids.includes(identity);
  const add = (code: CloneFinding['code'], observed: string, benign: string | undefined) =>
    found.push({
      code,
      identity,
      at: now.seen.at,
      observed,
      benign,
      trust: weakestTrust(before.seen.trust, now.seen.trust),
      evidence: [before.seen.source, now.seen.source],
    });
  const { place: there } = before.seen;
  const { place: here } = now.seen;
  if (there !== undefined && here !== undefined) {
    const why = tooFast({ place: there, atMs: instantMs(before.seen.at) }, { place: here, atMs: instantMs(now.seen.at) });
    if (why !== undefined)
      add(
        isId ? 'same-id-two-places' : 'same-name-two-places',
        why,
        isId ? undefined : 'An inspection was dated wrongly, or its place is wrong.',
      );
  }
  const differs = otherOfKind(identity, before.ids, now.ids);
  if (differs === undefined || isRepaired(identity, before, now, repairs)) return found;
  const beside = `in "${before.seen.source}" it was beside ${differs[0]}, and in "${now.seen.source}" beside ${differs[1]}`;
  if (isId) add('same-id-two-chips', beside, 'A part was replaced, and nobody told it as an event.');
  else add('same-name-other-id', beside, 'A workshop wrote the old number into a new board, and nobody told it as an event.');
  return found;
}

/** Two IDs of the same kind and scheme that differ, beside the identity itself. */
function otherOfKind(identity: string, before: readonly string[], now: readonly string[]): readonly [string, string] | undefined {
  const schemeOf = (uri: string) => uri.slice(0, uri.lastIndexOf(':'));
  for (const one of before) {
    if (one === identity) continue;
    const same = now.filter((other) => other !== identity && schemeOf(other) === schemeOf(one));
    // A phone with two slots has two attested IMEIs: they differ if none of one is among the other's.
    const all = before.filter((other) => other !== identity && schemeOf(other) === schemeOf(one));
    const [first] = same;
    if (first !== undefined && !same.some((other) => all.includes(other))) return [one, first];
  }
  return undefined;
}

const REPAIRS = new Set(['repairing', 'replacing', 'assembling', 'disassembling']);

/** Whether an event between two sightings says that the phone of a name was taken apart or put together anew. */
function isRepaired(identity: string, before: Unit, now: Unit, repairs: readonly CustodyEvent[]): boolean {
  const [from, to] = [instantMs(before.seen.at), instantMs(now.seen.at)];
  const names = new Set([identity, ...before.names, ...now.names]);
  return repairs.some(
    ({ atMs, step, parent, things, inputs, declaredWrong }) =>
      declaredWrong === undefined &&
      atMs >= from &&
      atMs <= to &&
      step !== undefined &&
      REPAIRS.has(step) &&
      [...things, ...inputs, ...(parent === undefined ? [] : [parent])].some((uri) => names.has(uri)),
  );
}

const OF_PATH = new Set<string>(['after-sale', 'after-decommissioning', 'two-parents', 'made-twice']);

/** Faults of a path that are as well a sign of two phones under one name. */
export function clonesOfPath({ faults, subject }: CustodyPath): readonly CloneFinding[] {
  const identity = subject.identities[0]?.uri ?? '';
  return faults
    .filter(({ code }) => OF_PATH.has(code))
    .map(({ code, at, why, events }) => ({
      code: code as CloneFinding['code'], // One of those of OF_PATH, which both unions have.
      identity,
      at,
      observed: why,
      benign: 'An event was told of the wrong phone; its teller can declare it wrong.',
      trust: 'bearer',
      evidence: events,
    }));
}

/** Numbers of blocks that were given to another product than the phone says it is. Texts of one length are compared as texts, so that leading zeros count. */
export function wrongAllocations(
  claimed: { readonly brand: string; readonly model: string },
  sighting: UnitSighting,
  allocations: readonly Allocation[],
): readonly CloneFinding[] {
  const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
  return unitOf(sighting).names.flatMap((uri): readonly CloneFinding[] => {
    const { kind } = identityOf(uri);
    const number =
      kind === 'imei'
        ? uri.slice('urn:gsma:imei:'.length).replaceAll('-', '').slice(0, 14)
        : decodeURIComponent(uri.slice(uri.lastIndexOf(':') + 1));
    const blocks = allocations.filter(
      (one) => one.kind === kind && one.from.length === number.length && one.from <= number && number <= one.to,
    );
    const [block] = blocks;
    if (block === undefined || blocks.some(({ brand, model }) => same(brand, claimed.brand) && same(model, claimed.model))) return [];
    return [
      {
        code: 'wrong-allocation',
        identity: uri,
        at: sighting.at,
        observed: `the number is of a block that was given to ${block.brand} ${block.model}, and the phone says that it is a ${claimed.brand} ${claimed.model}`,
        benign: 'The list of blocks is older than the phone, or names the model differently.',
        trust: sighting.trust,
        evidence: [sighting.source],
      },
    ];
  });
}
