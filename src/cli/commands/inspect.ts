import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { TailEntry } from '../../provenance/index.ts';
import { type Report, renderHtml, renderTerminal } from '../../report/index.ts';
import { because } from '../because.ts';
import { CLAIM_KEYS } from '../claims.ts';
import { EXIT, UsageError } from '../exit.ts';
import { type Inspected, type InspectOptions, inspectSource, writeOut } from '../inspect.ts';
import type { InspectFlags } from '../inspect-flags.ts';
import { inspectOptionsOf } from '../inspect-options.ts';
import { callerPath } from '../paths.ts';
import { stderrProgress, stopOnInterrupt } from '../progress.ts';
import { browserAddress, namedThing } from '../sources.ts';
import { browserStationOf, browserStationOptions, withCode } from '../station.ts';

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
    .option(
      '--screen-photo <picture>',
      'with a capture that holds the page’s answers: a photograph of the pattern that it showed (JPEG or PNG); may be given several times',
      several,
      [],
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
    .addOption(
      new Option(
        '--browser <address>',
        'the same phone’s browser: an address of this machine where the page is served (- chooses it), or a capture of browser:; asked after the system is read',
      ).conflicts('challengeBrowser'),
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
    .option(
      '--log <folder>',
      'with --store and --attest: log that this inspection answers for the one before, and that the next must for it',
    )
    .option('--log-key <file>', 'the private key of that log')
    .option('--canary', 'phones, with --full: install small apps under names of checkers, read them back, remove them; asks first')
    .option('--canary-apk <file>', 'the same with a published checker of yours; may be given several times', several, [])
    .option('--yes', 'the operator says yes to what this command line asks for')
    .option('--as-of <time>', 'judge a recording that states no time as of this one (2026-01-31T12:00:00Z)')
    .action(async (sources: readonly string[], flags: InspectFlags) => {
      process.exitCode = await run(sources, flags);
    });
  for (const option of browserStationOptions()) command.addOption(option);
  return command;
}

async function run(sources: readonly string[], flags: InspectFlags): Promise<number> {
  refuseUnanswered(sources, flags);
  const tails: TailEntry[] = [];
  const options = { ...loggingOf(flags, (tail) => tails.push(tail)), ...(await inspectOptionsOf(flags)) };
  const words = sources.length > 0 ? sources : await phonesHere(flags);
  const station = await browserStationOf(flags, pagesOf(words, flags.browser));
  for (const name of ['fastboot', 'rom', 'browser'] as const)
    if (flags[name] !== undefined && words.length !== 1)
      throw new UsageError(`--${name} belongs to one phone; there ${words.length === 0 ? 'is none' : 'are several'}`);
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
  if (flags.log !== undefined && flags.logKey !== undefined) {
    if (tails.length === 0) console.error('assay: nothing was logged: no phone answered for itself under an attested ID');
    else await logged(tails, { log: flags.log, logKey: flags.logKey });
  }
  return worst(outcomes);
}

/** Sources, and the page that is served beside one. */
const pagesOf = (words: readonly string[], browser: string | undefined): readonly string[] =>
  browser === undefined || existsSync(callerPath(browser)) ? words : [...words, browserAddress(browser)];

/** Where tails go. They are logged after all were kept, so that phones inspected together share one writer. @throws UsageError */
function loggingOf(
  { log, logKey, store, attest, attestation }: InspectFlags,
  onTail: (tail: TailEntry) => void,
): Pick<InspectOptions, 'onTail'> {
  if (log === undefined && logKey === undefined) return {};
  if (log === undefined || logKey === undefined) throw new UsageError('--log and --log-key go together');
  if (store === undefined || (attest !== 'adb' && attestation.length === 0))
    throw new UsageError(
      '--log belongs to --store with --attest or --attestation: what it logs is that the phone answered under its attested ID',
    );
  return { onTail };
}

/** After the reports: a log that takes nothing costs none, the store has the tails, and `custody tail log` logs what is missing. */
async function logged(tails: readonly TailEntry[], where: { readonly log: string; readonly logKey: string }): Promise<void> {
  const { logTails } = await import('../tail.ts');
  try {
    await logTails(tails, where);
  } catch (error) {
    throw new Error(`kept in the store, and not logged (assay custody tail log does it): ${because(error)}`, { cause: error });
  }
}

/** What is asked of a phone is not left out in silence where no source could answer. @throws UsageError */
function refuseUnanswered(sources: readonly string[], { challenge, challengeBrowser, attest, canary, canaryApk }: InspectFlags): void {
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
async function phonesHere({ challengeBrowser }: InspectFlags): Promise<readonly string[]> {
  const { listPhones } = await import('../../platform/node/adb/index.ts');
  const found = (await listPhones()).filter(({ state }) => state === 'device').map(({ address }) => address);
  return found.length === 0 && challengeBrowser === true ? ['browser:'] : found;
}

/** The case that everything here must be able to decide, where there is no phone. It is a demonstration: it exits 0. */
async function runCaseZero(options: InspectOptions, flags: InspectFlags): Promise<number> {
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

async function print(outcomes: readonly Inspected[], flags: InspectFlags, toTerminal = true): Promise<void> {
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
