/**
 * What a file of a ramdisk is, by what is in it: its name is the first thing that somebody changes.
 * Sources: AOSP system/core/init first_stage_init.cpp and init.cpp (what init writes into the log when it starts, since Android 6), ELF e_type, Linux include/linux/vermagic.h.
 */
import { type CodecPort, FormatError } from '../../bytes/index.ts';
import type { RamdiskRole } from '../../evidence/index.ts';
import { findText, unpackRamdisk } from '../../formats/android/index.ts';

/** An init has 2 MiB at most, Magisk's programs less. */
const FILE_MAX = 16 << 20;
/** What may be unpacked of one ramdisk besides itself. */
const BUDGET = 64 << 20;
const STARTED = ['init first stage started!', 'init second stage started!', 'init%s started!'];
const LINK_TO_INIT = /^\/?system\/bin\/init$/;
const RELOCATABLE = 1;

/** Tells what files are; unpacks no more than a budget, so that a hostile ramdisk costs little. */
export function ramdiskRoles(codec: CodecPort): (data: Uint8Array) => Promise<RamdiskRole | null> {
  let left = BUDGET;
  return async (data) => {
    const plain = roleOf(data);
    if (plain !== null || !isPacked(data) || left <= 0) return plain;
    try {
      const unpacked = await unpackRamdisk(data, codec, Math.min(FILE_MAX, left));
      left -= unpacked.length;
      return roleOf(unpacked);
    } catch (error) {
      // It is packed some other way, or is larger than any program: nothing that can be told.
      if (!(error instanceof FormatError)) throw error;
      left -= FILE_MAX;
      return null;
    }
  };
}

/** What a link is. */
export const roleOfLink = (target: string): RamdiskRole | null => (LINK_TO_INIT.test(target) ? 'init' : null);

const startsWith = (data: Uint8Array, ...magic: readonly number[]) => magic.every((byte, index) => data[index] === byte);

/** Whether a file begins as a packed one. */
export const isPacked = (data: Uint8Array): boolean =>
  startsWith(data, 0xfd, 0x37, 0x7a, 0x58, 0x5a) ||
  startsWith(data, 0x1f, 0x8b) ||
  startsWith(data, 0x28, 0xb5, 0x2f, 0xfd) ||
  startsWith(data, 0x42, 0x5a, 0x68) ||
  startsWith(data, 0x02, 0x21, 0x4c, 0x18);

/** Whether a file is a program, library or module. */
export const isElf = (data: Uint8Array): boolean => startsWith(data, 0x7f, 0x45, 0x4c, 0x46);

function roleOf(data: Uint8Array): RamdiskRole | null {
  if (!isElf(data) || data.length < 20) return null;
  const has = (text: string) => findText(data, text, 0) >= 0;
  const type = data[5] === 2 ? data[17] : data[16];
  if (type === RELOCATABLE) return has('vermagic=') ? 'kernel module' : null;
  // Android 7 and 8 put the line together from pieces.
  return STARTED.some(has) || (has('/init.rc') && has(' started!')) ? 'init' : 'program';
}
