/**
 * Goes through a plan. Each item has its own limits of time and bytes; one that hangs, floods, dies or lies about its length costs itself alone:
 * its stream is closed (or the connection made again), and what comes after it is sent afresh.
 */
import { type ClockPort, toHex } from '../bytes/index.ts';
import type { CaptureItem } from '../evidence/index.ts';
import { batchReader, writeBatch } from './batch.ts';
import type { ArtefactWriter, CaptureBuilder } from './capture-builder.ts';
import { DeviceError, type DevicePort, type RandomPort, type TimerPort, within } from './device-port.ts';
import type { PlanItem } from './plan-types.ts';
import { hasShellV2, openShell, type ShellSession } from './shell.ts';
import { openSync, type SyncSession } from './sync.ts';

/** An item made ready: its variant chosen, its user filled in. */
export interface Task {
  readonly id: string;
  readonly item: PlanItem;
  readonly artefact: string;
  readonly script: string;
  readonly user: number | undefined;
  /** Why phones of the level that this one states have no answer to it; undefined where they have. */
  readonly unexpected: string | undefined;
}

export type Outcome = CaptureItem['outcome'];

/** How a task went. */
export interface TaskEnd {
  readonly outcome: Outcome;
  readonly exitStatus?: number | undefined;
  readonly artefact?: string | undefined;
  readonly note?: string | undefined;
  readonly bytes?: number;
  readonly startMs: number;
  /** Default: now. */
  readonly endMs?: number | undefined;
}

export interface RunnerPorts {
  readonly clock: ClockPort;
  readonly timer: TimerPort;
  readonly random: RandomPort;
}

export interface RunnerOptions {
  readonly device: DevicePort;
  readonly builder: CaptureBuilder;
  readonly ports: RunnerPorts;
  /** Stops at the next safe place; what runs is ended. */
  readonly stop: AbortSignal | undefined;
  /** Host milliseconds (monotonic) after which nothing more is begun. */
  readonly deadlineMs: number;
  /** Multiplies the time limits of items and of the shell between them. */
  readonly patience: number;
  readonly onBegin: (task: Task) => void;
  readonly onEnd: (task: Task, end: TaskEnd & { readonly durationMs: number; readonly bytes: number }) => void;
}

export interface Runner {
  runShellTasks(tasks: readonly Task[]): Promise<void>;
  runPull(task: Task, path: string): Promise<void>;
  /** Runs a piece of work that writes an artefact itself, under the task's limits. */
  runWork(
    task: Task,
    work: (give: (bytes: Uint8Array) => Promise<void>, session: () => Promise<SyncSession>) => Promise<string | undefined>,
  ): Promise<void>;
  settle(task: Task, end: TaskEnd): void;
  /** Writes the capture's documents now and then. */
  save(): Promise<void>;
  /** Whether the phone is gone for good. */
  readonly gone: boolean;
  /** Round trips that were paid: streams opened. */
  readonly opened: number;
  now(): number;
}

/** A service that does not open in this time counts as hung. */
const OPEN_MS = 10_000;
/** The shell itself, before its first item and between two. */
const SHELL_MS = 6000;
/** Bytes that belong to no item. */
const OUTSIDE_MAX = 1 << 20;
const RECONNECT_MS = 20_000;
/** Connections made again without an item done in between. */
const RECONNECTS_MAX = 3;
const SAVE_MS = 1000;
const NOTE_MAX = 600;
/** adbd of before Android 7 takes packets of 4 KiB; later ones take far more than the shell should have to parse. */
const ITEMS_MAX = 64;

const utf8 = new TextDecoder();
const REFUSED = /permission denied|not permitted|not allowed|access denied|securityexception/i;
/** All that a tool says where it has no answer, whatever status it ends with: dumpsys ends well without the service. */
const NO_ANSWER =
  /^\s*(?:can't find service: .*|cmd: can't find service: .*|error: invalid namespace.*|\S*: (?:inaccessible or )?not found)\s*$/i;
const MISSING = /not found|no such file|can't find service|can't open|unknown command|inaccessible/i;

/** Makes a runner. */
export function planRunner({ device, builder, ports, stop, deadlineMs, patience, onBegin, onEnd }: RunnerOptions): Runner {
  const { clock, timer, random } = ports;
  const startedAt = clock.monotonicMs();
  let gone = false;
  let opened = 0;
  let reconnects = 0;
  const now = () => clock.monotonicMs() - startedAt;
  const isOver = () => clock.monotonicMs() >= deadlineMs;
  const limitOf = (item: PlanItem) => Math.max(1, Math.min(item.timeLimitMs * patience, deadlineMs - clock.monotonicMs()));

  function settle(task: Task, end: TaskEnd): void {
    const durationMs = Math.max(0, Math.round((end.endMs ?? now()) - end.startMs));
    const bytes = end.bytes ?? 0;
    const unanswered = end.outcome === 'failed' || end.outcome === 'refused';
    const because = unanswered && task.unexpected !== undefined ? [task.unexpected] : [];
    const note = [...because, ...(end.note === undefined ? [] : [end.note])].join(': ') || undefined;
    builder.item({
      id: task.id,
      artefact: end.artefact,
      command: task.script,
      outcome: end.outcome,
      exitStatus: end.exitStatus,
      startMs: Math.max(0, Math.round(end.startMs)),
      durationMs,
      bytes,
      note,
    });
    if (end.outcome === 'done') reconnects = 0;
    onEnd(task, { ...end, note, durationMs, bytes });
  }

  let savedAt = Number.NEGATIVE_INFINITY;
  /** Writes the documents, at most once a second: against a power cut. Whoever ends the run writes them in any case. */
  async function save(): Promise<void> {
    if (now() - savedAt < SAVE_MS) return;
    savedAt = now();
    await builder.flush(false);
  }

  const skip = (task: Task, note: string, outcome: Outcome = 'skipped') => settle(task, { outcome, note, startMs: now() });

  /** Makes the connection again. After it, `gone` says whether there is a phone. */
  async function recover(): Promise<void> {
    reconnects++;
    if (reconnects > RECONNECTS_MAX) {
      gone = true;
      return;
    }
    try {
      await within(timer, RECONNECT_MS, device.reconnect());
    } catch {
      gone = true;
    }
  }

  /** Why nothing more may be begun, if so. */
  function hindrance(): { readonly note: string; readonly outcome: Outcome } | undefined {
    if (gone) return { note: 'the phone is gone', outcome: 'disconnected' };
    if (stop?.aborted === true) return { note: 'stopped by the operator', outcome: 'skipped' };
    if (isOver()) return { note: 'the time for this plan was over', outcome: 'skipped' };
    return undefined;
  }

  function takeBatch(queue: readonly Task[]): readonly Task[] {
    const batch: Task[] = [];
    const separate = hasShellV2(device);
    for (const task of queue) {
      if (
        batch.length > 0 &&
        (batch.length >= ITEMS_MAX || commandOf([...batch, task], '0'.repeat(16), separate).length > device.about.commandMax)
      )
        break;
      batch.push(task);
    }
    return batch;
  }

  async function runShellTasks(tasks: readonly Task[]): Promise<void> {
    let queue = [...tasks];
    // After a batch that failed before its first mark, so many tasks are sent one by one: which of them is to blame is not known.
    let alone = 0;
    while (queue.length > 0) {
      const hindered = hindrance();
      if (hindered !== undefined) {
        for (const task of queue) skip(task, hindered.note, hindered.outcome);
        break;
      }
      const batch = alone > 0 ? queue.slice(0, 1) : takeBatch(queue);
      const settled = await runBatch(batch);
      if (settled === 0) alone = batch.length;
      else alone = Math.max(0, alone - settled);
      queue = queue.slice(settled);
      await save();
    }
  }

  /** Runs a batch; answers how many of its tasks are settled: none where it failed before its first mark and has more than one. */
  async function runBatch(batch: readonly Task[]): Promise<number> {
    const [first] = batch;
    if (first === undefined) return 0;
    const nonce = toHex(random(8));
    const separate = hasShellV2(device);
    const begun = now();
    let session: ShellSession;
    try {
      opened++;
      session = await within(timer, OPEN_MS, openShell(device, commandOf(batch, nonce, separate)), (late) => void late.kill());
    } catch (error) {
      const { outcome, note } = reasonOf(error);
      if (batch.length === 1) settle(first, { outcome, note, startMs: begun });
      if (outcome !== 'refused') await recover();
      return batch.length === 1 ? 1 : 0;
    }
    return readBatch(batch, session, nonce);
  }

  async function readBatch(batch: readonly Task[], session: ShellSession, nonce: string): Promise<number> {
    const out = batchReader(nonce);
    const err = batchReader(nonce);
    const notes = new Map<number, string>();
    const ends: { readonly task: Task; readonly run: Running; readonly status: number }[] = [];
    let current: Running | undefined;
    let failure: { readonly outcome: Outcome; readonly note: string } | undefined;
    let cancel = () => {};
    let outside = 0;
    const fail = (outcome: Outcome, note: string) => {
      if (failure !== undefined) return;
      failure = { outcome, note };
      void session.kill();
    };
    const limit = (ms: number, note: string) => {
      cancel();
      cancel = timer(ms, () => fail('timed out', note));
    };
    const onStop = () => fail('skipped', 'stopped by the operator');
    stop?.addEventListener('abort', onStop);
    limit(SHELL_MS * patience, 'the shell did not begin');
    try {
      reading: for (;;) {
        const event = await session.next();
        if (event.kind === 'end') {
          if (!event.complete) failure ??= { outcome: 'disconnected', note: 'the stream ended inside a frame' };
          break;
        }
        if (event.kind === 'exit') continue;
        if (event.kind === 'stderr') {
          for (const part of err.feed(event.bytes)) {
            if (part.kind !== 'data') continue;
            const have = notes.get(part.index) ?? '';
            if (have.length < NOTE_MAX) notes.set(part.index, have + utf8.decode(part.bytes.subarray(0, NOTE_MAX)));
          }
          continue;
        }
        const parts = out.feed(event.bytes);
        if (current === undefined && !parts.some(({ kind }) => kind === 'begin')) {
          outside += event.bytes.length;
          if (outside > OUTSIDE_MAX) {
            fail('flooded', 'the shell floods between items');
            break;
          }
        }
        for (const part of parts) {
          const task = batch[part.index];
          if (task === undefined) break reading;
          if (part.kind === 'begin') {
            current = newRunning(task, now());
            onBegin(task);
            limit(limitOf(task.item), `no end within ${Math.round(limitOf(task.item) / 1000)} s`);
          } else if (current === undefined) {
            // Data between items belongs to none.
          } else if (part.kind === 'data') {
            if (current.bytes + part.bytes.length > task.item.byteLimit) {
              await give(current, part.bytes.subarray(0, task.item.byteLimit - current.bytes));
              fail('flooded', `more than ${task.item.byteLimit} bytes`);
              break reading;
            }
            await give(current, part.bytes);
          } else {
            ends.push({ task, run: current, status: part.status });
            current.endMs = now();
            current = undefined;
            limit(SHELL_MS * patience, 'the shell did not go on');
            if (ends.length === batch.length) break reading;
          }
        }
      }
    } catch (error) {
      failure ??= reasonOf(error);
    } finally {
      cancel();
      stop?.removeEventListener('abort', onStop);
      await session.kill();
    }
    for (const [index, { task, run, status }] of ends.entries())
      await settleRun(task, run, { status, failure: undefined, stderr: notes.get(index) });
    let settled = ends.length;
    if (current !== undefined) {
      const reason = failure ?? { outcome: 'failed' as const, note: 'the shell ended inside this item' };
      await settleRun(current.task, current, { status: undefined, failure: reason, stderr: notes.get(settled) });
      settled++;
    } else if (settled === 0 && batch.length === 1 && failure?.outcome !== 'skipped') {
      const task = batch[0];
      if (task !== undefined)
        settle(task, { startMs: now(), ...(failure ?? { outcome: 'failed', note: 'the shell ended before this item' }) });
      settled = 1;
    }
    if (failure?.outcome === 'disconnected' || (failure?.outcome === 'timed out' && !(await answers()))) await recover();
    return settled;
  }

  /** Whether the phone still opens a shell: after an item was ended by force. */
  async function answers(): Promise<boolean> {
    try {
      opened++;
      const session = await within(timer, OPEN_MS, openShell(device, 'echo'), (late) => void late.kill());
      try {
        await within(timer, OPEN_MS, session.next());
      } finally {
        await session.kill();
      }
      return true;
    } catch {
      return false;
    }
  }

  async function give(run: Running, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    if (run.head.length < 400) run.head += utf8.decode(bytes.subarray(0, 400));
    run.bytes += bytes.length;
    run.writer ??= await builder.begin(run.task.artefact, run.task.item.kind, run.task.item.origin ?? run.task.script);
    await run.writer.write(bytes);
  }

  async function settleRun(
    task: Task,
    run: Running,
    how: {
      readonly status: number | undefined;
      readonly failure: { readonly outcome: Outcome; readonly note: string } | undefined;
      readonly stderr: string | undefined;
    },
  ): Promise<void> {
    const said = (how.stderr ?? '').trim();
    let outcome: Outcome = how.failure?.outcome ?? 'done';
    let note = how.failure?.note ?? (said === '' ? undefined : said.slice(0, NOTE_MAX));
    let { writer } = run;
    // Saying nothing is an answer, where nothing went wrong: no root binaries, no modules.
    if (how.failure === undefined && run.bytes === 0 && how.status === 0 && said === '') {
      writer = await builder.begin(task.artefact, task.item.kind, task.item.origin ?? task.script);
      await writer.keep();
      return settle(task, { outcome, exitStatus: 0, artefact: task.artefact, startMs: run.startMs, endMs: run.endMs });
    }
    // Without a stream of its own, an error is the output.
    const complaint = run.bytes < 400 ? run.head : '';
    if (
      how.failure === undefined &&
      (run.bytes === 0 || NO_ANSWER.test(complaint) || (how.status !== 0 && (REFUSED.test(complaint) || MISSING.test(complaint))))
    ) {
      const reason = `${said}\n${complaint}`;
      if (REFUSED.test(reason)) outcome = 'refused';
      else if (how.status !== 0 || MISSING.test(said) || NO_ANSWER.test(complaint)) outcome = 'failed';
      note ??= complaint.trim() === '' ? undefined : complaint.trim();
      await writer?.drop();
      writer = undefined;
    } else if (how.failure === undefined) await writer?.keep();
    else if (outcome === 'skipped') {
      await writer?.drop();
      writer = undefined;
    } else await writer?.keep('unknown');
    const end: TaskEnd = {
      outcome,
      exitStatus: how.status,
      artefact: writer === undefined ? undefined : task.artefact,
      note,
      bytes: run.bytes,
      startMs: run.startMs,
      endMs: run.endMs,
    };
    settle(task, end);
  }

  async function runWork(
    task: Task,
    work: (give: (bytes: Uint8Array) => Promise<void>, session: () => Promise<SyncSession>) => Promise<string | undefined>,
  ): Promise<void> {
    const hindered = hindrance();
    if (hindered !== undefined) return skip(task, hindered.note, hindered.outcome);
    const run = newRunning(task, now());
    onBegin(task);
    let session: SyncSession | undefined;
    let forced: { readonly outcome: Outcome; readonly note: string } | undefined;
    const end = (outcome: Outcome, note: string) => {
      forced ??= { outcome, note };
      void session?.close();
    };
    const cancel = timer(limitOf(task.item), () => end('timed out', `no end within ${Math.round(limitOf(task.item) / 1000)} s`));
    const onStop = () => end('skipped', 'stopped by the operator');
    stop?.addEventListener('abort', onStop);
    let note: string | undefined;
    let failure: { readonly outcome: Outcome; readonly note: string } | undefined;
    try {
      note = await work(
        async (bytes) => {
          if (forced !== undefined) throw new DeviceError('stopped', forced.note);
          if (run.bytes + bytes.length > task.item.byteLimit) throw new DeviceError('too large', `more than ${task.item.byteLimit} bytes`);
          await give(run, bytes);
        },
        async () => {
          opened++;
          session = await within(timer, OPEN_MS, openSync(device), (late) => void late.close());
          return session;
        },
      );
    } catch (error) {
      failure = reasonOf(error);
    } finally {
      cancel();
      stop?.removeEventListener('abort', onStop);
      await session?.close();
    }
    const reason = forced ?? failure;
    if (reason === undefined) await run.writer?.keep();
    else if (reason.outcome === 'refused' || reason.outcome === 'skipped') await run.writer?.drop();
    else await run.writer?.keep('unknown');
    const kept = run.writer !== undefined && reason?.outcome !== 'refused' && reason?.outcome !== 'skipped';
    settle(task, {
      outcome: reason?.outcome ?? 'done',
      artefact: kept ? task.artefact : undefined,
      note: reason?.note ?? note,
      bytes: run.bytes,
      startMs: run.startMs,
    });
    if (reason?.outcome === 'disconnected' || (reason?.outcome === 'timed out' && !(await answers()))) await recover();
  }

  return {
    runShellTasks,
    runWork,
    runPull: (task, path) =>
      runWork(task, async (gives, session) => {
        for await (const piece of (await session()).pull(path, task.item.byteLimit)) await gives(piece);
        return undefined;
      }),
    settle,
    save,
    now,
    get gone() {
      return gone;
    },
    get opened() {
      return opened;
    },
  };
}

interface Running {
  readonly task: Task;
  readonly startMs: number;
  endMs: number | undefined;
  writer: ArtefactWriter | undefined;
  bytes: number;
  head: string;
}

const newRunning = (task: Task, startMs: number): Running => ({ task, startMs, endMs: undefined, writer: undefined, bytes: 0, head: '' });

const commandOf = (tasks: readonly Task[], nonce: string, separate: boolean): string => writeBatch(tasks, nonce, separate);

function reasonOf(error: unknown): { readonly outcome: Outcome; readonly note: string } {
  if (!(error instanceof DeviceError)) return { outcome: 'failed', note: error instanceof Error ? error.message : String(error) };
  const note = error.message;
  switch (error.code) {
    case 'refused':
    case 'unauthorised':
    case 'tls':
    case 'not found':
      return { outcome: 'refused', note };
    case 'timed out':
      return { outcome: 'timed out', note };
    case 'too large':
      return { outcome: 'flooded', note };
    case 'stopped':
      return { outcome: 'skipped', note };
    case 'lied':
      return { outcome: 'failed', note: `the phone broke the protocol: ${note}` };
    case 'disconnected':
      return { outcome: 'disconnected', note };
  }
}
