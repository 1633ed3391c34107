/**
 * A live phone, read by the plan into a capture.
 * The probe and the identity card come first, then what lives shortest. Nothing is installed here and nothing on the phone is changed.
 */
import { type HashAlgorithm, type HashPort, hashOf, instantMs, readAll, toHex } from '../bytes/index.ts';
import { type CaptureItem, type Claims, type Properties, parseGetprop, property } from '../evidence/index.ts';
import { readFileList } from '../evidence/own/index.ts';
import { choosePerSigner } from './apk-choice.ts';
import { removeLeftovers } from './canary.ts';
import { type CaptureBuilder, type CaptureStorage, captureBuilder } from './capture-builder.ts';
import type { CaptureDocument, HashesDocument } from './capture-schema.ts';
import { DeviceError, type DevicePort } from './device-port.ts';
import { notRead, plan, probeItem, tradeInItem } from './plan.ts';
import { ORDER, type PlanItem } from './plan-types.ts';
import { chosen, notExpected, type Probe, parseProbe, parseUsers, scriptFor, taskOf } from './prepare.ts';
import { pullTexts } from './pull-texts.ts';
import { planRunner, type Runner, type RunnerPorts, type Task } from './run-plan.ts';
import { runShell } from './shell.ts';

/** What the phone calls itself: shown within ten seconds, judged by nobody yet. */
export interface IdentityCard {
  readonly brand: string | undefined;
  readonly model: string | undefined;
  readonly device: string | undefined;
  readonly release: string | undefined;
  readonly securityPatch: string | undefined;
  readonly fingerprint: string | undefined;
  readonly verifiedBootState: string | undefined;
  readonly locked: string | undefined;
  readonly authorisation: string;
}

export type AcquireEvent =
  | { readonly kind: 'identity'; readonly card: IdentityCard }
  | {
      readonly kind: 'begin';
      readonly what: string;
      readonly done: number;
      readonly total: number;
      readonly elapsedMs: number;
      readonly leftMs: number;
    }
  | {
      readonly kind: 'end';
      readonly id: string;
      readonly outcome: CaptureItem['outcome'];
      readonly note: string | undefined;
      readonly bytes: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'note'; readonly text: string };

export interface AcquirePorts extends RunnerPorts {
  readonly hash: HashPort;
}

export interface AcquireOptions {
  readonly depth: 'quick' | 'full';
  readonly claims: Claims;
  readonly operator: string | undefined;
  readonly tool: string;
  /** Names of items that are read on request only, as in `bugreport`. */
  readonly requests: readonly string[];
  readonly onEvent: (event: AcquireEvent) => void;
  /** Ctrl-C: what runs is ended, the capture stays valid. */
  readonly stop: AbortSignal | undefined;
  /** Host milliseconds for the whole; default: 57 s quick, 590 s full. */
  readonly budgetMs?: number;
  /** Multiplies the time that each item may take: above 1 for slow phones; default 1. */
  readonly patience?: number;
  /** A capture of the same phone that was stopped before. */
  readonly earlier?: { readonly document: CaptureDocument; readonly hashes: HashesDocument };
  /** More work on the phone at the end of the plan, as challenges and the install canary; it writes into the builder. */
  readonly after?: (device: DevicePort, builder: CaptureBuilder, runner: Runner) => Promise<void>;
  /** More to ask of a phone that runs nothing but its trade-in command. */
  readonly afterTradeIn?: (device: DevicePort, builder: CaptureBuilder, runner: Runner) => Promise<void>;
  /** Told how the phone met our key, once its serial number is known. */
  readonly keyIsNew?: (serial: string) => Promise<boolean | undefined>;
}

/** What came of it: the builder has the capture. */
export interface Acquired {
  readonly builder: CaptureBuilder;
  readonly complete: boolean;
  /** Round trips paid. */
  readonly opened: number;
  readonly tradeIn: boolean;
}

const QUICK_BUDGET_MS = 57_000;
const FULL_BUDGET_MS = 590_000;
const PROBE_MS = 15_000;
const MIB = 1024 * 1024;
const LISTED_FILES_MAX = 200_000;
const utf8 = new TextDecoder();
/** How an item weighs in the estimate of what is left. */
const WEIGHT: Record<(typeof ORDER)[number], number> = {
  identity: 1,
  volatile: 3,
  state: 1,
  services: 3,
  packages: 8,
  files: 4,
  hashes: 20,
  bytes: 10,
};

/** Reads a phone into a capture. @throws DeviceError where it is another phone than the capture that is resumed, or is gone before it said anything */
export async function acquire(
  device: DevicePort,
  storage: CaptureStorage,
  ports: AcquirePorts,
  options: AcquireOptions,
): Promise<Acquired> {
  const { clock, hash } = ports;
  const startedAt = clock.monotonicMs();
  const items = chosen(plan, options.depth, options.requests);
  const builder = captureBuilder(
    storage,
    hash,
    {
      tool: options.tool,
      operator: options.operator,
      takenAt: clock.now(),
      transport: device.about.transport,
      plan: options.depth,
      claims: options.claims,
      notRead,
    },
    options.earlier,
  );
  let done = 0;
  let total = items.length + 1;
  let weightDone = 0;
  let weightAll = items.reduce((sum, item) => sum + WEIGHT[item.order], 0);
  const runner = planRunner({
    device,
    builder,
    ports,
    stop: options.stop,
    patience: options.patience ?? 1,
    deadlineMs: startedAt + (options.budgetMs ?? (options.depth === 'quick' ? QUICK_BUDGET_MS : FULL_BUDGET_MS)),
    onBegin: ({ item }) => {
      const elapsedMs = clock.monotonicMs() - startedAt;
      const leftMs = weightDone === 0 ? 0 : (elapsedMs / weightDone) * Math.max(0, weightAll - weightDone);
      options.onEvent({ kind: 'begin', what: item.what, done, total, elapsedMs, leftMs });
    },
    onEnd: (task, end) => {
      done++;
      weightDone += WEIGHT[task.item.order];
      options.onEvent({ kind: 'end', id: task.id, outcome: end.outcome, note: end.note, bytes: end.bytes, durationMs: end.durationMs });
    },
  });

  const acquisition: Acquisition = { device, builder, runner, hash, options };
  const probed = await readProbe(builder, runner);
  if (probed === 'none') {
    const tradeIn = await readTradeIn(device, builder, ports, runner);
    if (tradeIn) builder.setPlan('trade-in');
    if (tradeIn) await options.afterTradeIn?.(device, builder, runner);
    await builder.flush(tradeIn);
    return { builder, complete: tradeIn, opened: runner.opened, tradeIn };
  }
  const subject = toHex(hashOf(hash, 'sha256', new TextEncoder().encode(`${probed.serial ?? ''}\n${probed.fingerprint ?? ''}`)));
  const before = options.earlier?.document.subject;
  if (before !== undefined && before !== null && before !== subject)
    throw new DeviceError('refused', 'the capture in this folder is of another phone');
  builder.setSubject(subject);
  if (options.earlier !== undefined) {
    const changes = options.earlier.document.changes.map((change) => ({ ...change, undo: change.undo ?? undefined }));
    await removeLeftovers(device, builder, ports.timer, changes);
  }
  if (probed.date !== undefined) builder.setClockOffset(probed.date * 1000 - instantMs(clock.now()));

  const wanted = items.filter((item) => !builder.isDone(item.id));
  done += items.length - wanted.length;
  for (const order of ORDER) {
    const group = wanted.filter((item) => item.order === order);
    if (group.length === 0) continue;
    const ready: Task[] = [];
    for (const item of group.filter((one) => one.perUser !== true)) {
      const how = scriptFor(item, probed);
      const task = taskOf(item, 'script' in how ? how.script : '', undefined, notExpected(item, probed));
      if ('skipped' in how) runner.settle(task, { outcome: 'skipped', note: how.skipped, startMs: runner.now() });
      else ready.push(task);
    }
    for (const task of ready) if (task.item.how.kind === 'host') await readHost(task, probed, acquisition);
    await runner.runShellTasks(ready.filter(({ item }) => item.how.kind === 'shell'));
    if (order === 'identity') options.onEvent({ kind: 'identity', card: await cardOf(builder, device) });
    const perUser = group.filter((item) => item.perUser === true);
    if (perUser.length > 0) {
      const tasks = await perUserTasks(perUser, builder, probed, runner);
      total += tasks.length - perUser.length;
      weightAll += (tasks.length - perUser.length) * WEIGHT.packages;
      await runner.runShellTasks(tasks);
    }
    for (const task of ready) {
      const { how } = task.item;
      if (how.kind === 'pull') await runner.runPull(task, how.path);
      else if (how.kind === 'hash-by-pull') await hashByPull(task, how.list, acquisition);
      else if (how.kind === 'texts') await pullTexts(task, how.lists, builder, runner);
      else if (how.kind === 'apk-per-signer') await pullApks(task, builder, runner);
    }
    await runner.save();
  }
  const stopped = options.stop?.aborted === true || runner.gone;
  if (options.after !== undefined && !stopped) await options.after(device, builder, runner);
  const complete = !stopped;
  await builder.flush(complete);
  return { builder, complete, opened: runner.opened, tradeIn: false };
}

/** Sends the probe; `none` where the phone's shell runs nothing of ours. */
async function readProbe(builder: CaptureBuilder, runner: Runner): Promise<Probe | 'none'> {
  const how = probeItem.how;
  const script = how.kind === 'shell' ? (how.variants[0]?.script ?? '') : '';
  const task = taskOf(probeItem, script, undefined);
  // Everything rests on it, so that one that hung or broke off is sent once more.
  await runner.runShellTasks([task]);
  if (!builder.isDone(task.id)) await runner.runShellTasks([task]);
  const source = await builder.kept(task.artefact);
  if (source === undefined) return 'none';
  const probe = parseProbe(utf8.decode(await readAll(source, MIB, 'probe')));
  return probe.id === undefined && probe.sdk === undefined ? 'none' : probe;
}

/** Asks a phone that runs nothing else for its trade-in status. */
async function readTradeIn(device: DevicePort, builder: CaptureBuilder, ports: AcquirePorts, runner: Runner): Promise<boolean> {
  const command = 'tradeinmode getstatus';
  const task = taskOf(tradeInItem, command, undefined);
  const startMs = runner.now();
  try {
    // Sent as it is: the daemon knows this command and no shell around it.
    const answer = await runShell(device, command, { timer: ports.timer, timeMs: PROBE_MS, bytes: tradeInItem.byteLimit });
    const isJson = utf8.decode(answer.stdout.subarray(0, 64)).trimStart().startsWith('{');
    if (answer.outcome === 'done' && isJson) {
      await builder.put({ name: task.artefact, kind: 'tradeinmode', origin: command }, answer.stdout);
      runner.settle(task, { outcome: 'done', exitStatus: answer.status, artefact: task.artefact, bytes: answer.stdout.length, startMs });
      return true;
    }
    const outcome = answer.outcome === 'done' ? 'refused' : answer.outcome === 'cut' ? 'disconnected' : answer.outcome;
    runner.settle(task, { outcome, exitStatus: answer.status, note: 'no trade-in status either', startMs });
  } catch (error) {
    runner.settle(task, { outcome: 'failed', note: error instanceof Error ? error.message : String(error), startMs });
  }
  return false;
}

/** What the parts of an acquisition share. */
interface Acquisition {
  readonly device: DevicePort;
  readonly builder: CaptureBuilder;
  readonly runner: Runner;
  readonly hash: HashPort;
  readonly options: AcquireOptions;
}

async function readHost(task: Task, probe: Probe, { device, builder, runner, options }: Acquisition): Promise<void> {
  const startMs = runner.now();
  const { about } = device;
  const how = task.item.how;
  if (how.kind !== 'host') return;
  let value: unknown;
  if (how.what === 'adb') {
    const keyIsNew = about.keyIsNew ?? (probe.serial === undefined ? undefined : await options.keyIsNew?.(probe.serial));
    value = {
      format: 'assay.adb/1',
      transport: about.transport,
      state: about.state,
      banner: about.banner,
      features: about.features,
      authorisation: about.authorisation,
      keyIsNew: keyIsNew ?? null,
      shellUid: probe.uid ?? null,
      shellId: probe.id ?? null,
    };
  } else if (about.usb === undefined) {
    runner.settle(task, { outcome: 'skipped', note: 'the cable is not held by this program', startMs });
    return;
  } else {
    value = {
      format: 'assay.usb/1',
      ...about.usb,
      manufacturer: about.usb.manufacturer ?? null,
      product: about.usb.product ?? null,
      serial: about.usb.serial ?? null,
    };
  }
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  await builder.put({ name: task.artefact, kind: task.item.kind, origin: undefined }, bytes);
  runner.settle(task, { outcome: 'done', artefact: task.artefact, bytes: bytes.length, startMs });
}

async function cardOf(builder: CaptureBuilder, device: DevicePort): Promise<IdentityCard> {
  const source = await builder.kept('getprop.txt');
  const properties: Properties =
    source === undefined ? { layer: 'runtime', entries: [] } : parseGetprop(await readAll(source, 8 * MIB, 'getprop'), 'getprop.txt').value;
  const say = (...keys: readonly string[]) =>
    keys.map((key) => property(properties, key)?.value).find((value) => value !== undefined && value !== '');
  return {
    brand: say('ro.product.brand', 'ro.product.manufacturer'),
    model: say('ro.product.model'),
    device: say('ro.product.device'),
    release: say('ro.build.version.release'),
    securityPatch: say('ro.build.version.security_patch'),
    fingerprint: say('ro.build.fingerprint'),
    verifiedBootState: say('ro.boot.verifiedbootstate'),
    locked: say('ro.boot.flash.locked', 'ro.boot.vbmeta.device_state'),
    authorisation: device.about.authorisation,
  };
}

async function perUserTasks(items: readonly PlanItem[], builder: CaptureBuilder, probe: Probe, runner: Runner): Promise<readonly Task[]> {
  const source = await builder.kept('users.txt');
  const users = source === undefined ? [0] : parseUsers(utf8.decode(await readAll(source, 4 * MIB, 'pm list users')));
  const tasks: Task[] = [];
  for (const user of users) {
    for (const item of items) {
      const how = scriptFor(item, probe);
      const task = taskOf(item, 'script' in how ? how.script : '', user, notExpected(item, probe));
      if (builder.isDone(task.id)) continue;
      if ('skipped' in how) runner.settle(task, { outcome: 'skipped', note: how.skipped, startMs: runner.now() });
      else tasks.push(task);
    }
  }
  return tasks;
}

/** Hashes files by pulling them, where the phone cannot. The lines are those of sha256sum. */
async function hashByPull(task: Task, listId: string, { builder, runner, hash }: Acquisition): Promise<void> {
  const listItem = plan.find(({ id }) => id === listId);
  const source = listItem === undefined ? undefined : await builder.kept(listItem.artefact);
  if (source === undefined) {
    runner.settle(task, { outcome: 'skipped', note: 'there is no list of these files', startMs: runner.now() });
    return;
  }
  const bytes = await readAll(source, task.item.byteLimit, 'file list');
  const files = readFileList({ name: 'list', kind: 'file-list', origin: undefined, bytes })
    .files.filter(({ type, path }) => type === 'file' && !path.includes('\n'))
    .slice(0, LISTED_FILES_MAX);
  const encoder = new TextEncoder();
  const algorithm: HashAlgorithm = 'sha256';
  await runner.runWork(task, async (give, open) => {
    await give(encoder.encode(`0000000000000000 file-hashes/1 ${task.item.origin ?? ''}\n`));
    let session = await open();
    let unread = 0;
    for (const { path, size } of files) {
      const hasher = hash(algorithm);
      try {
        for await (const piece of session.pull(path, (size ?? 0) + 64 * MIB)) hasher.update(piece);
        await give(encoder.encode(`${toHex(hasher.digest())}  ${path}\n`));
      } catch (error) {
        if (!(error instanceof DeviceError) || (error.code !== 'refused' && error.code !== 'too large' && error.code !== 'lied'))
          throw error;
        unread++;
        if (error.code !== 'refused') {
          await session.close();
          session = await open();
        }
      }
    }
    return unread === 0 ? undefined : `${unread} of ${files.length} files could not be read`;
  });
}

/** Pulls one APK for each signer that `dumpsys package` tells apart, each as an artefact of its own. */
async function pullApks(task: Task, builder: CaptureBuilder, runner: Runner): Promise<void> {
  const source = await builder.kept('dumpsys_package.txt');
  if (source === undefined) {
    runner.settle(task, { outcome: 'skipped', note: 'there is no list of packages', startMs: runner.now() });
    return;
  }
  const list = await builder.kept('packages_user0.txt');
  const choice = choosePerSigner(
    utf8.decode(await readAll(source, 64 * MIB, 'dumpsys package')),
    list === undefined ? '' : utf8.decode(await readAll(list, 16 * MIB, 'pm list')),
  );
  const startMs = runner.now();
  let kept = 0;
  let bytes = 0;
  for (const [index, { path, signer }] of choice.entries()) {
    const one: Task = {
      ...task,
      id: `apks.${index}`,
      artefact: `apk_${index}.apk`,
      script: `sync: RECV ${path}`,
      item: { ...task.item, what: `APK ${index + 1} of ${choice.length}`, origin: path },
    };
    let size = 0;
    await runner.runWork(one, async (give, open) => {
      for await (const piece of (await open()).pull(path, task.item.byteLimit - bytes)) {
        size += piece.length;
        await give(piece);
      }
      kept++;
      return `signer ${signer}`;
    });
    bytes += size;
  }
  runner.settle(task, { outcome: 'done', note: `${kept} of ${choice.length} signers`, startMs });
}
