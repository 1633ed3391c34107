/**
 * WebAuthn attestation objects: what a browser gives when a platform credential is made with direct attestation.
 * Spec: W3C Web Authentication Level 3, 6.1 (authenticator data), 6.5.4 (attestation object), 8.4 (android-key), 8.2 (packed).
 * Does not read: other statement formats (their CBOR is kept), extension outputs (kept), keys of other COSE types (kept).
 *
 *   attestationObject = { "fmt": text, "attStmt": map, "authData": bytes }
 *   android-key statement = { "alg": int, "sig": bytes, "x5c": [ bytes … ] }
 *   authData = rpIdHash (32) | flags (1) | signCount (4, big endian) | attestedCredentialData if flag AT | extensions if flag ED
 *   attestedCredentialData = aaguid (16) | credentialIdLength (2, big endian) | credentialId | credentialPublicKey (COSE)
 */
import { Cursor, FormatError, type Oddity, type Reading } from '../../bytes/index.ts';
import { type CborMap, type CborValue, cborGet, isCborMap, readCbor, readCborPrefix, writeCbor } from './cbor.ts';
import { type DerElement, derFields } from './der.ts';
import { readDerIntegerBytes } from './der-values.ts';

const FORMAT = 'webauthn attestation object';
const CERTIFICATES_MAX = 32;
const CREDENTIAL_ID_MAX = 1023; // WebAuthn 7.1 step 26

const FLAG = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backupState: 0x10, attested: 0x40, extensions: 0x80 } as const;

export interface AuthenticatorData {
  readonly rpIdHash: Uint8Array;
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backupState: boolean;
  readonly signCount: number;
  readonly credential:
    | { readonly aaguid: Uint8Array; readonly id: Uint8Array; readonly publicKey: CborMap; readonly publicKeyBytes: Uint8Array }
    | undefined;
  readonly extensions: CborValue;
  readonly bytes: Uint8Array;
}

export interface AttestationObject {
  /** As in `android-key`. */
  readonly format: string;
  readonly statement: CborMap;
  /** COSE algorithm of the statement's signature, as in -7 for ES256. */
  readonly algorithm: number | undefined;
  readonly signature: Uint8Array | undefined;
  /** DER certificates, the credential's first. */
  readonly x5c: readonly Uint8Array[];
  readonly authData: AuthenticatorData;
}

/** Reads an attestation object. Bytes left over, in it or in its authenticator data, are refused. @throws FormatError */
export function readAttestationObject(bytes: Uint8Array, base = 0): Reading<AttestationObject> {
  const { value, oddities } = readCbor(bytes, FORMAT, base);
  const fail = (field: string, detail: string, code: 'bad-value' | 'too-large' = 'bad-value') =>
    new FormatError({ format: FORMAT, field, at: base }, code, detail);
  if (!isCborMap(value)) throw fail('object', 'no CBOR map');
  const format = cborGet(value, 'fmt');
  const statement = cborGet(value, 'attStmt');
  const authData = cborGet(value, 'authData');
  if (typeof format !== 'string') throw fail('fmt', 'no text');
  if (!isCborMap(statement)) throw fail('attStmt', 'no map');
  if (!(authData instanceof Uint8Array)) throw fail('authData', 'no bytes');
  const algorithm = cborGet(statement, 'alg');
  const signature = cborGet(statement, 'sig');
  const x5c = cborGet(statement, 'x5c');
  if (Array.isArray(x5c) && x5c.length > CERTIFICATES_MAX)
    throw fail('attStmt.x5c', `${x5c.length} certificates, ${CERTIFICATES_MAX} is the most`, 'too-large');
  const certificates = Array.isArray(x5c) ? x5c.filter((item) => item instanceof Uint8Array) : [];
  if (Array.isArray(x5c) && certificates.length !== x5c.length) throw fail('attStmt.x5c', 'an element is no bytes');
  const data = readAuthenticatorData(authData, base + authData.byteOffset - bytes.byteOffset);
  return {
    value: {
      format,
      statement,
      algorithm: typeof algorithm === 'number' ? algorithm : undefined,
      signature: signature instanceof Uint8Array ? signature : undefined,
      x5c: certificates,
      authData: data.value,
    },
    oddities: [...oddities, ...data.oddities],
  };
}

/** Reads authenticator data. @throws FormatError */
export function readAuthenticatorData(bytes: Uint8Array, base = 0): Reading<AuthenticatorData> {
  const oddities: Oddity[] = [];
  const cursor = new Cursor(bytes, { format: 'webauthn authenticator data', base, bigEndian: true });
  const rpIdHash = cursor.take('rpIdHash', 32);
  const flags = cursor.u8('flags');
  const signCount = cursor.u32('signCount');
  const item = (field: string): { readonly value: CborValue; readonly bytes: Uint8Array } => {
    const rest = bytes.subarray(cursor.at);
    const read = readCborPrefix(rest, cursor.format, cursor.absolute);
    oddities.push(...read.oddities);
    return { value: read.value, bytes: cursor.take(field, read.end) };
  };
  let credential: AuthenticatorData['credential'];
  if ((flags & FLAG.attested) !== 0) {
    const aaguid = cursor.take('aaguid', 16);
    const length = cursor.u16('credentialIdLength');
    if (length > CREDENTIAL_ID_MAX) throw cursor.error('credentialIdLength', 'too-large', `${length} is above ${CREDENTIAL_ID_MAX}`);
    const id = cursor.take('credentialId', length);
    const key = item('credentialPublicKey');
    if (!isCborMap(key.value)) throw cursor.error('credentialPublicKey', 'bad-value', 'no CBOR map');
    credential = { aaguid, id, publicKey: key.value, publicKeyBytes: key.bytes };
  }
  const extensions = (flags & FLAG.extensions) === 0 ? undefined : item('extensions').value;
  cursor.end('authData');
  return {
    value: {
      rpIdHash,
      userPresent: (flags & FLAG.userPresent) !== 0,
      userVerified: (flags & FLAG.userVerified) !== 0,
      backupEligible: (flags & FLAG.backupEligible) !== 0,
      backupState: (flags & FLAG.backupState) !== 0,
      signCount,
      credential,
      extensions,
      bytes,
    },
    oddities,
  };
}

/** The point of a COSE EC2 key, uncompressed (0x04 x y); undefined where it is another type. */
export function coseEcPoint(key: CborMap): Uint8Array | undefined {
  const x = cborGet(key, -2);
  const y = cborGet(key, -3);
  if (cborGet(key, 1) !== 2 || !(x instanceof Uint8Array) || !(y instanceof Uint8Array)) return undefined;
  const point = new Uint8Array(1 + x.length + y.length);
  point[0] = 4;
  point.set(x, 1);
  point.set(y, 1 + x.length);
  return point;
}

/** Modulus and exponent of a COSE RSA key, big endian without leading zeros; undefined where it is another type. */
export function coseRsaKey(key: CborMap): { readonly modulus: Uint8Array; readonly exponent: Uint8Array } | undefined {
  const modulus = cborGet(key, -1);
  const exponent = cborGet(key, -2);
  if (cborGet(key, 1) !== 3 || !(modulus instanceof Uint8Array) || !(exponent instanceof Uint8Array)) return undefined;
  return { modulus: unsigned(modulus), exponent: unsigned(exponent) };
}

/** The same of an RSAPublicKey in DER. @throws FormatError */
export function rsaKeyOf(element: DerElement): { readonly modulus: Uint8Array; readonly exponent: Uint8Array } {
  const fields = derFields(element, 'RSAPublicKey');
  const modulus = unsigned(readDerIntegerBytes(fields.next('modulus'), 'modulus'));
  return { modulus, exponent: unsigned(readDerIntegerBytes(fields.next('publicExponent'), 'publicExponent')) };
}

function unsigned(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}

/** Writes an attestation object with an `x5c` statement around authenticator data. */
export function writeAttestationObject(parts: {
  readonly format: string;
  readonly algorithm: number;
  readonly signature: Uint8Array;
  readonly x5c: readonly Uint8Array[];
  readonly authData: Uint8Array;
}): Uint8Array {
  const statement: CborMap = {
    kind: 'map',
    entries: [
      ['alg', parts.algorithm],
      ['sig', parts.signature],
      ['x5c', parts.x5c],
    ],
  };
  return writeCbor({
    kind: 'map',
    entries: [
      ['fmt', parts.format],
      ['attStmt', statement],
      ['authData', parts.authData],
    ],
  });
}

/** Writes authenticator data of a new credential with an EC key (`point` is 0x04 x y). */
export function writeAuthenticatorData(parts: {
  readonly rpIdHash: Uint8Array;
  readonly signCount: number;
  readonly credentialId: Uint8Array;
  readonly point: Uint8Array;
  /** Default: somebody present and verified, a credential. */
  readonly flags?: number;
}): Uint8Array {
  const half = (parts.point.length - 1) / 2;
  const key = writeCbor({
    kind: 'map',
    entries: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, parts.point.subarray(1, 1 + half)],
      [-3, parts.point.subarray(1 + half)],
    ],
  });
  const out = new Uint8Array(32 + 1 + 4 + 16 + 2 + parts.credentialId.length + key.length);
  const view = new DataView(out.buffer);
  out.set(parts.rpIdHash, 0);
  out[32] = parts.flags ?? FLAG.userPresent | FLAG.userVerified | FLAG.attested;
  view.setUint32(33, parts.signCount);
  view.setUint16(53, parts.credentialId.length);
  out.set(parts.credentialId, 55);
  out.set(key, 55 + parts.credentialId.length);
  return out;
}
