/**
 * A real shell for a virtual phone: mksh and toybox in a root folder of the phone's own, in namespaces of their own, as users that the host does not have.
 * What reads text and bytes is toybox itself on real files. What answers for the phone (getprop, pm, ls -Z, stat of /proc …) asks this process through a FIFO.
 * Needs root, unshare and nsenter of util-linux, chroot, mksh-static and toybox. Nothing outside the folder can be reached: no host file, process, user or network.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Machine } from './machine.ts';
import type { Call, Program } from './shell/call.ts';
import { collector, Input } from './shell/io.ts';
import type { ShellIo } from './shell/run.ts';
import { type Actor, SYSTEM } from './tree.ts';

const run = promisify(execFile);

/** Added to every user id: what runs as root in there is nobody out here. */
const ID_BASE = 700_000;
const ID_COUNT = 100_000;
const SHELL_GROUPS = '1004,1007,1011,1015,1028,3001,3002,3003,3006,9997';
/** Folder of our own inside the root; the tree knows nothing of it. */
const OURS = '/dev/.forge';
const PREFIX = 'forge-phone-';
const DEVICES = ['null', 'zero', 'random', 'urandom'];

/** Programs that toybox itself runs: they look at bytes, not at the phone. */
const TOYBOX = new Set([
  'cat',
  'head',
  'tail',
  'wc',
  'sort',
  'uniq',
  'cut',
  'tr',
  'grep',
  'egrep',
  'fgrep',
  'sed',
  'tee',
  'dd',
  'cmp',
  'cp',
  'mv',
  'rm',
  'rmdir',
  'mkdir',
  'touch',
  'chmod',
  'ln',
  'sleep',
  'seq',
  'basename',
  'dirname',
  'md5sum',
  'sha1sum',
  'sha224sum',
  'sha256sum',
  'sha384sum',
  'sha512sum',
  'cksum',
  'base64',
  'xxd',
  'od',
  'strings',
  'tac',
  'comm',
  'paste',
  'nl',
  'expand',
  'fmt',
  'split',
  'file',
  'env',
  'printenv',
  'echo',
  'printf',
  'test',
  '[',
  'true',
  'false',
  'expr',
  'mktemp',
  'truncate',
  'fallocate',
  'yes',
  'cal',
  'which',
  'pwd',
  'nproc',
  'cpio',
  'tar',
  'gunzip',
  'gzip',
  'zcat',
  'diff',
  'usleep',
  'unlink',
  'mkfifo',
]);
/** Programs that run others: ours, because toybox would run its own `stat` in place of the phone's. */
const RUNNERS = new Set(['find', 'xargs', 'timeout', 'nice', 'ionice', 'nohup', 'setsid', 'su', 'toybox', 'toolbox']);

/** The phone's side of a call: sends its words, waits for the answer, prints it. `$1` is the program, from the name it was called by. */
const ASK = `#!${OURS}/mksh
n=\${0##*/}
d=${OURS}/calls/$$
t=${OURS}/toybox
$t mkdir "$d" && $t mkfifo "$d/done" || exit 126
$t printf '%s\\0' "$n" "$PWD" "$USER_ID" "$@" > "$d/args"
: > "$d/in"
case $n in
xargs) $t cat > "$d/in" ;;
pm|cmd)
  s=
  for a; do [ "$s" = next ] && s=$a; [ "$a" = -S ] && s=next; done
  [ -n "$s" ] && $t head -c "$s" > "$d/in" ;;
esac
print -r -- "$$" > ${OURS}/requests
read -r r < "$d/done"
$t cat "$d/out"
$t cat "$d/err" >&2
$t rm -rf "$d"
exit "$r"
`;

/** `merged`: standard error goes down the same pipe as standard output. */
export type JailIo = ShellIo & { readonly signal: AbortSignal; readonly merged: boolean };

export interface Jail {
  /** Runs a command line in the phone's shell. */
  run(command: string, io: JailIo, actor: Actor): Promise<number>;
  close(): Promise<void>;
}

interface Tools {
  readonly mksh: string;
  readonly toybox: string;
  readonly libraries: readonly string[];
}

/** The first of these paths that exists. */
const firstOf = (...paths: readonly string[]): string | undefined => paths.find((path) => existsSync(path));

/** What a real shell needs, or why there is none. */
export async function findTools(): Promise<Tools | string> {
  if (process.platform !== 'linux') return 'this is no Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  const mksh = firstOf('/bin/mksh-static', '/usr/bin/mksh-static');
  const toybox = firstOf('/usr/bin/toybox', '/bin/toybox');
  if (mksh === undefined || toybox === undefined) return 'mksh-static and toybox are not installed';
  for (const tool of ['/usr/bin/unshare', '/usr/bin/nsenter', '/usr/sbin/chroot']) if (!existsSync(tool)) return `${tool} is not there`;
  try {
    const { stdout } = await run('ldd', [toybox]);
    return { mksh, toybox, libraries: [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '') };
  } catch (error) {
    return `ldd: ${String(error)}`;
  }
}

/** Opens a jail for a machine. @returns why not, where namespaces are refused */
export async function openJail(machine: Machine, programs: ReadonlyMap<string, Program>): Promise<Jail | string> {
  const tools = await findTools();
  if (typeof tools === 'string') return tools;
  removeStale();
  const root = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  let holder: ChildProcess | undefined;
  try {
    chmodSync(root, 0o755);
    const started = await startHolder(tools);
    holder = started.holder;
    materialise(machine, { root, tools, programs });
    await bindDevices(started.pid, root);
    const jail = new RealShell(machine, { root, pid: started.pid, holder, programs });
    await jail.listen();
    return jail;
  } catch (error) {
    holder?.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

/** Folders of processes that were killed before they could remove them. */
function removeStale(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? /^\d+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** A process that keeps the namespaces open: init of its own process space, so that everything in there ends with it, and it ends with us. */
async function startHolder(tools: Tools): Promise<{ readonly holder: ChildProcess; readonly pid: number }> {
  const holder = spawn(
    '/usr/bin/unshare',
    ['--user', '--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child', tools.mksh, '-c', 'echo ready; read x'],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    holder.once('error', reject).once('exit', () => reject(new Error('namespaces are refused here')));
    holder.stdout.once('data', () => resolve());
  });
  holder.removeAllListeners('exit');
  const pid = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim().split(' ')[0]);
  for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${map}`, `0 ${ID_BASE} ${ID_COUNT}`);
  return { holder, pid };
}

const namespaceArgs = (pid: number): readonly string[] => [
  '--target',
  String(pid),
  '--user',
  '--mount',
  '--pid',
  '--net',
  '--uts',
  '--ipc',
  '--setuid',
  '0',
  '--setgid',
  '0',
  '--',
];

async function bindDevices(pid: number, root: string): Promise<void> {
  const script = DEVICES.map((name) => `mount --bind /dev/${name} ${root}/dev/${name}`).join(' && ');
  await run('/usr/bin/nsenter', [...namespaceArgs(pid), '/bin/sh', '-c', script]);
}

interface Place {
  readonly root: string;
  readonly tools: Tools;
  readonly programs: ReadonlyMap<string, Program>;
}

/** Writes the phone's tree to the folder, and our own things beside it. */
function materialise(machine: Machine, place: Place): void {
  const { root, tools } = place;
  const { tree, phone } = machine;
  for (const [path] of tree.paths()) writeOut(machine, place, path);
  for (const path of [tools.toybox, ...tools.libraries]) {
    const to = path === tools.toybox ? `${root}${OURS}/toybox` : `${root}${path}`;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(path, to);
    chmodSync(to, 0o755);
  }
  copyFileSync(tools.mksh, `${root}${OURS}/mksh`);
  rmSync(`${root}/system/bin/sh`, { force: true });
  copyFileSync(tools.mksh, `${root}/system/bin/sh`);
  for (const path of [`${root}${OURS}/mksh`, `${root}/system/bin/sh`]) chmodSync(path, 0o755);
  writeFileSync(`${root}${OURS}/ask`, ASK, { mode: 0o755 });
  mkdirSync(`${root}${OURS}/calls`);
  chmodSync(`${root}${OURS}/calls`, 0o1777);
  for (const name of DEVICES) {
    if (existsSync(`${root}/dev/${name}`)) rmSync(`${root}/dev/${name}`);
    writeFileSync(`${root}/dev/${name}`, '');
  }
  const shared = phone.sdk < 21 ? '/storage/emulated/legacy' : '/storage/emulated/0';
  const folders = ['/data/local/tmp', shared].filter((path) => existsSync(`${root}${path}`));
  tree.back({ hostRoot: root, folders, idBase: ID_BASE });
  tree.onChange = (path) => {
    rmSync(`${root}${path}`, { recursive: true, force: true });
    if (tree.exists(path, SYSTEM)) writeOut(machine, place, path);
  };
}

/** Writes one entry of the tree. */
function writeOut(machine: Machine, place: Place, path: string): void {
  const { root, programs } = place;
  if (path === '/') return;
  const to = `${root}${path}`;
  const stat = machine.tree.stat(path, SYSTEM, false);
  const name = path.slice(path.lastIndexOf('/') + 1);
  mkdirSync(dirname(to), { recursive: true });
  const isProgram = /^\/(?:system\/(?:bin|xbin)|vendor\/bin|sbin)\//.test(path);
  if (isProgram && programs.has(name) && (TOYBOX.has(name) ? stat.type === 'link' || stat.type === 'file' : true)) {
    symlinkSync(TOYBOX.has(name) && !RUNNERS.has(name) ? `${OURS}/toybox` : `${OURS}/ask`, to);
    return;
  }
  if (stat.type === 'link') {
    symlinkSync(stat.target ?? '', to);
    lchownSync(to, ID_BASE + stat.uid, ID_BASE + stat.gid);
    return;
  }
  if (stat.type === 'directory') mkdirSync(to, { recursive: true });
  // Nodes and sockets are empty files: what matters of them, `ls` and `stat` tell.
  else writeFileSync(to, stat.type === 'file' ? machine.tree.read(path, SYSTEM) : '');
  chownSync(to, ID_BASE + stat.uid, ID_BASE + stat.gid);
  const denied = machine.phone.files.get(path)?.denied !== undefined;
  chmodSync(to, denied ? stat.mode & 0o700 : stat.mode);
}

class RealShell implements Jail {
  readonly #machine: Machine;
  readonly #root: string;
  readonly #pid: number;
  readonly #holder: ChildProcess;
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #children = new Set<ChildProcess>();
  #requests: Socket | undefined;
  /** Ends with the phone: what a call waits for is over then. */
  readonly #closing = new AbortController();

  constructor(
    machine: Machine,
    parts: { readonly root: string; readonly pid: number; readonly holder: ChildProcess; readonly programs: ReadonlyMap<string, Program> },
  ) {
    this.#machine = machine;
    this.#root = parts.root;
    this.#pid = parts.pid;
    this.#holder = parts.holder;
    this.#programs = parts.programs;
  }

  /** Begins to hear the programs that ask. */
  async listen(): Promise<void> {
    process.on('exit', this.#onExit);
    const path = `${this.#root}${OURS}/requests`;
    await run('mkfifo', ['-m', '666', path]);
    // Opened for both, so that it never ends when the last who asked has gone.
    const socket = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false });
    this.#requests = socket;
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (/^\d+$/.test(line)) void this.#answer(line);
    });
    socket.on('error', () => socket.destroy());
  }

  async #answer(id: string): Promise<void> {
    const folder = `${this.#root}${OURS}/calls/${id}`;
    const [name = '', cwd = '/', uid = '2000', ...args] = readFileSync(`${folder}/args`).toString('utf8').split('\0').slice(0, -1);
    const [out, err] = [collector(), collector()];
    const actor: Actor = { uid: Number(uid) % ID_COUNT, domain: 'shell' };
    const io: ShellIo = { stdin: new Input(readFileSync(`${folder}/in`)), stdout: out.sink, stderr: err.sink };
    let status = 127;
    try {
      const program = this.#programs.get(name);
      if (program === undefined) await err.sink(Buffer.from(`/system/bin/sh: ${name}: not found\n`));
      else status = await program(this.#call({ name, args, cwd }, io, actor));
    } catch (error) {
      await err.sink(Buffer.from(`${name}: ${String(error)}\n`));
      status = 1;
    }
    try {
      writeFileSync(`${folder}/out`, out.bytes());
      writeFileSync(`${folder}/err`, err.bytes());
      for (const file of ['out', 'err']) chownSync(`${folder}/${file}`, ID_BASE + actor.uid, ID_BASE + actor.uid);
      await this.#tell(`${folder}/done`, `${status}\n`);
    } catch {
      // Whoever asked has gone, and its folder with it.
    }
  }

  /** Writes to a FIFO as soon as somebody reads it. */
  async #tell(path: string, text: string): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
        writeSync(fd, text);
        closeSync(fd);
        return;
      } catch (error) {
        // ENXIO: nobody reads yet.
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENXIO') throw error;
        await sleep(1);
      }
    }
  }

  #call(what: { readonly name: string; readonly args: readonly string[]; readonly cwd: string }, io: ShellIo, actor: Actor): Call {
    const { signal } = this.#closing;
    return {
      ...what,
      stdin: io.stdin,
      out: (data) => io.stdout(typeof data === 'string' ? Buffer.from(data) : data),
      err: (text) => io.stderr(Buffer.from(text)),
      machine: this.#machine,
      actor,
      env: ENVIRONMENT,
      run: (argv, stdin) => this.#runProgram(argv, { ...io, stdin: stdin ?? new Input(new Uint8Array(0)) }, { actor, cwd: what.cwd }),
      shell: (script, as) => this.run(script, { ...io, signal, merged: false }, as),
      signal,
    };
  }

  /** A program that another one runs: ours at once, any other in the jail. */
  #runProgram(argv: readonly string[], io: ShellIo, how: { readonly actor: Actor; readonly cwd: string }): Promise<number> {
    const [path = '', ...args] = argv;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const program = this.#programs.get(name);
    const isThere = this.#machine.tree.exists(`/system/bin/${name}`, SYSTEM);
    if (program !== undefined && isThere && !TOYBOX.has(name))
      return Promise.resolve(program(this.#call({ name, args, cwd: how.cwd }, io, how.actor)));
    return this.#spawn(
      ['/system/bin/sh', '-c', 'cd "$1"; shift; "$@"', 'sh', how.cwd, ...argv],
      { ...io, signal: this.#closing.signal },
      how.actor,
    );
  }

  run(command: string, io: JailIo, actor: Actor): Promise<number> {
    const text = io.merged && command !== '' ? `exec 2>&1\n${command}` : command;
    return this.#spawn(text === '' ? ['/system/bin/sh'] : ['/system/bin/sh', '-c', text], io, actor);
  }

  async #spawn(argv: readonly string[], io: ShellIo & { readonly signal: AbortSignal }, actor: Actor): Promise<number> {
    const child = spawn(
      '/usr/bin/nsenter',
      [
        ...namespaceArgs(this.#pid),
        '/usr/sbin/chroot',
        `--userspec=${actor.uid}:${actor.uid}`,
        `--groups=${actor.uid === 0 ? '0' : SHELL_GROUPS}`,
        this.#root,
        ...argv,
      ],
      {
        env: Object.fromEntries(ENVIRONMENT),
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    this.#children.add(child);
    const stop = () => this.#kill(child);
    io.signal.addEventListener('abort', stop, { once: true });
    child.stdin.on('error', () => undefined);
    void this.#feed(child, io.stdin);
    const drained = Promise.all([drain(child.stdout, io.stdout, stop), drain(child.stderr, io.stderr, stop)]);
    const status = await new Promise<number>((resolve) => {
      child.once('error', () => resolve(127)).once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 137)));
    });
    await drained;
    io.signal.removeEventListener('abort', stop);
    this.#children.delete(child);
    return status;
  }

  async #feed(child: ChildProcess, stdin: Input): Promise<void> {
    for await (const chunk of stdin.chunks()) {
      if (child.exitCode !== null || child.stdin?.destroyed !== false) return;
      child.stdin.write(chunk);
    }
    child.stdin?.end();
  }

  /** nsenter waits for what it started: both must go. */
  #kill(child: ChildProcess): void {
    try {
      const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
      for (const pid of inner.split(' ').filter((text) => text !== '')) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    child.kill('SIGKILL');
  }

  /** For a process that ends without closing its phones. */
  readonly #onExit = (): void => {
    this.#holder.kill('SIGKILL');
    rmSync(this.#root, { recursive: true, force: true });
  };

  async close(): Promise<void> {
    process.off('exit', this.#onExit);
    this.#closing.abort();
    for (const child of this.#children) this.#kill(child);
    this.#requests?.destroy();
    if (this.#holder.exitCode === null && this.#holder.signalCode === null) {
      const gone = new Promise<void>((resolve) => void this.#holder.once('exit', () => resolve()));
      // Its child is init of the jail's processes: everything in there dies with it.
      process.kill(this.#pid, 'SIGKILL');
      this.#holder.kill('SIGKILL');
      await gone;
    }
    rmSync(this.#root, { recursive: true, force: true });
  }
}

async function drain(from: AsyncIterable<Uint8Array>, to: (bytes: Uint8Array) => void | Promise<void>, stop: () => void): Promise<void> {
  try {
    for await (const chunk of from) await to(chunk);
  } catch {
    // Nobody listens any more.
    stop();
  }
}

const ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['PATH', '/sbin:/vendor/bin:/system/sbin:/system/bin:/system/xbin'],
  ['ANDROID_ROOT', '/system'],
  ['ANDROID_DATA', '/data'],
  ['ANDROID_STORAGE', '/storage'],
  ['EXTERNAL_STORAGE', '/sdcard'],
  ['HOME', '/'],
  ['SHELL', '/system/bin/sh'],
  ['USER', 'shell'],
  ['LOGNAME', 'shell'],
  ['HOSTNAME', 'android'],
  ['TMPDIR', '/data/local/tmp'],
  ['TERM', 'dumb'],
]);
