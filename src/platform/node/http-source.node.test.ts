import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openHttp } from './http-source.ts';

const FILE = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) % 256);

async function serving<T>(listener: RequestListener, run: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    // A listening TCP server's address is an AddressInfo.
    return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rom.zip`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ranges =
  (seen: string[], etag: () => string = () => 'a'): RequestListener =>
  (request, response) => {
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    seen.push(`${from}-${to}`);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${FILE.length}`, etag: etag() });
    response.end(FILE.subarray(Number(from), Number(to) + 1));
  };

test('reads what is asked for, in windows that are kept', async () => {
  const seen: string[] = [];
  await serving(ranges(seen), async (url) => {
    const source = await openHttp(url);
    expect(source.size).toBe(FILE.length);
    expect(await source.read(262_140, 10)).toEqual(FILE.slice(262_140, 262_150));
    expect(await source.read(100, 10)).toEqual(FILE.slice(100, 110));
    expect(await source.read(10, 600_000)).toEqual(FILE.slice(10, 600_010));
  });
  expect(seen).toEqual(['0-0', '0-262143', '262144-524287', '10-600009']);
});

test('a server without ranges is refused, not downloaded', async () => {
  await serving(
    (_request, response) => response.end(FILE),
    async (url) => expect(openHttp(url)).rejects.toThrow('no range'),
  );
});

test('a file that changes between requests is refused', async () => {
  let count = 0;
  await serving(
    ranges([], () => String(count++)),
    async (url) => {
      const source = await openHttp(url);
      await expect(source.read(0, 1)).rejects.toThrow('changed on the server');
    },
  );
});

test('an answer that is too short or too long is refused', async () => {
  for (const [more, says] of [
    [-1, 'ends 1 bytes early'],
    [1, 'more than'],
  ] as const) {
    await serving(
      (request, response) => {
        const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
        response.writeHead(206, { 'content-range': `bytes ${from}-${to}/1000` });
        response.end(new Uint8Array(Number(to) - Number(from) + 1 + (to === '0' ? 0 : more)));
      },
      async (url) => {
        const source = await openHttp(url);
        await expect(source.read(0, 10)).rejects.toThrow(says);
      },
    );
  }
});
