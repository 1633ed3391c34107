/**
 * Chains with one thing wrong each (or nothing), and what must be said of them.
 * The first part are the cases that Google's verifier tests itself with, named as there; the second part are attacks on the rules that it lacks.
 */
import type { Instant } from '../bytes/index.ts';
import type { RuleId } from '../checks/attestation/index.ts';
import {
  derBody,
  derTrail,
  type KeyDescription,
  PROVISIONING_INFO_OID,
  readDer,
  writeAuthorizationList,
  writeBasicConstraints,
  writeDerContext,
  writeDerInteger,
  writeDerNull,
  writeDerOctets,
  writeDerSequence,
  writeKeyDescription,
  writeKeyUsage,
} from '../formats/x509/index.ts';
import {
  type AttestationWorld,
  attest,
  commonName,
  factoryName,
  forgeStatusList,
  honestDescription,
  type Issued,
  issue,
  provision,
  statementExtension,
} from './cert.ts';

export const RECIPE_AT: Instant = '2025-06-01T00:00:00Z';
export const RECIPE_CHALLENGE = new TextEncoder().encode('forged challenge');

export interface ForgedChain {
  /** DER, target first. */
  readonly chain: readonly Uint8Array[];
  /** DER of the root to trust; default: the world's. */
  readonly root?: Uint8Array;
  /** A status list in JSON. */
  readonly status?: string;
}

export interface ChainRecipe {
  readonly name: string;
  readonly trusted: boolean;
  /** Rules that must fail; with `trusted`, only reported ones. */
  readonly fails: readonly RuleId[];
  readonly make: (world: AttestationWorld) => Promise<ForgedChain>;
}

const honest = () => honestDescription(RECIPE_CHALLENGE);
const strongBox = (): KeyDescription => ({ ...honest(), attestationSecurityLevel: 'STRONG_BOX', keyMintSecurityLevel: 'STRONG_BOX' });

/** An honest description with hardware-enforced fields changed. */
const withHardware = (change: Partial<KeyDescription['hardwareEnforced']>): KeyDescription => ({
  ...honest(),
  hardwareEnforced: { ...honest().hardwareEnforced, ...change },
});

function withoutHardware(name: keyof KeyDescription['hardwareEnforced']): KeyDescription {
  const { [name]: _gone, ...rest } = honest().hardwareEnforced;
  return { ...honest(), hardwareEnforced: rest };
}

/** The honest description with an element appended to the hardware list as it is, out of order or unknown. */
function withAppended(element: Uint8Array): Uint8Array {
  const list = writeAuthorizationList(honest().hardwareEnforced);
  return withHardwareList(writeDerSequence([bodyOf(list), element]));
}

/** The honest description with its hardware list replaced by any DER. */
function withHardwareList(list: Uint8Array): Uint8Array {
  const own = writeAuthorizationList(honest().hardwareEnforced);
  const body = bodyOf(writeKeyDescription(honest()));
  return writeDerSequence([body.subarray(0, body.length - own.length), list]);
}

const bodyOf = (der: Uint8Array): Uint8Array => derBody(readDer(der, derTrail('forge')));

const ders = (...issued: readonly Issued[]) => issued.map(({ der }) => der);
const factoryTop = (world: AttestationWorld) => [world.factory.batch, world.factory.intermediate, world.root] as const;

/** A factory chain around a statement. */
const factory =
  (statement: () => KeyDescription | Uint8Array, status?: string) =>
  async (world: AttestationWorld): Promise<ForgedChain> => ({
    chain: ders(await attest(world, world.factory.batch, statement()), ...factoryTop(world)),
    ...(status === undefined ? {} : { status }),
  });

const CERTIFY = [writeBasicConstraints({ ca: true }), writeKeyUsage('certify')];

/** A batch certificate with a serial number of its own, below the factory's intermediate. */
const batchWith = async (world: AttestationWorld, serial: string) =>
  issue({
    issuer: world.factory.intermediate,
    subject: factoryName('TEE', '10000009'),
    key: await world.makeKey(),
    serial,
    extensions: CERTIFY,
  });

const revoked =
  (serial: string, listed: string, status: 'REVOKED' | 'SUSPENDED' = 'REVOKED') =>
  async (world: AttestationWorld): Promise<ForgedChain> => {
    const batch = await batchWith(world, serial);
    return {
      chain: ders(await attest(world, batch, honest()), batch, world.factory.intermediate, world.root),
      status: forgeStatusList({ [listed]: status }),
    };
  };

const GOOGLES: readonly ChainRecipe[] = [
  { name: 'noLeaf', trusted: false, fails: ['statement'], make: async (world) => ({ chain: ders(...factoryTop(world)) }) },
  {
    name: 'extended',
    trusted: false,
    fails: ['chain-position'],
    make: async (world) => {
      const target = await attest(world, world.factory.batch, honest());
      return { chain: ders(await attest(world, target, honest()), target, ...factoryTop(world)) };
    },
  },
  {
    name: 'certAfterTarget',
    trusted: false,
    fails: ['chain-position', 'statement'],
    make: async (world) => {
      const target = await attest(world, world.factory.batch, honest());
      const after = await attest(world, target, honest(), { extensions: [], subject: commonName('Random leaf after the leaf') });
      return { chain: ders(after, target, ...factoryTop(world)) };
    },
  },
  { name: 'validFactory', trusted: true, fails: [], make: factory(honest) },
  {
    name: 'validStrongboxFactory',
    trusted: true,
    fails: [],
    make: async (world) => ({
      chain: ders(await attest(world, world.strongBox.batch, strongBox()), world.strongBox.batch, world.strongBox.intermediate, world.root),
    }),
  },
  { name: 'teeIntermediateWithStrongBoxAttributes', trusted: false, fails: ['security-level'], make: factory(strongBox) },
  {
    name: 'strongBoxIntermediateWithTeeAttributes',
    trusted: false,
    fails: ['security-level'],
    make: async (world) => ({
      chain: ders(await attest(world, world.strongBox.batch, honest()), world.strongBox.batch, world.strongBox.intermediate, world.root),
    }),
  },
  { name: 'validRKP', trusted: true, fails: [], make: (world) => remote(world, {}) },
  {
    name: 'validStrongBoxRKP',
    trusted: true,
    fails: [],
    make: async (world) => {
      const own = await provision(world, 'StrongBox');
      return { chain: ders(await attest(world, own, strongBox()), own, world.remote.server, world.remote.upper, world.root) };
    },
  },
  {
    name: 'wrongTrustAnchor',
    trusted: false,
    fails: ['chain-anchor'],
    make: async (world) => {
      const intermediate = await issue({
        issuer: world.strangers,
        subject: factoryName('TEE', '10000001'),
        key: world.factory.intermediate.key,
        serial: '1001',
        extensions: CERTIFY,
      });
      return { chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, intermediate, world.strangers) };
    },
  },
  {
    name: 'invalidBootPatchLevel',
    trusted: true,
    fails: ['patch-levels', 'encoding'],
    make: factory(() => withHardware({ bootPatchLevel: 20_000_000 })),
  },
  {
    name: 'invalidVendorPatchLevel',
    trusted: true,
    fails: ['patch-levels', 'encoding'],
    make: factory(() => withHardware({ vendorPatchLevel: 1_234_567 })),
  },
  {
    name: 'invalidOsPatchLevel',
    trusted: true,
    fails: ['patch-levels', 'encoding'],
    make: factory(() => withHardware({ osPatchLevel: 0 })),
  },
  { name: 'unorderedTags', trusted: true, fails: ['encoding'], make: factory(() => withAppended(writeDerContext(303, [writeDerNull()]))) },
  {
    name: 'unknownTag',
    trusted: false,
    fails: ['statement-tags'],
    make: factory(() => withAppended(writeDerContext(1000, [writeDerInteger(2048)]))),
  },
  { name: 'unparseableExtension', trusted: false, fails: ['statement'], make: factory(() => Uint8Array.of(0x42, 0x42)) },
  {
    name: 'missingExtension',
    trusted: false,
    fails: ['statement'],
    make: async (world) => ({ chain: ders(await attest(world, world.factory.batch, honest(), { extensions: [] }), ...factoryTop(world)) }),
  },
  { name: 'missingRootOfTrust', trusted: false, fails: ['root-of-trust'], make: factory(() => withoutHardware('rootOfTrust')) },
  { name: 'importedOrigin', trusted: false, fails: ['key-origin'], make: factory(() => withHardware({ origin: 'IMPORTED' })) },
  {
    name: 'mismatchedSecurityLevels',
    trusted: false,
    fails: ['security-level'],
    make: factory(() => ({ ...honest(), attestationSecurityLevel: 'SOFTWARE' })),
  },
  {
    name: 'malformedProvisioningInfo',
    trusted: true,
    fails: ['provisioning-info'],
    make: (world) =>
      remote(world, { extensions: [...CERTIFY, { oid: PROVISIONING_INFO_OID, critical: false, value: writeDerInteger(1_234_567) }] }),
  },
  { name: 'revoked serial 42', trusted: false, fails: ['revocation'], make: revoked('2a', '2a') },
  {
    name: 'revoked serial 8000000000000',
    trusted: false,
    fails: ['revocation'],
    make: revoked((8_000_000_000_000).toString(16), '0746a5288000'),
  },
  {
    name: 'revoked long serial, listed in capitals',
    trusted: false,
    fails: ['revocation'],
    make: revoked('c35747a084470c3135aeefe2b8d40cd6', 'C35747A084470C3135AEEFE2B8D40CD6'),
  },
  {
    name: 'revoked serial of odd length that looks decimal',
    trusted: false,
    fails: ['revocation'],
    make: revoked('1228286566665971148', '1228286566665971148'),
  },
  {
    name: 'wrongIntermediateSubject',
    trusted: false,
    fails: ['chain-names'],
    make: async (world) => {
      const other = await issue({
        issuer: world.root,
        subject: commonName('Unexpected Inc.'),
        key: world.factory.intermediate.key,
        serial: '1001',
        extensions: CERTIFY,
      });
      return { chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, other, world.root) };
    },
  },
  {
    name: 'wrongIssuer',
    trusted: false,
    fails: ['chain-names'],
    make: async (world) => ({
      chain: ders(
        await attest(world, world.factory.batch, honest(), { statedIssuer: commonName('Unexpected Inc.') }),
        ...factoryTop(world),
      ),
    }),
  },
  {
    name: 'wrongSignature',
    trusted: false,
    fails: ['chain-signatures'],
    make: async (world) => ({
      chain: ders(await attest(world, { ...world.factory.batch, key: await world.makeKey() }, honest()), ...factoryTop(world)),
    }),
  },
  {
    name: 'wrongAlgorithm',
    trusted: false,
    fails: ['chain-signatures'],
    make: async (world) => {
      const rsa = { oid: '1.2.840.113549.1.1.11', parameters: writeDerNull() };
      return { chain: ders(await attest(world, world.factory.batch, honest(), { statedAlgorithm: rsa }), ...factoryTop(world)) };
    },
  },
  {
    name: 'notYetValid',
    trusted: false,
    fails: ['chain-dates'],
    make: async (world) => {
      const batch = await issue({
        issuer: world.factory.intermediate,
        subject: factoryName('TEE', '10000003'),
        key: await world.makeKey(),
        serial: '1003',
        extensions: CERTIFY,
        notBefore: '2025-07-01T00:00:00Z',
      });
      return { chain: ders(await attest(world, batch, honest()), batch, world.factory.intermediate, world.root) };
    },
  },
  {
    name: 'expiredFactory',
    trusted: true,
    fails: [],
    make: async (world) => {
      const batch = await issue({
        issuer: world.factory.intermediate,
        subject: factoryName('TEE', '10000004'),
        key: await world.makeKey(),
        serial: '1004',
        extensions: CERTIFY,
        notAfter: '2024-01-01T00:00:00Z',
      });
      return { chain: ders(await attest(world, batch, honest()), batch, world.factory.intermediate, world.root) };
    },
  },
  { name: 'expiredRKP', trusted: false, fails: ['chain-dates'], make: (world) => remote(world, { notAfter: '2025-05-20T00:00:00Z' }) },
  {
    name: 'expiredLeaf',
    trusted: true,
    fails: [],
    make: async (world) => ({
      chain: ders(await attest(world, world.factory.batch, honest(), { notAfter: '1970-01-02T00:00:00Z' }), ...factoryTop(world)),
    }),
  },
  {
    name: 'forgedKeybox',
    trusted: false,
    fails: ['chain-position'],
    make: async (world) => {
      const forged = await issue({
        issuer: world.factory.batch,
        subject: factoryName('TEE', '10000005'),
        key: await world.makeKey(),
        serial: '1005',
        extensions: CERTIFY,
      });
      return { chain: ders(await attest(world, forged, honest()), forged, ...factoryTop(world)) };
    },
  },
  {
    name: 'notSelfIssuedAnchor',
    trusted: true,
    fails: [],
    make: async (world) => {
      const root = await issue({
        issuer: world.strangers,
        subject: world.root.subject,
        key: world.root.key,
        serial: '07',
        extensions: CERTIFY,
      });
      return {
        chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, world.factory.intermediate, root),
        root: root.der,
      };
    },
  },
];

/** A remotely provisioned chain, with the phone's own certificate changed. */
async function remote(world: AttestationWorld, more: Parameters<typeof provision>[2]): Promise<ForgedChain> {
  const own = await provision(world, 'TEE', more);
  return { chain: ders(await attest(world, own, honest()), own, world.remote.server, world.remote.upper, world.root) };
}

/** An attested key that attests: what Auditor and others make. */
async function attestKeyChain(world: AttestationWorld, parent: KeyDescription, target: KeyDescription): Promise<ForgedChain> {
  const key = await attest(world, world.factory.batch, parent, { subject: commonName('Attesting key') });
  return { chain: ders(await attest(world, key, target), key, ...factoryTop(world)) };
}

const attestPurpose = (change: Partial<KeyDescription['hardwareEnforced']> = {}) => withHardware({ purposes: [7], ...change });

const OURS: readonly ChainRecipe[] = [
  { name: 'an ATTEST_KEY chain', trusted: true, fails: [], make: (world) => attestKeyChain(world, attestPurpose(), honest()) },
  {
    name: 'laundering: the attesting key may also SIGN',
    trusted: false,
    fails: ['chain-position'],
    make: (world) => attestKeyChain(world, withHardware({ purposes: [2, 7] }), honest()),
  },
  {
    name: 'laundering: the attesting key was imported',
    trusted: false,
    fails: ['chain-position'],
    make: (world) => attestKeyChain(world, attestPurpose({ origin: 'IMPORTED' }), honest()),
  },
  {
    name: 'laundering: the attesting key was made while unlocked',
    trusted: false,
    fails: ['chain-position'],
    make: (world) =>
      attestKeyChain(
        world,
        attestPurpose({
          rootOfTrust: {
            verifiedBootKey: new Uint8Array(32),
            deviceLocked: false,
            verifiedBootState: 'UNVERIFIED',
            verifiedBootHash: undefined,
          },
        }),
        honest(),
      ),
  },
  {
    name: 'laundering: a software key attests',
    trusted: false,
    fails: ['chain-position'],
    make: (world) =>
      attestKeyChain(world, { ...attestPurpose(), attestationSecurityLevel: 'SOFTWARE', keyMintSecurityLevel: 'SOFTWARE' }, honest()),
  },
  {
    name: 'a leaf signs a leaf',
    trusted: false,
    fails: ['chain-position'],
    make: async (world) => {
      const leaf = await issue({
        issuer: world.factory.intermediate,
        subject: commonName('leaf'),
        key: await world.makeKey(),
        serial: '1006',
        extensions: [writeBasicConstraints({ ca: false }), writeKeyUsage('sign')],
      });
      return { chain: ders(await attest(world, leaf, honest()), leaf, world.factory.intermediate, world.root) };
    },
  },
  { name: 'a suspended batch key', trusted: false, fails: ['revocation'], make: revoked('5050', '5050', 'SUSPENDED') },
  {
    name: 'a root whose certificate has expired, by its key',
    trusted: true,
    fails: [],
    make: async (world) => {
      const old = await issue({
        issuer: world.root,
        subject: world.root.subject,
        key: world.root.key,
        serial: '02',
        extensions: CERTIFY,
        notBefore: '2010-01-01T00:00:00Z',
        notAfter: '2020-01-01T00:00:00Z',
      });
      return { chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, world.factory.intermediate, old) };
    },
  },
  {
    name: 'a chain that stops below its root',
    trusted: true,
    fails: [],
    make: async (world) => ({
      chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, world.factory.intermediate),
    }),
  },
  {
    name: 'a stranger under the name of the root',
    trusted: false,
    fails: ['chain-anchor'],
    make: async (world) => {
      const key = world.strangers.key;
      const fake = await issue({
        issuer: { subject: world.root.subject, key },
        subject: world.root.subject,
        key,
        serial: '01',
        extensions: CERTIFY,
      });
      const intermediate = await issue({
        issuer: fake,
        subject: factoryName('TEE', '10000001'),
        key: world.factory.intermediate.key,
        serial: '1001',
        extensions: CERTIFY,
      });
      return { chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, intermediate, fake) };
    },
  },
  {
    name: "the root's key in a certificate that it never signed",
    trusted: false,
    fails: ['chain-signatures'],
    make: async (world) => {
      const fake = await issue({
        issuer: { subject: world.root.subject, key: world.strangers.key },
        subject: world.root.subject,
        key: { ...world.root.key },
        serial: '03',
        extensions: CERTIFY,
      });
      const intermediate = await issue({
        issuer: { subject: world.root.subject, key: world.strangers.key },
        subject: factoryName('TEE', '10000001'),
        key: world.factory.intermediate.key,
        serial: '1001',
        extensions: CERTIFY,
      });
      return { chain: ders(await attest(world, world.factory.batch, honest()), world.factory.batch, intermediate, fake) };
    },
  },
  {
    name: 'an extension twice',
    trusted: false,
    fails: ['chain-form'],
    make: async (world) => ({
      chain: ders(
        await attest(world, world.factory.batch, honest(), {
          extensions: [statementExtension(withHardware({ origin: 'IMPORTED' })), statementExtension(honest())],
        }),
        ...factoryTop(world),
      ),
    }),
  },
  {
    name: 'a tag twice',
    trusted: false,
    fails: ['statement-tags'],
    make: factory(() => withAppended(writeDerContext(702, [writeDerInteger(2)]))),
  },
  {
    name: 'key size as an octet string',
    trusted: true,
    fails: ['encoding'],
    make: factory(() => {
      const { keySize: _gone, ...rest } = honest().hardwareEnforced;
      return withHardwareList(
        writeDerSequence([writeDerContext(3, [writeDerOctets(Uint8Array.of(1))]), bodyOf(writeAuthorizationList(rest))]),
      );
    }),
  },
  {
    name: 'a certificate twice',
    trusted: false,
    fails: ['chain-form'],
    make: async (world) => {
      const { batch, intermediate } = world.factory;
      return { chain: ders(await attest(world, batch, honest()), batch, batch, intermediate, world.root) };
    },
  },
  {
    name: 'a certificate alone',
    trusted: false,
    fails: ['chain-length'],
    make: async (world) => ({ chain: ders(await attest(world, world.factory.batch, honest())) }),
  },
  {
    name: 'another challenge, replayed',
    trusted: false,
    fails: ['challenge'],
    make: factory(() => ({ ...honest(), attestationChallenge: new TextEncoder().encode('of last week') })),
  },
  {
    name: 'the root of trust is the word of software',
    trusted: false,
    fails: ['root-of-trust'],
    make: factory(() => {
      const description = withoutHardware('rootOfTrust');
      const { rootOfTrust } = honest().hardwareEnforced;
      return {
        ...description,
        softwareEnforced: { ...description.softwareEnforced, ...(rootOfTrust === undefined ? {} : { rootOfTrust }) },
      };
    }),
  },
  {
    name: 'the origin is the word of software',
    trusted: false,
    fails: ['key-origin'],
    make: factory(() => ({ ...withoutHardware('origin'), softwareEnforced: { origin: 'GENERATED' } })),
  },
  {
    name: 'a statement of an RSA key around an EC key',
    trusted: false,
    fails: ['key-match'],
    make: factory(() => withHardware({ algorithms: 1 })),
  },
  {
    name: 'an attestation version that does not exist',
    trusted: false,
    fails: ['statement'],
    make: factory(() => ({ ...honest(), attestationVersion: 250 })),
  },
  {
    name: 'green on an unlocked phone',
    trusted: true,
    fails: ['device-locked', 'verified-boot'],
    make: factory(() => withRoot({ deviceLocked: false })),
  },
  {
    name: 'relocked with an own key',
    trusted: true,
    fails: ['verified-boot'],
    make: factory(() => withRoot({ verifiedBootState: 'SELF_SIGNED' })),
  },
  {
    name: 'green, and the boot key is all zeros',
    trusted: true,
    fails: ['verified-boot-key'],
    make: factory(() => withRoot({ verifiedBootKey: new Uint8Array(32) })),
  },
  {
    name: 'unlocked, honestly',
    trusted: true,
    fails: ['device-locked', 'verified-boot'],
    make: factory(() => withRoot({ deviceLocked: false, verifiedBootState: 'UNVERIFIED', verifiedBootKey: new Uint8Array(32) })),
  },
  {
    name: 'boot failed verification',
    trusted: true,
    fails: ['verified-boot'],
    make: factory(() => withRoot({ verifiedBootState: 'FAILED' })),
  },
];

function withRoot(change: Partial<NonNullable<KeyDescription['hardwareEnforced']['rootOfTrust']>>): KeyDescription {
  const { rootOfTrust } = honest().hardwareEnforced;
  return rootOfTrust === undefined ? honest() : withHardware({ rootOfTrust: { ...rootOfTrust, ...change } });
}

export const CHAIN_RECIPES: readonly ChainRecipe[] = [...GOOGLES, ...OURS];
