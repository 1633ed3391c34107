/**
 * Extended attributes of F2FS: one list, of which the inode holds the begin and a node of its own the rest.
 *
 *   struct f2fs_xattr_header: le32 h_magic, h_refcount, reserved[4]
 *   struct f2fs_xattr_entry: u8 e_name_index, e_name_len, le16 e_value_size, name, value; aligned to 4; a word of zeros ends the list
 */
import { concatBytes } from '../../../bytes/index.ts';
import { aclAsTold, isAcl } from '../acl.ts';
import { type F2fsInode, readBody, readNode } from './inode.ts';
import { refuse } from './layout.ts';
import type { NodePlaces } from './map.ts';

const XATTR_MAGIC = 0xf2f52011;
const HEADER = 24;
const FOOTER = 24;
const PREFIXES: Readonly<Record<number, string>> = {
  1: 'user.',
  2: 'system.posix_acl_access',
  3: 'system.posix_acl_default',
  4: 'trusted.',
  6: 'security.',
  7: 'system.',
};
/** What the file system keeps for itself: how a file is encrypted, where its hash tree lies. */
const OWN = new Set([9, 11]);

/** Reads every attribute but the file system's own. @throws FormatError */
export async function readXattrs(node: F2fsInode, places: NodePlaces): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  if (node.xattrId === 0 && node.xattrWords === 0) return found;
  const { xattrs } = await readBody(places.source, places.superblock, node);
  const rest = node.xattrId === 0 ? undefined : await readNode(places.source, places.superblock, places.nat, node.xattrId);
  const parts = [xattrs, ...(rest === undefined ? [] : [rest.bytes.subarray(0, rest.bytes.length - FOOTER)])];
  const bytes = concatBytes(parts);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Without the magic there are none yet.
  if (bytes.length < HEADER || view.getUint32(0, true) !== XATTR_MAGIC) {
    if (rest !== undefined) throw refuse('h_magic', rest.at, 'bad-magic', 'the node of attributes is none');
    return found;
  }
  const text = new TextDecoder();
  for (let at = HEADER; at + 4 <= bytes.length && view.getUint32(at, true) !== 0; ) {
    const [index, nameLength, size] = [view.getUint8(at), view.getUint8(at + 1), view.getUint16(at + 2, true)];
    const nameAt = at + 4;
    if (nameAt + nameLength + size > bytes.length)
      throw refuse(
        'e_value_size',
        node.at,
        'out-of-bounds',
        `a name of ${nameLength} and a value of ${size} bytes, ${bytes.length - nameAt} left`,
      );
    const name = (PREFIXES[index] ?? `prefix ${index}.`) + text.decode(bytes.subarray(nameAt, nameAt + nameLength));
    // The first of a name counts, as for a kernel.
    if (!OWN.has(index) && !found.has(name)) {
      const value = bytes.slice(nameAt + nameLength, nameAt + nameLength + size);
      const told = isAcl(index) ? aclAsTold(value) : value;
      if (told === undefined) throw refuse('e_value', node.at, 'bad-value', `${name} is no list`);
      found.set(name, told);
    }
    at = Math.ceil((nameAt + nameLength + size) / 4) * 4;
  }
  return found;
}
