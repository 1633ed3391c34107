/**
 * Phones by their USB descriptors while Android does not run. A descriptor is what the code at the other end says: recognised, never proof.
 * Sources: bkerler/mtkclient mtkclient/config/usb_ids.py; bkerler/edl edlclient/Config/usb_ids.py; linux usb.ids; Heimdall (Benjamin-Dobell/Heimdall BridgeManager.h); spd_dump.
 */
import type { RomProtocol } from '../../formats/rom/index.ts';

export interface UsbMode {
  readonly vendorId: number;
  readonly productId: number;
  /** As the `mode` of a USB descriptor. */
  readonly mode: 'brom' | 'preloader' | 'edl' | 'unisoc-download' | 'samsung-download' | 'crash-dump';
  readonly name: string;
  /** How to ask it who it is, where that is possible without writing. */
  readonly protocol: RomProtocol | undefined;
}

type Row = readonly [vendorId: number, productIds: readonly number[], mode: UsbMode['mode'], name: string, protocol?: RomProtocol];

const ROWS: readonly Row[] = [
  [0x0e8d, [0x0003], 'brom', 'MediaTek boot ROM', 'mediatek'],
  [0x0e8d, [0x2000, 0x2001, 0x201d, 0x20ff, 0x3000, 0x6000], 'preloader', 'MediaTek preloader', 'mediatek'],
  [0x1004, [0x6000], 'preloader', 'MediaTek preloader of LG', 'mediatek'],
  [0x22d9, [0x0006], 'preloader', 'MediaTek preloader of OPPO', 'mediatek'],
  [0x0fce, [0xf200, 0xd1e9, 0xd1e2, 0xd1ec, 0xd1dd], 'brom', 'MediaTek boot ROM of Sony', 'mediatek'],
  [0x05c6, [0x9008], 'edl', 'Qualcomm emergency download mode', 'sahara'],
  [0x0fce, [0x9dde, 0xade5, 0xaded], 'edl', 'Qualcomm emergency download mode of Sony', 'sahara'],
  // Sahara too, but it offers memory, not identity.
  [0x05c6, [0x900e], 'crash-dump', 'Qualcomm crash dump mode'],
  [0x1782, [0x4d00], 'unisoc-download', 'Unisoc download mode', 'unisoc'],
  // Samsung has this in place of fastboot; it offers no identity without a session that could flash.
  [0x04e8, [0x6601, 0x685d, 0x68c3], 'samsung-download', 'Samsung Download mode'],
];

export const USB_MODES: readonly UsbMode[] = ROWS.flatMap(([vendorId, productIds, mode, name, protocol]) =>
  productIds.map((productId): UsbMode => ({ vendorId, productId, mode, name, protocol })),
);

/** The mode of a descriptor, where it is one of those. */
export const usbModeOf = (vendorId: number, productId: number): UsbMode | undefined =>
  USB_MODES.find((mode) => mode.vendorId === vendorId && mode.productId === productId);
