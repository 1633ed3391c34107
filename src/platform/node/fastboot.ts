/**
 * Fastboot over TCP and USB. USB is untried on hardware: docs/untried/usb-adb.md.
 * Source: AOSP system/core/fastboot/README.md, "TCP Protocol v1": `FB01` both ways, then each message behind its length of eight bytes, big endian.
 */
import { DeviceError, FASTBOOT_ANSWER_MAX, type FastbootLink } from '../../acquire/index.ts';
import { connectTcp, socketReader } from './adb/tcp-link.ts';
import { descriptorsOf, usbPhones } from './usb.ts';

const PORT = 5554;
const CONNECT_MS = 5000;

/** Opens fastboot at `HOST[:PORT]` or `usb:SERIAL`. @throws DeviceError */
export function openFastboot(address: string): Promise<FastbootLink> {
  if (address.startsWith('usb:')) return openUsbFastboot(address.slice(4));
  const [, host = address, port] = /^(.+?)(?::(\d{1,5}))?$/.exec(address) ?? [];
  return openTcpFastboot(host, port === undefined ? PORT : Number(port));
}

async function openTcpFastboot(host: string, port: number): Promise<FastbootLink> {
  const socket = await connectTcp(host, port, CONNECT_MS);
  const reader = socketReader(socket);
  const limit = setTimeout(() => socket.destroy(), CONNECT_MS);
  socket.write('FB01');
  const greeting = await reader.exactly(4);
  clearTimeout(limit);
  const said = Buffer.from(greeting ?? []).toString('latin1');
  if (!/^FB\d\d$/.test(said)) {
    socket.destroy();
    throw new DeviceError('not found', `what answers at ${host}:${port} does not speak fastboot`);
  }
  return {
    async send(bytes) {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(bytes.length));
      socket.write(Buffer.concat([length, bytes]));
    },
    async receive() {
      const header = await reader.exactly(8);
      if (header === undefined) throw new DeviceError('disconnected', 'the phone ended the connection');
      const length = Buffer.from(header).readBigUInt64BE();
      if (length > BigInt(FASTBOOT_ANSWER_MAX))
        throw new DeviceError('lied', `an answer of ${length} bytes, and ${FASTBOOT_ANSWER_MAX} is the most there is`);
      const bytes = await reader.exactly(Number(length));
      if (bytes === undefined) throw new DeviceError('disconnected', 'the connection ended inside an answer');
      return bytes;
    },
    async close() {
      socket.destroy();
    },
  };
}

async function openUsbFastboot(serial: string): Promise<FastbootLink> {
  const phone = (await usbPhones()).find(
    ({ usb, open }) => open !== undefined && usb.mode === 'fastboot' && (serial === '' || usb.serial === serial),
  );
  if (phone?.open === undefined) throw new DeviceError('not found', 'no phone in fastboot mode is on the cable');
  const pipe = await phone.open();
  return {
    usb: descriptorsOf(phone),
    send: (bytes) => pipe.send(bytes),
    receive: () => pipe.receive(FASTBOOT_ANSWER_MAX),
    close: () => pipe.close(),
  };
}
