/** What `dumpsys SERVICE` prints: the phone's own text where the value has one, else made of its fields. */
import { dumpBattery, dumpCameras, dumpDiskStats, dumpDisplay, dumpInput, dumpSensors, dumpSurfaceFlinger } from './dumpsys-hardware.ts';
import { dumpPackages, type RunningState } from './dumpsys-package.ts';

type Renderer = (state: RunningState) => string;

const dumpUsers: Renderer = ({ phone }) =>
  `Users:\n${phone.users
    .map(
      ({ id, name, flags, running }) =>
        `  UserInfo{${id}:${name}:${flags.toString(16)}} serialNo=${id}${phone.sdk >= 30 ? ` isPrimary=${id === 0}` : ''}\n${phone.sdk >= 30 ? `    Type: android.os.usertype.${(flags & 0x20) === 0 ? 'full.SYSTEM' : 'profile.MANAGED'}\n` : ''}    Flags: ${flags} (0x${flags.toString(16)})\n    State: ${running ? 'RUNNING_UNLOCKED' : '-1'}\n    Created: <unknown>\n    Last logged in: <unknown>\n`,
    )
    .join('')}\n`;

const dumpAdb: Renderer = ({ phone }) => {
  const keys = phone.trustedAdbKeys.map(({ key }) => `      ${key}\n`).join('');
  return `ADB MANAGER STATE (dumpsys adb):\n{\n  debugging_manager={\n    connected_to_adb=true\n    user_keys=${keys.trim() === '' ? '' : `${keys.trim()}`}\n    keystore=<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<keyStore version="1">\n${phone.trustedAdbKeys.map(({ key, lastConnection }) => `<adbKey key="${key}" lastConnection="${lastConnection}" />\n`).join('')}</keyStore>\n  }\n}\n`;
};

const dumpDevicePolicy: Renderer = ({ phone }) => {
  const owner =
    phone.deviceOwner === undefined
      ? ''
      : `  Device Owner:\n    admin=ComponentInfo{${phone.deviceOwner}}\n    name=\n    package=${phone.deviceOwner.split('/')[0]}\n    User ID: 0\n`;
  const admins = phone.activeAdmins
    .map((admin) => `    ${admin}:\n      uid=10100\n      testOnlyAdmin=false\n      policies:\n        force-lock\n`)
    .join('');
  return `Current Device Policy Manager state:\n${owner}  Enabled Device Admins (User 0, provisioningState: 0):\n${admins}  mPasswordOwner=-1\n`;
};

const dumpAccessibility: Renderer = ({ phone, packages }) => {
  const enabled = (phone.settings.secure['enabled_accessibility_services'] ?? '').split(':').filter((name) => name !== '');
  const installed = packages.flatMap((one) => one.accessibilityServices.map((service) => `${one.name}/${service}`));
  const names = (list: readonly string[]) =>
    phone.sdk >= 34 ? list.map((name) => `{${name}}`).join(', ') : list.map((name) => `{${name}}`).join(', ');
  return `ACCESSIBILITY MANAGER (dumpsys accessibility)\n\nUser state[\n     attributes:{id=0, touchExplorationEnabled=false, displayMagnificationEnabled=false}\n     installed services: {\n${installed.map((name, i) => `       ${i} : ${name}\n`).join('')}     }\n     Bound services:{}\n     Enabled services:{${names(enabled)}}\n     Binding services:{}\n     Crashed services:{}]\n`;
};

const dumpAppOps: Renderer = ({ phone, packages, localTime }) => {
  const entries = packages
    .filter((one) => one.uid >= 10_000 || one.name === 'com.android.shell')
    .map((one) => {
      const installs = one.granted.includes('android.permission.REQUEST_INSTALL_PACKAGES');
      const uid = one.uid >= 10_000 ? `u0a${one.uid - 10_000}` : String(one.uid);
      const modern = phone.sdk >= 26;
      const line = (operation: string) =>
        modern
          ? `      ${operation} (allow): \n          Access: [top-s] ${localTime}.000 (-1h2m3s4ms)\n`
          : `      ${operation}: mode=0; time=+1h2m3s4ms ago\n`;
      const operations = one.name === 'com.android.shell' ? '' : line('VIBRATE') + (installs ? line('REQUEST_INSTALL_PACKAGES') : '');
      return operations === '' ? '' : `  Uid ${uid}:\n${modern ? '    state=cch\n' : ''}    Package ${one.name}:\n${operations}`;
    });
  return `Current AppOps Service state:\n${phone.sdk >= 26 ? '  Settings:\n    top_state_settle_time=+5s0ms\n' : ''}${entries.join('')}`;
};

const dumpDatabases: Renderer = ({ packages, phone }) => {
  const shown = packages.filter((one) => /\.providers\.|gms$|xmsf$/.test(one.name));
  const root = phone.sdk >= 24 ? '/data/user/0' : '/data/data';
  const entries = shown.map(
    (one, i) =>
      `\n** Database info for pid ${1200 + i * 17} [${one.name}] **\n\nConnection pool for ${root}/${one.name}/databases/main.db:\n  Open: true\n  Max connections: 1\n`,
  );
  return `Applications Database Info:\n${entries.join('')}`;
};

const dumpSettings: Renderer = ({ phone }) =>
  (['global', 'secure', 'system'] as const)
    .map((namespace) => {
      const entries = Object.entries(phone.settings[namespace]).toSorted(([a], [b]) => (a < b ? -1 : 1));
      const rows = entries.map(
        ([name, value], i) => `_id:${i + 1} name:${name} pkg:android value:${value} default:${value} defaultSystemSet:true\n`,
      );
      return `${namespace.toUpperCase()} SETTINGS (user 0)\nversion: 1\n${rows.join('')}\n`;
    })
    .join('');

const dumpTelephony: Renderer = ({ phone }) =>
  `last known state:\n  Phone Id=0\n    mCallState=0\n    mServiceState={mVoiceRegState=1(OUT_OF_SERVICE), mDataRegState=1(OUT_OF_SERVICE), mOperatorAlphaLong=null}\n    mSignalStrength=SignalStrength: 99 -1 -1 -1 -1 -1 -1 99 2147483647\n${phone.sdk >= 21 ? '    mPreciseDataConnectionStates={}\n' : ''}`;

const dumpActivity: Renderer = ({ phone }) =>
  `ACTIVITY MANAGER ${phone.sdk >= 26 ? 'SETTINGS (dumpsys activity settings)' : 'PENDING INTENTS (dumpsys activity intents)'}\n  (nothing)\n\nACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)\n${phone.processes
    .filter((process) => /^u\d+_a|^system$/.test(process.user))
    .map(
      (process) =>
        `  *APP* UID ${process.user} ProcessRecord{${process.pid.toString(16)} ${process.pid}:${process.name}/${process.user}}\n`,
    )
    .join('')}`;

const dumpBatteryStats: Renderer = ({ packages, localTime }) => {
  const updates = packages
    .filter((one) => !one.system || one.updatedSystem)
    .map((one) => `    Update ${one.name} vers=${one.versionCode}\n`);
  return `Battery History (0% used, 4096 used of 256KB, 12 strings using 1024):\n                    0 (9) RESET:TIME: ${localTime.replaceAll(/[: ]/g, '-')}\n\nDaily stats:\n  Current start time: ${localTime.replaceAll(/[: ]/g, '-')}\n  Package changes:\n${updates.join('')}\nStatistics since last charge:\n  System starts: 0, currently on battery: false\n`;
};

const dumpWindow: Renderer = ({ phone, overrideSize }) => {
  const [width, height] = overrideSize ?? [phone.display.width, phone.display.height];
  return `WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n  Display: mDisplayId=0\n    init=${phone.display.width}x${phone.display.height} ${phone.display.density}dpi cur=${width}x${height} app=${width}x${height}\n`;
};

const dumpMeminfo: Renderer = ({ phone }) =>
  `Applications Memory Usage (kB):\nUptime: 0 Realtime: 0\n\nTotal RAM: ${Math.floor(phone.silicon.memoryBytes / 1024)} kB\n`;

const RENDERERS: Readonly<Record<string, Renderer>> = {
  package: (state) => dumpPackages(state),
  SurfaceFlinger: dumpSurfaceFlinger,
  display: dumpDisplay,
  'media.camera': dumpCameras,
  sensorservice: dumpSensors,
  input: dumpInput,
  battery: dumpBattery,
  diskstats: dumpDiskStats,
  user: dumpUsers,
  adb: dumpAdb,
  device_policy: dumpDevicePolicy,
  accessibility: dumpAccessibility,
  appops: dumpAppOps,
  'telephony.registry': dumpTelephony,
  activity: dumpActivity,
  batterystats: dumpBatteryStats,
  window: dumpWindow,
  meminfo: dumpMeminfo,
  thermalservice: () =>
    'IsStatusOverride: false\nThermalEventListeners:\nThermal Status: 0\nCached temperatures:\n\tTemperature{mValue=31.2, mType=3, mName=skin, mStatus=0}\nHAL Ready: true\n',
  gpu: ({ phone }) => `GPU: ${phone.gpu.vendor}, ${phone.gpu.renderer}, ${phone.gpu.version}\n`,
  platform_compat: () => 'ChangeId(135634846; name=DOWNSCALED; disabled)\n',
  dbinfo: dumpDatabases,
  settings: dumpSettings,
  role: () => 'ROLE STATE\n',
  overlay: () => '',
  mount: () => 'Disks:\n\nVolumes:\n',
  'media.audio_flinger': () => 'Libraries NOT loaded:\n  Library NULL\n',
  cpuinfo: () => 'Load: 1.12 / 1.03 / 0.98\n',
  connectivity: () => 'NetworkProviders for:\nActive default network: none\n',
  netstats: () => 'Active interfaces:\n',
  procstats: () => 'COMMITTED STATS:\n',
  usagestats: () => 'user=0\n',
};

/** Services of which a release before the named one has none. */
const SINCE: Readonly<Record<string, number>> = { adb: 29, thermalservice: 29, gpu: 29, platform_compat: 29, role: 29, overlay: 26 };

/** Names of the services that can be dumped, sorted as dumpsys does. */
export function dumpableServices({ phone }: RunningState): readonly string[] {
  return phone.services.map((service) => service.name).toSorted();
}

/** The dump of one service; undefined where the phone has no such service. */
export function dumpService(state: RunningState, service: string, args: readonly string[] = []): string | undefined {
  const own = state.phone.dumpsys[service];
  if (own !== undefined) return own;
  if (service === 'package' && args[0] !== undefined && !args[0].startsWith('-')) return dumpPackages(state, args[0]);
  if (!state.phone.services.some((one) => one.name === service)) return undefined;
  if ((SINCE[service] ?? 0) > state.phone.sdk) return undefined;
  return RENDERERS[service]?.(state) ?? '';
}
