/** Puts a board and a system together: the tree, the packages, the processes and the services of a phone. */
import { apk, hash32, text } from '../content.ts';
import type {
  PhoneAdb,
  PhoneDisplay,
  PhoneIdentifiers,
  PhoneMount,
  PhonePackage,
  PhoneProcess,
  PhoneService,
  PhoneShell,
  PhoneUsb,
  VirtualPhone,
} from '../phone.ts';
import { type Board, boardTree } from './board.ts';
import {
  archive,
  BOOT_TIME,
  type Entries,
  file,
  folder,
  library,
  link,
  mountInfoText,
  mountsText,
  proc,
  program,
  textFile,
} from './tree.ts';

/** A package in one line. */
export interface PackageRow {
  readonly name: string;
  /** File name without `.apk`. */
  readonly file: string;
  readonly signer: string;
  readonly privileged?: boolean;
  /** Partition of its APK; default /system. */
  readonly partition?: string;
  readonly sharedUser?: string;
  readonly version?: readonly [code: number, name: string];
  readonly granted?: readonly string[];
  readonly handlers?: PhonePackage['handlers'];
  readonly accessibilityServices?: readonly string[];
  /** Installed by its owner, not part of the system. */
  readonly user?: { readonly installer: string | null; readonly at: string };
  /** A whole path, where it is not the usual one. */
  readonly path?: string;
}

export interface Rom {
  readonly release: string;
  readonly sdk: number;
  readonly kernel: VirtualPhone['kernel'] & { readonly builtBy: string; readonly compiler: string };
  readonly properties: Readonly<Record<string, string>>;
  /** Property files of the partitions: path → keys that stand in it, or a text of its own. */
  readonly propertyFiles: Readonly<Record<string, readonly string[] | string>>;
  readonly packages: readonly PackageRow[];
  readonly bootClasspath: readonly string[];
  readonly programs: readonly string[];
  readonly libraries: readonly string[];
  readonly processes: readonly (readonly [name: string, user: string, label: string])[];
  readonly services: readonly (readonly [name: string, descriptor: string])[];
  readonly mounts: readonly PhoneMount[];
  readonly apexes: readonly string[];
  readonly features: readonly string[];
  readonly sharedLibraries: readonly string[];
  readonly settings: VirtualPhone['settings'];
  readonly extra: Entries;
  readonly builtAt: string;
  readonly clockStart: number;
  readonly zone: readonly [name: string, offsetMinutes: number];
  readonly shell: PhoneShell;
  readonly adb: PhoneAdb;
}

export interface Unit {
  readonly name: string;
  readonly title: string;
  readonly identifiers: PhoneIdentifiers;
  readonly display: PhoneDisplay;
  readonly usb: readonly PhoneUsb[];
  readonly fastboot: VirtualPhone['fastboot'];
}

const isModern = (rom: Rom): boolean => rom.sdk >= 26;

function pathOf(row: PackageRow, rom: Rom): string {
  if (row.path !== undefined) return row.path;
  if (row.user !== undefined) return rom.sdk < 21 ? `/data/app/${row.name}-1.apk` : `/data/app/${row.name}-1/base.apk`;
  if (row.name === 'android') return '/system/framework/framework-res.apk';
  const folderName = row.privileged === true ? 'priv-app' : 'app';
  const root = row.partition ?? '/system';
  return rom.sdk < 21 ? `${root}/${folderName}/${row.file}.apk` : `${root}/${folderName}/${row.file}/${row.file}.apk`;
}

const SHARED_UIDS: Readonly<Record<string, number>> = {
  'android.uid.system': 1000,
  'android.uid.phone': 1001,
  'android.uid.bluetooth': 1002,
  'android.uid.nfc': 1027,
  'android.uid.shell': 2000,
};

function packageOf(row: PackageRow, rom: Rom, index: number): PhonePackage {
  const [versionCode, versionName] = row.version ?? [rom.sdk, rom.release];
  const at = row.user?.at ?? rom.builtAt;
  const granted = row.granted ?? ['android.permission.INTERNET', 'android.permission.ACCESS_NETWORK_STATE'];
  return {
    name: row.name,
    uid: SHARED_UIDS[row.sharedUser ?? ''] ?? (row.sharedUser === undefined ? 10_000 + index : 10_000 + (hash32(row.sharedUser) % 50)),
    paths: [pathOf(row, rom)],
    versionCode,
    versionName,
    minSdk: Math.min(rom.sdk, 19),
    targetSdk: rom.sdk,
    system: row.user === undefined,
    privileged: row.privileged ?? false,
    updatedSystem: false,
    installer: row.user?.installer ?? null,
    firstInstall: at,
    lastUpdate: at,
    ...(row.sharedUser === undefined ? {} : { sharedUser: row.sharedUser }),
    signer: row.signer,
    requested: granted,
    granted,
    installedFor: [0],
    disabledFor: [],
    uninstalledFor: [],
    handlers: row.handlers ?? [{ kind: 'activity', action: 'android.intent.action.MAIN', component: '.Main' }],
    accessibilityServices: row.accessibilityServices ?? [],
  };
}

/** The APK and the package manager's entry of a row. */
function apkFile(row: PackageRow, rom: Rom): Entries {
  const [versionCode, versionName] = row.version ?? [rom.sdk, rom.release];
  const content = apk({
    package: row.name,
    versionCode,
    versionName,
    signer: row.signer,
    seed: `${row.name} ${versionName}`,
    fill: 2000 + (hash32(row.name) % 6000),
  });
  return file(pathOf(row, rom), content, row.user === undefined ? {} : { uid: 1000, gid: 1000 });
}

const propertyText = (rom: Rom, keys: readonly string[]): string =>
  `\n# begin build properties\n# autogenerated by buildinfo.sh\n${keys.flatMap((key) => (rom.properties[key] === undefined ? [] : [`${key}=${rom.properties[key]}\n`])).join('')}# end build properties\n`;

function systemTree(rom: Rom, board: Board): Entries {
  const machine = board.silicon.bits === 64 ? 'aarch64' : 'arm';
  const lib = board.silicon.bits === 64 ? 'lib64' : 'lib';
  const vendorLib = isModern(rom) ? `/vendor/${lib}` : '/system/vendor/lib';
  const { applets, commands, box } = rom.shell;
  return [
    ...folder('/system'),
    ...rom.programs.flatMap((name) => program(`/system/bin/${name}`, 18_000 + (hash32(name) % 40_000), machine)),
    ...program(`/system/bin/${box}`, 210_000, machine),
    ...program('/system/bin/sh', 290_000, machine),
    ...applets.flatMap((name) => link(`/system/bin/${name}`, box)),
    // pm, am, wm and their kin are scripts that start app_process; the rest are programs of their own.
    ...commands.flatMap((name) =>
      /^(pm|am|wm|settings|svc|bu|bmgr|ime|input|content)$/.test(name)
        ? textFile(`/system/bin/${name}`, `#!/system/bin/sh\ncmd ${name} "$@"\n`, { mode: 0o755, gid: 2000 })
        : program(`/system/bin/${name}`, 16_000 + (hash32(name) % 20_000), machine),
    ),
    ...rom.libraries.flatMap((name) => library(`/system/${lib}/${name}`, machine)),
    ...(machine === 'aarch64' && rom.properties['ro.product.cpu.abilist32'] !== ''
      ? rom.libraries.slice(0, 12).flatMap((name) => library(`/system/lib/${name}`))
      : []),
    ...board.libraries.flatMap((name) =>
      file(
        `${vendorLib}/${name}`,
        { kind: 'elf', machine, seed: `${board.silicon.chip} ${name}`, size: 20_000 + (hash32(name) % 50_000) },
        isModern(rom) && !name.startsWith('egl/') ? { denied: 'read' } : {},
      ),
    ),
    ...rom.bootClasspath.flatMap((name) => archive(`/system/framework/${name}.jar`)),
    ...textFile('/system/etc/hosts', `127.0.0.1       localhost\n${isModern(rom) ? '::1             ip6-localhost\n' : ''}`),
    ...textFile(
      '/system/etc/permissions/platform.xml',
      '<?xml version="1.0" encoding="utf-8"?>\n<permissions>\n    <permission name="android.permission.INTERNET" ><group gid="inet" /></permission>\n</permissions>\n',
    ),
    ...rom.features
      .slice(0, 12)
      .flatMap((name) =>
        textFile(
          `${isModern(rom) ? '/vendor' : '/system'}/etc/permissions/${name}.xml`,
          `<permissions><feature name="${name}" /></permissions>\n`,
        ),
      ),
    ...archive('/system/etc/security/otacerts.zip'),
    ...['00673b5b.0', '04f60c28.0', '0d69c7e1.0', '10531352.0', '111e6273.0', '1155c94b.0'].flatMap((name) =>
      textFile(`/system/etc/security/cacerts/${name}`, `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----\n`),
    ),
    ...textFile('/system/etc/security/mac_permissions.xml', '<?xml version="1.0" encoding="iso-8859-1"?><policy></policy>\n'),
    ...textFile('/system/etc/event-log-tags', '42 answer (to life the universe etc|3)\n'),
    ...archive('/system/usr/share/zoneinfo/tzdata'),
    ...archive('/system/fonts/Roboto-Regular.ttf'),
    ...archive('/system/media/bootanimation.zip'),
    ...Object.entries(rom.propertyFiles).flatMap(([path, keys]) =>
      textFile(
        path,
        typeof keys === 'string' ? keys : propertyText(rom, keys),
        path.startsWith('/vendor') || path.startsWith('/odm') ? { mode: 0o600, denied: 'read' } : {},
      ),
    ),
    ...rom.packages.flatMap((row) => apkFile(row, rom)),
  ];
}

function dataTree(rom: Rom): Entries {
  return [
    ...folder('/data', { mode: 0o771, uid: 1000, gid: 1000, mtime: rom.clockStart }),
    ...folder('/data/app', { mode: 0o771, uid: 1000, gid: 1000 }),
    ...folder('/data/data', { mode: 0o771, uid: 1000, gid: 1000 }),
    ...folder('/data/misc', { mode: 0o1771, uid: 1000, gid: 9998 }),
    ...folder('/data/anr', { mode: 0o775, uid: 1000, gid: 1000 }),
    ...folder('/data/local', { mode: 0o751, gid: 0 }),
    ...folder('/data/local/tmp', { mode: 0o771, uid: 2000, gid: 2000 }),
    ...folder('/data/tombstones', { mode: 0o771, uid: 1000, gid: 1000 }),
    ...(rom.sdk < 21
      ? [
          ...folder('/storage/emulated/legacy', { mode: 0o775, gid: 1015 }),
          ...folder('/storage/emulated/0', { mode: 0o775, gid: 1015 }),
          ...link('/sdcard', '/storage/emulated/legacy'),
        ]
      : [
          ...folder('/storage/emulated/0', { mode: 0o2770, gid: 9997, uid: 2000 }),
          ...link('/storage/self/primary', '/storage/emulated/0'),
          ...link('/sdcard', '/storage/self/primary'),
        ]),
    ...['DCIM', 'Download', 'Android'].flatMap((name) =>
      folder(`/storage/emulated/${rom.sdk < 21 ? 'legacy' : '0'}/${name}`, { mode: 0o2770, uid: 2000, gid: 9997 }),
    ),
  ];
}

function rootTree(rom: Rom): Entries {
  const init = rom.sdk >= 29 ? '/system/bin/init' : '/init';
  return [
    ...folder('/', { mtime: IMAGE_OR_BOOT(rom) }),
    ...link('/etc', '/system/etc'),
    ...link('/d', '/sys/kernel/debug'),
    ...(rom.sdk >= 29
      ? [...link('/init', '/system/bin/init'), ...link('/bin', '/system/bin')]
      : file('/init', text('ELF'), { mode: 0o750, denied: 'read' })),
    ...(rom.sdk < 26 ? link('/vendor', '/system/vendor') : folder('/vendor', { gid: 2000 })),
    ...(init === '/system/bin/init' ? program(init, 300_000, 'aarch64') : []),
    ...rom.apexes.flatMap((name) => [...folder(`/apex/${name}`), ...textFile(`/apex/${name}/apex_manifest.pb`, name, {})]),
    ...(rom.sdk >= 31
      ? textFile(
          '/apex/apex-info-list.xml',
          `<?xml version="1.0" encoding="utf-8"?>\n<apex-info-list>\n${rom.apexes.map((name) => `    <apex-info moduleName="${name}" modulePath="/system/apex/${name}.apex" preinstalledModulePath="/system/apex/${name}.apex" versionCode="${rom.sdk}0090000" versionName="" isFactory="true" isActive="true" lastUpdateMillis="0" provideSharedApexLibs="false" />\n`).join('')}</apex-info-list>\n`,
        )
      : []),
    ...(rom.sdk >= 29 ? rom.apexes.flatMap((name) => archive(`/system/apex/${name}.apex`)) : []),
  ];
}

const IMAGE_OR_BOOT = (rom: Rom): number => (rom.sdk >= 28 ? 1_230_768_000 : BOOT_TIME);

/** System processes first, then vendor daemons, then applications. */
function processesOf(rom: Rom, board: Board): readonly PhoneProcess[] {
  const kernelThreads = ['kthreadd', 'ksoftirqd/0', 'kworker/0:0', 'migration/0'];
  const rows: (readonly [name: string, user: string, label: string, parent: number])[] = [
    ['/init', 'root', 'u:r:init:s0', 0],
    ...kernelThreads.map((name) => [name, 'root', 'u:r:kernel:s0', name === 'kthreadd' ? 0 : 2] as const),
    ...rom.processes.map(([name, user, label]) => [name, user, label, 1] as const),
    ...board.daemons.map(
      ([name, user]) =>
        [
          name,
          user,
          `u:r:${
            rom.sdk < 26
              ? name
                  .split('/')
                  .at(-1)
                  ?.replace(/[-.].*$/, '')
              : 'hal_default'
          }:s0`,
          1,
        ] as const,
    ),
  ];
  return rows.map(([name, user, label, parent], i) => ({
    user,
    pid: i === 0 ? 1 : i < 5 ? i + 1 : 120 + i * 11,
    parent,
    name: i === 0 && rom.sdk >= 29 ? 'init' : i > 0 && i < 5 && rom.sdk >= 26 ? `[${name}]` : name,
    label,
    vszKiB: parent === 2 ? 0 : 8000 + (hash32(name) % 900_000),
    rssKiB: parent === 2 ? 0 : 900 + (hash32(name) % 60_000),
  }));
}

/** The finished phone. */
export function makePhone(board: Board, rom: Rom, unit: Unit): VirtualPhone {
  const kernelText = `Linux version ${rom.kernel.release} (${rom.kernel.builtBy}) (${rom.kernel.compiler}) ${rom.kernel.version}`;
  const entries: Entries = [
    ...rootTree(rom),
    ...boardTree(board, {
      text: kernelText,
      commandLine: `console=null androidboot.hardware=${rom.properties['ro.hardware']} androidboot.serialno=${unit.identifiers.serial}`,
      old: rom.sdk < 26,
      sdk: rom.sdk,
    }),
    ...proc('mounts', mountsText(rom.mounts)),
    ...proc('self/mountinfo', mountInfoText(rom.mounts)),
    ...proc('self/mounts', mountsText(rom.mounts)),
    ...systemTree(rom, board),
    ...dataTree(rom),
    ...rom.extra,
  ];
  const services: readonly PhoneService[] = rom.services.map(([name, descriptor]) => ({ name, interface: descriptor }));
  return {
    name: unit.name,
    title: unit.title,
    seed: unit.name,
    personality: 'android',
    release: rom.release,
    sdk: rom.sdk,
    clock: { startSeconds: rom.clockStart, uptimeSeconds: 86_412, zone: rom.zone[0], offsetMinutes: rom.zone[1] },
    kernel: { release: rom.kernel.release, version: rom.kernel.version, machine: rom.kernel.machine },
    properties: rom.properties,
    files: new Map(entries),
    mounts: rom.mounts,
    processes: processesOf(rom, board),
    users: [{ id: 0, name: 'Owner', flags: 0x13, running: true }],
    packages: rom.packages.map((row, i) => packageOf(row, rom, i)),
    features: rom.features,
    libraries: rom.sharedLibraries,
    services,
    hals: rom.sdk >= 26 ? board.hals : [],
    settings: rom.settings,
    dumpsys: {},
    logcat: [
      '03-02 10:00:01.123   642   661 I ActivityManager: Start proc com.android.settings for activity',
      '03-02 10:00:02.456   642   642 I BatteryService: level 84',
    ],
    selinux: 'Enforcing',
    gpu: board.gpu,
    display: unit.display,
    cameras: board.cameras,
    sensors: board.sensors,
    inputs: board.inputs,
    identifiers: unit.identifiers,
    trustedAdbKeys: [],
    deviceOwner: undefined,
    activeAdmins: [],
    silicon: board.silicon,
    usb: unit.usb,
    fastboot: unit.fastboot,
    adb: rom.adb,
    shell: rom.shell,
    behaviours: { installSwaps: [], redirections: [], answers: [], refusesInstall: undefined, clockRate: 1, clockOffsetMs: 0 },
    tradeInStatus: undefined,
  };
}
