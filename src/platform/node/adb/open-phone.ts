/** Finding and opening phones, by whatever way there is. */
import { DeviceError, type DevicePort } from '../../../acquire/index.ts';
import { configFolder } from '../config-folder.ts';
import { usbLink, usbPhones } from '../usb.ts';
import { openDaemonPhone } from './daemon-phone.ts';
import { ownKey } from './keys.ts';
import { openServerPhone, serverPhones } from './server.ts';
import { connectTcp, tcpLink } from './tcp-link.ts';

/** A phone that could be opened. */
export interface FoundPhone {
  /** What to give to `openPhone`. */
  readonly address: string;
  readonly transport: 'usb' | 'server';
  /** As in `device`, `unauthorized`, `fastboot`, `edl`. */
  readonly state: string;
  readonly model: string | undefined;
}

export interface OpenOptions {
  /** Environment for the adb server's address and our own folder; default: the process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called when the phone asks its owner to allow us. */
  readonly onPrompt?: () => void;
  /** Start an installed adb server where none runs; default yes. */
  readonly startServer?: boolean;
}

const CONNECT_MS = 5000;

/** Phones behind the adb server and on our own cables. A phone that the server holds is listed once, as the server's. */
export async function listPhones(options: OpenOptions = {}): Promise<readonly FoundPhone[]> {
  const env = options.env ?? process.env;
  const served = await serverPhones(env, options.startServer ?? true);
  const found: FoundPhone[] = served.map(({ serial, state, model }) => ({ address: serial, transport: 'server', state, model }));
  for (const { usb, rom } of await usbPhones()) {
    if (usb.serial !== undefined && found.some(({ address }) => address === usb.serial)) continue;
    found.push({
      address: `usb:${usb.serial ?? ''}`,
      transport: 'usb',
      state: usb.mode === 'android' ? 'device' : usb.mode,
      model: rom?.name ?? usb.product,
    });
  }
  return found;
}

/**
 * Opens a phone: `HOST:PORT` directly over TCP, `usb:SERIAL` directly over USB, `server:SERIAL` or any other text by the serial number that the adb server lists.
 * Without an address: the only phone there is. A phone that wants TLS is opened through the server, where that has paired with it. @throws DeviceError
 */
export async function openPhone(address: string | undefined, options: OpenOptions = {}): Promise<DevicePort> {
  const env = options.env ?? process.env;
  const onPrompt = options.onPrompt ?? (() => undefined);
  if (address === undefined) return openOnly(options);
  if (address.startsWith('usb:')) return openUsb(address.slice(4), env, onPrompt);
  const named = address.startsWith('server:') ? address.slice('server:'.length) : address;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (named !== address || host === undefined || port === undefined) return openServed(named, env, options.startServer ?? true);
  const { key } = await ownKey(configFolder(env));
  const at = host.replace(/^\[(.*)\]$/, '$1');
  try {
    return await openDaemonPhone({
      transport: 'tcp',
      address,
      key,
      onPrompt,
      link: async () => tcpLink(await connectTcp(at, Number(port), CONNECT_MS)),
    });
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== 'tls') throw error;
    if (!(await serverPhones(env, false)).some(({ serial }) => serial === address)) throw error;
    return openServed(address, env, false);
  }
}

async function openOnly(options: OpenOptions): Promise<DevicePort> {
  const [only, second, ...more] = await listPhones(options);
  if (only === undefined) throw new DeviceError('not found', 'no phone is plugged in');
  if (second !== undefined) {
    const names = [only, second, ...more].map(({ address }) => address);
    throw new DeviceError('not found', `${names.length} phones are there: name one of ${names.join(', ')}`);
  }
  return openPhone(only.transport === 'server' ? `server:${only.address}` : only.address, options);
}

async function openServed(serial: string, env: NodeJS.ProcessEnv, start: boolean): Promise<DevicePort> {
  const served = await serverPhones(env, start);
  const phone = served.find((one) => one.serial === serial);
  if (phone !== undefined) return openServerPhone(env, phone);
  const names = served.map((one) => one.serial).join(', ');
  throw new DeviceError('not found', `no phone ${JSON.stringify(serial)}; there are: ${names === '' ? 'none' : names}`);
}

async function openUsb(serial: string, env: NodeJS.ProcessEnv, onPrompt: () => void): Promise<DevicePort> {
  const find = async () =>
    (await usbPhones()).find(({ usb, open }) => open !== undefined && usb.mode === 'android' && (serial === '' || usb.serial === serial));
  const phone = await find();
  if (phone?.open === undefined) throw new DeviceError('not found', 'no such phone on the cable');
  const { key } = await ownKey(configFolder(env));
  return openDaemonPhone({
    transport: 'usb',
    address: `usb:${phone.usb.serial ?? ''}`,
    key,
    onPrompt,
    usb: phone.usb,
    link: async () => {
      const again = await find();
      if (again?.open === undefined) throw new DeviceError('disconnected', 'the phone left the cable');
      return usbLink(await again.open());
    },
  });
}
