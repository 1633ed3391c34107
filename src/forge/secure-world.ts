/** The secure worlds of virtual phones: what an honest one swears to by the phone's own properties, and the chain that any one gives when it is asked. */
import { type Instant, instantMs, instantOf, parseHex } from '../bytes/index.ts';
import type { KeyDescription } from '../formats/x509/index.ts';
import { type AttestationWorld, attest, factoryName, honestDescription, issue, provision } from './cert.ts';
import type { PhoneSecureWorld, VirtualPhone } from './phone.ts';

/** Of the one certificate that the forged world's list has revoked. */
export const REVOKED_SERIAL = 'dead0001';

/** What an attestation is asked for. */
export interface SecureWorldQuestion {
  readonly challenge: Uint8Array;
  /** As in `serial`, `imei`, `meid`, `properties`. */
  readonly ids: readonly string[];
  /** Who asks, for the software-enforced list. */
  readonly package: string;
  /** Of the secure element, where the phone has one. */
  readonly strongBox?: boolean;
}

const number = (text: string | undefined): number => Number((text ?? '').replaceAll(/\D/g, ''));

/** The secure world of a phone that its maker built and nobody changed, by its properties. The boot key is of no maker: give the one that the model has. */
export function honestSecureWorld(phone: VirtualPhone, verifiedBootKey = '5a'.repeat(32)): PhoneSecureWorld {
  const { properties, identifiers } = phone;
  const [major = 0, minor = 0] = phone.release.split('.').map(Number);
  const month = number(properties['ro.build.version.security_patch']?.slice(0, 7));
  const [imei, secondImei] = identifiers.imeis;
  const say = (key: string) => properties[`ro.product.${key}_for_attestation`] ?? properties[`ro.product.${key}`];
  const ids = {
    serial: identifiers.serial,
    imei,
    secondImei,
    brand: say('brand'),
    device: say('device'),
    product: say('name'),
    manufacturer: say('manufacturer'),
    model: say('model'),
  };
  return {
    level: 'TRUSTED_ENVIRONMENT',
    issuer: phone.sdk >= 33 ? 'remote' : 'factory',
    attestationVersion: phone.sdk >= 34 ? 300 : phone.sdk >= 33 ? 200 : phone.sdk >= 31 ? 100 : 3,
    verifiedBootState: 'VERIFIED',
    deviceLocked: true,
    verifiedBootKey,
    verifiedBootHash: properties['ro.boot.vbmeta.digest'] ?? '07'.repeat(32),
    osVersion: major * 10_000 + minor * 100,
    osPatchLevel: month,
    vendorPatchLevel: month * 100 + 5,
    bootPatchLevel: month * 100 + 5,
    // A phone that says nothing of a property was provisioned with nothing of it.
    ids: Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined && value !== '')),
  };
}

const LEVELS = { SOFTWARE: 'SOFTWARE', TRUSTED_ENVIRONMENT: 'TRUSTED_ENVIRONMENT', STRONG_BOX: 'STRONG_BOX' } as const;
const hex = (text: string): Uint8Array => parseHex(text) ?? new Uint8Array(0);

/** What a secure world signs for a question; undefined where it was never given an ID that it is asked for. */
function descriptionOf(secure: PhoneSecureWorld, question: SecureWorldQuestion, at: number): KeyDescription | undefined {
  const { ids } = secure;
  const properties = question.ids.includes('properties');
  if (question.ids.includes('serial') && ids.serial === undefined) return undefined;
  if (question.ids.includes('imei') && ids.imei === undefined) return undefined;
  if (question.ids.includes('meid') && ids.meid === undefined) return undefined;
  if (properties && (ids.brand === undefined || ids.model === undefined)) return undefined;
  const honest = honestDescription(secure.replays === undefined ? question.challenge : hex(secure.replays));
  const given = Object.entries({
    attestationIdSerial: question.ids.includes('serial') ? ids.serial : undefined,
    attestationIdImei: question.ids.includes('imei') ? ids.imei : undefined,
    attestationIdSecondImei: question.ids.includes('imei') && secure.attestationVersion >= 300 ? ids.secondImei : undefined,
    attestationIdMeid: question.ids.includes('meid') ? ids.meid : undefined,
    attestationIdBrand: properties ? ids.brand : undefined,
    attestationIdDevice: properties ? ids.device : undefined,
    attestationIdProduct: properties ? ids.product : undefined,
    attestationIdManufacturer: properties ? ids.manufacturer : undefined,
    attestationIdModel: properties ? ids.model : undefined,
  }).filter(([, value]) => value !== undefined);
  const hardware = {
    ...honest.hardwareEnforced,
    ...Object.fromEntries(given),
    rootOfTrust: {
      verifiedBootKey: hex(secure.verifiedBootKey),
      deviceLocked: secure.deviceLocked,
      verifiedBootState: secure.verifiedBootState,
      verifiedBootHash: hex(secure.verifiedBootHash),
    },
    osVersion: secure.osVersion,
    osPatchLevel: secure.osPatchLevel,
    vendorPatchLevel: secure.vendorPatchLevel,
    bootPatchLevel: secure.bootPatchLevel,
  };
  const software = secure.level === 'SOFTWARE';
  return {
    ...honest,
    attestationVersion: secure.attestationVersion,
    keyMintVersion: secure.attestationVersion === 3 ? 4 : secure.attestationVersion,
    attestationSecurityLevel: LEVELS[secure.level],
    keyMintSecurityLevel: LEVELS[secure.level],
    softwareEnforced: {
      creationDateTime: at,
      attestationApplicationId: { packages: [{ name: question.package, version: 1 }], signatures: [] },
      ...(software ? hardware : {}),
    },
    hardwareEnforced: software ? {} : hardware,
  };
}

/** The chain of a phone's answer, DER, target first; undefined where the secure world refuses. `at`: the world's moment. */
export async function answerOf(
  world: AttestationWorld,
  asked: PhoneSecureWorld,
  question: SecureWorldQuestion,
  at: Instant,
): Promise<readonly Uint8Array[] | undefined> {
  const secure: PhoneSecureWorld = question.strongBox === true ? { ...asked, level: 'STRONG_BOX', ...asked.strongBox } : asked;
  const description = descriptionOf(secure, question, instantMs(at));
  if (description === undefined) return undefined;
  const level = secure.level === 'STRONG_BOX' ? 'StrongBox' : 'TEE';
  const top = secure.level === 'STRONG_BOX' ? world.strongBox : world.factory;
  switch (secure.issuer) {
    case 'factory':
      return ders(await attest(world, top.batch, description), top.batch, top.intermediate, world.root);
    case 'laundered': {
      const middle = await attest(world, top.batch, description);
      return ders(await attest(world, middle, description), middle, top.batch, top.intermediate, world.root);
    }
    case 'remote':
    case 'expired':
    case 'revoked': {
      const [from, to] = secure.issuer === 'expired' ? [-60, -30] : [-15, 15];
      const own = await provision(world, level, {
        notBefore: shifted(at, from),
        notAfter: shifted(at, to),
        ...(secure.issuer === 'revoked' ? { serial: REVOKED_SERIAL } : {}),
      });
      return ders(await attest(world, own, description), own, world.remote.server, world.remote.upper, world.root);
    }
    case 'strangers': {
      const batch = await issue({
        issuer: world.strangers,
        subject: factoryName(level, '66600001'),
        key: await world.makeKey(),
        serial: '6601',
        extensions: world.authority,
      });
      return ders(await attest(world, batch, description), batch, world.strangers);
    }
  }
}

const ders = (...issued: readonly { readonly der: Uint8Array }[]) => issued.map(({ der }) => der);

const DAY_MS = 86_400_000;
const shifted = (at: Instant, days: number): Instant => instantOf(instantMs(at) + days * DAY_MS);
