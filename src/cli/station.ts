/** The operator's own HTTPS server for a page of ours: the same flags for every command that serves one. What a browser would refuse is refused here, in words. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { Option } from 'commander';
import type { LiveEvent, StationSettings } from '../platform/node/adb/index.ts';
import { because } from './because.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';
import { writeCode } from './qr-code.ts';
import { namedThing } from './sources.ts';

export interface StationFlags {
  readonly cert?: string;
  readonly key?: string;
  readonly host?: string;
  readonly listen?: string;
  readonly qr?: string;
}

const PORT = 8443;

/** Options of a command that serves nothing but a page. */
export const stationOptions = (): readonly Option[] => optionsFor('', true);

/** Options of a command that may serve a page: for `browser:`. */
export const browserStationOptions = (): readonly Option[] => optionsFor('browser: over HTTPS: ', false);

const optionsFor = (when: string, isNeeded: boolean): readonly Option[] => [
  new Option('--cert <file>', `${when}the certificate in PEM, with those above it`).makeOptionMandatory(isNeeded),
  new Option('--key <file>', `${when}its private key in PEM`).makeOptionMandatory(isNeeded),
  new Option('--host <name>', `${when}the name under which phones reach this station (default: the first in the certificate)`),
  new Option('--listen <address>', `${when}ADDRESS:PORT to listen on (default: 0.0.0.0:${PORT})`),
  new Option('--qr <file>', `${isNeeded ? '' : 'browser: '}also write the code as SVG`),
];

/** Pages that make keys want a domain name (WebAuthn); others are secure at an address in digits too, where the certificate names it. */
export type NameKind = 'domain' | 'domain or address';

/** Certificate, key and address, and the name of the page. @throws UsageError where a browser would refuse them */
export async function stationOf(flags: StationFlags, kind: NameKind): Promise<StationSettings> {
  const listen = flags.listen ?? `0.0.0.0:${PORT}`;
  const [, at = '', digits = ''] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(listen) ?? [];
  if (at === '' || Number(digits) > 65_535) throw new UsageError(`--listen wants ADDRESS:PORT; this is "${listen}"`);
  if (flags.cert === undefined || flags.key === undefined) throw new UsageError('--cert and --key belong together');
  const { cert, key, certificate } = await pairOf(flags.cert, flags.key);
  const name = (flags.host ?? firstName(certificate, kind) ?? '').toLowerCase();
  const isAddress = kind === 'domain or address' && isIP(name) !== 0;
  if (!isAddress && !isDomain(name))
    throw new UsageError(
      kind === 'domain'
        ? `a page with keys wants a domain name, as in station.example.org; "${name}" is none (--host)`
        : `a page wants a domain name or an address, as in station.example.org; "${name}" is none (--host)`,
    );
  if ((isAddress ? certificate.checkIP(name) : certificate.checkHost(name)) === undefined)
    throw new UsageError(`the certificate is not for ${name}`);
  return { cert, key, host: at, port: Number(digits), name };
}

const isDomain = (name: string): boolean =>
  /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name) && (name === 'localhost' || name.includes('.'));

async function textOf(flag: string, file: string): Promise<string> {
  try {
    return await readFile(callerPath(file), 'utf8');
  } catch (error) {
    throw new UsageError(`${flag} ${file}: ${because(error)}`);
  }
}

async function pairOf(certFile: string, keyFile: string) {
  const cert = await textOf('--cert', certFile);
  const key = await textOf('--key', keyFile);
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new UsageError('--key is not the key of --cert');
    return { cert, key, certificate };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`--cert and --key: ${because(error)}`);
  }
}

/** The first name in a certificate that is one phone's destination; an address where it has no name. */
function firstName({ subjectAltName }: X509Certificate, kind: NameKind): string | undefined {
  const entries = (subjectAltName ?? '').split(', ');
  const of = (type: string) => entries.flatMap((entry) => (entry.startsWith(type) ? [entry.slice(type.length)] : []));
  return of('DNS:').find((name) => !name.includes('*')) ?? (kind === 'domain' ? undefined : of('IP Address:')[0]);
}

/** The station of the one page among sources, where a certificate is given. @throws UsageError for flags that nothing would use */
export async function browserStationOf(flags: StationFlags, words: readonly string[]): Promise<StationSettings | undefined> {
  const { cert, key, host, listen, qr } = flags;
  const given = Object.entries({ cert, key, host, listen, qr }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  if (given.length === 0) return undefined;
  const pages = words.filter((word) => namedThing(word).kind === 'phone' && word.startsWith('browser:'));
  const [page, second] = pages;
  if (page === undefined) throw new UsageError(`${given.join(', ')}: for browser:, the page that a phone without ADB opens`);
  if (second !== undefined) throw new UsageError(`${given.join(', ')}: for one page; there are ${pages.length}`);
  if (cert === undefined && key === undefined) {
    if (host !== undefined || listen !== undefined) throw new UsageError('--host and --listen belong to --cert and --key');
    return undefined;
  }
  const address = page.slice('browser:'.length);
  if (address !== '' && listen !== undefined) throw new UsageError(`${page} and --listen both say where to listen: give one`);
  const at = address === '' ? listen : `${address}:${PORT}`;
  return stationOf({ ...flags, ...(at === undefined ? {} : { listen: at }) }, 'domain or address');
}

/** Shows what happens, and writes the code of a page to a file. */
export const withCode =
  (file: string | undefined, show: (event: LiveEvent) => void): ((event: LiveEvent) => void) =>
  (event) => {
    show(event);
    if (file !== undefined && event.kind === 'page') void writeCode(file, event.url);
  };
