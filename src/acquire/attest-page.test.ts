import { describe, expect, test } from 'vitest';
import { type AttestSiteOptions, attestSite, creationOptions, PAGE_ANSWER_MAX, relyingPartyOf, type SiteRequest } from './attest-page.ts';

const TOKEN = 'abcdef0123456789';
const ORIGIN = 'http://localhost:41234';
const utf8 = new TextEncoder();

function open(change: Partial<AttestSiteOptions> = {}) {
  const answers: Uint8Array[] = [];
  const options = {
    origin: ORIGIN,
    nonce: new Uint8Array(32).fill(7),
    token: TOKEN,
    user: new Uint8Array(16),
    onAnswer: (body: Uint8Array) => void answers.push(body),
  };
  const site = attestSite({ ...options, ...change });
  const ask = (request: Partial<SiteRequest>) =>
    site({ method: 'GET', path: `/${TOKEN}`, host: 'localhost:41234', body: new Uint8Array(0), ...request });
  return { ask, answers };
}

test('asks for a platform credential that is not discoverable, with direct attestation of our nonce', () => {
  expect(creationOptions({ origin: ORIGIN, nonce: new Uint8Array(32).fill(255), user: new Uint8Array(1) })).toMatchObject({
    rp: { id: 'localhost' },
    challenge: '__________________________________________8',
    attestation: 'direct',
    authenticatorSelection: { authenticatorAttachment: 'platform', residentKey: 'discouraged', requireResidentKey: false },
  });
});

test('serves the page once it is asked for by its token, and nothing else runs in it', () => {
  const { status, headers, body } = open().ask({});
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toContain(`<script nonce="${TOKEN}">`);
  expect(body.match(/<script/g)).toHaveLength(1);
});

test('takes one answer, whole', () => {
  const { ask, answers } = open();
  expect(ask({ method: 'POST', path: `/${TOKEN}/answer`, body: utf8.encode('one') }).status).toBe(200);
  expect(ask({ method: 'POST', path: `/${TOKEN}/answer`, body: utf8.encode('two') }).status).toBe(409);
  expect(answers.map((body) => new TextDecoder().decode(body))).toEqual(['one']);
});

describe('refuses', () => {
  test.each([
    ['another host: a name that was made to lead here', { host: 'evil.example:41234' }, 421],
    ['another port', { host: 'localhost:1' }, 421],
    ['no token', { path: '/' }, 404],
    ['another token', { path: '/abcdef0123456780' }, 404],
    ['a longer path', { path: `/${TOKEN}/x` }, 404],
    ['an answer by GET', { path: `/${TOKEN}/answer` }, 405],
    ['the page by POST', { method: 'POST' }, 404],
    ['an answer above the limit', { method: 'POST', path: `/${TOKEN}/answer`, body: new Uint8Array(PAGE_ANSWER_MAX + 1) }, 413],
  ] satisfies readonly (readonly [string, Partial<SiteRequest>, number])[])('%s', (_what, request, status) => {
    const { ask, answers } = open();
    expect(ask(request).status).toBe(status);
    expect(answers).toEqual([]);
  });

  test.each(['', 'short', 'a'.repeat(65), '"><script>'])('the token %s', (token) => {
    expect(() => open({ token })).toThrow('not a token');
  });

  test.each(['localhost', 'http://a b', 'http://localhost:1/x', 'javascript:1', "http://x'>", 'http://[::1]'])(
    'the origin %s',
    (origin) => {
      expect(() => relyingPartyOf(origin)).toThrow('not an origin');
      expect(() => open({ origin })).toThrow('not an origin');
    },
  );
});

test('a station’s own name over HTTPS is an origin too', () => {
  expect(relyingPartyOf('https://station.example.org')).toBe('station.example.org');
  expect(open({ origin: 'https://station.example.org' }).ask({ host: 'station.example.org' }).status).toBe(200);
});
