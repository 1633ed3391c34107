/**
 * What facts hold, by kind. One parser per artefact makes them, whatever the artefact came from.
 * A field is `undefined` only where the artefact did not say; "the phone has none" is a value (`null`, an empty list).
 */
import type { Instant, ProgramExchange } from '../bytes/index.ts';
import type { SelinuxPolicy } from '../formats/android/selinux/index.ts';
import type { RomIdentity } from '../formats/rom/index.ts';
import type { AttestationCarrier } from './capture.ts';
import type { Place } from './fact.ts';
import type { Properties } from './properties.ts';

/** Something that a value says, with the bytes that say it. */
export interface Said<T> {
  readonly value: T;
  readonly place: Place;
}

// ── silicon ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One `processor` block of /proc/cpuinfo; on old 32-bit kernels all share the fields at the end of the file. */
export interface CpuInfoProcessor {
  readonly index: number;
  readonly bogoMips: number | undefined;
  readonly features: readonly string[];
  /** `CPU implementer`, as in 0x41. */
  readonly implementer: number | undefined;
  readonly architecture: string | undefined;
  readonly variant: number | undefined;
  readonly part: number | undefined;
  readonly revision: number | undefined;
  /** x86: `vendor_id` and `model name`. */
  readonly vendorId: string | undefined;
  readonly modelName: string | undefined;
}

export interface CpuInfo {
  readonly processors: readonly CpuInfoProcessor[];
  /** The `Hardware` line, which newer arm64 kernels do not print. */
  readonly hardware: Said<string> | undefined;
  readonly revision: string | undefined;
  readonly serial: string | undefined;
  /** The first line of old kernels: `Processor : ARMv7 Processor rev 1 (v7l)`. */
  readonly processorName: string | undefined;
}

/** /sys/devices/system/cpu, one entry a core that has a folder. Frequencies in kHz, cache sizes in bytes. */
export interface CpuTopology {
  readonly possible: string | undefined;
  readonly present: string | undefined;
  readonly cores: readonly {
    readonly index: number;
    /** MIDR_EL1 from regs/identification, a 64-bit register. */
    readonly midr: bigint | undefined;
    readonly maxFrequencyKiloHertz: number | undefined;
    readonly minFrequencyKiloHertz: number | undefined;
    readonly capacity: number | undefined;
    readonly packageId: number | undefined;
    readonly caches: readonly { readonly level: number; readonly type: string; readonly sizeBytes: number | undefined }[];
  }[];
}

/** A file under /sys that names the silicon, as in /sys/devices/soc0/soc_id or /sys/class/kgsl/kgsl-3d0/gpu_model. */
export interface SocNode {
  readonly path: string;
  /** Without white space at its ends. */
  readonly value: string;
  readonly place: Place;
}

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

/** One value of a document that is kept as it was said: its path within the document, as in `battery.cycle_count`. */
export interface SaidAt {
  readonly path: string;
  readonly value: string;
  readonly place: Place;
}

export interface MemoryInfo {
  readonly totalBytes: number | undefined;
  readonly availableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
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

/** The OpenGL line of `dumpsys SurfaceFlinger`. */
export interface Gpu {
  readonly vendor: string | undefined;
  readonly renderer: string | undefined;
  readonly version: string | undefined;
  readonly extensions: readonly string[];
}

/** What names of drivers, interrupts, modules, HALs, device nodes and processes there are: the part that forgers forget. */
export interface DriverNames {
  readonly surface:
    | 'interrupts'
    | 'modules'
    | 'hals'
    | 'input'
    | 'asound'
    | 'devices'
    | 'partitions'
    | 'services'
    | 'processes'
    | 'thermal'
    | 'clocks';
  readonly names: readonly Said<string>[];
}

export interface Display {
  /** Pixels, in natural orientation. */
  readonly physicalWidth: number | undefined;
  readonly physicalHeight: number | undefined;
  readonly overrideWidth: number | undefined;
  readonly overrideHeight: number | undefined;
  readonly physicalDensity: number | undefined;
  readonly overrideDensity: number | undefined;
  readonly xDpi: number | undefined;
  readonly yDpi: number | undefined;
}

export interface Camera {
  readonly id: string;
  readonly facing: string | undefined;
  readonly pixelArrayWidth: number | undefined;
  readonly pixelArrayHeight: number | undefined;
  readonly hardwareLevel: string | undefined;
}

export interface Sensor {
  readonly name: string;
  readonly vendor: string;
  readonly type: string;
}

/** `stat` of a file that forgers redirect, and what file system it truly lies on. */
export interface FileStat {
  readonly path: string;
  /** The device number that stat(2) gives, as hex without 0x. */
  readonly device: string | undefined;
  readonly inode: string | undefined;
  readonly size: number | undefined;
  /** Octal text as in `0444`. */
  readonly mode: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly context: string | undefined;
  /** Type of the file system, as `stat -f` names it. */
  readonly fileSystem: string | undefined;
  readonly place: Place;
}

export interface Storage {
  readonly fileSystems: readonly {
    readonly device: string;
    readonly mountPoint: string;
    readonly sizeBytes: number;
    readonly usedBytes: number;
    readonly availableBytes: number;
  }[];
}

// ── boot, lockdown ───────────────────────────────────────────────────────────────────────────────────────────────────

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

export interface TrustedAdbKey {
  readonly fingerprintMd5: string | undefined;
  readonly user: string | undefined;
  readonly lastConnection: string | undefined;
  readonly valid: boolean;
}

// ── packages and behaviour ───────────────────────────────────────────────────────────────────────────────────────────

export interface Package {
  readonly name: string;
  /** Android user; 0 is the owner. */
  readonly user: number;
  readonly uid: number | undefined;
  /** Paths of base and splits, as the phone says them. */
  readonly paths: readonly string[];
  readonly system: boolean | undefined;
  readonly enabled: boolean | undefined;
  /** Uninstalled for this user, with its data or its system copy kept. */
  readonly uninstalled: boolean | undefined;
  readonly installer: string | null | undefined;
  readonly versionCode: number | undefined;
  readonly versionName: string | undefined;
  readonly firstInstall: string | undefined;
  readonly lastUpdate: string | undefined;
  readonly sharedUser: string | undefined;
  /** SHA-256 of signing certificates, hex, as far as an artefact says. */
  readonly signers: readonly string[] | undefined;
  /** SHA-1 and MD5 of signing certificates where only those are known (androidqf of old). */
  readonly signersSha1: readonly string[] | undefined;
  readonly signersMd5: readonly string[] | undefined;
  /** SHA-256 of the APK files, hex, as far as an artefact says. */
  readonly sha256: readonly string[] | undefined;
  /** SHA-1 and MD5 of the APK files where an artefact says them too: older lists of bad files hold nothing else. */
  readonly sha1?: readonly string[] | undefined;
  readonly md5?: readonly string[] | undefined;
  readonly requestedPermissions: readonly string[] | undefined;
  readonly grantedPermissions: readonly string[] | undefined;
  /** Installed in a privileged folder, where the artefact says. */
  readonly privileged?: boolean | undefined;
  /** `Signature.hashCode` of the signing certificates as `dumpsys package` prints it: 32 bits in hex. Equal for one certificate; it proves nothing more. */
  readonly signatureHashes?: readonly string[] | undefined;
  readonly place: Place;
}

export interface Packages {
  /** Users and profiles that were read; a user not read is said in the report. */
  readonly users: readonly number[];
  readonly packages: readonly Package[];
}

/** A pulled or imaged APK, as far as it was read. */
export interface ApkFact {
  readonly path: string;
  readonly package: string | undefined;
  readonly sha256: string;
  readonly sha1?: string | undefined;
  readonly md5?: string | undefined;
  readonly size: number;
  readonly signers: readonly string[] | undefined;
  readonly verified: boolean | undefined;
  readonly issues: readonly string[];
  /** What it says of itself, where its manifest could be read. */
  readonly app?: ApkApp | undefined;
}

/** An app by its own account: all of it is its author's word. */
export interface ApkApp {
  readonly label: string | undefined;
  readonly versionCode: number | undefined;
  readonly versionName: string | undefined;
  readonly minSdk: number | undefined;
  readonly targetSdk: number | undefined;
  readonly sharedUserId: string | undefined;
  readonly debuggable: boolean;
  /** Undefined: it does not say. */
  readonly cleartext: boolean | undefined;
  readonly permissions: readonly string[];
  /** Components that other apps may call, and how many of them without a permission. */
  readonly exported: number;
  readonly exportedOpen: number;
  readonly hasCode: boolean;
  readonly abis: readonly string[];
  readonly nativeLibraries: number;
  readonly schemes: readonly string[];
}

export interface Process {
  readonly user: string;
  readonly pid: number;
  readonly parentPid: number | undefined;
  readonly name: string;
  readonly label: string | undefined;
  readonly place: Place;
}

/** `settings list NAMESPACE`. */
export interface Settings {
  readonly namespace: 'system' | 'secure' | 'global';
  readonly entries: readonly { readonly key: string; readonly value: string; readonly place: Place }[];
}

/** One entry of a file list. */
export interface ListedFile {
  /** As the phone says it: never a host path. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character device' | 'block device' | 'unknown';
  readonly size: number | undefined;
  readonly mode: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly context: string | undefined;
  readonly sha256: string | undefined;
  readonly target: string | undefined;
  /** Modification time as the artefact writes it. */
  readonly modified: string | undefined;
}

export interface FileList {
  /** Folders that were walked. */
  readonly roots: readonly string[];
  /** True where the walk is known to have come to its end: only then is a file that is not in the list not there. */
  readonly isWhole?: boolean;
  readonly files: readonly ListedFile[];
}

/** Paths found for the names that root tools use. */
export interface RootBinaries {
  readonly paths: readonly Said<string>[];
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

export interface AppOperation {
  readonly package: string;
  readonly uid: string;
  readonly operation: string;
  readonly mode: string | undefined;
  readonly lastAccess: string | undefined;
  readonly place: Place;
}

/** A component registered for an intent (resolver tables of `dumpsys package`). */
export interface IntentHandler {
  readonly intent: string;
  readonly component: string;
  readonly package: string;
  readonly kind: 'activity' | 'receiver';
  readonly place: Place;
}

/** `dumpsys batterystats --history`, daily log, dbinfo, platform_compat: traces of packages in time. */
export interface PackageTrace {
  readonly source: 'battery-daily' | 'battery-history' | 'dbinfo' | 'platform-compat' | 'usagestats' | 'tombstone' | 'logcat';
  readonly package: string;
  readonly event: string;
  /** As the artefact writes it. */
  readonly when: string | undefined;
  readonly detail: string | undefined;
  /** For `tombstone`: the uid that crashed. */
  readonly uid: number | undefined;
  /** For `battery-daily`: version before and after where it says both. */
  readonly versionBefore: number | undefined;
  readonly versionAfter: number | undefined;
  readonly place: Place;
}

export interface UserProfile {
  readonly id: number;
  readonly name: string;
  readonly flags: number | undefined;
  readonly running: boolean | undefined;
}

/** Certificate authorities that the user, or somebody, added. */
export interface AddedAuthority {
  readonly path: string;
  readonly subject: string | undefined;
  readonly sha256: string | undefined;
  readonly place: Place;
}

export interface HostsFile {
  readonly entries: readonly { readonly address: string; readonly host: string; readonly place: Place }[];
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

/** Signing certificates of the package `android` and the like, where the phone says them. */
export interface PlatformSignature {
  readonly package: string;
  readonly signers: readonly string[];
  readonly place: Place;
}

export interface Slots {
  readonly current: string | undefined;
  readonly updateEngine: string | undefined;
  readonly otherBootable: boolean | undefined;
  readonly snapshotState: string | undefined;
}

/** A binary policy of the phone. */
export interface SelinuxPolicyFact {
  /** `live`: what the kernel enforces; `file`: what init was given to load. */
  readonly from: 'live' | 'file';
  readonly path: string;
  readonly policy: SelinuxPolicy;
}

// ── firmware images ──────────────────────────────────────────────────────────────────────────────────────────────────

/** A firmware image that is itself what is judged: what binds its partitions and who signed it. */
export interface FirmwareImage {
  readonly partitions: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly sha256: string | null;
    /** As in `erofs`; null where it is opaque. */
    readonly kind: string | null;
    /** What AVB says of it; null where no vbmeta does. */
    readonly avb: {
      readonly by: 'root' | 'chain' | 'hash' | 'hashtree' | 'footer';
      readonly in: string | null;
      readonly outcome: 'intact' | 'altered' | 'not-checked';
      readonly because: string;
      readonly keySha256: string | null;
    } | null;
    readonly place: Place;
  }[];
  /** Signatures over the package. */
  readonly signatures: readonly {
    readonly over: string;
    readonly outcome: 'valid' | 'invalid' | 'unsigned' | 'not-checked';
    readonly signer: string | null;
    readonly because: string;
  }[];
  readonly vbmetaDigest: string | null;
}

/** A boot image, as far as patches show in it. */
export interface BootImageFact {
  readonly partition: string;
  readonly kernel:
    | {
        readonly sizeBytes: number;
        /** As in `Linux version 5.10.101-android12-9`; undefined where it does not unpack here. */
        readonly banner: string | undefined;
        /** A second program behind the kernel, with its own header, that the kernel’s first instruction jumps to. */
        readonly patch: { readonly name: string; readonly at: number; readonly isEntered: boolean } | undefined;
      }
    | undefined;
  /** Files of the ramdisk, without its leading slash. */
  readonly ramdisk: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly head: 'elf' | 'packed' | 'script' | 'text' | 'other';
  }[];
  /** Keys of Magisk’s own configuration, where a file in the ramdisk is one. */
  readonly configKeys: readonly string[];
  readonly place: Place;
}

/** Whether a pulled file holds a string that a fix leaves. */
export interface MarkerReading {
  readonly id: string;
  readonly path: string;
  readonly present: boolean;
}

/** A file of a package, to be looked up in a transparency log. SHA-256 in hex, lower case. */
export interface PackageQuestion {
  readonly package: string;
  readonly versionCode: number | undefined;
  readonly sha256: string;
  /** Where the phone has it. */
  readonly path: string;
}

/** What a transparency log says of a file of a package. Every answer rests on entries whose inclusion under the log's signature was proven. */
export interface LoggedPackage extends PackageQuestion {
  readonly log: string;
  /** Entries of the log when it was read. */
  readonly treeSize: number;
  /** `logged`: these bytes; `other-bytes`: this package in this version, and only with other bytes; `other-versions`: the package, in versions that the file is not. */
  readonly outcome: 'logged' | 'other-bytes' | 'other-versions';
  readonly index: number | undefined;
  /** Under which name and version the log has these bytes. */
  readonly as: { readonly package: string; readonly versionCode: number } | undefined;
  /** SHA-256 of what the log has instead. */
  readonly others: readonly string[];
}

/** A result of the Compatibility Test Suite that somebody brought. Names and numbers are the document's own. */
export interface CtsResult {
  readonly generation: 1 | 2;
  readonly suite: string | undefined;
  readonly version: string | undefined;
  readonly plan: string | undefined;
  readonly suiteBuild: string | undefined;
  readonly ended: string | undefined;
  readonly fingerprint: string | undefined;
  /** The build whose approval this one is held against, where the maker says one. */
  readonly referenceFingerprint: string | undefined;
  readonly model: string | undefined;
  readonly release: string | undefined;
  /** Tests as they stand in the document; `other`: ignored, not executed, assumption failed. */
  readonly counted: { readonly pass: number; readonly fail: number; readonly waived: number; readonly other: number };
  /** Totals as the document states them. */
  readonly stated: { readonly pass: number; readonly fail: number } | undefined;
  readonly modules: { readonly done: number; readonly total: number } | undefined;
  readonly failures: readonly { readonly test: string; readonly message: string }[];
}

/** What YARA rules found in one file, decompressed member by member; a file without matches is here too: it was scanned. */
export interface ScannedFile {
  readonly path: string;
  /** Bytes that were scanned, decompressed. */
  readonly bytes: number;
  readonly matches: readonly {
    /** The member of an archive; undefined for the file itself. */
    readonly member: string | undefined;
    /** Which rules, and which of them. */
    readonly source: string;
    readonly rule: string;
    readonly meta: Readonly<Record<string, string>>;
    /** Where the first string was met, in the scanned bytes. */
    readonly at: number | undefined;
  }[];
  /** Parts that were not scanned, each with its reason. */
  readonly left: readonly string[];
}

/** Which values facts of each kind hold. */
export interface FactValues {
  readonly properties: Properties;
  readonly cpuinfo: CpuInfo;
  readonly 'cpu-topology': CpuTopology;
  readonly 'soc-nodes': readonly SocNode[];
  readonly 'boot-log': BootLog;
  readonly memory: MemoryInfo;
  readonly kernel: KernelVersion;
  readonly gpu: Gpu;
  readonly 'driver-names': DriverNames;
  readonly display: Display;
  readonly cameras: readonly Camera[];
  readonly sensors: readonly Sensor[];
  readonly 'file-stats': readonly FileStat[];
  readonly storage: Storage;
  readonly mounts: readonly Mount[];
  readonly selinux: SelinuxState;
  readonly 'selinux-policy': SelinuxPolicyFact;
  readonly adb: AdbConnection;
  readonly usb: UsbDescriptor;
  readonly fastboot: FastbootVariables;
  readonly rom: RomFact;
  readonly 'adb-keys': readonly TrustedAdbKey[];
  readonly packages: Packages;
  readonly apks: readonly ApkFact[];
  readonly markers: readonly MarkerReading[];
  /** Answers of transparency logs about packages: `signed`, since a log's proof is. */
  readonly 'logged-packages': readonly LoggedPackage[];
  readonly scans: readonly ScannedFile[];
  readonly cts: CtsResult;
  readonly processes: readonly Process[];
  /** Names of the binder services. */
  readonly services: readonly Said<string>[];
  readonly settings: Settings;
  readonly files: FileList;
  readonly 'root-binaries': RootBinaries;
  readonly accessibility: AccessibilityServices;
  readonly 'device-policy': DevicePolicy;
  readonly 'app-operations': readonly AppOperation[];
  readonly 'intent-handlers': readonly IntentHandler[];
  readonly 'package-traces': readonly PackageTrace[];
  readonly users: readonly UserProfile[];
  readonly authorities: readonly AddedAuthority[];
  readonly hosts: HostsFile;
  readonly identifiers: readonly Identifier[];
  readonly canaries: readonly Canary[];
  readonly challenges: readonly ChallengeRun[];
  /** One fact an answer. */
  readonly attestation: AttestationAnswer;
  readonly 'platform-signatures': readonly PlatformSignature[];
  readonly slots: Slots;
  /** Answer of Android 16's `tradeinmode getstatus`. */
  readonly 'trade-in': readonly SaidAt[];
  /** Variables of the shell's environment; the path is the variable's name. */
  readonly environment: readonly SaidAt[];
  /** Features of the package manager, as in `android.hardware.nfc`. */
  readonly features: readonly Said<string>[];
  readonly image: FirmwareImage;
  readonly 'boot-images': readonly BootImageFact[];
  /** Names under /apex. */
  readonly apexes: readonly Said<string>[];
}

export type FactKind = keyof FactValues;
