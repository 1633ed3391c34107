/**
 * Install canaries. In 2015 an installer swapped the checker that was being installed for a doctored copy. So: send an APK under a checker's name and the same under a
 * random one, install each, read what is installed by two paths (the daemon's sync and the shell's own sha256sum), and compare. Only with the operator's yes.
 * A refused installation is not examined. What was pushed and installed is removed, also after an interruption.
 */
import { concatBytes, type HashPort, hashOf, toHex } from '../bytes/index.ts';
import type { CaptureChange } from '../evidence/index.ts';
import type { CanaryDocument } from '../evidence/own/index.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { type DevicePort, type RandomPort, type TimerPort, within } from './device-port.ts';
import type { PlanItem } from './plan-types.ts';
import { taskOf } from './prepare.ts';
import { removeFile } from './remove-file.ts';
import type { Runner } from './run-plan.ts';
import { runShell, type ShellAnswer } from './shell.ts';
import { openSync, push } from './sync.ts';

/** One APK to send. */
export interface CanaryRequest {
  readonly package: string;
  readonly role: CanaryDocument['canaries'][number]['role'];
  readonly apk: Uint8Array;
  /** SHA-256 in hex of the certificates it is signed with, as far as that is known. */
  readonly signers: readonly string[] | undefined;
  /** Reads the signers of what was installed, where the caller can. */
  readonly signersOf?: (apk: Uint8Array) => Promise<readonly string[] | undefined>;
}

export interface CanaryPorts {
  readonly device: DevicePort;
  readonly builder: CaptureBuilder;
  readonly runner: Runner;
  readonly ports: { readonly timer: TimerPort; readonly random: RandomPort; readonly hash: HashPort };
  readonly stop: AbortSignal | undefined;
  /** Numbers the commands. */
  readonly counter: { next: number };
}

/** Java package names: what goes into a shell command. */
const PACKAGE = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$/;
/** Where the package manager puts what it installs. A path of another form is not read: it goes into a shell command. */
const INSTALLED = /^package:(\/data\/app\/[A-Za-z0-9_.~=/-]{1,300}\.apk)\s*$/m;
const APK_MAX = 256 * 1024 * 1024;
const INSTALL_MS = 60_000;
const SHORT_MS = 15_000;
const utf8 = new TextDecoder();

type Result = { -readonly [K in keyof CanaryDocument['canaries'][number]]: CanaryDocument['canaries'][number][K] };

const item: PlanItem = {
  id: 'canary',
  what: 'install canary',
  why: 'whether what is installed is what was sent',
  how: { kind: 'host', what: 'adb' },
  artefact: 'canary.json',
  kind: 'canary',
  since: 1,
  timeLimitMs: 180_000,
  byteLimit: APK_MAX,
  order: 'bytes',
  depth: 'full',
};

/** Sends each canary and writes what came of it. */
export async function runCanaries(all: CanaryPorts, requests: readonly CanaryRequest[]): Promise<void> {
  const { builder, runner } = all;
  const startMs = runner.now();
  const canaries: Result[] = [];
  for (const request of requests) {
    if (!PACKAGE.test(request.package)) throw new RangeError(`not a package name: ${JSON.stringify(request.package)}`);
    if (all.stop?.aborted === true) break;
    canaries.push(await runCanary(all, request));
    await builder.flush(false);
  }
  const document: CanaryDocument = { format: 'assay.canary/1', canaries };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  await builder.put({ name: 'canary.json', kind: 'canary', origin: undefined }, bytes);
  runner.settle(taskOf(item, 'pm install', undefined), { outcome: 'done', artefact: 'canary.json', bytes: bytes.length, startMs });
}

async function runCanary(all: CanaryPorts, request: CanaryRequest): Promise<Result> {
  const { device, builder, ports } = all;
  const sha = (bytes: Uint8Array) => toHex(hashOf(ports.hash, 'sha256', bytes));
  const path = `/data/local/tmp/assay-${toHex(ports.random(6))}.apk`;
  const result: Result = {
    package: request.package,
    role: request.role,
    outcome: 'failed',
    sentSha256: sha(request.apk),
    pulledSha256: null,
    shellSha256: null,
    installedSigners: null,
    sentSigners: request.signers === undefined ? null : [...request.signers],
    removed: false,
    note: null,
  };
  const shell = (command: string, timeMs = SHORT_MS): Promise<ShellAnswer> => runLogged(all, command, timeMs);
  const pushed = `the file ${path}`;
  const installed = `the package ${request.package}`;
  let mayBeInstalled = false;
  try {
    // What was there under that name is its owner's: never replaced, never removed.
    if (/^package:/m.test(text(await shell(`pm path ${request.package}`)))) {
      return { ...result, outcome: 'refused', removed: true, note: 'a package of this name is installed already' };
    }
    builder.change({ what: pushed, undone: false, undo: `adb shell rm ${path}` });
    // Written before it is done: after a power cut the capture still says what may be on the phone.
    await builder.flush(false);
    await within(ports.timer, INSTALL_MS, push(device, path, request.apk, 0o644));
    builder.change({ what: installed, undone: false, undo: `adb uninstall ${request.package}` });
    await builder.flush(false);
    mayBeInstalled = true;
    const answer = text(await shell(`pm install ${path}`, INSTALL_MS));
    if (!/^Success/m.test(answer)) {
      result.outcome = 'refused';
      result.note = answer.trim().slice(0, 500);
    } else {
      result.outcome = 'installed';
      await readBack(all, { request, result, shell });
    }
  } catch (error) {
    result.note = error instanceof Error ? error.message : String(error);
  } finally {
    const gone = await cleanUp(shell, path, mayBeInstalled ? request.package : undefined);
    if (gone.file) builder.undone(pushed);
    if (mayBeInstalled && gone.package) builder.undone(installed);
    result.removed = gone.file && gone.package;
  }
  return result;
}

async function readBack(
  all: CanaryPorts,
  {
    request,
    result,
    shell,
  }: { readonly request: CanaryRequest; readonly result: Result; readonly shell: (command: string) => Promise<ShellAnswer> },
): Promise<void> {
  const { device, ports } = all;
  const installed = INSTALLED.exec(text(await shell(`pm path ${request.package}`)))?.[1];
  if (installed === undefined) {
    result.note = 'the package manager names no path for it';
    return;
  }
  result.shellSha256 = /^([0-9a-f]{64})\s/m.exec(text(await shell(`sha256sum ${installed}`)))?.[1] ?? null;
  const pieces: Uint8Array[] = [];
  const session = await openSync(device);
  try {
    await within(
      ports.timer,
      INSTALL_MS,
      (async () => {
        for await (const piece of session.pull(installed, APK_MAX)) pieces.push(piece.slice());
      })(),
    );
  } finally {
    await session.close();
  }
  const bytes = concatBytes(pieces);
  result.pulledSha256 = toHex(hashOf(ports.hash, 'sha256', bytes));
  const signers = await request.signersOf?.(bytes);
  result.installedSigners = signers === undefined ? null : [...signers];
}

/** Removes what we put there; tried on a fresh connection too, because the one at hand may be the reason that something went wrong. */
async function cleanUp(
  shell: (command: string) => Promise<ShellAnswer>,
  path: string,
  name: string | undefined,
): Promise<{ readonly file: boolean; readonly package: boolean }> {
  const state = { file: false, package: name === undefined };
  try {
    if (name !== undefined) {
      const answer = text(await shell(`pm uninstall ${name}`));
      const left = text(await shell(`pm path ${name}`));
      state.package = /^Success/m.test(answer) || !/^package:/m.test(left);
    }
    await shell(`rm -f ${path}`);
    state.file = /^gone\s*$/m.test(text(await shell(`if [ -e ${path} ]; then echo there; else echo gone; fi`)));
  } catch {
    // The change stays in the list, with how to undo it.
  }
  return state;
}

/** Files and tunnels of ours that an interrupted run left, by the changes of its capture. Nothing but a name that we make is taken from there to the phone. */
export async function removeLeftovers(
  device: DevicePort,
  builder: CaptureBuilder,
  timer: TimerPort,
  changes: readonly CaptureChange[],
): Promise<void> {
  for (const { what, undone } of changes) {
    if (undone) continue;
    const path = /^the file (\/data\/local\/tmp\/assay-[0-9a-f]{12}\.(?:apk|bin|bin\.d|dex))$/.exec(what)?.[1];
    const tunnel = /^the reverse tunnel (tcp:\d{1,5})$/.exec(what)?.[1];
    if (path !== undefined && (await removeFile({ device, ports: { timer } }, path))) builder.undone(what);
    if (tunnel !== undefined && (await closeTunnel(device, timer, tunnel))) builder.undone(what);
  }
}

/** A tunnel that is gone already is as good as one that is taken down. */
async function closeTunnel(device: DevicePort, timer: TimerPort, remote: string): Promise<boolean> {
  try {
    const stream = await within(timer, SHORT_MS, device.open(`reverse:killforward:${remote}`), (late) => void late.close());
    const answer = await within(timer, SHORT_MS, stream.read());
    await stream.close();
    return /^OKAY|not found/.test(utf8.decode(answer));
  } catch {
    return false;
  }
}

const text = (answer: ShellAnswer): string => utf8.decode(concatBytes([answer.stdout, answer.stderr]));

/** Runs a command and records it, as everything that is sent. A connection that broke is made again once. */
async function runLogged(all: CanaryPorts, command: string, timeMs: number): Promise<ShellAnswer> {
  const { device, runner, ports } = all;
  const startMs = runner.now();
  const task = { ...taskOf(item, command, undefined), id: `canary.${all.counter.next++}` };
  const limits = { timer: ports.timer, timeMs, bytes: 1 << 20 };
  try {
    let answer: ShellAnswer;
    try {
      answer = await within(ports.timer, timeMs + 1000, runShell(device, command, limits));
    } catch {
      await within(ports.timer, SHORT_MS, device.reconnect());
      answer = await within(ports.timer, timeMs + 1000, runShell(device, command, limits));
    }
    const outcome = answer.outcome === 'cut' ? 'disconnected' : answer.outcome;
    runner.settle(task, { outcome, exitStatus: answer.status, bytes: answer.stdout.length, startMs });
    return answer;
  } catch (error) {
    runner.settle(task, { outcome: 'disconnected', note: error instanceof Error ? error.message : String(error), startMs });
    throw error;
  }
}
