import type { Instant, Source } from '../bytes/index.ts';

/**
 * How an attestation came. `adb`: a program of ours under the shell's identity asked the keystore. `browser`: the phone's browser made a platform credential.
 * `trade-in`: `tradeinmode getstatus --challenge`. `imported`: another tool saved it.
 */
export type AttestationCarrier = 'adb' | 'browser' | 'trade-in' | 'imported';

/** What made an artefact: decides which parser reads it. One parser serves an artefact kind, whatever brought it. */
export type ArtefactKind =
  | 'getprop'
  | 'build.prop'
  | 'proc/cpuinfo'
  | 'proc/version'
  | 'proc/meminfo'
  | 'proc/mounts'
  | 'proc/mountinfo'
  | 'proc/interrupts'
  | 'proc/modules'
  | 'proc/partitions'
  | 'proc/asound/cards'
  | 'sys/cpu' // a bundle: lines `path<TAB>content`
  | 'dmesg'
  | 'mount'
  | 'getenforce'
  | 'stat' // lines of our own format string, see acquire/plan
  | 'df'
  | 'ps'
  | 'processes.json' // androidqf
  | 'service-list'
  | 'lshal'
  | 'getevent'
  | 'wm'
  | 'dumpsys' // one file with many services, each behind its DUMP OF SERVICE line
  | `dumpsys/${string}` // one service
  | 'pm/packages'
  | 'pm/features'
  | 'pm/users'
  | 'packages.json' // androidqf
  | 'settings'
  | 'files.json' // androidqf
  | 'file-list' // lines of our own format string
  | 'file-hashes' // sha256sum output
  | 'root-binaries'
  | 'mounts.json' // androidqf
  | 'adb' // our own JSON: how the connection was made
  | 'usb' // our own JSON: descriptors
  | 'fastboot/getvar'
  | 'rom' // our own JSON: the conversation with a boot ROM
  | 'iphonesubinfo'
  | 'hosts'
  | 'ca-certificates'
  | 'tombstone'
  | 'logcat'
  | 'canary' // our own JSON
  | 'cts' // a result of the Compatibility Test Suite that somebody brought
  | 'challenge' // our own JSON: the whole conversation with programs of ours
  | 'challenge-browser' // our own JSON: the whole conversation with a page of ours
  | 'screen-photo' // our own JSON: what a photograph of a pattern of ours shows
  | `attestation/${AttestationCarrier}` // our own JSON: what was asked of the secure world, and the answer as received
  | 'apk'
  | 'library' // a native library, as it lies on the phone
  | 'texts' // a tar of configuration files, each under its path on the phone
  | 'slots' // our own bundle of boot control and update engine answers
  | 'tradeinmode'
  | 'selinux/policy' // as the kernel gives it
  | 'selinux/policy-file' // as it lies in an image
  | 'ls/apex'
  | 'ls/block' // `ls -l` of the partitions' names
  | 'ls/dev' // `ls -l /dev`
  | 'probe' // our own lines `key<TAB>value`: id, clock, tools
  | 'uname'
  | 'env'
  | 'sockets' // our own bundle of /proc/net
  | 'sys/names' // as sys/cpu: driver names
  | 'proc/cmdline'
  | 'proc/config.gz'
  | 'gpu/vkjson'
  | 'lpdump'
  | 'apex-info'
  | 'bugreport' // the dumpstate text of a bug report, whose sections are artefacts in themselves
  | 'device-set' // {device, properties, files}: a recording of /proc and /sys
  | 'unknown';

/** One thing read, kept whole. */
export interface Artefact {
  /** Unique in the capture; safe as a path: made by us, never by the phone. */
  readonly name: string;
  readonly kind: ArtefactKind;
  readonly source: Source;
  /** What the phone or the recording called it, as in `/system/build.prop`. Hostile text. */
  readonly origin: string | undefined;
}

/** How one item of the plan went. */
export interface CaptureItem {
  readonly id: string;
  /** The artefact's name, where one was kept. */
  readonly artefact: string | undefined;
  /** What was sent, exactly. */
  readonly command: string;
  readonly outcome: 'done' | 'failed' | 'timed out' | 'flooded' | 'disconnected' | 'refused' | 'skipped';
  /** Undefined where the transport gives none (shell of before Android 7). */
  readonly exitStatus: number | undefined;
  /** Host time from the start of the capture. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly note: string | undefined;
}

/** Something we changed, or may have changed, on the phone. */
export interface CaptureChange {
  readonly what: string;
  readonly undone: boolean;
  /** How the owner undoes the rest. */
  readonly undo: string | undefined;
}

/** What box, seller and operator say: the thing to be tested, never evidence. */
export interface Claims {
  readonly model?: string;
  readonly brand?: string;
  readonly imei?: string;
  readonly imei2?: string;
  readonly serial?: string;
  readonly storageBytes?: number;
  readonly memoryBytes?: number;
  /** As the box prints it. */
  readonly batteryMilliampHours?: number;
  /** The diagonal, as the box prints it. */
  readonly screenInches?: number;
  /** Sides of the lit screen that the operator measured, in millimetres, as `64.5x143`. */
  readonly ruler?: string;
  readonly region?: string;
  readonly build?: string;
  /** The operator's word that the phone could reach nobody while it was read: no radio, no network. Without it an answer may have been fetched from another phone. */
  readonly radios?: 'off';
}

/**
 * Who vouches that the artefacts are what the phone answered.
 * `live`: this process read them from a phone just now. `operator`: a known operator signed the capture. `bearer`: whoever brought the recording (rule 7: facts are at most `told`).
 */
export type CaptureTrust = 'live' | 'operator' | 'bearer';

/** An operator's signature that came with a capture, not yet checked: the bytes of `operator.json`, and those of `hashes.json` that it is about. */
export interface CaptureSeal {
  readonly envelope: Uint8Array;
  readonly hashes: Uint8Array;
}

/** Everything read from one phone at one time. */
export interface Capture {
  readonly trust: CaptureTrust;
  /** What kind of source it was, as in `phone`, `androidqf`, `bugreport`, `getprop`. */
  readonly origin: string;
  /** Host time at its start; for a recording the time it states, or undefined. */
  readonly takenAt: Instant | undefined;
  readonly artefacts: readonly Artefact[];
  readonly items: readonly CaptureItem[];
  readonly changes: readonly CaptureChange[];
  readonly claims: Claims;
  /** Parts of the source that nothing here reads, with the reason. */
  readonly unused: readonly { readonly name: string; readonly because: string }[];
  readonly seal?: CaptureSeal;
}
