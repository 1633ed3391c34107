/**
 * What facts hold, by kind. One parser per artefact makes them, whatever the artefact came from.
 * A field is `undefined` only where the artefact did not say; "the phone has none" is a value (`null`, an empty list).
 */
import type { Properties } from '../properties.ts';
import type { BrowserRun, BrowserSurfaces, ScreenPhoto } from './browser.ts';
import type { AdbConnection, FastbootVariables, Identifier, RomFact, TrustedAdbKey, UsbDescriptor } from './connection.ts';
import type { AddedAuthority, FileList, FileStat, HostsFile, MarkerReading, RootBinaries, ScannedFile, Storage } from './files.ts';
import type { BootImageFact, FirmwareImage } from './image.ts';
import type {
  ApkFact,
  AppOperation,
  CtsResult,
  IntentHandler,
  LoggedPackage,
  Packages,
  PackageTrace,
  PlatformSignature,
} from './packages.ts';
import type { AttestationAnswer, Canary, ChallengeRun } from './questions.ts';
import type { Said, SaidAt } from './said.ts';
import type { BatteryState, Camera, CpuInfo, CpuTopology, Display, DriverNames, Gpu, MemoryInfo, Sensor, SocNode } from './silicon.ts';
import type {
  AccessibilityServices,
  BootLog,
  DevicePolicy,
  KernelVersion,
  Mount,
  Process,
  SelinuxPolicyFact,
  SelinuxState,
  Settings,
  Slots,
  UserProfile,
} from './system.ts';

export type * from './browser.ts';
export type * from './connection.ts';
export type * from './files.ts';
export type * from './image.ts';
export type * from './packages.ts';
export type * from './questions.ts';
export type * from './said.ts';
export type * from './silicon.ts';
export type * from './system.ts';

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
  readonly battery: BatteryState;
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
  readonly 'browser-run': BrowserRun;
  readonly 'browser-surfaces': BrowserSurfaces;
  /** One fact a picture. */
  readonly 'screen-photo': ScreenPhoto;
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
