/**
 * Challenges: programs that we wrote for this one run, pushed to the shell's own folder, run, spoken to and removed, also after an interruption. Only with the operator's yes.
 * What is said is kept whole; nothing is judged here. A phone that ends the program, floods, is silent or says nonsense costs the run of that program alone.
 */
import { type ClockPort, type HashPort, hashOf, type ProgramPort, toHex } from '../bytes/index.ts';
import type { ChallengeDocument } from '../evidence/own/index.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { DeviceError, type DevicePort, type RandomPort, type TimerPort, within } from './device-port.ts';
import type { PlanItem } from './plan-types.ts';
import { taskOf } from './prepare.ts';
import { openProgram, ProgramError } from './program-session.ts';
import { removeFile } from './remove-file.ts';
import type { Runner } from './run-plan.ts';
import { runShell } from './shell.ts';
import { push } from './sync.ts';

type Run = ChallengeDocument['runs'][number];

/** One program to run. */
export interface ChallengeProgram {
  readonly target: Run['target'];
  readonly kind: Run['kind'];
  readonly nonce: Uint8Array;
  readonly bytes: Uint8Array;
  /** Ends of the names of files that it makes beside itself, if only for a moment. */
  readonly makes?: readonly string[];
  /** Asks it everything, in the circumstances that the phone states. What it asks is recorded by us. */
  readonly converse: (ask: ProgramPort, circumstances: string) => Promise<void>;
}

export interface ChallengePorts {
  readonly device: DevicePort;
  readonly builder: CaptureBuilder;
  readonly runner: Runner;
  readonly ports: { readonly clock: ClockPort; readonly timer: TimerPort; readonly random: RandomPort; readonly hash: HashPort };
  readonly stop: AbortSignal | undefined;
}

const GIVES_UP: ReadonlySet<Run['outcome']> = new Set(['no space', 'timed out', 'flooded', 'stopped']);
const PUSH_MS = 15_000;
const SHORT_MS = 10_000;
const NOTE_MAX = 2000;
const utf8 = new TextDecoder();

/** What may make a genuine phone slow: its own words, beside the measurement. */
const CIRCUMSTANCES =
  'cat /proc/loadavg; for c in /sys/devices/system/cpu/cpu*/cpufreq; do echo "$c $(cat $c/scaling_governor) $(cat $c/scaling_cur_freq)"; done; for z in /sys/class/thermal/thermal_zone*; do echo "$(cat $z/type) $(cat $z/temp)"; done; dumpsys battery; echo "low_power $(settings get global low_power)"; dumpsys thermalservice | grep -m 1 "Thermal Status"';

const item: PlanItem = {
  id: 'challenge',
  what: 'challenges: programs of ours, run in /data/local/tmp and removed',
  why: 'what the silicon executes and how its crystal runs, which no string can copy',
  how: { kind: 'host', what: 'adb' },
  artefact: 'challenge.json',
  kind: 'challenge',
  since: 1,
  timeLimitMs: 120_000,
  byteLimit: 16 * 1024 * 1024,
  order: 'bytes',
  depth: 'quick',
};

/**
 * Runs the programs in groups: of each group the first that starts is the one that counts, as the position-independent before the fixed.
 * Writes the transcript whatever happened.
 */
export async function runChallenges(all: ChallengePorts, groups: readonly (readonly ChallengeProgram[])[]): Promise<void> {
  const { builder, runner } = all;
  const startMs = runner.now();
  const runs: Run[] = [];
  const circumstances = await circumstancesOf(all);
  for (const group of groups) {
    for (const program of group) {
      if (all.stop?.aborted === true) break;
      const run = await runProgram(all, program, circumstances);
      runs.push(run);
      await builder.flush(false);
      // Whatever answered once has started, and whatever was silent or flooded will be again: the other form would say nothing more.
      if (run.exchanges.length > 0 || GIVES_UP.has(run.outcome)) break;
    }
  }
  const document: ChallengeDocument = { format: 'assay.challenge/1', circumstances, runs };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  await builder.put({ name: item.artefact, kind: item.kind, origin: undefined }, bytes);
  const done = runs.some(({ outcome }) => outcome === 'done');
  runner.settle(taskOf(item, 'push, run and remove programs of our own', undefined), {
    outcome: done ? 'done' : 'failed',
    artefact: item.artefact,
    bytes: bytes.length,
    startMs,
    note: done
      ? undefined
      : runs.map(({ target, outcome, note }) => `${target}: ${outcome}${note === null ? '' : ` (${note})`}`).join('; ') ||
        'stopped before it began',
  });
}

const whatOf = (path: string): string => `the file ${path}`;

async function circumstancesOf({ device, ports }: ChallengePorts): Promise<string> {
  try {
    const answer = await runShell(device, CIRCUMSTANCES, { timer: ports.timer, timeMs: SHORT_MS, bytes: 65_536 });
    return utf8.decode(answer.stdout).slice(0, 16_384);
  } catch (error) {
    return `not read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function runProgram(all: ChallengePorts, program: ChallengeProgram, circumstances: string): Promise<Run> {
  const { device, builder, runner, ports } = all;
  // Random, so that nothing on the phone waits under this name.
  const path = `/data/local/tmp/assay-${toHex(ports.random(6))}.bin`;
  const paths = [path, ...(program.makes ?? []).map((end) => path + end)];
  const exchanges: Run['exchanges'] = [];
  const run = {
    target: program.target,
    kind: program.kind,
    nonce: toHex(program.nonce),
    program: toHex(program.bytes),
    exchanges,
  };
  const startMs = runner.now();
  const end = (outcome: Run['outcome'], note: string | null): Run => ({ ...run, outcome, note: note?.slice(0, NOTE_MAX) ?? null });
  let result = end('refused', null);
  for (const one of paths) builder.change({ what: whatOf(one), undone: false, undo: `adb shell rm ${one}` });
  // Written before it is done: after a power cut the capture still says what may be on the phone.
  await builder.flush(false);
  try {
    await within(ports.timer, PUSH_MS, push(device, path, program.bytes, 0o755));
    const session = await openProgram(device, path, { clock: ports.clock, timer: ports.timer, stop: all.stop });
    try {
      await program.converse(async (question, timeMs) => {
        const exchange = await session.ask(question, timeMs);
        exchanges.push(exchange);
        return exchange;
      }, circumstances);
      result = end('done', null);
    } finally {
      await session.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ProgramError)
      result = end(error.failure === 'ended' && exchanges.length === 0 ? 'refused' : error.failure, message);
    else if (/no space left/i.test(message)) result = end('no space', message);
    else if (error instanceof DeviceError && error.code === 'refused') result = end('refused', message);
    else if (error instanceof DeviceError) result = end('disconnected', message);
    // The conversation's own complaint: what came is no answer to what was asked.
    else result = end('garbled', message);
  } finally {
    for (const one of paths) if (await removeFile(all, one)) builder.undone(whatOf(one));
  }
  const digest = toHex(hashOf(ports.hash, 'sha256', program.bytes)).slice(0, 16);
  runner.settle(
    {
      ...taskOf(item, `sync: SEND ${path} (SHA-256 ${digest}…); ${path}; rm ${path}`, undefined),
      id: `challenge.${program.target}.${program.kind}`,
    },
    { outcome: result.outcome === 'done' ? 'done' : 'failed', note: result.note ?? undefined, startMs },
  );
  return result;
}
