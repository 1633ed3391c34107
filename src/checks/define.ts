import type { Instant } from '../bytes/index.ts';
import type { CaptureTrust, Claims, Fact, FactKind, Facts, History, Place, Standing, Toolmark } from '../evidence/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { ElsewhereFile, ListedBuild, Reference } from '../references/index.ts';
import type { VerifiedAnswer } from './attestation/types.ts';

export type Axis = 'hardware' | 'software' | 'custody' | 'posture';
export type Strength = 'conclusive' | 'strong' | 'weak' | 'note';
/** How far an adversary gets: each can do what those before it can. */
export const ADVERSARIES = ['app', 'framework', 'kernel', 'bootloader'] as const;
export type Adversary = (typeof ADVERSARIES)[number];
/** What kind of alteration a software finding shows. */
export type Nature = 'modified' | 'foreign' | 'mixed' | 'downgraded';

/**
 * Single events that can explain a finding. Two strong findings that one event explains are one finding.
 * `property-edit`: someone changed a property file. `rom-flash`: another ROM was flashed. `root`: the phone was rooted. `retailer-apps`: apps were put into the system.
 * `ota`: an update is under way. `sku`: a variant that we do not know. `repair`: a part or board was replaced. `engineering`: an engineering unit. `clone`: an identity was copied.
 * `other-silicon`: another model's hardware. `tool`: a development tool's trace. `management`: an employer's software. `owner-settings`: what an owner may set.
 */
export type Cause =
  | 'property-edit'
  | 'rom-flash'
  | 'root'
  | 'retailer-apps'
  | 'ota'
  | 'sku'
  | 'repair'
  | 'engineering'
  | 'clone'
  | 'other-silicon'
  | 'tool'
  | 'management'
  | 'owner-settings';

/** Whose word the facts are; `image`: a firmware image is itself what is judged, and all of it is here. */
export type SubjectTrust = CaptureTrust | 'image';

/** Everything a check may look at. All of it is an argument: no clock, no randomness, no I/O. */
export interface CheckContext {
  readonly facts: Facts;
  readonly claims: Claims;
  readonly trust: SubjectTrust;
  readonly knowledge: Knowledge;
  readonly references: readonly Reference[];
  /** Contents of files that the named build has not, by SHA-256, that a shelf has in other builds; undefined: no shelf was asked. */
  readonly elsewhere?: ReadonlyMap<string, ElsewhereFile>;
  /** Files on imported lists of builds with a version that the phone states; undefined: no list was asked. */
  readonly listed?: readonly ListedBuild[];
  readonly history: History;
  /** Answers of the secure world whose chains were verified before the checks run; undefined: nobody verified any. */
  readonly attestations?: readonly VerifiedAnswer[];
  /** The moment judged at: the capture's, never today's. Undefined where a recording does not say and the operator did not. */
  readonly asOf: Instant;
}

/** One thing that a check found. What its definition says already is not repeated here. */
export interface Draft {
  /** What the phone, box or seller says. */
  readonly claimed: string;
  /** What was seen. */
  readonly observed: string;
  /** A sentence of an expert witness: why the two do not go together. */
  readonly because: string;
  readonly standing: Standing;
  readonly evidence: readonly [Place, ...Place[]];
  /** Weaker than the definition's, where this instance is. */
  readonly strength?: Strength;
  /** Where this instance speaks on another axis than the definition. */
  readonly axis?: Axis;
  readonly nature?: Nature;
  /** Where this instance is explained by other causes than the definition lists. */
  readonly causes?: readonly Cause[];
  /** `malware`: no policy accepts a phone with one. */
  readonly flag?: 'malware';
  /** The model, ROM or family that the evidence names, for the reason sentence. */
  readonly names?: string;
  /** What the same hand would leave on other phones (`toolmarksOf`). Kept only with a finding that is strong or conclusive. */
  readonly toolmarks?: readonly Toolmark[];
}

/** Bound, fresh and authentic evidence for a phone (rule 2). Only `signed` and `measured` evidence can make one. */
export interface Clearance {
  readonly axis: 'hardware' | 'software' | 'custody';
  readonly because: string;
}

/** One thing that was not examined, with what would settle it. */
export interface NotExamined {
  readonly what: string;
  readonly because: string;
  readonly settledBy: string;
}

export type Outcome =
  /** `beyond`: what even this pass says nothing of. */
  | { readonly outcome: 'pass'; readonly standing: Standing; readonly clears?: Clearance; readonly beyond?: readonly NotExamined[] }
  | { readonly outcome: 'fail'; readonly findings: readonly [Draft, ...Draft[]] }
  | { readonly outcome: 'not-checked'; readonly because: string; readonly settledBy: string }
  /** As not-checked, where several pieces are missing and each has its own remedy. */
  | { readonly outcome: 'incomplete'; readonly missing: readonly [NotExamined, ...NotExamined[]] }
  /** The question does not arise for this phone, as of a form of version that only one maker uses: neither passed nor left open. */
  | { readonly outcome: 'not-applicable' };

/** A check: a pure function with its documentation. One file each; the id never changes, it is only retired. */
export interface Check {
  /** `family.topic`, as in `properties.release-sdk`. */
  readonly id: string;
  readonly axis: Axis;
  /** A short name for a table. */
  readonly title: string;
  /** What is compared with what. */
  readonly what: string;
  /** Why a difference means something. */
  readonly why: string;
  /** Innocent explanations, as sentences. */
  readonly benign: readonly string[];
  /** How a person confirms a finding. */
  readonly confirm: string;
  /** The most that a finding of this check may claim. */
  readonly strength: Strength;
  /** For `conclusive` only: why this cannot happen on an unmodified phone. */
  readonly impossible?: string;
  /** The weakest standing that counts. */
  readonly standing: Standing;
  /** Kinds of facts without which the check cannot run. */
  readonly needs: readonly FactKind[];
  /** What would bring the missing facts. */
  readonly settledBy: string;
  /** Surfaces that one edit changes together; two findings of one group count once. */
  readonly group: string;
  readonly causes: readonly Cause[];
  /** The strongest adversary whose alteration this check, when it passes, would have caught. Undefined: passing says nothing. */
  readonly catches: Adversary | undefined;
  readonly spec: readonly string[];
  readonly run: (context: CheckContext) => Outcome;
}

/** Makes a check; the type is what the call is for. */
export function defineCheck(check: Check): Check {
  return check;
}

export const pass = (standing: Standing): Outcome => ({ outcome: 'pass', standing });
export const notApplicable: Outcome = { outcome: 'not-applicable' };
export const notChecked = (because: string, settledBy: string): Outcome => ({ outcome: 'not-checked', because, settledBy });

/** Fails with these findings, or passes where there are none. */
export function failOrPass(findings: readonly Draft[], standing: Standing): Outcome {
  const [first, ...rest] = findings;
  return first === undefined ? pass(standing) : { outcome: 'fail', findings: [first, ...rest] };
}

/** The places of facts, for `evidence`. */
export function placesOf(first: Pick<Fact, 'place'>, ...rest: readonly Pick<Fact, 'place'>[]): readonly [Place, ...Place[]] {
  return [first.place, ...rest.map((fact) => fact.place)];
}
