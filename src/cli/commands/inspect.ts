import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { isInstant, parseHex } from '../../bytes/index.ts';
import type { Artefact, AskLogs, Claims, Sighting } from '../../evidence/index.ts';
import type { AttestCarrier } from '../../platform/node/adb/index.ts';
import type { TrustedSigner } from '../../provenance/index.ts';
import type { Reference } from '../../references/index.ts';
import { type Report, renderHtml, renderTerminal } from '../../report/index.ts';
import type { DiskShelf } from '../../store/shelf/index.ts';
import { type Policy, policies, policySchema } from '../../verdict/index.ts';
import { because } from '../because.ts';
import { CLAIM_KEYS, parseClaims } from '../claims.ts';
import { askForYes, waitForHand } from '../consent.ts';
import { EXIT, UsageError } from '../exit.ts';
import { type Inspected, type InspectOptions, inspectSource, readSighting, writeOut } from '../inspect.ts';
import { openKnowledge } from '../knowledge.ts';
import { callerPath } from '../paths.ts';
import { stderrProgress, stopOnInterrupt } from '../progress.ts';
import { namedThing } from '../sources.ts';
import { browserStationOf, browserStationOptions, type StationFlags, withCode } from '../station.ts';

interface Flags extends StationFlags {
  readonly json?: true;
  readonly html?: string;
  readonly policy: string;
  readonly claim: readonly string[];
  readonly box: readonly string[];
  readonly redact?: true;
  readonly asOf?: string;
  readonly fastboot?: string;
  readonly rom?: string;
  readonly operatorKey: readonly string[];
  readonly identity?: string;
  readonly earlier: readonly string[];
  readonly store?: string;
  readonly place?: string;
  readonly event?: true;
  readonly androidLogs?: string;
  readonly knowledge?: string;
  readonly cts: readonly string[];
  readonly reference: readonly string[];
  readonly shelf?: string;
  readonly canary?: true;
  readonly canaryApk: readonly string[];
  readonly yes?: true;
  readonly quick?: true;
  readonly full?: true;
  readonly out?: string;
  readonly operator?: string;
  readonly challenge?: true;
  readonly challengeBrowser?: true;
  readonly timed?: true;
  readonly challengeMemory?: true;
  readonly challengeStorage?: string;
  readonly attest?: AttestCarrier;
  readonly attestation: readonly string[];
  readonly attestationChallenge?: string;
  readonly attestationStatus?: string;
  readonly attestationRoots?: string;
}

const several = (word: string, all: readonly string[]) => [...all, word];

/** `assay inspect [SOURCE…]` */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .argument(
      '[source...]',
      'recordings (files, folders, zips) or phones (serial, HOST:PORT, usb, browser: for a page that a phone without ADB opens); none: the phone that is plugged in',
    )
    .option('--json', 'print the report as one JSON document and nothing else')
    .option('--html <file>', 'write the report as one self-contained page')
    .addOption(new Option('--policy <name>', 'owner, trade, lab, or a policy file').default('owner'))
    .option('--claim <key=value>', `what box, seller or operator say: ${CLAIM_KEYS}; may be given several times`, several, [])
    .option('--box <picture>', 'a picture of the box: its barcodes are claims (IMEI, serial); may be given several times', several, [])
    .option('--redact', 'replace personal identifiers by pseudonyms')
    .addOption(new Option('--quick', 'phones: what a minute allows (default)').conflicts('full'))
    .option('--full', 'phones: everything, within ten minutes')
    .option(
      '--challenge',
      'phones: run small programs of ours in /data/local/tmp that show what the silicon executes, and remove them; giving it is your yes',
    )
    .option(
      '--challenge-browser',
      'phones: open a page of ours in the phone’s browser that runs small programs and says what the browser knows; giving it is your yes',
    )
    .option('--timed', 'with --challenge: take times too (clock, caches, cores, relays); ten seconds more')
    .addOption(
      new Option(
        '--challenge-storage [gigabytes]',
        'with --challenge: reserve free storage, write as much to it (4) and read it back; asks first',
      ).preset('4'),
    )
    .option('--challenge-memory', 'with --challenge: fill up to half of the memory claimed and query it; asks first')
    .addOption(
      new Option('--attest [carrier]', 'phones: ask the secure world to attest the phone under a fresh nonce; asks first')
        .choices(['adb', 'browser', 'trade-in'])
        .preset('adb'),
    )
    .option('--attestation <file>', 'a key attestation that another tool saved of this phone; may be given several times', several, [])
    .option(
      '--attestation-status <file>',
      'Google’s revocation list, its date in its name (status-2026-01-31.json); at most seven days old for a phone to be genuine',
    )
    .option('--attestation-roots <file>', 'trust these roots for attestations instead of those that are built in')
    .option('--attestation-challenge <hex>', 'with --attestation: the nonce that the tool was given (assay attest challenge makes one)')
    .option('--out <folder>', 'phones: keep the capture in this folder, or in this .zip')
    .option('--operator <name>', 'phones: who inspects, for the capture')
    .option('--operator-key <file>', 'public key of an operator whose signed captures you trust; may be given several times', several, [])
    .option('--identity <file>', 'your age identities, for a recording that was encrypted for you')
    .option(
      '--fastboot <address>',
      'the same phone in its bootloader: HOST[:PORT], usb:SERIAL, or a capture of it; asked for after the system is read',
    )
    .option(
      '--rom <address>',
      'the same phone in a download mode of its boot ROM: usb:, or mediatek|sahara|unisoc:HOST:PORT, or a capture of it; nothing is written',
    )
    .option(
      '--reference <rom>',
      'the maker’s build to hold the phone against: a ROM, a manifest or a reference; may be given several times',
      several,
      [],
    )
    .option(
      '--shelf <folder>',
      'where the shelf stands, in place of ASSAY_SHELF or your own: the build that the phone names, the one claimed and the likest are taken from it',
    )
    .option('--earlier <capture>', 'a capture of an earlier inspection, of this phone or another; may be given several times', several, [])
    .option('--android-logs <folder>', 'copies of Google’s transparency logs (assay log android copy), to look its packages up in')
    .option(
      '--cts <file>',
      'a result of the Compatibility Test Suite that is claimed for this phone: XML or zip; may be given several times',
      several,
      [],
    )
    .option('--knowledge <folder>', 'packs to judge by, in place of your own folder of imported packs')
    .option('--store <folder>', 'keep capture and report there, and judge with what was seen there of this phone before')
    .option(
      '--place <uri>',
      'with --store, for phones at the cable: where this station stands, in place of ASSAY_PLACE; a place of custody places',
    )
    .option('--event', 'with --store: write what was found as an inspecting event of custody too')
    .option('--canary', 'phones, with --full: install small apps under names of checkers, read them back, remove them; asks first')
    .option('--canary-apk <file>', 'the same with a published checker of yours; may be given several times', several, [])
    .option('--yes', 'the operator says yes to what this command line asks for')
    .option('--as-of <time>', 'judge a recording that states no time as of this one (2026-01-31T12:00:00Z)')
    .action(async (sources: readonly string[], flags: Flags) => {
      process.exitCode = await run(sources, flags);
    });
  for (const option of browserStationOptions()) command.addOption(option);
  return command;
}

async function run(sources: readonly string[], flags: Flags): Promise<number> {
  refuseUnanswered(sources, flags);
  const options = await optionsOf(flags);
  const words = sources.length > 0 ? sources : await phonesHere(flags);
  const station = await browserStationOf(flags, words);
  for (const name of ['fastboot', 'rom'] as const)
    if (flags[name] !== undefined && words.length > 1) throw new UsageError(`--${name} belongs to one phone; there are several`);
  if (words.length === 0) return runCaseZero(options, flags);
  const stop = stopOnInterrupt();
  const outcomes = await Promise.all(
    words.map((word) =>
      inspectSource(word, {
        ...options,
        ...(station === undefined ? {} : { station }),
        stop: stop.signal,
        onEvent: withCode(flags.qr, stderrProgress(words.length > 1 ? word : undefined)),
      }),
    ),
  );
  stop.release();
  await print(outcomes, flags);
  return worst(outcomes);
}

/** What is asked of a phone is not left out in silence where no source could answer. @throws UsageError */
function refuseUnanswered(sources: readonly string[], { challenge, challengeBrowser, attest, canary, canaryApk }: Flags): void {
  const phones = sources.filter((word) => namedThing(word).kind === 'phone');
  if (sources.length === 0 || phones.some((word) => !/^(browser|fastboot|rom):/.test(word))) return;
  const asked = Object.entries({
    challenge,
    // A page is one already.
    'challenge-browser': phones.some((word) => word.startsWith('browser:')) ? undefined : challengeBrowser,
    attest,
    canary,
    'canary-apk': canaryApk[0],
  }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  if (asked.length > 0)
    throw new UsageError(`${asked.join(', ')}: for a phone with ADB, and no source here is one (${sources.join(', ')})`);
}

/** Phones that are plugged in; where there is none and its browser shall be asked, one that opens a page. */
async function phonesHere({ challengeBrowser }: Flags): Promise<readonly string[]> {
  const { listPhones } = await import('../../platform/node/adb/index.ts');
  const found = (await listPhones()).filter(({ state }) => state === 'device').map(({ address }) => address);
  return found.length === 0 && challengeBrowser === true ? ['browser:'] : found;
}

/** The case that everything here must be able to decide, where there is no phone. It is a demonstration: it exits 0. */
async function runCaseZero(options: InspectOptions, flags: Flags): Promise<number> {
  const { CASE_ZERO_STORY, caseZero } = await import('../case-zero.ts');
  const say = (text: string) => (flags.json ? process.stderr : process.stdout).write(text);
  say(`${CASE_ZERO_STORY}\n`);
  const phones = await caseZero(options, ({ title, lesson, outcome }) => {
    if (flags.json || !('report' in outcome)) return;
    say(`${'─'.repeat(Math.min(process.stdout.columns ?? 100, 100))}\n${title}\n\n${terminal(outcome.report)}\n   ${lesson}\n\n`);
  });
  await print(
    phones.map(({ outcome }) => outcome),
    flags,
    false,
  );
  say(
    'Inspect your own phone: enable USB debugging and plug it in, then npm start. A recording: npm start -- FILE. A page: npm start -- --html report.html\n',
  );
  return EXIT.done;
}

const MEMORY_WORDS =
  'This fills up to half of the claimed memory of the phone for some twenty seconds. It stops early when little is left, but apps may be closed, and a phone may hang and restart. Charge it first.';

const storageWords = (bytes: number) =>
  `This reserves the free storage of the phone for some seconds, less a tenth, and writes ${(bytes / 2 ** 30).toFixed(2)} GiB of it once, which wears flash as much as a film that is copied. Nothing is left behind. On a phone whose storage only claims its size, what is written may overwrite what is there: copy what you need first.`;

/** Between the least that says something and what one program can hold. */
async function gigabytes(word: string): Promise<number> {
  const { STORAGE_BUDGET } = await import('../../challenges/index.ts');
  const bytes = Number(word) * 2 ** 30;
  if (!(bytes >= STORAGE_BUDGET.least && bytes <= STORAGE_BUDGET.most))
    throw new UsageError(`--challenge-storage: from ${STORAGE_BUDGET.least / 2 ** 30} to ${STORAGE_BUDGET.most / 2 ** 30}`);
  return bytes;
}

type Challenged = Pick<InspectOptions, 'challenge' | 'challengeMemory' | 'challengeStorageBytes'>;

async function challengeOf(flags: Flags): Promise<Challenged> {
  const { challenge, timed, challengeMemory, challengeStorage } = flags;
  if (challenge !== true) {
    if (timed === true || challengeMemory === true || challengeStorage !== undefined)
      throw new UsageError('--timed, --challenge-memory and --challenge-storage belong to --challenge');
    return {};
  }
  if (challengeMemory === true) {
    if (claimsOf(flags.claim).memoryBytes === undefined)
      throw new UsageError('--challenge-memory wants to know what is claimed, as in --claim memory=8GB');
    await askForYes(MEMORY_WORDS, flags.yes === true);
  }
  const challengeStorageBytes = challengeStorage === undefined ? undefined : await gigabytes(challengeStorage);
  if (challengeStorageBytes !== undefined) await askForYes(storageWords(challengeStorageBytes), flags.yes === true);
  return {
    challenge: timed === true ? 'timed' : 'instructions',
    ...(challengeMemory === true ? { challengeMemory } : {}),
    ...(challengeStorageBytes === undefined ? {} : { challengeStorageBytes }),
  };
}

async function attestOf({ attest, yes }: Flags): Promise<Pick<InspectOptions, 'attest'>> {
  if (attest === undefined) return {};
  const { agreeToAttest } = await import('../attestation.ts');
  return { attest: await agreeToAttest(attest, yes === true) };
}

/** What chains are verified with, where the operator gives it. */
async function trustOf({ attestationStatus, attestationRoots }: Flags): Promise<Pick<InspectOptions, 'attestation'>> {
  if (attestationStatus === undefined && attestationRoots === undefined) return {};
  const { rootsOf, statusOf } = await import('../attestation-trust.ts');
  return {
    attestation: {
      ...(attestationStatus === undefined ? {} : { status: await statusOf(attestationStatus) }),
      ...(attestationRoots === undefined ? {} : { roots: await rootsOf(attestationRoots) }),
    },
  };
}

/** Where it is kept, and what besides. */
function keepingOf({
  store,
  place = process.env['ASSAY_PLACE'],
  event,
  place: typed,
}: Flags): Pick<InspectOptions, 'store' | 'place' | 'event'> {
  if (store === undefined) {
    if (typed !== undefined || event === true) throw new UsageError('--place and --event belong to --store');
    return {};
  }
  if (place !== undefined && place !== '' && !/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(place))
    throw new UsageError(`--place wants a URI; this is "${place}"`);
  return { store, ...(place === undefined || place === '' ? {} : { place }), ...(event === true ? { event } : {}) };
}

/** A challenge for the phone at the cable: it goes with --attest, or with what another tool saved. */
function nonceOf({ attest, attestation, attestationChallenge }: Flags): Pick<InspectOptions, 'attestNonce'> {
  if (attestationChallenge === undefined || attestation.length > 0 || attest === undefined) return {};
  const nonce = parseHex(attestationChallenge);
  if (attest !== 'adb' || nonce?.length !== 32)
    throw new UsageError('--attestation-challenge with --attest is of the carrier adb, and has 32 bytes in hex');
  return { attestNonce: nonce };
}

async function importedOf({ attest, attestation, attestationChallenge }: Flags) {
  if (attestation.length === 0 && (attestationChallenge === undefined || attest !== undefined)) return [];
  const { importAttestations } = await import('../attestation.ts');
  return importAttestations(attestation, attestationChallenge);
}

async function canariesOf(flags: Flags): Promise<Pick<InspectOptions, 'canaries'>> {
  if (flags.canary !== true && flags.canaryApk.length === 0) return {};
  if (flags.full !== true) throw new UsageError('--canary belongs to --full: it installs apps and takes its time');
  const { CANARY_WORDS, makeCanaries } = await import('../canaries.ts');
  await askForYes(CANARY_WORDS, flags.yes === true);
  return { canaries: await makeCanaries(flags.canaryApk) };
}

async function optionsOf(flags: Flags): Promise<InspectOptions> {
  if (flags.asOf !== undefined && !isInstant(flags.asOf))
    throw new UsageError(`--as-of wants a time as 2026-01-31T12:00:00Z; this is "${flags.asOf}"`);
  const shelf = await shelfOf(flags.shelf);
  const operators = await operatorsOf(flags.operatorKey);
  const trust = await trustOf(flags);
  return {
    policy: await policyOf(flags.policy),
    claims: { ...(await boxOf(flags.box)), ...claimsOf(flags.claim) },
    redact: flags.redact === true,
    asOf: flags.asOf,
    depth: flags.full ? 'full' : 'quick',
    out: flags.out,
    operator: flags.operator,
    operators,
    identity: flags.identity,
    knowledge: await openKnowledge(flags.knowledge),
    claimed: [...(await ctsOf(flags.cts)), ...(await importedOf(flags))],
    references: await referencesOf(flags.reference, shelf),
    ...(shelf === undefined ? {} : { shelf }),
    fastboot: flags.fastboot,
    ...(flags.fastboot === undefined
      ? {}
      : {
          beforeFastboot: () => waitForHand('Start the bootloader of the same phone (adb reboot bootloader, or its keys) and connect it.'),
        }),
    ...(flags.rom === undefined
      ? {}
      : {
          rom: flags.rom,
          beforeRom: () => waitForHand('Bring the same phone into its download mode (switched off, its keys held) and connect it.'),
        }),
    history: {
      sightings: await Promise.all(flags.earlier.map((word) => earlier(word, { operators, identity: flags.identity, ...trust }))),
    },
    ...keepingOf(flags),
    ...(flags.androidLogs === undefined ? {} : { askLogs: await askLogsOf(flags.androidLogs) }),
    ...(await canariesOf(flags)),
    ...(await challengeOf(flags)),
    ...(flags.challengeBrowser === true ? { challengeBrowser: true } : {}),
    ...(await attestOf(flags)),
    ...nonceOf(flags),
    ...trust,
  };
}

/** Documents that are claimed for the phone. */
async function ctsOf(words: readonly string[]): Promise<readonly Artefact[]> {
  if (words.length === 0) return [];
  const { ctsArtefact } = await import('../cts.ts');
  return Promise.all(
    words.map((word, index) =>
      ctsArtefact(word, index).catch((error: unknown) => {
        throw new UsageError(`--cts ${word}: ${because(error)}`);
      }),
    ),
  );
}

async function askLogsOf(folder: string): Promise<AskLogs> {
  const [{ openAndroidLogs }, { ANDROID_LOGS, lookUpPackages }] = await Promise.all([
    import('../../store/index.ts'),
    import('../../provenance/index.ts'),
  ]);
  try {
    const logs = await openAndroidLogs(callerPath(folder), ANDROID_LOGS);
    return (questions) => lookUpPackages(logs, questions);
  } catch (error) {
    throw new UsageError(`--android-logs ${folder}: ${because(error)}`);
  }
}

async function operatorsOf(files: readonly string[]): Promise<readonly TrustedSigner[]> {
  if (files.length === 0) return [];
  const { trustedSigner } = await import('../operators.ts');
  return Promise.all(files.map(trustedSigner));
}

async function shelfOf(named: string | undefined): Promise<DiskShelf | undefined> {
  const { shelfFolder } = await import('../shelf.ts');
  const path = shelfFolder(named);
  if (!existsSync(path)) {
    if (named !== undefined) throw new UsageError(`--shelf ${named}: there is no such folder`);
    return undefined;
  }
  const { openShelf } = await import('../../store/shelf/index.ts');
  return openShelf(path);
}

/** Lists of builds stand beside the shelf: what is on one of them is vouched for as it is there. */
async function referencesOf(words: readonly string[], shelf: DiskShelf | undefined): Promise<readonly Reference[]> {
  if (words.length === 0) return [];
  const { openReference } = await import('../references.ts');
  const register = await shelf?.register();
  const inputs = register === undefined ? {} : { listed: register.listed };
  return Promise.all(
    words.map((word) =>
      openReference(word, inputs).catch((error: unknown) => {
        throw new UsageError(`--reference ${word}: ${because(error)}`);
      }),
    ),
  );
}

async function earlier(word: string, keys: Pick<InspectOptions, 'operators' | 'identity' | 'attestation'>): Promise<Sighting> {
  try {
    return await readSighting(word, keys);
  } catch (error) {
    throw new UsageError(`--earlier ${word}: ${because(error)}`);
  }
}

/** What the box says; what is typed counts above it. Numbers are shown by their ends: this may stand in a log. */
async function boxOf(pictures: readonly string[]): Promise<Claims> {
  if (pictures.length === 0) return {};
  const { boxLabelOf } = await import('../box.ts');
  const { claims, couldBeSerial, gtin } = await boxLabelOf(pictures);
  const said = Object.entries(claims).map(([key, value]) => `${key} …${value.slice(-4)}`);
  console.error(`assay: the box says ${[...said, ...(gtin === undefined ? [] : [`product ${gtin}`])].join(', ')}`);
  if (couldBeSerial.length > 0) console.error('assay: several codes of the box could be the serial: say it with --claim serial=…');
  return claims;
}

function claimsOf(words: readonly string[]) {
  try {
    return parseClaims(words);
  } catch (error) {
    throw new UsageError(because(error));
  }
}

async function policyOf(name: string): Promise<Policy> {
  if (name === 'owner' || name === 'trade' || name === 'lab') return policies[name];
  let text: string;
  try {
    text = await readFile(callerPath(name), 'utf8');
  } catch {
    throw new UsageError(`--policy is owner, trade, lab or a file; "${name}" is none of them`);
  }
  const parsed = policySchema.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new UsageError(
      `${name} is no assay.policy/1: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    );
  return parsed.data;
}

async function print(outcomes: readonly Inspected[], flags: Flags, toTerminal = true): Promise<void> {
  if (flags.json) {
    const documents = outcomes.map((outcome) => ('report' in outcome ? outcome.report : outcome));
    process.stdout.write(`${JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2)}\n`);
  }
  for (const [index, outcome] of outcomes.entries()) {
    if ('error' in outcome) console.error(`assay: ${outcome.source}: ${outcome.error}`);
    else if (!flags.json && toTerminal) process.stdout.write(`${index > 0 ? '\n' : ''}${terminal(outcome.report)}`);
  }
  if (flags.html !== undefined) {
    const reports = outcomes.filter((outcome) => 'report' in outcome);
    for (const [index, { report }] of reports.entries()) {
      const path = reports.length === 1 ? flags.html : flags.html.replace(/(\.html?)?$/, `-${index + 1}$1`);
      await writeOut(path, renderHtml(report));
      console.error(`assay: the full report is in ${path}`);
    }
  }
}

function terminal(report: Report): string {
  return renderTerminal(report, {
    width: process.stdout.columns ?? 100,
    // The prompt needs a line or two.
    height: (process.stdout.rows ?? 42) - 2,
    colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
  });
}

/** The worst of several: reject, then what could not be done, then hold, then accept. */
function worst(outcomes: readonly Inspected[]): number {
  const decisions = outcomes.map((outcome) => ('report' in outcome ? outcome.report.verdict.decision : 'error'));
  if (decisions.includes('reject')) return EXIT.reject;
  if (decisions.includes('error')) return EXIT.couldNot;
  return decisions.includes('hold') ? EXIT.hold : EXIT.done;
}
