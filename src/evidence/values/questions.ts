/** What facts about our own questions hold: canaries, challenges and attestation, as answered. Nothing in an answer is verified here. */
import type { Instant, ProgramExchange } from '../../bytes/index.ts';
import type { AttestationCarrier } from '../capture.ts';
import type { Place } from '../fact.ts';

/** The outcome of an install canary: an APK pushed under a name, and what was found installed. */
export interface Canary {
  readonly package: string;
  readonly role: 'random' | 'checker-name' | 'published-checker';
  readonly outcome: 'installed' | 'refused' | 'failed';
  readonly sentSha256: string;
  /** SHA-256 of what was installed, read back by `adb pull` and by the phone's own sha256sum. */
  readonly pulledSha256: string | undefined;
  readonly shellSha256: string | undefined;
  readonly installedSigners: readonly string[] | undefined;
  readonly sentSigners: readonly string[] | undefined;
  readonly removed: boolean;
  readonly place: Place;
}

/** One program of ours that was run on the phone, with everything that was said: what it means is recomputed from this alone. */
export interface ChallengeRun {
  readonly target: 'aarch64' | 'arm';
  readonly kind: 'dynamic' | 'fixed';
  /** What program and inputs follow from. */
  readonly nonce: Uint8Array;
  /** The program that was pushed. */
  readonly program: Uint8Array;
  /** `done`: the conversation went to its end. Anything else says why it did not. */
  readonly outcome: 'done' | 'refused' | 'no space' | 'ended' | 'timed out' | 'flooded' | 'garbled' | 'disconnected' | 'stopped';
  readonly exchanges: readonly ProgramExchange[];
  /** Governors, temperatures and load before, in the phone's own words. */
  readonly circumstances: string;
  readonly place: Place;
}

/** What the secure world can be asked to sign of the phone's identity. `properties`: brand, device, product, manufacturer and model together. */
export type AttestedId = 'serial' | 'imei' | 'meid' | 'properties';

/**
 * One answer to the question for an attestation, as received. Nothing in it is verified: the chain may be anybody's, and the challenge in it anything.
 * The statement must hold the nonce itself where there is no `webauthn`, else the SHA-256 of its client data, which in turn holds the nonce.
 */
export interface AttestationAnswer {
  readonly carrier: AttestationCarrier;
  /** Which of several questions of one conversation it answers, as in `ids` or `plain`. */
  readonly label: string;
  /** The nonce that we asked to be attested; undefined where none of ours was in it: such a chain is never fresh. */
  readonly nonce: Uint8Array | undefined;
  /** What we asked the secure world to sign of the phone's identity. */
  readonly idsAsked: readonly AttestedId[];
  /** DER certificates, target first; none where the phone gave none, or where `webauthn` holds them. */
  readonly chain: readonly Uint8Array[];
  /** Why there is no chain, in the phone's words or ours. */
  readonly refusal: string | undefined;
  /** Of the browser: what its credential came with, and the origin that the page was served at. */
  readonly webauthn:
    | {
        readonly attestationObject: Uint8Array;
        readonly clientData: Uint8Array;
        readonly origin: string;
        readonly relyingParty: string;
      }
    | undefined;
  /** An answer that nothing here examines yet, as it came. */
  readonly unexamined: Uint8Array | undefined;
  /** Host time of question and answer; undefined for what was imported. */
  readonly askedAt: Instant | undefined;
  readonly answeredAt: Instant | undefined;
  /** What it leaves on the phone, in words. */
  readonly leaves: readonly string[];
  /** Whether this carrier can bind: its secure world signs an ID under our nonce, if the phone has any. Never true of a browser. */
  readonly canBind: boolean;
  /** Real phones that this carrier was proven on. Empty today: what it says neither clears nor convicts beyond weak. */
  readonly triedOn: readonly string[];
  readonly place: Place;
}
