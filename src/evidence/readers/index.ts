import type { ArtefactKind } from '../capture.ts';
import type { ArtefactReader } from '../reader.ts';
import { bugreportReader } from './bugreport/bugreport.ts';
import { ctsReader } from './compatibility/cts.ts';
import { tombstoneReader } from './crashes/tombstone.ts';
import { deviceSetReader } from './device-set/device-set.ts';
import { accessibilityReader, devicePolicyReader } from './dumpsys/accessibility.ts';
import { adbDumpReader } from './dumpsys/adb.ts';
import { appopsReader } from './dumpsys/appops.ts';
import { batteryStateReader } from './dumpsys/battery.ts';
import { cameraReader } from './dumpsys/cameras.ts';
import { dumpsysReader } from './dumpsys/dumpsys.ts';
import { displayReader, surfaceFlingerReader } from './dumpsys/graphics.ts';
import { packageDumpReader } from './dumpsys/package.ts';
import { subscriberReader, usersReader } from './dumpsys/phone.ts';
import { sensorReader } from './dumpsys/sensors.ts';
import { batteryReader, dbinfoReader, platformCompatReader } from './dumpsys/traces.ts';
import { dfReader } from './files/df.ts';
import { filesJsonReader } from './files/files-json.ts';
import {
  apexInfoReader,
  apexListReader,
  authoritiesReader,
  enforceReader,
  environmentReader,
  featuresReader,
  hostsReader,
  rootBinariesReader,
} from './files/lists.ts';
import { asoundReader, geteventReader, interruptsReader, lshalReader, modulesReader, partitionsReader } from './hardware/names.ts';
import { tradeInReader } from './hardware/trade-in.ts';
import { vkjsonReader } from './hardware/vkjson.ts';
import { wmReader } from './hardware/wm.ts';
import { packagesJsonReader } from './packages/packages-json.ts';
import { pmListReader } from './packages/pm-list.ts';
import { cpuinfoReader } from './proc/cpuinfo.ts';
import { commandLineReader, dmesgReader, meminfoReader, versionReader } from './proc/kernel.ts';
import { mountinfoReader, mountsJsonReader, mountsReader } from './proc/mounts.ts';
import { selinuxPolicyReader } from './proc/selinux-policy.ts';
import { processesJsonReader } from './processes/processes-json.ts';
import { psReader } from './processes/ps.ts';
import { buildPropReader } from './properties/build-prop.ts';
import { getpropReader } from './properties/getprop.ts';
import { serviceListReader } from './services/service-list.ts';
import { settingsDumpReader, settingsListReader } from './settings/settings.ts';

/** Readers of one kind of artefact each. */
const plainReaders: readonly ArtefactReader[] = [
  getpropReader,
  ctsReader,
  buildPropReader,
  cpuinfoReader,
  versionReader,
  meminfoReader,
  dmesgReader,
  commandLineReader,
  selinuxPolicyReader,
  mountsReader,
  mountinfoReader,
  mountsJsonReader,
  interruptsReader,
  modulesReader,
  partitionsReader,
  asoundReader,
  lshalReader,
  geteventReader,
  wmReader,
  vkjsonReader,
  dfReader,
  psReader,
  processesJsonReader,
  serviceListReader,
  pmListReader,
  packagesJsonReader,
  featuresReader,
  usersReader,
  settingsListReader,
  settingsDumpReader,
  filesJsonReader,
  rootBinariesReader,
  hostsReader,
  authoritiesReader,
  apexListReader,
  apexInfoReader,
  enforceReader,
  environmentReader,
  packageDumpReader,
  surfaceFlingerReader,
  displayReader,
  batteryStateReader,
  cameraReader,
  sensorReader,
  accessibilityReader,
  devicePolicyReader,
  appopsReader,
  adbDumpReader,
  batteryReader,
  dbinfoReader,
  platformCompatReader,
  subscriberReader,
  tombstoneReader,
  tradeInReader,
];

/** Kinds of the files that are known by their path on the phone. */
const KIND_OF_PATH: ReadonlyMap<string, ArtefactKind> = new Map<string, ArtefactKind>([
  ['/proc/cpuinfo', 'proc/cpuinfo'],
  ['/proc/version', 'proc/version'],
  ['/proc/meminfo', 'proc/meminfo'],
  ['/proc/mounts', 'proc/mounts'],
  ['/proc/self/mounts', 'proc/mounts'],
  ['/proc/self/mountinfo', 'proc/mountinfo'],
  ['/proc/interrupts', 'proc/interrupts'],
  ['/proc/modules', 'proc/modules'],
  ['/proc/partitions', 'proc/partitions'],
  ['/proc/asound/cards', 'proc/asound/cards'],
  ['/proc/cmdline', 'proc/cmdline'],
  ['/system/etc/hosts', 'hosts'],
]);

/** The kind of a file by its path on the phone, where that decides it. */
export function kindOfPath(path: string): ArtefactKind | undefined {
  if (/(^|\/)(build|default)\.prop$|(^|\/)prop\.default$/.test(path)) return 'build.prop';
  return KIND_OF_PATH.get(path);
}

const deviceSets = deviceSetReader((path) => {
  const kind = kindOfPath(path);
  const reader = plainReaders.find(({ kinds }) => kind !== undefined && kinds.includes(kind));
  return kind === undefined || reader === undefined ? undefined : { reader, kind };
});

/** Every reader of what a phone answers or others recorded, in no particular order: an artefact goes to each that takes its kind. */
export const artefactReaders: readonly ArtefactReader[] = [
  ...plainReaders,
  dumpsysReader(plainReaders),
  bugreportReader(plainReaders, kindOfPath),
  deviceSets,
];
