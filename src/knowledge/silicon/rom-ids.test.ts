import { expect, test } from 'vitest';
import { socs } from './index.ts';
import { brandsOfOem, isOpenKeyHash, mediatekChipOf, qualcommChipOf } from './rom-ids.ts';
import { USB_MODES, usbModeOf } from './usb-modes.ts';

test('numbers of boot ROMs lead to rows of the table', () => {
  expect(mediatekChipOf(0x6592, socs).socs.map(({ id }) => id)).toEqual(['MT6592']);
  expect(qualcommChipOf(0x6b10e1, socs).socs.map(({ id }) => id)).toContain('MSM8974AC');
  expect(qualcommChipOf(0x08b0e1, socs).socs.map(({ id }) => id)).toEqual(['SDM845']);
});

test('a number that nobody knows names the maker of the protocol and no chip', () => {
  expect(mediatekChipOf(0x4242, socs)).toEqual({ vendor: 'mediatek', name: undefined, socs: [] });
  expect(qualcommChipOf(0x424242, socs)).toEqual({ vendor: 'qualcomm', name: undefined, socs: [] });
});

test('makers and keys of the fuses', () => {
  expect(brandsOfOem(0x72)).toContain('xiaomi');
  expect(brandsOfOem(0)).toBeUndefined();
  expect(isOpenKeyHash('00'.repeat(32))).toBe(true);
  expect(isOpenKeyHash('cc3153a80293939b90d02d3bf8b23e0292e452fef662c74998421adad42a380f')).toBe(true);
  expect(isOpenKeyHash('ab'.repeat(32))).toBe(false);
});

test('descriptors are each of one mode; Samsung has no identity to offer', () => {
  expect(new Set(USB_MODES.map(({ vendorId, productId }) => `${vendorId}:${productId}`)).size).toBe(USB_MODES.length);
  expect(usbModeOf(0x05c6, 0x9008)).toMatchObject({ mode: 'edl', protocol: 'sahara' });
  expect(usbModeOf(0x0e8d, 0x0003)).toMatchObject({ mode: 'brom', protocol: 'mediatek' });
  expect(usbModeOf(0x04e8, 0x685d)).toMatchObject({ mode: 'samsung-download', protocol: undefined });
  expect(usbModeOf(0x18d1, 0x4ee7)).toBeUndefined();
});
