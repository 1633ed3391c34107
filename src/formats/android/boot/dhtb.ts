/**
 * The header that Unisoc's (Spreadtrum's) and some of Samsung's tools put before a boot image. Source: topjohnwu/Magisk native/src/boot/bootimg.hpp, dhtb_hdr. Its checksum is not verified.
 *
 *     struct dhtb_hdr { char magic[8] ("DHTB\1\0\0\0"); u8 checksum[40]; u32 size; u8 unused[460]; };                                       512 bytes
 */
import { isBoot } from './boot.ts';

export const DHTB_HEADER = 512;
const MAGIC = [0x44, 0x48, 0x54, 0x42, 1, 0, 0, 0];

/** Whether bytes begin with the header and a boot image behind it; wants 520 of them. */
export const isDhtb = (start: Uint8Array): boolean =>
  MAGIC.every((value, index) => start[index] === value) && isBoot(start.subarray(DHTB_HEADER));
