/** Programs that look at files and at the kernel. Output follows toybox 0.8; where the phone has toolbox, that of Android 4.4's. */
import type { Call, Program } from '../shell/call.ts';
import { deviceNumber, modeBits, normalise, PhoneFsError, type Stat, SYSTEM } from '../tree.ts';
import { userName } from './names.ts';
import { optionsOf } from './text.ts';

const LETTER: Readonly<Record<Stat['type'], string>> = {
  file: '-',
  directory: 'd',
  link: 'l',
  'character device': 'c',
  'block device': 'b',
  socket: 's',
  fifo: 'p',
};

/** `-rwsr-xr-x`. */
export function modeText(stat: Pick<Stat, 'type' | 'mode'>): string {
  let text = LETTER[stat.type];
  for (const [shift, special, letter] of [
    [6, 0o4000, 's'],
    [3, 0o2000, 's'],
    [0, 0o1000, 't'],
  ] as const) {
    const bits = stat.mode >> shift;
    const set = (stat.mode & special) !== 0;
    text += `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${set ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-'}`;
  }
  return text;
}

const minute = (seconds: number, offsetMinutes: number): string =>
  new Date((seconds + offsetMinutes * 60) * 1000).toISOString().slice(0, 16).replace('T', ' ');

interface Named {
  readonly name: string;
  readonly stat: Stat;
}

function lstat(call: Call, path: string): Stat | string {
  try {
    return call.machine.tree.stat(normalise(path, call.cwd), call.actor, path.endsWith('/') && path !== '/');
  } catch (error) {
    if (error instanceof PhoneFsError) return error.message;
    throw error;
  }
}

// ── ls ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

const ls: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args.filter((arg) => !arg.startsWith('--')));
  const paths = rest.length === 0 ? ['.'] : rest;
  const isBox = call.machine.phone.shell.box === 'toolbox';
  const plain: Named[] = [];
  const folders: string[] = [];
  let status = 0;
  for (const path of paths) {
    let stat = lstat(call, path);
    if (typeof stat !== 'string' && stat.type === 'link' && !flags.has('d') && !flags.has('l') && !flags.has('Z')) {
      const target = lstat(call, `${path}/`);
      if (typeof target !== 'string' && target.type === 'directory') stat = target;
    }
    if (typeof stat === 'string') {
      status = 1;
      await call.err(isBox ? `${path}: ${stat}\n` : `ls: ${path}: ${stat}\n`);
    } else if (stat.type === 'directory' && !flags.has('d')) folders.push(path);
    else plain.push({ name: path, stat });
  }
  const print = isBox ? printToolbox : printToybox;
  if (plain.length > 0) await print(call, plain, flags);
  const headed = paths.length > 1 || flags.has('R');
  for (const [i, folder] of folders.entries()) {
    if (headed && !isBox) await call.out(`${i > 0 || plain.length > 0 ? '\n' : ''}${folder}:\n`);
    status = Math.max(status, await listFolder(call, folder, flags));
  }
  return status;
};

async function listFolder(call: Call, folder: string, flags: ReadonlyMap<string, string>): Promise<number> {
  const isBox = call.machine.phone.shell.box === 'toolbox';
  let names: readonly string[];
  try {
    names = call.machine.tree.list(normalise(folder, call.cwd), call.actor);
  } catch (error) {
    if (!(error instanceof PhoneFsError)) throw error;
    await call.err(isBox ? `opendir failed, ${error.message}\n` : `ls: ${folder}: ${error.message}\n`);
    return 1;
  }
  const shown = [...(flags.has('a') && !isBox ? ['.', '..'] : []), ...names].filter(
    (name) => flags.has('a') || flags.has('A') || !name.startsWith('.'),
  );
  const entries: Named[] = [];
  let status = 0;
  for (const name of shown) {
    const stat = lstat(call, `${folder.replace(/\/$/, '')}/${name}`);
    if (typeof stat === 'string') {
      status = 1;
      await call.err(isBox ? `lstat '${folder}/${name}' failed: ${stat}\n` : `ls: ${folder}/${name}: ${stat}\n`);
    } else entries.push({ name, stat });
  }
  if (flags.has('l') && !isBox) await call.out(`total ${entries.reduce((sum, { stat }) => sum + Math.ceil(stat.size / 4096) * 4, 0)}\n`);
  await (isBox ? printToolbox : printToybox)(call, entries, flags);
  if (!flags.has('R')) return status;
  for (const { name, stat } of entries) {
    if (stat.type !== 'directory' || name === '.' || name === '..') continue;
    const inner = `${folder.replace(/\/$/, '')}/${name}`;
    await call.out(`\n${inner}:\n`);
    status = Math.max(status, await listFolder(call, inner, flags));
  }
  return status;
}

async function printToybox(call: Call, entries: readonly Named[], flags: ReadonlyMap<string, string>): Promise<void> {
  const { offsetMinutes } = call.machine.phone.clock;
  const rows = entries.map(({ name, stat }) => ({
    inode: String(stat.inode),
    links: String(stat.links),
    user: flags.has('n') ? String(stat.uid) : userName(stat.uid),
    group: flags.has('n') ? String(stat.gid) : userName(stat.gid),
    context: stat.context,
    size: stat.rdev === undefined ? String(stat.size) : stat.rdev.replace(':', ', '),
    time: minute(stat.mtime, offsetMinutes),
    mode: modeText(stat),
    name: stat.type === 'link' && flags.has('l') ? `${name} -> ${stat.target}` : name,
  }));
  const width = (key: 'links' | 'user' | 'group' | 'context' | 'size' | 'inode') =>
    rows.reduce((most, row) => Math.max(most, row[key].length), 0);
  const widths = {
    links: width('links'),
    user: width('user'),
    group: width('group'),
    context: width('context'),
    size: width('size'),
    inode: width('inode'),
  };
  const lines = rows.map((row) => {
    const context = flags.has('Z') ? [row.context.padEnd(widths.context)] : [];
    const inode = flags.has('i') ? [row.inode.padStart(widths.inode)] : [];
    if (!flags.has('l')) return [...inode, ...context, row.name].join(' ');
    const owner = [row.mode, row.links.padStart(widths.links), row.user.padEnd(widths.user), row.group.padEnd(widths.group)];
    return [...inode, ...owner, ...context, row.size.padStart(widths.size), row.time, row.name].join(' ');
  });
  await call.out(lines.map((line) => `${line}\n`).join(''));
}

/** Android 4.4 system/core/toolbox/ls.c: fixed columns, no link count, no size of folders. */
async function printToolbox(call: Call, entries: readonly Named[], flags: ReadonlyMap<string, string>): Promise<void> {
  const { offsetMinutes } = call.machine.phone.clock;
  const lines = entries.map(({ name, stat }) => {
    const owner = `${modeText(stat)} ${userName(stat.uid).padEnd(8)} ${userName(stat.gid).padEnd(8)}`;
    const shown = stat.type === 'link' ? `${name} -> ${stat.target}` : name;
    if (flags.has('Z')) return `${owner}          ${stat.context} ${shown}`;
    if (!flags.has('l')) return name;
    const [major, minor] = stat.rdev?.split(':') ?? [];
    const size =
      stat.rdev !== undefined
        ? `${major?.padStart(3)}, ${minor?.padStart(3)}`
        : stat.type === 'file'
          ? String(stat.size).padStart(8)
          : ' '.repeat(8);
    return `${owner} ${size} ${minute(stat.mtime, offsetMinutes)} ${shown}`;
  });
  await call.out(lines.map((line) => `${line}\n`).join(''));
}

// ── stat ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const TYPE_NAMES: Readonly<Record<Stat['type'], string>> = {
  file: 'regular file',
  directory: 'directory',
  link: 'symbolic link',
  'character device': 'character device',
  'block device': 'block device',
  socket: 'socket',
  fifo: 'FIFO (named pipe)',
};
/** Magic numbers, and the names that toybox knows for them; it says `unknown` of the rest. */
const FILE_SYSTEMS: Readonly<Record<string, readonly [magic: number, name: string]>> = {
  ext4: [0xef53, 'ext3'],
  tmpfs: [0x01021994, 'tmpfs'],
  devpts: [0x1cd1, 'devpts'],
  proc: [0x9fa0, 'proc'],
  sysfs: [0x62656572, 'sysfs'],
  vfat: [0x4d44, 'msdos'],
  f2fs: [0xf2f52010, 'unknown'],
  erofs: [0xe0f5e1e2, 'unknown'],
  overlay: [0x794c7630, 'unknown'],
  selinuxfs: [0xf97cff8c, 'unknown'],
  fuse: [0x65735546, 'unknown'],
  rootfs: [0x858458f6, 'unknown'],
  cgroup: [0x27e0eb, 'unknown'],
  debugfs: [0x64626720, 'unknown'],
};

const fullTime = (seconds: number, offsetMinutes: number): string => {
  const local = new Date((seconds + offsetMinutes * 60) * 1000).toISOString();
  const sign = offsetMinutes < 0 ? '-' : '+';
  const minutes = Math.abs(offsetMinutes);
  const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)}.000000000 ${zone}`;
};

const stat: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args, 'c');
  let status = 0;
  for (const path of rest) {
    const at = normalise(path, call.cwd);
    try {
      const found = call.machine.tree.stat(at, call.actor, flags.has('L') || (path.endsWith('/') && path !== '/'));
      if (flags.has('f')) {
        await call.out(`${fileSystemText(call, path, at, flags.get('c') ?? '  File: "%n"\n    ID: %i Namelen: %l    Type: %t')}\n`);
      } else {
        const format =
          flags.get('c') ??
          '  File: %N\n  Size: %s\t Blocks: %b\t IO Blocks: 512\t %F\nDevice: %Dh/%dd\t Inode: %i\t Links: %h\t Device type: %t,%T\nAccess: (%a/%A)\tUid: (%5u/%8U)\tGid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z';
        await call.out(`${statText(format, found, { path, offsetMinutes: call.machine.phone.clock.offsetMinutes })}\n`);
      }
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      status = 1;
      await call.err(`stat: '${path}': ${error.message}\n`);
    }
  }
  return status;
};

export function statText(format: string, found: Stat, where: { readonly path: string; readonly offsetMinutes: number }): string {
  const [major = 0, minor = 0] = (found.rdev ?? '0:0').split(':').map(Number);
  const when = fullTime(found.mtime, where.offsetMinutes);
  const fields: Readonly<Record<string, string>> = {
    a: found.mode.toString(8).padStart(found.mode < 0o1000 ? 3 : 4, '0'),
    A: modeText(found),
    b: String(Math.ceil(found.size / 4096) * 8),
    B: '512',
    C: found.context,
    d: String(deviceNumber(found.device)),
    D: deviceNumber(found.device).toString(16),
    f: modeBits(found).toString(16),
    F: found.type === 'file' && found.size === 0 ? 'regular empty file' : TYPE_NAMES[found.type],
    g: String(found.gid),
    G: userName(found.gid),
    h: String(found.links),
    i: String(found.inode),
    n: where.path,
    N: found.type === 'link' ? `${where.path} -> '${found.target}'` : where.path,
    o: '4096',
    s: String(found.size),
    t: major.toString(16),
    T: minor.toString(16),
    u: String(found.uid),
    U: userName(found.uid),
    x: when,
    X: String(found.mtime),
    y: when,
    Y: String(found.mtime),
    z: when,
    Z: String(found.mtime),
    '%': '%',
  };
  return format.replaceAll(/%(\d*)([a-zA-Z%])/g, (whole, width: string, letter: string) =>
    (fields[letter] ?? whole).padStart(Number(width)),
  );
}

function fileSystemText(call: Call, path: string, at: string, format: string): string {
  const { tree, phone } = call.machine;
  const device = tree.stat(at, call.actor).device;
  // What a hook redirects lies on the target's file system, whatever is mounted there.
  const mount = phone.mounts.find((one) => one.deviceNumber === device) ?? tree.fileSystem(at, call.actor);
  const [magic, name] = FILE_SYSTEMS[mount?.type ?? ''] ?? [0, 'unknown'];
  const blocks = Math.floor((mount?.sizeBytes ?? 0) / 4096);
  const free = Math.floor(((mount?.sizeBytes ?? 0) - (mount?.usedBytes ?? 0)) / 4096);
  const fields: Readonly<Record<string, string>> = {
    n: path,
    T: name,
    t: magic.toString(16),
    s: '4096',
    S: '4096',
    b: String(blocks),
    f: String(free),
    a: String(free),
    c: '0',
    d: '0',
    i: deviceNumber(device).toString(16),
    l: '255',
  };
  return format.replaceAll(/%([a-zA-Z])/g, (whole, letter: string) => fields[letter] ?? whole);
}

// ── find ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Test = (file: { readonly path: string; readonly name: string; readonly stat: Stat }) => boolean | Promise<boolean>;
const EXEC_BATCH = 1000;

/** A pattern of `-name` as a regular expression. */
const globPattern = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[\\^$.+()|{}]/g, String.raw`\$&`)
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]')}$`,
  );

const find: Program = async (call) => {
  const { args } = call;
  let at = 0;
  while (/^-[HLP]$/.test(args[at] ?? '')) at += 1;
  const roots: string[] = [];
  while (at < args.length && !/^[-!(]/.test(args[at] ?? '')) {
    roots.push(args[at] ?? '');
    at += 1;
  }
  const plan = { maxDepth: Number.POSITIVE_INFINITY, minDepth: 0, sameDevice: false, quit: false };
  const batches: { readonly argv: readonly string[]; readonly paths: string[] }[] = [];
  let status = 0;
  const runBatch = async (argv: readonly string[], paths: readonly string[]) => {
    const filled = argv.flatMap((word) => (word === '{}' ? paths : [word]));
    status = Math.max(status, (await call.run(filled)) === 0 ? 0 : 1);
  };

  const parse = (from: number): { readonly test: Test; readonly next: number } => {
    const alternatives: Test[][] = [[]];
    let i = from;
    let acts = false;
    const add = (test: Test) => void alternatives.at(-1)?.push(test);
    for (; i < args.length && args[i] !== ')'; i += 1) {
      const word = args[i] ?? '';
      const value = args[i + 1] ?? '';
      if (word === '-o') alternatives.push([]);
      else if (word === '-a' || word === '-depth') continue;
      else if (word === '!') {
        const single = parse1(i + 1);
        add(async (file) => !(await single.test(file)));
        i = single.next - 1;
      } else if (word === '(') {
        const inner = parse(i + 1);
        add(inner.test);
        i = inner.next;
      } else {
        const single = parse1(i);
        acts ||= single.acts;
        add(single.test);
        i = single.next - 1;
      }
      void value;
    }
    if (!acts && from === at) for (const list of alternatives) list.push(print('\n'));
    const test: Test = async (file) => {
      for (const list of alternatives) {
        let all = true;
        for (const one of list) {
          all = await one(file);
          if (!all) break;
        }
        if (all) return true;
      }
      return false;
    };
    return { test, next: i };
  };

  const print =
    (end: string): Test =>
    async ({ path }) => {
      await call.out(`${path}${end}`);
      return true;
    };

  const parse1 = (i: number): { readonly test: Test; readonly next: number; readonly acts: boolean } => {
    const [word = '', value = ''] = [args[i], args[i + 1]];
    const yes = (test: Test, taken = 2, acts = false) => ({ test, next: i + taken, acts });
    switch (word) {
      case '-maxdepth':
        plan.maxDepth = Number(value);
        return yes(() => true);
      case '-mindepth':
        plan.minDepth = Number(value);
        return yes(() => true);
      case '-xdev':
      case '-mount':
        plan.sameDevice = true;
        return yes(() => true, 1);
      case '-name':
      case '-iname': {
        const pattern = globPattern(word === '-iname' ? value.toLowerCase() : value);
        return yes(({ name }) => pattern.test(word === '-iname' ? name.toLowerCase() : name));
      }
      case '-path': {
        const pattern = globPattern(value);
        return yes(({ path }) => pattern.test(path));
      }
      case '-type':
        return yes(({ stat: found }) => value.split(',').some((letter) => LETTER[found.type].replace('-', 'f') === letter));
      case '-size': {
        const [, sign = '', number = '0', unit = ''] = /^([-+]?)(\d+)([ckMG]?)$/.exec(value) ?? [];
        const scale = unit === 'c' ? 1 : unit === 'k' ? 1024 : unit === 'M' ? 1_048_576 : 512;
        return yes(({ stat: found }) => compare(Math.ceil(found.size / scale), Number(number), sign));
      }
      case '-perm': {
        const [, sign = '', bits = '0'] = /^([-/+]?)([0-7]+)$/.exec(value) ?? [];
        const wanted = Number.parseInt(bits, 8);
        return yes(({ stat: found }) =>
          sign === '-' ? (found.mode & wanted) === wanted : sign === '' ? found.mode === wanted : (found.mode & wanted) !== 0,
        );
      }
      case '-user':
      case '-uid':
        return yes(({ stat: found }) => userName(found.uid) === value || String(found.uid) === value);
      case '-newer':
        return yes(({ stat: found }) => found.mtime > call.machine.tree.stat(normalise(value, call.cwd), call.actor).mtime);
      case '-true':
        return yes(() => true, 1);
      case '-prune':
        return yes(() => true, 1);
      case '-quit':
        return yes(() => (plan.quit = true), 1, true);
      case '-print':
        return yes(print('\n'), 1, true);
      case '-print0':
        return yes(print('\0'), 1, true);
      case '-printf':
        return yes(
          async (file) => {
            await call.out(printfText(value, file));
            return true;
          },
          2,
          true,
        );
      case '-exec': {
        const end = args.findIndex((one, k) => k > i && (one === ';' || (one === '+' && args[k - 1] === '{}')));
        const argv = args.slice(i + 1, end);
        if (args[end] === '+') {
          const batch = { argv, paths: [] as string[] };
          batches.push(batch);
          return {
            test: async ({ path }) => {
              batch.paths.push(path);
              if (batch.paths.length >= EXEC_BATCH) await runBatch(argv, batch.paths.splice(0));
              return true;
            },
            next: end + 1,
            acts: true,
          };
        }
        return {
          test: async ({ path }) => (await call.run(argv.map((one) => one.replaceAll('{}', path)))) === 0,
          next: end + 1,
          acts: true,
        };
      }
      default:
        return yes(() => true, 1);
    }
  };

  const { test } = parse(at);
  const walk = async (path: string, depth: number, device: string | undefined): Promise<void> => {
    if (plan.quit || call.signal.aborted) return;
    const found = lstat(call, path);
    if (typeof found === 'string') {
      status = 1;
      await call.err(`find: '${path}': ${found}\n`);
      return;
    }
    if (depth >= plan.minDepth) await test({ path, name: path.replace(/\/+$/, '').split('/').at(-1) ?? '', stat: found });
    if (found.type !== 'directory' || depth >= plan.maxDepth) return;
    if (plan.sameDevice && device !== undefined && found.device !== device) return;
    let names: readonly string[] = [];
    try {
      names = call.machine.tree.list(normalise(path, call.cwd), call.actor);
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      status = 1;
      await call.err(`find: '${path}': ${error.message}\n`);
    }
    for (const name of names) await walk(path.endsWith('/') ? `${path}${name}` : `${path}/${name}`, depth + 1, device ?? found.device);
  };
  for (const root of roots.length === 0 ? ['.'] : roots) await walk(root, 0, undefined);
  for (const { argv, paths } of batches) if (paths.length > 0) await runBatch(argv, paths);
  return status;
};

const compare = (a: number, b: number, sign: string): boolean => (sign === '+' ? a > b : sign === '-' ? a < b : a === b);

function printfText(
  format: string,
  { path, name, stat: found }: { readonly path: string; readonly name: string; readonly stat: Stat },
): string {
  const fields: Readonly<Record<string, string>> = {
    p: path,
    f: name,
    s: String(found.size),
    m: found.mode.toString(8),
    M: modeText(found),
    u: userName(found.uid),
    U: String(found.uid),
    g: userName(found.gid),
    G: String(found.gid),
    i: String(found.inode),
    Z: found.context,
    l: found.target ?? '',
    y: LETTER[found.type].replace('-', 'f'),
    '%': '%',
  };
  return format
    .replaceAll(/%([TAC])@/g, () => `${found.mtime}.0000000000`)
    .replaceAll(/%([a-zA-Z%])/g, (whole, letter: string) => fields[letter] ?? whole)
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\0', '\0');
}

// ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Does something to each path, and prints what the system answers instead. */
async function each(call: Call, paths: readonly string[], act: (path: string) => void): Promise<number> {
  let status = 0;
  for (const path of paths) {
    try {
      act(normalise(path, call.cwd));
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      status = 1;
      await call.err(
        call.machine.phone.shell.box === 'toolbox'
          ? `${call.name} failed for ${path}, ${error.message}\n`
          : `${call.name}: ${path}: ${error.message}\n`,
      );
    }
  }
  return status;
}

const seconds = (call: Call): number => Math.floor(call.machine.nowMs() / 1000);

const rm: Program = (call) => {
  const { flags, rest } = optionsOf(call.args);
  const { tree } = call.machine;
  return each(call, rest, (path) => {
    if (flags.has('f') && !tree.exists(path, SYSTEM)) return;
    if (!flags.has('r') && !flags.has('R') && tree.stat(path, call.actor, false).type === 'directory') throw new PhoneFsError('EISDIR');
    tree.remove(path, call.actor);
  });
};

const mkdir: Program = (call) => {
  const { flags, rest } = optionsOf(call.args, 'm');
  const { tree } = call.machine;
  return each(call, rest, (path) => {
    const parts = path.split('/').slice(1);
    const from = flags.has('p') ? 1 : parts.length;
    for (let i = from; i <= parts.length; i += 1) {
      const at = `/${parts.slice(0, i).join('/')}`;
      if (!flags.has('p') || !tree.exists(at, call.actor))
        tree.makeFolder(at, call.actor, Number.parseInt(flags.get('m') ?? '777', 8) & ~0o22);
    }
  });
};

const touch: Program = (call) =>
  each(call, optionsOf(call.args, 'dtr').rest, (path) => {
    const { tree } = call.machine;
    const bytes = tree.exists(path, call.actor) ? tree.read(path, call.actor) : new Uint8Array(0);
    tree.write(path, bytes, { actor: call.actor, mode: 0o644, mtime: seconds(call) });
  });

const chmod: Program = (call) => {
  const { rest } = optionsOf(call.args);
  const [mode = '', ...paths] = rest;
  return each(call, paths, (path) => {
    const { tree } = call.machine;
    const old = tree.stat(path, call.actor).mode;
    const [, sign, bits = ''] = /^[ugoa]*([-+])([rwx]+)$/.exec(mode) ?? [];
    const mask = [...bits].reduce((sum, letter) => sum | (letter === 'r' ? 0o444 : letter === 'w' ? 0o200 : 0o111), 0);
    tree.changeMode(path, sign === '+' ? old | mask : sign === '-' ? old & ~mask : Number.parseInt(mode, 8), call.actor);
  });
};

/** Copies or moves files into a folder or onto a name. */
const transfer =
  (isMove: boolean): Program =>
  (call) => {
    const { rest } = optionsOf(call.args);
    const { tree } = call.machine;
    const to = normalise(rest.at(-1) ?? '', call.cwd);
    const intoFolder = tree.exists(to, call.actor) && tree.stat(to, call.actor).type === 'directory';
    return each(call, rest.slice(0, -1), (path) => {
      const target = intoFolder ? `${to}/${path.split('/').at(-1)}` : to;
      if (isMove) return tree.rename(path, target, call.actor);
      tree.write(target, tree.read(path, call.actor), { actor: call.actor, mode: tree.stat(path, call.actor).mode, mtime: seconds(call) });
    });
  };

const readlink: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args);
  let status = 0;
  for (const path of rest) {
    try {
      const at = normalise(path, call.cwd);
      const answer =
        flags.has('f') || flags.has('e') || call.name === 'realpath'
          ? call.machine.tree.realPath(at, call.actor, true)
          : call.machine.tree.stat(at, call.actor, false).target;
      if (answer === undefined) status = 1;
      else await call.out(`${answer}\n`);
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      status = 1;
      if (call.name === 'realpath') await call.err(`realpath: ${path}: ${error.message}\n`);
    }
  }
  return status;
};

const du: Program = async (call) => {
  const { rest } = optionsOf(call.args, 'd');
  for (const path of rest.length === 0 ? ['.'] : rest) {
    let total = 0;
    const walk = (at: string): void => {
      const found = lstat(call, at);
      if (typeof found === 'string') return;
      total += Math.ceil(found.size / 4096) * 4;
      if (found.type === 'directory') for (const name of call.machine.tree.list(at, SYSTEM)) walk(`${at}/${name}`);
    };
    walk(normalise(path, call.cwd));
    await call.out(`${total}\t${path}\n`);
  }
  return 0;
};

export const filePrograms: Readonly<Record<string, Program>> = {
  ls,
  stat,
  find,
  rm,
  rmdir: rm,
  mkdir,
  touch,
  chmod,
  chown: () => 0,
  restorecon: () => 0,
  cp: transfer(false),
  mv: transfer(true),
  readlink,
  realpath: readlink,
  du,
  sync: () => 0,
};
