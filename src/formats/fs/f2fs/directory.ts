/**
 * Directories of F2FS. A large one is a table of hashes in levels of buckets; every block of every level is alike, so all of them are read and no hash is needed.
 *
 *   a block, or the inline area: bitmap of slots, reserved, struct f2fs_dir_entry { le32 hash_code, ino; le16 name_len; u8 file_type }[], u8 filename[][8]
 */
import type { FormatError } from '../../../bytes/index.ts';
import type { DirectoryEntry } from '../tree.ts';
import { refuse } from './layout.ts';

const ENTRY = 11;
const SLOT = 8;

/** Reads the entries of one block, which lies at `at`, into `entries`; what is wrong with one costs that one. */
export function readEntries(bytes: Uint8Array, at: number, entries: DirectoryEntry[], errors: FormatError[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // As many slots as fit with a bit each.
  const slots = Math.floor((bytes.length * 8) / ((ENTRY + SLOT) * 8 + 1));
  const namesAt = bytes.length - slots * SLOT;
  const entriesAt = namesAt - slots * ENTRY;
  const isUsed = (slot: number) => (((bytes[slot >>> 3] ?? 0) >>> (slot & 7)) & 1) === 1;
  for (let slot = 0; slot < slots; ) {
    if (!isUsed(slot)) {
      slot++;
      continue;
    }
    const entry = entriesAt + slot * ENTRY;
    const id = view.getUint32(entry + 4, true);
    const length = view.getUint16(entry + 8, true);
    const taken = Math.ceil(length / SLOT);
    if (length === 0 || slot + taken > slots) {
      errors.push(
        refuse(`dentry[${slot}].name_len`, at + entry + 8, 'out-of-bounds', `a name of ${length} bytes in ${slots - slot} slots`),
      );
      // A kernel goes on at the next slot; the bits of the same name would be met again as entries, and told again.
      slot++;
      continue;
    }
    const name = bytes.slice(namesAt + slot * SLOT, namesAt + slot * SLOT + length);
    const isSelf = name[0] === 0x2e && (length === 1 || (length === 2 && name[1] === 0x2e));
    if (!isSelf) entries.push({ name, id });
    slot += taken;
  }
}
