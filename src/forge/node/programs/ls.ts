/** `ls`, as toybox 0.8 prints it; where the phone has toolbox, as Android 4.4's does. */
import type { Call, Program } from '../shell/call.ts';
import { normalise, PhoneFsError, type Stat } from '../tree.ts';
import { lstat, modeText } from './attributes.ts';
import { userName } from './names.ts';
import { optionsOf } from './text.ts';

const minute = (seconds: number, offsetMinutes: number): string =>
  new Date((seconds + offsetMinutes * 60) * 1000).toISOString().slice(0, 16).replace('T', ' ');

interface Named {
  readonly name: string;
  readonly stat: Stat;
}

export const ls: Program = async (call) => {
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
