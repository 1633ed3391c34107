/** Events of our own: what a dispatch list says as an event, and what an inspection found. In the form of the JSON binding, with URNs of nobody else's. */
import type { Instant } from '../../bytes/index.ts';
import type { JsonObject } from './epcis/model.ts';
import type { Verdicts } from './types.ts';

/** Steps of a phone's way, and what each does to it. */
export const STEPS = {
  commissioning: { action: 'ADD', disposition: 'active' },
  packing: { action: 'OBSERVE', disposition: 'in_progress' },
  shipping: { action: 'OBSERVE', disposition: 'in_transit' },
  departing: { action: 'OBSERVE', disposition: 'in_transit' },
  arriving: { action: 'OBSERVE', disposition: 'in_progress' },
  receiving: { action: 'OBSERVE', disposition: 'in_progress' },
  storing: { action: 'OBSERVE', disposition: 'sellable_not_accessible' },
  retail_selling: { action: 'OBSERVE', disposition: 'retail_sold' },
  repairing: { action: 'OBSERVE', disposition: 'in_progress' },
  returning: { action: 'OBSERVE', disposition: 'returned' },
  decommissioning: { action: 'DELETE', disposition: 'inactive' },
  inspecting: { action: 'OBSERVE', disposition: undefined },
} as const;
export type Step = keyof typeof STEPS;

export interface Told {
  readonly at: Instant;
  /** As in +08:00: where the clock on the wall stood. */
  readonly offset?: string;
  readonly things: readonly string[];
  /** The place, as an SGLN or another URI. */
  readonly place?: string | undefined;
  /** Who had them before. */
  readonly from?: string | undefined;
  /** Who has them after. */
  readonly to?: string | undefined;
  readonly disposition?: string | undefined;
  readonly certificationInfo?: readonly string[];
}

/** An ObjectEvent of a step. `returning` is CBV's receiving with the disposition returned. */
export function toldEvent(step: Step, told: Told): JsonObject {
  const { action, disposition } = STEPS[step];
  const says = told.disposition ?? disposition;
  const party = (type: string, name: string, uri: string | undefined) => (uri === undefined ? [] : [{ type, [name]: uri }]);
  return {
    type: 'ObjectEvent',
    eventTime: told.at,
    eventTimeZoneOffset: told.offset ?? '+00:00',
    epcList: [...told.things],
    action,
    bizStep: step === 'returning' ? 'receiving' : step,
    ...(says === undefined ? {} : { disposition: says }),
    ...(told.place === undefined ? {} : { readPoint: { id: told.place }, bizLocation: { id: told.place } }),
    ...(told.from === undefined ? {} : { sourceList: party('possessing_party', 'source', told.from) }),
    ...(told.to === undefined ? {} : { destinationList: party('possessing_party', 'destination', told.to) }),
    ...(told.certificationInfo === undefined ? {} : { certificationInfo: [...told.certificationInfo] }),
  };
}

/** The names of one unit: box label, IMEI, attested ID. From `at` on they are one subject. */
export function associationEvent(at: Instant, parent: string, names: readonly string[], action: 'ADD' | 'DELETE' = 'ADD'): JsonObject {
  return {
    type: 'AssociationEvent',
    eventTime: at,
    eventTimeZoneOffset: '+00:00',
    parentID: parent,
    childEPCs: [...names],
    action,
    bizStep: 'assembling',
  };
}

/** Things into a box, or out of it. */
export function aggregationEvent(at: Instant, parent: string, things: readonly string[], action: 'ADD' | 'DELETE' = 'ADD'): JsonObject {
  return {
    type: 'AggregationEvent',
    eventTime: at,
    eventTimeZoneOffset: '+00:00',
    parentID: parent,
    childEPCs: [...things],
    action,
    bizStep: action === 'ADD' ? 'packing' : 'unpacking',
  };
}

/** An event that says of an earlier one that it is wrong: the same event with its declaration, as EPCIS 2.0, 7.4.1.4 has it. */
export function errorEvent(
  event: JsonObject,
  declared: { readonly at: Instant; readonly reason: 'did_not_occur' | 'incorrect_data'; readonly corrective: readonly string[] },
): JsonObject {
  return {
    ...event,
    errorDeclaration: {
      declarationTime: declared.at,
      reason: declared.reason,
      ...(declared.corrective.length === 0 ? {} : { correctiveEventIDs: [...declared.corrective] }),
    },
  };
}

/** A verdict as an event that the next custodian can read: the disposition is what was found, and the signed statement is named as its certification. */
export function verdictEvent(verdict: Verdicts, told: Omit<Told, 'disposition' | 'from' | 'to'>): JsonObject {
  return toldEvent('inspecting', { ...told, disposition: dispositionOf(verdict) });
}

/** The word of the CBV for a verdict. Nothing found is `unknown`: only what was proven is conformant. */
export function dispositionOf({ hardware, software, custody }: Verdicts): string {
  if (hardware === 'counterfeit') return 'mismatch_class';
  if (software === 'altered') return 'non_conformant';
  if (custody === 'broken') return 'no_pedigree_match';
  return hardware === 'genuine' && software === 'genuine' ? 'conformant' : 'unknown';
}
