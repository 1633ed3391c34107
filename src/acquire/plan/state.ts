/** Identity, what lives shortest, and the surfaces of kernel and boot. */
import { MIB, type PlanItem, pullItem, shellItem } from '../plan-types.ts';

const cat = (path: string) => `cat ${path}`;

/** A file of /proc, with its artefact named after it. */
const proc = (path: string, kind: PlanItem['kind'], why: string, rest: Parameters<typeof shellItem>[3] = {}): PlanItem =>
  shellItem(
    { id: path.slice(1).replaceAll('/', '.'), artefact: `${path.slice(1).replaceAll('/', '_')}.txt`, kind },
    cat(path),
    [path, why],
    { origin: path, ...rest },
  );

export const identityItems: readonly PlanItem[] = [
  shellItem(
    { id: 'getprop', artefact: 'getprop.txt', kind: 'getprop' },
    'getprop',
    ['system properties', 'what the phone says it is; boot state, fingerprints, verity root digests (Android 13 and later)'],
    { order: 'identity', origin: 'getprop' },
  ),
  shellItem(
    { id: 'getenforce', artefact: 'selinux.txt', kind: 'getenforce' },
    'getenforce',
    ['SELinux mode', 'a permissive phone is not as its maker ships it'],
    { order: 'identity', since: 17, origin: 'getenforce' },
  ),
  {
    id: 'adb',
    what: 'how the phone let us in',
    why: 'a daemon that takes a never-seen key without asking, or asks for none, is not a user build’s',
    how: { kind: 'host', what: 'adb' },
    artefact: 'adb.json',
    kind: 'adb',
    since: 1,
    timeLimitMs: 1000,
    byteLimit: MIB,
    order: 'identity',
    depth: 'quick',
  },
  {
    id: 'usb',
    what: 'USB descriptors',
    why: 'what the phone’s USB controller says before Android speaks',
    how: { kind: 'host', what: 'usb' },
    artefact: 'usb.json',
    kind: 'usb',
    since: 1,
    timeLimitMs: 1000,
    byteLimit: MIB,
    order: 'identity',
    depth: 'quick',
  },
];

export const volatileItems: readonly PlanItem[] = [
  shellItem(
    { id: 'ps', artefact: 'ps.txt', kind: 'ps' },
    [{ since: 26, script: 'ps -A -Z' }, { since: 19, script: 'ps -Z' }, { script: 'ps' }],
    ['processes', 'running malware, root daemons, hooking frameworks; process names of the real chip’s services'],
    { order: 'volatile' },
  ),
  shellItem(
    { id: 'sockets', artefact: 'sockets.txt', kind: 'sockets' },
    'for f in tcp tcp6 udp udp6 unix; do echo "$N /proc/net/$f"; cat /proc/net/$f; done',
    ['sockets', 'listening back doors; readable by the shell until Android 9'],
    { order: 'volatile', until: 28 },
  ),
  shellItem(
    { id: 'logcat.tail', artefact: 'logcat-tail.txt', kind: 'logcat' },
    'logcat -d -v threadtime -t 3000',
    ['end of the log', 'what spoke when we connected'],
    { order: 'volatile', limit: 8 * MIB },
  ),
  shellItem(
    { id: 'logcat', artefact: 'logcat.txt', kind: 'logcat' },
    [
      { since: 21, script: 'logcat -d -b all -v threadtime "*:V"' },
      { script: 'logcat -d -b main -b system -b events -v threadtime "*:V"' },
    ],
    ['log', 'crashes, injected code and installers that spoke'],
    { order: 'volatile', depth: 'full', seconds: 60, limit: 64 * MIB },
  ),
  shellItem(
    { id: 'logcat.last', artefact: 'logcat_old.txt', kind: 'logcat' },
    'logcat -L -b all -v threadtime',
    ['log of before the last reboot', 'as androidqf reads it'],
    { order: 'volatile', depth: 'full', seconds: 30, limit: 32 * MIB, since: 23 },
  ),
  shellItem(
    { id: 'dmesg', artefact: 'dmesg.txt', kind: 'dmesg' },
    'dmesg',
    ['kernel log', 'the chip’s timer, memory and drivers as the kernel met them; readable by the shell until Android 7'],
    { order: 'volatile', until: 25 },
  ),
];

const CPU = '/sys/devices/system/cpu';
const cpuFiles = [
  `${CPU}/possible`,
  `${CPU}/present`,
  `${CPU}/online`,
  `${CPU}/cpu[0-9]*/regs/identification/midr_el1`,
  `${CPU}/cpu[0-9]*/regs/identification/revidr_el1`,
  `${CPU}/cpu[0-9]*/cpufreq/cpuinfo_max_freq`,
  `${CPU}/cpu[0-9]*/cpufreq/cpuinfo_min_freq`,
  `${CPU}/cpu[0-9]*/cpufreq/scaling_available_frequencies`,
  `${CPU}/cpu[0-9]*/cpufreq/scaling_driver`,
  `${CPU}/cpu[0-9]*/cpu_capacity`,
  `${CPU}/cpu[0-9]*/topology/physical_package_id`,
  `${CPU}/cpu[0-9]*/topology/core_id`,
  `${CPU}/cpu[0-9]*/topology/core_siblings_list`,
  `${CPU}/cpu[0-9]*/cache/index[0-9]*/level`,
  `${CPU}/cpu[0-9]*/cache/index[0-9]*/type`,
  `${CPU}/cpu[0-9]*/cache/index[0-9]*/size`,
];
const nameFiles = [
  '/sys/devices/soc0/*',
  '/sys/devices/system/clocksource/clocksource0/available_clocksource',
  '/sys/devices/system/clocksource/clocksource0/current_clocksource',
  '/sys/class/thermal/thermal_zone*/type',
  '/sys/class/thermal/cooling_device*/type',
  '/sys/class/input/input*/name',
  '/sys/class/kgsl/kgsl-3d0/gpu_model',
  '/sys/class/misc/mali0/device/gpuinfo',
  '/sys/block/*/device/vendor',
  '/sys/block/*/device/model',
  '/sys/block/*/device/name',
  '/sys/block/*/size',
  '/sys/class/power_supply/*/type',
  '/sys/class/video4linux/*/name',
  '/sys/class/leds/*/device/modalias',
  '/sys/bus/platform/drivers/*/module/version',
];
/** One line a file, `path<TAB>first line`: no process is started per file. */
const readFirstLines = (files: readonly string[]) =>
  `for f in ${files.join(' ')}; do if [ -f "$f" ] && read -r v < "$f"; then echo "$f\t$v"; fi; done 2>/dev/null`;

/** Files that forgers redirect, and neighbours on the same file systems to hold them against. */
const SPOOFED = [
  '/proc/cpuinfo',
  '/proc/version',
  '/proc/meminfo',
  '/proc/mounts',
  '/proc/cmdline',
  '/proc/stat',
  '/proc/uptime',
  '/proc/filesystems',
  '/proc/self/mountinfo',
  '/sys/devices/system/cpu/possible',
  '/sys/devices/system/cpu/present',
  '/sys/devices/system/cpu/online',
  '/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq',
  '/sys/fs/selinux/enforce',
  '/sys/fs/selinux/policy',
  '/default.prop',
  '/system/build.prop',
  '/system/etc/hosts',
  '/system/etc/prop.default',
  '/system/bin/app_process',
  '/system/bin/app_process32',
  '/system/bin/app_process64',
  '/system/bin/getprop',
  '/system/bin/toybox',
  '/system/bin/toolbox',
  '/system/bin/sh',
  '/system/bin/pm',
  '/system/bin/linker',
  '/system/bin/linker64',
  '/system/bin/init',
  '/system/framework/framework-res.apk',
  '/system/framework/framework.jar',
  '/system/framework/services.jar',
  '/system/lib/libc.so',
  '/system/lib64/libc.so',
  '/system/lib/libandroid_runtime.so',
  '/system/lib64/libandroid_runtime.so',
  '/vendor/build.prop',
  '/vendor/etc/fstab.qcom',
  '/product/build.prop',
  '/odm/build.prop',
  '/product/etc/build.prop',
  '/system_ext/etc/build.prop',
  '/odm/etc/build.prop',
  '/',
  '/system',
  '/vendor',
  '/data',
  '/proc',
  '/sys',
].join(' ');

export const stateItems: readonly PlanItem[] = [
  proc('/proc/cpuinfo', 'proc/cpuinfo', 'cores, implementer, features, BogoMIPS'),
  proc('/proc/version', 'proc/version', 'the kernel’s builder and age'),
  shellItem({ id: 'uname', artefact: 'uname.txt', kind: 'uname' }, 'uname -a', ['uname', 'the kernel by another path'], { since: 23 }),
  proc('/proc/meminfo', 'proc/meminfo', 'memory against the claim'),
  proc('/proc/mounts', 'proc/mounts', 'writable and overlaid system mounts'),
  proc('/proc/self/mountinfo', 'proc/mountinfo', 'bind mounts over single files'),
  shellItem({ id: 'mount', artefact: 'mount.txt', kind: 'mount' }, 'mount', ['mount', 'mounts by another path, as androidqf reads them']),
  proc('/proc/interrupts', 'proc/interrupts', 'interrupt names: the chip’s real controllers'),
  proc('/proc/modules', 'proc/modules', 'kernel modules'),
  proc('/proc/partitions', 'proc/partitions', 'storage size and layout; readable by the shell until Android 8.1', { until: 27 }),
  proc('/proc/filesystems', 'unknown', 'which file systems the kernel knows', { depth: 'full' }),
  proc('/proc/cmdline', 'proc/cmdline', 'what the bootloader told the kernel; readable by the shell until Android 8.1', { until: 27 }),
  proc('/proc/asound/cards', 'proc/asound/cards', 'the audio codec’s name'),
  proc('/proc/stat', 'unknown', 'load while we measured', { depth: 'full' }),
  proc('/proc/uptime', 'unknown', 'time since boot', { depth: 'full' }),
  proc('/proc/zoneinfo', 'unknown', 'physical memory by zone', { depth: 'full' }),
  pullItem(
    { id: 'proc.config', artefact: 'proc_config.gz', kind: 'proc/config.gz' },
    '/proc/config.gz',
    ['kernel configuration', 'which kernel this is'],
    {
      depth: 'full',
      limit: 4 * MIB,
    },
  ),
  shellItem(
    { id: 'sys.cpu', artefact: 'sys_cpu.txt', kind: 'sys/cpu' },
    readFirstLines(cpuFiles),
    ['CPU topology', 'MIDR, frequencies, caches: the parts that forgers forget'],
    { origin: CPU },
  ),
  shellItem(
    { id: 'sys.names', artefact: 'sys_names.txt', kind: 'sys/names' },
    readFirstLines(nameFiles),
    ['driver names', 'thermal zones, input devices, storage models, clock sources'],
    { origin: '/sys' },
  ),
  shellItem(
    { id: 'stat', artefact: 'stat.txt', kind: 'stat' },
    [
      { tools: ['stat'], script: `stat -c "S %D %i %s %a %u %g %C %n" ${SPOOFED}; stat -f -c "F %T %n" ${SPOOFED}` },
      { script: `ls -lZd ${SPOOFED}; ls -ld ${SPOOFED}` },
    ],
    ['stat of files that forgers redirect', 'a redirected /proc/cpuinfo lies on another device than its neighbours'],
    { origin: 'stat' },
  ),
  pullItem(
    { id: 'selinux.policy', artefact: 'selinux_policy.bin', kind: 'selinux/policy' },
    '/sys/fs/selinux/policy',
    ['live SELinux policy', 'added rules; adbd may read what the shell may not'],
    { since: 24, order: 'state', seconds: 20 },
  ),
  ...(
    [
      ['vendor', '/vendor/etc/selinux/precompiled_sepolicy', 26],
      ['odm', '/odm/etc/selinux/precompiled_sepolicy', 26],
      ['root', '/sepolicy', 19],
    ] as const
  ).map(([name, path, since]) =>
    pullItem(
      { id: `selinux.policy-${name}`, artefact: `selinux_policy_${name}.bin`, kind: 'selinux/policy-file' },
      path,
      [path, 'the policy that init loads, to hold the one in force against'],
      { since, ...(name === 'root' ? { until: 25 } : {}), order: 'state', depth: 'full', seconds: 20 },
    ),
  ),
  shellItem(
    { id: 'slots', artefact: 'slots.txt', kind: 'slots' },
    [
      'echo "$N ro.boot.slot_suffix"; getprop ro.boot.slot_suffix',
      'echo "$N ro.boot.slot"; getprop ro.boot.slot',
      'echo "$N ro.virtual_ab.enabled"; getprop ro.virtual_ab.enabled',
      'echo "$N bootctl get-current-slot"; bootctl get-current-slot 2>&1',
      'echo "$N bootctl is-slot-bootable 0"; bootctl is-slot-bootable 0 2>&1; echo "= $?"',
      'echo "$N bootctl is-slot-bootable 1"; bootctl is-slot-bootable 1 2>&1; echo "= $?"',
      'echo "$N update_engine_client --status"; update_engine_client --status 2>&1',
      'echo "$N snapshotctl dump"; snapshotctl dump 2>&1',
    ].join('; '),
    ['slots and updates', 'a phone in the middle of an update differs from itself'],
    { since: 24, origin: 'slots' },
  ),
  shellItem(
    { id: 'ls.block', artefact: 'ls_block.txt', kind: 'ls/block' },
    'ls -l /dev/block/by-name /dev/block/bootdevice/by-name /dev/block/platform/*/by-name /dev/block/platform/*/*/by-name 2>/dev/null',
    ['partition names', 'the layout betrays the maker of the chip'],
    { origin: '/dev/block' },
  ),
  shellItem({ id: 'ls.dev', artefact: 'ls_dev.txt', kind: 'ls/dev' }, 'ls -l /dev', ['device nodes', 'driver names'], { origin: '/dev' }),
  shellItem({ id: 'ls.apex', artefact: 'ls_apex.txt', kind: 'ls/apex' }, 'ls -l /apex', ['APEX modules', 'what the system truly is'], {
    since: 29,
    origin: '/apex',
  }),
  pullItem(
    { id: 'apex.info', artefact: 'apex-info-list.xml', kind: 'apex-info' },
    '/apex/apex-info-list.xml',
    ['APEX list', 'versions and paths of the active modules'],
    { since: 31, limit: 4 * MIB },
  ),
  shellItem({ id: 'lpdump', artefact: 'lpdump.txt', kind: 'lpdump' }, 'lpdump', ['dynamic partitions', 'the super partition’s layout'], {
    since: 29,
  }),
  shellItem(
    { id: 'df', artefact: 'df.txt', kind: 'df' },
    [{ since: 23, script: 'df -k' }, { script: 'df' }],
    ['storage', 'size against the claim'],
  ),
  shellItem({ id: 'env', artefact: 'env.txt', kind: 'env' }, 'env', ['environment', 'preloaded libraries, changed paths']),
  shellItem({ id: 'hosts', artefact: 'hosts.txt', kind: 'hosts' }, 'cat /system/etc/hosts', ['hosts file', 'redirected names'], {
    origin: '/system/etc/hosts',
  }),
  shellItem(
    { id: 'ca', artefact: 'ca-certificates.txt', kind: 'ca-certificates' },
    'for d in /data/misc/user/*/cacerts-added /data/misc/user/*/cacerts-removed /data/misc/keychain/cacerts-added; do if [ -r "$d" ]; then echo "$d:"; ls "$d"; fi; done',
    ['certificate authorities', 'authorities that somebody added'],
    { origin: 'cacerts' },
  ),
  shellItem(
    { id: 'root-binaries', artefact: 'root_binaries.txt', kind: 'root-binaries' },
    'echo "$N root-binaries/1"; for d in /sbin /su/bin /su/xbin /system/bin /system/xbin /system/sbin /system/bin/.ext /system/usr/we-need-root /vendor/bin /vendor/xbin /product/bin /odm/bin /data/local /data/local/bin /data/local/xbin /data/local/tmp /debug_ramdisk /cache /data/adb /data/adb/ksu/bin /data/adb/ap/bin /dev; do for n in su busybox supersu Superuser.apk KingoUser.apk SuperSu.apk magisk magiskhide magiskinit magiskpolicy magisk32 magisk64 resetprop daemonsu ksud apd .su zygisk lspd; do if [ -e "$d/$n" ]; then echo "$d/$n"; fi; done; done',
    ['root binaries', 'a rooted phone’s tools, by name'],
    { origin: 'root-binaries' },
  ),
  shellItem(
    { id: 'iphonesubinfo', artefact: 'iphonesubinfo.txt', kind: 'iphonesubinfo' },
    [
      // From Android 5.1 on 1 is getDeviceId, 3 getDeviceIdForPhone, 4 getImeiForSubscriber. Before, 3 is the subscriber's number: not ours to read.
      {
        since: 30,
        script:
          'for c in "1 s16 com.android.shell" "3 i32 0 s16 com.android.shell" "3 i32 1 s16 com.android.shell" "4 i32 1 s16 com.android.shell" "4 i32 2 s16 com.android.shell"; do echo "$N $c"; service call iphonesubinfo $c; done',
      },
      {
        since: 22,
        script:
          'for c in "1 s16 com.android.shell" "3 i32 0 s16 com.android.shell" "3 i32 1 s16 com.android.shell"; do echo "$N $c"; service call iphonesubinfo $c; done',
      },
      { script: 'for c in "1"; do echo "$N $c"; service call iphonesubinfo $c; done' },
    ],
    ['IMEI', 'the identity that the telephony service tells'],
    { origin: 'service call iphonesubinfo' },
  ),
];
