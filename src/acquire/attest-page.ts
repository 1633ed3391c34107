/**
 * The page that asks a phone's browser for an attestation, and the site that serves it: pure, so that the cable (`http://localhost` through a reverse tunnel, a secure
 * context) and a station's own server over HTTPS can mount the same.
 * Spec: W3C Web Authentication Level 3. Asked for: a platform credential that is not discoverable, with direct attestation; since April 2025 Android's Play services answer
 * that with `android-key` (android-developers.googleblog.com, September 2024).
 *
 *     GET  /TOKEN          the page
 *     POST /TOKEN/answer   { "clientDataJSON": base64url, "attestationObject": base64url } or { "error": text }
 */
import { toBase64 } from '../bytes/index.ts';

/** What reaches the site, whatever server there is. */
export interface SiteRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly body: Uint8Array;
}

export interface SiteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Site = (request: SiteRequest) => SiteResponse;

/** Bytes that an answer may have. */
export const PAGE_ANSWER_MAX = 1 << 18;

export interface AttestSiteOptions {
  /** Where the page is served, as in `http://localhost:40123`. */
  readonly origin: string;
  readonly nonce: Uint8Array;
  /** In the address, so that no other page and no other program of the phone answers by chance; letters and digits. */
  readonly token: string;
  /** Of the user for whom the credential is made: nobody. */
  readonly user: Uint8Array;
  /** The body of the first answer, as it came; later ones are refused. */
  readonly onAnswer: (body: Uint8Array) => void;
}

/** What `navigator.credentials.create` is given; bytes are base64url here. */
export interface CreationOptions {
  readonly rp: { readonly id: string; readonly name: string };
  readonly challenge: string;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[];
  readonly authenticatorSelection: {
    readonly authenticatorAttachment: 'platform';
    readonly residentKey: 'discouraged';
    readonly requireResidentKey: false;
    readonly userVerification: 'preferred';
  };
  readonly attestation: 'direct';
  readonly timeout: number;
}

/** Milliseconds that the browser waits for its owner. */
const ASK_MS = 120_000;
const [ES256, RS256] = [-7, -257];

const base64Url = (bytes: Uint8Array): string => toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** The host of an origin: the relying party's id. @throws RangeError where it is no origin that a page can be served at */
export function relyingPartyOf(origin: string): string {
  const host = /^https?:\/\/([a-z0-9.-]+)(?::\d{1,5})?$/.exec(origin)?.[1];
  if (host === undefined) throw new RangeError(`not an origin: ${JSON.stringify(origin)}`);
  return host;
}

/** The options for a nonce. @throws RangeError for an origin that is none */
export function creationOptions({ origin, nonce, user }: Pick<AttestSiteOptions, 'origin' | 'nonce' | 'user'>): CreationOptions {
  return {
    rp: { id: relyingPartyOf(origin), name: 'assay' },
    challenge: base64Url(nonce),
    user: { id: base64Url(user), name: 'inspection', displayName: 'inspection' },
    pubKeyCredParams: [
      { type: 'public-key', alg: ES256 },
      { type: 'public-key', alg: RS256 },
    ],
    // Not discoverable: only such a credential is tied to one device and attested by its keystore.
    authenticatorSelection: {
      authenticatorAttachment: 'platform',
      residentKey: 'discouraged',
      requireResidentKey: false,
      userVerification: 'preferred',
    },
    attestation: 'direct',
    timeout: ASK_MS,
  };
}

/** The site for one question. It takes one answer. @throws RangeError for an origin or token that is none */
export function attestSite(options: AttestSiteOptions): Site {
  const { token, origin } = options;
  if (!/^[A-Za-z0-9]{8,64}$/.test(token)) throw new RangeError('not a token');
  const page = pageOf(creationOptions(options), token);
  const host = origin.replace(/^https?:\/\//, '');
  let answered = false;
  return (request) => {
    // Another name for this address is another site: a page elsewhere may have it resolved to here.
    if (request.host !== host) return plain(421, 'another host');
    if (request.path === `/${token}` && request.method === 'GET') return { status: 200, headers: headersOf(token), body: page };
    if (request.path !== `/${token}/answer`) return plain(404, 'nothing here');
    if (request.method !== 'POST') return plain(405, 'only an answer');
    if (answered) return plain(409, 'answered already');
    if (request.body.length > PAGE_ANSWER_MAX) return plain(413, 'too long');
    answered = true;
    options.onAnswer(request.body);
    return plain(200, 'thank you');
  };
}

const COMMON = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' } as const;

/** A short word to whoever asked. */
export const plain = (status: number, body: string): SiteResponse => ({
  status,
  headers: { ...COMMON, 'content-type': 'text/plain; charset=utf-8' },
  body,
});

/** Only the page's own script and style run, and it speaks to its own site alone. */
const headersOf = (token: string): Readonly<Record<string, string>> => ({
  ...COMMON,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src 'nonce-${token}'; style-src 'nonce-${token}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
});

/** Everything put into the page is ours: base64url, a token, a host name. */
const pageOf = (options: CreationOptions, token: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>assay: attestation</title>
<style nonce="${token}">
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 34rem; padding: 0 1rem }
button { font: inherit; padding: 0.8rem 1.6rem }
</style>
<h1>Ask this phone for an attestation</h1>
<p>The phone will ask for its screen lock and make a key that nobody uses. Its secure hardware then signs what this phone booted. No account is made.</p>
<p><button id="ask" type="button">Ask</button></p>
<p id="said" role="status"></p>
<script nonce="${token}">
const options = ${JSON.stringify(options)};
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const say = (words) => { document.getElementById('said').textContent = words; };
async function ask() {
  if (!window.isSecureContext || !navigator.credentials || !window.PublicKeyCredential) return { error: 'this browser makes no such keys here' };
  try {
    const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) } };
    const { response } = await navigator.credentials.create({ publicKey });
    return { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) };
  } catch (error) {
    return { error: String(error) };
  }
}
document.getElementById('ask').addEventListener('click', async (event) => {
  event.target.disabled = true;
  say('Follow the phone.');
  const answer = await ask();
  try {
    const sent = await fetch('/${token}/answer', { method: 'POST', body: JSON.stringify(answer) });
    say(!sent.ok ? 'The answer was not taken.' : answer.error ? 'The phone refused: ' + answer.error : 'Done. You can close this page.');
  } catch {
    say('The inspection is no longer waiting.');
  }
});
</script>
</html>
`;
