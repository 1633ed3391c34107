/** Programs that change files, and the table of all that look at them. */
import type { Call, Program } from '../shell/call.ts';
import { normalise, PhoneFsError, SYSTEM } from '../tree.ts';
import { lstat } from './attributes.ts';
import { find } from './find.ts';
import { ls } from './ls.ts';
import { stat } from './stat.ts';
import { optionsOf } from './text.ts';

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
