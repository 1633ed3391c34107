/** What a file of a recording is, by its name: the names that androidqf of every vintage, dumpstate and our own captures give. */
import { type ArtefactKind, kindOfPath } from '../../evidence/index.ts';

/** Files that are known, and for a reason are not read. */
export interface Declined {
  readonly because: string;
}

const NAMES: ReadonlyMap<string, ArtefactKind> = new Map<string, ArtefactKind>([
  ['getprop.txt', 'getprop'],
  ['dumpsys.txt', 'dumpsys'],
  ['packages.json', 'packages.json'],
  ['processes.json', 'processes.json'],
  ['processes.txt', 'ps'],
  ['ps.txt', 'ps'],
  ['files.json', 'files.json'],
  ['mounts.json', 'mounts.json'],
  ['mounts.txt', 'mount'],
  ['root_binaries.json', 'root-binaries'],
  ['root_binaries.txt', 'root-binaries'],
  ['settings_system.txt', 'settings'],
  ['settings_secure.txt', 'settings'],
  ['settings_global.txt', 'settings'],
  ['services.txt', 'service-list'],
  ['selinux.txt', 'getenforce'],
  ['env.txt', 'env'],
  ['logcat.txt', 'logcat'],
  ['logcat_old.txt', 'logcat'],
  ['hosts', 'hosts'],
  ['cpuinfo', 'proc/cpuinfo'],
  ['cpuinfo.txt', 'proc/cpuinfo'],
  ['mountinfo', 'proc/mountinfo'],
  ['last_kmsg', 'dmesg'],
  ['kmsg', 'dmesg'],
  ['dmesg.txt', 'dmesg'],
]);

const DECLINED: readonly (readonly [pattern: RegExp, because: string])[] = [
  [/(^|\/)backup\.ab$/i, 'a backup holds personal content, which is not read'],
  [/\.age$/i, 'it is encrypted with age: decrypt it first'],
  [/(^|\/)(command\.log|dumpstate_log\.txt|dumpstate_log-.*\.txt)$/, 'the recorder’s own log says nothing of the phone'],
  [/(^|\/)(version\.txt|main_entry\.txt|acquisition\.json|hashes\.csv|info\.json)$/, 'it describes the recording'],
  [/(^|\/)adb_host_key\.pub$/, 'the key of the host that recorded'],
  [/(^|\/)intrusion_logs\//, 'intrusion logs are not read by this version'],
  [/(^|\/)(apex|yara)\//, 'not read by this version'],
  // Files that anybody may have put there: their content would be taken for what the phone answered.
  [/(^|\/)tmp\//, 'a file out of the phone’s folder for temporary files is kept, not read'],
  [/(^|\/)FS\/data\/anr\//, 'traces of apps that hung are not read by this version'],
  [/\.(png|jpg|jpeg|webp|mp4|pb|proto|winscope|pftrace|perfetto-trace)$/i, 'nothing here reads files of this kind'],
];

/** The kind by name, a reason not to read it, or undefined where only the content can tell. */
export function kindByName(name: string): ArtefactKind | Declined | undefined {
  const path = name.replaceAll('\\', '/');
  const base = path.slice(path.lastIndexOf('/') + 1);
  if (/(^|\/)FS\/data\/tombstones\/tombstone_\d+(\.pb)?$/.test(path) || /^tombstone_\d+(\.pb)?$/.test(base)) return 'tombstone';
  if (/(^|\/)proc\/\d+\/mountinfo$/.test(path)) return 'proc/mountinfo';
  for (const [pattern, because] of DECLINED) if (pattern.test(path)) return { because };
  if (/\.(apk|apex)$/i.test(base)) return 'apk';
  if (/^dumpState_.*\.log$|^bugreport.*\.txt$|^dumpstate(-.*|_.*)?\.txt$/i.test(base)) return 'bugreport';
  const known = NAMES.get(base.toLowerCase()) ?? kindOfPath(`/${path.replace(/^.*(^|\/)FS\//, '')}`);
  // What else lies in a bug report's file tree was written by apps: its content decides nothing.
  return known ?? (/(^|\/)FS\//.test(path) ? { because: 'nothing here reads files of this kind' } : undefined);
}
