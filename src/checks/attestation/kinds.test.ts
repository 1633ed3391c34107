/**
 * Chains of every kind in the field, of our own CA, in the encodings of the published schemas (AOSP KeyCreationResult.aidl and the Keymaster schemas before it):
 * each must be read whole, judged authentic, and say field for field what went in.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { toBase64, toHex } from '../../bytes/index.ts';
import { type AttestationWorld, attest, forgeWorld, honestDescription, type Issued, issue, P256, provision } from '../../forge/cert.ts';
import { RECIPE_AT, RECIPE_CHALLENGE } from '../../forge/cert-recipes.ts';
import { webKeys } from '../../forge/web-keys.ts';
import {
  EAT_OID,
  type KeyDescription,
  KNOX_OID,
  plainJson,
  readCertificate,
  readChainFile,
  writeAlgorithmIdentifier,
  writeCbor,
  writeDerBits,
  writeDerInteger,
  writeDerNull,
  writeDerOctets,
  writeDerSequence,
  writeKnoxIntegrity,
  writePem,
  writePkcs7Certificates,
} from '../../formats/x509/index.ts';
import { type AttestationQuestion, givenAnchor, verifyAttestation } from './index.ts';

let world: AttestationWorld;
beforeAll(async () => {
  world = await forgeWorld(webKeys);
});

const verified = (bytes: Uint8Array, more: Partial<AttestationQuestion> = {}) =>
  verifyAttestation({
    chain: readChainFile(bytes).value.certificates,
    roots: [givenAnchor(readCertificate(world.root.der).value, 0)],
    status: undefined,
    at: RECIPE_AT,
    challenge: RECIPE_CHALLENGE,
    verify,
    hash,
    ...more,
  });
const utf8 = (text: string) => new TextEncoder().encode(text);
const joined = (ders: readonly Uint8Array[]) => Uint8Array.from(ders.flatMap((der) => [...der]));
const above = (): readonly Issued[] => [world.factory.batch, world.factory.intermediate, world.root];
const ders = (issued: readonly Issued[]) => issued.map(({ der }) => der);

/** Fields that a version added, where an older phone cannot have them. */
const SINCE: Readonly<Record<number, Partial<KeyDescription['hardwareEnforced']>>> = {
  1: { rollbackResistant: true, noAuthRequired: true },
  2: {
    attestationIdBrand: 'forge',
    attestationIdSerial: 'S1',
    attestationIdImei: '490154203237518',
    attestationIdMeid: 'A0000000000001',
    attestationIdModel: 'One',
  },
  3: {
    vendorPatchLevel: 20_250_505,
    bootPatchLevel: 20_250_505,
    unlockedDeviceRequired: true,
    trustedConfirmationRequired: true,
    trustedUserPresenceRequired: true,
  },
  4: { deviceUniqueAttestation: true, identityCredentialKey: true, earlyBootOnly: true },
  100: { usageCountLimit: 3, rsaOaepMgfDigests: [4] },
  200: { userSecureId: 2n ** 63n + 1n },
  300: { attestationIdSecondImei: '356938035643809' },
  400: { authTimeout: 30 },
  500: { activeDateTime: 1_748_736_000_000 },
};
const KEYMASTER: Readonly<Record<number, number>> = { 1: 2, 2: 3, 3: 4, 4: 41 };

/** What a phone of a version says, with all that its version and those before it can state. */
function statementOf(version: number): KeyDescription {
  const honest = honestDescription(RECIPE_CHALLENGE);
  const fields = Object.entries(SINCE).flatMap(([since, added]) => (Number(since) <= version ? [added] : []));
  const { vendorPatchLevel: _vendor, bootPatchLevel: _boot, rootOfTrust, ...basic } = honest.hardwareEnforced;
  if (rootOfTrust === undefined) throw new Error('no root of trust');
  const { verifiedBootHash, ...before } = rootOfTrust;
  return {
    ...honest,
    attestationVersion: version,
    keyMintVersion: KEYMASTER[version] ?? version,
    uniqueId: new Uint8Array(16).fill(7),
    softwareEnforced: { ...honest.softwareEnforced, ...(version >= 400 ? { moduleHash: new Uint8Array(32).fill(9) } : {}) },
    hardwareEnforced: Object.assign({}, basic, ...fields, {
      rootOfTrust: version < 3 || verifiedBootHash === undefined ? before : rootOfTrust,
    }),
  };
}

describe.each([1, 2, 3, 4, 100, 200, 300, 400, 500])('attestation version %i', (version) => {
  test('every field of its schema is read, and the chain is authentic', async () => {
    const statement = statementOf(version);
    const target = await attest(world, world.factory.batch, statement);
    const result = await verified(joined(ders([target, ...above()])));
    expect(result.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(result).toMatchObject({ trusted: true, standing: { fresh: true }, provisioning: { method: 'factory' } });
    expect(result.attestation).toEqual(plainJson(statement));
    expect(result.oddities).toEqual([]);
  });
});

describe('the forms that tools write', () => {
  let chain: readonly Uint8Array[];
  beforeAll(async () => {
    chain = ders([await attest(world, world.factory.batch, honestDescription(RECIPE_CHALLENGE)), ...above()]);
  });
  const text = (make: (pem: readonly string[]) => string) => () => utf8(make(chain.map((der) => writePem('CERTIFICATE', der))));
  const FORMS: readonly (readonly [name: string, make: () => Uint8Array])[] = [
    ['PEM', text((pem) => pem.join(''))],
    [
      'PEM with CRLF and words between',
      text((pem) => pem.map((one, index) => `Certificate ${index}:\r\n${one.replaceAll('\n', '\r\n')}`).join('\r\n')),
    ],
    ['DER end to end', () => joined(chain)],
    ['PKCS#7, its set in another order', () => writePkcs7Certificates([...chain].reverse())],
    ['PKCS#7 in PEM', () => utf8(writePem('PKCS7', writePkcs7Certificates(chain)))],
    ['a JSON array of PEM', text((pem) => JSON.stringify(pem))],
    ['JSON, base64 under x5c', () => utf8(JSON.stringify({ x5c: chain.map((der) => toBase64(der)) }))],
    ['JSON, hex under certificateChain', () => utf8(JSON.stringify({ device: 'x', certificateChain: chain.map((der) => toHex(der)) }))],
    ['JSON, one PEM text under certificates', text((pem) => JSON.stringify({ certificates: pem.join('') }))],
  ];
  test.each(FORMS)('%s', async (_name, make) => expect((await verified(make())).trusted).toBe(true));
});

/** A certified key of a kind, that nobody signs with: only its SPKI is in the certificate. */
const keyOf = (spki: Uint8Array) => ({ scheme: P256, spki, sign: () => Promise.reject(new Error('never asked')) });
const rsa = (bits: number) =>
  writeDerSequence([
    writeAlgorithmIdentifier({ oid: '1.2.840.113549.1.1.1', parameters: writeDerNull() }),
    writeDerBits(writeDerSequence([writeDerInteger((1n << BigInt(bits)) - 1n), writeDerInteger(65_537)])),
  ]);
const raw = (oid: string, length: number) =>
  writeDerSequence([writeAlgorithmIdentifier({ oid, parameters: undefined }), writeDerBits(new Uint8Array(length).fill(1))]);

describe('the key that is certified', () => {
  const EC = { algorithms: 3, keySize: 256 } as const;
  test.each<[string, Uint8Array, Partial<KeyDescription['hardwareEnforced']>, boolean]>([
    ['RSA-2048', rsa(2048), { algorithms: 1, keySize: 2048, rsaPublicExponent: 65_537 }, true],
    ['RSA-2048 said to be of 4096 bits', rsa(2048), { algorithms: 1, keySize: 4096 }, false],
    ['Ed25519', raw('1.3.101.112', 32), { ...EC, ecCurve: 4 }, true],
    ['X25519, of purpose AGREE_KEY', raw('1.3.101.110', 32), { ...EC, ecCurve: 4, purposes: [6] }, true],
    ['Ed25519 said to be on P-256', raw('1.3.101.112', 32), { ...EC, ecCurve: 1 }, false],
    ['ML-DSA-65', raw('2.16.840.1.101.3.4.3.18', 1952), { algorithms: 6, mlDsaVariant: 1 }, true],
    ['RSA said to be ML-DSA', rsa(2048), { algorithms: 6, mlDsaVariant: 1 }, false],
  ])('%s', async (_name, spki, list, trusted) => {
    const honest = honestDescription(RECIPE_CHALLENGE);
    const { algorithms: _a, keySize: _k, ecCurve: _c, ...rest } = honest.hardwareEnforced;
    const target = await attest(world, world.factory.batch, { ...honest, hardwareEnforced: { ...rest, ...list } }, { key: keyOf(spki) });
    const result = await verified(joined(ders([target, ...above()])));
    expect([result.trusted, result.rules.find(({ rule }) => rule === 'key-match')?.outcome]).toEqual([trusted, trusted ? 'pass' : 'fail']);
  });
});

test('remotely provisioned, with what the server wrote of it, bare and in an octet string', async () => {
  for (const level of ['TEE', 'StrongBox'] as const) {
    const own = await provision(world, level);
    const name = level === 'TEE' ? 'TRUSTED_ENVIRONMENT' : 'STRONG_BOX';
    const statement = { ...honestDescription(RECIPE_CHALLENGE), attestationSecurityLevel: name, keyMintSecurityLevel: name } as const;
    const target = await attest(world, own, statement);
    const result = await verified(joined(ders([target, own, world.remote.server, world.remote.upper, world.root])));
    expect(result).toMatchObject({
      trusted: true,
      securityLevel: name,
      provisioning: { method: 'remote', certificatesIssued: 8, manufacturer: 'forge' },
    });
  }
});

test('the EAT form, in CBOR', async () => {
  const tee = {
    kind: 'map',
    entries: [
      [-80_001, [2]],
      [-80_002, 3],
      [-80_003, 256],
      [-80_010, 1],
      [-80_702, 0],
      [-80_705, 130_000],
      [-80_706, 202_305],
    ],
  } as const;
  const eat = writeCbor({
    kind: 'map',
    entries: [
      [-82_004, 3],
      [-82_005, 41],
      [-76_002, 3],
      [-75_008, RECIPE_CHALLENGE],
      [-82_001, new Uint8Array(32).fill(1)],
      [-82_002, true],
      [-76_003, [true, true, true, true, true]],
      [-82_006, true],
      [
        -76_000,
        {
          kind: 'map',
          entries: [
            ['software', { kind: 'map', entries: [] }],
            ['tee', tee],
          ],
        },
      ],
    ],
  });
  const target = await attest(world, world.factory.batch, honestDescription(RECIPE_CHALLENGE), {
    extensions: [{ oid: EAT_OID, critical: false, value: writeDerOctets(eat) }],
  });
  const result = await verified(joined(ders([target, ...above()])));
  expect(result.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  expect(result).toMatchObject({
    trusted: true,
    rootOfTrust: { deviceLocked: true },
    attestation: { hardwareEnforced: { osVersion: 130_000, ecCurve: 1 } },
  });
});

describe('Samsung’s own', () => {
  const knox = async (value: Uint8Array) => {
    const honest = await attest(world, world.factory.batch, honestDescription(RECIPE_CHALLENGE));
    const { extensions } = readCertificate(honest.der).value;
    const target = await attest(world, world.factory.batch, honestDescription(RECIPE_CHALLENGE), {
      extensions: [
        ...extensions.map(({ oid, critical, value: own }) => ({ oid, critical, value: own })),
        { oid: KNOX_OID, critical: false, value },
      ],
    });
    return verified(joined(ders([target, ...above()])), {
      roots: [{ ...givenAnchor(readCertificate(world.root.der).value, 0), kind: 'knox' }],
    });
  };
  test('below a Knox root, with the integrity that its secure world states', async () => {
    const result = await knox(writeKnoxIntegrity({ trustBoot: 'normal', warranty: 'normal' }));
    expect(result).toMatchObject({ trusted: true, root: { kind: 'knox' }, knox: { trustBoot: 'normal', warranty: 'normal' } });
    expect(result.rules).toContainEqual(expect.objectContaining({ rule: 'knox-integrity', outcome: 'pass' }));
  });
  test('a blown fuse is said, and makes no chain a forgery', async () => {
    const result = await knox(writeKnoxIntegrity({ warranty: 'abnormal' }));
    expect(result.rules).toContainEqual(
      expect.objectContaining({ rule: 'knox-integrity', outcome: 'fail', because: expect.stringContaining('warranty') }),
    );
    expect(result.trusted).toBe(true);
  });
  test('what does not parse is said, and nothing is made up', async () => {
    const result = await knox(Uint8Array.of(0x42));
    expect([result.knox, result.trusted]).toEqual([null, true]);
    expect(result.rules).toContainEqual(expect.objectContaining({ rule: 'knox-integrity', outcome: 'fail' }));
  });
});

test('below a root of a maker’s own, which the operator gives', async () => {
  const batch = await issue({
    issuer: world.strangers,
    subject: world.factory.batch.subject,
    key: await world.makeKey(),
    serial: '77',
    extensions: world.authority,
  });
  const target = await attest(world, batch, honestDescription(RECIPE_CHALLENGE));
  const chain = joined(ders([target, batch, world.strangers]));
  expect((await verified(chain)).trusted).toBe(false);
  expect(await verified(chain, { roots: [givenAnchor(readCertificate(world.strangers.der).value, 0)] })).toMatchObject({
    trusted: true,
    root: { kind: 'given' },
  });
});
