/**
 * KeyDescription: the attestation extension, 1.3.6.1.4.1.11129.2.1.17.
 * Spec: AOSP hardware/interfaces/security/keymint KeyCreationResult.aidl; versions 1 to 4 (Keymaster 2 to 4.1), 100 to 500 (KeyMint 1 to 5).
 *
 *   KeyDescription ::= SEQUENCE {
 *     attestationVersion        INTEGER,       1, 2, 3, 4, 100, 200, 300, 400, 500
 *     attestationSecurityLevel  SecurityLevel,
 *     keyMintVersion            INTEGER,
 *     keyMintSecurityLevel      SecurityLevel,
 *     attestationChallenge      OCTET STRING,
 *     uniqueId                  OCTET STRING,
 *     softwareEnforced          AuthorizationList,
 *     hardwareEnforced          AuthorizationList }
 *   SecurityLevel ::= ENUMERATED { Software (0), TrustedEnvironment (1), StrongBox (2) }
 *
 * Remote provisioning info, 1.3.6.1.4.1.11129.2.1.30: CBOR { 1: certificates issued in 30 days, 3: manufacturer }.
 */
import { FormatError, type Reading, toHex } from '../../bytes/index.ts';
import { type AuthorizationList, readAuthorizationList, writeAuthorizationList } from './authorization-list.ts';
import { type CborValue, cborGet, isCborMap, readCbor, writeCbor } from './cbor.ts';
import type { Extension } from './certificate.ts';
import { DER_TAG, type DerElement, derError, derExpect, derFields, derOddity, derTrail, readDer } from './der.ts';
import { readDerNumber, readDerOctets } from './der-values.ts';
import { writeDerInteger, writeDerOctets, writeDerSequence } from './der-write.ts';

export const KEY_DESCRIPTION_OID = '1.3.6.1.4.1.11129.2.1.17';
export const EAT_OID = '1.3.6.1.4.1.11129.2.1.25';
export const PROVISIONING_INFO_OID = '1.3.6.1.4.1.11129.2.1.30';
/** Samsung's addition: the state of its own integrity checks. Kept as bytes. */
export const KNOX_OID = '1.3.6.1.4.1.236.11.3.23.7';

const SECURITY_LEVELS = ['SOFTWARE', 'TRUSTED_ENVIRONMENT', 'STRONG_BOX'] as const;
/** Where a key lives, from the weakest. */
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

export interface KeyDescription {
  readonly attestationVersion: number;
  readonly attestationSecurityLevel: SecurityLevel;
  readonly keyMintVersion: number;
  readonly keyMintSecurityLevel: SecurityLevel;
  readonly attestationChallenge: Uint8Array;
  readonly uniqueId: Uint8Array;
  /** What Android's keystore says: software, whatever the level. */
  readonly softwareEnforced: AuthorizationList;
  /** What the secure world says. */
  readonly hardwareEnforced: AuthorizationList;
}

/** Reads the extension's value. `base` is where it lies in the outermost Source. @throws FormatError */
export function readKeyDescription(bytes: Uint8Array, base = 0): Reading<KeyDescription> {
  const trail = derTrail('android key description', base);
  const root = derExpect(readDer(bytes, trail, 'KeyDescription'), 'KeyDescription', DER_TAG.sequence);
  const fields = derFields(root, 'KeyDescription');
  const value: KeyDescription = {
    attestationVersion: readDerNumber(fields.next('attestationVersion'), 'attestationVersion'),
    attestationSecurityLevel: readLevel(fields.next('attestationSecurityLevel'), 'attestationSecurityLevel'),
    keyMintVersion: readDerNumber(fields.next('keyMintVersion'), 'keyMintVersion'),
    keyMintSecurityLevel: readLevel(fields.next('keyMintSecurityLevel'), 'keyMintSecurityLevel'),
    attestationChallenge: readDerOctets(fields.next('attestationChallenge'), 'attestationChallenge'),
    uniqueId: readDerOctets(fields.next('uniqueId'), 'uniqueId'),
    softwareEnforced: readAuthorizationList(fields.next('softwareEnforced'), 'softwareEnforced'),
    hardwareEnforced: readAuthorizationList(fields.next('hardwareEnforced'), 'hardwareEnforced'),
  };
  const [left] = fields.rest();
  if (left !== undefined) derOddity(trail, left.start, 'KeyDescription', { code: 'trailing', detail: 'fields after hardwareEnforced' });
  return { value, oddities: trail.oddities };
}

function readLevel(element: DerElement, field: string): SecurityLevel {
  const level = SECURITY_LEVELS[readDerNumber(element, field, DER_TAG.enumerated)];
  if (level === undefined) throw derError(element, field, 'bad-value', 'no security level that KeyMint knows');
  return level;
}

/** Writes the extension's value. */
export function writeKeyDescription(description: KeyDescription): Uint8Array {
  return writeDerSequence([
    writeDerInteger(description.attestationVersion),
    writeDerInteger(SECURITY_LEVELS.indexOf(description.attestationSecurityLevel), DER_TAG.enumerated),
    writeDerInteger(description.keyMintVersion),
    writeDerInteger(SECURITY_LEVELS.indexOf(description.keyMintSecurityLevel), DER_TAG.enumerated),
    writeDerOctets(description.attestationChallenge),
    writeDerOctets(description.uniqueId),
    writeAuthorizationList(description.softwareEnforced),
    writeAuthorizationList(description.hardwareEnforced),
  ]);
}

/** What Google's provisioning server says beside a remotely provisioned key. */
export interface ProvisioningInfo {
  /** Certificates that this device was given in about 30 days. */
  readonly certificatesIssued: number | undefined;
  readonly manufacturer: string | undefined;
}

/** Reads a provisioning info extension. @throws FormatError */
export function readProvisioningInfo(extension: Extension): Reading<ProvisioningInfo> {
  const trail = derTrail('android provisioning info', extension.at);
  // The CBOR stands in the extension's value as it is, and on some chains in one more OCTET STRING.
  const wrapped = extension.value[0] === DER_TAG.octetString;
  const element = wrapped ? readDer(extension.value, trail, 'ProvisioningInfo') : undefined;
  const bytes = element === undefined ? extension.value : readDerOctets(element, 'ProvisioningInfo');
  const base = extension.at + (element?.bodyStart ?? 0);
  const { value, oddities } = readCbor(bytes, trail.format, base);
  if (!isCborMap(value)) {
    throw new FormatError({ format: trail.format, field: 'ProvisioningInfo', at: base }, 'bad-value', 'no CBOR map');
  }
  const issued = cborGet(value, 1);
  const manufacturer = cborGet(value, 3);
  return {
    value: {
      certificatesIssued: typeof issued === 'number' ? issued : undefined,
      manufacturer: typeof manufacturer === 'string' ? manufacturer : undefined,
    },
    oddities: [...trail.oddities, ...oddities],
  };
}

/** Writes the value of a provisioning info extension. */
export function writeProvisioningInfo(info: ProvisioningInfo): Uint8Array {
  const entries: (readonly [CborValue, CborValue])[] = [];
  if (info.certificatesIssued !== undefined) entries.push([1, info.certificatesIssued]);
  if (info.manufacturer !== undefined) entries.push([3, info.manufacturer]);
  return writeCbor({ kind: 'map', entries });
}

/** A value as JSON carries it: bytes as hex, numbers above 2^53 as text, absent fields left out. */
export type PlainJson = string | number | boolean | null | readonly PlainJson[] | { readonly [name: string]: PlainJson };

/** Turns a read value into JSON: bytes become hex, bigints text, undefined fields go. */
export function plainJson(value: unknown): PlainJson {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === 'object') {
    const json: Record<string, PlainJson> = {};
    for (const [name, item] of Object.entries(value)) if (item !== undefined) json[name] = plainJson(item);
    return json;
  }
  return null;
}
