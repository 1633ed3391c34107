/** `dumpsys package` and `pm`'s lists, as the package manager of the phone's release prints them. Source: AOSP services/core/java/com/android/server/pm, Settings.java and PackageManagerService.java. */
import { hash32 } from './content.ts';
import type { PhonePackage, VirtualPhone } from './phone.ts';

/** What a dump is made of: the phone as it is now. */
export interface RunningState {
  readonly phone: VirtualPhone;
  readonly packages: readonly PhonePackage[];
  readonly overrideSize: readonly [width: number, height: number] | undefined;
  readonly overrideDensity: number | undefined;
  /** Local time, `2015-02-27 10:11:12`. */
  readonly localTime: string;
  readonly uptimeSeconds: number;
}

const hex = (seed: string): string => hash32(seed).toString(16);
/** The hash code that a dump gives away of a signature: the same for the same signer. */
const signatureHash = (signer: string): string => hash32(`signature ${signer}`).toString(16).padStart(8, '0');

const block = (indent: string, title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${indent}${title}\n${lines.map((line) => `${indent}  ${line}\n`).join('')}`;

/** One resolver table: actions and who handles them. */
function resolverTable(title: string, packages: readonly PhonePackage[], kind: 'activity' | 'receiver' | 'service'): string {
  const byAction = new Map<string, string[]>();
  for (const one of packages) {
    for (const handler of one.handlers) {
      if (handler.kind !== kind) continue;
      const component = `${one.name}/${handler.component}`;
      byAction.set(handler.action, [
        ...(byAction.get(handler.action) ?? []),
        `        ${hex(component)} ${component} filter ${hex(`${component} filter`)}\n`,
      ]);
    }
  }
  if (byAction.size === 0) return '';
  const actions = [...byAction].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([action, lines]) => `      ${action}:\n${lines.join('')}`);
  return `${title}:\n  Non-Data Actions:\n${actions.join('')}\n`;
}

function packageEntry(one: PhonePackage, phone: VirtualPhone): string {
  const { sdk } = phone;
  const [base] = one.paths;
  const codePath = sdk >= 21 ? base.slice(0, base.lastIndexOf('/')) : base;
  const flags = [
    ...(one.system ? ['SYSTEM'] : []),
    'HAS_CODE',
    'ALLOW_CLEAR_USER_DATA',
    ...(one.updatedSystem ? ['UPDATED_SYSTEM_APP'] : []),
  ];
  const versions = sdk >= 24 ? ` minSdk=${one.minSdk} targetSdk=${one.targetSdk}` : ` targetSdk=${one.targetSdk}`;
  const signatures =
    sdk >= 28
      ? `PackageSignatures{${hex(one.name)} version:${sdk >= 30 ? 3 : 2}, signatures:[${signatureHash(one.signer)}], past signatures:[]}`
      : `PackageSignatures{${hex(one.name)} [${signatureHash(one.signer)}]}`;
  const lines = [
    `userId=${one.uid}${sdk < 21 ? ` gids=[${one.granted.includes('android.permission.INTERNET') ? '3003' : ''}]` : ''}`,
    ...(one.sharedUser === undefined ? [] : [`sharedUser=SharedUserSetting{${hex(one.sharedUser)} ${one.sharedUser}/${one.uid}}`]),
    `pkg=Package{${hex(`${one.name} pkg`)} ${one.name}}`,
    `codePath=${codePath}`,
    `resourcePath=${codePath}`,
    ...(sdk < 21
      ? [`nativeLibraryPath=/data/app-lib/${one.name}`]
      : [`legacyNativeLibraryDir=${codePath}/lib`, `primaryCpuAbi=null`, `secondaryCpuAbi=null`]),
    `versionCode=${one.versionCode}${versions}`,
    `versionName=${one.versionName}`,
    ...(sdk >= 21
      ? [
          `splits=[${['base', ...one.paths.slice(1).map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/^split_|\.apk$/g, ''))].join(', ')}]`,
        ]
      : []),
    ...(sdk >= 24 ? [`apkSigningVersion=${one.system && sdk < 30 ? 1 : 2}`] : []),
    `applicationInfo=ApplicationInfo{${hex(`${one.name} info`)} ${one.name}}`,
    `flags=[ ${flags.join(' ')} ]`,
    ...(sdk >= 21 && one.privileged ? ['privateFlags=[ PRIVILEGED ]'] : []),
    `dataDir=${sdk >= 24 ? '/data/user/0' : '/data/data'}/${one.name}`,
    'supportsScreens=[small, medium, large, xlarge, resizeable, anyDensity]',
    `timeStamp=${one.lastUpdate}`,
    ...(sdk >= 33 ? [] : [`firstInstallTime=${one.firstInstall}`]),
    `lastUpdateTime=${one.lastUpdate}`,
    ...(one.installer === null ? [] : [`installerPackageName=${one.installer}`]),
    `signatures=${signatures}`,
    `${sdk >= 23 ? 'installPermissionsFixed' : 'permissionsFixed'}=true${sdk < 24 ? ' haveGids=true installStatus=1' : ''}`,
    `pkgFlags=[ ${flags.join(' ')} ]`,
  ];
  const permissions =
    sdk < 23
      ? block('    ', 'grantedPermissions:', one.granted)
      : block('    ', 'requested permissions:', one.requested) +
        block(
          '    ',
          'install permissions:',
          one.granted.map((name) => `${name}: granted=true`),
        );
  const users = phone.users.map((user) => userLine(one, user.id, sdk)).join('');
  return `  Package [${one.name}] (${hex(one.name)}):\n${lines.map((line) => `    ${line}\n`).join('')}${permissions}${users}`;
}

function userLine(one: PhonePackage, user: number, sdk: number): string {
  const installed = one.installedFor.includes(user) && !one.uninstalledFor.includes(user);
  // 3 is COMPONENT_ENABLED_STATE_DISABLED_USER, which `pm disable-user` sets.
  const enabled = one.disabledFor.includes(user) ? 3 : 0;
  if (sdk < 21) return `    User ${user}:  installed=${installed} blocked=false stopped=false notLaunched=false enabled=${enabled}\n`;
  const ids = sdk >= 24 ? ` ceDataInode=${installed ? hash32(`${one.name} ${user}`) >>> 8 : 0}` : ' ';
  const first = sdk >= 33 ? `      firstInstallTime=${one.firstInstall}\n` : '';
  return `    User ${user}:${ids} installed=${installed} hidden=false suspended=false stopped=false notLaunched=false enabled=${enabled} instant=false virtual=false\n${first}`;
}

/** `dumpsys package`, or of one package. */
export function dumpPackages(state: RunningState, only?: string): string {
  const { phone } = state;
  const packages = only === undefined ? state.packages : state.packages.filter((one) => one.name === only);
  const tables = [
    resolverTable('Activity Resolver Table', packages, 'activity'),
    resolverTable('Receiver Resolver Table', packages, 'receiver'),
    resolverTable('Service Resolver Table', packages, 'service'),
  ].join('');
  const head =
    only === undefined
      ? `Database versions:\n  Internal:\n    sdkVersion=${phone.sdk} databaseVersion=3\n\nVerifiers:\n\n${block(
          '',
          'Libraries:',
          phone.libraries.map((name) => `${name} -> (jar) /system/framework/${name}.jar`),
        )}\n${block('', 'Features:', phone.features)}\n`
      : '';
  const entries = packages.map((one) => packageEntry(one, phone)).join('');
  const hidden = packages.filter((one) => one.updatedSystem).map((one) => packageEntry({ ...one, paths: systemCopy(one, phone) }, phone));
  const hiddenText = hidden.length === 0 ? '' : `\nHidden system packages:\n${hidden.join('')}`;
  const shared = new Map(packages.flatMap((one) => (one.sharedUser === undefined ? [] : [[one.sharedUser, one.uid] as const])));
  const sharedText = [...shared].map(([name, uid]) => `  SharedUser [${name}] (${hex(name)}):\n    userId=${uid}\n`).join('');
  return `${head}${tables}Packages:\n${entries}${hiddenText}${sharedText === '' ? '' : `\nShared users:\n${sharedText}`}\nPackage warning messages:\n`;
}

function systemCopy(one: PhonePackage, phone: VirtualPhone): readonly [string, ...string[]] {
  const original = phone.packages.find((other) => other.name === one.name);
  return original?.system === true && !original.paths[0].startsWith('/data/') ? original.paths : one.paths;
}

/** What options of `pm list packages` ask for. */
export interface PackageListOptions {
  readonly files: boolean;
  readonly uids: boolean;
  readonly installers: boolean;
  readonly versions: boolean;
  readonly uninstalled: boolean;
  readonly only: 'system' | 'third-party' | 'disabled' | 'enabled' | undefined;
  readonly user: number;
  readonly filter: string;
}

/** `pm list packages`. */
export function listPackages(state: RunningState, options: PackageListOptions): string {
  let text = '';
  for (const one of state.packages) {
    const gone = one.uninstalledFor.includes(options.user) || !one.installedFor.includes(options.user);
    const disabled = one.disabledFor.includes(options.user);
    if (gone && !options.uninstalled) continue;
    if (options.only === 'system' && !one.system) continue;
    if (options.only === 'third-party' && one.system) continue;
    if (options.only === 'disabled' && !disabled) continue;
    if (options.only === 'enabled' && disabled) continue;
    if (!one.name.includes(options.filter)) continue;
    text += `package:${options.files ? `${one.paths[0]}=` : ''}${one.name}`;
    if (options.versions) text += ` versionCode:${one.versionCode}`;
    if (options.installers) text += `  installer=${one.installer ?? 'null'}`;
    if (options.uids) text += ` uid:${options.user * 100_000 + one.uid}`;
    text += '\n';
  }
  return text;
}
