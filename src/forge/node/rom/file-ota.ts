/** A file-based OTA as releasetools of 2015 made them: files of system and cust as members, their rights in the updater-script, images written as they are. */
import { writeZip, type ZipPart } from '../../../formats/archive/index.ts';
import { type ApkMaker, contentBytes } from '../../content.ts';
import type { RomFile, RomRecipe } from '../../rom/rom.ts';
import type { Images } from './packages.ts';

const utf8 = new TextEncoder();
const DEVICE = '/dev/block/platform/msm_sdcc.1/by-name';
/** What most of a partition has: what differs is set after it. */
const USUAL = { uid: 0, gid: 0, mode: 0o644, context: 'u:object_r:system_file:s0' };

/** The package. */
export function fileOta(recipe: RomRecipe, images: Images, makeApk: ApkMaker): Uint8Array {
  const members: ZipPart[] = [];
  const lines: string[] = [
    '# made by the forge',
    'assert(getprop("ro.product.device") == "steel" || getprop("ro.build.product") == "steel" ||',
    '       abort("This package is for \\"steel\\" devices; this is a \\"" + getprop("ro.product.device") + "\\"."););',
    'show_progress(0.500000, 0);',
  ];
  for (const [partition, files] of recipe.trees) {
    const mount = `/${partition}`;
    lines.push(
      `format("ext4", "EMMC", "${DEVICE}/${partition}", "0", "${mount}");`,
      `mount("ext4", "EMMC", "${DEVICE}/${partition}", "${mount}");`,
      `package_extract_dir("${partition}", "${mount}");`,
    );
    const links = new Map<string, string[]>();
    for (const { path, content } of files) {
      if (content.kind === 'link') links.set(content.target, [...(links.get(content.target) ?? []), mount + path]);
      else members.push({ name: partition + path, data: contentBytes(content, makeApk), deflate: true });
    }
    for (const [target, paths] of links) lines.push(`symlink("${target}", ${paths.map((path) => `"${path}"`).join(', ')});`);
    lines.push(
      `set_metadata_recursive("${mount}", "uid", 0, "gid", 0, "dmode", 0755, "fmode", 0644, "capabilities", 0x0, "selabel", "${USUAL.context}");`,
      ...files.flatMap((file) => (isUsual(file) ? [] : [metadata(mount, file)])),
      `unmount("${mount}");`,
    );
  }
  members.push({ name: 'boot.img', data: images.get('boot') ?? new Uint8Array(0) });
  lines.push(`package_extract_file("boot.img", "${DEVICE}/boot");`);
  for (const name of recipe.firmware.keys()) {
    const file = `firmware-update/${name === 'modem' ? 'NON-HLOS.bin' : `${name}.mbn`}`;
    members.push({ name: file, data: images.get(name) ?? new Uint8Array(0) });
    lines.push(`package_extract_file("${file}", "${DEVICE}/${name}");`);
  }
  lines.push('set_progress(1.000000);');
  return writeZip([
    ...members,
    { name: 'META-INF/com/android/metadata', data: utf8.encode(`post-build=${recipe.fingerprint}\n`) },
    { name: 'META-INF/com/google/android/update-binary', data: utf8.encode('not run by anybody') },
    { name: 'META-INF/com/google/android/updater-script', data: utf8.encode(`${lines.join('\n')}\n`) },
  ]);
}

const isUsual = ({ mode, uid, gid, context, content }: RomFile) =>
  (content.kind === 'link' || (mode === USUAL.mode && uid === USUAL.uid && gid === USUAL.gid)) && context === USUAL.context;

const metadata = (mount: string, { path, mode, uid, gid, context }: RomFile) =>
  `set_metadata("${mount}${path}", "uid", ${uid}, "gid", ${gid}, "mode", 0${mode.toString(8)}, "capabilities", 0x0, "selabel", "${context}");`;
