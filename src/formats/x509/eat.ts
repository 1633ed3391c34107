/**
 * The EAT form of an attestation, 1.3.6.1.4.1.11129.2.1.25: the same statement as KeyDescription, in CBOR.
 * Spec: AOSP system/keymaster include/keymaster/km_openssl/attestation_record.h (Keymaster 4.1 reference), draft-ietf-rats-eat.
 * Few phones ever shipped it. Claims that neither list knows are kept as oddities.
 *
 *   -75008 nonce   7 cti (unique id)   -76002 security level 1 software, 3 TEE, 4 StrongBox   -76003 boot state [5 booleans]
 *   -76000 submods { "software": { … }, "tee": { … } }, claims -80000 - KeyMint tag
 *   -82001 verified boot key   -82002 device locked   -82003 verified boot hash   -82004 attestation version   -82005 Keymaster version   -82006 official build
 */
import { FormatError, type Oddity, type Reading } from '../../bytes/index.ts';
import {
  type AuthorizationList,
  authorizationField,
  keyOriginOf,
  type RootOfTrust,
  readApplicationId,
  type VerifiedBootState,
} from './authorization-list.ts';
import { type CborMap, type CborValue, cborGet, isCborMap, readCbor } from './cbor.ts';
import { derTrail, readDer } from './der.ts';
import type { KeyDescription, SecurityLevel } from './key-description.ts';

const FORMAT = 'android eat attestation';
const CLAIM = {
  iat: 6,
  cti: 7,
  nonce: -75008,
  ueid: -75009,
  submods: -76000,
  securityLevel: -76002,
  bootState: -76003,
  keyMint: -80000,
  verifiedBootKey: -82001,
  deviceLocked: -82002,
  verifiedBootHash: -82003,
  attestationVersion: -82004,
  keymasterVersion: -82005,
  officialBuild: -82006,
} as const;
const LEVELS: Readonly<Record<number, SecurityLevel>> = { 1: 'SOFTWARE', 3: 'TRUSTED_ENVIRONMENT', 4: 'STRONG_BOX' };

/** Reads the CBOR of an EAT attestation as the KeyDescription it stands for. @throws FormatError */
export function readEatDescription(bytes: Uint8Array, base = 0): Reading<KeyDescription> {
  const { value, oddities } = readCbor(bytes, FORMAT, base);
  const fail = (field: string, detail: string) => new FormatError({ format: FORMAT, field, at: base }, 'bad-value', detail);
  if (!isCborMap(value)) throw fail('claims', 'no CBOR map');
  const notes: Oddity[] = [...oddities];
  const level = LEVELS[numberOf(cborGet(value, CLAIM.securityLevel)) ?? -1];
  if (level === undefined) throw fail('security-level', 'no security level that the draft knows');
  const attestationVersion = numberOf(cborGet(value, CLAIM.attestationVersion));
  const keyMintVersion = numberOf(cborGet(value, CLAIM.keymasterVersion));
  if (attestationVersion === undefined || keyMintVersion === undefined) throw fail('attestation-version', 'a version is missing');
  const nonce = cborGet(value, CLAIM.nonce);
  if (!(nonce instanceof Uint8Array)) throw fail('nonce', 'no challenge');
  const cti = cborGet(value, CLAIM.cti);
  const submods = cborGet(value, CLAIM.submods);
  const list = (name: string): AuthorizationList => {
    const map = submods !== undefined && isCborMap(submods) ? cborGet(submods, name) : undefined;
    return map !== undefined && isCborMap(map) ? readSubmod(map, `submods.${name}`, { base, notes }) : {};
  };
  const hardware = list('tee');
  const root = rootOfTrustOf(value, fail);
  return {
    value: {
      attestationVersion,
      attestationSecurityLevel: level,
      keyMintVersion,
      keyMintSecurityLevel: level,
      attestationChallenge: nonce,
      uniqueId: cti instanceof Uint8Array ? cti : new Uint8Array(0),
      softwareEnforced: list('software'),
      hardwareEnforced: root === undefined ? hardware : { ...hardware, rootOfTrust: root },
    },
    oddities: notes,
  };
}

function numberOf(value: CborValue): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Boot state: [secure boot, debug disabled, debug disabled since boot, debug permanently disabled, debug full permanently disabled]. */
function rootOfTrustOf(claims: CborMap, fail: (field: string, detail: string) => FormatError): RootOfTrust | undefined {
  const key = cborGet(claims, CLAIM.verifiedBootKey);
  const locked = cborGet(claims, CLAIM.deviceLocked);
  const state = cborGet(claims, CLAIM.bootState);
  if (!(key instanceof Uint8Array) || typeof locked !== 'boolean' || !Array.isArray(state)) return undefined;
  const [secureBoot] = state;
  if (typeof secureBoot !== 'boolean') throw fail('boot-state', 'no booleans');
  const official = cborGet(claims, CLAIM.officialBuild) === true;
  if (official && !secureBoot) throw fail('boot-state', 'an official build that was not verified');
  const verifiedBootState: VerifiedBootState = official ? 'VERIFIED' : secureBoot ? 'SELF_SIGNED' : 'UNVERIFIED';
  const hash = cborGet(claims, CLAIM.verifiedBootHash);
  return { verifiedBootKey: key, deviceLocked: locked, verifiedBootState, verifiedBootHash: hash instanceof Uint8Array ? hash : undefined };
}

interface Place {
  readonly base: number;
  readonly notes: Oddity[];
}

function readSubmod(map: CborMap, field: string, { base, notes }: Place): AuthorizationList {
  const fields = new Map<string, unknown>();
  for (const [claim, value] of map.entries) {
    const name = typeof claim === 'number' ? authorizationField(CLAIM.keyMint - claim) : undefined;
    const read = name === undefined ? undefined : submodValue(name, value, base);
    if (name === undefined || read === undefined) {
      if (claim !== CLAIM.securityLevel && notes.length < 256) {
        notes.push({
          format: FORMAT,
          field,
          at: base,
          code: 'unknown-claim',
          detail: `claim ${typeof claim === 'object' ? 'of another type' : String(claim)} is not read`,
        });
      }
    } else if (!fields.has(name)) fields.set(name, read);
  }
  // submodValue gives each name the type that the table has for it.
  return Object.fromEntries(fields) as AuthorizationList;
}

/** The value of a claim as the table types it; undefined where it is of another type. */
function submodValue(name: string, value: CborValue, base: number): unknown {
  if (name === 'origin') return typeof value === 'number' ? keyOriginOf(value) : undefined;
  if (name === 'rootOfTrust') return undefined;
  if (name === 'attestationApplicationId') {
    if (!(value instanceof Uint8Array)) return undefined;
    try {
      return readApplicationId(readDer(value, derTrail(FORMAT, base)), name);
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }
  if (value === true) return true;
  if (name.startsWith('attestationId')) return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
  if (['purposes', 'blockModes', 'digests', 'paddings', 'kdf', 'rsaOaepMgfDigests'].includes(name)) {
    return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined;
  }
  if (name === 'applicationId' || name === 'moduleHash') return value instanceof Uint8Array ? value : undefined;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}
