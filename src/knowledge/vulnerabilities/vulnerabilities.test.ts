import { describe, expect, it } from 'vitest';
import {
  affectsVersion,
  bulletins,
  isOfNamedChip,
  isOfNamedKernel,
  MARKED_JARS,
  MARKED_LIBRARIES,
  namedVulnerabilities,
  patchMarkers,
  untracedFixes,
  versionNumbers,
} from './index.ts';

describe('versions of a bulletin', () => {
  it.each([
    ['4.4.4 5.0.2', '4.4.4', true],
    ['4.4.4 5.0.2', '4.4.2', true],
    ['4.4.4 5.0.2', '5.0', true],
    ['4.4.4 5.0.2', '5.1', false],
    // Older than any that the bulletin speaks of: it is silent, and silence clears nothing.
    ['4.4.4 5.0.2', '4.3', undefined],
    ['6.0 6.0.1', '5.1.1', undefined],
    ['6.0 6.0.1', '7.0', false],
    ['<=5.1', '5.1.1', true],
    ['<=5.1', '6.0', false],
    ['<=5.1', '4.4.4', true],
    ['>=5.0', '4.4.4', false],
    ['>=5.0 <=6.0', '6.0.1', true],
    ['>=4.1.1 <=4.1.1', '4.1.2', false],
    ['>=4.1.1 <=4.1.1', '4.1.1', true],
    // Before points were listed, a line meant all of it; 6.0.1 is listed by itself where it is meant.
    ['5.0 5.1', '5.1.1', true],
    ['5.0 5.1', '5.0.2', true],
    ['4.4 5.1', '4.4.4', true],
    ['5.0 5.1.1', '5.1.2', false],
    ['5.1.1 6.0', '6.0.1', false],
    ['5.1.1 6.0', '6.0', true],
    ['7.0 7.1.1', '7.1.2', false],
    ['', '4.4.4', undefined],
    ['4.4.4', 'Tiramisu', undefined],
    ['4.4.4', '', undefined],
    ['8.0 8.1 9', '9', true],
    ['8.0 8.1 9', '10', false],
  ])('%j holds %j: %j', (versions, release, expected) => expect(affectsVersion(versions, release)).toBe(expected));
  it('reads numbers and nothing else', () => {
    expect(versionNumbers('3.4.0-gd853d22')).toEqual([3, 4, 0]);
    for (const text of ['', 'v4', '9'.repeat(20), '-1']) expect(versionNumbers(text)).toBeUndefined();
  });
});

describe('the tables', () => {
  it('hold the bulletins of 2015 to 2019, each hole once for each part', () => {
    const rows = bulletins();
    expect(rows.length).toBeGreaterThan(2500);
    // A later bulletin may add versions to a hole: then it is there once more, for these.
    const keys = rows.map(({ id, part, level }) => `${id} ${part} ${level}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(rows.map(({ id, part }) => `${id} ${part}`)).size).toBeGreaterThan(keys.length - 10);
    for (const { id, level, versions } of rows) {
      expect(id).toMatch(/^CVE-\d{4}-\d{4,7}$/);
      expect(level).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(versions).toMatch(/^(?:(?:[<>]=)?\d+(?:\.\d+)*(?: |$))*$/);
    }
  });
  const partsOf = (cve: string) =>
    bulletins()
      .filter(({ id }) => id === cve)
      .map(({ part, level }) => `${part} ${level}`);
  it('know whose code a hole is in, by the words of the bulletin and by where its fix is', () => {
    // KRACK and others stand under a level that is not of the first, and are Android's own.
    for (const cve of ['CVE-2017-13077', 'CVE-2017-13080']) expect(partsOf(cve)).toContain('platform 2017-11-06');
    expect(partsOf('CVE-2015-1283')).toEqual(['platform 2016-11-05']); // Expat
    expect(partsOf('CVE-2019-2023')).toEqual(['platform 2019-03-05']); // hwservicemanager
    // Media and Wi-Fi that are fixed in a chip maker's repository are that maker's.
    expect(partsOf('CVE-2016-2477')).toEqual(['qualcomm 2016-06-01']);
    expect(partsOf('CVE-2016-0809')).toEqual(['broadcom 2016-02-01']);
    expect(partsOf('CVE-2015-6637')).toEqual(['mediatek 2016-01-01']);
    expect(partsOf('CVE-2015-6639')).toEqual(['qualcomm 2016-01-01']);
    // A file system of the kernel, and one in Android's own tree.
    expect(partsOf('CVE-2017-0426')).toEqual(['platform 2017-02-01']);
  });
  it('hold no row of the acknowledgements, which name drivers’ holes under the first level', () => {
    expect(partsOf('CVE-2017-0648')).toEqual(['kernel 2017-06-05']);
    expect(partsOf('CVE-2017-0636')).toEqual(['mediatek 2017-06-05']);
    expect(partsOf('CVE-2017-8262')).not.toContain('platform 2017-07-01');
    for (const { part, level, severity, versions } of bulletins())
      if (part === 'platform' && /^2017-0[6-9]-01$/.test(level ?? '')) expect(severity ?? versions).not.toBe('');
  });
  it('hold all versions of a hole, also those of its second row and of a later bulletin', () => {
    const versionsOf = (cve: string) =>
      bulletins()
        .filter(({ id, part }) => id === cve && part === 'platform')
        .map(({ level, versions }) => `${level} ${versions}`);
    expect(versionsOf('CVE-2017-13230')).toEqual(['2018-02-01 5.1.1 6.0 6.0.1 7.0 7.1.1 7.1.2 8.0 8.1']);
    expect(versionsOf('CVE-2017-13283')).toEqual(['2018-04-01 7.0 7.1.1 7.1.2 8.0 8.1', '2018-10-01 9']);
    expect(versionsOf('CVE-2015-6616')).toEqual(['2015-12-01 <=6.0']);
  });
  it('know which of Google’s devices a row names', () => {
    const devices = (cve: string) => bulletins().find(({ id }) => id === cve)?.devices;
    expect(devices('CVE-2016-6743')).toEqual(['Android One', 'Nexus 9']);
    expect(devices('CVE-2015-1538')).toBeUndefined();
    expect([isOfNamedChip(['Nexus 5'], 'msm8974'), isOfNamedChip(['All Nexus'], 'msm8974'), isOfNamedChip(['All'], 'msm8974')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isOfNamedKernel(['Nexus 7'], '3.4'), isOfNamedKernel(['Pixel'], '3.4'), isOfNamedKernel(['Android One'], '3.10')]).toEqual([
      true,
      false,
      false,
    ]);
  });
  it('know the first one by its name', () =>
    expect(bulletins().find(({ id }) => id === 'CVE-2015-1538')).toMatchObject({
      name: 'Stagefright',
      level: '2015-08-01',
      part: 'platform',
      severity: 'Critical',
    }));
  it('have a source for every hole of before', () => {
    for (const { sources, fixedOn } of namedVulnerabilities) {
      expect(sources.length).toBeGreaterThan(0);
      expect(fixedOn).toMatch(/^(?:20\d\d-\d\d-\d\d)?$/);
    }
  });
  it('have a hole for every marker, and more than twenty of them', () => {
    const known = new Set([...namedVulnerabilities, ...bulletins()].filter(({ part }) => part === 'platform').map(({ id }) => id));
    expect(patchMarkers.length).toBeGreaterThan(20);
    for (const { cve } of patchMarkers) expect([...known]).toContain(cve);
  });
  it('say of every well-known hole of 2013 to 2015 which trace its fix leaves, or why none', () => {
    const known = new Set([...namedVulnerabilities, ...bulletins()].map(({ id }) => id));
    const told = [...patchMarkers, ...untracedFixes].map(({ cve }) => cve);
    expect(new Set(told).size).toBe(told.length);
    for (const { cve } of untracedFixes) expect([...known]).toContain(cve);
    const stagefright = ['1538', '1539', '3824', '3826', '3827', '3828', '3829', '3864', '6602'].map((one) => `CVE-2015-${one}`);
    const named = 'CVE-2013-4787 ANDROID-9695860 ANDROID-9950697 ANDROID-13678484 CVE-2014-3153 CVE-2014-7911 CVE-2014-8609';
    const later = 'CVE-2015-1474 CVE-2015-1528 CVE-2015-3636 CVE-2015-3837';
    for (const cve of [...named.split(' '), ...later.split(' '), ...stagefright]) expect(told).toContain(cve);
  });
  it('look for ASCII texts below 128 units, as the search in DEX counts them', () => {
    for (const { marker } of patchMarkers) expect(marker.text).toMatch(/^[ -~]{8,127}$/);
  });
  it('name libraries as file names', () => {
    for (const name of MARKED_LIBRARIES) expect(name).toMatch(/^[a-z0-9_.]+\.so$/);
    expect(MARKED_JARS).toEqual(['core.jar', 'core.odex', 'core-libart.jar', 'core-libart.odex', 'conscrypt.jar', 'conscrypt.odex']);
  });
});
