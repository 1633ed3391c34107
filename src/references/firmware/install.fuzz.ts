import { bytesSource, FormatError } from '../../bytes/index.ts';
import { parseEdify } from '../../formats/android/index.ts';
import { followInstall } from './install.ts';

export const name = 'install';

const NAMES = ['system/bin/sh', 'system/a', 'system/a/b', 'system/../x', 'boot.img'];

export const seeds: readonly Uint8Array[] = [
  'format("ext4","EMMC","/dev/block/x","0","/system");package_extract_dir("system","/system");set_metadata_recursive("/system","uid",0,"dmode",0755,"fmode",0644,"selabel","u:x","capabilities",0x1);',
  'package_extract_file("boot.img","/tmp/b");write_raw_image("/tmp/b","boot");symlink("a","/system/b");rename("/system/b","/system/c/d");delete_recursive("/system/c");',
  'if getprop("a")=="b" then apply_patch("/system/a","-","00",1,"11",package_extract_file("p")); else abort(); endif;',
].map((text) => new TextEncoder().encode(text));

/** Follows hostile scripts: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const members = NAMES.map((member) => ({ name: member, size: 0, open: async () => bytesSource(new Uint8Array(0)) }));
    const { trees } = followInstall(parseEdify(new TextDecoder().decode(bytes)), members);
    for (const tree of trees.values()) for await (const visit of tree.mount().walk()) if (visit.kind === 'broken') throw visit.error;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
