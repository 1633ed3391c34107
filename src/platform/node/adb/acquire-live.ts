/** Reads a live phone into a capture: in memory, in a folder, or in a zip. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type AcquireEvent,
  type AcquireOptions,
  acquire,
  type CanaryRequest,
  type CaptureDocument,
  type CaptureStorage,
  type HashesDocument,
  memoryStorage,
  readCapture,
  readDocuments,
  runCanaries,
} from '../../../acquire/index.ts';
import type { Capture, Claims } from '../../../evidence/index.ts';
import { nodeClock } from '../clock.ts';
import { nodeHash } from '../hash.ts';
import { openInput } from '../open-source.ts';
import { folderStorage, packCapture } from './capture-folder.ts';
import { configFolder, meetPhone } from './keys.ts';
import { type OpenOptions, openPhone } from './open-phone.ts';
import { nodeTimer } from './timer.ts';

export type LiveEvent =
  | AcquireEvent
  /** The phone asks its owner whether to let us in. */
  | { readonly kind: 'prompt' }
  | {
      readonly kind: 'finished';
      readonly complete: boolean;
      readonly roundTrips: number;
      readonly resumed: boolean;
      readonly out: string | undefined;
    };

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
  /** A folder, or a name that ends in `.zip`; default: memory. A folder that holds a stopped capture is gone on with. */
  readonly out?: string;
  /** Install canaries, with the operator's yes; in the full plan only. */
  readonly canaries?: readonly CanaryRequest[];
  readonly open?: OpenOptions;
}

interface Place {
  readonly storage: CaptureStorage;
  readonly folder: string | undefined;
  readonly zip: string | undefined;
  readonly earlier: { readonly document: CaptureDocument; readonly hashes: HashesDocument } | undefined;
}

async function placeOf(out: string | undefined): Promise<Place> {
  if (out === undefined) return { storage: memoryStorage(), folder: undefined, zip: undefined, earlier: undefined };
  const zip = out.endsWith('.zip') ? out : undefined;
  // Beside the zip, so that a capture that is stopped lies there as a folder, whole and ready to be gone on with.
  const folder = zip === undefined ? out : `${out}.part`;
  await mkdir(dirname(folder), { recursive: true });
  const storage = await folderStorage(folder);
  const entries = await openInput(folder);
  if (!entries.some(({ name }) => name === 'capture.json')) return { storage, folder, zip, earlier: undefined };
  const { document, hashes } = await readDocuments(entries);
  // An artefact that is not what was written is read again.
  const good = new Set((await readCapture(entries, nodeHash)).artefacts.map(({ name }) => name));
  const sha256 = Object.fromEntries(Object.entries(hashes.sha256).filter(([name]) => good.has(name)));
  return { storage, folder, zip, earlier: { document, hashes: { ...hashes, sha256 } } };
}

/** Reads a phone. @throws DeviceError where it cannot be opened; FormatError where `out` holds what is no capture */
export async function acquireLive(options: AcquireLiveOptions): Promise<Capture> {
  const onEvent = options.onEvent ?? (() => undefined);
  const env = options.open?.env ?? process.env;
  const place = await placeOf(options.out);
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
      ...(options.budgetMs === undefined ? {} : { budgetMs: options.budgetMs }),
      ...(place.earlier === undefined ? {} : { earlier: place.earlier }),
      ...(canaries.length === 0
        ? {}
        : {
            after: (phone, builder, runner) =>
              runCanaries({ device: phone, builder, runner, ports, stop: options.stop, counter: { next: 0 } }, canaries),
          }),
    };
    const { builder, complete, opened } = await acquire(device, place.storage, ports, wanted);
    // What an earlier run wrote was in the bearer's hands since.
    const capture = await builder.capture(place.earlier === undefined ? 'live' : 'bearer');
    let out = place.folder;
    if (place.zip !== undefined && place.folder !== undefined && complete) {
      await packCapture(place.folder, place.zip);
      out = place.zip;
    }
    onEvent({ kind: 'finished', complete, roundTrips: opened, resumed: place.earlier !== undefined, out });
    return capture;
  } finally {
    await device.close();
  }
}

/** Removes the folder that a zip was made of, when nobody reads its artefacts any more. */
export async function dropPart(zip: string): Promise<void> {
  await rm(`${zip}.part`, { recursive: true, force: true });
}
