/** What facts about our ways in hold: adb, USB, fastboot, the boot ROM, and the identifiers that each of them says. */
import type { RomIdentity } from '../../formats/rom/index.ts';
import type { Place } from '../fact.ts';

/** How the phone met our key, and what its daemon says of itself. */
export interface AdbConnection {
  readonly transport: 'usb' | 'tcp' | 'server';
  /** The CNXN banner's properties, as in `ro.product.model=MI 4`. */
  readonly banner: readonly (readonly [key: string, value: string])[];
  readonly features: readonly string[];
  /** `none`: the daemon never asked for a key. `known`: it took our signature. `prompt`: it asked its owner. `unknown`: a server stood between. */
  readonly authorisation: 'none' | 'known' | 'prompt' | 'unknown';
  /** Whether our key had never been shown to this phone before. `undefined`: not known. */
  readonly keyIsNew: boolean | undefined;
  /** Whether a shell of the daemon runs as root. */
  readonly shellUid: number | undefined;
}

export interface TrustedAdbKey {
  readonly fingerprintMd5: string | undefined;
  readonly user: string | undefined;
  readonly lastConnection: string | undefined;
  readonly valid: boolean;
}

export interface UsbDescriptor {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
  readonly serial: string | undefined;
  /** As in `android`, `fastboot`, `recovery`, `preloader`, `brom`, `edl`. */
  readonly mode: string;
}

/** Answers of `fastboot getvar`, from the bootloader or from fastbootd. */
export interface FastbootVariables {
  readonly userspace: boolean | undefined;
  readonly variables: readonly (readonly [name: string, value: string])[];
}

/** What the phone said before Android starts, in a mode that its boot ROM or first loader serves. */
export interface RomFact {
  readonly identity: RomIdentity;
  /** Whether the conversation went to its end. */
  readonly complete: boolean;
}

/** Identifiers of the phone. Never printed in logs. */
export interface Identifier {
  readonly type: 'imei' | 'meid' | 'serial' | 'iccid' | 'mac' | 'android-id';
  readonly slot: number | undefined;
  readonly value: string;
  /** As in `getprop ro.serialno`, `service call iphonesubinfo`, `USB descriptor`, `box`. */
  readonly surface: string;
  readonly place: Place;
}
