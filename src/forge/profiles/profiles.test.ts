import { describe, expect, test } from 'vitest';
import { contentBytes } from '../content.ts';
import { standInApk } from '../stand-in-apk.ts';
import { luhn } from './identifiers.ts';
import { GENUINE, mi4Counterfeit, mi4Genuine, mi4Retailer, PROFILES } from './index.ts';

describe.each(Object.keys(PROFILES))('%s', (name) => {
  const phone = PROFILES[name]?.();
  if (phone === undefined) throw new Error('no such profile');

  test('is the same every time', () => {
    expect(PROFILES[name]?.()).toEqual(phone);
    const text = phone.files.get('/system/framework/services.jar');
    if (text?.content !== undefined) expect(contentBytes(text.content, standInApk)).toEqual(contentBytes(text.content, standInApk));
  });

  test('every package lies where the package manager says', () => {
    for (const { name: packageName, paths } of phone.packages) {
      for (const path of paths) expect(phone.files.get(path)?.content?.kind, `${packageName} at ${path}`).toBe('apk');
    }
  });

  test('has no real unit’s identifiers', () => {
    for (const imei of phone.identifiers.imeis) {
      expect(imei).toMatch(/^00100\d{10}$/);
      expect(luhn(imei.slice(0, 14))).toBe(Number(imei[14]));
    }
    // The second lowest bit of the first octet: locally administered, no maker's.
    expect(Number.parseInt(phone.identifiers.wifiMac.slice(0, 2), 16) & 2).toBe(2);
  });

  test('mounts, their device numbers and what the kernel says of them agree', () => {
    const { content } = phone.files.get('/proc/self/mountinfo') ?? {};
    const lines = content?.kind === 'text' ? content.text.trim().split('\n') : [];
    expect(lines.map((line) => line.split(' ')[2])).toEqual(phone.mounts.map((mount) => mount.deviceNumber));
    expect(new Set(phone.mounts.map((mount) => mount.mountPoint)).size).toBe(phone.mounts.length);
  });
});

test('the genuine phones state one build in every partition that was built with it', () => {
  for (const name of GENUINE) {
    const properties = PROFILES[name]?.().properties ?? {};
    expect(properties['ro.build.fingerprint'], name).toContain(
      `:${properties['ro.build.version.release']}/${properties['ro.build.id']}/${properties['ro.build.version.incremental']}:user/release-keys`,
    );
  }
});

test('case zero: three phones that say one model, of which one is another chip', () => {
  const [genuine, retailer, counterfeit] = [mi4Genuine(), mi4Retailer(), mi4Counterfeit()];
  for (const phone of [genuine, retailer, counterfeit]) expect(phone.properties['ro.product.model']).toBe('MI 4LTE');
  expect([genuine, retailer, counterfeit].map((phone) => phone.silicon.counterHz)).toEqual([19_200_000, 19_200_000, 13_000_000]);
  expect([genuine, retailer, counterfeit].map((phone) => phone.adb.authorisation)).toEqual(['prompt', 'none', 'none']);
  expect(counterfeit.identifiers.imeis).toEqual(genuine.identifiers.imeis);
  for (const swap of counterfeit.behaviours.installSwaps) expect(counterfeit.files.get(swap.with)?.content?.kind).toBe('apk');
});
