/** `find`, with the tests and actions that collectors use, as toybox 0.8 does them. */
import type { Program } from '../shell/call.ts';
import { normalise, PhoneFsError, type Stat } from '../tree.ts';
import { LETTER, lstat, modeText } from './attributes.ts';
import { userName } from './names.ts';

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

export const find: Program = async (call) => {
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
