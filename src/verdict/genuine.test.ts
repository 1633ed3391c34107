import { beforeAll, describe, expect, test } from 'vitest';
import {
  attestedContext,
  attestedResults,
  FASTBOOT,
  makeAttestationWorld,
  NOW,
  type PhoneParts,
  REFERENCE,
} from '../../test/support/attested-phone.ts';
import { fact } from '../../test/support/check-facts.ts';
import { parseStatusList } from '../checks/attestation/index.ts';
import { allChecks, attestedSightings, runChecks } from '../checks/index.ts';
import type { AttestationWorld } from '../forge/cert.ts';
import { forgeStatusList } from '../forge/cert.ts';
import type { SaharaIdentity } from '../formats/rom/index.ts';
import type { FusedKey } from '../knowledge/index.ts';
import { decide, labPolicy } from './index.ts';

let world: AttestationWorld;
beforeAll(async () => {
  world = await makeAttestationWorld();
});

async function decided(parts: PhoneParts) {
  const results = await attestedResults(world, parts);
  const verdict = decide(results, labPolicy, {
    trust: parts.trust ?? 'live',
    asOf: NOW,
    attests: true,
    isAsked: parts.silent !== true,
    claimedModel: 'Pixel 8a',
  });
  return { results, ...verdict };
}

async function verdictOf(parts: PhoneParts = {}) {
  const { results, axes, decision } = await decided(parts);
  return {
    hardware: axes.hardware.answer,
    software: axes.software.answer,
    decision,
    missing: results.notExamined.filter(({ what }) => what.startsWith('Genuine')).map(({ what }) => what),
    findings: results.findings.filter(({ check }) => check.startsWith('attestation.')).map(({ check, strength }) => `${check} ${strength}`),
    beyond: results.notExamined.filter(({ what }) => what.startsWith('Memory, the data partition')).length,
  };
}

const without = (name: string) => FASTBOOT.filter(([key]) => key !== name);
const manifest = (parts: Partial<typeof REFERENCE.manifest>) => [{ ...REFERENCE, manifest: { ...REFERENCE.manifest, ...parts } }];

test('the positive control: with every piece an honest phone is genuine, and accepted', async () => {
  expect(await verdictOf()).toEqual({ hardware: 'genuine', software: 'genuine', decision: 'accept', missing: [], findings: [], beyond: 1 });
});

test('an untried carrier clears nobody, whatever else is there', async () => {
  expect(await verdictOf({ verifier: { provenCarriers: [] } })).toMatchObject({
    hardware: 'unproven',
    software: 'unproven',
    decision: 'hold',
    missing: ['Genuine: A way of asking that is proven on real phones'],
  });
});

const S = 'unproven';
const G = 'genuine';
/** Each row takes one piece away: what is left of hardware and software, and which piece is named. */
const ROWS: readonly (readonly [name: string, parts: PhoneParts, hardware: string, software: string, named: RegExp])[] = [
  ['not asked', { silent: true }, S, S, /secure world|$/],
  ['another nonce', { secure: { replays: 'ab'.repeat(32) } }, S, 'altered', /answer to our own nonce/],
  ['no nonce of ours', { answer: { nonce: undefined } }, S, S, /answer to our own nonce/],
  ['made in software', { secure: { level: 'SOFTWARE' } }, S, S, /$/],
  ['a stranger’s root', { secure: { issuer: 'strangers' } }, S, S, /$/],
  ['no serial number attested', { ids: ['imei', 'properties'] }, S, S, /identity that ties/],
  ['no serial number outside Android', { fastboot: without('serialno') }, S, S, /identity that ties/],
  ['a carrier that cannot bind', { answer: { canBind: false } }, S, S, /identity that ties/],
  ['nobody said that its radios were off', { claims: { model: 'Pixel 8a' } }, S, S, /Nobody else/],
  [
    'a revocation list of eight days ago',
    { verifier: { status: parseStatusList(forgeStatusList({}), '2026-01-23T11:00:00Z').value } },
    S,
    S,
    /not revoked/,
  ],
  [
    'a revocation list without a date',
    { verifier: { status: parseStatusList(forgeStatusList({}), undefined).value } },
    S,
    S,
    /not revoked/,
  ],
  ['a revoked issuer', { verifier: { status: parseStatusList(forgeStatusList({ '3002': 'REVOKED' }), NOW).value } }, S, S, /$/],
  ['a suspended issuer', { verifier: { status: parseStatusList(forgeStatusList({ '3001': 'SUSPENDED' }), NOW).value } }, S, S, /$/],
  ['a factory’s key where the model has a server’s', { secure: { issuer: 'factory' } }, S, S, /provisioned as the model/],
  ['unlocked', { secure: { deviceLocked: false, verifiedBootState: 'UNVERIFIED' } }, G, 'altered', /verified boot of a locked/],
  ['signed by its owner', { secure: { verifiedBootState: 'SELF_SIGNED' } }, G, 'altered', /verified boot of a locked/],
  ['failed verification', { secure: { verifiedBootState: 'FAILED' } }, G, S, /verified boot of a locked/],
  ['the lock not read outside Android', { fastboot: without('unlocked') }, G, S, /lock, read outside/],
  [
    'the lock read by fastbootd only',
    {
      fastboot: [...without('is-userspace'), ['is-userspace', 'yes']],
      more: [
        fact('usb', {
          vendorId: 0x18d1,
          productId: 0x4ee0,
          manufacturer: undefined,
          product: undefined,
          serial: '4A011FDJG000AB',
          mode: 'fastboot',
        }),
      ],
    },
    G,
    S,
    /lock, read outside/,
  ],
  [
    'an open bootloader under a green answer',
    { fastboot: [...without('unlocked'), ['unlocked', 'yes']] },
    S,
    'altered',
    /does not contradict[\s\S]*lock, read outside/,
  ],
  ['no reference', { references: [] }, G, S, /maker’s own build/],
  ['a reference that nobody vouches for', { references: [{ ...REFERENCE, vouched: 'nobody' }] }, G, S, /maker’s own build/],
  [
    'a reference made from another phone',
    {
      references: [
        { ...REFERENCE, provenance: { made: 'phone', sources: [], signatures: [], vouched: 'official-list', label: 'release' } },
      ],
    },
    G,
    S,
    /maker’s own build/,
  ],
  ['an engineering build as reference', { references: [{ ...REFERENCE, label: 'engineering' }] }, G, S, /maker’s own build/],
  [
    'a reference of another build',
    { properties: { 'ro.build.fingerprint': 'google/akita/akita:15/OTHER/1:user/release-keys' } },
    G,
    S,
    /maker’s own build/,
  ],
  ['another boot key', { secure: { verifiedBootKey: '6b'.repeat(32) } }, G, S, /maker’s key/],
  ['a reference without its vbmeta key', { references: manifest({ partitions: [] }) }, G, S, /maker’s key/],
  ['another boot hash', { secure: { verifiedBootHash: '08'.repeat(32) } }, G, 'altered', /digest of what booted/],
  ['a reference without its vbmeta digest', { references: manifest({ vbmetaDigest: null }) }, G, S, /digest of what booted/],
  ['no claim of a model', { claims: { radios: 'off' } }, S, G, /sold as/],
  [
    'another model attested',
    {
      secure: {
        ids: {
          serial: '4A011FDJG000AB',
          imei: '490154203237518',
          brand: 'google',
          device: 'shiba',
          product: 'shiba',
          manufacturer: 'Google',
          model: 'Pixel 8',
        },
      },
    },
    S,
    G,
    /model, by the secure world/,
  ],
  ['no model attested', { ids: ['serial', 'imei'] }, S, G, /model, by the secure world/],
];

describe('the next step', () => {
  const next = async (parts: PhoneParts) => (await decided(parts)).nextStep;
  const untried: PhoneParts = { verifier: { provenCarriers: [] } };
  test('asks the secure world where nobody did', async () => {
    expect(await next({ silent: true })).toMatch(/^Ask the secure world/);
  });
  test.each(ROWS.filter(([, { silent, answer, secure }]) => silent !== true && !(answer && 'nonce' in answer) && !secure?.replays))(
    'asks for no second attestation: %s',
    async (_name, parts) => {
      expect(await next(parts)).not.toMatch(/--attest\b|Ask the secure world|an attestation/);
    },
  );
  test('says that no statement came where the answer was refused or is no answer of a maker’s', async () => {
    const wanted = /^The secure world was asked, and no authentic statement came/;
    expect(await next({ answer: { chain: [], refusal: 'it refused' } })).toMatch(wanted);
    expect(await next({ secure: { issuer: 'strangers' } })).toMatch(wanted);
  });
  test('is what the operator can bring, and our own homework only where nothing else is missing', async () => {
    expect(await next({ ...untried, fastboot: without('unlocked') })).toMatch(
      /2 pieces are missing.*First: the bootloader of the same phone/,
    );
    expect(await next(untried)).toMatch(/one piece is missing.*It is: a run of it on a real phone/);
  });
  test('is an attestation of ours where the one brought holds no nonce of ours', async () => {
    expect(await next({ answer: { nonce: undefined } })).toMatch(/inspect --attest/);
  });
});

describe('one piece away and it is not genuine', () => {
  test.each(ROWS.map(([name, parts, hardware, software, named]) => ({ name, parts, hardware, software, named })))(
    '$name',
    async ({ parts, hardware, software, named }) => {
      const verdict = await verdictOf(parts);
      expect([verdict.hardware, verdict.software]).toEqual([hardware, software]);
      expect(verdict.decision).not.toBe('accept');
      expect(verdict.missing.join('\n')).toMatch(named);
    },
  );

  test('a key that signed for another brand before', async () => {
    const [first] = attestedSightings(await attestedContext(world, { secure: { issuer: 'factory', attestationVersion: 100 } }));
    if (first === undefined) throw new Error('no sighting');
    const verdict = await verdictOf({
      secure: { issuer: 'factory', attestationVersion: 100 },
      history: [{ attested: [{ ...first, brand: 'xiaomi', ids: [] }] }],
    });
    expect([verdict.hardware, verdict.software]).toEqual(['unproven', 'unproven']);
    expect(verdict.findings).toEqual(['attestation.issuer-brands strong']);
    expect(verdict.missing.join('\n')).toMatch(/never signed for another brand/);
  });

  describe('a model whose boot chain has a published bypass', () => {
    // Redmi Note 10 Pro of China: fenrir, and a boot ROM that runs what a cable sends.
    const chopin: PhoneParts = {
      claims: { model: 'Redmi Note 10 Pro', brand: 'Redmi', radios: 'off' },
      properties: {
        'ro.product.brand': 'Redmi',
        'ro.product.device': 'chopin',
        'ro.product.name': 'chopin',
        'ro.product.manufacturer': 'Xiaomi',
        'ro.product.model': 'Redmi Note 10 Pro',
      },
      secure: {
        attestationVersion: 4,
        issuer: 'factory',
        ids: {
          serial: '4A011FDJG000AB',
          imei: '490154203237518',
          brand: 'Redmi',
          device: 'chopin',
          product: 'chopin',
          manufacturer: 'Xiaomi',
          model: 'Redmi Note 10 Pro',
        },
      },
    };
    const brom = (hwCode: number, standing: 'shown' | 'measured', stage: 'mask-rom' | 'bootloader' = 'mask-rom') =>
      fact(
        'rom',
        {
          identity: {
            protocol: 'mediatek',
            stage,
            hwCode,
            versions: undefined,
            targetConfig: undefined,
            meId: undefined,
            socId: undefined,
          },
          complete: true,
        },
        standing,
      );

    test('needs the boot ROM’s own word besides', async () => {
      const verdict = await verdictOf(chopin);
      expect([verdict.hardware, verdict.software]).toEqual(['unproven', 'unproven']);
      expect(verdict.missing).toEqual(['Genuine: The boot ROM’s own word, where a bypass of the boot chain is published']);
    });

    test.each([
      ['measured, of its chip', brom(0x950, 'measured'), 'genuine'],
      ['shown only: our questions were never tried on a real chip', brom(0x950, 'shown'), 'unproven'],
      ['of another chip', brom(0x766, 'measured'), 'unproven'],
      ['of a preloader, which is flashed', brom(0x950, 'measured', 'bootloader'), 'unproven'],
    ] as const)('a boot ROM %s', async (_name, more, expected) => {
      const verdict = await verdictOf({ ...chopin, more: [more] });
      expect(verdict.software).toBe(expected);
    });
  });

  describe('hardware by its mask ROM', () => {
    const keyHash = 'a9'.repeat(32);
    const fusedKeys: readonly FusedKey[] = [{ keyHash, brands: ['xiaomi'], sources: ['made up'] }];
    const claims = { model: 'MI 4' };
    const edl = (standing: 'shown' | 'measured', more: Partial<SaharaIdentity> = {}) => {
      const hardware = { msmId: 0x6b10e1, oemId: 0x72, modelId: 0 };
      const identity: SaharaIdentity = { protocol: 'sahara', stage: 'mask-rom', version: 2, serial: undefined, hardware, keyHash, ...more };
      return fact('rom', { identity, complete: true }, standing);
    };
    const hardwareOf = async (rom: ReturnType<typeof edl>, keys = fusedKeys) => {
      const context = await attestedContext(world, { silent: true, claims, more: [rom], references: [], fastboot: undefined });
      const own = { ...context, facts: { ...context.facts, list: [rom] }, knowledge: { ...context.knowledge, fusedKeys: keys } };
      const results = runChecks(allChecks, own);
      return decide(results, labPolicy, { trust: 'live', asOf: NOW, attests: false, isAsked: false, claimedModel: 'MI 4' }).axes.hardware
        .answer;
    };

    test.each([
      ['its chip, measured, and its maker’s key', edl('measured'), fusedKeys, 'genuine'],
      ['shown only', edl('shown'), fusedKeys, 'unproven'],
      ['of a loader that is flashed', edl('measured', { stage: 'bootloader' }), fusedKeys, 'unproven'],
      ['a key that nobody knows', edl('measured'), [], 'unproven'],
      ['another key', edl('measured', { keyHash: 'bb'.repeat(32) }), fusedKeys, 'unproven'],
      ['another maker’s key', edl('measured'), [{ keyHash, brands: ['samsung'], sources: ['made up'] }], 'unproven'],
      ['another chip', edl('measured', { hardware: { msmId: 0x7050e1, oemId: 0x72, modelId: 0 } }), fusedKeys, 'unproven'],
    ] as const)('%s', async (_name, rom, keys, expected) => expect(await hardwareOf(rom, keys)).toBe(expected));
  });

  test('a recording of an honest phone stays a recording', async () => {
    expect(await verdictOf({ trust: 'bearer' })).toMatchObject({ hardware: 'unproven', software: 'unproven', decision: 'hold' });
  });
});
