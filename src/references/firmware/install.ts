/**
 * What an `updater-script` makes of the members of its package: the trees of the partitions that it fills file by file, and the images that it writes. Nothing is run; functions
 * are followed in order as far as they say what becomes of files. Sources: AOSP bootable/recovery/updater/install.c(pp) for the functions, minzip/Zip.c for what unpacking sets.
 * A condition on the phone is not decided: what depends on it is told, and left out. So is what needs files that are not in the package (`apply_patch`), and what a program does.
 * Not followed: labels that the recovery gives while unpacking, by its own file_contexts: they are in no package (a recovery of another build, or another maker's, has other ones). Where the script
 * sets none, the label is not known, which is neither one nor none.
 */
import { FormatError } from '../../bytes/index.ts';
import type { Edify } from '../../formats/android/index.ts';
import { InstalledTree, pathNames, TreeProblem } from './install-tree.ts';
import { mountOf } from './layout.ts';
import type { Member } from './member.ts';
import { type Flashed, withoutSlot } from './scripts.ts';

/** Something that the script does and that could not be followed. */
export interface InstallProblem {
  /** Null: it may touch anything. */
  readonly partition: string | null;
  /** As mounted; null: the partition as a whole. */
  readonly path: string | null;
  readonly because: string;
}

export interface Installation {
  /** Partitions that are filled file by file. */
  readonly trees: ReadonlyMap<string, InstalledTree>;
  /** Names of members, and the partitions that they are written to. */
  readonly images: readonly Flashed[];
  readonly problems: readonly InstallProblem[];
}

/** Undefined: only the phone knows. */
type Value = string | { readonly member: string } | undefined;

const PROBLEMS_MAX = 2000;
/** Members met, entries whose rights are set: a script may do it for all of a build a few times over. */
const STEPS_MAX = 1 << 22;
/** Folders at the root that no build consists of. */
const ELSEWHERE =
  /^(?:tmp|cache|sdcard|dev|proc|sys|sbin|etc|mnt|storage|emmc|external_sd|preinstall_tmp|metadata|postinstall|usb-otg|res)$/;
/** Functions that change no file of a build. */
const HARMLESS =
  /^(?:ui_print|print|stdout|show_progress|set_progress|getprop|file_getprop|sha1_check|read_file|sleep|less_than_int|greater_than_int|is_substring|is_mounted|unmount|wipe_cache|wipe_block_device|set_stage|get_stage|reboot_now|enable_reboot|apply_patch_check|apply_patch_space|block_image_verify|block_image_recover|check_first_block|range_sha1|tune2fs|update_dynamic_partitions|map_partition|unmap_partition|patch_partition_check|verify_trustzone|verify_bootloader|verify_modem|add_slot)$/;
/** What `run_program` may run without touching a file of a build. */
const HARMLESS_PROGRAM = /^(?:mount|umount|sync|sleep|echo|true|log)$/;

class Aborted extends Error {}

/** Follows a script. Never throws on hostile scripts: what could not be followed is in `problems`. */
export function followInstall(script: Edify, members: readonly Member[]): Installation {
  const install = new Install(members);
  try {
    install.run(script, false);
  } catch (error) {
    if (error instanceof FormatError) install.tell(null, null, error.message);
    else if (!(error instanceof Aborted)) throw error;
  }
  return install.finish();
}

/** Owns what is installed so far. */
class Install {
  readonly #members: ReadonlyMap<string, { readonly member: Member; readonly order: number }>;
  readonly #trees = new Map<string, InstalledTree>();
  readonly #images: Flashed[] = [];
  readonly #problems: InstallProblem[] = [];
  /** Unpacked outside of any partition: path → member. */
  readonly #loose = new Map<string, string>();
  readonly #budget = { left: STEPS_MAX };
  /** Devices that are called by their number, formatted and not mounted since. */
  readonly #formatted = new Set<string>();

  constructor(members: readonly Member[]) {
    this.#members = new Map(members.map((member, index) => [member.name, { member, order: index + 1 }]));
  }

  tell(partition: string | null, path: string | null, because: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ partition, path, because });
  }

  finish(): Installation {
    for (const [partition, tree] of this.#trees) {
      if (!tree.isFilled) this.#trees.delete(partition);
      else if (!tree.isFormatted)
        this.tell(partition, null, 'the script formats it nowhere: what was there before stays beside what the package brings');
    }
    return { trees: this.#trees, images: this.#images, problems: this.#problems };
  }

  /** `isDoubtful`: whether it comes to this depends on the phone. */
  run(expr: Edify, isDoubtful: boolean): Value {
    switch (expr.kind) {
      case 'text':
        return expr.text;
      case 'sequence':
        return expr.steps.map((step) => this.run(step, isDoubtful)).at(-1);
      case 'if':
        return this.#choose(expr, isDoubtful);
      case 'operator':
        return this.#operate(expr, isDoubtful);
      case 'call':
        return this.#call(expr, isDoubtful);
    }
  }

  #choose({ test, yes, no }: Pick<Edify & { kind: 'if' }, 'test' | 'yes' | 'no'>, isDoubtful: boolean): Value {
    const value = this.run(test, isDoubtful);
    if (value !== undefined) return value !== '' ? this.run(yes, isDoubtful) : no === undefined ? '' : this.run(no, isDoubtful);
    // A package that installs goes where it does not abort.
    if (alwaysAborts(yes)) return no === undefined ? '' : this.run(no, isDoubtful);
    if (no !== undefined && alwaysAborts(no)) return this.run(yes, isDoubtful);
    this.run(yes, true);
    if (no !== undefined) this.run(no, true);
    return undefined;
  }

  #operate({ operator, args }: Edify & { kind: 'operator' }, isDoubtful: boolean): Value {
    if (operator === '&&' || operator === '||') {
      let doubt = isDoubtful;
      let value: Value;
      for (const arg of args) {
        value = this.run(arg, doubt);
        if (value === undefined) doubt = true;
        else if ((value === '') === (operator === '&&')) return doubt === isDoubtful ? value : undefined;
      }
      return doubt === isDoubtful ? value : undefined;
    }
    const values = args.map((arg) => this.run(arg, isDoubtful));
    if (!values.every((value) => typeof value === 'string')) return undefined;
    if (operator === '+') return values.join('');
    if (operator === '!') return values[0] === '' ? 't' : '';
    return (values[0] === values[1]) === (operator === '==') ? 't' : '';
  }

  #call(expr: Edify & { kind: 'call' }, isDoubtful: boolean): Value {
    const { name, line } = expr;
    const [first, second, third] = expr.args;
    if (name === 'abort') {
      if (isDoubtful) return undefined;
      this.tell(null, null, `line ${line}: the script ends here by abort`);
      throw new Aborted();
    }
    if (name === 'ifelse' && first !== undefined && second !== undefined)
      return this.#choose({ test: first, yes: second, no: third }, isDoubtful);
    const values = expr.args.map((arg) => this.run(arg, isDoubtful));
    // A package that installs has mounted what it mounts.
    if (name === 'mount') this.#mounted(values);
    if (name === 'assert' || name === 'mount' || name === 'block_image_update') return 't';
    if (name === 'concat') return values.every((value) => typeof value === 'string') ? values.join('') : undefined;
    if (name === 'package_extract_file' && values.length === 1) return typeof values[0] === 'string' ? { member: values[0] } : undefined;
    const effect = EFFECTS.get(name);
    if (effect === undefined) return this.#other(name, values, line);
    const places = values.filter((value): value is string => typeof value === 'string' && this.#partitionAt(value) !== undefined);
    if (isDoubtful || values.some((value) => value === undefined)) {
      const because = `line ${line}: ${name}(${shown(values)}), ${isDoubtful ? 'where the phone decides whether it comes to that' : 'with what only the phone knows'}`;
      for (const path of new Set(places)) this.tell(this.#partitionAt(path)?.partition ?? null, path, because);
      return isDoubtful ? undefined : 't';
    }
    try {
      return this[effect](values as readonly Exclude<Value, undefined>[], line) ?? 't';
    } catch (error) {
      if (!(error instanceof TreeProblem)) throw error;
      const at = this.#partitionAt(error.path);
      this.tell(at?.partition ?? null, error.path, `line ${line}: ${name}: ${error.message}`);
      return 't';
    }
  }

  /** Functions that are not followed: what they may touch is told. */
  #other(name: string, values: readonly Value[], line: number): Value {
    const [program, ...args] = values;
    const words = typeof program === 'string' && /(?:busybox|toybox|toolbox)$/.test(program) ? args : [program];
    const isQuiet =
      name === 'run_program' ? typeof words[0] === 'string' && HARMLESS_PROGRAM.test(words[0].replace(/^.*\//, '')) : HARMLESS.test(name);
    if (!isQuiet) this.tell(null, null, `line ${line}: ${name}(${shown(values)}): what it does with the files of the build is not known`);
    return undefined;
  }

  /** The partition that a path lies in, and the names below where it is mounted. */
  #partitionAt(path: string): { readonly partition: string; readonly names: readonly string[] } | undefined {
    if (!path.startsWith('/')) return undefined;
    const [mount, ...names] = pathNames(path);
    return mount === undefined || ELSEWHERE.test(mount) ? undefined : { partition: mount === 'data' ? 'userdata' : mount, names };
  }

  #tree(path: string): { readonly tree: InstalledTree; readonly names: readonly string[] } | undefined {
    const at = this.#partitionAt(path);
    if (at === undefined) return undefined;
    const tree = this.#trees.get(at.partition) ?? new InstalledTree(mountOf(at.partition, false), this.#budget);
    this.#trees.set(at.partition, tree);
    return { tree, names: at.names };
  }

  format(args: readonly Exclude<Value, undefined>[]): void {
    // format(type, kind, location, size, mount point); older ones have less, down to format("MTD", "system").
    const words = args.filter((arg) => typeof arg === 'string');
    const device = words.at(words.length > 2 ? 2 : -1) ?? '';
    const mount = words.findLast((word) => /^\/[^/]+\/?$/.test(word));
    // Which partition a number is, only where it is mounted says.
    if (mount === undefined && NUMBERED.test(device)) this.#formatted.add(device);
    const at = this.#tree(mount ?? `/${device.replace(/^.*\//, '')}`);
    if (at?.names.length === 0) at.tree.format();
  }

  /** `mount(type, kind, device, mount point)`, older ones without a type. */
  #mounted(values: readonly Value[]): void {
    const [device, point] = values.slice(-2);
    if (typeof device !== 'string' || typeof point !== 'string' || !this.#formatted.delete(device)) return;
    const at = this.#tree(point);
    if (at?.names.length === 0) at.tree.format();
  }

  extractDir([from, to]: readonly Exclude<Value, undefined>[], line: number): void {
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const prefix = `${pathNames(from).join('/')}/`;
    const at = this.#tree(to);
    let count = 0;
    for (const [name, { member, order }] of this.#members) {
      this.#spend();
      if (!name.startsWith(prefix)) continue;
      const below = name.slice(prefix.length).split('/');
      count++;
      if (at === undefined) this.#loose.set(`${to.replace(/\/+$/, '')}/${name.slice(prefix.length)}`, name);
      else {
        try {
          at.tree.put([...at.names, ...below], member, order);
        } catch (error) {
          if (!(error instanceof TreeProblem)) throw error;
          this.tell(this.#partitionAt(to)?.partition ?? null, null, `line ${line}: ${error.message}`);
        }
      }
    }
    if (count === 0 && at !== undefined) throw new TreeProblem(to, `the package has nothing in ${JSON.stringify(from)}`);
  }

  extractFile([from, to]: readonly Exclude<Value, undefined>[]): void {
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const device = partitionOfDevice(to, from);
    const at = device === undefined ? this.#tree(to) : undefined;
    const found = this.#members.get(from);
    if (found === undefined) {
      if (at !== undefined) throw new TreeProblem(to, `the package has no ${JSON.stringify(from)}`);
    } else if (device !== undefined) this.#images.push([from, device]);
    else if (at === undefined) this.#loose.set(to, from);
    else at.tree.put(at.names, found.member, found.order);
  }

  writeImage([what, where]: readonly Exclude<Value, undefined>[]): void {
    if (typeof where !== 'string') return;
    const member = typeof what === 'string' ? this.#loose.get(what) : what?.member;
    const partition = partitionOfDevice(where, member) ?? withoutSlot(where.toLowerCase());
    if (member !== undefined && this.#members.has(member)) this.#images.push([member, partition]);
    else this.tell(partition, null, `what is written to it (${shown([what])}) is not in the package`);
  }

  symlink([target, ...links]: readonly Exclude<Value, undefined>[]): void {
    for (const path of links) {
      const at = typeof path === 'string' ? this.#tree(path) : undefined;
      if (at !== undefined && typeof target === 'string') at.tree.link(at.names, target);
    }
  }

  remove(paths: readonly Exclude<Value, undefined>[]): void {
    for (const path of paths) {
      const at = typeof path === 'string' ? this.#tree(path) : undefined;
      at?.tree.remove(at.names);
    }
  }

  rename([from, to]: readonly Exclude<Value, undefined>[]): void {
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const source = this.#tree(from);
    const target = this.#tree(to);
    const entry = source?.tree.take(source.names);
    if (entry === undefined) throw new TreeProblem(to, `no file ${from} is in the package`);
    target?.tree.place(target.names, entry);
  }

  patch([source, target]: readonly Exclude<Value, undefined>[]): void {
    for (const path of [target === '-' ? source : target]) {
      if (typeof path !== 'string') continue;
      const because = 'the package brings only a patch: it needs the file of the build before';
      const [, image] = /^(?:EMMC|MTD):([^:]{1,300}):/.exec(path) ?? [];
      if (image !== undefined) this.tell(partitionOfDevice(image) ?? withoutSlot(image), null, because);
      else throw new TreeProblem(path, because);
    }
  }

  setPerm([uid, gid, mode, ...paths]: readonly Exclude<Value, undefined>[]): void {
    for (const path of paths) this.#rights(path, false, new Map(Object.entries({ uid, gid, mode })));
  }

  setPermRecursive([uid, gid, dmode, fmode, ...paths]: readonly Exclude<Value, undefined>[]): void {
    for (const path of paths) this.#rights(path, true, new Map(Object.entries({ uid, gid, dmode, fmode })));
  }

  setMetadata([path, ...pairs]: readonly Exclude<Value, undefined>[]): void {
    this.#rights(path, false, pairsOf(pairs));
  }

  setMetadataRecursive([path, ...pairs]: readonly Exclude<Value, undefined>[]): void {
    this.#rights(path, true, pairsOf(pairs));
  }

  #rights(path: Value, isRecursive: boolean, values: ReadonlyMap<string, Value>): void {
    const at = typeof path === 'string' ? this.#tree(path) : undefined;
    if (at === undefined || typeof path !== 'string') return;
    if (!at.tree.setRights(at.names, isRecursive, values)) throw new TreeProblem(path, 'its rights are set, and it is not in the package');
  }

  #spend(): void {
    if (--this.#budget.left < 0)
      throw new FormatError(
        { format: 'updater-script', field: 'steps', at: 0 },
        'too-large',
        `more than ${STEPS_MAX}: the rest was not followed`,
      );
  }
}

/** The functions that are followed, and by what. */
const EFFECTS: ReadonlyMap<
  string,
  | 'format'
  | 'extractDir'
  | 'extractFile'
  | 'writeImage'
  | 'symlink'
  | 'remove'
  | 'rename'
  | 'patch'
  | 'setPerm'
  | 'setPermRecursive'
  | 'setMetadata'
  | 'setMetadataRecursive'
> = new Map([
  ['format', 'format'],
  ['package_extract_dir', 'extractDir'],
  ['package_extract_file', 'extractFile'],
  ['write_raw_image', 'writeImage'],
  ['write_firmware_image', 'writeImage'],
  ['symlink', 'symlink'],
  ['delete', 'remove'],
  ['delete_recursive', 'remove'],
  ['rename', 'rename'],
  ['apply_patch', 'patch'],
  ['set_perm', 'setPerm'],
  ['set_perm_recursive', 'setPermRecursive'],
  ['set_metadata', 'setMetadata'],
  ['set_metadata_recursive', 'setMetadataRecursive'],
]);

const pairsOf = (words: readonly Value[]): ReadonlyMap<string, Value> =>
  new Map(words.flatMap((word, index) => (index % 2 === 0 && typeof word === 'string' ? [[word, words[index + 1]] as const] : [])));

/** Devices that are called by their number: `/dev/block/mmcblk0p20`, `/dev/mtd/mtd3`. */
const NUMBERED = /^\/dev\/(?:.*\/)?(?:mmcblk\d+p\d+|sd[a-z]\d+|mtd(?:block)?\d+|nand[a-z]|dm-\d+)$/;

/** `/dev/block/…/by-name/BOOT_a` → `boot`. Of a device by its number, what the file that is written to it is called. */
function partitionOfDevice(path: string, file?: string): string | undefined {
  const [, name] = /^\/dev\/(?:.*\/)?([A-Za-z0-9_-]{1,64})$/.exec(path) ?? [];
  const [, stem] = NUMBERED.test(path) ? (/([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9]+$/.exec(file ?? '') ?? []) : [];
  return name === undefined ? undefined : withoutSlot((stem ?? name).toLowerCase());
}

function alwaysAborts(expr: Edify): boolean {
  if (expr.kind === 'sequence') return expr.steps.some(alwaysAborts);
  return expr.kind === 'call' && expr.name === 'abort';
}

const shown = (values: readonly Value[]) =>
  values
    .slice(0, 4)
    .map((value) =>
      value === undefined ? '?' : typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : JSON.stringify(value.member),
    )
    .join(', ');
