/**
 * A conversation with a page of ours, whoever opened it: questions one at a time, each made when it is asked, every time by our clock. A page that answers late, twice, wrong, endlessly or not at all
 * costs this conversation alone. Pure: whoever serves the site decides whom it reaches.
 */
import { type ClockPort, toHex } from '../bytes/index.ts';
import type { BrowserChallengeDocument } from '../evidence/own/index.ts';
import { plain, type Site, type SiteResponse } from './attest-page.ts';
import type { TimerPort } from './device-port.ts';

/** One question, as the page gets it. */
export interface BrowserQuestion {
  readonly nonce: Uint8Array;
  /** JSON. */
  readonly text: string;
  readonly timeMs: number;
}

/** What is said to a browser. */
export interface BrowserConversation {
  readonly page: (token: string) => { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly count: number;
  /** Makes the question at a place, fresh. */
  readonly ask: (place: number) => BrowserQuestion;
}

type Outcome = BrowserChallengeDocument['outcome'];

/** How a conversation ended. */
export interface BrowserEnd {
  readonly outcome: Outcome;
  readonly note: string | null;
}

export interface BrowserSession {
  readonly site: Site;
  /** Never rejects. */
  readonly ended: Promise<BrowserEnd>;
  /** Ends it from outside; the first end counts. */
  readonly end: (end: BrowserEnd) => void;
  readonly record: () => Pick<BrowserChallengeDocument, 'opened' | 'turnedAway' | 'exchanges'>;
}

export interface BrowserSessionOptions {
  readonly conversation: BrowserConversation;
  /** The Host header that the page is served under, as in `localhost:41000`. */
  readonly host: string;
  /** In the address, so that nobody else answers by chance; letters and digits. */
  readonly token: string;
  readonly clock: ClockPort;
  readonly timer: TimerPort;
  /** Milliseconds until somebody has pressed the page's button. */
  readonly openMs: number;
  readonly onBegin?: (place: number, count: number) => void;
}

/** Characters of an answer that are kept; and bytes that a request may have. */
const [ANSWER_MAX, BODY_MAX] = [65_536, 131_072];
/** Requests that are no answer to what was asked. A page that tries again after a broken connection sends a few. */
const TURNED_AWAY_MAX = 500;

/** Opens a conversation; its clock begins to run at once. @throws RangeError for a token that is none */
export function openBrowserSession(options: BrowserSessionOptions): BrowserSession {
  const { conversation, host, token, clock, timer } = options;
  if (!/^[A-Za-z0-9]{8,64}$/.test(token)) throw new RangeError('not a token');
  const page = conversation.page(token);
  const exchanges: BrowserChallengeDocument['exchanges'] = [];
  const { promise: ended, resolve } = Promise.withResolvers<BrowserEnd>();
  let [opened, turnedAway] = [0, 0];
  let isOver = false;
  let pending: (BrowserQuestion & { readonly sentNs: number }) | undefined;
  let cancel: () => void = () => undefined;
  const nowNs = () => Math.round(clock.monotonicMs() * 1e6);

  function end(how: BrowserEnd): void {
    if (isOver) return;
    isOver = true;
    cancel();
    resolve(how);
  }
  function wait(ms: number, what: string): void {
    cancel();
    cancel = timer(ms, () => end({ outcome: opened === 0 ? 'never opened' : 'timed out', note: what }));
  }
  wait(options.openMs, `nobody pressed the page’s button within ${options.openMs / 1000} s`);

  function begin(place: number): void {
    const question = conversation.ask(place);
    options.onBegin?.(place, conversation.count);
    wait(question.timeMs, `question ${place + 1} of ${conversation.count} was not answered within ${question.timeMs / 1000} s`);
    // Last, so that making the question is not in the phone's time.
    pending = { ...question, sentNs: nowNs() };
  }

  function turnAway(response: SiteResponse): SiteResponse {
    if (++turnedAway > TURNED_AWAY_MAX) end({ outcome: 'flooded', note: `more than ${TURNED_AWAY_MAX} requests that are no answer` });
    return response;
  }

  function take(body: Uint8Array, receivedNs: number): SiteResponse {
    const said = messageOf(body);
    if (said === undefined) return turnAway(plain(400, 'no message of the page'));
    if (pending === undefined) {
      if (said.n !== -1) return turnAway(plain(409, 'nothing was asked yet'));
      begin(0);
    } else if (said.n === exchanges.length) {
      const { nonce, text: question, sentNs } = pending;
      const answer = JSON.stringify(said.answer);
      if (answer.length > ANSWER_MAX) return turnAway(plain(413, 'too long'));
      exchanges.push({ nonce: toHex(nonce), question, answer, sentNs, receivedNs });
      if (exchanges.length === conversation.count) {
        end({ outcome: 'done', note: null });
        return json({ done: true });
      }
      begin(exchanges.length);
    } else {
      // A page that was opened anew, or lost our word: it hears what is asked, and the clock of that question runs on.
      const answer = turnAway(plain(409, 'answered already'));
      if (said.n > exchanges.length || isOver) return answer;
    }
    return json({ n: exchanges.length, of: conversation.count, question: JSON.parse(pending?.text ?? 'null') });
  }

  return {
    ended,
    end,
    record: () => ({ opened, turnedAway, exchanges }),
    site(request) {
      const receivedNs = nowNs();
      // Another name for this address is another site: a page elsewhere may have it resolved to here.
      if (request.host !== host) return turnAway(plain(421, 'another host'));
      if (request.path === `/${token}` && request.method === 'GET') {
        opened++;
        return { status: 200, headers: page.headers, body: page.body };
      }
      // A browser asks for its icon by itself.
      if (request.path !== `/${token}/next`) return plain(404, 'nothing here');
      if (request.method !== 'POST') return turnAway(plain(405, 'only an answer'));
      if (request.body.length > BODY_MAX) return turnAway(plain(413, 'too long'));
      if (isOver) return exchanges.length === conversation.count ? json({ done: true }) : turnAway(plain(410, 'the check is over'));
      return take(request.body, receivedNs);
    },
  };
}

const json = (value: unknown): SiteResponse => ({
  status: 200,
  headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** What a page says: the place of the question answered, or -1, and anything. */
function messageOf(body: Uint8Array): { readonly n: number; readonly answer: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('n' in value) || !('answer' in value)) return undefined;
  const { n, answer } = value;
  return typeof n === 'number' && Number.isInteger(n) && n >= -1 ? { n, answer } : undefined;
}
