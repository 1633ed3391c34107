/** Reads a live phone into a capture: in memory, in a folder, or in a zip. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import {
  type AcquireEvent,
  type AcquireOptions,
  acquire,
  acquireFastboot,
  acquireRom,
  attestInBrowser,
  attestInStrongBox,
  attestInTradeIn,
  attestOverAdb,
  type CanaryRequest,
  type CaptureBuilder,
  type CaptureDocument,
  type CaptureStorage,
  captureBuilder,
  challengeInBrowser,
  challengeOverNetwork,
  type DevicePort,
  type HashesDocument,
  IN_BROWSER,
  IN_FASTBOOT,
  IN_ROM,
  memoryStorage,
  readCapture,
  readDocuments,
  runCanaries,
  runChallenges,
  runShell,
  STRONGBOX_ITEM,
} from '../../../acquire/index.ts';
import { parseMemoryLeft } from '../../../challenges/index.ts';
import type { Capture, CaptureSeal, Claims } from '../../../evidence/index.ts';
import { nodeClock } from '../clock.ts';
import { configFolder } from '../config-folder.ts';
import { openFastboot } from '../fastboot.ts';
import { nodeHash } from '../hash.ts';
import { openInput } from '../open-source.ts';
import { openRom } from '../rom.ts';
import { nodePlainStation, nodeSites, nodeStation, type StationSettings } from '../site-server.ts';
import { browserConversation } from './browser-conversation.ts';
import { folderStorage, packCapture } from './capture-folder.ts';
import { type ChallengeWishes, challengePrograms } from './challenge-programs.ts';
import { meetPhone } from './keys.ts';
import { type OpenOptions, openPhone } from './open-phone.ts';
import { nodeTimer } from './timer.ts';

const MEMINFO_MS = 5000;

export type LiveEvent =
  | AcquireEvent
  /** The phone asks its owner whether to let us in. */
  | { readonly kind: 'prompt' }
  /** A page waits for a phone's browser at this address. */
  | { readonly kind: 'page'; readonly url: string }
  /** A question of the page was asked. */
  | { readonly kind: 'asked'; readonly place: number; readonly count: number }
  | {
      readonly kind: 'finished';
      readonly complete: boolean;
      readonly roundTrips: number;
      readonly resumed: boolean;
      readonly out: string | undefined;
    };

/** The ways to ask a phone at the cable for an attestation. */
export type AttestCarrier = 'adb' | 'browser' | 'trade-in';

export interface AcquireLiveOptions {
  /** See `openPhone`. */
  readonly address: string | undefined;
  readonly depth: 'quick' | 'full';
  readonly claims?: Claims;
  readonly operator?: string;
  /** Version of the program, for the capture; default `assay`. */
  readonly tool?: string;
  readonly requests?: readonly string[];
  readonly onEvent?: (event: LiveEvent) => void;
  readonly stop?: AbortSignal;
  readonly budgetMs?: number;
  /** Above 1 for slow phones; see `AcquireOptions`. */
  readonly patience?: number;
  /** A folder, or a name that ends in `.zip`; default: memory. A folder that holds a stopped capture is gone on with. */
  readonly out?: string;
  /** Install canaries, with the operator's yes; in the full plan only. */
  readonly canaries?: readonly CanaryRequest[];
  /** Challenges, with the operator's yes; `timed` takes times too. */
  readonly challenge?: 'instructions' | 'timed';
  /** Fills memory up to half of what is claimed, with the operator's own yes. */
  readonly challengeMemory?: boolean;
  /** Challenges in the phone's browser, with the operator's yes. */
  readonly challengeBrowser?: boolean;
  /** Serves the page of `browser:` over HTTPS; over plain HTTP where undefined. */
  readonly station?: StationSettings;
  /** Writes as many bytes to storage and reads them back, with the operator's own yes. */
  readonly challengeStorageBytes?: number;
  /** Attestations over this connection, with the operator's yes. */
  readonly attest?: AttestCarrier;
  /** The challenge of `attest` over ADB, 32 bytes, for a phone that says that it has this serial number; a fresh one where undefined. */
  readonly challengeFor?: (serial: string | undefined) => Promise<Uint8Array | undefined>;
  readonly open?: OpenOptions;
  /** Signs the capture in the operator's name, and knows its own signature again. */
  readonly sealer?: CaptureSealer;
}

export interface CaptureSealer {
  /** From the bytes of `hashes.json` to those of `operator.json`. */
  readonly seal: (hashes: Uint8Array) => Promise<Uint8Array>;
  readonly isOurs: (seal: CaptureSeal) => Promise<boolean>;
}

interface Place {
  readonly storage: CaptureStorage;
  readonly folder: string | undefined;
  readonly zip: string | undefined;
  readonly earlier: { readonly document: CaptureDocument; readonly hashes: HashesDocument } | undefined;
  /** Whether what an earlier run wrote is under the operator's own signature. */
  readonly isOurs: boolean;
  readonly sealer: CaptureSealer | undefined;
}

async function placeOf(out: string | undefined, sealer: CaptureSealer | undefined): Promise<Place> {
  const fresh = { earlier: undefined, isOurs: false, sealer };
  if (out === undefined) return { storage: memoryStorage(), folder: undefined, zip: undefined, ...fresh };
  const zip = out.endsWith('.zip') ? out : undefined;
  // Beside the zip, so that a capture that is stopped lies there as a folder, whole and ready to be gone on with.
  const folder = zip === undefined ? out : `${out}.part`;
  await mkdir(dirname(folder), { recursive: true });
  const storage = await folderStorage(folder);
  const entries = await openInput(folder);
  if (!entries.some(({ name }) => name === 'capture.json')) return { storage, folder, zip, ...fresh };
  const { document, hashes } = await readDocuments(entries);
  // An artefact that is not what was written is read again.
  const { artefacts, seal } = await readCapture(entries, nodeHash);
  const good = new Set(artefacts.map(({ name }) => name));
  const sha256 = Object.fromEntries(Object.entries(hashes.sha256).filter(([name]) => good.has(name)));
  const isOurs = seal !== undefined && (await sealer?.isOurs(seal)) === true;
  return { storage, folder, zip, earlier: { document, hashes: { ...hashes, sha256 } }, isOurs, sealer };
}

/** Reads a phone. @throws DeviceError where it cannot be opened; FormatError where `out` holds what is no capture */
export async function acquireLive(options: AcquireLiveOptions): Promise<Capture> {
  const onEvent = options.onEvent ?? (() => undefined);
  const env = options.open?.env ?? process.env;
  const place = await placeOf(options.out, options.sealer);
  if (options.address?.startsWith('fastboot:') === true)
    return acquireFastbootLive(options, place, options.address.slice('fastboot:'.length));
  if (options.address?.startsWith('browser:') === true) return acquireBrowserLive(options, place, options.address.slice('browser:'.length));
  if (options.address?.startsWith('rom:') === true) return acquireRomLive(options, place, options.address.slice('rom:'.length));
  const device = await openPhone(options.address, { ...options.open, onPrompt: () => onEvent({ kind: 'prompt' }) });
  try {
    const canaries = options.canaries ?? [];
    const ports = { clock: nodeClock, timer: nodeTimer, hash: nodeHash, random: (length: number) => randomBytes(length) };
    const wanted: AcquireOptions = {
      depth: options.depth,
      claims: options.claims ?? {},
      operator: options.operator,
      tool: options.tool ?? 'assay',
      requests: options.requests ?? [],
      onEvent,
      stop: options.stop,
      keyIsNew: async (serial) => (device.about.authorisation === 'known' ? meetPhone(configFolder(env), serial) : undefined),
      ...(options.patience === undefined ? {} : { patience: options.patience }),
      ...(options.budgetMs === undefined ? {} : { budgetMs: options.budgetMs }),
      ...(place.earlier === undefined ? {} : { earlier: place.earlier }),
      afterTradeIn: async (phone, builder, runner) => {
        const all = { device: phone, builder, runner, ports, stop: options.stop };
        if (options.attest === 'trade-in') await attestInTradeIn(all);
      },
      after: async (phone, builder, runner) => {
        const all = { device: phone, builder, runner, ports, stop: options.stop };
        if (options.challenge !== undefined && !builder.isDone('challenge'))
          await runChallenges(
            all,
            challengePrograms(ports, {
              timed: options.challenge === 'timed',
              memory: memoryWish(options, phone),
              storage: storageWish(options),
            }),
          );
        if (options.challengeBrowser === true && !builder.isDone('challenge-browser')) {
          onEvent({ kind: 'note', text: 'The phone’s browser shows a page: unlock the phone and press Start.' });
          const onBegin = (at: number, count: number) => onEvent({ kind: 'asked', place: at, count });
          await challengeInBrowser(all, nodeSites, browserConversation(ports.random), onBegin);
        }
        if (options.attest === 'adb' && !builder.isDone('attestation-adb'))
          await attestOverAdb({ ...all, challengeFor: options.challengeFor });
        if (options.attest === 'adb' && !builder.isDone(STRONGBOX_ITEM)) await attestInStrongBox(all);
        if (options.attest === 'trade-in' && !builder.isDone('attestation-trade-in')) await attestInTradeIn(all);
        if (options.attest === 'browser' && !builder.isDone('attestation-browser')) await attestInBrowser(all, nodeSites);
        if (canaries.length > 0 && options.depth === 'full') await runCanaries({ ...all, counter: { next: 0 } }, canaries);
      },
    };
    const { builder, complete, opened } = await acquire(device, place.storage, ports, wanted);
    const { capture, out } = await finish(builder, place, complete);
    onEvent({ kind: 'finished', complete, roundTrips: opened, resumed: place.earlier !== undefined, out });
    return capture;
  } finally {
    await device.close();
  }
}

function storageWish({ challengeStorageBytes: budgetBytes, claims }: AcquireLiveOptions): ChallengeWishes['storage'] {
  if (budgetBytes === undefined) return undefined;
  return { budgetBytes, ...(claims?.storageBytes === undefined ? {} : { claimedBytes: claims.storageBytes }) };
}

/** Asks the phone on a stream of its own what is left, while the program holds what it has filled. */
function memoryWish(options: AcquireLiveOptions, phone: DevicePort): ChallengeWishes['memory'] {
  const claimedBytes = options.claims?.memoryBytes;
  if (options.challengeMemory !== true || claimedBytes === undefined) return undefined;
  return {
    claimedBytes,
    left: async () => {
      const answer = await runShell(phone, 'cat /proc/meminfo', { timer: nodeTimer, timeMs: MEMINFO_MS, bytes: 65_536 });
      return parseMemoryLeft(new TextDecoder().decode(answer.stdout).replaceAll('\r', ''));
    },
  };
}

/** Reads a phone that is in fastboot mode. */
async function acquireFastbootLive(options: AcquireLiveOptions, place: Place, address: string): Promise<Capture> {
  const link = await openFastboot(address);
  try {
    return await acquireOutside(options, place, { mode: 'fastboot', because: IN_FASTBOOT }, (builder, onEvent) =>
      acquireFastboot(link, builder, { clock: nodeClock, timer: nodeTimer, onEvent }),
    );
  } finally {
    await link.close();
  }
}

/** Reads who a phone in a download mode says it is. */
async function acquireRomLive(options: AcquireLiveOptions, place: Place, address: string): Promise<Capture> {
  const rom = await openRom(address);
  try {
    return await acquireOutside(options, place, { mode: 'rom', because: IN_ROM }, (builder, onEvent) =>
      acquireRom(rom, builder, { clock: nodeClock, timer: nodeTimer, onEvent }),
    );
  } finally {
    await rom.link.close();
  }
}

/** Serves our page at an address of this machine, for the browser of a phone without ADB. */
async function acquireBrowserLive(options: AcquireLiveOptions, place: Place, address: string): Promise<Capture> {
  const { station } = options;
  const plainHost = () => (address === '' ? networkAddress() : address.replace(/^\[(.*)\]$/, '$1'));
  return acquireOutside(options, place, { mode: 'browser', because: IN_BROWSER }, (builder, onEvent) => {
    onEvent('the page in the phone’s browser');
    const random = (length: number) => randomBytes(length);
    return challengeOverNetwork({
      builder,
      station: station === undefined ? nodePlainStation(plainHost()) : nodeStation(station),
      conversation: browserConversation(random),
      stop: options.stop,
      ports: { clock: nodeClock, timer: nodeTimer, random },
      onReady: (url) => options.onEvent?.({ kind: 'page', url }),
      onBegin: (at, count) => options.onEvent?.({ kind: 'asked', place: at, count }),
    });
  });
}

/** The address by which others on this machine's network reach it. @throws Error where it has none, or several */
function networkAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  const [only] = found;
  if (only === undefined) throw new Error('this machine is on no network: a phone cannot reach it');
  if (found.length > 1) throw new Error(`this machine has several addresses: choose one, as in browser:${only} (${found.join(', ')})`);
  return only;
}

/** A capture of what answers outside Android. */
async function acquireOutside(
  options: AcquireLiveOptions,
  place: Place,
  { mode, because }: { readonly mode: 'fastboot' | 'rom' | 'browser'; readonly because: string },
  read: (builder: CaptureBuilder, onEvent: (what: string) => void) => Promise<boolean>,
): Promise<Capture> {
  const onEvent = options.onEvent ?? (() => undefined);
  const startedAt = nodeClock.monotonicMs();
  const builder = captureBuilder(place.storage, nodeHash, {
    tool: options.tool ?? 'assay',
    operator: options.operator,
    takenAt: nodeClock.now(),
    transport: mode,
    plan: mode,
    claims: options.claims ?? {},
    notRead: [{ what: 'everything of Android', because }],
  });
  const complete = await read(builder, (what) =>
    onEvent({ kind: 'begin', what, done: 0, total: 1, elapsedMs: nodeClock.monotonicMs() - startedAt, leftMs: 0 }),
  );
  const { capture, out } = await finish(builder, place, complete);
  onEvent({ kind: 'finished', complete, roundTrips: 1, resumed: false, out });
  return capture;
}

/** What was built as a capture; packed, where a zip is wanted and the plan was gone through. */
async function finish(
  builder: CaptureBuilder,
  { zip, folder, earlier, isOurs, sealer, storage }: Place,
  complete: boolean,
): Promise<{ readonly capture: Capture; readonly out: string | undefined }> {
  if (sealer !== undefined) {
    const hashes = await storage.open('hashes.json');
    if (hashes !== undefined) await storage.replace('operator.json', await sealer.seal(await hashes.read(0, hashes.size)));
  }
  // What an earlier run wrote was in the bearer's hands since, unless the operator's signature is on it.
  const capture = await builder.capture(earlier === undefined ? 'live' : isOurs ? 'operator' : 'bearer');
  if (zip === undefined || folder === undefined || !complete) return { capture, out: folder };
  const packed = await packCapture(folder, zip);
  await rm(folder, { recursive: true, force: true });
  const artefacts = capture.artefacts.map((artefact) => ({ ...artefact, source: packed.get(artefact.name) ?? artefact.source }));
  return { capture: { ...capture, artefacts }, out: zip };
}
