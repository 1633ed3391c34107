/**
 * USB directly, through the optional package `usb`. No package, no bus, no right to open: then there is no phone, which is no error.
 * Untried on hardware: docs/untried/usb-adb.md.
 * Source: AOSP packages/modules/adb (interface class 0xff, subclass 0x42, protocol 1), system/core/fastboot (protocol 3).
 */
import type { DeviceAbout } from '../../acquire/index.ts';
import { DeviceError } from '../../acquire/index.ts';
import type { ByteLink } from './adb/packet-link.ts';

const CLASS = 0xff;
const SUBCLASS = 0x42;
const ADB = 1;
const FASTBOOT = 3;
/** Vendor and product ids of boot ROMs and preloaders, which are phones that are not in Android. */
const ROM_MODES: readonly (readonly [vendor: number, product: number, mode: string])[] = [
  [0x05c6, 0x9008, 'edl'],
  [0x0e8d, 0x0003, 'brom'],
  [0x0e8d, 0x2000, 'preloader'],
  [0x0e8d, 0x2001, 'preloader'],
];

/** The part of WebUSB that is used; the package's own types are not needed to build without it. */
interface WebUsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturerName?: string | null;
  readonly productName?: string | null;
  readonly serialNumber?: string | null;
  readonly configuration?: { readonly interfaces: readonly WebUsbInterface[] } | null;
  readonly configurations: readonly { readonly configurationValue: number; readonly interfaces: readonly WebUsbInterface[] }[];
  open(): Promise<void>;
  close(): Promise<void>;
  selectConfiguration(value: number): Promise<void>;
  claimInterface(number: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void>;
  transferIn(endpoint: number, length: number): Promise<{ readonly status?: string; readonly data?: DataView | undefined }>;
  transferOut(endpoint: number, bytes: Uint8Array): Promise<{ readonly status?: string }>;
}
interface WebUsbInterface {
  readonly interfaceNumber: number;
  readonly alternates: readonly {
    readonly interfaceClass: number;
    readonly interfaceSubclass: number;
    readonly interfaceProtocol: number;
    readonly endpoints: readonly { readonly endpointNumber: number; readonly direction: 'in' | 'out'; readonly packetSize: number }[];
  }[];
}

/** A phone on a cable. */
export interface UsbPhone {
  readonly usb: NonNullable<DeviceAbout['usb']>;
  /** Undefined where nothing on it speaks adb or fastboot. */
  readonly open: (() => Promise<UsbPipe>) | undefined;
}

/** Two bulk endpoints. */
export interface UsbPipe {
  readonly packetSize: number;
  send(bytes: Uint8Array): Promise<void>;
  receive(length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Phones on the bus; empty where there is no bus. */
export async function usbPhones(): Promise<readonly UsbPhone[]> {
  const devices = await busDevices();
  return devices.flatMap((device) => phoneOf(device) ?? []);
}

async function busDevices(): Promise<readonly WebUsbDevice[]> {
  try {
    // The name is a value, so that the compiler does not want an optional package.
    const name = 'usb';
    const module = (await import(name)) as { readonly usb?: { getDevices(): Promise<readonly WebUsbDevice[]> } };
    return (await module.usb?.getDevices()) ?? [];
  } catch {
    return [];
  }
}

function phoneOf(device: WebUsbDevice): UsbPhone | undefined {
  const rom = ROM_MODES.find(([vendor, product]) => vendor === device.vendorId && product === device.productId)?.[2];
  const found = device.configurations
    .flatMap(({ configurationValue, interfaces }) =>
      interfaces.flatMap((one) => one.alternates.map((alternate) => ({ configurationValue, number: one.interfaceNumber, alternate }))),
    )
    .find(
      ({ alternate }) =>
        alternate.interfaceClass === CLASS &&
        alternate.interfaceSubclass === SUBCLASS &&
        [ADB, FASTBOOT].includes(alternate.interfaceProtocol),
    );
  if (found === undefined && rom === undefined) return undefined;
  const mode = rom ?? (found?.alternate.interfaceProtocol === FASTBOOT ? 'fastboot' : 'android');
  return {
    usb: {
      vendorId: device.vendorId,
      productId: device.productId,
      manufacturer: device.manufacturerName ?? undefined,
      product: device.productName ?? undefined,
      serial: device.serialNumber ?? undefined,
      mode,
    },
    open: found === undefined ? undefined : () => openPipe(device, found),
  };
}

async function openPipe(
  device: WebUsbDevice,
  {
    configurationValue,
    number,
    alternate,
  }: { readonly configurationValue: number; readonly number: number; readonly alternate: WebUsbInterface['alternates'][number] },
): Promise<UsbPipe> {
  const input = alternate.endpoints.find(({ direction }) => direction === 'in');
  const output = alternate.endpoints.find(({ direction }) => direction === 'out');
  if (input === undefined || output === undefined) throw new DeviceError('lied', 'the interface has not two endpoints');
  try {
    await device.open();
    if (device.configuration === null || device.configuration === undefined) await device.selectConfiguration(configurationValue);
    await device.claimInterface(number);
  } catch (error) {
    throw new DeviceError(
      'refused',
      `the cable is held by another program (an adb server?): ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return {
    packetSize: output.packetSize,
    async send(bytes) {
      const { status } = await device.transferOut(output.endpointNumber, bytes);
      if (status !== undefined && status !== 'ok') throw new DeviceError('disconnected', `USB says ${status}`);
    },
    async receive(length) {
      const { status, data } = await device.transferIn(input.endpointNumber, length);
      if ((status !== undefined && status !== 'ok') || data === undefined)
        throw new DeviceError('disconnected', `USB says ${status ?? 'nothing'}`);
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    },
    async close() {
      await device.close();
    },
  };
}

/** A cable as a link of adb packets: header and payload are transfers of their own, and a payload that fills the last packet is followed by an empty one. */
export function usbLink(pipe: UsbPipe): ByteLink {
  let closed = false;
  return {
    async read(length) {
      const pieces: Uint8Array[] = [];
      for (let left = length; left > 0; ) {
        if (closed) return undefined;
        const piece = await pipe.receive(left);
        if (piece.length > left) throw new DeviceError('lied', 'more bytes than asked for');
        pieces.push(piece);
        left -= piece.length;
      }
      return Buffer.concat(pieces);
    },
    async write(header, payload) {
      await pipe.send(header);
      if (payload.length === 0) return;
      await pipe.send(payload);
      if (payload.length % pipe.packetSize === 0) await pipe.send(new Uint8Array(0));
    },
    close() {
      closed = true;
      void pipe.close().catch(() => undefined);
    },
  };
}
