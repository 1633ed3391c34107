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

const row = (vendorId: number, productId: number, mode: UsbMode['mode'], name: string, protocol?: RomProtocol): UsbMode => ({
  vendorId,
  productId,
  mode,
  name,
  protocol,
});

export const USB_MODES: readonly UsbMode[] = [
  row(0x0e8d, 0x0003, 'brom', 'MediaTek boot ROM', 'mediatek'),
  ...[0x2000, 0x2001, 0x201d, 0x20ff, 0x3000, 0x6000].map((id) => row(0x0e8d, id, 'preloader', 'MediaTek preloader', 'mediatek')),
  row(0x1004, 0x6000, 'preloader', 'MediaTek preloader of LG', 'mediatek'),
  row(0x22d9, 0x0006, 'preloader', 'MediaTek preloader of OPPO', 'mediatek'),
  ...[0xf200, 0xd1e9, 0xd1e2, 0xd1ec, 0xd1dd].map((id) => row(0x0fce, id, 'brom', 'MediaTek boot ROM of Sony', 'mediatek')),
  row(0x05c6, 0x9008, 'edl', 'Qualcomm emergency download mode', 'sahara'),
  ...[0x9dde, 0xade5, 0xaded].map((id) => row(0x0fce, id, 'edl', 'Qualcomm emergency download mode of Sony', 'sahara')),
  // Sahara too, but it offers memory, not identity.
  row(0x05c6, 0x900e, 'crash-dump', 'Qualcomm crash dump mode'),
  row(0x1782, 0x4d00, 'unisoc-download', 'Unisoc download mode', 'unisoc'),
  // Samsung has this in place of fastboot; it offers no identity without a session that could flash.
  ...[0x6601, 0x685d, 0x68c3].map((id) => row(0x04e8, id, 'samsung-download', 'Samsung Download mode')),
];

/** The mode of a descriptor, where it is one of those. */
export const usbModeOf = (vendorId: number, productId: number): UsbMode | undefined =>
  USB_MODES.find((mode) => mode.vendorId === vendorId && mode.productId === productId);
