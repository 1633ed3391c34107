import { describe, expect, it } from 'vitest';
import { fact, factsOfAll, mi4Facts, mt6592Silicon, runOne } from '../../../test/support/check-facts.ts';
import type { Fact } from '../../evidence/index.ts';
import type { MediatekIdentity, RomIdentity, SaharaIdentity } from '../../formats/rom/index.ts';
import { builtinKnowledge } from '../../knowledge/index.ts';
import { claimedSilicon } from './claim.ts';
import { fusedMaker, openBootRom } from './fused-maker.ts';
import { inferSoc } from './index.ts';
import { readSurfaces } from './surfaces.ts';

const rom = (identity: RomIdentity): Fact => fact('rom', { identity, complete: true }, 'shown');
const brom: MediatekIdentity = {
  protocol: 'mediatek',
  stage: 'mask-rom',
  hwCode: 0x6592,
  versions: undefined,
  targetConfig: { raw: 0, secureBoot: false, serialLinkAuthorisation: false, downloadAgentAuthorisation: false },
  meId: undefined,
  socId: undefined,
};
const edl: SaharaIdentity = {
  protocol: 'sahara',
  stage: 'mask-rom',
  version: 2,
  serial: '1234abcd',
  hardware: { msmId: 0x6b10e1, oemId: 0x72, modelId: 0 },
  keyHash: 'a9'.repeat(32),
};
const bootloader = (...partitions: readonly string[]): Fact =>
  fact('fastboot', { userspace: false, variables: partitions.map((name) => [`partition-size:${name}`, '0x1'] as const) }, 'shown');
const MTK = ['lk', 'preloader', 'nvram', 'proinfo', 'seccfg', 'tee1', 'boot'];
const QCOM = ['xbl_a', 'abl_a', 'tz_a', 'rpm_a', 'modemst1', 'boot_a'];

describe('surfaces of the boot chain', () => {
  it('a boot ROM’s number names the chip', () => {
    const found = inferSoc(factsOfAll(rom(brom)), builtinKnowledge);
    expect([found?.vendor, found?.family]).toEqual(['mediatek', 'mt6592']);
    expect(inferSoc(factsOfAll(rom(edl)), builtinKnowledge)?.family).toBe('msm8974');
  });

  it('partitions of a bootloader name its maker, and a list of common ones nobody', () => {
    const votes = (fact: Fact) => inferSoc(factsOfAll(fact), builtinKnowledge)?.votes.get('partition-names');
    expect(votes(bootloader(...MTK))).toBe('mediatek');
    expect(votes(bootloader(...QCOM))).toBe('qualcomm');
    expect(readSurfaces(factsOfAll(bootloader('boot', 'system', 'userdata')), builtinKnowledge)).toEqual([]);
  });

  it('together they convict a phone sold as a Mi 4, whatever its system says; one alone stays weak', () => {
    const claims = { model: 'MI 4' };
    const all = runOne(claimedSilicon, [...mi4Facts, rom(brom), bootloader(...MTK)], claims);
    expect(all.findings.map(({ strength, axis }) => [strength, axis])).toEqual([['conclusive', 'hardware']]);
    const one = runOne(claimedSilicon, [...mi4Facts, rom(brom)], claims);
    expect(one.findings.map(({ strength }) => strength)).toEqual(['weak']);
  });

  it('agree with a genuine Mi 4', () => {
    const facts = [...mi4Facts, rom(edl), bootloader('aboot', 'sbl1', 'rpm', 'tz', 'modemst1', 'fsg')];
    expect(runOne(claimedSilicon, facts, { model: 'MI 4' }).findings).toEqual([]);
  });
});

describe('fuses', () => {
  const judge = (identity: RomIdentity, check = fusedMaker, claims = { model: 'MI 4' }) => {
    const { findings, passed } = runOne(check, [...mi4Facts, rom(identity)], claims);
    return findings.length > 0 ? findings.map(({ strength, axis }) => `${strength} ${axis}`) : passed.length > 0 ? 'pass' : 'not-checked';
  };

  it('genuine: the maker’s own number and a key', () => expect([judge(edl), judge(edl, openBootRom)]).toEqual(['pass', 'pass']));

  it('altered: another maker’s number', () =>
    expect(judge({ ...edl, hardware: { msmId: 0x6b10e1, oemId: 0x51, modelId: 0 } })).toEqual(['weak hardware']));

  it('altered: a published test key, no key, or no secure boot', () => {
    const test = 'cc3153a80293939b90d02d3bf8b23e0292e452fef662c74998421adad42a380f';
    expect(judge({ ...edl, keyHash: test }, openBootRom)).toEqual(['weak posture']);
    expect(judge({ ...edl, keyHash: '00'.repeat(32) }, openBootRom)).toEqual(['weak posture']);
    expect(judge(brom, openBootRom)).toEqual(['weak posture']);
  });

  it('missing: a maker that nobody knows, or nothing fused', () => {
    expect(judge({ ...edl, hardware: { msmId: 0x6b10e1, oemId: 0, modelId: 0 } })).toBe('not-checked');
    expect(judge({ ...edl, keyHash: undefined }, openBootRom)).toBe('not-checked');
    expect(judge({ protocol: 'unisoc', stage: 'mask-rom', version: 'SPRD3' })).toBe('not-checked');
  });

  it('hostile: words where numbers stand', () => {
    expect(judge({ protocol: 'unisoc', stage: 'mask-rom', version: '<script>' }, openBootRom)).toBe('not-checked');
  });
});

it('the story’s phone is found by its boot ROM together with its kernel', () => {
  const found = inferSoc(factsOfAll(...mt6592Silicon, rom(brom)), builtinKnowledge);
  expect(found?.family).toBe('mt6592');
  expect(found?.surfaces.filter(({ group }) => group === 'boot-rom').map(({ disagrees }) => disagrees)).toEqual([false]);
});
