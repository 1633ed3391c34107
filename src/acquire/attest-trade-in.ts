/**
 * Carrier `trade-in`: Android 16's `tradeinmode getstatus --challenge`, whose answer is published by nobody: kept as it comes, examined by nobody until a real one exists.
 * Source of the command: AOSP docs/dev/adb_tradeinmode.md. It changes nothing on the phone; `evaluate`, which ends in a wipe, is never sent.
 */
import { toBase64, toHex } from '../bytes/index.ts';
import type { AttestationDocument } from '../evidence/own/index.ts';
import { type AttestationPorts, attestationItem, keepAttestation, NONCE_BYTES } from './attestation.ts';
import { DeviceError, within } from './device-port.ts';
import { runShell, type ShellAnswer } from './shell.ts';

const RUN_MS = 60_000;
const BYTES_MAX = 1 << 20;

/** Asks and writes the transcript, whatever came of it. */
export async function attestInTradeIn(all: AttestationPorts): Promise<void> {
  const { device, ports, runner } = all;
  const nonce = toHex(ports.random(NONCE_BYTES));
  // Digits and letters: the one form of a challenge that no shell and no parser of options changes.
  const command = `tradeinmode getstatus --challenge ${nonce}`;
  const startMs = runner.now();
  const askedAt = ports.clock.now();
  let answer: ShellAnswer | undefined;
  let note: string | undefined;
  try {
    answer = await within(ports.timer, RUN_MS + 1000, runShell(device, command, { timer: ports.timer, timeMs: RUN_MS, bytes: BYTES_MAX }));
    if (answer.outcome === 'done' && answer.stdout.length === 0) note = new TextDecoder().decode(answer.stderr).trim();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    note = error.message;
  }
  const document: AttestationDocument = {
    format: 'assay.attestation/1',
    carrier: 'trade-in',
    nonce,
    idsAsked: [],
    request: command,
    program: null,
    askedAt,
    answeredAt: answer === undefined ? null : ports.clock.now(),
    outcome: outcomeOf(answer),
    exitStatus: answer?.status ?? null,
    answer: toBase64(answer?.stdout ?? new Uint8Array(0)),
    complaint: toBase64(answer?.stderr ?? new Uint8Array(0)),
    note: note?.slice(0, 2000) ?? null,
    page: null,
    leaves: [],
  };
  const item = attestationItem('trade-in', 'trade-in status with a challenge');
  await keepAttestation(all, item, { startMs, command, document });
}

function outcomeOf(answer: ShellAnswer | undefined): AttestationDocument['outcome'] {
  if (answer === undefined) return 'disconnected';
  if (answer.outcome !== 'done') return answer.outcome;
  return answer.stdout.length > 0 && (answer.status ?? 0) === 0 ? 'answered' : 'refused';
}
