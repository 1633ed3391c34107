import { checkRange, FormatError, type Source } from '../../bytes/index.ts';

/** Bytes fetched at once: headers and tables lie close together, and a request costs more than the bytes. */
const WINDOW = 256 << 10;
/** Windows kept. */
const WINDOWS_MAX = 16;
const TIMEOUT_MS = 60_000;

/**
 * A file on a web server, read by range requests: nothing else of it is fetched. A file that changes between requests is refused.
 * @throws FormatError when the server has no ranges or says no size
 */
export async function openHttp(url: string): Promise<Source> {
  const first = await request(url, 0, 1);
  await first.body?.cancel();
  const total = /^bytes 0-0\/(\d{1,15})$/.exec(first.headers.get('content-range') ?? '')?.[1];
  if (first.status !== 206 || total === undefined)
    throw problem(0, 'unsupported-feature', `the server answers ${first.status} and no range: such a file must be downloaded first`);
  const size = Number(total);
  const version = versionOf(first);
  const fetchRange = async (at: number, length: number): Promise<Uint8Array> => {
    const answer = await request(url, at, length);
    if (answer.status !== 206) {
      await answer.body?.cancel();
      throw problem(at, 'bad-value', `the server answers ${answer.status}`);
    }
    if (versionOf(answer) !== version || answer.headers.get('content-range') !== `bytes ${at}-${at + length - 1}/${size}`) {
      await answer.body?.cancel();
      throw problem(at, 'bad-value', 'the file changed on the server, or other bytes came than were asked for');
    }
    return exactly(answer, at, length);
  };
  const windows = new Map<number, Promise<Uint8Array>>();
  const windowAt = (index: number): Promise<Uint8Array> => {
    const known = windows.get(index);
    if (known !== undefined) return known;
    const made = fetchRange(index * WINDOW, Math.min(WINDOW, size - index * WINDOW));
    windows.set(index, made);
    made.catch(() => windows.delete(index));
    for (const old of windows.keys()) if (windows.size > WINDOWS_MAX) windows.delete(old);
    return made;
  };
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, 'http');
      if (length === 0) return new Uint8Array(0);
      if (length > WINDOW) return fetchRange(at, length);
      const index = Math.floor(at / WINDOW);
      const start = at - index * WINDOW;
      const head = (await windowAt(index)).slice(start, start + length);
      if (head.length === length) return head;
      const all = new Uint8Array(length);
      all.set(head);
      all.set((await windowAt(index + 1)).subarray(0, length - head.length), head.length);
      return all;
    },
  };
}

function request(url: string, at: number, length: number): Promise<Response> {
  // A content encoding would make ranges mean the packed bytes.
  const headers = { range: `bytes=${at}-${at + length - 1}`, 'accept-encoding': 'identity' };
  return fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

const versionOf = ({ headers }: Response) => `${headers.get('etag') ?? ''} ${headers.get('last-modified') ?? ''}`;

/** A body of exactly so many bytes: a server that sends without end is cut off. */
async function exactly(answer: Response, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  for await (const piece of answer.body ?? []) {
    if (done + piece.length > length) throw problem(at, 'trailing', `more than the ${length} bytes asked for`);
    bytes.set(piece, done);
    done += piece.length;
  }
  if (done < length) throw problem(at + done, 'short-read', `the answer ends ${length - done} bytes early`);
  return bytes;
}

const problem = (at: number, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'http', field: 'range', at }, code, detail);
