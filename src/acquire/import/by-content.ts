/** What a text is, by how it begins. Used where a name says nothing, and to refuse a name that lies. */
import type { ArtefactKind } from '../../evidence/index.ts';

const utf8 = new TextDecoder('utf-8');

/** Bytes of the beginning that are looked at. */
export const HEAD = 1 << 16;

interface Mark {
  readonly kind: ArtefactKind;
  /** A line that only this kind has. */
  readonly line: RegExp;
  /** Lines that must fit before it counts; default 1. */
  readonly count?: number;
}

/** In order: what holds parts of other kinds comes before those kinds. */
const MARKS: readonly Mark[] = [
  { kind: 'bugreport', line: /^== dumpstate: |^-{6} [A-Z].{0,300} \(.{1,300}\) -{6}$/ },
  { kind: 'dumpsys', line: /^DUMP OF SERVICE \S/ },
  { kind: 'getprop', line: /^\[[\w.\-:@ ]{1,200}\]: \[/ },
  { kind: 'tombstone', line: /^(\*{3} ){10}|^pid: \d+, tid: \d+, name: / },
  { kind: 'pm/packages', line: /^package:\S+/ },
  { kind: 'service-list', line: /^\d+\t[\w.\-/]+: \[/, count: 2 },
  { kind: 'proc/mountinfo', line: /^\d+ \d+ \d+:\d+ \/\S* \/\S* \S+ .*- \S+ / },
  { kind: 'mount', line: /^\S+ on \/\S* type \S+ \(|^\S+ \/\S* \w+ r[ow][,\w=:./-]* \d+ \d+$/ },
  { kind: 'proc/meminfo', line: /^MemTotal:\s+\d+ kB/ },
  { kind: 'getevent', line: /^add device \d+: \/dev\/input\// },
  { kind: 'wm', line: /^Physical (size|density): \d/ },
  { kind: 'dumpsys/battery', line: /^Current Battery Service state:/ },
  { kind: 'proc/partitions', line: /^major minor\s+#blocks\s+name/ },
  { kind: 'ps', line: /^(LABEL +)?(USER|UID) +PID +(TID +)?PPID .*(NAME|CMD|COMMAND|ARGS)/ },
  { kind: 'lshal', line: /^\| All HIDL|::I\w+\/\w+ / },
  { kind: 'dmesg', line: /^(<\d{1,3}>)?-?\(?\s?\[ *\d{1,8}\.\d{3,9}[^\]]{0,80}\]/, count: 2 },
  { kind: 'proc/version', line: /^Linux version \d+\.\d+\S* \(/ },
  {
    kind: 'proc/cpuinfo',
    line: /^(Processor\s*: (ARM|AArch|Intel)|CPU implementer\s*: 0x|BogoMIPS\s*: |vendor_id\s*: |processor\s*: \d)/,
    count: 2,
  },
  { kind: 'root-binaries', line: /^\/\S*bin\/(su|busybox|magisk)\s*$/ },
  { kind: 'build.prop', line: /^(ro|persist|dalvik|net|wifi|sys)\.[\w.-]{1,100}=/ },
];

/** The kind of a text or JSON document, or undefined. */
export function kindByContent(head: Uint8Array): ArtefactKind | undefined {
  if (head.includes(0) && !isMostlyText(head)) return undefined;
  const text = utf8.decode(head).replace(/^\uFEFF/, '');
  const first = text.trimStart().charAt(0);
  // A getprop begins with a bracket too.
  if (first === '{' || (first === '[' && !/^\s*\[[\w.\-:@ ]{1,200}\]: \[/.test(text))) {
    const kind = kindOfJson(text.trimStart());
    if (kind !== undefined) return kind;
  }
  const lines = text.split(/\r?\n/, 4000);
  for (const { kind, line, count = 1 } of MARKS) {
    let found = 0;
    for (const one of lines) if (line.test(one.length > 2000 ? one.slice(0, 2000) : one) && ++found >= count) return kind;
  }
  return undefined;
}

/** Kernel logs hold stray NUL bytes. */
function isMostlyText(head: Uint8Array): boolean {
  let control = 0;
  for (const byte of head) if (byte < 9) control++;
  return control * 100 < head.length;
}

function kindOfJson(text: string): ArtefactKind | undefined {
  const has = (...keys: readonly string[]) => keys.every((key) => text.includes(`"${key}"`));
  if (text.startsWith('{')) {
    if (has('properties') && /"(device|source|files)"\s*:/.test(text)) return 'device-set';
    if (has('path', 'content') && has('files')) return 'device-set';
    if (has('path', 'mode', 'user_id')) return 'files.json';
    if (
      /"(imei|battery|locks|screen|launch_level|storage|serial)"\s*:/.test(text) &&
      /"(battery|locks|moisture_intrusion|hinge|screen)"\s*:/.test(text)
    )
      return 'tradeinmode';
    return undefined;
  }
  if (has('path', 'mode', 'user_id')) return 'files.json';
  if (has('name', 'installer') || has('name', 'files', 'uid')) return 'packages.json';
  if (has('pid', 'ppid')) return 'processes.json';
  if (/^\[\s*"[^"]{1,400}( on \/| \/\S* \w+ r[ow])/.test(text)) return 'mounts.json';
  if (/^\[\s*"\/[^"]{1,400}\/(su|busybox|magisk)/.test(text)) return 'root-binaries';
  return undefined;
}
