/** Programs that tell of the kernel, of users and of processes. */
import type { Call, Program } from '../shell/call.ts';
import { PhoneFsError, SYSTEM } from '../tree.ts';
import { userName } from './names.ts';
import { optionsOf } from './text.ts';

const SHELL_GROUPS = [1004, 1007, 1011, 1015, 1028, 3001, 3002, 3003, 3006, 3009, 3011];

const id: Program = async ({ args, actor, machine, out }) => {
  const { shell, sdk } = machine.phone;
  const { flags } = optionsOf(args);
  if (flags.has('u')) {
    await out(`${flags.has('n') ? userName(actor.uid) : actor.uid}\n`);
    return 0;
  }
  const named = (value: number) => `${value}(${userName(value)})`;
  const groups = actor.uid === 0 ? [0] : [actor.uid, ...SHELL_GROUPS.filter((group) => group < 3009 || sdk >= 24)];
  const context = actor.uid === 0 && machine.phone.adb.runsAs !== 'root' ? 'u:r:su:s0' : shell.context;
  const list = shell.box === 'toolbox' ? groups.slice(1) : groups;
  await out(
    `uid=${named(actor.uid)} gid=${named(actor.uid)} groups=${list.map(named).join(',')}${flags.has('Z') || machine.phone.selinux !== 'Disabled' ? ` context=${context}` : ''}\n`,
  );
  return 0;
};

const uname: Program = async ({ args, machine, out }) => {
  const { release, version, machine: architecture } = machine.phone.kernel;
  const all = args.some((arg) => /^-\w*a/.test(arg));
  const { flags } = optionsOf(args);
  const fields = [
    ...(all || flags.has('s') || flags.size === 0 ? ['Linux'] : []),
    ...(all || flags.has('n') ? ['localhost'] : []),
    ...(all || flags.has('r') ? [release] : []),
    ...(all || flags.has('v') ? [version] : []),
    ...(all || flags.has('m') ? [architecture] : []),
    ...(all && machine.phone.sdk >= 30 ? ['Toybox'] : []),
  ];
  await out(`${fields.join(' ')}\n`);
  return 0;
};

const ps: Program = async ({ args, machine, out, actor }) => {
  const { phone } = machine;
  const { flags } = optionsOf(args, 'op');
  const { processes } = phone;
  if (phone.shell.box === 'toolbox') {
    // Android 4.4 toolbox/ps.c; -Z has columns of its own.
    if (flags.has('Z')) {
      await out(`LABEL                          USER     PID   PPID  NAME\n`);
      for (const one of processes)
        await out(
          `${one.label.padEnd(30)} ${one.user.padEnd(8)}  ${String(one.pid).padEnd(5)} ${String(one.parent).padEnd(5)} ${one.name}\n`,
        );
      return 0;
    }
    await out('USER     PID   PPID  VSIZE  RSS     WCHAN    PC         NAME\n');
    for (const one of processes) {
      await out(
        `${one.user.padEnd(9)} ${String(one.pid).padEnd(5)} ${String(one.parent).padEnd(5)} ${String(one.vszKiB).padEnd(6)} ${String(one.rssKiB).padEnd(5)} ffffffff 00000000 S ${one.name}\n`,
      );
    }
    return 0;
  }
  const all = flags.has('A') || flags.has('e') || flags.has('a');
  const shown = all ? processes : processes.filter((one) => one.user === userName(actor.uid));
  const columns = flags.get('o');
  if (columns !== undefined) {
    const names = columns.split(',');
    await out(`${names.join(' ').toUpperCase()}\n`);
    for (const one of shown) await out(`${names.map((name) => column(one, name)).join(' ')}\n`);
    return 0;
  }
  const label = flags.has('Z') ? `${'LABEL'.padEnd(30)} ` : '';
  await out(`${label}USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME                       \n`);
  for (const one of shown) {
    const row = `${one.user.padEnd(12)} ${String(one.pid).padStart(5)} ${String(one.parent).padStart(5)} ${String(one.vszKiB).padStart(7)} ${String(one.rssKiB).padStart(6)} 0                   0 S ${one.name.padEnd(27)}\n`;
    await out(flags.has('Z') ? `${one.label.padEnd(30)} ${row}` : row);
  }
  return 0;
};

function column(process: Call['machine']['phone']['processes'][number], name: string): string {
  switch (name.toUpperCase()) {
    case 'PID':
      return String(process.pid);
    case 'PPID':
      return String(process.parent);
    case 'USER':
      return process.user;
    case 'LABEL':
      return process.label;
    case 'ARGS':
    case 'CMDLINE':
      return process.commandLine ?? process.name;
    default:
      return process.name;
  }
}

const df: Program = async ({ args, machine, out }) => {
  const { phone } = machine;
  const paths = args.filter((arg) => !arg.startsWith('-'));
  const mounts = phone.mounts.filter(
    (one) => one.sizeBytes > 0 && (paths.length === 0 || paths.some((path) => machine.tree.fileSystem(path, SYSTEM) === one)),
  );
  if (phone.shell.box === 'toolbox') {
    const unit = (bytes: number) =>
      bytes >= 1 << 30
        ? `${(bytes / (1 << 30)).toFixed(1)}G`
        : bytes >= 1 << 20
          ? `${(bytes / (1 << 20)).toFixed(1)}M`
          : `${(bytes / 1024).toFixed(1)}K`;
    await out('Filesystem               Size     Used     Free   Blksize\n');
    for (const one of mounts) {
      await out(
        `${one.mountPoint.padEnd(20)} ${unit(one.sizeBytes).padStart(8)} ${unit(one.usedBytes).padStart(8)} ${unit(one.sizeBytes - one.usedBytes).padStart(8)}   4096\n`,
      );
    }
    return 0;
  }
  const rows = mounts.map((one) => {
    const [size, used] = [Math.floor(one.sizeBytes / 1024), Math.floor(one.usedBytes / 1024)];
    return [
      one.device,
      String(size),
      String(used),
      String(size - used),
      `${Math.ceil((used * 100) / Math.max(size, 1))}%`,
      one.mountPoint,
    ] as const;
  });
  const head = ['Filesystem', '1K-blocks', 'Used', 'Available', 'Use%', 'Mounted on'] as const;
  const width = (at: 0 | 1 | 2 | 3) => Math.max(head[at].length, ...rows.map((row) => row[at].length));
  const widths = [width(0), width(1), width(2), width(3)] as const;
  for (const row of [head, ...rows]) {
    await out(
      `${row[0].padEnd(widths[0])} ${row[1].padStart(widths[1])} ${row[2].padStart(widths[2])} ${row[3].padStart(widths[3])} ${row[4].padStart(4)} ${row[5]}\n`,
    );
  }
  return 0;
};

const mount: Program = async ({ args, machine, out, err, actor }) => {
  const { phone } = machine;
  if (args.length > 0 && actor.uid !== 0) {
    await err('mount: Operation not permitted\n');
    return 1;
  }
  const lines = phone.mounts.map((one) =>
    phone.shell.box === 'toolbox'
      ? `${one.device} ${one.mountPoint} ${one.type} ${one.options.join(',')} 0 0\n`
      : `${one.device} on ${one.mountPoint} type ${one.type} (${one.options.join(',')})\n`,
  );
  await out(lines.join(''));
  return 0;
};

const clockText = (seconds: number): string =>
  [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');

const fileLines = (call: Call, path: string): string => {
  try {
    return Buffer.from(call.machine.tree.read(path, SYSTEM)).toString('utf8');
  } catch (error) {
    if (error instanceof PhoneFsError) return '';
    throw error;
  }
};

const dmesg: Program = async (call) => {
  if (call.machine.phone.sdk >= 26 && call.actor.uid !== 0) {
    await call.err('dmesg: klogctl: Permission denied\n');
    return 1;
  }
  await call.out(fileLines(call, '/proc/kmsg'));
  return 0;
};

const su: Program = async (call) => {
  const { machine, err, signal } = call;
  const { su: behaviour } = machine.phone.shell;
  if (behaviour === 'absent') {
    await err('/system/bin/sh: su: not found\n');
    return 127;
  }
  if (behaviour === 'denies') {
    await err('Permission denied\n');
    return 1;
  }
  if (behaviour === 'asks') {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    return 1;
  }
  const at = call.args.indexOf('-c');
  const command =
    at >= 0 ? call.args.slice(at + 1).join(' ') : call.args[0] === '0' || call.args[0] === 'root' ? call.args.slice(1).join(' ') : '';
  return call.shell(command === '' ? (await call.stdin.all()).toString('utf8') : command, { uid: 0, domain: 'system' });
};

export const kernelPrograms: Readonly<Record<string, Program>> = {
  id,
  whoami: async ({ actor, out }) => {
    await out(`${userName(actor.uid)}\n`);
    return 0;
  },
  uname,
  ps,
  df,
  mount,
  dmesg,
  su,
  uptime: async ({ machine, out }) => {
    await out(`up time: ${clockText(machine.uptimeSeconds())}, idle time: 00:00:00, sleep time: 00:00:00\n`);
    return 0;
  },
  free: async (call) => {
    await call.out(fileLines(call, '/proc/meminfo').split('\n').slice(0, 3).join('\n'));
    return 0;
  },
  lsmod: async (call) => {
    const lines = fileLines(call, '/proc/modules')
      .split('\n')
      .filter((line) => line !== '');
    await call.out(`Module                  Size  Used by\n${lines.map((line) => `${line.split(' ').slice(0, 3).join(' ')}\n`).join('')}`);
    return 0;
  },
  ip: async ({ machine, out }) => {
    await out(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    link/loopback 00:00:00:00:00:00\n2: wlan0: <BROADCAST,MULTICAST> mtu 1500\n    link/ether ${machine.phone.identifiers.wifiMac} brd ff:ff:ff:ff:ff:ff\n`,
    );
    return 0;
  },
  ifconfig: async ({ machine, out }) => {
    await out(`wlan0     Link encap:Ethernet  HWaddr ${machine.phone.identifiers.wifiMac}\n`);
    return 0;
  },
  /** The multiplexer by its own name: `toybox stat …`. */
  toybox: async (call) => {
    const [name, ...rest] = call.args;
    if (name === undefined) {
      await call.out(`${call.machine.phone.shell.applets.join(' ')}\n`);
      return 0;
    }
    if (name === '--version') {
      await call.out('toybox 0.8.6-android\n');
      return 0;
    }
    if (!call.machine.phone.shell.applets.includes(name)) {
      await call.err(`toybox: Unknown command ${name}\n`);
      return 127;
    }
    return call.run([`/system/bin/${name}`, ...rest], call.stdin);
  },
  toolbox: async (call) => {
    const [name, ...rest] = call.args;
    if (name === undefined) {
      await call.err('Toolbox!\n');
      return 0;
    }
    if (!call.machine.phone.shell.applets.includes(name)) {
      await call.err(`${name}: no such tool\n`);
      return 255;
    }
    return call.run([`/system/bin/${name}`, ...rest], call.stdin);
  },
};
