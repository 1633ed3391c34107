/** Values for this folder's tests and fuzz targets: made here, of nobody's phone. */
import { algorithmOf, writeAlgorithmIdentifier } from './algorithms.ts';
import { writeBasicConstraints, writeCertificate, writeKeyUsage, writeTbsCertificate } from './certificate.ts';
import { writeDerBits, writeDerOid, writeDerSequence } from './der-write.ts';
import type { KeyDescription } from './key-description.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Every field of both lists. */
export const COMPLETE_DESCRIPTION: KeyDescription = {
  attestationVersion: 500,
  attestationSecurityLevel: 'STRONG_BOX',
  keyMintVersion: 500,
  keyMintSecurityLevel: 'STRONG_BOX',
  attestationChallenge: bytes(1, 2, 3),
  uniqueId: bytes(4),
  softwareEnforced: {
    creationDateTime: 1_748_736_000_000,
    attestationApplicationId: { packages: [{ name: 'org.example.sample', version: 7 }], signatures: [new Uint8Array(32).fill(9)] },
    moduleHash: new Uint8Array(32).fill(3),
  },
  hardwareEnforced: {
    purposes: [2, 3],
    algorithms: 3,
    keySize: 256,
    blockModes: [1, 2],
    digests: [2, 4],
    paddings: [1, 3],
    callerNonce: true,
    minMacLength: 128,
    kdf: [1],
    ecCurve: 1,
    mlDsaVariant: 1,
    rsaPublicExponent: 65_537,
    rsaOaepMgfDigests: [2, 4],
    rollbackResistance: true,
    earlyBootOnly: true,
    activeDateTime: 1000,
    originationExpireDateTime: 2n ** 64n - 1n,
    usageExpireDateTime: 3000,
    usageCountLimit: 10,
    userSecureId: 2n ** 63n,
    noAuthRequired: true,
    userAuthType: 1,
    authTimeout: 2_147_483_647,
    allowWhileOnBody: true,
    trustedUserPresenceRequired: true,
    trustedConfirmationRequired: true,
    unlockedDeviceRequired: true,
    allApplications: true,
    applicationId: bytes(5, 6),
    origin: 'GENERATED',
    rollbackResistant: true,
    rootOfTrust: {
      verifiedBootKey: new Uint8Array(32).fill(1),
      deviceLocked: true,
      verifiedBootState: 'VERIFIED',
      verifiedBootHash: new Uint8Array(32).fill(2),
    },
    osVersion: 160_000,
    osPatchLevel: 202_512,
    attestationIdBrand: 'brand',
    attestationIdDevice: 'device',
    attestationIdProduct: 'product',
    attestationIdSerial: 'serial',
    attestationIdImei: 'imei',
    attestationIdMeid: 'meid',
    attestationIdManufacturer: 'manufacturer',
    attestationIdModel: 'model',
    vendorPatchLevel: 20_251_205,
    bootPatchLevel: 20_251_200,
    deviceUniqueAttestation: true,
    identityCredentialKey: true,
    attestationIdSecondImei: 'second imei',
  },
};

const ECDSA = algorithmOf({ kind: 'ecdsa', hash: 'sha256' }) ?? { oid: '1.2.840.10045.4.3.2', parameters: undefined };

/** A certificate with names, dates, both usual extensions, and a signature that nobody made. */
export const SAMPLE_CERTIFICATE: Uint8Array = writeCertificate(
  writeTbsCertificate({
    serial: 'c35747a084470c3135aeefe2b8d40cd6',
    issuer: [
      { oid: '2.5.4.3', value: 'Issuer' },
      { oid: '2.5.4.5', value: 'f00d' },
    ],
    subject: [{ oid: '2.5.4.3', value: 'Subject' }],
    notBefore: '2020-01-01T00:00:00Z',
    notAfter: '2106-02-07T06:28:15Z',
    spki: writeDerSequence([
      writeAlgorithmIdentifier({ oid: '1.2.840.10045.2.1', parameters: writeDerOid('1.2.840.10045.3.1.7') }),
      writeDerBits(Uint8Array.from({ length: 65 }, (_, i) => (i === 0 ? 4 : i))),
    ]),
    signatureAlgorithm: ECDSA,
    extensions: [writeBasicConstraints({ ca: true, pathLength: 2 }), writeKeyUsage('certify')],
  }),
  ECDSA,
  bytes(0x30, 6, 2, 1, 1, 2, 1, 1),
);
