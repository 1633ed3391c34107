/**
 * File capabilities, the value of `security.capability`. Spec: Linux include/uapi/linux/capability.h (struct vfs_cap_data, vfs_ns_cap_data).
 *
 *   __le32 magic_etc   revision in the high byte, bit 0: effective
 *   { __le32 permitted, inheritable }[1 in revision 1, else 2]
 *   __le32 rootid      revision 3 only
 */
import { Cursor } from '../../bytes/index.ts';

export interface FileCapabilities {
  readonly revision: number;
  readonly effective: boolean;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  /** The user that is root in the namespace they were set in; revision 3. */
  readonly rootUid: number | undefined;
}

/** Reads the value of `security.capability`. @throws FormatError */
export function readCapabilities(bytes: Uint8Array): FileCapabilities {
  const cursor = new Cursor(bytes, { format: 'file capabilities' });
  const magic = cursor.u32('magic_etc');
  const revision = magic >>> 24;
  if (revision < 1 || revision > 3) throw cursor.error('magic_etc', 'unsupported-version', `revision ${revision}`, 0);
  let permitted = 0n;
  let inheritable = 0n;
  for (let i = 0; i < (revision === 1 ? 1 : 2); i++) {
    permitted |= BigInt(cursor.u32(`data[${i}].permitted`)) << BigInt(32 * i);
    inheritable |= BigInt(cursor.u32(`data[${i}].inheritable`)) << BigInt(32 * i);
  }
  const rootUid = revision === 3 ? cursor.u32('rootid') : undefined;
  cursor.end('vfs_cap_data');
  return { revision, effective: (magic & 1) === 1, permitted, inheritable, rootUid };
}
