/** The browser carrier in a real Chromium, through the tunnel of a virtual phone: with Chromium's own virtual authenticator, and with forged keystores behind its API. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrowserPhone, browserPhones } from '../../../../test/support/browser-phones.ts';
import { CHROMIUM } from '../../../../test/support/phone-browser.ts';
import { concatBytes, hashOf, parseBase64, toBase64 } from '../../../bytes/index.ts';
import { givenAnchor, verifyWebauthn } from '../../../checks/attestation/index.ts';
import { type AttestationAnswer, type Capture, factsOf, readFacts } from '../../../evidence/index.ts';
import { type AttestationDocument, AttestationSchema } from '../../../evidence/own/index.ts';
import { type AttestationWorld, attest, forgeWorld, honestDescription } from '../../../forge/cert.ts';
import { nodeSigningKey } from '../../../forge/node/sign.ts';
import { readAttestationObject, readCertificate, writeAttestationObject, writeAuthenticatorData } from '../../../formats/x509/index.ts';
import { nodeClock, nodeHash, nodeVerify } from '../index.ts';
import { acquireLive } from './index.ts';

const sha256 = (bytes: Uint8Array) => hashOf(nodeHash, 'sha256', bytes);
const phones = browserPhones('assay-browser-');

interface Asked {
  readonly phone: BrowserPhone;
  readonly capture: Capture;
  readonly document: AttestationDocument;
  readonly answers: readonly AttestationAnswer[];
}

/** Asks a phone whose browser does `view` with the address. */
async function ask(view: (url: string) => Promise<void>, stop?: AbortSignal): Promise<Asked> {
  const phone = await phones.open(view);
  const out = join(phones.folder(), 'capture');
  const address = `${phone.host}:${phone.port}`;
  const open = { env: { ASSAY_CONFIG: join(phones.folder(), 'config') } };
  const capture = await acquireLive({ address, depth: 'quick', attest: 'browser', out, open, ...(stop === undefined ? {} : { stop }) });
  const document = AttestationSchema.parse(JSON.parse(await readFile(join(out, 'attestation-browser.json'), 'utf8')));
  return { phone, capture, document, answers: factsOf(await readFacts(capture), 'attestation').map(({ value: answer }) => answer) };
}

async function leftNothing({ phone, capture, document }: Asked): Promise<void> {
  expect(capture.changes.filter(({ undone }) => !undone)).toEqual([]);
  expect(await phone.dialReverse(`tcp:${new URL(document.page?.origin ?? '').port}`)).toBeUndefined();
  expect(document.leaves.length).toBeGreaterThan(0);
}

async function verdict({ webauthn, nonce }: AttestationAnswer, root: Uint8Array) {
  if (webauthn === undefined) throw new Error('no credential');
  return verifyWebauthn({
    object: readAttestationObject(webauthn.attestationObject).value,
    clientData: webauthn.clientData,
    nonce,
    origin: webauthn.origin,
    relyingParty: webauthn.relyingParty,
    roots: [givenAnchor(readCertificate(root).value, 0)],
    status: undefined,
    at: nodeClock.now(),
    verify: nodeVerify,
    hash: nodeHash,
  });
}

describe.skipIf(!existsSync(CHROMIUM))('in Chromium (skipped where it is not installed)', { timeout: 60_000 }, () => {
  let browser: Browser;
  let world: AttestationWorld;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    world = await forgeWorld((scheme) => nodeSigningKey(scheme));
  });
  afterAll(() => browser?.close());

  /** A browser whose platform authenticator is Chromium's virtual one. */
  const virtualAuthenticator =
    (present: boolean) =>
    async (url: string): Promise<void> => {
      const page = await browser.newPage();
      const session = await page.context().newCDPSession(page);
      await session.send('WebAuthn.enable');
      await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasUserVerification: true,
          isUserVerified: present,
          hasResidentKey: true,
          automaticPresenceSimulation: present,
        },
      });
      await page.goto(url);
      await page.click('#ask');
    };

  test('the page runs under its own policy and Chromium’s authenticator answers: named, refused, kept', async () => {
    const asked = await ask(virtualAuthenticator(true));
    expect(asked.document.outcome).toBe('answered');
    const [answer] = asked.answers;
    if (answer === undefined) throw new Error('no answer');
    expect(answer).toMatchObject({ carrier: 'browser', canBind: false, triedOn: [], webauthn: { relyingParty: 'localhost' } });
    const result = await verdict(answer, world.root.der);
    const outcome = (id: string) => result.rules.find(({ rule }) => rule === id)?.outcome;
    // A real browser's client data and authenticator data, for our nonce and our origin; only its statement is no phone's.
    expect(['client-data', 'challenge', 'origin', 'relying-party', 'flags'].map((id) => outcome(`webauthn-${id}`))).toEqual(
      Array.from({ length: 5 }, () => 'pass'),
    );
    expect([outcome('webauthn-format'), result.trusted]).toEqual(['fail', false]);
    await leftNothing(asked);
  });

  test('nobody at the phone: the browser’s own words are kept', async () => {
    const refuse = async (url: string) => {
      const page = await browser.newPage();
      await page.addInitScript(() => {
        navigator.credentials.create = () => Promise.reject(new DOMException('not allowed', 'NotAllowedError'));
      });
      await page.goto(url);
      await page.click('#ask');
    };
    const asked = await ask(refuse);
    expect(asked.document).toMatchObject({ outcome: 'refused', note: 'NotAllowedError: not allowed' });
    expect(asked.answers).toMatchObject([{ webauthn: undefined, refusal: expect.stringContaining('NotAllowedError') }]);
    await leftNothing(asked);
  });

  /** A browser behind whose API a keystore of ours answers; `nonce` replaces the one that was asked for. */
  const forgedKeystore =
    (change: { readonly challenge?: string; readonly replayed?: true } = {}) =>
    async (url: string): Promise<void> => {
      const page = await browser.newPage();
      await page.exposeFunction('forge', async (challenge: string): Promise<readonly [string, string]> => {
        const said = { type: 'webauthn.create', challenge: change.challenge ?? challenge, origin: new URL(url).origin, crossOrigin: false };
        const clientData = Buffer.from(JSON.stringify(said));
        const dataHash = sha256(clientData);
        const key = await world.makeKey();
        const target = await attest(world, world.factory.batch, honestDescription(change.replayed ? new Uint8Array(32) : dataHash), {
          key,
        });
        const { key: point } = readCertificate(target.der).value.spki;
        const authData = writeAuthenticatorData({
          rpIdHash: sha256(Buffer.from('localhost')),
          signCount: 0,
          credentialId: new Uint8Array(32),
          point,
        });
        const object = writeAttestationObject({
          format: 'android-key',
          algorithm: -7,
          signature: await key.sign(concatBytes([authData, dataHash])),
          x5c: [target, world.factory.batch, world.factory.intermediate, world.root].map(({ der }) => der),
          authData,
        });
        return [toBase64(clientData), toBase64(object)];
      });
      await page.addInitScript(() => {
        const bytes = (text: string) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
        const api = navigator.credentials as { create: unknown };
        api.create = async ({ publicKey }: { publicKey: { challenge: Uint8Array<ArrayBuffer> } }) => {
          const text = btoa(String.fromCharCode(...publicKey.challenge))
            .replaceAll('+', '-')
            .replaceAll('/', '_')
            .replaceAll('=', '');
          const { forge } = globalThis as unknown as { forge: (challenge: string) => Promise<readonly [string, string]> };
          const [clientDataJSON, attestationObject] = await forge(text);
          return { response: { clientDataJSON: bytes(clientDataJSON), attestationObject: bytes(attestationObject) } };
        };
      });
      await page.goto(url);
      await page.click('#ask');
    };

  test('a keystore’s android-key statement comes through whole: trusted, fresh, and bound to nothing', async () => {
    const asked = await ask(forgedKeystore());
    const [answer] = asked.answers;
    if (answer === undefined) throw new Error('no answer');
    const result = await verdict(answer, world.root.der);
    expect(result.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(result).toMatchObject({ trusted: true, standing: { fresh: true }, webauthn: { bound: false } });
    await leftNothing(asked);
  });

  test.each([
    ['an answer to another page’s nonce', { challenge: 'AAAA' }, 'webauthn-challenge'],
    ['a chain that attests something else', { replayed: true }, 'challenge'],
  ] as const)('%s is kept and refused', async (_name, change, rule) => {
    const { answers } = await ask(forgedKeystore(change));
    const [answer] = answers;
    if (answer === undefined) throw new Error('no answer');
    const result = await verdict(answer, world.root.der);
    expect(result.rules).toContainEqual(expect.objectContaining({ rule, outcome: 'fail' }));
    expect([result.trusted, result.standing.fresh]).toEqual([false, false]);
  });
});

test('a phone whose program answers nonsense: an unread artefact with its reason, and nothing left behind', async () => {
  const asked = await ask(async (url) => {
    await fetch(`${url}/answer`, { method: 'POST', body: 'nonsense' });
  });
  expect(asked.answers).toEqual([]);
  const { unread } = await readFacts(asked.capture);
  expect(unread).toContainEqual({ artefact: 'attestation-browser.json', because: expect.stringContaining('not JSON') });
  expect(Buffer.from(parseBase64(asked.document.answer) ?? []).toString()).toBe('nonsense');
  await leftNothing(asked);
});

test('the operator stops while the phone waits: said, and the tunnel is gone', async () => {
  const stop = new AbortController();
  const asked = await ask(async () => stop.abort(), stop.signal);
  expect(asked.document.outcome).toBe('stopped');
  await leftNothing(asked);
});

test('an answer of many megabytes is not taken', async () => {
  const stop = new AbortController();
  let status = 0;
  await ask(async (url) => {
    const sent = await fetch(`${url}/answer`, { method: 'POST', body: 'x'.repeat(1 << 22) }).catch(() => undefined);
    status = sent?.status ?? 413;
    stop.abort();
  }, stop.signal);
  expect(status).toBe(413);
});
