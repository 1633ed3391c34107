/** A phone's way through the supply chain as plain data: made by `provenance/custody`, kept by the store, read by the checks and by locating. */
import type { Instant } from '../bytes/index.ts';

/**
 * What kind of identity a phone can be followed by. `attested`: an ID that the secure world signs (serial or IMEI in key attestation); `fused`: one that the
 * silicon holds (SoC id of a boot ROM). Everything else is printed, written or typed, and names a phone without proving that it is that one.
 */
export type IdentityKind = 'attested' | 'fused' | 'sgtin' | 'imei' | 'serial' | 'other';

/** One identity of a phone. `uri` is in canonical form, so that equal identities are equal texts. */
export interface CustodyIdentity {
  readonly kind: IdentityKind;
  readonly uri: string;
}

/** A phone as one subject, whatever it is called in which event. */
export interface CustodySubject {
  readonly identities: readonly CustodyIdentity[];
}

/** Whether a custodian was allowed to have the phone then. `unknown`: nobody said who may. */
export type StayStanding = 'authorised' | 'unauthorised' | 'unknown';

/** The time that a phone was with one custodian. Custodians and places are canonical URIs: GS1 Digital Links of a PGLN (417) or SGLN (414), or what the event says. */
export interface CustodyStay {
  readonly custodian: string;
  readonly place: string | undefined;
  readonly from: Instant;
  /** Undefined where nothing says that it left. */
  readonly until: Instant | undefined;
  /** The role under which the custodian was authorised; undefined where it was not. */
  readonly role: string | undefined;
  readonly standing: StayStanding;
  /** One sentence: which authorisation covers it, or why none does. */
  readonly because: string;
  /** The hash IDs of the events that say so, oldest first. */
  readonly events: readonly [string, ...string[]];
}

/** A hand-over that no event tells: the phone left stay `after` and was next seen in the stay behind it. Whoever had it in between is not known. */
export interface CustodyGap {
  /** Index of the stay before the gap; -1 where the path does not begin with the phone's making. */
  readonly after: number;
  readonly from: Instant | undefined;
  readonly until: Instant | undefined;
  readonly because: string;
}

/** Why a path is broken. Stable names, for programs. */
export type CustodyFaultCode =
  | 'unauthorised-custodian' // the brand named who may, and this one was not among them then
  | 'outside-territory'
  | 'after-sale' // moved on in trade after it was sold, without a return
  | 'after-decommissioning'
  | 'two-parents' // in two boxes at once
  | 'two-places' // with two custodians at once, or faster than anything travels
  | 'wrong-hand-over' // shipped to one party, received by another
  | 'made-twice'; // commissioned twice

export interface CustodyFault {
  readonly code: CustodyFaultCode;
  readonly at: Instant;
  /** The custodian or place. */
  readonly where: string;
  /** One sentence. */
  readonly why: string;
  readonly events: readonly [string, ...string[]];
}

/** An inspection on the way: what a `bizStep` inspecting said, and the statement that proves it. */
export interface CustodyInspection {
  readonly at: Instant;
  /** Index of the stay in which it took place; -1 where it fell into none. */
  readonly stay: number;
  /** `conformant`, `non_conformant`, or what the event says; undefined where it says nothing. */
  readonly disposition: string | undefined;
  /** The signed statements that the event names. */
  readonly certificationInfo: readonly string[];
  readonly event: string;
}

/** Where a phone has been, and what follows. */
export interface CustodyPath {
  readonly subject: CustodySubject;
  readonly answer: 'authorised' | 'broken' | 'unproven';
  /** One sentence for a clerk. */
  readonly because: string;
  /** The attested or fused identity that the events carry; undefined where there is none, and then the path is never `authorised`. */
  readonly boundTo: CustodyIdentity | undefined;
  /** In order of time. */
  readonly stays: readonly CustodyStay[];
  readonly gaps: readonly CustodyGap[];
  readonly faults: readonly CustodyFault[];
  readonly inspections: readonly CustodyInspection[];
}
