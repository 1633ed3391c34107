/**
 * What answers before Android: on a cable, or behind a bridge from its serial port to TCP (as ser2net makes one).
 * USB is untried on hardware: docs/untried.md.
 */
import { DeviceError, type RomLink, type RomUsb } from '../../acquire/index.ts';
import { ROM_PROTOCOLS, type RomProtocol } from '../../formats/rom/index.ts';
import { connectTcp, socketReader } from './adb/tcp-link.ts';
import { descriptorsOf, usbPhones } from './usb.ts';

const CONNECT_MS = 5000;
/** One transfer; a boot ROM's is shorter. */
const TRANSFER = 16_384;

export interface OpenRom {
  readonly link: RomLink;
  readonly protocol: RomProtocol;
  readonly usb: RomUsb | undefined;
}

/** Opens `usb:` or `usb:SERIAL`, or `PROTOCOL:HOST:PORT` with mediatek, sahara or unisoc. @throws DeviceError */
export async function openRom(address: string): Promise<OpenRom> {
  const [, named, host, port] = /^(\w+):(.+):(\d{1,5})$/.exec(address) ?? [];
  const protocol = ROM_PROTOCOLS.find((one) => one === named);
  if (protocol !== undefined && host !== undefined) return { link: await tcpRom(host, Number(port)), protocol, usb: undefined };
  if (address !== '' && !address.startsWith('usb'))
    throw new DeviceError('not found', `a boot ROM is at usb:, or at ${ROM_PROTOCOLS.join(', ')} with :HOST:PORT; "${address}" is neither`);
  return usbRom(address.replace(/^usb:?/, ''));
}

async function usbRom(serial: string): Promise<OpenRom> {
  const found = (await usbPhones()).filter(({ rom, usb }) => rom !== undefined && (serial === '' || usb.serial === serial));
  const [phone] = found.toSorted((a, b) => Number(b.open !== undefined) - Number(a.open !== undefined));
  if (phone?.rom === undefined) throw new DeviceError('not found', 'nothing on the cable is in a download mode');
  if (phone.open === undefined || phone.rom.protocol === undefined)
    throw new DeviceError('refused', `${phone.rom.name} is on the cable; it offers no identity without a session that could write`);
  const pipe = await phone.open();
  return {
    protocol: phone.rom.protocol,
    usb: descriptorsOf(phone),
    link: {
      send: (bytes) => pipe.send(bytes),
      async receive() {
        // A transfer of nothing ends one that filled its last packet.
        for (;;) {
          const bytes = await pipe.receive(TRANSFER);
          if (bytes.length > 0) return bytes;
        }
      },
      close: () => pipe.close(),
    },
  };
}

async function tcpRom(host: string, port: number): Promise<RomLink> {
  const socket = await connectTcp(host, port, CONNECT_MS);
  const reader = socketReader(socket);
  return {
    async send(bytes) {
      socket.write(bytes);
    },
    async receive() {
      const bytes = await reader.some();
      if (bytes === undefined) throw new DeviceError('disconnected', 'it ended the connection');
      return bytes;
    },
    async close() {
      socket.destroy();
    },
  };
}
