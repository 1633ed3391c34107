/**
 * USB directly, through the optional package `usb`. No package, no bus, no right to open: then there is no phone, which is no error.
 * Untried on hardware: docs/untried/usb-adb.md.
 * Source: AOSP packages/modules/adb (interface class 0xff, subclass 0x42, protocol 1), system/core/fastboot (protocol 3); boot ROMs: knowledge/silicon/usb-modes.ts.
 */
import type { DeviceAbout, RomUsb } from '../../acquire/index.ts';
import { DeviceError } from '../../acquire/index.ts';
import type { RomProtocol } from '../../formats/rom/index.ts';
import { type UsbMode, usbModeOf } from '../../knowledge/index.ts';
import type { ByteLink } from './adb/packet-link.ts';

const CLASS = 0xff;
const SUBCLASS = 0x42;
const ADB = 1;
const FASTBOOT = 3;
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
  controlTransferOut(setup: {
    readonly requestType: 'class';
    readonly recipient: 'interface';
    readonly request: number;
    readonly value: number;
    readonly index: number;
  }): Promise<unknown>;
}
interface WebUsbInterface {
  readonly interfaceNumber: number;
  readonly alternates: readonly {
    readonly interfaceClass: number;
    readonly interfaceSubclass: number;
    readonly interfaceProtocol: number;
    readonly endpoints: readonly {
      readonly endpointNumber: number;
      readonly direction: 'in' | 'out';
      readonly type?: string;
      readonly packetSize: number;
    }[];
  }[];
}

/** A phone on a cable. */
export interface UsbPhone {
  readonly usb: NonNullable<DeviceAbout['usb']>;
  /** A mode before Android that its descriptor names; undefined for adb and fastboot. */
  readonly rom: UsbMode | undefined;
  /** Undefined where nothing on it speaks adb, fastboot or a boot ROM's protocol. */
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
  const alternates = device.configurations.flatMap(({ configurationValue, interfaces }) =>
    interfaces.flatMap((one) => one.alternates.map((alternate) => ({ configurationValue, number: one.interfaceNumber, alternate }))),
  );
  // What speaks adb or fastboot is no boot ROM, whatever number it took.
  const spoken = alternates.find(
    ({ alternate }) =>
      alternate.interfaceClass === CLASS &&
      alternate.interfaceSubclass === SUBCLASS &&
      [ADB, FASTBOOT].includes(alternate.interfaceProtocol),
  );
  const rom = spoken === undefined ? usbModeOf(device.vendorId, device.productId) : undefined;
  if (spoken === undefined && rom === undefined) return undefined;
  const found = spoken ?? (rom?.protocol === undefined ? undefined : alternates.find(({ alternate }) => isSerial(alternate)));
  const mode = rom?.mode ?? (spoken?.alternate.interfaceProtocol === FASTBOOT ? 'fastboot' : 'android');
  return {
    usb: {
      vendorId: device.vendorId,
      productId: device.productId,
      manufacturer: device.manufacturerName ?? undefined,
      product: device.productName ?? undefined,
      serial: device.serialNumber ?? undefined,
      mode,
    },
    rom,
    open:
      found === undefined ? undefined : () => openPipe(device, found, rom?.protocol === undefined ? undefined : LINE_STATE[rom.protocol]),
  };
}

/** Two bulk endpoints: all that a boot ROM's serial port has. */
const isSerial = ({ endpoints }: WebUsbInterface['alternates'][number]) =>
  (['in', 'out'] as const).every((way) => endpoints.some(({ direction, type }) => direction === way && type !== 'interrupt'));

/**
 * SET_CONTROL_LINE_STATE (CDC PSTN 1.20, 6.3.14) by which a serial port is told that somebody listens: MediaTek's wants both lines, Unisoc's a value of its own.
 * It sets lines of the port, and writes nothing.
 */
const LINE_STATE: Readonly<Record<RomProtocol, number | undefined>> = { mediatek: 3, unisoc: 0x601, sahara: undefined };
const SET_CONTROL_LINE_STATE = 0x22;

async function openPipe(
  device: WebUsbDevice,
  {
    configurationValue,
    number,
    alternate,
  }: { readonly configurationValue: number; readonly number: number; readonly alternate: WebUsbInterface['alternates'][number] },
  lineState?: number,
): Promise<UsbPipe> {
  const input = alternate.endpoints.find(({ direction, type }) => direction === 'in' && type !== 'interrupt');
  const output = alternate.endpoints.find(({ direction, type }) => direction === 'out' && type !== 'interrupt');
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
  if (lineState !== undefined)
    await device
      .controlTransferOut({ requestType: 'class', recipient: 'interface', request: SET_CONTROL_LINE_STATE, value: lineState, index: 0 })
      // Ports that know no lines refuse it and answer all the same.
      .catch(() => undefined);
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

/** What the descriptors of a phone say, as a capture keeps it. */
export function descriptorsOf({ usb }: Pick<UsbPhone, 'usb'>): RomUsb {
  const { manufacturer, product, serial, ...ids } = usb;
  return { ...ids, manufacturer: manufacturer ?? null, product: product ?? null, serial: serial ?? null };
}
