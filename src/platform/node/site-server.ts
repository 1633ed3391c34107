/** Serves a pure site (`acquire/attest-page.ts`): on a port of this machine that nobody else on the network reaches unless an address is named, or over HTTPS to the network. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { PAGE_ANSWER_MAX, type Site, type SitePort, type StationPort } from '../../acquire/index.ts';

const HEADERS_MS = 10_000;
const LIMITS = { headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS * 3 };
const CLOSE_MS = 500;
/** A page is for one phone. */
const CONNECTIONS_MAX = 32;

/** The body, or undefined where it is longer than any answer. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    // The stream has no encoding set: its pieces are buffers.
    size += (piece as Buffer).length;
    if (size > PAGE_ANSWER_MAX) return undefined;
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

async function answer(site: Site | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    response.writeHead(413).end();
    request.destroy();
    return;
  }
  if (site === undefined) {
    response.writeHead(503).end();
    return;
  }
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  const said = site({ method: request.method ?? '', path, host: request.headers.host ?? '', body });
  response.writeHead(said.status, { ...said.headers, connection: 'close' }).end(said.body);
}

/** Listens, and answers for the site once it is made. */
async function open(
  make: (listener: (request: IncomingMessage, response: ServerResponse) => void) => Server,
  address: { readonly host: string; readonly port: number },
  siteAt: (port: number) => Site,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  let site: Site | undefined;
  const server = make((request, response) => void answer(site, request, response).catch(() => response.destroy()));
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(address.port, address.host, resolve);
  });
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // Whoever was answered last is told so; what else is open does not keep us.
    server.closeIdleConnections();
    const end = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    await closed;
    clearTimeout(end);
  };
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  try {
    site = siteAt(bound.port);
  } catch (error) {
    await close();
    throw error;
  }
  return { port: bound.port, close };
}

export const nodeSites: SitePort = {
  serve: (site) =>
    open(
      (listener) => createServer(LIMITS, listener),
      { host: '127.0.0.1', port: 0 },
      () => site,
    ),
};

export interface StationSettings {
  /** PEM: the certificate with those above it, and its private key. */
  readonly cert: string;
  readonly key: string;
  /** What is listened on. */
  readonly host: string;
  readonly port: number;
  /** Under which phones reach it: a domain name, or an address that the certificate names. */
  readonly name: string;
}

/** Where a page is, as a browser writes it: a scheme's own port is left out, and IPv6 has brackets. @throws TypeError for a name that is none */
const originOf = (scheme: 'http' | 'https', name: string, port: number): string =>
  new URL(`${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`).origin;

/** A station at an address of this machine, under the operator's certificate. */
export const nodeStation = ({ cert, key, host, port, name }: StationSettings): StationPort => ({
  serve: (siteAt) =>
    open(
      (listener) => createTlsServer({ ...LIMITS, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_MS }, listener),
      { host, port },
      (bound) => siteAt(originOf('https', name, bound)),
    ),
});

/** A station without a certificate at an address of this machine: its page is no secure context. */
export const nodePlainStation = (host: string): StationPort => ({
  serve: (siteAt) =>
    open(
      (listener) => createServer(LIMITS, listener),
      { host, port: 0 },
      (bound) => siteAt(originOf('http', host, bound)),
    ),
});
