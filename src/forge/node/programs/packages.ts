/** `pm` and `cmd package`. */
import { dumpPackages, listPackages } from '../../dumpsys-package.ts';
import { stateOf } from '../machine.ts';
import type { Call, Program } from '../shell/call.ts';
import { normalise, PhoneFsError } from '../tree.ts';
import { optionsOf } from './text.ts';

const INSTALL_OPTIONS_WITH_VALUE = new Set([
  '-i',
  '--user',
  '-S',
  '--abi',
  '--install-location',
  '--originating-uri',
  '--referrer',
  '-p',
  '--install-reason',
  '--force-uuid',
]);

export const packageManager: Program = async (call) => {
  const [verb = '', ...args] = call.args;
  const { machine, out, err } = call;
  switch (verb) {
    case 'list':
      return list(call, args);
    case 'path': {
      const name = args.filter((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--user')[0] ?? '';
      const found = machine.packages.get(name);
      if (found === undefined) return 1;
      await out(found.paths.map((path) => `package:${path}\n`).join(''));
      return 0;
    }
    case 'dump':
      await out(dumpPackages(stateOf(machine), args[0]));
      return 0;
    case 'install':
      return install(call, args);
    case 'install-create': {
      const id = 1_000_001 + machine.sessions.size;
      machine.sessions.set(id, []);
      await out(`Success: created install session [${id}]\n`);
      return 0;
    }
    case 'install-write': {
      const { size, words } = installOptions(args);
      const [id = '', , path = '-'] = words;
      const bytes =
        path === '-' ? await call.stdin.take(size ?? Number.MAX_SAFE_INTEGER) : machine.tree.read(normalise(path, call.cwd), call.actor);
      machine.sessions.get(Number(id))?.push(bytes);
      await out(`Success: streamed ${bytes.length} bytes\n`);
      return 0;
    }
    case 'install-commit': {
      const [base] = machine.sessions.get(Number(args[0])) ?? [];
      machine.sessions.delete(Number(args[0]));
      return report(call, base === undefined ? 'Failure [INSTALL_FAILED_INVALID_APK]' : machine.install(base, installerOf(call)));
    }
    case 'install-abandon':
      machine.sessions.delete(Number(args[0]));
      await out('Success\n');
      return 0;
    case 'uninstall':
      return report(call, machine.uninstall(args.filter((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--user')[0] ?? ''));
    case 'get-install-location':
      await out('0[auto]\n');
      return 0;
    default:
      await err(verb === '' ? 'usage: pm [list|path|install|uninstall …]\n' : `Error: unknown command '${verb}'\n`);
      return 1;
  }
};

async function list(call: Call, args: readonly string[]): Promise<number> {
  const { machine, out, err } = call;
  const { phone } = machine;
  const [what = '', ...rest] = args;
  switch (what) {
    case 'users':
      await out(
        `Users:\n${phone.users.map((user) => `\tUserInfo{${user.id}:${user.name}:${user.flags.toString(16)}}${user.running ? ' running' : ''}\n`).join('')}`,
      );
      return 0;
    case 'features':
      await out(phone.features.map((name) => `feature:${name}\n`).join(''));
      return 0;
    case 'libraries':
      await out(phone.libraries.map((name) => `library:${name}\n`).join(''));
      return 0;
    case 'package':
    case 'packages': {
      const { flags, rest: words } = optionsOf(
        rest.filter((arg, i) => arg !== '--user' && rest[i - 1] !== '--user' && arg !== '--show-versioncode'),
      );
      if (flags.has('U') && phone.sdk < 26) {
        await err('Error: Unknown option: -U\n');
        return 1;
      }
      const user = Number(rest[rest.indexOf('--user') + 1] ?? 0) || 0;
      await out(
        listPackages(stateOf(machine), {
          files: flags.has('f'),
          uids: flags.has('U'),
          installers: flags.has('i'),
          versions: rest.includes('--show-versioncode'),
          uninstalled: flags.has('u'),
          only: flags.has('s')
            ? 'system'
            : flags.has('3')
              ? 'third-party'
              : flags.has('d')
                ? 'disabled'
                : flags.has('e')
                  ? 'enabled'
                  : undefined,
          user: rest.includes('--user') ? user : 0,
          filter: words[0] ?? '',
        }),
      );
      return 0;
    }
    default:
      await err(`Error: unknown list type '${what}'\n`);
      return 1;
  }
}

function installOptions(args: readonly string[]): {
  readonly size: number | undefined;
  readonly installer: string | undefined;
  readonly words: readonly string[];
} {
  let size: number | undefined;
  let installer: string | undefined;
  const words: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    const value = args[i + 1];
    if (INSTALL_OPTIONS_WITH_VALUE.has(arg)) {
      i += 1;
      if (arg === '-S') size = Number(value);
      if (arg === '-i') installer = value;
    } else if (arg === '-' || !arg.startsWith('-')) words.push(arg);
  }
  return { size, installer, words };
}

const installerOf = (call: Call): string | null => (call.machine.phone.sdk >= 34 ? 'com.android.shell' : null);

async function install(call: Call, args: readonly string[]): Promise<number> {
  const { machine, out } = call;
  const { size, installer, words } = installOptions(args);
  const [path] = words;
  let bytes: Uint8Array;
  if (path === undefined || path === '-') {
    bytes = await call.stdin.take(size ?? Number.MAX_SAFE_INTEGER);
  } else {
    try {
      bytes = machine.tree.read(normalise(path, call.cwd), call.actor);
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      await out(
        machine.phone.sdk < 24 ? `\tpkg: ${path}\nFailure [INSTALL_FAILED_INVALID_URI]\n` : `Error: Unable to open file: ${path}\n`,
      );
      return 1;
    }
    if (machine.phone.sdk < 24) await out(`\tpkg: ${path}\n`);
  }
  return report(call, machine.install(bytes, installer ?? installerOf(call)));
}

async function report(call: Call, answer: string): Promise<number> {
  await call.out(`${answer}\n`);
  return answer === 'Success' || call.machine.phone.sdk < 24 ? 0 : 1;
}
