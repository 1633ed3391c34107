/**
 * Makes attestation chains: our own root, factories, provisioning servers and phones, with whatever each of them should not do.
 * Pure: keys and signatures come from a `SigningKey` that the caller makes (`forge/node/sign.ts`, WebCrypto in tests), time is an argument.
 */
import type { Instant, SignatureScheme } from '../bytes/index.ts';
import {
  type AlgorithmIdentifier,
  algorithmOf,
  type Extension,
  KEY_DESCRIPTION_OID,
  type KeyDescription,
  NAME_OID,
  type NameAttribute,
  PROVISIONING_INFO_OID,
  writeBasicConstraints,
  writeCertificate,
  writeKeyDescription,
  writeKeyUsage,
  writeProvisioningInfo,
  writeTbsCertificate,
} from '../formats/x509/index.ts';

/** A key that can sign: the secret stays with who made it. */
export interface SigningKey {
  readonly scheme: SignatureScheme;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/** Makes a fresh key of the scheme. */
export type KeyMaker = (scheme: SignatureScheme) => Promise<SigningKey>;

export const P256: SignatureScheme = { kind: 'ecdsa', hash: 'sha256' };

/** Who can issue: a name and its key. */
export interface Issuer {
  readonly subject: readonly NameAttribute[];
  readonly key: SigningKey;
}

/** A certificate with the key it certifies: an issuer of the next. */
export interface Issued extends Issuer {
  readonly der: Uint8Array;
}

export interface IssueRequest {
  readonly issuer: Issuer;
  readonly subject: readonly NameAttribute[];
  readonly key: SigningKey;
  /** Hex. */
  readonly serial: string;
  readonly notBefore?: Instant;
  readonly notAfter?: Instant;
  readonly extensions: readonly Pick<Extension, 'oid' | 'critical' | 'value'>[];
  /** The issuer's name as the certificate states it, where it lies. */
  readonly statedIssuer?: readonly NameAttribute[];
  /** The algorithm as the certificate states it, where it lies. */
  readonly statedAlgorithm?: Pick<AlgorithmIdentifier, 'oid' | 'parameters'>;
}

/** Issues a certificate. @throws RangeError for a scheme without an identifier */
export async function issue(request: IssueRequest): Promise<Issued> {
  const { issuer, subject, key } = request;
  const signatureAlgorithm = request.statedAlgorithm ?? algorithmOf(issuer.key.scheme);
  if (signatureAlgorithm === undefined) throw new RangeError(`no identifier for ${issuer.key.scheme.kind}`);
  const tbs = writeTbsCertificate({
    serial: request.serial,
    issuer: request.statedIssuer ?? issuer.subject,
    subject,
    notBefore: request.notBefore ?? '2020-01-01T00:00:00Z',
    notAfter: request.notAfter ?? '2040-01-01T00:00:00Z',
    spki: key.spki,
    signatureAlgorithm,
    extensions: request.extensions,
  });
  return { subject, key, der: writeCertificate(tbs, signatureAlgorithm, await issuer.key.sign(tbs)) };
}

const CA = [writeBasicConstraints({ ca: true }), writeKeyUsage('certify')];

/** Names as factories write them. */
export const factoryName = (level: 'TEE' | 'StrongBox', serialNumber: string): NameAttribute[] => [
  { oid: NAME_OID.title, value: level },
  { oid: NAME_OID.serialNumber, value: serialNumber },
];
export const commonName = (value: string): NameAttribute[] => [{ oid: NAME_OID.commonName, value }];
const serverName = (name: string): NameAttribute[] => [
  { oid: NAME_OID.organization, value: 'Google LLC' },
  { oid: NAME_OID.commonName, value: name },
];
/** What the keystore calls every key. */
const KEYSTORE_NAME = commonName('Android Keystore Key');

/** Everybody above a phone. */
export interface AttestationWorld {
  readonly makeKey: () => Promise<SigningKey>;
  readonly root: Issued;
  readonly factory: { readonly intermediate: Issued; readonly batch: Issued };
  readonly strongBox: { readonly intermediate: Issued; readonly batch: Issued };
  readonly remote: { readonly upper: Issued; readonly server: Issued };
  /** A root of nobody's. */
  readonly strangers: Issued;
  /** What makes a certificate an authority's. */
  readonly authority: IssueRequest['extensions'];
}

/** Makes the world's keys and certificates. */
export async function forgeWorld(
  keys: KeyMaker,
  schemes: { readonly root: SignatureScheme; readonly upper: SignatureScheme } = { root: P256, upper: P256 },
): Promise<AttestationWorld> {
  const makeKey = () => keys(P256);
  const self = async (serialNumber: string): Promise<Issued> => {
    const subject = [{ oid: NAME_OID.serialNumber, value: serialNumber }];
    const key = await keys(schemes.root);
    return issue({ issuer: { subject, key }, subject, key, serial: '01', extensions: CA });
  };
  const below = async (issuer: Issuer, subject: readonly NameAttribute[], serial: string): Promise<Issued> =>
    issue({ issuer, subject, key: await makeKey(), serial, extensions: CA });
  const root = await self('a55a70000000f00d');
  const factoryIntermediate = await below(root, factoryName('TEE', '10000001'), '1001');
  const strongBoxIntermediate = await below(root, factoryName('StrongBox', '20000001'), '2001');
  const upper = await issue({
    issuer: root,
    subject: serverName('Droid CA2'),
    key: await keys(schemes.upper),
    serial: '3001',
    extensions: CA,
  });
  return {
    makeKey,
    root,
    factory: { intermediate: factoryIntermediate, batch: await below(factoryIntermediate, factoryName('TEE', '10000002'), '1002') },
    strongBox: {
      intermediate: strongBoxIntermediate,
      batch: await below(strongBoxIntermediate, factoryName('StrongBox', '20000002'), '2002'),
    },
    remote: { upper, server: await below(upper, serverName('Droid CA3'), '3002') },
    strangers: await self('bad0000000000bad'),
    authority: CA,
  };
}

/** A certificate of a remotely provisioned phone, below the server. */
export async function provision(world: AttestationWorld, level: 'TEE' | 'StrongBox', more: Partial<IssueRequest> = {}): Promise<Issued> {
  return issue({
    issuer: world.remote.server,
    subject: [...commonName('f00df00df00df00df00df00df00df00d'), { oid: NAME_OID.organization, value: level }],
    key: await world.makeKey(),
    serial: '3003',
    notBefore: '2025-05-15T00:00:00Z',
    notAfter: '2025-06-15T00:00:00Z',
    extensions: [
      ...CA,
      { oid: PROVISIONING_INFO_OID, critical: false, value: writeProvisioningInfo({ certificatesIssued: 8, manufacturer: 'forge' }) },
    ],
    ...more,
  });
}

/** The SHA-256 that our forged phones state for their verified-boot key; of no maker. */
const FORGED_BOOT_KEY = new Uint8Array(32).fill(0x5a);

/** What an honest, locked phone's secure world says. */
export function honestDescription(challenge: Uint8Array): KeyDescription {
  return {
    attestationVersion: 300,
    attestationSecurityLevel: 'TRUSTED_ENVIRONMENT',
    keyMintVersion: 300,
    keyMintSecurityLevel: 'TRUSTED_ENVIRONMENT',
    attestationChallenge: challenge,
    uniqueId: new Uint8Array(0),
    softwareEnforced: {
      creationDateTime: 1_748_736_000_000,
      attestationApplicationId: { packages: [{ name: 'org.example.forge', version: 1 }], signatures: [new Uint8Array(32)] },
    },
    hardwareEnforced: {
      purposes: [2],
      algorithms: 3,
      keySize: 256,
      digests: [4],
      ecCurve: 1,
      noAuthRequired: true,
      origin: 'GENERATED',
      rootOfTrust: {
        verifiedBootKey: FORGED_BOOT_KEY,
        deviceLocked: true,
        verifiedBootState: 'VERIFIED',
        verifiedBootHash: new Uint8Array(32).fill(7),
      },
      osVersion: 150_000,
      osPatchLevel: 202_505,
      vendorPatchLevel: 20_250_505,
      bootPatchLevel: 20_250_505,
    },
  };
}

/** The attestation extension around a description, or around any bytes. */
export function statementExtension(description: KeyDescription | Uint8Array): Pick<Extension, 'oid' | 'critical' | 'value'> {
  return {
    oid: KEY_DESCRIPTION_OID,
    critical: false,
    value: description instanceof Uint8Array ? description : writeKeyDescription(description),
  };
}

/** Certifies a fresh key of a phone with a statement. */
export async function attest(
  world: AttestationWorld,
  issuer: Issuer,
  statement: KeyDescription | Uint8Array,
  more: Partial<IssueRequest> = {},
): Promise<Issued> {
  return issue({
    issuer,
    subject: KEYSTORE_NAME,
    key: await world.makeKey(),
    serial: '01',
    notBefore: '1970-01-01T00:00:00Z',
    notAfter: '2048-01-01T00:00:00Z',
    extensions: [writeKeyUsage('sign'), statementExtension(statement)],
    ...more,
  });
}

/** A status list in Google's form. */
export function forgeStatusList(entries: Readonly<Record<string, 'REVOKED' | 'SUSPENDED'>>): string {
  return JSON.stringify({
    entries: Object.fromEntries(Object.entries(entries).map(([serial, status]) => [serial, { status, reason: 'KEY_COMPROMISE' }])),
  });
}
