/** `assay attest serve`: the page that asks a phone's browser for an attestation, over HTTPS, found by QR code. For phones without a cable. */
import { Command } from 'commander';
import { because } from '../because.ts';
import { parseClaims } from '../claims.ts';
import { askForYes } from '../consent.ts';
import { EXIT, UsageError } from '../exit.ts';
import { openSealer } from '../operators.ts';
import { callerPath, packageVersion } from '../paths.ts';
import { stopOnInterrupt } from '../progress.ts';
import { codeForTerminal, writeCode } from '../qr-code.ts';
import { type StationFlags, stationOf, stationOptions } from '../station.ts';

interface Flags extends StationFlags {
  readonly out: string;
  readonly minutes: string;
  readonly claim: readonly string[];
  readonly operator?: string;
  readonly sign?: string;
  readonly yes?: true;
  readonly json?: true;
}

const WORDS =
  'This serves a page to whoever scans its code and asks that phone’s secure hardware for a key; somebody has to unlock it, and the key stays in Play services, unused. It binds nothing to a phone.';
const MINUTES_MAX = 60;

export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('ask a phone without a cable: the page over HTTPS, found by QR code')
    .description(
      'Serves one page for one answer. The phone must trust the certificate and find its name: one of a public authority, or of your own that the phone was given, for a domain name that leads here. WebAuthn knows no addresses in digits; localhost serves for trying.',
    )
    .option('--out <folder>', 'the capture that is written, for inspect', 'assay-capture-page')
    .option('--minutes <n>', 'how long the page waits', '5')
    .option(
      '--claim <key=value>',
      'what box, seller or operator say; may be given several times',
      (word, all: readonly string[]) => [...all, word],
      [],
    )
    .option('--operator <name>', 'who shows the code, for the capture')
    .option('--sign <key>', 'sign the capture with your private key (PKCS#8 PEM): known to you, it is judged as read, not as brought')
    .option('--yes', 'the operator says yes to what this command line asks for')
    .option('--json', 'print the outcome as one JSON document and nothing else')
    .action(async (flags: Flags) => {
      process.exitCode = await serve(flags);
    });
  for (const option of stationOptions()) command.addOption(option);
  return command;
}

async function serve(flags: Flags): Promise<number> {
  const minutes = Number(flags.minutes);
  if (!(minutes > 0 && minutes <= MINUTES_MAX))
    throw new UsageError(`--minutes is above 0 and at most ${MINUTES_MAX}; this is "${flags.minutes}"`);
  const station = await stationOf(flags, 'domain');
  const claims = claimsOf(flags.claim);
  const sealer = flags.sign === undefined ? undefined : await openSealer(flags.sign);
  await askForYes(WORDS, flags.yes === true);
  const { acquirePage } = await import('../../platform/node/adb/index.ts');
  const interrupt = stopOnInterrupt();
  const shown: Promise<void>[] = [];
  try {
    const outcome = await acquirePage({
      station,
      waitMs: minutes * 60_000,
      out: callerPath(flags.out),
      tool: `assay ${packageVersion()}`,
      claims,
      ...(flags.operator === undefined ? {} : { operator: flags.operator }),
      ...(sealer === undefined ? {} : { sealer }),
      stop: interrupt.signal,
      onReady: (url) => {
        shown.push(
          codeForTerminal(url).then((code) => {
            process.stderr.write(`${code}\n${url}\nwaiting for ${minutes} minutes; the code is good for one answer\n`);
          }),
        );
        if (flags.qr !== undefined) shown.push(writeCode(flags.qr, url));
      },
    });
    await Promise.all(shown);
    if (flags.json === true) console.log(JSON.stringify({ capture: flags.out, outcome }, null, 2));
    else console.log(`${flags.out}: ${outcome}; assay inspect ${flags.out}`);
    return outcome === 'answered' ? EXIT.done : EXIT.couldNot;
  } finally {
    interrupt.release();
  }
}

function claimsOf(words: readonly string[]) {
  try {
    return parseClaims(words);
  } catch (error) {
    throw new UsageError(because(error));
  }
}
