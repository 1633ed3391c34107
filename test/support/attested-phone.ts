/** A phone whose secure world answered, as facts: honest in every piece, with whatever a test takes away. Chains are signed by keys of a forged world. */
import type { Instant } from '../../src/bytes/index.ts';
import { type AnswerTrust, givenAnchor, parseStatusList, verifyAnswers } from '../../src/checks/attestation/index.ts';
import { allChecks, type CheckContext, type CheckResults, runChecks } from '../../src/checks/index.ts';
import type { AttestationAnswer, CaptureTrust, Claims, Fact, History, Sighting } from '../../src/evidence/index.ts';
import { type AttestationWorld, forgeStatusList, forgeWorld } from '../../src/forge/cert.ts';
import type { PhoneSecureWorld } from '../../src/forge/phone.ts';
import { answerOf } from '../../src/forge/secure-world.ts';
import { webKeys } from '../../src/forge/web-keys.ts';
import { readCertificate } from '../../src/formats/x509/index.ts';
import { builtinKnowledge } from '../../src/knowledge/index.ts';
import type { Reference } from '../../src/references/index.ts';
import { fact, properties } from './check-facts.ts';
import { hash, verify } from './ports.ts';

export const makeAttestationWorld = (): Promise<AttestationWorld> => forgeWorld(webKeys);

export const NOW: Instant = '2026-01-31T12:00:00Z';
const FINGERPRINT = 'google/akita/akita:15/BP1A.250505.005/13277524:user/release-keys';
export const BOOT_KEY = '5a'.repeat(32);
const BOOT_HASH = '07'.repeat(32);
const NONCE = new Uint8Array(32).fill(0x17);

/** What the secure world of a Pixel 8a that nobody changed signs. */
export const HONEST: PhoneSecureWorld = {
  level: 'TRUSTED_ENVIRONMENT',
  issuer: 'remote',
  attestationVersion: 300,
  verifiedBootState: 'VERIFIED',
  deviceLocked: true,
  verifiedBootKey: BOOT_KEY,
  verifiedBootHash: BOOT_HASH,
  osVersion: 150_000,
  osPatchLevel: 202_505,
  vendorPatchLevel: 20_250_505,
  bootPatchLevel: 20_250_505,
  ids: {
    serial: '4A011FDJG000AB',
    imei: '490154203237518',
    brand: 'google',
    device: 'akita',
    product: 'akita',
    manufacturer: 'Google',
    model: 'Pixel 8a',
  },
};

const PROPERTIES: Readonly<Record<string, string>> = {
  'ro.product.brand': 'google',
  'ro.product.device': 'akita',
  'ro.product.name': 'akita',
  'ro.product.manufacturer': 'Google',
  'ro.product.model': 'Pixel 8a',
  'ro.serialno': '4A011FDJG000AB',
  'ro.build.type': 'user',
  'ro.build.tags': 'release-keys',
  'ro.build.fingerprint': FINGERPRINT,
  'ro.build.version.release': '15',
  'ro.build.version.sdk': '35',
  'ro.build.version.security_patch': '2025-05-05',
  'ro.vendor.build.security_patch': '2025-05-05',
  'ro.boot.verifiedbootstate': 'green',
  'ro.boot.flash.locked': '1',
  'ro.boot.vbmeta.device_state': 'locked',
};

export const FASTBOOT: readonly (readonly [string, string])[] = [
  ['product', 'akita'],
  ['serialno', '4A011FDJG000AB'],
  ['unlocked', 'no'],
  ['secure', 'yes'],
  ['is-userspace', 'no'],
];

/** The maker's build, vouched for. */
export const REFERENCE: Reference = {
  manifest: {
    format: 'assay.manifest/1',
    identity: { 'build.fingerprint': FINGERPRINT },
    partitions: [
      {
        name: 'vbmeta',
        size: 4096,
        sha256: '11'.repeat(32),
        rootDigest: null,
        avb: { by: 'root', in: null, outcome: 'intact', because: 'its signature holds', keySha256: BOOT_KEY, rollbackIndex: '0' },
      },
    ],
    files: [],
    apks: [],
    vbmetaDigest: BOOT_HASH,
  },
  digest: '00'.repeat(32),
  vouched: 'maker-signature',
  label: 'release',
  provenance: { made: 'image', sources: [], signatures: [], vouched: 'maker-signature', label: 'release' },
};

/** What a test changes of the honest phone. */
export interface PhoneParts {
  readonly secure?: Partial<PhoneSecureWorld>;
  /** The secure world that answers in its place. */
  readonly ids?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly fastboot?: readonly (readonly [string, string])[] | undefined;
  readonly answer?: Partial<AttestationAnswer>;
  readonly references?: readonly Reference[];
  readonly claims?: Claims;
  readonly trust?: CaptureTrust;
  readonly history?: readonly Partial<Sighting>[];
  readonly more?: readonly Fact[];
  readonly verifier?: Partial<AnswerTrust>;
  /** No attestation at all. */
  readonly silent?: boolean;
  /** A second answer, to the question for StrongBox: what differs there, or why there is none. */
  readonly strongBox?: Partial<PhoneSecureWorld> | string;
}

/** The context of a phone, its chains verified, with a carrier that counts as proven unless the test says otherwise. */
export async function attestedContext(world: AttestationWorld, parts: PhoneParts = {}): Promise<CheckContext> {
  const question = { challenge: NONCE, ids: parts.ids ?? ['serial', 'imei', 'properties'], package: 'com.android.shell' };
  const chain = (await answerOf(world, { ...HONEST, ...parts.secure }, question, NOW)) ?? [];
  const answer: AttestationAnswer = {
    carrier: 'adb',
    label: 'serial+imei+properties',
    nonce: NONCE,
    idsAsked: ['serial', 'imei', 'properties'],
    chain,
    refusal: chain.length === 0 ? 'it refused' : undefined,
    webauthn: undefined,
    unexamined: undefined,
    askedAt: NOW,
    answeredAt: NOW,
    leaves: [],
    canBind: true,
    triedOn: [],
    place: { artefact: 'attestation-adb.json', at: 0, length: 1 },
    ...parts.answer,
  };
  const box = parts.strongBox;
  const second: AttestationAnswer | undefined =
    box === undefined
      ? undefined
      : {
          ...answer,
          label: 'strongbox+serial+imei+properties',
          chain:
            typeof box === 'string'
              ? []
              : ((await answerOf(world, { ...HONEST, level: 'STRONG_BOX', issuer: 'factory', ...box }, question, NOW)) ?? []),
          refusal: typeof box === 'string' ? box : undefined,
        };
  const variables = 'fastboot' in parts ? parts.fastboot : FASTBOOT;
  const userspace = variables?.find(([name]) => name === 'is-userspace')?.[1];
  const list: readonly Fact[] = [
    properties({ ...PROPERTIES, ...parts.properties }),
    ...(variables === undefined
      ? []
      : [fact('fastboot', { userspace: userspace === undefined ? undefined : userspace === 'yes', variables }, 'shown')]),
    ...(parts.silent === true ? [] : [fact('attestation', answer, 'signed')]),
    ...(second === undefined ? [] : [fact('attestation', second, 'signed')]),
    ...(parts.more ?? []),
  ];
  const facts = { list, unread: [] };
  const trust: AnswerTrust = {
    roots: [givenAnchor(readCertificate(world.root.der).value, 0)],
    status: parseStatusList(forgeStatusList({}), NOW).value,
    provenCarriers: ['adb'],
    ...parts.verifier,
  };
  return {
    facts,
    claims: parts.claims ?? { model: 'Pixel 8a', radios: 'off' },
    trust: parts.trust ?? 'live',
    knowledge: builtinKnowledge,
    references: parts.references ?? [REFERENCE],
    history: {
      sightings: (parts.history ?? []).map((seen) => ({
        at: '2025-12-01T00:00:00Z',
        source: 'earlier',
        trust: 'live',
        imeis: [],
        serials: [],
        brand: undefined,
        model: undefined,
        fingerprint: undefined,
        ...seen,
      })),
    } satisfies History,
    asOf: NOW,
    attestations: await verifyAnswers(facts, trust, { hash, verify }, NOW),
  };
}

/** Everything that all checks make of it. */
export const attestedResults = async (world: AttestationWorld, parts: PhoneParts = {}): Promise<CheckResults> =>
  runChecks(allChecks, await attestedContext(world, parts));
