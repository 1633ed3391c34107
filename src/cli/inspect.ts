/** What `assay inspect` does, without its flags: sources to reports. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CanaryRequest } from '../acquire/index.ts';
import type { Instant, NamedSource } from '../bytes/index.ts';
import type { AnswerTrust } from '../checks/attestation/index.ts';
import { attestedSightings, sightingOf } from '../checks/index.ts';
import type { Artefact, AskLogs, Capture, Claims, History, Sighting } from '../evidence/index.ts';
import { readFacts } from '../evidence/index.ts';
import { builtinRules, type Knowledge } from '../knowledge/index.ts';
import type { AttestCarrier, LiveEvent, StationSettings } from '../platform/node/adb/index.ts';
import { nodeClock, nodeCodec, nodeHash, nodeRules, nodeVerify, openInput } from '../platform/node/index.ts';
import type { TailEntry, TrustedSigner } from '../provenance/index.ts';
import type { Reference, ShelfReader } from '../references/index.ts';
import { answersOf, type Bench, judge, type Report, visible } from '../report/index.ts';
import type { Policy } from '../verdict/index.ts';
import { because } from './because.ts';
import { UsageError } from './exit.ts';
import { callerPath, packageVersion } from './paths.ts';
import { browserAddress, namedThing } from './sources.ts';
import type { TailAsker } from './tail.ts';

export interface InspectOptions {
  readonly policy: Policy;
  readonly claims: Claims;
  readonly redact: boolean;
  readonly asOf: Instant | undefined;
  /** For phones: how much is read. */
  readonly depth: 'quick' | 'full';
  /** Where the capture is kept; memory where undefined. */
  readonly out: string | undefined;
  readonly operator: string | undefined;
  readonly onEvent?: (event: LiveEvent) => void;
  readonly stop?: AbortSignal;
  /** Install canaries, which the operator has said yes to. */
  readonly canaries?: readonly CanaryRequest[];
  /** The bootloader of the same phone: an address for fastboot, or a capture of it. */
  readonly fastboot: string | undefined;
  /** Lets the operator start the bootloader, once the running system is read. */
  readonly beforeFastboot?: () => Promise<void>;
  /** The boot ROM of the same phone: an address, or a capture of it. */
  readonly rom?: string;
  /** Lets the operator bring the phone into its download mode, after the bootloader was read. */
  readonly beforeRom?: () => Promise<void>;
  /** The browser of the same phone: where its page is served, or a capture of it. */
  readonly browser?: string;
  /** A file with age identities, for recordings that are encrypted. */
  readonly identity: string | undefined;
  /** Public keys of operators whose signed captures count as read, not as brought. */
  readonly operators: readonly TrustedSigner[];
  /** Phones that were inspected before. */
  readonly history: History;
  /** A store that remembers, and where capture and report are kept; nothing is opened where undefined. */
  readonly store?: string;
  /** Where the station stands, for the store. */
  readonly place?: string;
  /** What was found goes into the store's custody as an event. */
  readonly event?: true;
  /** Documents that somebody brought for this phone: claims, never evidence for it. */
  readonly claimed: readonly Artefact[];
  /** What it is judged by: assay's own tables and imported packs. */
  readonly knowledge: Knowledge;
  /** Transparency logs of packages that the operator has. */
  readonly askLogs?: AskLogs;
  /** Builds to hold the phone against. */
  readonly references: readonly Reference[];
  /** Where further builds stand. */
  readonly shelf?: ShelfReader;
  /** Challenges, which the operator has said yes to. */
  readonly challenge?: 'instructions' | 'timed';
  /** Challenges in the phone's browser, which the operator has said yes to. */
  readonly challengeBrowser?: boolean;
  /** Serves the page of `browser:` over HTTPS. */
  readonly station?: StationSettings;
  /** Fills memory up to half of the claim, which the operator has said yes to. */
  readonly challengeMemory?: boolean;
  /** Writes as many bytes to storage and reads them back, which the operator has said yes to. */
  readonly challengeStorageBytes?: number;
  /** What chains of the secure world are verified with. */
  readonly attestation?: AnswerTrust;
  /** An attestation by this carrier, which the operator has said yes to. */
  readonly attest?: AttestCarrier;
  /** The challenge that the operator brought for it. */
  readonly attestNonce?: Uint8Array;
  /** Told of each inspection that answered for an earlier one. */
  readonly onTail?: (tail: TailEntry) => void;
}

/** One source's outcome: a report, or why there is none. */
export type Inspected = { readonly source: string; readonly report: Report } | { readonly source: string; readonly error: string };

/** What every judgement of this run rests on. */
function benchOf(
  options: Pick<InspectOptions, 'policy' | 'asOf' | 'history' | 'references' | 'shelf' | 'askLogs' | 'knowledge' | 'attestation'>,
): Bench {
  return {
    knowledge: options.knowledge,
    references: options.references,
    ...(options.shelf === undefined ? {} : { shelf: options.shelf }),
    history: options.history,
    policy: options.policy,
    hash: nodeHash,
    verify: nodeVerify,
    codec: nodeCodec,
    version: packageVersion(),
    asOf: options.asOf ?? nodeClock.now(),
    openScanner: () => nodeRules([builtinRules, ...options.knowledge.rules]),
    ...(options.askLogs === undefined ? {} : { askLogs: options.askLogs }),
    ...(options.attestation === undefined ? {} : { attestation: options.attestation }),
  };
}

/** Judges a capture; claims made by hand are added to those it holds. */
async function inspectCapture(source: string, capture: Capture, options: InspectOptions): Promise<Report> {
  const joined = await withOutside(capture, options);
  const claimed: Capture = {
    ...joined,
    claims: { ...joined.claims, ...options.claims },
    artefacts: [...joined.artefacts, ...options.claimed],
  };
  const judged = (history: History) => judge(claimed, benchOf({ ...options, history }), { source, redact: options.redact });
  if (options.store === undefined) return judged(options.history);
  const { judgeAndKeep } = await import('./kept.ts');
  const { store: folder, place, event, onTail } = options;
  return judgeAndKeep({ folder, place, event, onTail }, { source, capture: claimed, history: options.history }, judged, (facts) =>
    answersOf(facts, benchOf(options), claimed.takenAt ?? nodeClock.now()),
  );
}

const readingPorts = { codec: nodeCodec, hash: nodeHash };

type Keys = Pick<InspectOptions, 'operators' | 'identity' | 'attestation'>;

async function openRecording(path: string, { operators, identity }: Keys): Promise<Capture> {
  if (!existsSync(path)) throw new Error('there is no such file or folder');
  const { recognise } = await import('../acquire/import/index.ts');
  const capture = await recognise(await opened(path, identity), readingPorts);
  if (capture.seal === undefined) return capture;
  const { withOperator } = await import('./operators.ts');
  return withOperator(capture, operators);
}

/** The files of a recording; one that age encrypted is decrypted in memory. */
async function opened(path: string, identity: string | undefined): Promise<readonly NamedSource[]> {
  if (!path.endsWith('.age')) return openInput(path);
  const { decryptFile, isAgeFile } = await import('../platform/node/age/index.ts');
  if (!(await isAgeFile(path))) return openInput(path);
  if (identity === undefined) throw new UsageError(`${path} is encrypted: give --identity FILE`);
  return [{ name: basename(path, '.age'), source: await decryptFile(path, callerPath(identity)) }];
}

/** What an earlier capture, or another recording of a phone, tells of the unit. @throws Error where it is none */
export async function readSighting(word: string, keys: Keys): Promise<Sighting> {
  const capture = await openRecording(callerPath(word), keys);
  if (capture.artefacts.length === 0) throw new Error('nothing in it is a recording of a phone');
  const facts = await readFacts(capture);
  const at = capture.takenAt ?? nodeClock.now();
  const ports = { hash: nodeHash, verify: nodeVerify };
  const attestations = await answersOf(facts, keys.attestation === undefined ? ports : { ...ports, attestation: keys.attestation }, at);
  return sightingOf(facts, capture, { at, source: word }, attestedSightings({ facts, attestations }));
}

/** With what the bootloader, the boot ROM and the browser of the same phone said, where the operator names them. */
async function withOutside(capture: Capture, options: InspectOptions): Promise<Capture> {
  let joined = capture;
  for (const [scheme, word, before] of [
    ['fastboot', options.fastboot, options.beforeFastboot],
    ['rom', options.rom, options.beforeRom],
  ] as const) {
    if (word === undefined) continue;
    const { joinCaptures } = await import('../acquire/index.ts');
    const path = callerPath(word);
    if (existsSync(path)) {
      joined = joinCaptures(joined, await openRecording(path, options));
      continue;
    }
    if (capture.trust === 'live') await before?.();
    const { acquireLive } = await import('../platform/node/adb/index.ts');
    const address = `${scheme}:${word.startsWith(`${scheme}:`) ? word.slice(scheme.length + 1) : word}`;
    joined = joinCaptures(joined, await acquireLive({ address, depth: 'quick', tool: `assay ${packageVersion()}` }));
  }
  return options.browser === undefined ? joined : withBrowser(joined, options.browser, options);
}

/** With what the phone's browser said to a page of ours. Nothing binds the two: whoever opened the page answered, and each finding says so. */
async function withBrowser(capture: Capture, word: string, options: InspectOptions): Promise<Capture> {
  const { joinCaptures } = await import('../acquire/index.ts');
  const path = callerPath(word);
  if (existsSync(path)) {
    const said = await openRecording(path, options);
    if (!said.artefacts.some(({ kind }) => kind === 'challenge-browser'))
      throw new UsageError(`--browser ${word}: nothing in it was said by a browser`);
    return joinCaptures(capture, said);
  }
  const { acquireLive } = await import('../platform/node/adb/index.ts');
  const { station, stop, onEvent } = options;
  const wanted = { depth: 'quick', tool: `assay ${packageVersion()}`, address: browserAddress(word) } as const;
  return joinCaptures(
    capture,
    await acquireLive({
      ...wanted,
      ...(station === undefined ? {} : { station }),
      ...(stop === undefined ? {} : { stop }),
      ...(onEvent === undefined ? {} : { onEvent }),
    }),
  );
}

/** Inspects a recording: a file or folder that somebody brought. An unreadable one costs itself. */
async function inspectRecording(source: string, path: string, options: InspectOptions): Promise<Inspected> {
  const capture = await openRecording(path, options);
  if (capture.artefacts.length === 0) {
    const [first] = capture.unused;
    const detail = first === undefined ? '' : ` (${visible(first.name, 80)}: ${visible(first.because, 200)})`;
    return { source, error: `nothing in it is a recording of a phone${detail}` };
  }
  return { source, report: await inspectCapture(source, capture, options) };
}

/** Inspects a phone that is here. */
async function inspectPhone(source: string, address: string | undefined, options: InspectOptions): Promise<Inspected> {
  const { acquireLive } = await import('../platform/node/adb/index.ts');
  const tail = await tailOf(source, options);
  const capture = await acquireLive({
    address,
    depth: options.depth,
    claims: options.claims,
    tool: `assay ${packageVersion()}`,
    ...(options.operator === undefined ? {} : { operator: options.operator }),
    ...(options.out === undefined ? {} : { out: callerPath(options.out) }),
    ...(options.stop === undefined ? {} : { stop: options.stop }),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    ...(options.canaries === undefined ? {} : { canaries: options.canaries }),
    ...(options.challenge === undefined ? {} : { challenge: options.challenge }),
    ...(options.challengeBrowser === undefined ? {} : { challengeBrowser: options.challengeBrowser }),
    ...(options.station === undefined ? {} : { station: options.station }),
    ...(options.attest === undefined ? {} : { attest: options.attest }),
    ...(tail === undefined ? {} : { challengeFor: tail.challengeFor }),
    ...(options.challengeMemory === undefined ? {} : { challengeMemory: options.challengeMemory }),
    ...(options.challengeStorageBytes === undefined ? {} : { challengeStorageBytes: options.challengeStorageBytes }),
  });
  const report = await inspectCapture(source, capture, options);
  await tail?.forget();
  return { source, report };
}

/** The challenge for a phone that is asked over ADB: the operator's, else one by which it answers for its last inspection in the store. */
async function tailOf(source: string, { attest, attestNonce, store }: InspectOptions): Promise<TailAsker | undefined> {
  if (attestNonce !== undefined) return { challengeFor: async () => attestNonce, forget: async () => undefined };
  if (attest !== 'adb' || store === undefined) return undefined;
  const { tailAsker } = await import('./tail.ts');
  return tailAsker(store, source);
}

/** What only a phone has is not left out in silence where firmware is inspected. @throws UsageError */
function refuseOfPhones({ fastboot, rom, browser, store, history, claimed, out }: InspectOptions): void {
  const asked = Object.entries({
    fastboot,
    rom,
    browser,
    store,
    out,
    earlier: history.sightings[0],
    'cts or --attestation': claimed[0],
  }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  if (asked.length > 0) throw new UsageError(`${asked.join(', ')}: for a phone, and this is firmware`);
}

/** Inspects whatever a word names. Never throws: an unreadable source is an error of its own. */
export async function inspectSource(word: string, options: InspectOptions): Promise<Inspected> {
  try {
    const { openImage } = await import('./inspect-image.ts');
    const image = await openImage(word);
    if (image !== undefined) {
      refuseOfPhones(options);
      return { source: word, report: await image.inspect(options, benchOf(options)) };
    }
    const thing = namedThing(word);
    return thing.kind === 'recording'
      ? await inspectRecording(word, thing.path, options)
      : await inspectPhone(word, thing.address, options);
  } catch (error) {
    return { source: word, error: because(error) };
  }
}

/** Writes text to a file of the caller's. */
export async function writeOut(path: string, text: string): Promise<void> {
  await writeFile(callerPath(path), text);
}
