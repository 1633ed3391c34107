/**
 * Carrier `browser`: the phone's own browser makes a credential that its secure world attests. A page of ours reaches it through a reverse tunnel; somebody has to unlock the phone.
 * It carries no identifier and never binds. Only with the operator's yes; the tunnel is taken down, also after an interruption.
 */
import { toBase64, toHex } from '../bytes/index.ts';
import type { AttestationDocument } from '../evidence/own/index.ts';
import { attestSite, creationOptions, relyingPartyOf } from './attest-page.ts';
import { type AttestationPorts, attestationItem, keepAttestation, NONCE_BYTES } from './attestation.ts';
import { DeviceError, within } from './device-port.ts';
import { randomPort, type SitePort, viewCommand, viewThroughTunnel } from './phone-browser.ts';

/** For whoever holds the phone: find it, unlock it, agree. */
const WAIT_MS = 180_000;
const NOTE_MAX = 2000;

const leavesOf = (relyingParty: string): string[] => [
  `a key of the site ${relyingParty} in Play services, which nothing lists and nobody uses`,
  'a tab of the browser, and a line in its history',
];

/** Asks in the browser and writes the transcript, whatever came of it. */
export async function attestInBrowser(all: AttestationPorts, sites: SitePort): Promise<void> {
  const { ports, runner } = all;
  const item = attestationItem('browser', 'key attestation: a page of ours in the phone’s browser');
  const nonce = ports.random(NONCE_BYTES);
  const phonePort = randomPort(ports.random);
  const origin = `http://localhost:${phonePort}`;
  const token = toHex(ports.random(16));
  const user = ports.random(16);
  const answer = Promise.withResolvers<Uint8Array>();
  const site = attestSite({ origin, nonce, token, user, onAnswer: answer.resolve });
  const url = `${origin}/${token}`;
  const startMs = runner.now();
  const askedAt = ports.clock.now();
  const stop = () => answer.reject(new DeviceError('stopped', 'the operator stopped'));
  // An answer that nobody waits for any more is no error.
  answer.promise.catch(() => undefined);
  all.stop?.addEventListener('abort', stop, { once: true });
  if (all.stop?.aborted === true) stop();
  let body: Uint8Array | undefined;
  let outcome: AttestationDocument['outcome'] = 'disconnected';
  let note: string | undefined;
  try {
    body = await viewThroughTunnel(all, sites, { site, port: phonePort, url }, () => within(ports.timer, WAIT_MS, answer.promise));
    note = errorOf(body);
    outcome = note === undefined ? 'answered' : 'refused';
  } catch (error) {
    note = error instanceof Error ? error.message : String(error);
    if (error instanceof DeviceError && (error.code === 'stopped' || error.code === 'timed out' || error.code === 'refused'))
      outcome = error.code;
  } finally {
    all.stop?.removeEventListener('abort', stop);
  }
  const command = viewCommand(url);
  await keepAttestation(all, item, {
    startMs,
    command,
    document: browserDocument({
      nonce,
      origin,
      request: `${command}\n${JSON.stringify(creationOptions({ origin, nonce, user }))}`,
      askedAt,
      answeredAt: body === undefined ? null : ports.clock.now(),
      outcome,
      note,
      body,
    }),
  });
}

/** The transcript of a page that was served at an origin. */
export function browserDocument({
  nonce,
  origin,
  note,
  body,
  ...rest
}: Pick<AttestationDocument, 'request' | 'askedAt' | 'answeredAt' | 'outcome'> & {
  readonly nonce: Uint8Array;
  readonly origin: string;
  readonly note: string | undefined;
  readonly body: Uint8Array | undefined;
}): AttestationDocument {
  const relyingParty = relyingPartyOf(origin);
  return {
    format: 'assay.attestation/1',
    carrier: 'browser',
    nonce: toHex(nonce),
    idsAsked: [],
    program: null,
    exitStatus: null,
    answer: toBase64(body ?? new Uint8Array(0)),
    complaint: '',
    note: note?.slice(0, NOTE_MAX) ?? null,
    page: { origin, relyingParty },
    leaves: leavesOf(relyingParty),
    ...rest,
  };
}

/** Why the browser made no credential, in its own words; undefined where it sent something else. */
export function errorOf(body: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'error')) return undefined;
    return String(Object.getOwnPropertyDescriptor(value, 'error')?.value);
  } catch {
    return undefined;
  }
}
