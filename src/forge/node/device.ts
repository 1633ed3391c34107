/** Lets a virtual phone speak ADB over TCP, as adbd does. */
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApkMaker } from '../content.ts';
import type { VirtualPhone } from '../phone.ts';
import { standInApk } from '../stand-in-apk.ts';
import { appProcess, runAppProcess, type SecureWorldPort } from './app-process.ts';
import { type HostKey, parseHostKey } from './auth.ts';
import type { Channel } from './channel.ts';
import { Connection } from './connection.ts';
import { type Fault, faultBox } from './faults.ts';
import { type Jail, openJail } from './jail.ts';
import { type Link, openLink } from './link.ts';
import { Machine } from './machine.ts';
import { programs } from './programs/index.ts';
import { pushedProgram, runPushed } from './pushed-program.ts';
import { runShell } from './shell/run.ts';
import { type CommandRunner, serveShell } from './shell-service.ts';
import { serveSync } from './sync.ts';
import type { Actor } from './tree.ts';

/** The assumed phone of every benchmark: 25 ms a shell round trip, 30 MB/s. */
const LATENCY_MS = 25;
const BYTES_PER_SECOND = 30_000_000;

export interface OpenOptions {
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The shortest time from opening a shell to its first byte; default LATENCY_MS. */
  readonly latencyMs?: number;
  /** Both directions together; 0 for no limit; default BYTES_PER_SECOND. */
  readonly bytesPerSecond?: number;
  /** A link that several phones share, instead of one of its own. */
  readonly link?: Link;
  readonly faults?: readonly Fault[];
  /** Public keys, in adb's form, that the phone already trusts. */
  readonly trustedKeys?: readonly string[];
  /**
   * What runs commands. `built-in`: our own subset of the shell and its tools, which needs nothing. `real`: mksh and toybox in a jail; opening fails where they
   * cannot run. `auto`, the default: `real` where it can be had. It is started by the first command.
   */
  readonly shell?: 'auto' | 'real' | 'built-in';
  /** Makes the APKs of recipes; default: stand-ins without a signature. */
  readonly makeApk?: ApkMaker;
  /** The secure world that programs ask; default: none answers. `World.secureWorldOf` gives the phone's own. */
  readonly secureWorld?: SecureWorldPort;
}

/** One service that was opened. */
export interface LogEntry {
  /** Milliseconds since the phone was opened. */
  readonly atMs: number;
  readonly connection: number;
  /** As it was asked for: `shell,v2,raw:getprop`, `sync:RECV /system/build.prop`, `auth:signature`. */
  readonly service: string;
}

export interface OpenPhone {
  readonly host: string;
  readonly port: number;
  readonly log: readonly LogEntry[];
  readonly machine: Machine;
  /** Which shell runs commands, once the first has run; and why not the real one. */
  readonly shell: () => Promise<{ readonly kind: 'real' | 'built-in'; readonly because: string }>;
  /** Keys that were shown to the owner's prompt. */
  readonly shownKeys: readonly string[];
  /** Connects from the phone's side to a reverse tunnel, as a program on the phone would: `tcp:8080`. */
  dialReverse(local: string): Promise<Channel | undefined>;
  /** Ends every connection and removes everything. */
  close(): Promise<void>;
}

/** Opens the phone on a TCP port. */
export async function openVirtualPhone(phone: VirtualPhone, options: OpenOptions = {}): Promise<OpenPhone> {
  const started = performance.now();
  const machine = new Machine(phone, { makeApk: options.makeApk ?? standInApk, monotonicMs: () => performance.now() });
  const log: LogEntry[] = [];
  const shownKeys: string[] = [];
  const trusted: HostKey[] = [];
  for (const key of [...phone.trustedAdbKeys.map((one) => one.key), ...(options.trustedKeys ?? [])]) {
    const parsed = parseHostKey(key);
    if (parsed !== undefined) trusted.push(parsed);
  }
  const link = options.link ?? openLink(options.bytesPerSecond ?? BYTES_PER_SECOND);
  const fault = faultBox(options.faults ?? []);
  const reverses = new Map<string, { readonly remote: string; readonly connection: Connection }>();
  const connections = new Set<Connection>();
  let count = 0;

  const wanted = options.shell ?? 'auto';
  let jail: Promise<Jail | string> | undefined;
  const openShell = (): Promise<Jail | string> => {
    jail ??= wanted === 'built-in' ? Promise.resolve('the built-in shell was asked for') : openJail(machine, programs);
    return jail;
  };
  if (wanted === 'real') {
    const real = await openShell();
    if (typeof real === 'string') throw new Error(`there is no real shell: ${real}`);
  }
  const run = commandRunner(machine, openShell, options.secureWorld ?? (async () => 'android.os.ServiceSpecificException: (code 10)'));

  const connect = (socket: Socket): void => {
    count += 1;
    const number = count;
    const note = (service: string) => void log.push({ atMs: performance.now() - started, connection: number, service });
    const connection: Connection = new Connection(socket, {
      version: phone.adb.version,
      maxPayload: phone.adb.maxPayload,
      features: phone.adb.features,
      banner: () => bannerOf(phone),
      link,
      asksForKey: phone.adb.authorisation !== 'none' && phone.personality !== 'trade-in',
      trusted: () => (phone.adb.authorisation === 'any' ? 'any' : trusted),
      prompt: async (key) => {
        note('auth:prompt');
        shownKeys.push(key?.text ?? '');
        if (phone.adb.ownerAnswers === 'allow' && key !== undefined) trusted.push(key);
        return phone.adb.ownerAnswers === 'allow';
      },
      open: (service) => {
        note(service);
        return openService(service, {
          machine,
          note,
          fault,
          connection,
          reverses,
          run,
          latencyMs: options.latencyMs ?? LATENCY_MS,
        });
      },
    });
    connections.add(connection);
    socket.on('close', () => {
      connections.delete(connection);
      for (const [local, { connection: owner }] of reverses) if (owner === connection) reverses.delete(local);
    });
  };

  const server = createServer(connect);
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    host,
    port: address.port,
    log,
    machine,
    shownKeys,
    shell: async () => {
      const real = await openShell();
      return typeof real === 'string' ? { kind: 'built-in', because: real } : { kind: 'real', because: '' };
    },
    dialReverse: async (local) => {
      const found = reverses.get(local);
      return found?.connection.dial(found.remote);
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
      const real = await jail;
      if (real !== undefined && typeof real !== 'string') await real.close();
    },
  };
}

/** `device::ro.product.name=…;…;features=…`. */
function bannerOf(phone: VirtualPhone): string {
  const { systemIdentity, banner, features } = phone.adb;
  const properties = banner.map(([key, value]) => `${key}=${value};`).join('');
  return `${systemIdentity}::${properties}${features.length > 0 ? `features=${features.join(',')}` : ''}`;
}

const SHELL_ENV: ReadonlyMap<string, string> = new Map([
  ['PATH', '/sbin:/vendor/bin:/system/sbin:/system/bin:/system/xbin:/product/bin:/apex/com.android.runtime/bin:/odm/bin:/vendor/xbin'],
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
  ['PWD', '/'],
]);

/** Who a command of the daemon runs as. */
const shellActor = (phone: VirtualPhone): Actor => ({ uid: phone.adb.runsAs === 'root' ? 0 : 2000, domain: 'shell' });

function commandRunner(machine: Machine, openShell: () => Promise<Jail | string>, ask: SecureWorldPort): CommandRunner {
  return async (command, io) => {
    const actor = shellActor(machine.phone);
    const pushed = pushedProgram(machine, command, actor);
    if (pushed !== undefined) return runPushed(pushed, machine.phone.silicon, io);
    const bytecode = appProcess(command);
    if (bytecode !== undefined) return runAppProcess(bytecode, { machine, actor, ask }, io);
    const jail = await openShell();
    if (typeof jail !== 'string') return jail.run(command, io, actor);
    return runShell(command, io, { machine, actor, programs, signal: io.signal, env: SHELL_ENV });
  };
}

interface ServiceContext {
  readonly machine: Machine;
  readonly note: (service: string) => void;
  readonly fault: (service: string) => Fault | undefined;
  readonly connection: Connection;
  readonly reverses: Map<string, { readonly remote: string; readonly connection: Connection }>;
  readonly run: CommandRunner;
  readonly latencyMs: number;
}

type Handler = (channel: Channel) => Promise<void>;

function openService(service: string, context: ServiceContext): Handler | undefined {
  const { adb } = context.machine.phone;
  const shell = /^(shell|exec)((?:,[^:]*)?):(.*)$/s.exec(service);
  if (shell !== null) return openShell(service, shell, context);
  const isTradeIn = context.machine.phone.personality === 'trade-in';
  if (isTradeIn) return undefined;
  const strike = context.fault(service);
  if (strike?.kind === 'disconnect') {
    context.connection.destroy();
    return undefined;
  }
  if (strike?.kind === 'refuse') return undefined;
  if (service === 'sync:') return (channel) => serveSync(channel, syncOptions(context));
  if (service.startsWith('abb_exec:') && adb.features.includes('abb_exec')) {
    const argv = service.slice('abb_exec:'.length).split('\0');
    return openCommand(`cmd ${argv.map(quote).join(' ')}`, service, context);
  }
  if (service.startsWith('reverse:') && adb.reverse) return (channel) => serveReverse(channel, service.slice('reverse:'.length), context);
  if (service.startsWith('root:')) return says('adbd cannot run as root in production builds\n');
  if (service.startsWith('remount:')) return says('Permission denied\n');
  // tcpip:, usb:, jdwp, track-jdwp, framebuffer:, reboot:, tcp:… and what else there is: refused.
  return undefined;
}

const says =
  (text: string): Handler =>
  async (channel) =>
    channel.write(Buffer.from(text));
const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

function openShell(service: string, match: RegExpExecArray, context: ServiceContext): Handler | undefined {
  const [, kind = '', flags = '', command = ''] = match;
  const { adb, personality } = context.machine.phone;
  if (kind === 'exec' && !adb.exec) return undefined;
  const args = flags.split(',').filter((flag) => flag !== '');
  const v2 = args.includes('v2') && adb.features.includes('shell_v2');
  if (args.length > 0 && adb.features.length === 0) return undefined;
  if (personality === 'trade-in' && !/^\s*tradeinmode(\s|$)/.test(command)) return undefined;
  const terminal = kind === 'shell' && (v2 ? args.includes('pty') : !args.includes('raw'));
  return openCommand(command, service, context, { v2, terminal });
}

function openCommand(
  command: string,
  service: string,
  context: ServiceContext,
  how: { readonly v2: boolean; readonly terminal: boolean } = { v2: false, terminal: false },
): Handler | undefined {
  const fault = context.fault(service);
  if (fault?.kind === 'disconnect') context.connection.destroy();
  if (fault?.kind === 'disconnect' || fault?.kind === 'refuse') return undefined;
  return (channel) =>
    serveShell(channel, {
      command,
      ...how,
      run: context.run,
      fault,
      die: () => context.connection.destroy(),
      earliest: sleep(context.latencyMs),
    });
}

function syncOptions(context: ServiceContext): Parameters<typeof serveSync>[1] {
  const { machine } = context;
  return {
    tree: machine.tree,
    actor: { uid: shellActor(machine.phone).uid, domain: 'daemon' },
    v2: machine.phone.adb.features.includes('stat_v2'),
    log: context.note,
    fault: (request) => {
      const kind = context.fault(request)?.kind;
      if (kind === 'disconnect') context.connection.destroy();
      return kind === 'lie' || kind === 'die' || kind === 'hang' ? kind : undefined;
    },
    die: () => context.connection.destroy(),
    pushed: (path, bytes) => void machine.pushed.push({ path, size: bytes.length }),
  };
}

/** A string with its length in four hex digits, as the host protocol has them. */
const hexString = (value: string): string => Buffer.byteLength(value).toString(16).padStart(4, '0') + value;

async function serveReverse(channel: Channel, request: string, context: ServiceContext): Promise<void> {
  const { reverses, connection } = context;
  const answer = (value: string) => channel.write(Buffer.from(value));
  if (request === 'list-forward') {
    return answer(hexString([...reverses].map(([local, { remote }]) => `host-1 ${local} ${remote}\n`).join('')));
  }
  if (request === 'killforward-all') {
    reverses.clear();
    return answer('OKAY');
  }
  if (request.startsWith('killforward:')) {
    const local = request.slice('killforward:'.length);
    return answer(reverses.delete(local) ? 'OKAY' : `FAIL${hexString(`listener '${local}' not found`)}`);
  }
  const match = /^forward:(norebind:)?([^;]+);(.+)$/.exec(request);
  if (match === null) return answer(`FAIL${hexString('unknown request')}`);
  const [, norebind, asked = '', remote = ''] = match;
  const local = asked === 'tcp:0' ? `tcp:${20_000 + reverses.size}` : asked;
  if (norebind !== undefined && reverses.has(local)) return answer(`FAIL${hexString('cannot rebind existing socket')}`);
  reverses.set(local, { remote, connection });
  await answer(`OKAY${local.startsWith('tcp:') ? hexString(local.slice(4)) : ''}`);
}
