import { describe, expect, test } from 'vitest';
import type { SiteRequest } from './attest-page.ts';
import { type BrowserSessionOptions, openBrowserSession } from './browser-session.ts';

const TOKEN = 'abcdef0123456789';
const HOST = 'localhost:41234';
const COUNT = 3;

function open(change: Partial<BrowserSessionOptions> = {}) {
  let nowMs = 0;
  let due: { readonly at: number; readonly call: () => void } | undefined;
  const asked: number[] = [];
  const session = openBrowserSession({
    conversation: {
      page: () => ({ headers: { 'x-page': 'ours' }, body: 'the page' }),
      count: COUNT,
      ask: (place) => {
        asked.push(place);
        return { nonce: new Uint8Array(16).fill(place), text: `{"ask":"q${place}"}`, timeMs: 1000 };
      },
    },
    host: HOST,
    token: TOKEN,
    clock: { monotonicMs: () => nowMs, now: () => '2026-01-01T00:00:00Z' },
    timer: (ms, call) => {
      const own = { at: nowMs + ms, call };
      due = own;
      return () => {
        if (due === own) due = undefined;
      };
    },
    openMs: 5000,
    ...change,
  });
  const ask = (request: Partial<SiteRequest>) =>
    session.site({ method: 'GET', path: `/${TOKEN}`, host: HOST, body: new Uint8Array(0), ...request });
  const say = (message: unknown) => {
    const body = new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message));
    const { status, body: text } = ask({ method: 'POST', path: `/${TOKEN}/next`, body });
    return { status, value: status === 200 ? JSON.parse(text) : text };
  };
  const pass = (ms: number) => {
    nowMs += ms;
    if (due !== undefined && nowMs >= due.at) {
      const { call } = due;
      due = undefined;
      call();
    }
  };
  return { session, ask, say, pass, asked };
}

test('one question at a time, each made when it is asked, timed from then to its answer', async () => {
  const { session, ask, say, pass, asked } = open();
  expect(ask({})).toMatchObject({ status: 200, body: 'the page', headers: { 'x-page': 'ours' } });
  expect(asked).toEqual([]);
  expect(say({ n: -1, answer: null }).value).toEqual({ n: 0, of: COUNT, question: { ask: 'q0' } });
  pass(10);
  expect(say({ n: 0, answer: { value: 7 } }).value).toMatchObject({ n: 1 });
  pass(20);
  expect(say({ n: 1, answer: 'two' }).value).toMatchObject({ n: 2 });
  expect(say({ n: 2, answer: null }).value).toEqual({ done: true });
  expect(await session.ended).toEqual({ outcome: 'done', note: null });
  expect(session.record()).toMatchObject({
    opened: 1,
    turnedAway: 0,
    exchanges: [
      { nonce: '00'.repeat(16), question: '{"ask":"q0"}', answer: '{"value":7}', sentNs: 0, receivedNs: 1e7 },
      { answer: '"two"', sentNs: 1e7, receivedNs: 3e7 },
      { answer: 'null' },
    ],
  });
});

test('answered twice: the second is not taken, and the page hears what is asked now', () => {
  const { session, say } = open();
  say({ n: -1, answer: null });
  say({ n: 0, answer: 'first' });
  expect(say({ n: 0, answer: 'second' }).value).toMatchObject({ n: 1 });
  expect(session.record()).toMatchObject({ turnedAway: 1, exchanges: [{ answer: '"first"' }] });
});

test('a page that was opened anew goes on where it was, and the clock of the question runs on', () => {
  const { session, say, pass } = open();
  say({ n: -1, answer: null });
  pass(400);
  expect(say({ n: -1, answer: null }).value).toMatchObject({ n: 0 });
  pass(100);
  say({ n: 0, answer: 1 });
  expect(session.record().exchanges).toMatchObject([{ sentNs: 0, receivedNs: 5e8 }]);
});

test('asking again does not ask afresh', () => {
  const { say, asked } = open();
  for (let turn = 0; turn < 5; turn++) say({ n: -1, answer: null });
  expect(asked).toEqual([0]);
});

describe('what ends it', () => {
  test('nobody opens the page', async () => {
    const { session, pass } = open();
    pass(5000);
    expect(await session.ended).toMatchObject({ outcome: 'never opened' });
  });

  test('nobody presses its button', async () => {
    const { session, ask, pass } = open();
    ask({});
    pass(5000);
    expect(await session.ended).toMatchObject({ outcome: 'timed out', note: expect.stringContaining('button') });
  });

  test('a question is not answered in time; a late answer is not taken', async () => {
    const { session, ask, say, pass } = open();
    ask({});
    say({ n: -1, answer: null });
    pass(1000);
    expect(await session.ended).toMatchObject({ outcome: 'timed out', note: expect.stringContaining('question 1 of 3') });
    expect(say({ n: 0, answer: 1 }).status).toBe(410);
    expect(session.record().exchanges).toEqual([]);
  });

  test('a flood of what is no answer', async () => {
    const { session, say } = open();
    say({ n: -1, answer: null });
    for (let turn = 0; turn <= 500; turn++) say('nonsense');
    expect(await session.ended).toMatchObject({ outcome: 'flooded' });
    expect(say({ n: 0, answer: 1 }).status).toBe(410);
  });

  test('the first end counts', async () => {
    const { session, pass } = open();
    session.end({ outcome: 'stopped', note: 'first' });
    pass(5000);
    expect(await session.ended).toEqual({ outcome: 'stopped', note: 'first' });
  });
});

describe('refuses', () => {
  test.each([
    ['another host: a name that was made to lead here', { host: 'evil.example:41234' }, 421],
    ['no token', { path: '/' }, 404],
    ['another token', { path: '/abcdef0123456780' }, 404],
    ['an answer by GET', { path: `/${TOKEN}/next` }, 405],
    ['a message above the limit', { method: 'POST', path: `/${TOKEN}/next`, body: new Uint8Array(131_073) }, 413],
  ] satisfies readonly (readonly [string, Partial<SiteRequest>, number])[])('%s', (_what, request, status) => {
    expect(open().ask(request).status).toBe(status);
  });

  test.each([
    ['no JSON', 'nonsense', 400],
    ['null', 'null', 400],
    ['no answer', { n: 0 }, 400],
    ['a place that is no number', { n: '0', answer: 1 }, 400],
    ['half a place', { n: 0.5, answer: 1 }, 400],
    ['a place below the first', { n: -2, answer: 1 }, 400],
    ['an answer before any question', { n: 0, answer: 1 }, 409],
  ])('%s', (_what, message, status) => {
    const { say, session } = open();
    expect(say(message).status).toBe(status);
    expect(session.record()).toMatchObject({ turnedAway: 1, exchanges: [] });
  });

  test('an answer to a question that was not asked yet', () => {
    const { say, session } = open();
    say({ n: -1, answer: null });
    expect(say({ n: 2, answer: 1 }).status).toBe(409);
    expect(session.record().exchanges).toEqual([]);
  });

  test('an answer that is longer than any, and takes the right one after it', () => {
    const { say, session } = open();
    say({ n: -1, answer: null });
    expect(say({ n: 0, answer: 'x'.repeat(65_536) }).status).toBe(413);
    expect(say({ n: 0, answer: 'x' }).status).toBe(200);
    expect(session.record()).toMatchObject({ turnedAway: 1, exchanges: [{ answer: '"x"' }] });
  });

  test('a token with anything but letters and digits', () => {
    for (const token of ['short', 'with space 12', '"><script>0', 'a'.repeat(65)]) expect(() => open({ token })).toThrow(RangeError);
  });
});
