/**
 * One range of a file on a web server, asked for again where the connection breaks. Spec: RFC 9110, 14 (ranges), 8.8 (validators), 15.4 (redirects).
 * Not read: several ranges in one answer, and content encodings, under which a range means the packed bytes.
 */

export type HttpErrorCode =
  | 'no-ranges' // the server gives whole files only, or says no size
  | 'wrong-answer' // other bytes than those that were asked for
  | 'changed' // the file is not the one that reading began with
  | 'refused' // not there, or not for us
  | 'redirect' // to nowhere, in a circle, or out of https
  | 'broken'; // the connection, time after time

/**
 * Why a file on a web server could not be read. It is no FormatError: nothing is wrong with any bytes, so nobody may note a part as unreadable and go on without it,
 * least of all with parts of two files.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  /** Byte offset in the file. */
  readonly at: number;
  readonly detail: string;

  constructor(code: HttpErrorCode, at: number, detail: string) {
    super(`http @0x${at.toString(16)} range: ${detail}`);
    this.code = code;
    this.at = at;
    this.detail = detail;
  }
}

/** Of one request with its answer. What came until then is kept, and the rest is asked for again. */
const TIMEOUT_MS = 60_000;
const REDIRECTS_MAX = 5;
/** Before asking again, the first time and the next ones. */
const PAUSES_MS = [500, 1500, 4500, 13_500] as const;
/** What a server wants to be left alone for is granted up to here. */
const RETRY_AFTER_MAX_MS = 60_000;
/** An answer that broke off after so many bytes is no failure that counts: of a server that gives one byte at a time there would be no end. */
const PROGRESS = 64 << 10;

/** Waits so many milliseconds. */
export type Wait = (ms: number) => Promise<void>;

/** The file that is read. */
export interface RemoteFile {
  readonly size: number;
  /** What the server says of which file it is: ETag and Last-Modified as they are. */
  readonly version: string;
}

/** Where the file is asked for: the address that was given, and where that led to. */
export interface Address {
  readonly given: string;
  current: string;
}

/** Why asking failed, where asking again may help. */
interface Failure {
  readonly because: string;
  readonly afterMs?: number;
}

/** Bytes of an opened file. @throws HttpError */
export async function fetchRange(
  address: Address,
  file: RemoteFile,
  { at, length, wait }: { readonly at: number; readonly length: number; readonly wait: Wait },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  for (let failures = 0; done < length; ) {
    const had = done;
    const failure = await tryOnce(address, at + done, {
      last: at + length - 1,
      isOpen: true,
      async take(answer) {
        const from = at + done;
        const count = rangeOf(answer, file, { at: from, last: at + length - 1 });
        return fill(answer, { from, into: bytes.subarray(done, done + count) }, (got) => {
          done += got;
        });
      },
    });
    if (done === length) break;
    const isProgress = done - had >= PROGRESS;
    if (failure === undefined && isProgress) continue;
    failures = isProgress ? 1 : failures + 1;
    await pause(failure ?? { because: `${done - had} bytes came where ${length - had} were asked for` }, failures, { at: at + done, wait });
  }
  return bytes;
}

/** Asks for the first byte: size, version, and what of the headers another run can know the file by. @throws HttpError */
export async function openRemote(address: Address, wait: Wait): Promise<RemoteFile & { readonly validator: string | undefined }> {
  for (let failures = 1; ; failures++) {
    let found: (RemoteFile & { readonly validator: string | undefined }) | undefined;
    const failure = await tryOnce(address, 0, {
      last: 0,
      isOpen: false,
      async take(answer) {
        await answer.body?.cancel();
        const total = /^bytes 0-0\/(\d{1,15})$/.exec(answer.headers.get('content-range') ?? '')?.[1];
        if (total === undefined || isEncoded(answer)) throw noRanges(0, answer);
        found = { size: Number(total), version: versionOf(answer), validator: strongValidator(answer.headers) };
        return undefined;
      },
    });
    if (found !== undefined) return found;
    await pause(failure ?? { because: 'no answer' }, failures, { at: 0, wait });
  }
}

async function pause(failure: Failure, failures: number, { at, wait }: { readonly at: number; readonly wait: Wait }): Promise<void> {
  const ms = PAUSES_MS[failures - 1];
  if (ms === undefined) throw new HttpError('broken', at, `${failure.because}; asked ${failures} times`);
  await wait(Math.max(ms, failure.afterMs ?? 0));
}

interface Question {
  readonly last: number;
  /** Whether the server answered for this file before: then it is not there only for a while. */
  readonly isOpen: boolean;
  /** What to do with an answer that holds a range. */
  readonly take: (answer: Response) => Promise<Failure | undefined>;
}

async function tryOnce(address: Address, at: number, { last, isOpen, take }: Question): Promise<Failure | undefined> {
  try {
    const answer = await ask(address, at, last);
    if (answer.status === 206) return await take(answer);
    await answer.body?.cancel();
    return statusFailure(address, answer, { at, isOpen });
  } catch (error) {
    const failure = failureOf(error, isOpen);
    // What `fetch` refuses is a TypeError; anything else is ours to fix.
    if (failure === undefined) throw error instanceof TypeError ? new HttpError('refused', at, wordsOf(error)) : error;
    address.current = address.given;
    return failure;
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

async function ask(address: Address, at: number, last: number): Promise<Response> {
  let url = address.current;
  for (let count = 0; count <= REDIRECTS_MAX; count++) {
    // A content encoding would make ranges mean the packed bytes.
    const headers = { range: `bytes=${at}-${last}`, 'accept-encoding': 'identity' };
    const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!REDIRECTS.has(answer.status)) {
      // Mirrors are chosen by the day and the hour: the next range comes from the same one.
      address.current = url;
      return answer;
    }
    await answer.body?.cancel();
    url = redirected(url, answer.headers.get('location'), at);
  }
  throw new HttpError('redirect', at, `more than ${REDIRECTS_MAX} redirects`);
}

/** Where a redirect leads. @throws HttpError for what is no web address, and out of https */
export function redirected(from: string, location: string | null, at: number): string {
  const to = location === null ? null : URL.parse(location, from);
  if (to === null || !/^https?:$/.test(to.protocol)) throw new HttpError('redirect', at, 'it redirects to what is no web address');
  if (from.startsWith('https:') && to.protocol === 'http:')
    throw new HttpError('redirect', at, 'it redirects from https to http, where anybody on the way can put other bytes');
  return to.href;
}

const LATER: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** What an answer without a range means. @throws HttpError where asking again does not help */
function statusFailure(address: Address, answer: Response, { at, isOpen }: { readonly at: number; readonly isOpen: boolean }): Failure {
  const { status } = answer;
  if (LATER.has(status)) {
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const afterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(RETRY_AFTER_MAX_MS, 1000 * seconds) : 0;
    return { because: `the server answers ${status}`, afterMs };
  }
  if (GONE.has(status) && address.current !== address.given) {
    // Where a redirect leads is often good for an hour: the address that was given leads to a new place.
    address.current = address.given;
    return { because: `the server that it redirects to answers ${status}` };
  }
  if (status === 416 && isOpen) throw new HttpError('changed', at, 'the file changed on the server: it is shorter now');
  if (status >= 400 && status !== 416) throw new HttpError('refused', at, `the server answers ${status}`);
  throw noRanges(at, answer);
}

const noRanges = (at: number, { status }: Response) =>
  new HttpError('no-ranges', at, `the server answers ${status} and no range: such a file must be downloaded first`);

const isEncoded = ({ headers }: Response) => !/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '');

/** Bytes that an answer holds, from the first that was asked for. It may be fewer (RFC 9110, 15.3.7), and never others. @throws HttpError */
function rangeOf(answer: Response, file: RemoteFile, { at, last }: { readonly at: number; readonly last: number }): number {
  const said = answer.headers.get('content-range') ?? '';
  const [, first, end, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(said) ?? [];
  const refuse = (code: HttpErrorCode, detail: string) => {
    void answer.body?.cancel();
    return new HttpError(code, at, detail);
  };
  if (isEncoded(answer)) throw refuse('wrong-answer', 'the answer is packed, and no range of the file');
  if (versionOf(answer) !== file.version || (size !== undefined && size !== '*' && Number(size) !== file.size))
    throw refuse('changed', 'the file changed on the server, or another server answers for it');
  if (Number(first) !== at || Number(end) < at || Number(end) > last)
    throw refuse('wrong-answer', `"${said.slice(0, 80)}" came where bytes ${at}-${last} were asked for`);
  return Number(end) - at + 1;
}

/** Reads a body of exactly so many bytes; a server that sends without end is cut off. Hears of each piece. @throws HttpError for more */
async function fill(
  answer: Response,
  { from, into }: { readonly from: number; readonly into: Uint8Array },
  hear: (got: number) => void,
): Promise<Failure | undefined> {
  let got = 0;
  for await (const piece of answer.body ?? []) {
    if (got + piece.length > into.length) throw new HttpError('wrong-answer', from, `more than the ${into.length} bytes asked for`);
    into.set(piece, got);
    got += piece.length;
    hear(piece.length);
  }
  return got < into.length ? { because: `the answer ends ${into.length - got} bytes early` } : undefined;
}

const versionOf = ({ headers }: Response) => `${headers.get('etag') ?? ''} ${headers.get('last-modified') ?? ''}`;

/** So much older than the answer a date must be, so that no two versions have the same (RFC 9110, 8.8.2.2). */
const DATE_AGE_MS = 60_000;

/** What stands for the file's bytes in another run, too: a strong validator (RFC 9110, 8.8.1). A weak one stands for files that mean the same. */
export function strongValidator(headers: Pick<Headers, 'get'>): string | undefined {
  const etag = headers.get('etag');
  if (etag !== null) return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : undefined;
  const [modified, date] = [headers.get('last-modified'), headers.get('date')];
  return modified !== null && date !== null && Date.parse(date) - Date.parse(modified) >= DATE_AGE_MS ? modified : undefined;
}

/** Of the connection, after which asking again may help. Certificates and names stay as they are. */
const AGAIN: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
/** The same of a server that was there before. */
const AGAIN_LATER: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ENOTFOUND']);

function failureOf(error: unknown, isOpen: boolean): Failure | undefined {
  if (!(error instanceof Error) || error instanceof HttpError) return undefined;
  if (error.name === 'TimeoutError') return { because: `no end of the answer within ${TIMEOUT_MS / 1000} s` };
  const code = codeOf(error);
  return AGAIN.has(code) || (isOpen && AGAIN_LATER.has(code)) ? { because: wordsOf(error) } : undefined;
}

/** What the system calls it; `fetch` says no more than that it failed. */
function codeOf(error: Error): string {
  const code: unknown = error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such server',
  ECONNREFUSED: 'nobody answers there',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer is not as long as it says',
};

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const why = error.cause instanceof Error ? error.cause.message : error.message;
  return WORDS[codeOf(error)] ?? `the connection failed: ${why}`;
}
