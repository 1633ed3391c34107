/** From custodians and paths to numbers: suspects, the ways of each phone, and what inspections said. Phones and custodians are taken in the order of their ids. */
import type { Calibration, Custodian, Flow, Inspection, Phone } from './input.ts';
import { type Assumptions, type Observation, OTHER, type Suspect, type Way } from './model.ts';
import { type Network, networkOf, routesOf } from './routes.ts';

/** The calibration of a check of which nothing is known: what provenance research measured the strategy with. */
export const DEFAULT_CALIBRATION: Calibration = { sensitivity: 0.95, falsePositive: 0.01 };

/** Signatures beyond these many, by how often they occur, count as found once: each makes the hands' states more. */
const SIGNATURES_MAX = 3;

/** One inspection that is not used, and why. */
export interface Unused {
  readonly phone: string;
  readonly because: string;
}

export interface Problem {
  readonly suspects: readonly Suspect[];
  readonly weights: Float64Array;
  readonly phones: readonly Phone[];
  /** Whole ways of each phone, as if it were inspected now. Phones of one route share the object. */
  readonly routes: readonly (readonly Way[])[];
  readonly observations: readonly Observation[];
  readonly signatures: readonly string[];
  readonly unused: readonly Unused[];
  readonly custodians: ReadonlyMap<string, Custodian>;
}

/** How much a custodian is suspected before any data, as a part of an ordinary one. Stated in the result, since it is a judgement and no measurement. */
export function custodianWeight({ role, authorised, casesUpheld = 0, suspect }: Custodian): number {
  if (suspect === false) return 0;
  const byRole = role === 'maker' ? 0.2 : 1;
  const byAuthority = authorised === false ? 5 : 1;
  return byRole * byAuthority * (1 + 2 * Math.min(casesUpheld, 5));
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Compiles a flow that `checkFlow` accepted. */
export function compile(flow: Flow, assumptions: Assumptions): Problem {
  const custodians = flow.custodians.toSorted(byId);
  const phones = flow.phones.toSorted(byId);
  const network = networkOf(phones);
  const builder = new SuspectIndex(custodians, assumptions);
  const shared = new Map<string, readonly Way[]>();
  const routes = phones.map((phone) => {
    const key = JSON.stringify(phone.path.map((handling) => ('gap' in handling ? null : handling.custodian)));
    const known = shared.get(key);
    if (known !== undefined) return known;
    const ways = waysOf(phone, network, builder, { leak: assumptions.leak, segmentOf: () => 0, segments: 1 });
    shared.set(key, ways);
    return ways;
  });
  const unused: Unused[] = [];
  const used = phones.map((phone) => usedInspections(phone, flow, unused));
  const signatures = commonSignatures(used);
  const groups = new Map<string, Observation & { readonly phones: number[] }>();
  for (const [index, phone] of phones.entries()) {
    const inspections = used[index] ?? [];
    if (inspections.length === 0) continue;
    const observation = observe(
      { phone, inspections, ways: routes[index] ?? [], index },
      { flow, network, builder, assumptions, signatures },
    );
    const key = keyOf(observation);
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { ...observation, phones: [index] });
    else {
      same.phones.push(index);
      groups.set(key, { ...same, count: same.count + 1 });
    }
  }
  const weights = Float64Array.from(builder.suspects, ({ weight }) => weight);
  return {
    suspects: builder.suspects,
    weights,
    phones,
    routes,
    observations: [...groups.values()],
    signatures,
    unused,
    custodians: new Map(custodians.map((custodian) => [custodian.id, custodian])),
  };
}

/** Numbers suspects as they are met: custodians first, in their order; links as paths show them. */
class SuspectIndex {
  readonly suspects: Suspect[] = [];
  readonly #custodians = new Map<string, number>();
  readonly #links = new Map<string, number>();
  readonly #linkWeight: number;

  constructor(custodians: readonly Custodian[], assumptions: Assumptions) {
    this.#linkWeight = assumptions.linkWeight;
    for (const custodian of custodians) {
      this.#custodians.set(custodian.id, this.suspects.length);
      this.suspects.push({ kind: 'custodian', id: custodian.id, weight: custodianWeight(custodian) });
    }
  }

  custodian(id: string): number {
    return this.#custodians.get(id) ?? -1;
  }

  link(from: string, to: string): number {
    const key = JSON.stringify([from, to]);
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const index = this.suspects.length;
    this.#links.set(key, index);
    this.suspects.push({ kind: 'link', from, to, weight: this.#linkWeight });
    return index;
  }
}

interface Cut {
  readonly leak: number;
  /** Segment of a handling, by its index in the phone's own path; -1 where it came after the last inspection. */
  readonly segmentOf: (handling: number) => number;
  readonly segments: number;
}

function waysOf(phone: Phone, network: Network, builder: SuspectIndex, { leak, segmentOf, segments }: Cut): readonly Way[] {
  return routesOf(phone.path, network).map(({ weight, stops }) => {
    const suspects: number[] = [];
    const at: number[] = [];
    const handlings = new Float64Array(segments);
    let before: string | undefined;
    for (const { custodian, handling } of stops) {
      const segment = segmentOf(handling);
      if (segment < 0) break;
      if (before !== undefined && before !== custodian) {
        const link = builder.link(before, custodian);
        if (builder.suspects[link]?.weight !== 0) {
          suspects.push(link);
          at.push(segment);
        }
      }
      before = custodian;
      suspects.push(builder.custodian(custodian));
      at.push(segment);
      handlings[segment] = (handlings[segment] ?? 0) + 1;
    }
    // The leak is spread over the handlings: a phone that was inspected half-way had half the chances to be altered by strangers.
    const total = Math.max(stops.length, 1);
    const leaks = handlings.map((count) => leak * Math.max(count / total, segments === 1 ? 1 : 0.1));
    return { weight, suspects: Int32Array.from(suspects), segments: Uint8Array.from(at), leaks };
  });
}

/** The inspections of a phone that count, oldest first, by how many handlings were before each. */
function usedInspections(
  phone: Phone,
  { operators = [] }: Flow,
  unused: Unused[],
): readonly { readonly inspection: Inspection; readonly after: number }[] {
  const used: { readonly inspection: Inspection; readonly after: number }[] = [];
  for (const inspection of phone.inspections ?? []) {
    // Design rule 7: a recording is its bearer's word, and no input to locating unless a known operator signed the capture.
    if (inspection.subject === 'recording' && !operators.some((operator) => operator === inspection.operator)) {
      unused.push({ phone: phone.id, because: 'a recording that no known operator signed is its bearer’s word' });
    } else if (inspection.outcome === 'inconclusive') {
      unused.push({ phone: phone.id, because: 'inconclusive: as likely on an altered phone as on a clean one' });
    } else used.push({ inspection, after: handlingsBefore(phone, inspection) });
  }
  return used.toSorted((a, b) => a.after - b.after || ((a.inspection.at ?? '') < (b.inspection.at ?? '') ? -1 : 1));
}

function handlingsBefore({ path }: Phone, { after, at }: Inspection): number {
  if (after !== undefined) return Math.min(after, path.length);
  if (at === undefined) return path.length;
  // A handling counts as before the inspection unless it is known to have begun later.
  const later = path.findIndex((handling) => !('gap' in handling) && handling.from !== undefined && handling.from > at);
  return later < 0 ? path.length : later;
}

function commonSignatures(used: readonly (readonly { readonly inspection: Inspection }[])[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const inspections of used) {
    const { signature } = inspections.findLast(({ inspection }) => inspection.signature !== undefined)?.inspection ?? {};
    if (signature !== undefined) counts.set(signature, (counts.get(signature) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, SIGNATURES_MAX)
    .map(([signature]) => signature);
}

interface Seen {
  readonly phone: Phone;
  readonly inspections: readonly { readonly inspection: Inspection; readonly after: number }[];
  readonly ways: readonly Way[];
  readonly index: number;
}
interface Setting {
  readonly flow: Flow;
  readonly network: Network;
  readonly builder: SuspectIndex;
  readonly assumptions: Assumptions;
  readonly signatures: readonly string[];
}

function observe({ phone, inspections, ways, index }: Seen, setting: Setting): Observation {
  const isWhole = inspections.length === 1 && inspections[0]?.after === phone.path.length;
  const cut = (handling: number) => inspections.findIndex(({ after }) => handling < after);
  const seen = isWhole
    ? ways
    : waysOf(phone, setting.network, setting.builder, { leak: setting.assumptions.leak, segmentOf: cut, segments: inspections.length });
  const given = new Float64Array(inspections.length + 1).fill(1);
  for (const [k, { inspection }] of inspections.entries()) {
    const { sensitivity, falsePositive } = calibrationOf(inspection, setting.flow);
    for (let segment = 0; segment <= inspections.length; segment++) {
      const says = segment <= k ? sensitivity : falsePositive;
      given[segment] = (given[segment] ?? 1) * (inspection.outcome === 'altered' ? says : 1 - says);
    }
  }
  const { signature } = inspections.findLast(({ inspection }) => inspection.signature !== undefined)?.inspection ?? {};
  return {
    ways: seen,
    given,
    signature: signature === undefined || setting.signatures.length === 0 ? -1 : (indexOr(setting.signatures, signature) ?? OTHER),
    complaint: inspections.some(({ inspection }) => inspection.because === 'complaint'),
    count: 1,
    phones: [index],
  };
}

const indexOr = (all: readonly string[], one: string): number | undefined => {
  const at = all.indexOf(one);
  return at < 0 ? undefined : at;
};

export const calibrationOf = ({ check }: Pick<Inspection, 'check'>, { calibration = {} }: Pick<Flow, 'calibration'>): Calibration =>
  (check === undefined ? undefined : calibration[check]) ?? calibration['default'] ?? DEFAULT_CALIBRATION;

function keyOf({ ways, given, signature, complaint }: Observation): string {
  return JSON.stringify([
    ways.map(({ weight, suspects, segments }) => [weight, [...suspects], [...segments]]),
    [...given],
    signature,
    complaint,
  ]);
}
