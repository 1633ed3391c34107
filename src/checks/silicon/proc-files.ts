import { type Fact, type FileStat, factsOf, type Mount } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

/** Files that tell what the phone is: what forgers lay something over. */
const TELLING =
  /^\/proc\/(?:cpuinfo|version|meminfo|cmdline|bootconfig|interrupts|modules|partitions|mounts|sys\/kernel\/(?:osrelease|version))$|^\/sys\/(?:devices\/system\/cpu|devices\/soc\d|class\/kgsl|class\/power_supply|firmware\/devicetree|block)\b/;
/** File systems that a kernel mounts below /proc and /sys by itself or by init. */
const PSEUDO = new Set([
  'proc',
  'sysfs',
  'debugfs',
  'tracefs',
  'selinuxfs',
  'cgroup',
  'cgroup2',
  'bpf',
  'configfs',
  'pstore',
  'functionfs',
  'fusectl',
  'binfmt_misc',
  'securityfs',
  'efivarfs',
  'autofs',
  'ocfs2_dlmfs',
  'incremental-fs',
]);

export const procFiles = defineCheck({
  id: 'silicon.proc-files',
  axis: 'software',
  title: 'Files laid over /proc and /sys',
  what: 'Device number and file system of /proc/cpuinfo, /proc/version and the CPU’s files, and mounts over them in mountinfo.',
  why: 'The easy way to fake a chip is to mount a file over /proc/cpuinfo. What lies there is then not procfs, and the mount is in the table.',
  benign: ['Containers on development machines lay files over /proc; phones run none for their own shell.'],
  confirm: 'cat /proc/self/mountinfo; stat -c %D and stat -f on /proc/cpuinfo and /proc/version.',
  strength: 'conclusive',
  impossible:
    'procfs and sysfs are one file system each, with one device number, made by the kernel. Nothing in Android mounts a file over those of its own kernel that identify the hardware; a file there with another device number, or a mount on it, was put there.',
  standing: 'told',
  needs: [],
  settledBy: 'stat of the files and /proc/self/mountinfo',
  group: 'proc-files',
  causes: ['root'],
  catches: 'framework',
  spec: ['Linux Documentation/filesystems/proc.rst, 3.5 /proc/<pid>/mountinfo'],
  run({ facts }) {
    const stats = factsOf(facts, 'file-stats');
    const mounts = factsOf(facts, 'mounts');
    const findings = [...stats.flatMap(statFindings), ...mounts.flatMap(mountFindings)];
    const looked = stats.some((fact) => fact.value.some(({ path }) => TELLING.test(path))) || mounts.some((fact) => fact.value.length > 0);
    return looked
      ? failOrPass(findings, 'shown')
      : notChecked('neither stat nor the mounts were read', 'stat of /proc/cpuinfo and /proc/self/mountinfo');
  },
});

function statFindings(fact: Fact<'file-stats'>): readonly Draft[] {
  const findings: Draft[] = [];
  for (const [folder, type] of [
    ['/proc/', 'proc'],
    ['/sys/', 'sysfs'],
  ] as const) {
    const files = fact.value.filter(({ path }) => path.startsWith(folder) && TELLING.test(path));
    const own = ownDevice(files);
    for (const file of files) {
      const otherType = file.fileSystem !== undefined && !sameType(file.fileSystem, type);
      const otherDevice = own !== undefined && file.device !== undefined && file.device !== own;
      if (!otherType && !otherDevice) continue;
      findings.push({
        claimed: `${file.path} of the kernel`,
        observed: otherType
          ? `a file on ${file.fileSystem ?? ''}`
          : `device ${file.device ?? ''}, where the others of ${folder} are on ${own ?? ''}`,
        because: `Every file of ${folder} lies on the kernel’s own ${type}; this one does not.`,
        standing: fact.standing,
        evidence: [file.place],
        nature: 'modified',
        // A device number alone needs company: three files that agree.
        ...(otherType || files.filter(({ device }) => device === own).length >= 2 ? {} : { strength: 'weak' as const }),
      });
    }
  }
  return findings;
}

/** `stat -f` names types as toybox and coreutils do, or by magic number. */
function sameType(said: string, type: 'proc' | 'sysfs'): boolean {
  const lower = said.toLowerCase().replace(/^0x/, '');
  return lower === type || (type === 'proc' ? lower === '9fa0' : lower === '62656572');
}

/** The device number of most of the files. */
function ownDevice(files: readonly FileStat[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { device } of files) if (device !== undefined) counts.set(device, (counts.get(device) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

function mountFindings(fact: Fact<'mounts'>): readonly Draft[] {
  return fact.value.filter(isOver).map((mount) => ({
    claimed: `${mount.mountPoint} of the kernel`,
    observed: `a mount of ${mount.type} from ${mount.device}${mount.root === undefined || mount.root === '/' ? '' : ` (${mount.root})`}`,
    because: 'Something is mounted over a file by which the kernel tells what the hardware is.',
    standing: fact.standing,
    evidence: [mount.place],
    nature: 'modified',
  }));
}

/** A mount on one of the telling files, or of a real file system anywhere below /proc or /sys. */
function isOver({ mountPoint, type }: Mount): boolean {
  if (!/^\/(?:proc|sys)\//.test(mountPoint)) return false;
  return TELLING.test(mountPoint) || !PSEUDO.has(type);
}
