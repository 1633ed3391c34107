/**
 * Access control lists as ext4 and F2FS keep them, and as system calls tell them (and EROFS keeps them).
 * Spec: Linux fs/ext4/acl.h, fs/f2fs/acl.h, include/uapi/linux/posix_acl_xattr.h.
 *
 *   kept: le32 a_version 1; { le16 e_tag, e_perm; le32 e_id, of a named user or group only }
 *   told: le32 a_version 2; { le16 e_tag, e_perm; le32 e_id, or all ones }
 */
const KEPT = 1;
const TOLD = 2;
const TAG = { USER_OBJ: 0x01, USER: 0x02, GROUP_OBJ: 0x04, GROUP: 0x08, MASK: 0x10, OTHER: 0x20 } as const;
const TAGS: ReadonlySet<number> = new Set(Object.values(TAG));
const HEADER = 4;
const NOBODY = 0xffffffff;

/** The prefixes of attributes that are lists, by their number in ext4 and F2FS. */
export const isAcl = (index: number): boolean => index === 2 || index === 3;

/** A list that is kept, as it is told; undefined where it is none. */
export function aclAsTold(kept: Uint8Array): Uint8Array | undefined {
  const view = new DataView(kept.buffer, kept.byteOffset, kept.byteLength);
  if (kept.length < HEADER || view.getUint32(0, true) !== KEPT) return undefined;
  const entries: (readonly [tag: number, permissions: number, id: number])[] = [];
  for (let at = HEADER; at < kept.length; ) {
    if (at + 4 > kept.length) return undefined;
    const [tag, permissions] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    const isNamed = tag === TAG.USER || tag === TAG.GROUP;
    if (!TAGS.has(tag) || (isNamed && at + 8 > kept.length)) return undefined;
    entries.push([tag, permissions, isNamed ? view.getUint32(at + 4, true) : NOBODY]);
    at += isNamed ? 8 : 4;
  }
  const out = new DataView(new ArrayBuffer(HEADER + 8 * entries.length));
  out.setUint32(0, TOLD, true);
  for (const [i, [tag, permissions, id]] of entries.entries()) {
    out.setUint16(HEADER + 8 * i, tag, true);
    out.setUint16(HEADER + 8 * i + 2, permissions, true);
    out.setUint32(HEADER + 8 * i + 4, id, true);
  }
  return new Uint8Array(out.buffer);
}
