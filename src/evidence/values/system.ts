/** What facts about the running system hold: kernel, mounts, SELinux, slots, users, settings, processes, policies. */
import type { SelinuxPolicy } from '../../formats/android/selinux/index.ts';
import type { Place } from '../fact.ts';
import type { Said } from './said.ts';

/** What the kernel says while it boots. */
export interface BootLog {
  /** `Machine: …`, `Machine model: …`: the device tree's name of the board. */
  readonly machine: Said<string> | undefined;
  /** Frequencies in Hz that the architected timer is said to run at. */
  readonly timerHertz: readonly Said<number>[];
  /** The kernel's own line, as in /proc/version. */
  readonly linuxVersion: Said<string> | undefined;
  readonly commandLine: Said<string> | undefined;
}

/** The kernel as /proc/version and uname tell it. */
export interface KernelVersion {
  readonly text: string;
  /** As in `3.4.0-gd853d22`. */
  readonly release: string | undefined;
  /** As in `3.4.0`. */
  readonly version: string | undefined;
  readonly builtBy: string | undefined;
  readonly compiler: string | undefined;
  readonly machine: string | undefined;
}

export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
  /** From mountinfo only: the root of the mount within its file system; anything but `/` is a bind mount of a part. */
  readonly root: string | undefined;
  /** From mountinfo only: `major:minor`. */
  readonly deviceNumber: string | undefined;
  readonly place: Place;
}

export interface SelinuxState {
  /** As getenforce says. */
  readonly mode: 'enforcing' | 'permissive' | 'disabled' | undefined;
  /** SHA-256 of the live policy in hex, where it was pulled. The kernel re-serialises it: compare rules, never this. */
  readonly policySha256: string | undefined;
}

/** A binary policy of the phone. */
export interface SelinuxPolicyFact {
  /** `live`: what the kernel enforces; `file`: what init was given to load. */
  readonly from: 'live' | 'file';
  readonly path: string;
  readonly policy: SelinuxPolicy;
}

export interface Slots {
  readonly current: string | undefined;
  readonly updateEngine: string | undefined;
  readonly otherBootable: boolean | undefined;
  readonly snapshotState: string | undefined;
}

export interface UserProfile {
  readonly id: number;
  readonly name: string;
  readonly flags: number | undefined;
  readonly running: boolean | undefined;
}

/** `settings list NAMESPACE`. */
export interface Settings {
  readonly namespace: 'system' | 'secure' | 'global';
  readonly entries: readonly { readonly key: string; readonly value: string; readonly place: Place }[];
}

export interface Process {
  readonly user: string;
  readonly pid: number;
  readonly parentPid: number | undefined;
  readonly name: string;
  readonly label: string | undefined;
  readonly place: Place;
}

export interface AccessibilityServices {
  readonly installed: readonly Said<string>[];
  readonly enabled: readonly Said<string>[];
}

export interface DevicePolicy {
  readonly deviceOwner: string | null | undefined;
  readonly profileOwners: readonly string[];
  readonly activeAdmins: readonly Said<string>[];
}
