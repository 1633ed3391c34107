import { rm } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { CanaryRequest } from '../../acquire/index.ts';
import type { AttestCarrier, CaptureSealer, StationSettings } from '../../platform/node/adb/index.ts';
import { because } from '../because.ts';
import { parseClaims } from '../claims.ts';
import { askForYes } from '../consent.ts';
import { EXIT, UsageError } from '../exit.ts';
import { openSealer } from '../operators.ts';
import { callerPath, packageVersion } from '../paths.ts';
import { stderrProgress, stopOnInterrupt } from '../progress.ts';
import { browserStationOf, browserStationOptions, type StationFlags, withCode } from '../station.ts';

interface Flags extends StationFlags {
  readonly out?: string;
  readonly quick?: true;
  readonly full?: true;
  readonly claim: readonly string[];
  readonly operator?: string;
  readonly with: readonly string[];
  readonly sign?: string;
  readonly encrypt: readonly string[];
  readonly canary?: true;
  readonly canaryApk: readonly string[];
  readonly attest?: AttestCarrier;
  readonly yes?: true;
  readonly json?: true;
}

/** Items that are read on request only. */
const REQUESTS = ['bugreport'];
const collect = (word: string, all: readonly string[]) => [...all, word];

/** `assay capture [DEVICE…]` */
export function captureCommand(): Command {
  const command = new Command('capture')
    .description(
      'Reads phones into captures, to be inspected now or later. Nothing is installed and nothing is changed on them, but by --canary and --attest.',
    )
    .argument(
      '[device...]',
      'serial, HOST:PORT, usb:SERIAL, fastboot:HOST[:PORT], fastboot:usb:SERIAL, rom:usb: (a download mode) or browser:[ADDRESS] (a page that a phone without ADB opens); none: the phone that is plugged in',
    )
    .option('--out <path>', 'folder or .zip; a stopped capture in it is gone on with (default: assay-capture-SERIAL)')
    .addOption(new Option('--quick', 'what a minute allows').conflicts('full'))
    .option('--full', 'everything, within ten minutes (default)')
    .option('--claim <key=value>', 'what box, seller or operator say; may be given several times', collect, [])
    .option('--operator <name>', 'who holds the phone, for the capture')
    .option('--sign <key>', 'sign the capture with your private key (PKCS#8 PEM): known to you, it is judged as read, not as brought')
    .option(
      '--encrypt <recipient>',
      'encrypt it with age for this recipient (age1…), as FILE.zip.age; may be given several times',
      collect,
      [],
    )
    .option('--with <name>', `also read: ${REQUESTS.join(', ')} (holds personal content)`, collect, [])
    .option('--canary', 'install small apps under names of checkers, read them back, remove them; asks first')
    .option('--canary-apk <file>', 'the same with a published checker of yours; may be given several times', collect, [])
    .addOption(
      new Option('--attest [carrier]', 'ask the secure world to attest the phone under a fresh nonce; asks first')
        .choices(['adb', 'browser', 'trade-in'])
        .preset('adb'),
    )
    .option('--yes', 'the operator says yes to what this command line asks for')
    .option('--json', 'print where the captures are as one JSON document and nothing else')
    .action(async (devices: readonly string[], flags: Flags) => {
      process.exitCode = await run(devices, flags);
    });
  for (const option of browserStationOptions()) command.addOption(option);
  return command;
}

interface Captured {
  readonly source: string;
  readonly capture: string;
  readonly complete: boolean;
  readonly artefacts: number;
  readonly bytes: number;
  readonly changes: readonly { readonly what: string; readonly undone: boolean; readonly undo: string | undefined }[];
}

async function run(devices: readonly string[], flags: Flags): Promise<number> {
  const unknown = flags.with.find((name) => !REQUESTS.includes(name));
  if (unknown !== undefined) throw new UsageError(`--with takes ${REQUESTS.join(', ')}; this is "${unknown}"`);
  const packed = /\.zip(\.age)?$/.test(flags.out ?? '');
  if (flags.encrypt.length > 0 !== (flags.out?.endsWith('.zip.age') === true))
    throw new UsageError('--encrypt and an --out that ends in .zip.age belong together');
  if (devices.length > 1 && packed) throw new UsageError('several phones need a folder for --out, not one .zip');
  const canaries = await canariesOf(flags);
  if (flags.attest !== undefined) {
    const { agreeToAttest } = await import('../attestation.ts');
    await agreeToAttest(flags.attest, flags.yes === true);
  }
  const sealer = flags.sign === undefined ? undefined : await openSealer(flags.sign);
  const { listPhones } = await import('../../platform/node/adb/index.ts');
  let wanted = devices;
  if (wanted.length === 0) {
    const found = await listPhones();
    if (found.length !== 1)
      throw new Error(
        found.length === 0 ? 'no phone is plugged in' : `${found.length} phones are there: name them; \`assay phones\` lists them`,
      );
    wanted = found.map(({ address }) => address);
  }
  const station = await browserStationOf(flags, wanted);
  const interrupt = stopOnInterrupt();
  try {
    const outcomes = await Promise.all(
      wanted.map((device) => captureOne(device, wanted.length > 1, { flags, stop: interrupt.signal, canaries, sealer, station })),
    );
    report(outcomes, flags);
    return outcomes.every((outcome) => 'capture' in outcome && outcome.complete) ? EXIT.done : EXIT.couldNot;
  } finally {
    interrupt.release();
  }
}

async function canariesOf(flags: Flags): Promise<readonly CanaryRequest[]> {
  if (flags.canary !== true && flags.canaryApk.length === 0) return [];
  if (flags.quick === true) throw new UsageError('--canary belongs to the full plan: it installs apps and takes its time');
  const { CANARY_WORDS, makeCanaries } = await import('../canaries.ts');
  await askForYes(CANARY_WORDS, flags.yes === true);
  return makeCanaries(flags.canaryApk);
}

async function captureOne(
  device: string,
  isOneOfSeveral: boolean,
  {
    flags,
    stop,
    canaries,
    sealer,
    station,
  }: {
    readonly flags: Flags;
    readonly stop: AbortSignal;
    readonly canaries: readonly CanaryRequest[];
    readonly sealer: CaptureSealer | undefined;
    readonly station: StationSettings | undefined;
  },
): Promise<Captured | { readonly source: string; readonly error: string }> {
  const { acquireLive } = await import('../../platform/node/adb/index.ts');
  const show = withCode(flags.qr, stderrProgress(isOneOfSeveral ? device : undefined));
  // What the operator typed, made safe as a name; nothing that the phone says goes into it.
  const name = `assay-capture-${device.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 60)}`;
  const out = callerPath(flags.out === undefined ? name : isOneOfSeveral ? `${flags.out}/${name}` : flags.out);
  let where = out;
  let complete = false;
  try {
    const capture = await acquireLive({
      address: device,
      depth: flags.quick === true ? 'quick' : 'full',
      claims: claimsOf(flags.claim),
      ...(flags.operator === undefined ? {} : { operator: flags.operator }),
      tool: `assay ${packageVersion()}`,
      requests: flags.with,
      canaries,
      ...(flags.attest === undefined ? {} : { attest: flags.attest }),
      ...(sealer === undefined ? {} : { sealer }),
      ...(station === undefined ? {} : { station }),
      out: out.replace(/\.age$/, ''),
      stop,
      onEvent: (event) => {
        show(event);
        if (event.kind === 'finished') {
          complete = event.complete;
          where = event.out ?? out;
        }
      },
    });
    const [first, ...others] = flags.encrypt;
    if (first !== undefined && complete) where = await encrypt(where, out, [first, ...others]);
    const bytes = capture.artefacts.reduce((sum, { source }) => sum + source.size, 0);
    return { source: device, capture: where, complete, artefacts: capture.artefacts.length, bytes, changes: capture.changes };
  } catch (error) {
    return { source: device, error: because(error) };
  }
}

/** Encrypts the zip, and takes the readable one away. */
async function encrypt(zip: string, out: string, recipients: readonly [string, ...string[]]): Promise<string> {
  const { encryptFile } = await import('../../platform/node/age/index.ts');
  await encryptFile(zip, out, recipients);
  await rm(zip);
  return out;
}

function claimsOf(words: readonly string[]) {
  try {
    return parseClaims(words);
  } catch (error) {
    throw new UsageError(because(error));
  }
}

function report(outcomes: readonly (Captured | { readonly source: string; readonly error: string })[], flags: Flags): void {
  if (flags.json) process.stdout.write(`${JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes, null, 2)}\n`);
  for (const outcome of outcomes) {
    if ('error' in outcome) console.error(`assay: ${outcome.source}: ${outcome.error}`);
    else if (!flags.json) {
      console.log(
        `${outcome.capture}: ${outcome.artefacts} artefacts, ${(outcome.bytes / 1e6).toFixed(1)} MB${outcome.complete ? '' : ', stopped early'}`,
      );
      for (const change of outcome.changes)
        if (!change.undone)
          console.error(`left on the phone: ${change.what}${change.undo === undefined ? '' : `; to undo: ${change.undo}`}`);
    }
  }
}
