import type { FormatError, HashPort, Instant, Oddity, VerifyPort } from '../../bytes/index.ts';
import type { Fact } from '../../evidence/index.ts';
import type { Certificate, KeyDescription, KnoxIntegrity, NameAttribute, PlainJson, SecurityLevel } from '../../formats/x509/index.ts';
import type { VerificationCache } from './cache.ts';
import type { StatusList } from './status-list.ts';

/** A public key that a chain may end in. */
export interface Anchor {
  readonly id: string;
  readonly name: string;
  /** `software` and `test` anchors are recognised so that a chain's end can be named; they never carry trust. `given`: the operator's. */
  readonly kind: 'google' | 'knox' | 'given' | 'software' | 'test';
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Undefined: the chain must hold the root itself. */
  readonly subject: readonly NameAttribute[] | undefined;
  /** SHA-256, hex, of certificates known for the key. */
  readonly certificates: readonly string[];
}

/** At least one: an empty trust list is a type error. */
export type Anchors = readonly [Anchor, ...Anchor[]];

export interface AttestationQuestion {
  /** Target first. */
  readonly chain: readonly Certificate[];
  readonly roots: Anchors;
  /** Undefined: there is none, and the answer says so. */
  readonly status: StatusList | undefined;
  /** The moment judged at: when the chain was captured. */
  readonly at: Instant;
  /** Undefined: none was sent, so the chain's age is unknown. */
  readonly challenge: Uint8Array | undefined;
  readonly verify: VerifyPort;
  readonly hash: HashPort;
  /** Remembers signatures of upper certificates. */
  readonly cache?: VerificationCache;
}

export type RuleOutcome = 'pass' | 'fail' | 'not-checked';

export interface RuleResult {
  /** Stable, as in `chain-anchor`. */
  readonly rule: RuleId;
  readonly outcome: RuleOutcome;
  /** A sentence: what was compared, and what it showed. */
  readonly because: string;
}

export type Provisioning = 'factory' | 'remote' | 'software' | 'unknown';

/** The chain's end. */
export interface RootResult {
  readonly id: string;
  readonly name: string;
  readonly kind: Anchor['kind'];
  /** `certificate`: byte for byte one that is known; `key`: another certificate of the same key; `issuer`: the chain stops below it. */
  readonly by: 'certificate' | 'key' | 'issuer';
}

export interface RevocationResult {
  readonly status: 'good' | 'REVOKED' | 'SUSPENDED' | 'not-checked';
  /** Of the first certificate that is on the list. */
  readonly serial: string | null;
  readonly reason: string | null;
  readonly listDate: Instant | null;
  /** Whether the list is older than seven days at the moment judged at; null: its date is not known. */
  readonly stale: boolean | null;
}

export interface RootOfTrustResult {
  readonly verifiedBootState: string;
  readonly deviceLocked: boolean;
  readonly verifiedBootKey: string;
  readonly verifiedBootHash: string | null;
}

/** The contract of `attest verify --json`; bytes are hex. */
export interface AttestationResult {
  /** The chain is authentic and may say what it says. What it says of the phone is another matter: see `rules` and `rootOfTrust`. */
  readonly trusted: boolean;
  readonly root: RootResult | null;
  readonly revocation: RevocationResult;
  readonly securityLevel: SecurityLevel | null;
  readonly rootOfTrust: RootOfTrustResult | null;
  /** Every field of the key description. */
  readonly attestation: PlainJson;
  readonly rules: readonly RuleResult[];
  /** Who vouches for each part. Software-enforced fields are Android's word even in a trusted chain. */
  readonly standing: { readonly hardwareEnforced: 'signed' | 'told'; readonly softwareEnforced: 'told'; readonly fresh: boolean };
  readonly provisioning: {
    readonly method: Provisioning;
    readonly certificatesIssued: number | null;
    readonly manufacturer: string | null;
  };
  /** What Samsung's secure world states beside it, as in `warranty: abnormal`; null where the target carries nothing of it, or it does not parse. */
  readonly knox: KnoxIntegrity | null;
  readonly certificates: readonly { readonly subject: string; readonly issuer: string; readonly serial: string }[];
  readonly oddities: readonly Oddity[];
}

/** What the rules look at: the question, and what was read once for all of them. */
export interface RuleContext {
  readonly question: AttestationQuestion;
  readonly target: Certificate;
  /** The target's statement, or why there is none. */
  readonly description: KeyDescription | undefined;
  readonly descriptionError: FormatError | undefined;
  readonly descriptionOddities: readonly Oddity[];
  /** Attested keys that signed further certificates: statements of chain[1], chain[2] …, as far as they go. */
  readonly attestKeys: readonly (KeyDescription | FormatError)[];
  readonly anchor: { readonly anchor: Anchor; readonly by: RootResult['by'] } | undefined;
  readonly provisioning: Provisioning;
  readonly revocation: RevocationResult;
}

export interface Rule {
  readonly id: RuleId;
  /** `required`: must pass. `if-given`: must pass where the question gives what it needs. `reported`: says something of the phone, never of the chain. */
  readonly need: 'required' | 'if-given' | 'reported';
  readonly run: (context: RuleContext) => Omit<RuleResult, 'rule'> | Promise<Omit<RuleResult, 'rule'>>;
}

export type RuleId =
  | 'chain-length'
  | 'chain-form'
  | 'chain-names'
  | 'chain-position'
  | 'chain-anchor'
  | 'chain-dates'
  | 'chain-signatures'
  | 'revocation'
  | 'status-list-age'
  | 'statement'
  | 'statement-tags'
  | 'challenge'
  | 'security-level'
  | 'key-origin'
  | 'key-match'
  | 'root-of-trust'
  | 'provisioning-info'
  | 'device-locked'
  | 'verified-boot'
  | 'verified-boot-key'
  | 'patch-levels'
  | 'knox-integrity'
  | 'encoding'
  | `webauthn-${'format' | 'client-data' | 'challenge' | 'origin' | 'relying-party' | 'flags' | 'statement' | 'signature' | 'key' | 'key-use'}`;

/** An answer of a phone's secure world with what its chain is worth: what the checks argue from. */
export interface VerifiedAnswer {
  readonly fact: Fact<'attestation'>;
  /** Of the chain alone, at the moment of its capture. Whether it answers our question is `challenge`. */
  readonly result: AttestationResult;
  readonly statement: KeyDescription | undefined;
  /** `ours`: the statement holds what we asked to be attested. `other`: something else. `none`: we asked for nothing, so nobody knows its age. */
  readonly challenge: 'ours' | 'other' | 'none';
  /** SHA-256, hex, of the public key that signed the statement: a batch's where a factory provisioned it. */
  readonly issuerKey: string | undefined;
  /** Whether this carrier is known to work on real phones; else nothing that it brings clears or convicts beyond weak. */
  readonly proven: boolean;
}
