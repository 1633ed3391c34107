import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { HttpError, redirected, strongValidator } from './http-range.ts';
import { openHttp } from './http-source.ts';
import { errorOf, refusalOf } from './refusal.ts';

const FILE = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) % 256);
const W = 256 << 10;

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

interface Asked {
  readonly from: number;
  readonly to: number;
  /** 0 for the request that opens. */
  readonly count: number;
}

/** A server of ranges; `odd` may answer in its place. */
function ranges(odd: (asked: Asked, response: ServerResponse) => boolean = () => false, seen: string[] = []): RequestListener {
  let count = 0;
  return (request, response) => {
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    seen.push(`${from}-${to}`);
    const asked = { from: Number(from), to: Number(to), count: count++ };
    if (odd(asked, response)) return;
    give(response, asked);
  };
}

function give(response: ServerResponse, { from, to }: Pick<Asked, 'from' | 'to'>, headers: Record<string, string> = {}): true {
  response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${FILE.length}`, etag: '"a"', ...headers });
  response.end(FILE.subarray(from, to + 1));
  return true;
}

/** Reads, and answers what was waited for. */
async function reading(
  listener: RequestListener,
  at: number,
  length: number,
): Promise<{ readonly bytes: Uint8Array; readonly waits: readonly number[] }> {
  const waits: number[] = [];
  const bytes = await serving(listener, async (url) => {
    const source = await openHttp(url, async (ms) => {
      waits.push(ms);
    });
    return source.read(at, length);
  });
  return { bytes, waits };
}
const refusal = async (listener: RequestListener): Promise<HttpError> => {
  const error: unknown = await reading(listener, 0, 10).catch((refused: unknown) => refused);
  if (!(error instanceof HttpError)) throw error;
  return error;
};

test('reads what is asked for, in windows; what is kept of them is not asked for again', async () => {
  const seen: string[] = [];
  await serving(ranges(undefined, seen), async (url) => {
    const source = await openHttp(url);
    expect(source.size).toBe(FILE.length);
    expect(await source.read(W - 4, 10)).toEqual(FILE.slice(W - 4, W + 6));
    expect(await source.read(100, 10)).toEqual(FILE.slice(100, 110));
    expect(await source.read(10, 600_000)).toEqual(FILE.slice(10, 600_010));
    for (const [at, length] of [
      [0, FILE.length],
      [FILE.length - 1, 1],
      [W, W],
      [W - 1, W + 2],
      [5, 0],
    ] as const)
      expect(await source.read(at, length)).toEqual(FILE.slice(at, at + length));
  });
  expect(seen).toEqual(['0-0', `0-${2 * W - 1}`, `${2 * W}-${FILE.length - 1}`]);
});

describe('a broken connection', () => {
  test('what is missing is asked for again, and nothing else', async () => {
    const seen: string[] = [];
    const odd = ({ from, to, count }: Asked, response: ServerResponse) => {
      if (count !== 1) return false;
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${FILE.length}`, etag: '"a"', 'content-length': to - from + 1 });
      response.write(FILE.subarray(from, from + 100_000), () => response.destroy());
      return true;
    };
    const { bytes, waits } = await reading(ranges(odd, seen), 0, W);
    expect(bytes).toEqual(FILE.slice(0, W));
    expect(waits).toEqual([500]);
    const [, , again = ''] = seen;
    expect(Number(again.split('-')[0])).toBeGreaterThan(0);
    expect(again.split('-')[1]).toBe(`${W - 1}`);
  });

  test('it is asked for again before any answer, and after the server’s own time where it says one', async () => {
    const odd = ({ count }: Asked, response: ServerResponse) => {
      if (count === 1) response.destroy();
      else if (count === 2) response.writeHead(503, { 'retry-after': '7' }).end();
      else return false;
      return true;
    };
    const { bytes, waits } = await reading(ranges(odd), 0, 10);
    expect(bytes).toEqual(FILE.slice(0, 10));
    expect(waits).toEqual([500, 7000]);
  });

  test('time after time it is an end, and no part of a file that cannot be read', async () => {
    const error = await refusal(ranges(({ count }, response) => count > 0 && response.destroy().destroyed));
    expect(error).toMatchObject({ code: 'broken', at: 0 });
    expect(error.message).toContain('asked 5 times');
    expect(errorOf(refusalOf(error))).toEqual(error);
  });

  test('hostile: a server that gives a byte at a time is left soon', async () => {
    let count = 0;
    const odd = ({ from }: Asked, response: ServerResponse) => {
      if (count++ === 0) return false;
      give(response, { from, to: from });
      return true;
    };
    expect(await refusal(ranges(odd))).toMatchObject({ code: 'broken' });
    expect(count).toBe(6);
  });

  test('a server that is not there is not waited for when a file is opened', async () => {
    const url = await serving(ranges(), async (open) => open);
    await expect(openHttp(url, () => Promise.reject(new Error('it waited')))).rejects.toThrow('nobody answers there');
  });
});

describe('answers that are none', () => {
  const other = (headers: Record<string, string>, body?: Uint8Array) => (asked: Asked, response: ServerResponse) => {
    if (asked.count === 0) return false;
    if (body === undefined) give(response, asked, headers);
    else response.writeHead(206, { 'content-range': `bytes ${asked.from}-${asked.to}/${FILE.length}`, etag: '"a"', ...headers }).end(body);
    return true;
  };
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    ({ count }: Asked, response: ServerResponse) =>
      count > 0 && response.writeHead(code, headers).end(FILE).headersSent;

  test.each<[string, HttpError['code'], string, RequestListener]>([
    ['the whole file', 'no-ranges', 'answers 200 and no range', (_request, response) => response.end(FILE)],
    ['the whole file, later', 'no-ranges', 'answers 200 and no range', ranges(status(200))],
    ['no size', 'no-ranges', 'no range', (_request, response) => response.writeHead(206, { 'content-range': 'bytes 0-0/*' }).end('x')],
    ['not there', 'refused', 'answers 404', ranges(status(404))],
    ['shorter now', 'changed', 'shorter now', ranges(status(416))],
    ['another size', 'changed', 'changed on the server', ranges(other({ 'content-range': `bytes 0-${W - 1}/700001` }))],
    ['another version', 'changed', 'changed on the server', ranges(other({ etag: '"b"' }))],
    ['no version any more', 'changed', 'changed on the server', ranges(other({ etag: '' }))],
    ['another range', 'wrong-answer', 'came where bytes', ranges(other({ 'content-range': `bytes 1-${W}/${FILE.length}` }))],
    ['a larger range', 'wrong-answer', 'came where bytes', ranges(other({ 'content-range': `bytes 0-${W}/${FILE.length}` }))],
    [
      'several ranges',
      'wrong-answer',
      'came where bytes',
      ranges(other({ 'content-range': '', 'content-type': 'multipart/byteranges; boundary=x' })),
    ],
    ['a packed range', 'wrong-answer', 'packed', ranges(other({ 'content-encoding': 'gzip' }))],
    ['more than asked for', 'wrong-answer', 'more than the', ranges(other({}, new Uint8Array(W + 1)))],
    ['a redirect to a file', 'redirect', 'no web address', ranges(status(302, { location: 'file:///etc/passwd' }))],
    ['a redirect in a circle', 'redirect', 'more than 5', ranges(status(302, { location: '/rom.zip' }))],
  ])('refused: %s', async (_name, code, says, listener) => {
    const error = await refusal(listener);
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
  });

  test('a range that is shorter than asked for is what it says, and the rest is asked for', async () => {
    const { bytes } = await reading(
      ranges(({ from, to, count }, response) => count === 1 && give(response, { from, to: to - 9 })),
      0,
      W,
    );
    expect(bytes).toEqual(FILE.slice(0, W));
  });

  test('hostile: other bytes where there were some before, under the same name', async () => {
    const odd = ({ from, to, count }: Asked, response: ServerResponse) => {
      if (count < 2) return false;
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${FILE.length}`, etag: '"a"' });
      response.end(FILE.slice(from, to + 1).fill(0));
      return true;
    };
    await serving(ranges(odd), async (url) => {
      const first = await openHttp(url);
      await first.read(0, 10);
      const second = await openHttp(url);
      second.holdTo(first.pins);
      await expect(second.read(0, 10)).rejects.toThrow('other bytes than it gave here before');
      await second.read(W, 10);
      expect(() => second.holdTo(new Map([[1, '0'.repeat(64)]]))).toThrow(HttpError);
    });
  });
});

describe('redirects', () => {
  test('never lead out of https', () => {
    expect(redirected('https://example.invalid/a', '/b', 0)).toBe('https://example.invalid/b');
    expect(redirected('http://example.invalid/a', 'https://example.invalid/b', 0)).toBe('https://example.invalid/b');
    expect(() => redirected('https://example.invalid/a', 'http://example.invalid/b', 0)).toThrow('from https to http');
    expect(() => redirected('https://example.invalid/a', null, 0)).toThrow(HttpError);
  });

  test('are followed once, and anew where the place that they lead to is gone', async () => {
    const seen: string[] = [];
    let place = 1;
    await serving(
      (request, response) => {
        const { url = '' } = request;
        seen.push(url);
        if (url === '/rom.zip') response.writeHead(302, { location: `/at/${place}` }).end();
        else if (url === `/at/${place}`) ranges()(request, response);
        else response.writeHead(403).end();
      },
      async (url) => {
        const source = await openHttp(url, async () => undefined);
        await source.read(0, 10);
        place = 2;
        expect(await source.read(W, 10)).toEqual(FILE.slice(W, W + 10));
      },
    );
    expect(seen).toEqual(['/rom.zip', '/at/1', '/at/1', '/at/1', '/rom.zip', '/at/2']);
  });
});

describe('what a file is known by in another run', () => {
  const of = (headers: Record<string, string>) => strongValidator(new Headers(headers));
  const date = 'Mon, 01 Jun 2026 10:00:00 GMT';
  test.each<[string, Record<string, string>, string | undefined]>([
    ['an ETag', { etag: '"a-b"', 'last-modified': date, date }, '"a-b"'],
    ['no weak ETag, and no date instead', { etag: 'W/"a"', 'last-modified': 'Mon, 01 Jun 2020 10:00:00 GMT', date }, undefined],
    ['no ETag without quotes', { etag: 'a' }, undefined],
    ['an old date', { 'last-modified': 'Mon, 01 Jun 2026 09:59:00 GMT', date }, 'Mon, 01 Jun 2026 09:59:00 GMT'],
    ['no date of just now', { 'last-modified': 'Mon, 01 Jun 2026 09:59:01 GMT', date }, undefined],
    ['no date without the server’s own', { 'last-modified': date }, undefined],
    ['no date that is none', { 'last-modified': 'yesterday', date }, undefined],
    ['nothing', { date }, undefined],
  ])('%s', (_name, headers, validator) => expect(of(headers)).toBe(validator));
});

test('an address with a password in it is refused without repeating it', async () => {
  const error: unknown = await openHttp('https://somebody:secret@example.invalid/a.zip').catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(HttpError);
  expect(String(error)).not.toContain('secret');
});
