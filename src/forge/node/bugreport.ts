/** A bug report as dumpstate writes it: the text, and the zip of Android 7 and later. Source: AOSP frameworks/native/cmds/dumpstate/dumpstate.cpp. */
import { dumpableServices, dumpService } from '../dumpsys.ts';
import { storedZip } from '../stored-zip.ts';
import { type Machine, stateOf } from './machine.ts';
import { PhoneFsError, SYSTEM } from './tree.ts';

const section = (title: string, command: string, body: string): string =>
  `------ ${title} (${command}) ------\n${body}${body.endsWith('\n') ? '' : '\n'}\n`;

/** The text of the report. */
export function bugreportText(machine: Machine): string {
  const { phone } = machine;
  const state = stateOf(machine);
  const property = (name: string) => machine.properties.get(name) ?? '(unknown)';
  const file = (path: string) => {
    try {
      return Buffer.from(machine.tree.read(path, SYSTEM)).toString('utf8');
    } catch (error) {
      if (error instanceof PhoneFsError) return `*** ${path}: ${error.message}\n`;
      throw error;
    }
  };
  const properties = [...machine.properties].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `[${key}]: [${value}]\n`);
  const head = [
    '========================================================',
    `== dumpstate: ${machine.localTime()}`,
    '========================================================',
    '',
    `Build: ${property('ro.build.display.id')}`,
    `Build fingerprint: '${property('ro.build.fingerprint')}'`,
    `Bootloader: ${property('ro.bootloader')}`,
    `Radio: ${property('gsm.version.baseband')}`,
    `Network: (unknown)`,
    `Kernel: ${file('/proc/version').trim()}`,
    'Command line: (unknown)',
    `Uptime: up 0 weeks, 0 days, ${Math.floor(machine.uptimeSeconds() / 3600)} hours`,
    '',
    '',
  ].join('\n');
  const ps = phone.processes
    .map((one) => `${one.label} ${one.user} ${one.pid} ${one.parent} ${one.vszKiB} ${one.rssKiB} 0 0 S ${one.name}\n`)
    .join('');
  const services = dumpableServices(state).map(
    (name) => `${'-'.repeat(79)}\nDUMP OF SERVICE ${name}:\n${dumpService(state, name) ?? ''}\n`,
  );
  const mounts = phone.mounts.map((one) => `${one.device} ${one.mountPoint} ${one.type} ${one.options.join(',')} 0 0\n`).join('');
  return [
    head,
    section('MEMORY INFO', '/proc/meminfo', file('/proc/meminfo')),
    section('CPU INFO', '/proc/cpuinfo', file('/proc/cpuinfo')),
    section('KERNEL LOG', 'dmesg', file('/proc/kmsg')),
    section('MOUNT INFO', '/proc/mounts', mounts),
    section('PROCESSES AND THREADS', 'ps -A -T -Z', `LABEL USER PID PPID VSZ RSS WCHAN ADDR S NAME\n${ps}`),
    section('SYSTEM LOG', 'logcat -v threadtime -d *:v', phone.logcat.join('\n')),
    section('SYSTEM PROPERTIES', 'getprop', properties.join('')),
    section('DUMPSYS', 'dumpsys', services.join('')),
    '========================================================\n== dumpstate: done\n========================================================\n',
  ].join('');
}

/** The zip: entry file, main entry, version. */
export function bugreportZip(machine: Machine): Uint8Array {
  const name = `bugreport-${machine.properties.get('ro.product.name') ?? 'phone'}-${machine.properties.get('ro.build.id') ?? 'X'}.txt`;
  return storedZip([
    { name: 'version.txt', bytes: Buffer.from('2.0') },
    { name, bytes: Buffer.from(bugreportText(machine)) },
    { name: 'main_entry.txt', bytes: Buffer.from(name) },
  ]);
}
