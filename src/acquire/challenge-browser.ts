/**
 * Challenges in a phone's browser: through the cable's tunnel (`localhost`, a secure page), or over a network for a phone without ADB. Only with the operator's yes.
 * What is said is kept whole; nothing is judged here.
 */
import { type ClockPort, toHex } from '../bytes/index.ts';
import type { BrowserChallengeDocument } from '../evidence/own/index.ts';
import type { StationPort } from './attest-station.ts';
import type { AttestationPorts } from './attestation.ts';
import { type BrowserConversation, type BrowserEnd, type BrowserSession, openBrowserSession } from './browser-session.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { DeviceError, type RandomPort, type TimerPort } from './device-port.ts';
import { randomPort, type SitePort, viewCommand, viewThroughTunnel } from './phone-browser.ts';
import type { PlanItem } from './plan-types.ts';
import { taskOf } from './prepare.ts';

/** Until somebody who holds the phone has pressed the button: at once by the cable, after reading a code by a network. */
const [TUNNEL_OPEN_MS, NETWORK_OPEN_MS] = [180_000, 600_000];
const NOTE_MAX = 2000;
const LEAVES = ['a tab of the browser, and a line in its history'];

const item: PlanItem = {
  id: 'challenge-browser',
  what: 'challenges in the browser: programs of ours in a page of ours',
  why: 'what processor and graphics compute, and what the browser says of them',
  how: { kind: 'host', what: 'adb' },
  artefact: 'challenge-browser.json',
  kind: 'challenge-browser',
  since: 1,
  timeLimitMs: 900_000,
  byteLimit: 16 * 1024 * 1024,
  order: 'bytes',
  depth: 'quick',
};

/** Has the phone at the cable open the page, and writes the transcript, whatever came of it. */
export async function challengeInBrowser(
  all: AttestationPorts,
  sites: SitePort,
  conversation: BrowserConversation,
  onBegin?: (place: number, count: number) => void,
): Promise<void> {
  const { ports, runner, builder, stop } = all;
  const port = randomPort(ports.random);
  const token = toHex(ports.random(16));
  const host = `localhost:${port}`;
  const url = `http://${host}/${token}`;
  const startMs = runner.now();
  const { clock, timer } = ports;
  const session = openBrowserSession({
    conversation,
    host,
    token,
    clock,
    timer,
    openMs: TUNNEL_OPEN_MS,
    ...(onBegin === undefined ? {} : { onBegin }),
  });
  const how = await endOf(session, stop, () => viewThroughTunnel(all, sites, { site: session.site, port, url }, () => session.ended));
  const bytes = await keep(builder, { carrier: 'tunnel', origin: `http://${host}`, how, session });
  runner.settle(taskOf(item, viewCommand(url), undefined), {
    outcome: how.outcome === 'done' ? 'done' : how.outcome === 'refused' || how.outcome === 'flooded' ? how.outcome : 'failed',
    artefact: item.artefact,
    bytes,
    note: how.note ?? undefined,
    startMs,
  });
}

export interface NetworkBrowserPorts {
  readonly builder: CaptureBuilder;
  /** Where the page is served: under the operator's certificate, or without one. */
  readonly station: StationPort;
  readonly ports: { readonly clock: ClockPort; readonly timer: TimerPort; readonly random: RandomPort };
  readonly conversation: BrowserConversation;
  /** Told the page's address, to be shown to whoever holds the phone. */
  readonly onReady: (url: string) => void;
  readonly onBegin: (place: number, count: number) => void;
  readonly stop: AbortSignal | undefined;
}

/** Serves the page to the network and waits for a phone. Answers whether the plan was gone through. @throws where nothing can be served there */
export async function challengeOverNetwork(all: NetworkBrowserPorts): Promise<boolean> {
  const { builder, ports, conversation, onBegin } = all;
  const startMs = ports.clock.monotonicMs();
  const token = toHex(ports.random(16));
  const opened = Promise.withResolvers<{ readonly origin: string; readonly session: BrowserSession }>();
  const server = await all.station.serve((origin) => {
    const session = openBrowserSession({ conversation, host: new URL(origin).host, token, ...ports, openMs: NETWORK_OPEN_MS, onBegin });
    opened.resolve({ origin, session });
    return session.site;
  });
  try {
    const { origin, session } = await opened.promise;
    const url = `${origin}/${token}`;
    all.onReady(url);
    const how = await endOf(session, all.stop, () => session.ended);
    const bytes = await keep(builder, { carrier: 'network', origin, how, session });
    builder.item({
      id: item.id,
      command: `served ${url}`,
      outcome: how.outcome === 'done' ? 'done' : 'failed',
      artefact: item.artefact,
      exitStatus: undefined,
      startMs: 0,
      durationMs: Math.max(0, Math.round(ports.clock.monotonicMs() - startMs)),
      bytes,
      note: how.note ?? undefined,
    });
    await builder.flush(how.outcome === 'done');
    return how.outcome === 'done';
  } finally {
    await server.close();
  }
}

/** How it ended, whatever `run` does; the operator ends it at any time. */
async function endOf(session: BrowserSession, stop: AbortSignal | undefined, run: () => Promise<BrowserEnd>): Promise<BrowserEnd> {
  const onStop = () => session.end({ outcome: 'stopped', note: 'the operator stopped' });
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted === true) onStop();
  try {
    return await run();
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    const how: BrowserEnd = { outcome: error instanceof DeviceError && error.code === 'refused' ? 'refused' : 'disconnected', note };
    session.end(how);
    return how;
  } finally {
    stop?.removeEventListener('abort', onStop);
  }
}

interface Kept {
  readonly carrier: BrowserChallengeDocument['carrier'];
  readonly origin: string;
  readonly how: BrowserEnd;
  readonly session: BrowserSession;
}

/** Writes the transcript; answers its bytes. */
async function keep(builder: CaptureBuilder, { carrier, origin, how, session }: Kept): Promise<number> {
  const record = session.record();
  const document: BrowserChallengeDocument = {
    format: 'assay.browser-challenge/1',
    carrier,
    origin,
    outcome: how.outcome,
    note: how.note?.slice(0, NOTE_MAX) ?? null,
    ...record,
    leaves: record.opened === 0 ? [] : LEAVES,
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  await builder.put({ name: item.artefact, kind: item.kind, origin: undefined }, bytes);
  return bytes.length;
}
