/** What an alteration is to the lab: who could do it, which axis it attacks, and what a judge should find. */
import type { Alteration, VirtualPhone } from '../phone.ts';

export interface AlterationEntry {
  /** Kebab-case; the row of the matrix. */
  readonly id: string;
  readonly title: string;
  /** How far its maker had to get into the phone. */
  readonly level: 'app' | 'framework' | 'kernel' | 'bootloader';
  readonly axis: 'hardware' | 'software' | 'custody';
  /** The nature that the verdict should name, for the software axis. */
  readonly nature?: 'modified' | 'foreign' | 'mixed' | 'downgraded';
  /** Whether it can be done to this phone at all. */
  readonly fits?: (phone: VirtualPhone) => boolean;
  readonly apply: Alteration;
  /** Whether only the install canary shows it, which runs with the operator's yes. */
  readonly wantsCanary?: true;
  /** Whether only programs of ours on the phone show it, which run with the operator's yes. */
  readonly wantsChallenge?: true;
  /** Whether they write to its storage too, as with `--challenge-storage`. */
  readonly wantsStorage?: true;
  /** Whether the secure world and the bootloader are asked too. */
  readonly wantsAttestation?: true;
  /** Whether its bootloader is heard too: a phone in the hand can be restarted into it. */
  readonly wantsBootloader?: true;
  /** Whether nobody could say that its radios were off. */
  readonly radiosOn?: true;
  /** Phones of which brand an earlier inspection saw under the key that signs its statements. */
  readonly keySeenBefore?: 'own brand' | 'another brand';
  /** Why no evidence that can be had convicts it: `unproven` is then the right answer, and the row stays a miss. */
  readonly beyondUs?: string;
}

/** A genuine phone that looks unusual: it must be accused of nothing, but for a system of its owner's that is named. */
export interface BenignEntry {
  readonly id: string;
  readonly title: string;
  /** Its owner put another system on it and does not hide that. */
  readonly nature?: 'foreign';
  readonly fits?: (phone: VirtualPhone) => boolean;
  readonly apply: Alteration;
  /** Whether the secure world and the bootloader are asked too. */
  readonly wantsAttestation?: true;
  /** See `AlterationEntry`. */
  readonly keySeenBefore?: 'own brand' | 'another brand';
}

/** What is noticed, and convicts nobody: evidence of a kind that is weak by decision. */
export interface SignEntry {
  readonly id: string;
  readonly title: string;
  readonly fits?: (phone: VirtualPhone) => boolean;
  readonly apply: Alteration;
  /** The check that shows it; undefined: none can, and the report says what it does not know. */
  readonly shows: string | undefined;
}
