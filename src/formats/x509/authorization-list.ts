/**
 * AuthorizationList: what a key may do, and what the secure world says of the phone. Part of KeyDescription.
 * Spec: AOSP hardware/interfaces/security/keymint KeyCreationResult.aidl and Tag.aidl (KeyMint 5), and the Keymaster 2 to 4.1 schemas before it.
 * Every element is `[tag] EXPLICIT value`; this table is the schema. Enumerations stay numbers: their meanings are KeyMint's, not the phone's.
 * A tag that is not in the table is kept as bytes; a value that does not parse is left out; both are oddities.
 *
 *   AuthorizationList ::= SEQUENCE {                                 allowWhileOnBody           [506] NULL,
 *     purpose                    [1] SET OF INTEGER,                 trustedUserPresenceReq.    [507] NULL,
 *     algorithm                  [2] INTEGER,                        trustedConfirmationReq.    [508] NULL,
 *     keySize                    [3] INTEGER,                        unlockedDeviceRequired     [509] NULL,
 *     blockMode                  [4] SET OF INTEGER,                 allApplications            [600] NULL,
 *     digest                     [5] SET OF INTEGER,                 applicationId              [601] OCTET STRING,
 *     padding                    [6] SET OF INTEGER,                 creationDateTime           [701] INTEGER,
 *     callerNonce                [7] NULL,                           origin                     [702] INTEGER,
 *     minMacLength               [8] INTEGER,                        rollbackResistant          [703] NULL,
 *     kdf                        [9] SET OF INTEGER,                 rootOfTrust                [704] RootOfTrust,
 *     ecCurve                   [10] INTEGER,                        osVersion                  [705] INTEGER,
 *     mlDsaVariant              [11] INTEGER,                        osPatchLevel               [706] INTEGER,
 *     rsaPublicExponent        [200] INTEGER,                        attestationApplicationId   [709] OCTET STRING,
 *     rsaOaepMgfDigest         [203] SET OF INTEGER,                 attestationIdBrand         [710] OCTET STRING,
 *     rollbackResistance       [303] NULL,                           … Device, Product, Serial, Imei, Meid, Manufacturer, Model [711..717],
 *     earlyBootOnly            [305] NULL,                           vendorPatchLevel           [718] INTEGER,
 *     activeDateTime           [400] INTEGER,                        bootPatchLevel             [719] INTEGER,
 *     originationExpireDateTime[401] INTEGER,                        deviceUniqueAttestation    [720] NULL,
 *     usageExpireDateTime      [402] INTEGER,                        identityCredentialKey      [721] NULL,
 *     usageCountLimit          [405] INTEGER,                        attestationIdSecondImei    [723] OCTET STRING,
 *     userSecureId             [502] INTEGER,                        moduleHash                 [724] OCTET STRING }
 *     noAuthRequired           [503] NULL,
 *     userAuthType             [504] INTEGER,                      RootOfTrust ::= SEQUENCE {
 *     authTimeout              [505] INTEGER,                        verifiedBootKey    OCTET STRING,
 *                                                                    deviceLocked       BOOLEAN,
 *   AttestationApplicationId ::= SEQUENCE {                          verifiedBootState  ENUMERATED,
 *     packageInfos      SET OF SEQUENCE { packageName OCTET STRING,  verifiedBootHash   OCTET STRING OPTIONAL } from version 3
 *                                         version INTEGER },
 *     signatureDigests  SET OF OCTET STRING }
 */
import { concatBytes, FormatError } from '../../bytes/index.ts';
import {
  DER_TAG,
  type DerElement,
  derBytes,
  derChildren,
  derError,
  derExpect,
  derExplicit,
  derFields,
  derOddity,
  readDerInside,
} from './der.ts';
import { readDerBoolean, readDerInteger, readDerNull, readDerNumber, readDerOctets } from './der-values.ts';
import {
  writeDerBoolean,
  writeDerContext,
  writeDerInteger,
  writeDerNull,
  writeDerOctets,
  writeDerSequence,
  writeDerUniversal,
} from './der-write.ts';

/** A list of 256 entries would already be four times the schema. */
const ENTRIES_MAX = 256;

const KEY_ORIGINS = ['GENERATED', 'DERIVED', 'IMPORTED', 'RESERVED', 'SECURELY_IMPORTED'] as const;
export type KeyOrigin = (typeof KEY_ORIGINS)[number];

const BOOT_STATES = ['VERIFIED', 'SELF_SIGNED', 'UNVERIFIED', 'FAILED'] as const;
export type VerifiedBootState = (typeof BOOT_STATES)[number];

/** What the boot loader told the secure world before Android started. */
export interface RootOfTrust {
  /** Usually the SHA-256 of the key that verified boot; empty or zeros where there was none. */
  readonly verifiedBootKey: Uint8Array;
  readonly deviceLocked: boolean;
  readonly verifiedBootState: VerifiedBootState;
  /** The vbmeta digest; absent before attestation version 3. */
  readonly verifiedBootHash: Uint8Array | undefined;
}

/** Who asked for the key, as Android's keystore told the secure world. */
export interface AttestationApplicationId {
  readonly packages: readonly { readonly name: string; readonly version: number | bigint }[];
  /** SHA-256 of the packages' signing certificates. */
  readonly signatures: readonly Uint8Array[];
}

/** A SET OF in the order given: phones do not sort theirs, and what is read must write back the same. */
const writeSetAsGiven = (parts: readonly Uint8Array[]): Uint8Array => writeDerUniversal(DER_TAG.set, concatBytes(parts));

interface Codec<T> {
  readonly tag: number;
  readonly read: (value: DerElement, field: string) => T;
  readonly write: (value: T) => Uint8Array;
}

const integer = (tag: number): Codec<number> => ({
  tag,
  read: (value, field) => readDerNumber(value, field),
  write: (value) => writeDerInteger(value),
});

/** Milliseconds since 1970, or a 64-bit id: not always a safe integer. */
const long = (tag: number): Codec<number | bigint> => ({ tag, read: readLong, write: (value) => writeDerInteger(value) });

const integers = (tag: number): Codec<readonly number[]> => ({
  tag,
  read: (value, field) => derChildren(derExpect(value, field, DER_TAG.set), field).map((item) => readDerNumber(item, field)),
  write: (values) => writeSetAsGiven(values.map((value) => writeDerInteger(value))),
});

const flag = (tag: number): Codec<true> => ({
  tag,
  read: (value, field) => {
    readDerNull(value, field);
    return true;
  },
  write: () => writeDerNull(),
});

const octets = (tag: number): Codec<Uint8Array> => ({ tag, read: readDerOctets, write: writeDerOctets });

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const text = (tag: number): Codec<string> => ({
  tag,
  read: (value, field) => {
    const decoded = utf8.decode(readDerOctets(value, field));
    if (decoded.includes('\ufffd')) derOddity(value.trail, value.start, field, { code: 'malformed-text', detail: 'malformed UTF-8' });
    if (decoded.includes('\u0000')) derOddity(value.trail, value.start, field, { code: 'nul-in-text', detail: 'the text holds a NUL' });
    return decoded;
  },
  write: (value) => writeDerOctets(new TextEncoder().encode(value)),
});

const patchLevel = (tag: number): Codec<number> => ({
  tag,
  read: (value, field) => {
    const level = readDerNumber(value, field);
    if (patchMonth(level) === undefined) {
      derOddity(value.trail, value.start, field, { code: 'patch-level-form', detail: `${level} is neither YYYYMM nor YYYYMMDD` });
    }
    return level;
  },
  write: (value) => writeDerInteger(value),
});

const origin: Codec<KeyOrigin> = {
  tag: 702,
  read: (value, field) => {
    const name = KEY_ORIGINS[readDerNumber(value, field)];
    if (name === undefined) throw derError(value, field, 'bad-value', 'no key origin that KeyMint knows');
    return name;
  },
  write: (value) => writeDerInteger(KEY_ORIGINS.indexOf(value)),
};

const rootOfTrust: Codec<RootOfTrust> = { tag: 704, read: readRootOfTrust, write: writeRootOfTrust };

const applicationId: Codec<AttestationApplicationId> = {
  tag: 709,
  read: (value, field) => {
    derExpect(value, field, DER_TAG.octetString);
    return readApplicationId(readDerInside(value, field), field);
  },
  write: (value) => writeDerOctets(writeApplicationId(value)),
};

/** The schema. Names are those of Google's own JSON of attestations, so that both can be laid side by side. */
const CODECS = {
  purposes: integers(1),
  algorithms: integer(2),
  keySize: integer(3),
  blockModes: integers(4),
  digests: integers(5),
  paddings: integers(6),
  callerNonce: flag(7),
  minMacLength: integer(8),
  kdf: integers(9),
  ecCurve: integer(10),
  mlDsaVariant: integer(11),
  rsaPublicExponent: long(200),
  rsaOaepMgfDigests: integers(203),
  rollbackResistance: flag(303),
  earlyBootOnly: flag(305),
  activeDateTime: long(400),
  originationExpireDateTime: long(401),
  usageExpireDateTime: long(402),
  usageCountLimit: integer(405),
  userSecureId: long(502),
  noAuthRequired: flag(503),
  userAuthType: integer(504),
  authTimeout: integer(505),
  allowWhileOnBody: flag(506),
  trustedUserPresenceRequired: flag(507),
  trustedConfirmationRequired: flag(508),
  unlockedDeviceRequired: flag(509),
  allApplications: flag(600),
  applicationId: octets(601),
  creationDateTime: long(701),
  origin,
  rollbackResistant: flag(703),
  rootOfTrust,
  osVersion: integer(705),
  osPatchLevel: patchLevel(706),
  attestationApplicationId: applicationId,
  attestationIdBrand: text(710),
  attestationIdDevice: text(711),
  attestationIdProduct: text(712),
  attestationIdSerial: text(713),
  attestationIdImei: text(714),
  attestationIdMeid: text(715),
  attestationIdManufacturer: text(716),
  attestationIdModel: text(717),
  vendorPatchLevel: patchLevel(718),
  bootPatchLevel: patchLevel(719),
  deviceUniqueAttestation: flag(720),
  identityCredentialKey: flag(721),
  attestationIdSecondImei: text(723),
  moduleHash: octets(724),
};

type FieldName = keyof typeof CODECS;
type Fields = { readonly [K in FieldName]?: ReturnType<(typeof CODECS)[K]['read']> };

/** A tag that this table does not know. */
export interface UnknownTag {
  readonly tag: number;
  /** DER of the whole element. */
  readonly bytes: Uint8Array;
}

/** One list. A field that the phone did not state is absent: nothing has a default. */
export interface AuthorizationList extends Fields {
  readonly unknownTags?: readonly UnknownTag[];
}

// The keys of an object literal are its field names; the compiler only knows that they are text.
const FIELD_NAMES = Object.keys(CODECS) as FieldName[];
const BY_TAG: ReadonlyMap<number, FieldName> = new Map(FIELD_NAMES.map((name) => [CODECS[name].tag, name]));

/** The field that a KeyMint tag (without its type bits) names. */
export function authorizationField(tag: number): FieldName | undefined {
  return BY_TAG.get(tag);
}

/** Reads one list. @throws FormatError when it is no sequence of context tags */
export function readAuthorizationList(element: DerElement, field: string): AuthorizationList {
  const entries = derChildren(derExpect(element, field, DER_TAG.sequence), field);
  if (entries.length > ENTRIES_MAX) throw derError(element, field, 'too-large', `${entries.length} entries, ${ENTRIES_MAX} is the most`);
  const fields = new Map<FieldName, unknown>();
  const unknownTags: UnknownTag[] = [];
  const seen = new Set<number>();
  let previous = -1;
  for (const entry of entries) {
    const { tag, tagClass, trail, start } = entry;
    if (tagClass !== 'context') throw derError(entry, field, 'bad-value', `${tagClass} tag ${tag}, where context tags were expected`);
    const name = BY_TAG.get(tag);
    const place = `${field}.${name ?? `[${tag}]`}`;
    if (tag < previous) derOddity(trail, start, place, { code: 'tag-order', detail: `tag ${tag} after tag ${previous}` });
    previous = tag;
    if (seen.has(tag)) {
      derOddity(trail, start, place, { code: 'duplicate-tag', detail: `tag ${tag} occurs twice; the first is kept` });
      continue;
    }
    seen.add(tag);
    if (name === undefined) {
      derOddity(trail, start, place, { code: 'unknown-tag', detail: `tag ${tag} is in no schema up to KeyMint 5` });
      unknownTags.push({ tag, bytes: derBytes(entry) });
      continue;
    }
    try {
      fields.set(name, CODECS[name].read(derExplicit(entry, place), place));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      derOddity(trail, start, place, { code: 'malformed-field', detail: error.message });
    }
  }
  // Each name was set to what its own codec read.
  const list = Object.fromEntries(fields) as Fields;
  return unknownTags.length === 0 ? list : { ...list, unknownTags };
}

/** Writes one list, its tags in ascending order; unknown ones after the others. */
export function writeAuthorizationList(list: AuthorizationList): Uint8Array {
  const parts = FIELD_NAMES.flatMap((name) => {
    const value = list[name];
    if (value === undefined) return [];
    // The value under a name is of that name's codec; the compiler cannot follow the pair through the loop.
    const write = CODECS[name].write as (value: unknown) => Uint8Array;
    return [writeDerContext(CODECS[name].tag, [write(value)])];
  });
  return writeDerSequence([...parts, ...(list.unknownTags ?? []).map(({ bytes }) => bytes)]);
}

function readLong(value: DerElement, field: string): number | bigint {
  const wide = readDerInteger(value, field);
  const number = Number(wide);
  return Number.isSafeInteger(number) ? number : wide;
}

function readRootOfTrust(element: DerElement, field: string): RootOfTrust {
  const fields = derFields(derExpect(element, field, DER_TAG.sequence), field);
  const verifiedBootKey = readDerOctets(fields.next('verifiedBootKey'), `${field}.verifiedBootKey`);
  const deviceLocked = readDerBoolean(fields.next('deviceLocked'), `${field}.deviceLocked`);
  const state = fields.next('verifiedBootState');
  const verifiedBootState = BOOT_STATES[readDerNumber(state, `${field}.verifiedBootState`, DER_TAG.enumerated)];
  if (verifiedBootState === undefined) throw derError(state, `${field}.verifiedBootState`, 'bad-value', 'no boot state that KeyMint knows');
  const hash = fields.optional('verifiedBootHash', 'universal', DER_TAG.octetString);
  const [left] = fields.rest();
  if (left !== undefined) derOddity(element.trail, left.start, field, { code: 'trailing', detail: 'fields after the root of trust' });
  return {
    verifiedBootKey,
    deviceLocked,
    verifiedBootState,
    verifiedBootHash: hash === undefined ? undefined : readDerOctets(hash, `${field}.verifiedBootHash`),
  };
}

function writeRootOfTrust(root: RootOfTrust): Uint8Array {
  return writeDerSequence([
    writeDerOctets(root.verifiedBootKey),
    writeDerBoolean(root.deviceLocked),
    writeDerInteger(BOOT_STATES.indexOf(root.verifiedBootState), DER_TAG.enumerated),
    ...(root.verifiedBootHash === undefined ? [] : [writeDerOctets(root.verifiedBootHash)]),
  ]);
}

/** Reads an AttestationApplicationId. @throws FormatError */
export function readApplicationId(element: DerElement, field: string): AttestationApplicationId {
  const fields = derFields(derExpect(element, field, DER_TAG.sequence), field);
  const infos = derChildren(derExpect(fields.next('packageInfos'), field, DER_TAG.set), `${field}.packageInfos`);
  const digests = derChildren(derExpect(fields.next('signatureDigests'), field, DER_TAG.set), `${field}.signatureDigests`);
  return {
    packages: infos.map((info) => {
      const parts = derFields(derExpect(info, field, DER_TAG.sequence), `${field}.packageInfos`);
      const name = utf8.decode(readDerOctets(parts.next('packageName'), `${field}.packageName`));
      return { name, version: readLong(parts.next('version'), `${field}.version`) };
    }),
    signatures: digests.map((digest) => readDerOctets(digest, `${field}.signatureDigests`)),
  };
}

function writeApplicationId(id: AttestationApplicationId): Uint8Array {
  const encoder = new TextEncoder();
  return writeDerSequence([
    writeSetAsGiven(
      id.packages.map(({ name, version }) => writeDerSequence([writeDerOctets(encoder.encode(name)), writeDerInteger(version)])),
    ),
    writeSetAsGiven(id.signatures.map(writeDerOctets)),
  ]);
}

/** The month of a patch level, as in `2024-08`; undefined where it is neither YYYYMM nor YYYYMMDD. A day of 00 occurs on genuine phones. */
export function patchMonth(level: number): string | undefined {
  const match = /^(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])?$/.exec(String(level));
  return match === null ? undefined : `${match[1]}-${match[2]}`;
}

/** The origin and boot state of the EAT form, which has numbers where DER has enumerations. */
export const keyOriginOf = (value: number): KeyOrigin | undefined => KEY_ORIGINS[value];
