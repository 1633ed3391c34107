/**
 * Carrier `adb`: a program of ours in Android's own bytecode, run by the phone's `app_process` under the shell's identity, asks the keystore for an attestation under our nonce.
 * Pushed to the shell's own folder under a random name, run, removed, also after an interruption. Only with the operator's yes.
 * What is said is kept whole; nothing is judged here.
 */
import { type ClockPort, type HashPort, hashOf, toBase64, toHex } from '../bytes/index.ts';
import type { AttestationDocument } from '../evidence/own/index.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { DeviceError, type DevicePort, type RandomPort, type TimerPort, within } from './device-port.ts';
import type { PlanItem } from './plan-types.ts';
import { taskOf } from './prepare.ts';
import { removeFile } from './remove-file.ts';
import type { Runner } from './run-plan.ts';
import { runShell, type ShellAnswer } from './shell.ts';
import { push } from './sync.ts';

export interface AttestationPorts {
  readonly device: DevicePort;
  readonly builder: CaptureBuilder;
  readonly runner: Runner;
  readonly ports: { readonly clock: ClockPort; readonly timer: TimerPort; readonly random: RandomPort; readonly hash: HashPort };
  readonly stop: AbortSignal | undefined;
  /** The challenge for a phone that says that it has this serial number, as one by which it answers for an earlier inspection; a fresh one where undefined. */
  readonly challengeFor?: ((serial: string | undefined) => Promise<Uint8Array | undefined>) | undefined;
}

/** Bytes of the nonce: what the challenge of an attestation may have at most is 128. */
export const NONCE_BYTES = 32;
/** The first Android whose keystore attests keys: 7.0. */
const ATTEST_SINCE = 24;
/** Android 9, which has the feature and `setIsStrongBoxBacked`. */
const STRONGBOX_SINCE = 28;
const PUSH_MS = 15_000;
/** Key generation in a secure element takes seconds, remote provisioning of a fresh key more. */
const RUN_MS = 60_000;
/** To delete what a run that was cut off left: the keystore that kept it waiting may still. */
const SWEEP_MS = 15_000;
const BYTES_MAX = 1 << 18;
const NOTE_MAX = 2000;
/** Besides file and key, which are in the capture's list of changes. */
const LEAVES = ['a line in the system log that app_process ran; with remote provisioning, one attestation key more is used up'];

export const attestationItem = (carrier: AttestationDocument['carrier'], what: string): PlanItem => ({
  id: `attestation-${carrier}`,
  what,
  why: 'what the secure world signs of boot state, lock and identity under our nonce',
  how: { kind: 'host', what: 'adb' },
  artefact: `attestation-${carrier}.json`,
  kind: `attestation/${carrier}`,
  since: 24,
  timeLimitMs: RUN_MS,
  byteLimit: BYTES_MAX,
  order: 'bytes',
  depth: 'quick',
});

/** Asks the trusted environment over ADB and writes the transcript, whatever came of it. */
export async function attestOverAdb(all: AttestationPorts): Promise<void> {
  const item = attestationItem('adb', 'key attestation: a program of ours asks the keystore, and is removed');
  const level = await levelOf(all);
  if (level !== undefined && level >= ATTEST_SINCE) return askKeystore(all, { item, level });
  const note = level === undefined ? 'the phone does not say its API level' : `the keystore of API level ${level} attests no keys`;
  all.runner.settle(taskOf(item, '', undefined), { outcome: 'skipped', note, startMs: all.runner.now() });
}

export const STRONGBOX_ITEM = 'attestation-adb-strongbox';

/** Asks StrongBox too, where the phone says that it has one. It may refuse what the trusted environment answered, and the other way round: each chain is judged. */
export async function attestInStrongBox(all: AttestationPorts): Promise<void> {
  const of = attestationItem('adb', 'key attestation: the same program asks StrongBox');
  const item: PlanItem = { ...of, id: STRONGBOX_ITEM, artefact: `${STRONGBOX_ITEM}.json` };
  if (all.stop?.aborted === true) {
    all.runner.settle(taskOf(item, '', undefined), { outcome: 'skipped', note: 'the operator stopped', startMs: all.runner.now() });
    return;
  }
  const [level, features] = [await levelOf(all), await lineOf(all, 'pm list features')];
  if (level !== undefined && level >= STRONGBOX_SINCE && /^feature:android\.hardware\.strongbox_keystore(=\d+)?\s*$/m.test(features ?? ''))
    return askKeystore(all, { item, level, strongBox: true });
  const note = 'the phone names no android.hardware.strongbox_keystore among its features';
  all.runner.settle(taskOf(item, '', undefined), { outcome: 'skipped', note, startMs: all.runner.now() });
}

interface KeystoreQuestion {
  readonly item: PlanItem;
  readonly level: number;
  readonly strongBox?: true;
}

async function askKeystore(all: AttestationPorts, { item, level, strongBox }: KeystoreQuestion): Promise<void> {
  const { device, builder, ports } = all;
  // A class of a new name, so that nothing on the phone waits for it either.
  const className = `M${toHex(ports.random(6))}`;
  // Loaded when it is needed: it brings everything that reads applications.
  const { attestProgram } = await import('./attest-program.ts');
  const program = attestProgram({ level, className, hash: ports.hash, ...(strongBox === undefined ? {} : { strongBox }) });
  const nonce = toHex((await challengeOf(all)) ?? ports.random(NONCE_BYTES));
  // Random, so that nothing on the phone waits under this name.
  const name = toHex(ports.random(6));
  const path = `/data/local/tmp/assay-${name}.dex`;
  const what = `the file ${path}`;
  const key = keyOf(`assay-${name}`);
  const start = `CLASSPATH=${path} app_process /system/bin ${className} ${nonce} assay-${name}`;
  const command = `${start} ${program.questions.join(' ')}`;
  const startMs = all.runner.now();
  const askedAt = ports.clock.now();
  builder.change({ what, undone: false, undo: `adb shell rm ${path}` });
  builder.change({
    what: key,
    undone: false,
    undo: 'an unused key of no value: the next attestation over ADB removes it, and so does a factory reset',
  });
  // Written before it is done: after a power cut the capture still says what may be on the phone.
  await builder.flush(false);
  let answer: ShellAnswer | undefined;
  let failure: string | undefined;
  try {
    // Not writable: since Android 14 the runtime refuses bytecode that its user could change.
    await within(ports.timer, PUSH_MS, push(device, path, program.bytes, 0o444));
    answer = await runShell(device, command, { timer: endedBy(ports.timer, all.stop), timeMs: RUN_MS, bytes: BYTES_MAX });
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    if (!(error instanceof DeviceError)) throw error;
  } finally {
    // What was cut off may have left its key: the program is run once more, without a question.
    if (answer?.outcome !== 'done') await sweep(all, start);
    if (await removeFile(all, path)) builder.undone(what);
  }
  const said = new TextDecoder().decode(answer?.stdout ?? new Uint8Array(0));
  if (answer?.outcome === 'done' && keyIsGone(said)) builder.undone(key);
  sweptOf(all, said);
  const outcome = outcomeOf(answer, said, all.stop?.aborted === true);
  await keepAttestation(all, item, {
    startMs,
    command,
    document: {
      format: 'assay.attestation/1',
      carrier: 'adb',
      nonce,
      idsAsked: [...program.idsAsked],
      request: command,
      program: toHex(hashOf(ports.hash, 'sha256', program.bytes)),
      askedAt,
      answeredAt: answer === undefined ? null : ports.clock.now(),
      outcome,
      exitStatus: answer?.status ?? null,
      answer: toBase64(answer?.stdout ?? new Uint8Array(0)),
      complaint: toBase64(answer?.stderr ?? new Uint8Array(0)),
      note: (failure ?? (outcome === 'refused' ? new TextDecoder().decode(answer?.stderr).trim() : undefined))?.slice(0, NOTE_MAX) ?? null,
      page: null,
      leaves: LEAVES,
    },
  });
}

const keyOf = (alias: string): string => `the key ${alias} in the shell's keystore`;

/** Runs the program for what it does without questions: deleting keys of ours. A key is gone only where it was named as deleted: the run that was cut off may still be at work. */
async function sweep(all: AttestationPorts, start: string): Promise<void> {
  try {
    const answer = await runShell(all.device, start, { timer: all.ports.timer, timeMs: SWEEP_MS, bytes: BYTES_MAX });
    sweptOf(all, new TextDecoder().decode(answer.stdout));
  } catch (error) {
    // The phone is gone: its key stays in the list.
    if (!(error instanceof DeviceError)) throw error;
  }
}

/** Marks as undone what the program says that it deleted, of this run and of earlier ones into the same capture. */
function sweptOf({ builder }: AttestationPorts, said: string): void {
  for (const [, alias = ''] of said.matchAll(/^L (assay-[0-9a-f]{12})\r?$/gm)) builder.undone(keyOf(alias));
}

/** A timer that the operator's stop ends too, so that nobody waits for a secure element that sleeps. */
const endedBy =
  (timer: TimerPort, stop: AbortSignal | undefined): TimerPort =>
  (ms, call) => {
    const cancel = timer(ms, call);
    stop?.addEventListener('abort', call, { once: true });
    if (stop?.aborted === true) call();
    return () => {
      cancel();
      stop?.removeEventListener('abort', call);
    };
  };

/** What whoever asked wants signed. */
async function challengeOf(all: AttestationPorts): Promise<Uint8Array | undefined> {
  if (all.challengeFor === undefined) return undefined;
  const serial = (await lineOf(all, 'getprop ro.serialno'))?.trim();
  return all.challengeFor(serial === undefined || !SERIAL.test(serial) ? undefined : serial);
}
/** Printable, and no longer than what a keystore attests. */
const SERIAL = /^[\x21-\x7e]{1,64}$/;

/** The level in the phone's own words: a wrong one costs the attestation, no more. */
async function levelOf(all: AttestationPorts): Promise<number | undefined> {
  const level = /^\s*(\d{1,3})\s*$/.exec((await lineOf(all, 'getprop ro.build.version.sdk')) ?? '')?.[1];
  return level === undefined ? undefined : Number(level);
}

/** What a command prints; undefined where the phone does not answer. */
async function lineOf({ device, ports }: AttestationPorts, command: string): Promise<string | undefined> {
  try {
    const answer = await runShell(device, command, { timer: ports.timer, timeMs: PUSH_MS, bytes: 1 << 16 });
    return new TextDecoder().decode(answer.stdout);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return undefined;
  }
}

/** Of what a program that ended said: it asked for no key, or says of every one that it is gone. */
const keyIsGone = (said: string): boolean => !/^TRY /m.test(said) || (/^END\s*$/m.test(said) && !/^G (?!yes)/m.test(said));

function outcomeOf(answer: ShellAnswer | undefined, said: string, stopped: boolean): AttestationDocument['outcome'] {
  if (stopped) return 'stopped';
  if (answer === undefined) return 'disconnected';
  if (answer.outcome !== 'done') return answer.outcome;
  // A shell that has no app_process, or a runtime that does not take the program, says so in its own words.
  return /^ASSAY-ATTEST /m.test(said) ? 'answered' : 'refused';
}

/** Writes a transcript as an artefact and settles its item. */
export async function keepAttestation(
  { builder, runner }: Pick<AttestationPorts, 'builder' | 'runner'>,
  item: PlanItem,
  { document, command, startMs }: { readonly document: AttestationDocument; readonly command: string; readonly startMs: number },
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  await builder.put({ name: item.artefact, kind: item.kind, origin: undefined }, bytes);
  runner.settle(taskOf(item, command, undefined), {
    outcome: document.outcome === 'answered' ? 'done' : 'failed',
    ...(document.exitStatus === null ? {} : { exitStatus: document.exitStatus }),
    artefact: item.artefact,
    bytes: bytes.length,
    startMs,
    note: document.outcome === 'answered' ? undefined : `${document.outcome}${document.note === null ? '' : `: ${document.note}`}`,
  });
}
