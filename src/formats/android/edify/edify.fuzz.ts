import { FormatError } from '../../../bytes/index.ts';
import { parseEdify, writeEdify } from './edify.ts';

export const name = 'edify';

export const seeds: readonly Uint8Array[] = [
  'assert(getprop("ro.product.device") == "steel" || abort("no"));\npackage_extract_dir("system", "/system");\n',
  'if is_mounted("/system") then unmount("/system"); else ui_print("a\\x41\\"") endif; # end\nset_metadata("/system/xbin/su", "uid", 0, mode, 06755);',
].map((text) => new TextEncoder().encode(text));

/** Reads hostile bytes: anything but a FormatError, a hang, too much memory, or a script that reads back as another is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const script = writeEdify(parseEdify(new TextDecoder().decode(bytes)));
    if (writeEdify(parseEdify(script)) !== script) throw new Error('what is written reads back as something else');
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
