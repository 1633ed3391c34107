import { describe, expect, it } from 'vitest';
import { fact, mi4Facts, outcomeOf, placeOf, properties, runOne } from '../../../test/support/check-facts.ts';
import type { Fact } from '../../evidence/index.ts';
import { descriptionRelease } from './description-release.ts';
import { fileAgainstRuntime } from './file-against-runtime.ts';
import { fingerprintFields } from './fingerprint-fields.ts';
import { fingerprintRelease } from './fingerprint-release.ts';
import { identityTwice } from './identity-twice.ts';
import { parseFingerprint } from './images.ts';
import { isResellerVersion, propertyChecks } from './index.ts';
import { firstApiLevel, patchAgainstDate, patchBeforeVersion } from './patch-level.ts';
import { patchLevelForm, wrongLevel } from './patch-level-form.ts';
import { releaseSdk } from './release-sdk.ts';
import { resellerVersion } from './reseller-version.ts';
import { adbAgainstVersion, apexesAgainstVersion, servicesAgainstVersion } from './version-behaviour.ts';
import { kernelAgainstVersion } from './version-kernel.ts';
import { versionLayers } from './version-layers.ts';

const version = (release: string, sdk: string, more: Readonly<Record<string, string>> = {}) =>
  properties({ 'ro.build.version.release': release, 'ro.build.version.sdk': sdk, ...more });
const said = (list: readonly string[]) => list.map((value) => ({ value, place: placeOf('list') }));

describe('properties.release-sdk', () => {
  it('passes a genuine build', () => expect(outcomeOf(releaseSdk, mi4Facts)).toBe('pass'));
  it('convicts a newer version on the old level', () => expect(outcomeOf(releaseSdk, [version('10', '19')])).toBe('fail conclusive'));
  it('convicts a version that nobody knows on a level that is known', () =>
    expect(outcomeOf(releaseSdk, [version('18', '34')])).toBe('fail conclusive'));
  it('convicts a partition’s own pair', () =>
    expect(outcomeOf(releaseSdk, [properties({ 'ro.system.build.version.release': '14', 'ro.system.build.version.sdk': '27' })])).toBe(
      'fail conclusive',
    ));
  it('only notes a preview', () =>
    expect(outcomeOf(releaseSdk, [version('14', '33', { 'ro.build.version.codename': 'UpsideDownCake' })])).toBe('fail note'));
  it('says nothing of what it does not know', () => {
    for (const [release, sdk] of [
      ['18', '99'],
      ['Tiramisu', '33'],
      ['', '34'],
      ['\u0000', 'x'],
    ] as const)
      expect(outcomeOf(releaseSdk, [version(release, sdk)]), release).toBe('not-checked');
  });
});

describe('properties.patch-level-form', () => {
  it.each([
    ['2015-08-01', true],
    ['2016-04-02', true],
    ['2017-11-06', true],
    ['2025-12-05', true],
    ['2015-07-01', false],
    ['2021-02-31', false],
    ['2021-13-01', false],
    ['2021-12-00', false],
    ['2021-06-15', false],
    ['2026-09-01', false],
    ['soon', false],
    ['2021-6-1', false],
  ])('%s is a level: %s', (level, isLevel) => expect(wrongLevel(level, '2026-01-01T00:00:00Z') === undefined).toBe(isLevel));
  it('passes a genuine level, and convicts nobody above weak', () => {
    expect(outcomeOf(patchLevelForm, [version('11', '30', { 'ro.build.version.security_patch': '2021-06-05' })])).toBe('pass');
    expect(outcomeOf(patchLevelForm, [version('11', '30', { 'ro.build.version.security_patch': '2021-06-31' })])).toBe('fail weak');
  });
  it('notes that Android 6 states none, and asks nothing of Android 5, nor of a few lines of a list', () => {
    const none = { 'ro.build.display.id': 'X' };
    expect(outcomeOf(patchLevelForm, [version('6.0', '23', none)])).toBe('fail note');
    expect(outcomeOf(patchLevelForm, [version('5.1', '22', none)])).toBe('not-checked');
    expect(outcomeOf(patchLevelForm, [version('6.0', '23')])).toBe('not-checked');
  });
});

describe('properties.description-release', () => {
  const described = (release: string, description: string) =>
    properties({ 'ro.build.version.release': release, 'ro.build.description': description });
  it('passes a genuine build, also where one writes 5.0 and the other 5.0.1', () => {
    expect(outcomeOf(descriptionRelease, mi4Facts)).toBe('pass');
    expect(outcomeOf(descriptionRelease, [described('5.0.1', 'hi6210sft-user 5.0 LRX21M eng.jenkins test-keys')])).toBe('pass');
  });
  it('finds a borrowed description', () =>
    expect(outcomeOf(descriptionRelease, [described('12', 'jasmine-user 9 PKQ1 V10 release-keys')])).toBe('fail strong'));
  it('names an owner’s ROM foreign', () => {
    const rom = properties({
      'ro.build.version.release': '12',
      'ro.build.description': 'grus-user 11 R V12 release-keys',
      'ro.lineage.version': '19.1',
    });
    expect(runOne(descriptionRelease, [rom]).findings[0]?.nature).toBe('foreign');
  });
  it('says nothing of another form', () => expect(outcomeOf(descriptionRelease, [described('12', '12')])).toBe('not-checked'));
});

describe('fingerprints', () => {
  it('reads parts that makers leave empty, and refuses other forms', () => {
    expect(parseFingerprint('Redmi//river:15/AP3A/OS2.0:user/release-keys')).toMatchObject({
      brand: 'Redmi',
      product: '',
      device: 'river',
      release: '15',
    });
    expect(parseFingerprint('motorola/x/y:9/PPO/a/b:user/release-keys')).toMatchObject({ incremental: 'a/b' });
    for (const text of ['', 'abc', ':::::', '/'.repeat(10_000)]) expect(parseFingerprint(text)).toBeUndefined();
  });
  it('passes a genuine build', () => {
    expect(outcomeOf(fingerprintRelease, mi4Facts)).toBe('pass');
    expect(outcomeOf(fingerprintFields, mi4Facts)).toBe('pass');
  });
  it('convicts the fingerprint of another build', () => {
    const borrowed = version('4.4.4', '19', {
      'ro.build.fingerprint': 'google/walleye/walleye:8.1.0/OPM1/4448085:user/release-keys',
      'ro.build.id': 'KTU84P',
    });
    expect(outcomeOf(fingerprintRelease, [borrowed])).toBe('fail conclusive');
    expect(outcomeOf(fingerprintFields, [borrowed])).toBe('fail weak');
  });
  it('does not compare vendor partitions, which genuine phones combine', () =>
    expect(
      outcomeOf(fingerprintRelease, [
        properties({ 'ro.vendor.build.fingerprint': 'a/b/c:12/S/1:user/release-keys', 'ro.vendor.build.version.release': '16' }),
      ]),
    ).toBe('not-checked'));
});

describe('patch level', () => {
  const patched = (release: string, patch: string, date?: string) =>
    properties({
      'ro.build.version.release': release,
      'ro.build.version.security_patch': patch,
      ...(date === undefined ? {} : { 'ro.build.date.utc': date }),
    });
  it('passes a genuine build', () => expect(outcomeOf(patchBeforeVersion, [patched('14', '2024-01-05')])).toBe('pass'));
  it('passes a preview’s', () => expect(outcomeOf(patchBeforeVersion, [patched('14', '2023-04-05')])).toBe('pass'));
  it('convicts Android 14 with a patch level of 2018', () =>
    expect(outcomeOf(patchBeforeVersion, [patched('14', '2018-07-01')])).toBe('fail conclusive'));
  it('lists a patch level years younger than the build', () =>
    expect(outcomeOf(patchAgainstDate, [patched('8.1.0', '2023-01-05', '1530000000')])).toBe('fail weak'));
  it('passes a build of its month', () => expect(outcomeOf(patchAgainstDate, [patched('8.1.0', '2018-07-05', '1530000000')])).toBe('pass'));
  it('does not believe a clock that was never set', () =>
    expect(outcomeOf(patchAgainstDate, [patched('8.1.0', '2018-07-05', '1230768000')])).toBe('not-checked'));
  it('says nothing of texts that are no dates', () => {
    for (const patch of ['', '2018', '18-07-01', '2018-07-01; rm -rf /'])
      expect(outcomeOf(patchBeforeVersion, [patched('14', patch)]), patch).toBe('not-checked');
  });
  it('lists a system older than the launch', () => {
    expect(outcomeOf(firstApiLevel, [version('9', '28', { 'ro.product.first_api_level': '30' })])).toBe('fail weak');
    expect(
      outcomeOf(firstApiLevel, [version('14', '34', { 'ro.product.first_api_level': '30', 'ro.board.first_api_level': '202404' })]),
    ).toBe('pass');
    expect(outcomeOf(firstApiLevel, [version('4.4', '19')])).toBe('not-checked');
  });
});

describe('properties.version-layers', () => {
  const layers = (system: string, vendor: string) => [
    properties({ 'ro.system.build.version.release': system }, 'system'),
    properties({ 'ro.vendor.build.fingerprint': `a/b/c:${vendor}/X/1:user/release-keys` }, 'vendor'),
  ];
  it('passes the genuine phone with system 13 on vendor 11', () => expect(outcomeOf(versionLayers, layers('13', '11'))).toBe('pass'));
  it('passes four versions', () => expect(outcomeOf(versionLayers, layers('16', '12'))).toBe('pass'));
  it('convicts a vendor later than its system', () => {
    expect(outcomeOf(versionLayers, layers('11', '13'))).toBe('fail conclusive');
    expect(runOne(versionLayers, layers('11', '13')).findings[0]?.nature).toBe('mixed');
  });
  it('lists five versions', () => expect(outcomeOf(versionLayers, layers('16', '11'))).toBe('fail weak'));
  it('examines nothing of one image', () => expect(outcomeOf(versionLayers, mi4Facts)).toBe('not-checked'));
});

describe('properties.identity-twice', () => {
  const file = (...more: readonly (readonly [string, string])[]) =>
    properties([...Array.from({ length: 30 }, (_, at) => [`key.${at}`, 'x'] as const), ['ro.product.model', 'MI 4'], ...more], 'system');
  it('passes a genuine file, with the doubled keys that genuine files have', () =>
    expect(
      outcomeOf(identityTwice, [file(['ro.cutoff_voltage_mv', '3200'], ['ro.cutoff_voltage_mv', '3400'], ['ro.product.model', 'MI 4'])]),
    ).toBe('pass'));
  it('lists a second model', () => expect(outcomeOf(identityTwice, [file(['ro.product.model', 'MI 9'])])).toBe('fail weak'));
  it('examines no extract', () =>
    expect(
      outcomeOf(identityTwice, [
        properties(
          [
            ['ro.product.model', 'a'],
            ['ro.product.model', 'b'],
          ],
          'system',
        ),
      ]),
    ).toBe('not-checked'));
});

describe('properties.file-against-runtime', () => {
  it('lists what was changed in memory', () => {
    const files = properties({ 'ro.build.version.release': '8.1.0' }, 'system');
    expect(outcomeOf(fileAgainstRuntime, [version('14', '34'), files])).toBe('fail weak');
    expect(outcomeOf(fileAgainstRuntime, [version('8.1.0', '27'), files])).toBe('pass');
    expect(outcomeOf(fileAgainstRuntime, [files])).toBe('not-checked');
  });
});

describe('properties.reseller-version', () => {
  it('knows official names', () => {
    for (const name of ['V6.5.6.0.KXDCNCD', 'V14.0.7.0.TMCMIXM', 'OS1.0.5.0.UMCMIXM']) expect(isResellerVersion(name), name).toBe(false);
    for (const name of ['V14.0.7.0.0.TMCMIXM', '14.0.7.0.0.TMCMIXM', 'V6.3.3.0.0.KXDMIBL'])
      expect(isResellerVersion(name), name).toBe(true);
    for (const name of ['', 'V.....', `V${'1.'.repeat(5000)}ABCDEFG`, 'eng.root.2015']) expect(isResellerVersion(name)).toBe(false);
  });
  it('finds a reseller’s, once', () => {
    const sold = properties({
      'ro.build.version.incremental': 'V8.5.3.0.0.NCJCNED',
      'ro.build.fingerprint': 'Xiaomi/a/b:7.1.2/N2G47J/V8.5.3.0.0.NCJCNED:user/release-keys',
    });
    expect(runOne(resellerVersion, [sold]).findings).toMatchObject([{ strength: 'strong' }]);
  });
  it('passes an official one, and examines nobody else’s', () => {
    expect(outcomeOf(resellerVersion, mi4Facts)).toBe('pass');
    expect(outcomeOf(resellerVersion, [properties({ 'ro.build.version.incremental': 'G960FXXU1ARCC' })])).toBe('not-checked');
  });
});

describe('the claimed version against behaviour', () => {
  const apexes = (...list: readonly string[]) => fact('apexes', said(list));
  const modules = [
    'com.android.art',
    'com.android.runtime',
    'com.android.adbd',
    'com.android.media',
    'com.android.tzdata',
    'com.android.wifi',
  ];
  it('APEX: passes and convicts', () => {
    expect(outcomeOf(apexesAgainstVersion, [version('14', '34'), apexes(...modules)])).toBe('pass');
    expect(outcomeOf(apexesAgainstVersion, [version('14', '34'), apexes()])).toBe('fail conclusive');
    expect(outcomeOf(apexesAgainstVersion, [version('4.4.4', '19'), apexes(...modules)])).toBe('fail conclusive');
    expect(outcomeOf(apexesAgainstVersion, [version('14', '34')])).toBe('not-checked');
  });
  const padding = Array.from({ length: 70 }, (_, at) => `service${at}`);
  const since = {
    21: ['jobscheduler', 'launcherapps', 'media_session', 'batterystats'],
    29: ['overlay', 'storagestats', 'system_update', 'slice', 'activity_task', 'role', 'device_config', 'color_display'],
  };
  const services = (...list: readonly string[]) => fact('services', said([...padding, ...list]));
  it('services: passes what a version has, convicts an old system that says it is new', () => {
    expect(outcomeOf(servicesAgainstVersion, [version('10', '29'), services(...since[21], ...since[29])])).toBe('pass');
    expect(outcomeOf(servicesAgainstVersion, [version('10', '29'), services(...since[21], 'overlay', 'slice')])).toBe('fail conclusive');
    expect(outcomeOf(servicesAgainstVersion, [version('5.1', '22'), services(...since[21], ...since[29])])).toBe('fail weak');
    expect(outcomeOf(servicesAgainstVersion, [version('10', '29'), fact('services', said(['activity']))])).toBe('not-checked');
  });
  const kernel = (text: string) =>
    fact('kernel', { text, release: text, version: text, builtBy: undefined, compiler: undefined, machine: undefined });
  it('kernel: passes, convicts one that is too old and one that did not exist', () => {
    expect(outcomeOf(kernelAgainstVersion, [version('14', '34', { 'ro.build.date.utc': '1706000000' }), kernel('5.15.123')])).toBe('pass');
    expect(outcomeOf(kernelAgainstVersion, [version('14', '34'), kernel('3.18.35')])).toBe('fail conclusive');
    expect(outcomeOf(kernelAgainstVersion, [version('4.4.4', '19', { 'ro.build.date.utc': '1424000000' }), kernel('6.1.75')])).toBe(
      'fail conclusive',
    );
    expect(outcomeOf(kernelAgainstVersion, [version('4.4.4', '19', { 'ro.build.date.utc': '1424000000' }), kernel('3.4.0')])).toBe('pass');
    expect(outcomeOf(kernelAgainstVersion, [version('14', '34'), kernel('no kernel')])).toBe('not-checked');
  });
  const adb = (features: readonly string[], transport: 'tcp' | 'server' = 'tcp') =>
    fact('adb', { transport, banner: [], features, authorisation: 'prompt', keyIsNew: true, shellUid: 2000 });
  it('adb: lists a daemon older than the claim, and asks no server', () => {
    expect(outcomeOf(adbAgainstVersion, [version('14', '34'), adb(['shell_v2', 'cmd'])])).toBe('pass');
    expect(outcomeOf(adbAgainstVersion, [version('14', '34'), adb([])])).toBe('fail weak');
    expect(outcomeOf(adbAgainstVersion, [version('4.4.4', '19'), adb([])])).toBe('pass');
    expect(outcomeOf(adbAgainstVersion, [version('14', '34'), adb([], 'server')])).toBe('not-checked');
  });
});

describe('every check of the family', () => {
  const hostile: readonly Fact[] = [
    properties({
      'ro.build.version.release': '9'.repeat(100_000),
      'ro.build.version.sdk': '-1',
      'ro.build.fingerprint': '/'.repeat(100_000),
      'ro.build.description': '\u0000',
      'ro.build.version.security_patch': '2018-99-99',
    }),
  ];
  it('finds nothing on no facts and on a genuine phone, and never throws', () => {
    for (const check of propertyChecks) {
      expect(outcomeOf(check, []), check.id).toBe('not-checked');
      expect(['pass', 'not-checked'], check.id).toContain(outcomeOf(check, mi4Facts));
      const { notExamined } = runOne(check, hostile);
      for (const { because } of notExamined) expect(because, check.id).not.toMatch(/stopped with an error/);
    }
  });
});
