/**
 * Carrier `browser` without a cable: the same page (`attest-page.ts`), served by a station over HTTPS to whatever phone was shown its address as a QR code.
 * One nonce, one answer, then the end; also after the time is over. Nothing tells which phone answered: like the page over the cable it never binds.
 */
import { type ClockPort, toHex } from '../bytes/index.ts';
import type { AttestationDocument } from '../evidence/own/index.ts';
import { browserDocument, errorOf } from './attest-browser.ts';
import { attestSite, creationOptions, relyingPartyOf, type Site } from './attest-page.ts';
import { attestationItem, NONCE_BYTES } from './attestation.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { DeviceError, type RandomPort, type TimerPort, within } from './device-port.ts';

/** Serves a site to the network. Its origin, as in `https://station.example:8443`, is known before the site is. */
export interface StationPort {
  readonly serve: (siteAt: (origin: string) => Site) => Promise<{ readonly port: number; readonly close: () => Promise<void> }>;
}

export interface StationQuestion {
  readonly builder: CaptureBuilder;
  readonly ports: { readonly clock: ClockPort; readonly timer: TimerPort; readonly random: RandomPort };
  readonly stop: AbortSignal | undefined;
  readonly waitMs: number;
  /** The address to show to the phone; it holds a secret of this question. */
  readonly onReady: (url: string) => void;
}

/** Waits for one answer and writes the transcript, whatever came of it. @throws RangeError for an origin that is none */
export async function attestAtStation(
  { builder, ports, stop, waitMs, onReady }: StationQuestion,
  station: StationPort,
): Promise<AttestationDocument['outcome']> {
  const [nonce, user, token] = [ports.random(NONCE_BYTES), ports.random(16), toHex(ports.random(16))];
  const answer = Promise.withResolvers<Uint8Array>();
  // An answer that nobody waits for any more is no error.
  answer.promise.catch(() => undefined);
  const startMs = ports.clock.monotonicMs();
  const askedAt = ports.clock.now();
  const end = () => answer.reject(new DeviceError('stopped', 'the operator stopped'));
  let origin = '';
  let outcome: AttestationDocument['outcome'] = 'disconnected';
  let body: Uint8Array | undefined;
  let note: string | undefined;
  const server = await station.serve((at) => {
    origin = at;
    return attestSite({ origin, nonce, token, user, onAnswer: answer.resolve });
  });
  stop?.addEventListener('abort', end, { once: true });
  if (stop?.aborted === true) end();
  try {
    onReady(`${origin}/${token}`);
    body = await within(ports.timer, waitMs, answer.promise);
    note = errorOf(body);
    outcome = note === undefined ? 'answered' : 'refused';
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    note = error.message;
    if (error.code === 'stopped' || error.code === 'timed out') outcome = error.code;
  } finally {
    stop?.removeEventListener('abort', end);
    await server.close();
  }
  const options = creationOptions({ origin, nonce, user });
  const document = browserDocument({
    nonce,
    origin,
    request: `served at ${origin}\n${JSON.stringify(options)}`,
    askedAt,
    answeredAt: body === undefined ? null : ports.clock.now(),
    outcome,
    note,
    body,
  });
  const item = attestationItem('browser', 'key attestation: a page of ours, over HTTPS');
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  await builder.put({ name: item.artefact, kind: item.kind, origin: undefined }, bytes);
  builder.item({
    id: item.id,
    artefact: item.artefact,
    command: `the page at ${relyingPartyOf(origin)}`,
    outcome: outcome === 'answered' ? 'done' : outcome === 'timed out' ? 'timed out' : 'refused',
    exitStatus: undefined,
    startMs: 0,
    durationMs: Math.round(ports.clock.monotonicMs() - startMs),
    bytes: bytes.length,
    note,
  });
  await builder.flush(true);
  return outcome;
}
