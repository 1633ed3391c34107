/** `assay attest serve`: the page that asks a phone's browser for an attestation, over HTTPS, found by QR code. For phones without a cable. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { renderSVG, renderUnicodeCompact } from 'uqr';
import type { acquirePage } from '../../platform/node/adb/index.ts';
import { because } from '../because.ts';
import { parseClaims } from '../claims.ts';
import { askForYes } from '../consent.ts';
import { EXIT, UsageError } from '../exit.ts';
import { openSealer } from '../operators.ts';
import { callerPath, packageVersion } from '../paths.ts';
import { stopOnInterrupt } from '../progress.ts';

interface Flags {
  readonly cert: string;
  readonly key: string;
  readonly host?: string;
  readonly listen: string;
  readonly out: string;
  readonly minutes: string;
  readonly qr?: string;
  readonly claim: readonly string[];
  readonly operator?: string;
  readonly sign?: string;
  readonly yes?: true;
  readonly json?: true;
}

const WORDS =
  'This serves a page to whoever scans its code and asks that phone’s secure hardware for a key; somebody has to unlock it, and the key stays in Play services, unused. It binds nothing to a phone.';
const MINUTES_MAX = 60;
/** Modules of quiet around a code (ISO/IEC 18004, 9.1). */
const QUIET = 4;

export function serveCommand(): Command {
  return new Command('serve')
    .summary('ask a phone without a cable: the page over HTTPS, found by QR code')
    .description(
      'Serves one page for one answer. The phone must trust the certificate and find its name: one of a public authority, or of your own that the phone was given, for a domain name that leads here. WebAuthn knows no addresses in digits; localhost serves for trying.',
    )
    .requiredOption('--cert <file>', 'the certificate in PEM, with those above it')
    .requiredOption('--key <file>', 'its private key in PEM')
    .option('--host <name>', 'the name under which phones reach this station (default: the first in the certificate)')
    .option('--listen <address>', 'ADDRESS:PORT to listen on', '0.0.0.0:8443')
    .option('--out <folder>', 'the capture that is written, for inspect', 'assay-capture-page')
    .option('--minutes <n>', 'how long the page waits', '5')
    .option('--qr <file>', 'also write the code as SVG')
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
}

async function serve(flags: Flags): Promise<number> {
  const minutes = Number(flags.minutes);
  if (!(minutes > 0 && minutes <= MINUTES_MAX))
    throw new UsageError(`--minutes is above 0 and at most ${MINUTES_MAX}; this is "${flags.minutes}"`);
  const { station, name } = await stationOf(flags);
  const claims = claimsOf(flags.claim);
  const sealer = flags.sign === undefined ? undefined : await openSealer(flags.sign);
  await askForYes(WORDS, flags.yes === true);
  const { acquirePage } = await import('../../platform/node/adb/index.ts');
  const interrupt = stopOnInterrupt();
  const qr: Promise<void>[] = [];
  try {
    const outcome = await acquirePage({
      station,
      // Browsers leave the port of HTTPS out of origin and Host header.
      originAt: (port) => (port === 443 ? `https://${name}` : `https://${name}:${port}`),
      waitMs: minutes * 60_000,
      out: callerPath(flags.out),
      tool: `assay ${packageVersion()}`,
      claims,
      ...(flags.operator === undefined ? {} : { operator: flags.operator }),
      ...(sealer === undefined ? {} : { sealer }),
      stop: interrupt.signal,
      onReady: (url) => {
        process.stderr.write(
          `${renderUnicodeCompact(url, { ecc: 'M', border: QUIET })}\n${url}\nwaiting for ${minutes} minutes; the code is good for one answer\n`,
        );
        if (flags.qr !== undefined) qr.push(writeFile(callerPath(flags.qr), `${renderSVG(url, { ecc: 'M', border: QUIET })}\n`));
      },
    });
    await Promise.all(qr);
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

/** Certificate, key and address, and the name of the page. What a browser would refuse is refused here, in words. */
async function stationOf(flags: Flags): Promise<{ readonly station: Parameters<typeof acquirePage>[0]['station']; readonly name: string }> {
  const [, host = '', digits = ''] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(flags.listen) ?? [];
  if (host === '' || Number(digits) > 65_535) throw new UsageError(`--listen wants ADDRESS:PORT; this is "${flags.listen}"`);
  const [cert, key] = await Promise.all([flags.cert, flags.key].map((file) => readFile(callerPath(file), 'utf8')));
  let certificate: X509Certificate;
  let matches: boolean;
  try {
    certificate = new X509Certificate(cert ?? '');
    matches = certificate.checkPrivateKey(createPrivateKey(key ?? ''));
  } catch (error) {
    throw new UsageError(`--cert and --key: ${because(error)}`);
  }
  if (!matches) throw new UsageError('--key is not the key of --cert');
  const name = (flags.host ?? firstName(certificate) ?? '').toLowerCase();
  if (!/^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name) || !(name === 'localhost' || name.includes('.')))
    throw new UsageError(`a page with keys wants a domain name, as in station.example.org; "${name}" is none (--host)`);
  if (certificate.checkHost(name) === undefined) throw new UsageError(`the certificate is not for ${name}`);
  return { station: { cert: cert ?? '', key: key ?? '', host, port: Number(digits) }, name };
}

const firstName = ({ subjectAltName }: X509Certificate): string | undefined =>
  (subjectAltName ?? '').split(', ').flatMap((entry) => (entry.startsWith('DNS:') && !entry.includes('*') ? [entry.slice(4)] : []))[0];
