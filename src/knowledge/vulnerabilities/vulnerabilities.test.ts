import { describe, expect, it } from 'vitest';
import {
  affectsVersion,
  bulletins,
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
    const keys = rows.map(({ id, part }) => `${id} ${part}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { id, level, versions } of rows) {
      expect(id).toMatch(/^CVE-\d{4}-\d{4,7}$/);
      expect(level).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(versions).toMatch(/^(?:(?:[<>]=)?\d+(?:\.\d+)*(?: |$))*$/);
    }
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
