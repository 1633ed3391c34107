import { beforeAll, describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { CONFORMANCE, PIXEL_8A, type PublishedResponse, SPECIFICATION } from '../../../test/support/webauthn-vectors.ts';
import { concatBytes, hashOf, parseBase64 } from '../../bytes/index.ts';
import { type AttestationWorld, attest, forgeWorld, honestDescription, type SigningKey } from '../../forge/cert.ts';
import { webKeys } from '../../forge/web-keys.ts';
import {
  type KeyDescription,
  readAttestationObject,
  readCertificate,
  readChainFile,
  writeAttestationObject,
  writeAuthenticatorData,
} from '../../formats/x509/index.ts';
import { builtinAnchors, givenAnchor, type RuleId, verifyWebauthn, type WebauthnQuestion, type WebauthnResult } from './index.ts';

const bytes = (text: string): Uint8Array => parseBase64(text) ?? new Uint8Array(0);
const utf8 = new TextEncoder();
const sha256 = (data: Uint8Array) => hashOf(hash, 'sha256', data);

const published = (vector: PublishedResponse, change: Partial<WebauthnQuestion> = {}): WebauthnQuestion => ({
  object: readAttestationObject(bytes(vector.attestationObject)).value,
  clientData: bytes(vector.clientDataJSON),
  nonce: bytes(vector.challenge),
  origin: vector.origin,
  relyingParty: vector.relyingParty,
  roots: builtinAnchors(),
  status: undefined,
  at: '2025-01-08T00:00:00Z',
  verify,
  hash,
  ...change,
});
const failing = ({ rules }: WebauthnResult): readonly RuleId[] => rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule);

describe('a statement of a real Pixel 8a', () => {
  test('verifies whole: client data, authenticator data, statement, chain to Google; fresh, never bound', async () => {
    const result = await verifyWebauthn(published(PIXEL_8A));
    expect(failing(result)).toEqual([]);
    expect(result).toMatchObject({
      trusted: true,
      securityLevel: 'TRUSTED_ENVIRONMENT',
      rootOfTrust: { verifiedBootState: 'VERIFIED', deviceLocked: true },
      standing: { hardwareEnforced: 'signed', fresh: true },
      provisioning: { method: 'remote' },
      webauthn: { format: 'android-key', origin: 'http://localhost:8000', userVerified: true, bound: false },
    });
    // Google's Play services asked, under Google's signer.
    expect(JSON.stringify(result.attestation)).toContain('com.google.android.gms');
  });

  test.each([
    ['another nonce', { nonce: new Uint8Array(32) }, 'webauthn-challenge'],
    ['another origin', { origin: 'http://localhost:8001' }, 'webauthn-origin'],
    ['another relying party', { relyingParty: 'example.org' }, 'webauthn-relying-party'],
  ] satisfies readonly (readonly [string, Partial<WebauthnQuestion>, RuleId])[])(
    'held against %s it is refused',
    async (_name, change, rule) => {
      const result = await verifyWebauthn(published(PIXEL_8A, change));
      expect([result.trusted, result.standing.fresh, failing(result)]).toEqual([false, false, [rule]]);
    },
  );

  test('one byte of the client data changed: statement, signature and challenge no longer fit', async () => {
    const clientData = bytes(PIXEL_8A.clientDataJSON);
    clientData[clientData.length - 2] = 0x20;
    const result = await verifyWebauthn(published(PIXEL_8A, { clientData }));
    expect(result.trusted).toBe(false);
    expect(failing(result)).toEqual(expect.arrayContaining(['webauthn-signature', 'challenge']));
  });

  test('the object alone: its chain is authentic, and nothing says when or for whom', async () => {
    const nothing = { clientData: undefined, nonce: undefined, origin: undefined, relyingParty: undefined };
    const result = await verifyWebauthn(published(PIXEL_8A, nothing));
    expect([result.trusted, result.standing.fresh, failing(result)]).toEqual([true, false, []]);
    const asked = await verifyWebauthn(published(PIXEL_8A, { ...nothing, nonce: bytes(PIXEL_8A.challenge) }));
    expect(asked.trusted).toBe(false);
  });

  test('as a registration response in a file', () => {
    const response = { attestationObject: PIXEL_8A.attestationObject, clientDataJSON: PIXEL_8A.clientDataJSON };
    const { value } = readChainFile(utf8.encode(JSON.stringify({ id: 'x', response })));
    expect([value.kind, value.certificates.length, value.clientData?.length]).toEqual([
      'webauthn',
      5,
      bytes(PIXEL_8A.clientDataJSON).length,
    ]);
  });
});

test('the statement of the FIDO conformance tools: signed by its key, of software, under a root of nobody’s', async () => {
  const result = await verifyWebauthn(published(CONFORMANCE));
  expect(result.trusted).toBe(false);
  const passed = result.rules.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule);
  expect(passed).toEqual(
    expect.arrayContaining(['webauthn-challenge', 'webauthn-origin', 'webauthn-relying-party', 'webauthn-signature', 'webauthn-key']),
  );
  expect(failing(result)).toEqual(expect.arrayContaining(['chain-anchor', 'security-level']));
});

test('the specification’s own example: every step of its procedure agrees; a phone’s it is not', async () => {
  const result = await verifyWebauthn(published(SPECIFICATION));
  const passed = result.rules.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule);
  const steps = ['format', 'client-data', 'challenge', 'origin', 'relying-party', 'statement', 'signature', 'key'] as const;
  expect(passed).toEqual(expect.arrayContaining([...steps.map((step) => `webauthn-${step}`), 'challenge']));
  // It is backed up, says nothing of its key, and stands alone.
  expect(failing(result)).toEqual(expect.arrayContaining(['webauthn-flags', 'webauthn-key-use', 'chain-length', 'security-level']));
  expect(result.trusted).toBe(false);
});

describe('forged', () => {
  let world: AttestationWorld;
  beforeAll(async () => {
    world = await forgeWorld(webKeys);
  });
  const NONCE = new Uint8Array(32).fill(9);
  const RP = 'localhost';
  const ORIGIN = 'http://localhost:4321';
  const CHALLENGE = toBase64Url(NONCE);

  interface Forgery {
    readonly clientData?: Readonly<Record<string, unknown>> | Uint8Array;
    readonly flags?: number;
    readonly format?: string;
    readonly algorithm?: number;
    /** Signs the statement, instead of the certified key. */
    readonly signer?: SigningKey;
    /** In the credential, instead of the certified key's. */
    readonly point?: Uint8Array;
    readonly describe?: (honest: KeyDescription) => KeyDescription;
    readonly attested?: Uint8Array;
    readonly rpId?: string;
    readonly object?: (object: Uint8Array) => Uint8Array;
  }

  async function make(forgery: Forgery = {}): Promise<WebauthnQuestion> {
    const key = await world.makeKey();
    const said = forgery.clientData ?? {};
    const clientData =
      said instanceof Uint8Array
        ? said
        : utf8.encode(JSON.stringify({ type: 'webauthn.create', challenge: CHALLENGE, origin: ORIGIN, crossOrigin: false, ...said }));
    const dataHash = sha256(clientData);
    const honest = honestDescription(forgery.attested ?? dataHash);
    const target = await attest(world, world.factory.batch, forgery.describe?.(honest) ?? honest, { key });
    const authData = writeAuthenticatorData({
      rpIdHash: sha256(utf8.encode(forgery.rpId ?? RP)),
      signCount: 0,
      credentialId: new Uint8Array(32),
      point: forgery.point ?? readCertificate(target.der).value.spki.key,
      ...(forgery.flags === undefined ? {} : { flags: forgery.flags }),
    });
    const written = writeAttestationObject({
      format: forgery.format ?? 'android-key',
      algorithm: forgery.algorithm ?? -7,
      signature: await (forgery.signer ?? key).sign(concatBytes([authData, dataHash])),
      x5c: [target, world.factory.batch, world.factory.intermediate, world.root].map(({ der }) => der),
      authData,
    });
    return {
      object: readAttestationObject(forgery.object?.(written) ?? written).value,
      clientData,
      nonce: NONCE,
      origin: ORIGIN,
      relyingParty: RP,
      roots: [givenAnchor(readCertificate(world.root.der).value, 0)],
      status: undefined,
      at: '2025-06-01T00:00:00Z',
      verify,
      hash,
    };
  }

  test('an honest one is trusted and fresh', async () => {
    const result = await verifyWebauthn(await make());
    expect([result.trusted, result.standing.fresh, failing(result)]).toEqual([true, true, []]);
  });

  const stranger = async () => readCertificate((await attest(world, world.factory.batch, honestDescription(NONCE))).der).value.spki.key;
  test.each([
    ['a sign-in replayed as a registration', { clientData: { type: 'webauthn.get' } }, ['webauthn-client-data']],
    ['made inside a page of another origin', { clientData: { crossOrigin: true } }, ['webauthn-client-data']],
    ['a challenge in another spelling', { clientData: { challenge: `${CHALLENGE}=` } }, ['webauthn-challenge']],
    ['no challenge', { clientData: { challenge: undefined } }, ['webauthn-challenge']],
    ['an origin that begins alike', { clientData: { origin: `${ORIGIN}.example` } }, ['webauthn-origin']],
    ['client data that is no JSON', { clientData: utf8.encode('{') }, ['webauthn-client-data']],
    ['client data that is an array', { clientData: utf8.encode('[]') }, ['webauthn-client-data']],
    ['client data of a megabyte', { clientData: new Uint8Array(1 << 20) }, ['webauthn-client-data']],
    ['another relying party', { rpId: 'evil.example' }, ['webauthn-relying-party']],
    ['nobody present', { flags: 0x44 }, ['webauthn-flags']],
    ['a credential that may be copied', { flags: 0x4d }, ['webauthn-flags']],
    ['backed up without being eligible', { flags: 0x55 }, ['webauthn-flags']],
    ['an algorithm of another kind', { algorithm: -257 }, ['webauthn-signature', 'webauthn-key']],
    ['an algorithm of nobody’s', { algorithm: -65_535 }, ['webauthn-signature', 'webauthn-key']],
    ['an attestation of another challenge', { attested: new Uint8Array(32) }, ['challenge']],
    [
      'a key for all applications',
      { describe: (honest) => ({ ...honest, softwareEnforced: { ...honest.softwareEnforced, allApplications: true } }) },
      ['webauthn-key-use'],
    ],
    [
      'an imported key',
      { describe: (honest) => ({ ...honest, hardwareEnforced: { ...honest.hardwareEnforced, origin: 'IMPORTED' } }) },
      ['webauthn-key-use', 'key-origin'],
    ],
    [
      'a key that signs and attests',
      { describe: (honest) => ({ ...honest, hardwareEnforced: { ...honest.hardwareEnforced, purposes: [2, 7] } }) },
      ['webauthn-key-use'],
    ],
  ] satisfies readonly (readonly [string, Forgery, readonly RuleId[]])[])('%s is refused', async (_name, forgery, rules) => {
    const result = await verifyWebauthn(await make(forgery));
    expect([result.trusted, result.standing.fresh]).toEqual([false, false]);
    expect(failing(result)).toEqual(expect.arrayContaining([...rules]));
  });

  test('a statement signed by another key is refused', async () => {
    const result = await verifyWebauthn(await make({ signer: await world.makeKey() }));
    expect([result.trusted, failing(result)]).toEqual([false, ['webauthn-signature']]);
  });

  test('a credential of another key than the certified one is refused', async () => {
    const result = await verifyWebauthn(await make({ point: await stranger() }));
    expect([result.trusted, failing(result)]).toEqual([false, ['webauthn-key']]);
  });

  test.each(['none', 'packed', 'android-safetynet', 'tpm', 'apple', 'fido-u2f', 'x'.repeat(1000)])(
    'the format %s is named and refused, not verified',
    async (format) => {
      const result = await verifyWebauthn(await make({ format }));
      expect([result.trusted, result.attestation]).toEqual([false, null]);
      expect(result.rules[0]).toMatchObject({ rule: 'webauthn-format', outcome: 'fail', because: expect.stringContaining('not verified') });
    },
  );

  test('a field more in the statement is refused', async () => {
    const question = await make();
    const { statement } = question.object;
    const object = { ...question.object, statement: { ...statement, entries: [...statement.entries, ['ver', '1'] as const] } };
    expect(failing(await verifyWebauthn({ ...question, object }))).toEqual(['webauthn-statement']);
  });

  test('a chain that does not parse, and none at all, are refused', async () => {
    const question = await make();
    for (const x5c of [[], [new Uint8Array(9)]])
      expect(failing(await verifyWebauthn({ ...question, object: { ...question.object, x5c } }))).toContain('webauthn-statement');
  });

  test('a signature that this machine cannot verify is none', async () => {
    const result = await verifyWebauthn({ ...(await make()), verify: async () => 'unsupported' });
    expect(result.trusted).toBe(false);
  });
});

function toBase64Url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
