import { beforeAll, describe, expect, test } from 'vitest';
import {
  attestedContext,
  BOOT_KEY,
  FASTBOOT,
  HONEST,
  makeAttestationWorld,
  type PhoneParts,
  REFERENCE,
} from '../../../test/support/attested-phone.ts';
import { fact } from '../../../test/support/check-facts.ts';
import type { AttestedSighting, Sighting } from '../../evidence/index.ts';
import type { AttestationWorld } from '../../forge/cert.ts';
import { attest, forgeStatusList, honestDescription } from '../../forge/cert.ts';
import { VERIFIED_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import type { Check } from '../define.ts';
import { runChecks } from '../run.ts';
import { attestedBootKey, attestedBuild } from './boot-key.ts';
import { attestationChain } from './chain.ts';
import { attestationChallenge } from './challenge.ts';
import { attestationChecks, attestedSightings } from './checks.ts';
import { attestedClone, attestedPinning, sharedIssuer } from './history.ts';
import { attestedIdentity } from './identity.ts';
import { parseStatusList } from './index.ts';
import { greenUnlocked } from './lock-outside.ts';
import { attestedNames } from './model.ts';
import { attestedPatchLevels } from './patch-levels.ts';
import { attestedBootState, attestedLock } from './root-of-trust.ts';
import { attestedStrongBox } from './strongbox.ts';
import { attestedVersions } from './versions.ts';

let world: AttestationWorld;
beforeAll(async () => {
  world = await makeAttestationWorld();
});

/** `pass`, `not-checked`, `not-applicable`, or the findings as `strength axis`. */
async function judge(check: Check, parts: PhoneParts = {}): Promise<string | readonly string[]> {
  const { findings, passed, notExamined } = runChecks([check], await attestedContext(world, parts));
  if (findings.length > 0) return findings.map(({ strength, axis }) => `${strength} ${axis}`);
  return passed.length > 0 ? 'pass' : notExamined.length > 0 ? 'not-checked' : 'not-applicable';
}

const without = (name: string) => FASTBOOT.filter(([key]) => key !== name);
const unlocked: PhoneParts['fastboot'] = [...without('unlocked'), ['unlocked', 'yes']];
const boot = (parts: Partial<typeof HONEST>): PhoneParts => ({ secure: parts });
const untried: PhoneParts['verifier'] = { provenCarriers: [] };
const otherIds = { ...HONEST.ids, serial: '9Z999FDJG000ZZ', imei: '356938035643809' };
const grapheneKey = VERIFIED_BOOT_KEYS.find(({ system, model }) => system === 'GrapheneOS' && model === 'Pixel 8a')?.key ?? '';
const calyxKey = VERIFIED_BOOT_KEYS.find(({ system }) => system === 'CalyxOS')?.key ?? '';
const nokiaKey = VERIFIED_BOOT_KEYS.find(({ brands }) => brands.includes('nokia'))?.key ?? '';
const otherStock = VERIFIED_BOOT_KEYS.find(({ system, model }) => system === 'stock' && model === 'Pixel 7')?.key ?? '';

/** The maker's build, with the patch level that its properties state. */
const built = (level: string): PhoneParts => {
  const property = (key: string) => ({ path: '/system/build.prop', key, value: level });
  const properties = [property('ro.build.version.security_patch'), property('ro.vendor.build.security_patch')];
  return { references: [{ ...REFERENCE, manifest: { ...REFERENCE.manifest, properties } }] };
};

type Expectation = string | readonly string[];
const ROWS: readonly (readonly [check: Check, name: string, parts: PhoneParts, expected: Expectation])[] = [
  [attestationChain, 'genuine', {}, 'pass'],
  [attestationChain, 'a stranger’s root', boot({ issuer: 'strangers' }), ['weak software']],
  [attestationChain, 'made in software', boot({ level: 'SOFTWARE' }), ['weak software']],
  [attestationChain, 'no chain', { answer: { chain: [] } }, 'not-checked'],
  [attestationChain, 'hostile: certificates that are none', { answer: { chain: [new Uint8Array(100)] } }, 'not-checked'],
  [attestationChain, 'nothing was asked', { silent: true }, 'not-applicable'],

  [attestationChallenge, 'genuine', {}, 'pass'],
  [attestationChallenge, 'replayed', boot({ replays: 'ab'.repeat(32) }), ['conclusive software']],
  [
    attestationChallenge,
    'replayed, by an untried carrier',
    { ...boot({ replays: 'ab'.repeat(32) }), verifier: untried },
    ['weak software'],
  ],
  [attestationChallenge, 'replayed, in a recording', { ...boot({ replays: 'ab'.repeat(32) }), trust: 'bearer' }, ['weak software']],
  [attestationChallenge, 'imported: nobody asked', { answer: { nonce: undefined } }, 'not-checked'],
  [attestationChallenge, 'hostile: a challenge of no bytes', boot({ replays: '' }), ['conclusive software']],

  [attestedBootState, 'genuine', {}, 'pass'],
  [attestedBootState, 'green on an open phone', boot({ deviceLocked: false }), ['conclusive software']],
  [attestedBootState, 'relocked with a key of its owner’s', boot({ verifiedBootState: 'SELF_SIGNED' }), ['conclusive software']],
  [attestedBootState, 'GrapheneOS', boot({ verifiedBootState: 'SELF_SIGNED', verifiedBootKey: grapheneKey }), ['conclusive software']],
  [
    attestedBootState,
    'unlock hidden from properties',
    boot({ verifiedBootState: 'UNVERIFIED', deviceLocked: false }),
    ['conclusive software'],
  ],
  [
    attestedBootState,
    'the same, by an untried carrier',
    { ...boot({ verifiedBootState: 'UNVERIFIED', deviceLocked: false }), verifier: untried },
    ['weak software'],
  ],
  [
    attestedBootState,
    'unlocked, and said so',
    {
      ...boot({ verifiedBootState: 'UNVERIFIED', deviceLocked: false }),
      properties: { 'ro.boot.verifiedbootstate': 'orange', 'ro.boot.flash.locked': '0', 'ro.boot.vbmeta.device_state': 'unlocked' },
    },
    'pass',
  ],
  [attestedBootState, 'missing: no authentic chain', boot({ issuer: 'strangers', verifiedBootState: 'SELF_SIGNED' }), 'not-checked'],

  [attestedStrongBox, 'genuine', { strongBox: {} }, 'pass'],
  [
    attestedStrongBox,
    'another lock',
    { strongBox: { deviceLocked: false, verifiedBootState: 'UNVERIFIED' } },
    ['weak software', 'weak software'],
  ],
  [attestedStrongBox, 'another phone’s element', { strongBox: { ids: otherIds } }, ['weak software', 'weak software']],
  [attestedStrongBox, 'the trusted environment in its place', { strongBox: { level: 'TRUSTED_ENVIRONMENT' } }, ['weak software']],
  [attestedStrongBox, 'another form of its boot key', { strongBox: { verifiedBootKey: '6b'.repeat(32) } }, 'pass'],
  [
    attestedStrongBox,
    'identifiers that only one of the two was given',
    { strongBox: { ids: { ...HONEST.ids, serial: '', imei: '' } } },
    'pass',
  ],
  [attestedStrongBox, 'missing: it refused', { strongBox: 'no such hardware' }, 'not-checked'],
  [attestedStrongBox, 'missing: a stranger’s chain', { strongBox: { issuer: 'strangers' } }, 'not-checked'],
  [attestedStrongBox, 'it was not asked', {}, 'not-applicable'],

  [attestedLock, 'genuine', {}, 'pass'],
  [attestedLock, 'unlocked', boot({ verifiedBootState: 'UNVERIFIED', deviceLocked: false }), ['weak posture']],
  [attestedLock, 'failed', boot({ verifiedBootState: 'FAILED' }), ['weak posture']],

  [greenUnlocked, 'genuine', {}, 'pass'],
  [greenUnlocked, 'green, and the bootloader is open', { fastboot: unlocked }, ['conclusive software']],
  [greenUnlocked, 'the same, by an untried carrier', { fastboot: unlocked, verifier: untried }, ['weak software']],
  [
    greenUnlocked,
    'the same, of a stranger’s chain: no word of a secure world',
    { ...boot({ issuer: 'strangers' }), fastboot: unlocked },
    'not-checked',
  ],
  [
    greenUnlocked,
    'fastbootd says open, which it has from the system',
    { fastboot: [...without('is-userspace').filter(([name]) => name !== 'unlocked'), ['is-userspace', 'yes'], ['unlocked', 'yes']] },
    'not-checked',
  ],
  [
    greenUnlocked,
    'open and said so by both',
    { ...boot({ deviceLocked: false, verifiedBootState: 'UNVERIFIED' }), fastboot: unlocked },
    'pass',
  ],
  [greenUnlocked, 'missing: the bootloader was not heard', { fastboot: undefined }, 'not-checked'],
  [
    greenUnlocked,
    'hostile: a bootloader that answers neither',
    { fastboot: [...without('unlocked'), ['unlocked', '\u001b[31mmaybe']] },
    'not-checked',
  ],

  [attestedBuild, 'genuine', {}, 'pass'],
  [attestedBuild, 'another boot hash', boot({ verifiedBootHash: '08'.repeat(32) }), ['conclusive software']],
  [
    attestedBuild,
    'another boot hash, and nobody vouches for the reference',
    { ...boot({ verifiedBootHash: '08'.repeat(32) }), references: [{ ...REFERENCE, vouched: 'nobody' }] },
    ['weak software'],
  ],
  [attestedBuild, 'another boot key: makers hash it in several ways', boot({ verifiedBootKey: '6b'.repeat(32) }), ['weak software']],
  [attestedBuild, 'missing: no reference', { references: [] }, 'not-checked'],
  [attestedBuild, 'missing: a secure world of before boot hashes', boot({ verifiedBootHash: '00'.repeat(32) }), 'not-checked'],

  [attestedBootKey, 'a key that nobody knows is not against', {}, 'not-checked'],
  [attestedBootKey, 'the key of another model', boot({ verifiedBootKey: otherStock }), ['weak software']],
  [attestedBootKey, 'the key of another maker', boot({ verifiedBootKey: nokiaKey }), ['weak software']],
  [
    attestedBootKey,
    'a key that a maker has for models that no list names',
    { ...boot({ verifiedBootKey: nokiaKey }), properties: { 'ro.product.brand': 'HMD Global', 'ro.product.model': 'Nokia 8' } },
    'pass',
  ],
  [attestedBootKey, 'CalyxOS as the maker’s own', boot({ verifiedBootKey: calyxKey }), ['weak software']],
  [attestedBootKey, 'another system’s key as the maker’s own', boot({ verifiedBootKey: grapheneKey }), ['weak software']],
  [attestedBootKey, 'another system’s key, and said so', boot({ verifiedBootKey: grapheneKey, verifiedBootState: 'SELF_SIGNED' }), 'pass'],
  [
    attestedBootKey,
    'a key that comes with AVB',
    boot({ verifiedBootKey: '7728e30f50bfa5cea165f473175a08803f6a8346642b5aa10913e9d9e6defef6' }),
    ['weak software'],
  ],
  [attestedBootKey, 'VERIFIED with a key of zeros', boot({ verifiedBootKey: '00'.repeat(32) }), ['weak software']],

  [attestedVersions, 'genuine', {}, 'pass'],
  [attestedVersions, 'a newer Android than the secure world’s', { properties: { 'ro.build.version.release': '16' } }, ['weak software']],
  [
    attestedVersions,
    'newer patch levels',
    { properties: { 'ro.build.version.security_patch': '2025-12-05', 'ro.vendor.build.security_patch': '2025-12-05' } },
    ['weak software', 'weak software'],
  ],
  [attestedVersions, 'misencoded patch levels are no difference', boot({ osPatchLevel: 20_250_505, vendorPatchLevel: 202_505 }), 'pass'],
  [
    attestedVersions,
    'hostile: a patch level that is none',
    { ...boot({ osPatchLevel: 99, vendorPatchLevel: 0, osVersion: 0 }) },
    'not-checked',
  ],

  [attestedPatchLevels, 'genuine', built('2025-05-05'), 'pass'],
  [attestedPatchLevels, 'a newer secure world than the named build', built('2025-04-05'), 'pass'],
  [attestedPatchLevels, 'an older one, whatever the properties say', built('2025-07-05'), ['weak software', 'weak software']],
  [attestedPatchLevels, 'missing: no reference', { references: [] }, 'not-checked'],
  [attestedPatchLevels, 'missing: a reference without patch levels', {}, 'not-checked'],
  [
    attestedPatchLevels,
    'hostile: a patch level that is none',
    { ...built('2025-05-05'), secure: { osPatchLevel: 99, vendorPatchLevel: 0 } },
    'not-checked',
  ],
  [attestedPatchLevels, 'hostile: a reference whose level is no date', built('soon'), 'not-checked'],

  [attestedIdentity, 'genuine', {}, 'pass'],
  [
    attestedIdentity,
    'relayed from a sibling: its serial number',
    boot({ ids: { ...HONEST.ids, serial: '9Z999FDJG000ZZ' } }),
    ['conclusive custody', 'conclusive custody'],
  ],
  [
    attestedIdentity,
    'the same, by an untried carrier',
    { ...boot({ ids: { ...HONEST.ids, serial: '9Z999FDJG000ZZ' } }), verifier: untried },
    ['weak custody', 'weak custody'],
  ],
  [
    attestedIdentity,
    'a copied serial number in the properties only',
    { ...boot({ ids: { ...HONEST.ids, serial: '9Z999FDJG000ZZ' } }), properties: { 'ro.serialno': '9Z999FDJG000ZZ' } },
    ['conclusive custody'],
  ],
  [
    attestedIdentity,
    'the box of another phone',
    { claims: { imei: '356938035643809', serial: '9Z999FDJG000ZZ' } },
    ['weak custody', 'weak custody'],
  ],
  [
    attestedIdentity,
    'an IMEI that is not the phone’s',
    {
      more: [
        fact(
          'identifiers',
          [{ type: 'imei', slot: 0, value: '356938035643809', surface: 'iphonesubinfo', place: { artefact: 'a', at: 0, length: 1 } }],
          'told',
        ),
      ],
    },
    ['conclusive custody'],
  ],
  [
    attestedIdentity,
    'two IMEIs, of which one is attested',
    {
      more: [
        fact(
          'identifiers',
          ['356938035643809', '490154203237518'].map((value, slot) => ({
            type: 'imei' as const,
            slot,
            value,
            surface: 'iphonesubinfo',
            place: { artefact: 'a', at: 0, length: 1 },
          })),
          'told',
        ),
      ],
    },
    'pass',
  ],
  [attestedIdentity, 'missing: nothing attested', { ids: [] }, 'not-checked'],

  [attestedNames, 'genuine', {}, 'pass'],
  [
    attestedNames,
    'renamed',
    { properties: { 'ro.product.model': 'Pixel 9 Pro', 'ro.product.device': 'caiman' } },
    ['weak software', 'weak software'],
  ],
  [
    attestedNames,
    'renamed for everybody but the secure world',
    { properties: { 'ro.product.model': 'Pixel 8a Global', 'ro.product.model_for_attestation': 'Pixel 8a' } },
    'pass',
  ],
  [attestedNames, 'missing', { ids: ['serial'] }, 'not-checked'],
];

test.each(ROWS.map(([check, name, parts, expected]) => ({ title: `${check.id}: ${name}`, check, parts, expected })))(
  '$title',
  async ({ check, parts, expected }) => expect(await judge(check, parts)).toEqual(expected),
);

test('a revoked issuer is said once, and convicts nobody alone: its whole batch has it', async () => {
  const status = parseStatusList(forgeStatusList({ '3002': 'REVOKED' }), '2026-01-31T00:00:00Z').value;
  expect(await judge(attestationChain, { verifier: { status } })).toEqual(['weak software']);
});

test('an attesting key that is no ATTEST_KEY launders nothing', async () => {
  const challenge = new Uint8Array(32).fill(0x17);
  const { batch, intermediate } = world.factory;
  const laundry = await attest(world, batch, honestDescription(challenge), { extensions: world.authority });
  const statement = honestDescription(challenge);
  const middle = await attest(world, batch, statement);
  const target = await attest(world, { subject: middle.subject, key: middle.key }, statement);
  for (const chain of [
    [target, middle, batch, intermediate, world.root],
    [target, laundry, batch, intermediate, world.root],
  ])
    expect(await judge(attestationChain, { answer: { chain: chain.map(({ der }) => der) } })).toEqual(['weak software']);
});

describe('what was seen before', () => {
  const earlier = async (
    parts: PhoneParts,
    more: Partial<AttestedSighting> = {},
    seen: Partial<Sighting> = {},
  ): Promise<Partial<Sighting>> => ({
    brand: 'google',
    model: 'Pixel 8a',
    serials: ['4a011fdjg000ab'],
    attested: attestedSightings(await attestedContext(world, parts)).map((attested) => ({ ...attested, ...more })),
    ...seen,
  });
  const factory: PhoneParts = { secure: { issuer: 'factory' } };

  test('one key under two brands is strong; of many phones of one brand, nothing', async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, index) => earlier(factory, { ids: [`serial s${index}`] }, { serials: [`s${index}`] })),
    );
    expect(await judge(sharedIssuer, { ...factory, history: many })).toBe('pass');
    const other = await earlier(factory, { brand: 'samsung', ids: ['serial x'] }, { brand: 'samsung', serials: ['x'] });
    expect(await judge(sharedIssuer, { ...factory, history: [...many, other] })).toEqual(['strong software']);
    expect(await judge(sharedIssuer, { ...factory, history: [other], verifier: untried })).toEqual(['weak software']);
    expect(await judge(sharedIssuer, { ...factory, history: [{ ...other, trust: 'bearer' }] })).toEqual(['weak software']);
    expect(await judge(sharedIssuer, factory)).toBe('not-checked');
  });

  test('brands of one house are one brand', async () => {
    const redmi = await earlier(factory, { brand: 'Redmi', ids: [] }, { brand: 'Redmi' });
    expect(await judge(sharedIssuer, { secure: { issuer: 'factory', ids: { ...HONEST.ids, brand: 'POCO' } }, history: [redmi] })).toBe(
      'pass',
    );
  });

  test('one attested identity on two phones is a clone', async () => {
    const same = await earlier({});
    expect(await judge(attestedClone, { history: [same] })).toBe('pass');
    expect(await judge(attestedClone, { history: [{ ...same, brand: 'samsung' }] })).toEqual(['conclusive custody']);
    expect(await judge(attestedClone, { history: [{ ...same, serials: ['other'] }] })).toEqual(['conclusive custody']);
    expect(await judge(attestedClone, { history: [{ ...same, serials: ['other'] }], verifier: untried })).toEqual(['weak custody']);
    expect(await judge(attestedClone, { secure: { ids: otherIds }, history: [{ ...same, brand: 'samsung' }] })).toBe('pass');
    expect(await judge(attestedClone, { ids: [], history: [same] })).toBe('not-checked');
  });

  test.each([
    ['nothing', {}, 'pass'],
    ['an update', { osVersion: 140_000, osPatchLevel: 202_404, vendorPatchLevel: 20_240_405 }, 'pass'],
    ['an older Android', { osVersion: 160_000 }, ['weak software']],
    [
      'older patch levels',
      { osPatchLevel: 202_512, vendorPatchLevel: 20_251_205, bootPatchLevel: 20_251_205 },
      ['weak software', 'weak software', 'weak software'],
    ],
    ['a level in another form', { osPatchLevel: 20_251_205 }, 'pass'],
    ['another boot key', { verifiedBootKey: '6b'.repeat(32) }, ['weak software']],
    ['an older protocol', { attestationVersion: 400 }, ['weak software']],
    ['StrongBox was asked then', { securityLevel: 'STRONG_BOX', osVersion: 160_000 }, 'pass'],
  ] as const)('pinning: %s', async (_name, then, expected) => {
    expect(await judge(attestedPinning, { history: [await earlier({}, then)] })).toEqual(expected);
  });

  test('another phone of the model is not held against this one', async () => {
    const other = await earlier({}, { osVersion: 160_000, ids: ['serial other'] }, { serials: ['other'] });
    expect(await judge(attestedPinning, { history: [other] })).toBe('not-checked');
  });
});

test('an unbound pass adds nothing to the reach: some genuine phone answered', async () => {
  const standing = async (parts: PhoneParts) => runChecks([attestedBootState], await attestedContext(world, parts)).passed[0];
  expect(await standing({})).toMatchObject({ standing: 'signed', catches: 'bootloader' });
  expect(await standing({ fastboot: undefined })).toMatchObject({ standing: 'told', catches: 'app' });
  expect(await standing({ verifier: untried })).toMatchObject({ standing: 'told', catches: 'app' });
});

test('no check of the family convicts beyond weak by an untried carrier', async () => {
  const worst: PhoneParts = {
    secure: {
      replays: 'ab'.repeat(32),
      verifiedBootState: 'SELF_SIGNED',
      verifiedBootHash: '08'.repeat(32),
      verifiedBootKey: grapheneKey,
      ids: otherIds,
      issuer: 'factory',
    },
    fastboot: unlocked,
    verifier: untried,
    history: [{ brand: 'samsung', serials: ['x'], attested: [] }],
  };
  const { findings, passed } = runChecks(attestationChecks, await attestedContext(world, worst));
  expect(findings.length).toBeGreaterThan(5);
  expect(new Set(findings.map(({ strength }) => strength))).toEqual(new Set(['weak']));
  expect(passed.filter(({ clears }) => clears !== undefined)).toEqual([]);
  expect(BOOT_KEY).not.toBe(grapheneKey);
});
