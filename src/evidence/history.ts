import type { Instant } from '../bytes/index.ts';
import type { CaptureTrust } from './capture.ts';
import type { CloneFinding } from './clones.ts';
import type { CustodyPath } from './custody.ts';

/** What a secure world swore to at an inspection: of chains that verified only. Hex is lower case. */
export interface AttestedSighting {
  /** SHA-256 of the public key that signed the statement: a batch's where a factory provisioned it, this phone's own for a while where a server did. */
  readonly issuerKey: string;
  /** As the rest of the inspection called the phone: whose brand the key signed for. */
  readonly brand: string | undefined;
  /** Attested serial number and IMEIs, normalised as those of the sighting; empty where none was attested. */
  readonly ids: readonly string[];
  readonly securityLevel: 'SOFTWARE' | 'TRUSTED_ENVIRONMENT' | 'STRONG_BOX';
  readonly attestationVersion: number;
  readonly verifiedBootState: string | undefined;
  readonly verifiedBootKey: string | undefined;
  readonly osVersion: number | undefined;
  readonly osPatchLevel: number | undefined;
  readonly vendorPatchLevel: number | undefined;
  readonly bootPatchLevel: number | undefined;
}

/** A phone as an earlier inspection saw it: what tells units apart, and nothing more. */
export interface Sighting {
  readonly at: Instant;
  /** What that inspection called its source. */
  readonly source: string;
  /** Who vouches for it: a recording is its bearer's word. */
  readonly trust: CaptureTrust;
  /** Digits only, without repetition. */
  readonly imeis: readonly string[];
  readonly serials: readonly string[];
  readonly brand: string | undefined;
  readonly model: string | undefined;
  readonly fingerprint: string | undefined;
  /** Counters against older software that its bootloader stated, by name; digits. */
  readonly rollback?: readonly (readonly [name: string, value: string])[];
  /** Where the phone was, as the station says that read it: a URI of the places that the store knows. Never of a recording. */
  readonly place?: string;
  /** Where its secure world was asked, and its chains verified. */
  readonly attested?: readonly AttestedSighting[];
}

/** What is known of this phone and its kin from before: the store's, or captures that the operator names. Empty where there is neither. */
export interface History {
  readonly sightings: readonly Sighting[];
  /** Where the phone has been, by the events of custody that name it; undefined where nobody has any. */
  readonly custody?: CustodyPath;
  /** What speaks for one of its identities being on another phone too. */
  readonly clones?: readonly CloneFinding[];
}
