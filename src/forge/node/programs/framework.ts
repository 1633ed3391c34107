/** Programs of the framework, answering from the phone's data. */
import { dumpableServices, dumpService } from '../../dumpsys.ts';
import { getEvents, listHals } from '../../dumpsys-hardware.ts';
import { bugreportText, bugreportZip } from '../bugreport.ts';
import { type Machine, stateOf } from '../machine.ts';
import type { Call, Program } from '../shell/call.ts';
import { SYSTEM } from '../tree.ts';
import { packageManager } from './packages.ts';

const says =
  (answer: (call: Call) => string): Program =>
  async (call) => {
    await call.out(answer(call));
    return 0;
  };

const getprop: Program = async ({ args, machine, out }) => {
  const [name, fallback = ''] = args.filter((arg) => !/^-[ZT]$/.test(arg));
  if (name !== undefined) {
    await out(`${machine.properties.get(name) ?? fallback}\n`);
    return 0;
  }
  const lines = [...machine.properties].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `[${key}]: [${value}]\n`);
  await out(lines.join(''));
  return 0;
};

const setprop: Program = async ({ args, machine, actor, err }) => {
  const [key = '', value = ''] = args;
  if (actor.uid !== 0 && !/^(debug\.|persist\.sys\.|log\.|sys\.|perf\.drop_caches)/.test(key)) {
    await err(`setprop: failed to set property '${key}' to '${value}'\n`);
    return 1;
  }
  machine.properties.set(key, value);
  return 0;
};

const dumpsys: Program = async (call) => {
  const { machine, out, err } = call;
  const state = stateOf(machine);
  const args = [...call.args];
  let skip: readonly string[] = [];
  while (args[0]?.startsWith('-') === true) {
    const option = args.shift();
    if (option === '-l') {
      await out(
        `Currently running services:\n${dumpableServices(state)
          .map((name) => `  ${name}\n`)
          .join('')}`,
      );
      return 0;
    }
    if (option === '-t' || option === '-T' || option === '--priority') args.shift();
    if (option === '--skip') {
      skip = (args.join(',') || '').split(',');
      args.length = 0;
    }
  }
  const [service, ...rest] = args;
  if (service !== undefined) {
    const text = dumpService(state, service, rest);
    if (text === undefined) {
      await err(`Can't find service: ${service}\n`);
      return 0;
    }
    await out(text);
    return 0;
  }
  const names = dumpableServices(state);
  await out(`Currently running services:\n${names.map((name) => `  ${name}${skip.includes(name) ? ' (skipped)' : ''}\n`).join('')}`);
  for (const name of names) {
    if (skip.includes(name)) continue;
    await out(`${'-'.repeat(79)}\nDUMP OF SERVICE ${name}:\n${dumpService(state, name) ?? ''}`);
    if (machine.phone.sdk >= 26) await out(`--------- 0.003s was the duration of dumpsys ${name}, ending at: ${machine.localTime()}\n`);
  }
  return 0;
};

const service: Program = async ({ args, machine, out }) => {
  const { services, identifiers } = machine.phone;
  const [verb, name = '', code = ''] = args;
  if (verb === 'list') {
    await out(`Found ${services.length} services:\n${services.map((one, i) => `${i}\t${one.name}: [${one.interface}]\n`).join('')}`);
    return 0;
  }
  const found = services.find((one) => one.name === name);
  if (verb === 'check') {
    await out(`Service ${name}: ${found === undefined ? 'not found' : 'found'}\n`);
    return 0;
  }
  if (verb !== 'call') return 10;
  if (found === undefined) {
    await out(`service: Service ${name} does not exist\n`);
    return 0;
  }
  if (name === 'iphonesubinfo') {
    // 1 is the first IMEI; 3 and 4 take a slot or subscription as their first i32.
    const slot = code === '1' ? 0 : args[3] === 'i32' ? Number(args[4] ?? 0) - (code === '4' ? 1 : 0) : 0;
    const imei = identifiers.imeis[Math.max(slot, 0)];
    await out(parcel(imei));
    return 0;
  }
  await out("Result: Parcel(00000000    '....')\n");
  return 0;
};

/** A Parcel with a String16, as `service call` prints it. */
function parcel(value: string | undefined): string {
  const words = [0];
  if (value === undefined) words.push(0xffffffff);
  else {
    words.push(value.length);
    const padded = `${value}\0${value.length % 2 === 0 ? '\0' : ''}`;
    for (let i = 0; i < padded.length; i += 2) words.push(padded.charCodeAt(i) | ((padded.charCodeAt(i + 1) || 0) << 16));
  }
  if (words.length <= 4)
    return `Result: Parcel(${words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ')}    '........')\n`;
  const rows: string[] = [];
  for (let at = 0; at < words.length; at += 4) {
    const row = words.slice(at, at + 4);
    const hex = row.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ');
    const text = row
      .map((word) =>
        [0, 8, 16, 24]
          .map((shift) => (word >>> shift) & 255)
          .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
          .join(''),
      )
      .join('');
    rows.push(`  0x${(at * 4).toString(16).padStart(8, '0')}: ${hex.padEnd(35)} '${text}'`);
  }
  return `Result: Parcel(\n${rows.join('\n')})\n`;
}

const settings: Program = async ({ args, machine, out, err }) => {
  const rest = args[0] === '--user' ? args.slice(2) : args;
  const [verb = '', namespace = '', key = '', value = ''] = rest;
  const table = namespace === 'system' || namespace === 'secure' || namespace === 'global' ? machine.settings[namespace] : undefined;
  if (table === undefined || (verb === 'list' && machine.phone.sdk < 21)) {
    await err('Error: Invalid namespace or command\n');
    return 1;
  }
  if (verb === 'list')
    await out(
      [...table]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, held]) => `${name}=${held}\n`)
        .join(''),
    );
  else if (verb === 'get') await out(`${table.get(key) ?? 'null'}\n`);
  else if (verb === 'put') table.set(key, value);
  else if (verb === 'delete') await out(`Deleted ${table.delete(key) ? 1 : 0} rows\n`);
  return 0;
};

const wm: Program = async ({ args, machine, out }) => {
  const { display } = machine.phone;
  const [verb, value] = args;
  if (verb === 'size') {
    if (value === 'reset') machine.display.size = undefined;
    else if (value !== undefined) {
      const [width = 0, height = 0] = value.split('x').map(Number);
      machine.display.size = [width, height];
    } else {
      const override = machine.display.size;
      await out(
        `Physical size: ${display.width}x${display.height}\n${override === undefined ? '' : `Override size: ${override[0]}x${override[1]}\n`}`,
      );
    }
  } else if (verb === 'density') {
    if (value === 'reset') machine.display.density = undefined;
    else if (value !== undefined) machine.display.density = Number(value);
    else
      await out(
        `Physical density: ${display.density}\n${machine.display.density === undefined ? '' : `Override density: ${machine.display.density}\n`}`,
      );
  }
  return 0;
};

/** `cmd SERVICE …` of Android 7 and later. */
const cmd: Program = async (call) => {
  const [name = '', ...args] = call.args;
  const { machine, out, err } = call;
  if (name === '-l') {
    await out(
      `Currently running services:\n${dumpableServices(stateOf(machine))
        .map((one) => `  ${one}\n`)
        .join('')}`,
    );
    return 0;
  }
  const inner: Call = { ...call, args };
  switch (name) {
    case 'package':
      return packageManager({ ...inner, name: 'cmd' });
    case 'settings':
      return settings(inner);
    case 'window':
      return wm(inner);
    case 'gpu':
      await out(args[0] === 'vkjson' ? vulkan(machine) : '');
      return 0;
    case 'overlay':
      await out('');
      return 0;
    case 'activity':
      return am(inner);
    case 'stats':
    case 'appops':
    case 'role':
      return 0;
    default:
      await err(`cmd: Can't find service: ${name}\n`);
      return 20;
  }
};

const vulkan = ({ phone }: Machine): string =>
  `${JSON.stringify({ devices: [{ properties: { apiVersion: 4_198_400, driverVersion: 1, vendorID: vendorId(phone.gpu.vendor), deviceID: 1, deviceType: 1, deviceName: phone.gpu.renderer } }] }, null, 2)}\n`;
const vendorId = (vendor: string): number =>
  /qualcomm/i.test(vendor)
    ? 0x5143
    : /imagination/i.test(vendor)
      ? 0x1010
      : /arm/i.test(vendor)
        ? 0x13b5
        : /samsung/i.test(vendor)
          ? 0x144d
          : 0;

const am: Program = async ({ args, machine, out }) => {
  if (args[0] === 'get-current-user') await out('0\n');
  else if (args[0] === 'start') {
    const url = args.includes('android.intent.action.VIEW') ? args[args.indexOf('-d') + 1] : undefined;
    await out(
      `Starting: Intent { act=${url === undefined ? args.slice(1).join(' ') : 'android.intent.action.VIEW dat=http://localhost/...'} }\n`,
    );
    if (url !== undefined) {
      machine.viewed.push(url);
      machine.onView?.(url);
    }
  } else if (args[0] === 'get-config') await out(`config: en-rUS-ldltr-sw360dp-w360dp-h640dp-${machine.phone.display.density}dpi\n`);
  return 0;
};

const tradeinmode: Program = async ({ args, machine, out, err }) => {
  const [verb] = args;
  if (machine.phone.tradeInStatus === undefined) {
    await err('/system/bin/sh: tradeinmode: not found\n');
    return 127;
  }
  if (verb === 'getstatus') {
    await out(`${machine.phone.tradeInStatus}\n`);
    return 0;
  }
  if (verb === 'evaluate') {
    // On a real phone this reboots into evaluation mode and ends in a wipe: nobody may have called it.
    machine.tradeInEvaluations += 1;
    await out('Entering trade-in evaluation mode. Device will be wiped.\n');
    return 0;
  }
  await err('Usage: tradeinmode [getstatus | evaluate | poweroff | reboot | stop | start]\n');
  return 1;
};

const bugreportz: Program = async ({ args, machine, out, err }) => {
  if (args[0] === '-v') {
    await err(`${machine.phone.sdk >= 31 ? '1.2' : '1.1'}\n`);
    return 0;
  }
  if (args[0] === '-s') {
    await out(bugreportZip(machine));
    return 0;
  }
  const path = `/data/user_de/0/com.android.shell/files/bugreports/bugreport-${machine.properties.get('ro.product.name') ?? 'phone'}-${machine.properties.get('ro.build.id') ?? 'X'}.zip`;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const parts = folder.split('/').slice(1);
  for (let i = 1; i <= parts.length; i += 1) {
    const at = `/${parts.slice(0, i).join('/')}`;
    if (!machine.tree.exists(at, SYSTEM)) machine.tree.makeFolder(at, SYSTEM, 0o777);
  }
  machine.tree.write(path, bugreportZip(machine), { actor: SYSTEM, mode: 0o644, mtime: Math.floor(machine.nowMs() / 1000) });
  if (args[0] === '-p') await out(`BEGIN:${path}\nPROGRESS:50/100\nPROGRESS:100/100\n`);
  await out(`OK:${path}\n`);
  return 0;
};

const logcat: Program = async ({ args, machine, out, signal }) => {
  const { logcat: lines } = machine.phone;
  if (args.includes('-L')) {
    await out('');
    return 0;
  }
  const at = args.indexOf('-t');
  const shown = at < 0 ? lines : lines.slice(-Number(args[at + 1] ?? 1000));
  await out(`--------- beginning of main\n${shown.map((line) => `${line}\n`).join('')}`);
  if (!args.includes('-d') && at < 0 && !signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  return 0;
};

export const frameworkPrograms: Readonly<Record<string, Program>> = {
  getprop,
  setprop,
  dumpsys,
  service,
  settings,
  wm,
  cmd,
  am,
  pm: packageManager,
  tradeinmode,
  bugreportz,
  bugreport: says(({ machine }) => bugreportText(machine)),
  logcat,
  getevent: says(({ machine }) => getEvents(stateOf(machine))),
  lshal: says(({ machine }) => listHals(stateOf(machine))),
  getenforce: says(({ machine }) => `${machine.phone.selinux}\n`),
  setenforce: async ({ err }) => {
    await err("setenforce: Couldn't set enforcing status: Permission denied\n");
    return 1;
  },
  sm: says(({ args }) => (args[0] === 'list-volumes' ? 'private mounted null\nemulated mounted null\n' : '')),
  svc: () => 0,
  input: () => 0,
  bootctl: async ({ args, machine, out, err }) => {
    const slot = machine.properties.get('ro.boot.slot_suffix');
    if (slot === undefined || slot === '') {
      await err('Error: Failed to get boot control HAL\n');
      return 70;
    }
    if (args[0] === 'get-current-slot') await out(`${slot === '_a' ? 0 : 1}\n`);
    else if (args[0] === 'get-number-slots') await out('2\n');
    return 0;
  },
  update_engine_client: async ({ err }) => {
    await err('[ERROR] update_engine_client: permission denied\n');
    return 1;
  },
  snapshotctl: async ({ out }) => {
    await out('Update state: none\nUsing snapuserd: 0\n');
    return 0;
  },
  lpdump: async ({ machine, out, err }) => {
    const dump = machine.phone.dumpsys['lpdump'];
    if (dump === undefined) {
      await err('Failed to read metadata.\n');
      return 74;
    }
    await out(dump);
    return 0;
  },
};
