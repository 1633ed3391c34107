import { describe, expect, test } from 'vitest';
import { checkers, disclaimers, indicators, signers } from './index.ts';

const LENGTHS = { sha256: 64, sha1: 40, md5: 32, 'signer-sha256': 64, 'signer-sha1': 40 } as const;

describe('what is known of packages', () => {
  test('every row has a source', () => {
    for (const row of [...signers, ...indicators, ...checkers, ...disclaimers]) expect(row.sources.length).toBeGreaterThan(0);
  });
  test('digests are lower-case hex of their length', () => {
    for (const { sha256, sha1 } of signers) expect(`${sha256} ${sha1 ?? 'a'.repeat(40)}`).toMatch(/^[0-9a-f]{64} [0-9a-f]{40}$/);
    for (const { type, value } of indicators)
      if (type in LENGTHS) expect(value).toMatch(new RegExp(`^[0-9a-f]{${LENGTHS[type as keyof typeof LENGTHS]}}$`)); // `in` just said so
    for (const { signers: own } of checkers) for (const signer of own) expect(signer).toMatch(/^[0-9a-f]{64}$/);
  });
  test('no signer has two owners, no checker two rows', () => {
    expect(new Set(signers.map(({ sha256 }) => sha256)).size).toBe(signers.length);
    expect(new Set(checkers.map((row) => row.package)).size).toBe(checkers.length);
  });
  test('busybox and the shim of the compatibility tests, found on genuine phones, are no indicators', () => {
    expect(indicators.some(({ value }) => /busybox|ctsshim/.test(value))).toBe(false);
  });
  test('the families of 2015 to 2026 are there', () => {
    const families = indicators.map(({ family }) => family).join();
    for (const family of [
      'DarthPusher',
      'PhoneGuardService',
      'AppStats',
      'Adups',
      'Cosiloon',
      'Vo1d',
      'BackDoor.3104',
      'Keenadu',
      'xHelper',
      'Redstone',
      'Magisk',
      'KernelSU',
      'APatch',
      'LSPosed',
      'Frida',
    ])
      expect(families).toContain(family);
  });
});
