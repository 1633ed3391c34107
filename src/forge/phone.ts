/**
 * A phone as plain data: everything that adb, fastboot and the shell would answer, and the few behaviours that a tampered phone changes.
 * An alteration is a function `(phone: VirtualPhone) => VirtualPhone`; `forge/node` lets the value speak ADB. Nothing here has a clock or randomness.
 */
import type { Content } from './content.ts';

// ── the file tree ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PhoneFile {
  readonly type: 'file' | 'directory' | 'link' | 'character device' | 'block device' | 'socket' | 'fifo';
  /** Permission bits with set-id and sticky bits, as in 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** SELinux label, as in `u:object_r:system_file:s0`. */
  readonly context: string;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** For `file` only; an empty file where absent. */
  readonly content?: Content;
  /** For `link` only. */
  readonly target?: string;
  /** For devices: `major:minor`. */
  readonly rdev?: string;
  /** The size that stat answers, where it is not the content's: files of /proc and most of /sys say 0 and 4096. */
  readonly statSize?: number;
  /** The `st_dev` that stat answers as `major:minor`, where it is not that of the mount the path lies on: what a redirection by bind mount or hook shows. */
  readonly statDevice?: string;
  readonly inode?: number;
  /**
   * What SELinux keeps back although the mode bits do not: `shell` from commands, while the daemon's own sync may read it (the live policy);
   * `read` from both; `all` so that not even `stat` works.
   */
  readonly denied?: 'shell' | 'read' | 'all';
}

/** Absolute path without a slash at its end → file. Folders on the way that are not listed exist as 0755 root. */
export type FileTree = ReadonlyMap<string, PhoneFile>;

export interface PhoneMount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
  /** `major:minor`, which is also the `st_dev` of what lies on it. */
  readonly deviceNumber: string;
  /** Root of the mount inside its file system; `/` but for bind mounts. */
  readonly root: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
}

// ── what runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PhoneProcess {
  readonly user: string;
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** SELinux label, as in `u:r:init:s0`. */
  readonly label: string;
  readonly vszKiB: number;
  readonly rssKiB: number;
  readonly commandLine?: string;
}

export interface PhoneService {
  readonly name: string;
  /** As in `android.os.IBatteryPropertiesRegistrar`; empty where `service list` prints `[]`. */
  readonly interface: string;
}

/** One line of lshal: a HIDL or AIDL HAL. */
export interface PhoneHal {
  /** As in `android.hardware.camera.provider@2.4::ICameraProvider/legacy/0`. */
  readonly interface: string;
  readonly transport: 'hwbinder' | 'passthrough' | 'aidl';
  readonly server: string;
}

// ── packages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PhonePackage {
  readonly name: string;
  /** App id; the uid in user 0. */
  readonly uid: number;
  /** Base first, then splits. Each is a path of the file tree. */
  readonly paths: readonly [string, ...string[]];
  readonly versionCode: number;
  readonly versionName: string;
  readonly minSdk: number;
  readonly targetSdk: number;
  /** In a system partition. */
  readonly system: boolean;
  readonly privileged: boolean;
  /** Has an update in /data over its system copy. */
  readonly updatedSystem: boolean;
  /** Who installed it; null prints `installer=null`. */
  readonly installer: string | null;
  /** Local time as `dumpsys package` prints it: `2015-02-27 10:11:12`. */
  readonly firstInstall: string;
  readonly lastUpdate: string;
  readonly sharedUser?: string;
  /** Name of the signing identity (content.ts, `SignerName`). */
  readonly signer: string;
  readonly requested: readonly string[];
  readonly granted: readonly string[];
  /** Users in which it is installed; [0] mostly. */
  readonly installedFor: readonly number[];
  readonly disabledFor: readonly number[];
  /** Uninstalled for these users, data or system copy kept. */
  readonly uninstalledFor: readonly number[];
  /** Receivers and activities for the resolver tables of `dumpsys package`. */
  readonly handlers: readonly { readonly kind: 'activity' | 'receiver' | 'service'; readonly action: string; readonly component: string }[];
  readonly accessibilityServices: readonly string[];
}

export interface PhoneUser {
  readonly id: number;
  readonly name: string;
  readonly flags: number;
  readonly running: boolean;
}

// ── hardware as services tell it ─────────────────────────────────────────────────────────────────────────────────────

export interface PhoneGpu {
  readonly vendor: string;
  readonly renderer: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export interface PhoneDisplay {
  readonly width: number;
  readonly height: number;
  readonly density: number;
  readonly xDpi: number;
  readonly yDpi: number;
  readonly refreshRate: number;
  /** What `wm size` and `wm density` override. */
  readonly overrideSize?: readonly [width: number, height: number];
  readonly overrideDensity?: number;
}

export interface PhoneCamera {
  readonly facing: 'back' | 'front';
  readonly pixelArray: readonly [width: number, height: number];
  readonly physicalSizeMm: readonly [width: number, height: number];
  readonly focalLengthMm: number;
  readonly level: 'LEGACY' | 'LIMITED' | 'FULL' | 'LEVEL_3';
}

export interface PhoneSensor {
  readonly name: string;
  readonly vendor: string;
  /** As in `android.sensor.accelerometer`. */
  readonly type: string;
}

/** An input device as `getevent -lp` lists it. */
export interface PhoneInput {
  readonly path: string;
  readonly name: string;
  readonly maxX?: number;
  readonly maxY?: number;
}

/** What the silicon truly is: what timed challenges and mask ROM would tell, and nothing that software can edit. */
export interface PhoneSilicon {
  readonly chip: string;
  readonly maker: 'Qualcomm' | 'MediaTek' | 'Samsung' | 'Google' | 'Unisoc' | 'HiSilicon';
  readonly counterHz: number;
  readonly bits: 32 | 64;
  readonly cores: readonly {
    readonly midr: number;
    readonly maxKiloHertz: number;
    readonly minKiloHertz: number;
    readonly capacity?: number;
  }[];
  readonly memoryBytes: number;
  readonly storageBytes: number;
  /**
   * The CPU model under which qemu-user executes programs that are pushed, as in `cortex-a53`; by the chip's best core where absent.
   * Behaviour, not word: no edit of the phone's software reaches it.
   */
  readonly executes?: string;
  /** `wraps`: storage that only claims its size; what is written beyond 64 MiB lands on what was written before. */
  readonly store?: 'wraps';
}

export interface PhoneIdentifiers {
  readonly serial: string;
  readonly imeis: readonly string[];
  readonly androidId: string;
  readonly wifiMac: string;
  readonly bluetoothMac: string;
}

export interface PhoneUsb {
  readonly mode: 'android' | 'fastboot' | 'recovery' | 'preloader' | 'brom' | 'edl';
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
  readonly serial: string | undefined;
}

/** What the secure world swears to when it is asked: what software on the phone cannot change. Bytes are hex. */
export interface PhoneSecureWorld {
  readonly level: 'SOFTWARE' | 'TRUSTED_ENVIRONMENT' | 'STRONG_BOX';
  /**
   * Who certified it; `strangers`: a root of nobody's; `laundered`: an attested key that is no ATTEST_KEY signed the statement;
   * `expired`: a server's certificate that has run out; `revoked`: one whose serial number is `REVOKED_SERIAL`.
   */
  readonly issuer: 'factory' | 'remote' | 'strangers' | 'laundered' | 'expired' | 'revoked';
  readonly attestationVersion: number;
  readonly verifiedBootState: 'VERIFIED' | 'SELF_SIGNED' | 'UNVERIFIED' | 'FAILED';
  readonly deviceLocked: boolean;
  readonly verifiedBootKey: string;
  readonly verifiedBootHash: string;
  /** As in 150000, 202505, 20250505, 20250505. */
  readonly osVersion: number;
  readonly osPatchLevel: number;
  readonly vendorPatchLevel: number;
  readonly bootPatchLevel: number;
  /** IDs that it was provisioned with; what it was not given it does not attest. */
  readonly ids: {
    readonly serial?: string;
    readonly imei?: string;
    readonly secondImei?: string;
    readonly meid?: string;
    readonly brand?: string;
    readonly device?: string;
    readonly product?: string;
    readonly manufacturer?: string;
    readonly model?: string;
  };
  /** Answers over this challenge instead of ours, as a recording does. */
  readonly replays?: string;
  /** What its secure element swears to besides, where it is not the same. */
  readonly strongBox?: Partial<Omit<PhoneSecureWorld, 'strongBox' | 'level'>>;
}

/** What its browser answers in place of the phone's own strings. */
export interface PhoneBrowser {
  /** The renderer that WebGL names. */
  readonly renderer?: string;
  /** The screen in device pixels. */
  readonly screen?: readonly [width: number, height: number];
  readonly memoryGib?: number;
  readonly hasGyroscope?: false;
  /** Whether it runs programs of the page: `now`, as asked; `before`: it gives what was right of an earlier question. Undefined: it refuses. */
  readonly computes?: 'now' | 'before';
}

// ── how it is spoken to ──────────────────────────────────────────────────────────────────────────────────────────────

export interface PhoneAdb {
  readonly version: number;
  readonly maxPayload: number;
  /** First word of the banner; a sideloading recovery says `sideload`. */
  readonly systemIdentity: 'device' | 'recovery' | 'sideload';
  /** Properties of the banner in order, as `ro.product.name`. */
  readonly banner: readonly (readonly [key: string, value: string])[];
  /** Empty before Android 7. */
  readonly features: readonly string[];
  /**
   * `prompt`: takes the signature of a key it trusts (`trustedAdbKeys`, and those given when it is opened), and asks its owner about every other.
   * `known` is the same, where the point is that this host's key is among them. `none`: never asks for a key. `any`: asks, and takes whatever signature it gets.
   */
  readonly authorisation: 'none' | 'any' | 'known' | 'prompt';
  /** What the owner answers to the prompt. */
  readonly ownerAnswers: 'allow' | 'deny' | 'nothing';
  readonly runsAs: 'shell' | 'root';
  /** `exec:` and `reverse:` came with Android 5. */
  readonly exec: boolean;
  readonly reverse: boolean;
  /** Before Android 7 every shell had a terminal: lines end in CR LF and standard error is mixed in. */
  readonly terminal: boolean;
}

export interface PhoneShell {
  /** `toolbox` up to Android 5, whose commands print other formats. */
  readonly box: 'toolbox' | 'toybox';
  /** Names of the box's commands. */
  readonly applets: readonly string[];
  /** Names of framework commands, as `pm`, `cmd`, `dumpsys`. */
  readonly commands: readonly string[];
  /** What `id` says for the shell. */
  readonly context: string;
  /** How `su` behaves; `asks` never answers within a test's patience. */
  readonly su: 'absent' | 'grants' | 'asks' | 'denies';
}

// ── behaviours ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** An answer that wins over everything else: how a scripted device speaks. */
export interface ScriptedAnswer {
  readonly program: string;
  /** Leading arguments that must agree; every call of the program where absent. */
  readonly args?: readonly string[];
  readonly stdout: string;
  readonly stderr?: string;
  readonly status?: number;
}

/** A kernel or hook that answers an open() of one path with the bytes of another. */
export interface Redirection {
  readonly path: string;
  readonly to: string;
  /** Whether `stat` follows it too. */
  readonly seenByStat: boolean;
}

/** The 2015 installer: whoever installs `package` gets the APK at `with` instead. */
export interface InstallSwap {
  readonly package: string;
  readonly with: string;
}

export interface PhoneBehaviours {
  readonly installSwaps: readonly InstallSwap[];
  readonly redirections: readonly Redirection[];
  readonly answers: readonly ScriptedAnswer[];
  /** Answer to every installation over adb instead of Success, as `INSTALL_FAILED_USER_RESTRICTED`. */
  readonly refusesInstall: string | undefined;
  /** How fast the phone's own clock goes, 1 for true. */
  readonly clockRate: number;
  /** Milliseconds by which the phone's clock is ahead. */
  readonly clockOffsetMs: number;
}

// ── the phone ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface VirtualPhone {
  /** Kebab-case, as in `mi4-genuine`. */
  readonly name: string;
  /** A sentence for people: what it truly is. */
  readonly title: string;
  /** Everything that is generated follows from it. */
  readonly seed: string;
  /** `android` speaks adb; `trade-in` speaks adb and answers nothing but tradeinmode; `fastboot` speaks fastboot. */
  readonly personality: 'android' | 'trade-in' | 'fastboot';
  readonly release: string;
  readonly sdk: number;
  /** What `date` begins with when the phone is opened: seconds since 1970; and the zone it prints, with its offset. */
  readonly clock: { readonly startSeconds: number; readonly uptimeSeconds: number; readonly zone: string; readonly offsetMinutes: number };
  readonly kernel: { readonly release: string; readonly version: string; readonly machine: string };
  /** What getprop answers. */
  readonly properties: Readonly<Record<string, string>>;
  readonly files: FileTree;
  readonly mounts: readonly PhoneMount[];
  readonly processes: readonly PhoneProcess[];
  readonly users: readonly PhoneUser[];
  readonly packages: readonly PhonePackage[];
  readonly features: readonly string[];
  readonly browser?: PhoneBrowser;
  readonly libraries: readonly string[];
  readonly services: readonly PhoneService[];
  readonly hals: readonly PhoneHal[];
  readonly settings: Readonly<Record<'system' | 'secure' | 'global', Readonly<Record<string, string>>>>;
  /** Text of a service's dump. Wins over what `forge/dumpsys.ts` renders from the fields of this value. */
  readonly dumpsys: Readonly<Record<string, string>>;
  readonly logcat: readonly string[];
  readonly selinux: 'Enforcing' | 'Permissive' | 'Disabled';
  readonly gpu: PhoneGpu;
  readonly display: PhoneDisplay;
  readonly cameras: readonly PhoneCamera[];
  readonly sensors: readonly PhoneSensor[];
  readonly inputs: readonly PhoneInput[];
  readonly identifiers: PhoneIdentifiers;
  /** Keys that `dumpsys adb` lists as trusted, in adb's public key form. */
  readonly trustedAdbKeys: readonly { readonly key: string; readonly user: string; readonly lastConnection: number }[];
  readonly deviceOwner: string | undefined;
  readonly activeAdmins: readonly string[];
  readonly silicon: PhoneSilicon;
  readonly usb: readonly PhoneUsb[];
  /** `fastboot getvar all`, in order. */
  readonly fastboot: readonly (readonly [name: string, value: string])[];
  readonly adb: PhoneAdb;
  readonly shell: PhoneShell;
  readonly behaviours: PhoneBehaviours;
  /** JSON text of `tradeinmode getstatus`; absent where the release has no Trade-in Mode. */
  readonly tradeInStatus: string | undefined;
  /** Absent: a phone from before key attestation, or one whose keystore refuses. */
  readonly secureWorld?: PhoneSecureWorld;
}

/** What an alteration is. */
export type Alteration = (phone: VirtualPhone) => VirtualPhone;
