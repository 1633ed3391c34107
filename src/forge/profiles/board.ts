/** What a chip and its board show through kernel and drivers: the half of a phone that no ROM changes. */

import { writeSelinuxPolicy } from '../../formats/android/index.ts';
import { seeded } from '../content.ts';
import type { PhoneCamera, PhoneGpu, PhoneHal, PhoneInput, PhoneSensor, PhoneSilicon } from '../phone.ts';
import { MAKERS_POLICY } from './selinux.ts';
import { BOOT_TIME, type Entries, file, folder, link, node, proc, sys } from './tree.ts';

export interface Board {
  readonly silicon: PhoneSilicon;
  /** Text of /proc/cpuinfo. */
  readonly cpuinfo: string;
  readonly memoryTotalKiB: number;
  /** Names of /proc/interrupts, with their controller's. */
  readonly interrupts: readonly string[];
  readonly interruptController: string;
  readonly modules: readonly string[];
  readonly thermalZones: readonly string[];
  readonly clockSource: string;
  readonly soundCard: readonly [id: string, name: string];
  /** Partition names in order, with sizes in KiB. */
  readonly partitions: readonly (readonly [name: string, sizeKiB: number])[];
  readonly byName: string;
  /** As in `mmcblk0p` or `sda`. */
  readonly disk: string;
  readonly diskModel: string;
  readonly devices: readonly string[];
  readonly soc: Readonly<Record<string, string>>;
  readonly gpu: PhoneGpu;
  readonly gpuFile: readonly [path: string, value: string];
  readonly cameras: readonly PhoneCamera[];
  readonly sensors: readonly PhoneSensor[];
  readonly inputs: readonly PhoneInput[];
  readonly hals: readonly PhoneHal[];
  /** Names of vendor daemons with the users they run as. */
  readonly daemons: readonly (readonly [name: string, user: string])[];
  /** Names of vendor libraries, without path. */
  readonly libraries: readonly string[];
  /** The kernel's own log at boot, as far as it tells of the chip. */
  readonly bootLog: readonly string[];
  /** From this release on the kernel tells the shell less; see story.md 4.1. */
  readonly caches: readonly (readonly [level: number, type: 'Data' | 'Instruction' | 'Unified', size: string])[];
  readonly usbVendor: number;
}

/** MemAvailable came with Linux 3.14: the boards of 2014 run 3.4, and the 64-bit ones later kernels. */
const memoryText = (totalKiB: number, saysAvailable: boolean): string => {
  const line = (name: string, value: number) => `${`${name}:`.padEnd(16)}${String(Math.floor(value)).padStart(8)} kB\n`;
  return [
    line('MemTotal', totalKiB),
    line('MemFree', totalKiB * 0.11),
    ...(saysAvailable ? [line('MemAvailable', totalKiB * 0.37)] : []),
    line('Buffers', totalKiB * 0.01),
    line('Cached', totalKiB * 0.27),
    line('SwapCached', 0),
    line('Active', totalKiB * 0.5),
    line('Inactive', totalKiB * 0.2),
    line('SwapTotal', 0),
    line('SwapFree', 0),
  ].join('');
};

function interruptsText(board: Board): string {
  const cores = board.silicon.cores.length;
  const head = `           ${Array.from({ length: cores }, (_, i) => `CPU${i}`.padEnd(10)).join(' ')}\n`;
  const rows = board.interrupts.map((name, i) => {
    const counts = Array.from({ length: cores }, (_, core) => String((i * 7919 + core * 104_729) % 90_000).padStart(10));
    return `${String(20 + i * 3).padStart(3)}: ${counts.join(' ')}  ${board.interruptController}  ${name}\n`;
  });
  return `${head}${rows.join('')}IPI0:          0  CPU wakeup interrupts\n`;
}

const partitionsText = (board: Board): string => {
  const total = board.partitions.reduce((sum, [, size]) => sum + size, 0);
  const isUfs = board.disk.startsWith('sd');
  const rows = board.partitions.map(
    ([, size], i) => `${isUfs ? 8 : 179} ${String(i + 1).padStart(8)} ${String(size).padStart(10)} ${partitionNode(board, i)}\n`,
  );
  return `major minor  #blocks  name\n\n${isUfs ? 8 : 179}        0 ${String(total).padStart(10)} ${isUfs ? 'sda' : 'mmcblk0'}\n${rows.join('')}`;
};

const partitionNode = (board: Board, i: number): string => `${board.disk}${i + 1}`;

/** The tree that a kernel of this board shows. */
export function boardTree(
  board: Board,
  kernel: { readonly text: string; readonly commandLine: string; readonly old: boolean; readonly sdk: number },
): Entries {
  const { cores } = board.silicon;
  const cpu = 'devices/system/cpu';
  const hidden = kernel.sdk >= 28 ? ({ denied: 'shell' } as const) : {};
  const last = cores.length - 1;
  return [
    ...folder('/proc', { mode: 0o555, mtime: BOOT_TIME, context: 'u:object_r:proc:s0' }),
    ...folder('/sys', { mtime: BOOT_TIME, context: 'u:object_r:sysfs:s0' }),
    ...proc('cpuinfo', board.cpuinfo),
    ...proc('version', `${kernel.text}\n`),
    ...proc('meminfo', memoryText(board.memoryTotalKiB, board.silicon.bits === 64)),
    ...proc('interrupts', interruptsText(board)),
    ...proc(
      'modules',
      board.modules.map((name, i) => `${name} ${40_960 + i * 8192} 0 - Live 0x${'0'.repeat(kernel.old ? 8 : 16)}\n`).join(''),
    ),
    ...proc('partitions', partitionsText(board), hidden),
    ...proc('cmdline', `${kernel.commandLine}\n`, hidden),
    ...proc(
      'asound/cards',
      ` 0 [${board.soundCard[0].padEnd(15)}]: ${board.soundCard[0]} - ${board.soundCard[1]}\n                      ${board.soundCard[1]}\n`,
    ),
    ...proc(
      'filesystems',
      `nodev\tsysfs\nnodev\trootfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tselinuxfs\n\text4\n\tvfat\n${kernel.old ? '' : '\tf2fs\n\terofs\n'}`,
    ),
    ...['tcp', 'tcp6', 'udp', 'udp6'].flatMap((name) =>
      proc(
        `net/${name}`,
        '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n',
        kernel.sdk >= 29 ? { denied: 'read' } : {},
      ),
    ),
    ...proc(
      'net/unix',
      'Num       RefCount Protocol Flags    Type St Inode Path\n00000000: 00000002 00000000 00010000 0001 01  6543 /dev/socket/zygote\n',
      kernel.sdk >= 29 ? { denied: 'read' } : {},
    ),
    ...proc('uptime', '86412.55 301220.11\n'),
    ...proc(
      'stat',
      `cpu  1 2 3 4 5 6 7 0 0 0\n${cores.map((_, i) => `cpu${i} 1 2 3 4 5 6 7 0 0 0\n`).join('')}intr 1\nctxt 1\nbtime ${BOOT_TIME}\n`,
    ),
    ...proc(
      'zoneinfo',
      `Node 0, zone   Normal\n  pages free     12345\n        spanned  ${Math.floor(board.memoryTotalKiB / 4)}\n        present  ${Math.floor(board.memoryTotalKiB / 4)}\n`,
    ),
    ...proc('kmsg', `${board.bootLog.join('\n')}\n`, { mode: 0o400, denied: 'read' }),
    ...file('/proc/config.gz', seeded(`config ${board.silicon.chip}`, 30_000), { mode: 0o444, mtime: BOOT_TIME }),
    ...sys(`${cpu}/possible`, `0-${last}`),
    ...sys(`${cpu}/present`, `0-${last}`),
    ...sys(`${cpu}/online`, kernel.old ? '0-1' : `0-${last}`),
    ...cores.flatMap((core, i) => [
      ...sys(`${cpu}/cpu${i}/cpufreq/cpuinfo_max_freq`, String(core.maxKiloHertz)),
      ...sys(`${cpu}/cpu${i}/cpufreq/cpuinfo_min_freq`, String(core.minKiloHertz)),
      ...sys(`${cpu}/cpu${i}/topology/physical_package_id`, kernel.old ? '0' : String(clusterOf(board, i))),
      ...sys(`${cpu}/cpu${i}/topology/core_id`, String(i)),
      ...(core.capacity === undefined ? [] : sys(`${cpu}/cpu${i}/cpu_capacity`, String(core.capacity))),
      ...(kernel.old ? [] : sys(`${cpu}/cpu${i}/regs/identification/midr_el1`, `0x${core.midr.toString(16).padStart(16, '0')}`)),
      ...(kernel.old
        ? []
        : board.caches.flatMap(([level, type, size], k) => [
            ...sys(`${cpu}/cpu${i}/cache/index${k}/level`, String(level)),
            ...sys(`${cpu}/cpu${i}/cache/index${k}/type`, type),
            ...sys(`${cpu}/cpu${i}/cache/index${k}/size`, size),
          ])),
    ]),
    ...sys('devices/system/clocksource/clocksource0/available_clocksource', `${board.clockSource} `),
    ...sys('devices/system/clocksource/clocksource0/current_clocksource', board.clockSource),
    ...board.thermalZones.flatMap((zone, i) => sys(`class/thermal/thermal_zone${i}/type`, zone)),
    ...board.inputs.flatMap(({ name }, i) => sys(`class/input/input${i}/name`, name)),
    ...Object.entries(board.soc).flatMap(([name, value]) =>
      sys(`devices/soc0/${name}`, value, kernel.sdk >= 28 ? { denied: 'shell' } : {}),
    ),
    ...sys(board.gpuFile[0], board.gpuFile[1]),
    ...sys(
      `block/${board.disk.startsWith('sd') ? 'sda' : 'mmcblk0'}/device/${board.disk.startsWith('sd') ? 'model' : 'name'}`,
      board.diskModel,
    ),
    ...sys(
      `block/${board.disk.startsWith('sd') ? 'sda' : 'mmcblk0'}/size`,
      String(board.partitions.reduce((sum, [, size]) => sum + size, 0) * 2),
    ),
    ...sys('class/power_supply/battery/type', 'Battery'),
    ...sys('class/power_supply/usb/type', 'USB'),
    ...sys('fs/selinux/enforce', '1'),
    ...file(
      '/sys/fs/selinux/policy',
      { kind: 'bytes', bytes: writeSelinuxPolicy(MAKERS_POLICY) },
      {
        mode: 0o444,
        denied: 'shell',
        context: 'u:object_r:selinuxfs:s0',
        mtime: BOOT_TIME,
      },
    ),
    ...node('/dev/null', 'character device', '1:3', { mode: 0o666 }),
    ...node('/dev/zero', 'character device', '1:5', { mode: 0o666 }),
    ...node('/dev/random', 'character device', '1:8', { mode: 0o666 }),
    ...node('/dev/urandom', 'character device', '1:9', { mode: 0o666 }),
    ...node('/dev/binder', 'character device', '10:56', { mode: 0o666 }),
    ...node('/dev/ashmem', 'character device', '10:57', { mode: 0o666 }),
    ...board.devices.flatMap((name, i) =>
      node(`/dev/${name}`, 'character device', `${240 + (i >> 4)}:${i}`, { mode: 0o664, uid: 1000, gid: 1000 }),
    ),
    ...board.inputs.flatMap(({ path }, i) => node(path, 'character device', `13:${64 + i}`, { mode: 0o660, gid: 1004 })),
    ...board.partitions.flatMap(([name], i) => [
      ...node(`/dev/block/${partitionNode(board, i)}`, 'block device', `${board.disk.startsWith('sd') ? 8 : 179}:${i + 1}`),
      ...link(`${board.byName}/${name}`, `/dev/block/${partitionNode(board, i)}`, { mtime: BOOT_TIME }),
    ]),
    ...(board.byName === '/dev/block/by-name' || kernel.old ? [] : link('/dev/block/by-name', board.byName, { mtime: BOOT_TIME })),
  ];
}

/** Cores with the same MIDR and the same top speed are one cluster. */
function clusterOf(board: Board, index: number): number {
  const keys = [...new Set(board.silicon.cores.map((core) => `${core.midr} ${core.maxKiloHertz}`))];
  const core = board.silicon.cores[index];
  return Math.max(keys.indexOf(`${core?.midr} ${core?.maxKiloHertz}`), 0);
}

/** /proc/cpuinfo of a 32-bit kernel before 3.8: fields that all cores share stand once, at the end. */
export function oldCpuInfo(text: {
  readonly revision: number;
  readonly bogoMips: string;
  readonly cores: number;
  readonly implementer: string;
  readonly variant: string;
  readonly part: string;
  readonly hardware: string;
  readonly tail: readonly string[];
}): string {
  const cores = Array.from({ length: text.cores }, (_, i) => `processor\t: ${i}\nBogoMIPS\t: ${text.bogoMips}\n\n`).join('');
  return `Processor\t: ARMv7 Processor rev ${text.revision} (v7l)\n${cores}Features\t: swp half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt \nCPU implementer\t: ${text.implementer}\nCPU architecture: 7\nCPU variant\t: ${text.variant}\nCPU part\t: ${text.part}\nCPU revision\t: ${text.revision}\n\nHardware\t: ${text.hardware}\n${text.tail.map((line) => `${line}\n`).join('')}`;
}

/** /proc/cpuinfo of an arm64 kernel: a block a core. */
export function cpuInfo64(board: { readonly silicon: PhoneSilicon; readonly features: string; readonly tail: string }): string {
  const bogoMips = ((board.silicon.counterHz * 2) / 1e6).toFixed(2);
  const blocks = board.silicon.cores.map(({ midr }, i) => {
    const field = (shift: number, bits: number) => (midr >>> shift) & ((1 << bits) - 1);
    return `processor\t: ${i}\nBogoMIPS\t: ${bogoMips}\nFeatures\t: ${board.features}\nCPU implementer\t: 0x${field(24, 8).toString(16)}\nCPU architecture: 8\nCPU variant\t: 0x${field(20, 4).toString(16)}\nCPU part\t: 0x${field(4, 12).toString(16).padStart(3, '0')}\nCPU revision\t: ${field(0, 4)}\n\n`;
  });
  return `${blocks.join('')}${board.tail}`;
}
