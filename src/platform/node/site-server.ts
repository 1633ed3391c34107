/** Serves a pure site (`acquire/attest-page.ts`) on a port of this machine that nobody else on the network reaches, unless an address is named. */
import { createServer, type IncomingMessage } from 'node:http';
import { PAGE_ANSWER_MAX, type SitePort } from '../../acquire/index.ts';

const HEADERS_MS = 10_000;
/** For the last answer, to reach whoever asked. */
const LAST_MS = 300;

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

export const nodeSites: SitePort = {
  async serve(site, { host, port } = { host: '127.0.0.1', port: 0 }) {
    const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS * 3 }, (request, response) => {
      void (async () => {
        const body = await bodyOf(request);
        if (body === undefined) {
          response.writeHead(413).end();
          request.destroy();
          return;
        }
        const path = (request.url ?? '').replace(/\?.*$/s, '');
        const answer = site({ method: request.method ?? '', path, host: request.headers.host ?? '', body });
        response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body);
      })().catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return {
      port: address.port,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
          setTimeout(() => server.closeAllConnections(), LAST_MS).unref();
        }),
    };
  },
};
