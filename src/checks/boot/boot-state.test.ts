import { describe, expect, test } from 'vitest';
import { bootContradictions } from './boot-contradictions.ts';
import { buildType } from './build-type.ts';
import { debugProperties } from './debug-properties.ts';
import { fastbootContradiction } from './fastboot-contradiction.ts';
import { foreignSystem } from './foreign-system.ts';
import { lockState } from './lock-state.ts';
import { fact, judge, MI4, MODERN, props, reference } from './made-facts.ts';
import { rootDigest } from './root-digest.ts';
import { selinuxMode } from './selinux-mode.ts';

const fastboot = (unlocked: string) => fact('fastboot', { userspace: false, variables: [['unlocked', unlocked]] });
const selinux = (mode: 'enforcing' | 'permissive' | 'disabled' | undefined) => fact('selinux', { mode, policySha256: undefined });

describe('forged green', () => {
  test('green over an unlocked device', () => {
    expect(judge(bootContradictions, [props({ ...MODERN, 'ro.boot.vbmeta.device_state': 'unlocked' })])).toContain('conclusive software');
    expect(judge(bootContradictions, [props({ ...MODERN, 'ro.boot.vbmeta.device_state': '', 'ro.boot.flash.locked': '0' })])).toEqual([
      'conclusive software',
    ]);
  });
  test('green in capitals, as Huawei writes it, is green', () => {
    const huawei = { ...MODERN, 'ro.product.brand': 'HUAWEI', 'ro.boot.verifiedbootstate': 'GREEN' };
    expect(judge(bootContradictions, [props(huawei)])).toBe('pass');
  });
  test('an uncertified maker’s bootloader may set it wrongly', () => {
    expect(judge(bootContradictions, [props({ ...MODERN, 'ro.product.brand': 'noname', 'ro.boot.flash.locked': '0' })])).toEqual([
      'weak software',
      'weak software',
    ]);
  });
  test('an honest unlocked phone contradicts nothing', () => {
    const honest = {
      ...MODERN,
      'ro.boot.verifiedbootstate': 'orange',
      'ro.boot.vbmeta.device_state': 'unlocked',
      'ro.boot.flash.locked': '0',
    };
    expect(judge(bootContradictions, [props(honest)])).toBe('pass');
    expect(judge(lockState, [props(honest)])).toEqual(['weak posture', 'weak posture', 'weak posture']);
  });
  test('one property alone is not compared', () => {
    expect(judge(bootContradictions, [props({ 'ro.boot.verifiedbootstate': 'green' })])).toBe('not-checked');
  });
  test('the bootloader says unlocked while the system says green', () => {
    expect(judge(fastbootContradiction, [props(MODERN), fastboot('yes')])).toEqual(['conclusive software']);
    expect(judge(fastbootContradiction, [props(MODERN), fastboot('no')])).toBe('pass');
    expect(judge(fastbootContradiction, [props(MODERN), fastboot('Unknown variable')])).toBe('not-checked');
    expect(judge(fastbootContradiction, [props(MI4), fastboot('yes')])).toBe('not-checked');
  });
});

describe('SELinux', () => {
  test.each([
    ['permissive on a consumer build', MODERN, ['conclusive software']],
    ['permissive on an engineering unit', { ...MODERN, 'ro.build.type': 'eng' }, ['weak software']],
    ['permissive on a small maker’s phone', { ...MODERN, 'ro.product.brand': 'noname' }, ['weak software']],
    ['permissive before Android 5', MI4, ['note software']],
  ])('%s', (_, properties, expected) => expect(judge(selinuxMode, [props(properties), selinux('permissive')])).toEqual(expected));
  test('enforcing passes; unread is not examined', () => {
    expect(judge(selinuxMode, [props(MODERN), selinux('enforcing')])).toBe('pass');
    expect(judge(selinuxMode, [props(MODERN), selinux(undefined)])).toBe('not-checked');
  });
});

describe('what a build says it is', () => {
  test('test keys of a genuine flagship are weak', () => {
    expect(judge(buildType, [props({ ...MODERN, 'ro.product.brand': 'HUAWEI', 'ro.build.tags': 'test-keys' })])).toEqual(['weak software']);
    expect(judge(buildType, [props({ ...MODERN, 'ro.build.tags': 'ota-rel-keys,release-keys' })])).toBe('pass');
    expect(judge(buildType, [props({})])).toBe('not-checked');
  });
  test('open properties of a consumer build are weak, of an engineering build a note', () => {
    expect(judge(debugProperties, [props({ ...MODERN, 'ro.debuggable': '1' })])).toEqual(['weak software']);
    expect(judge(debugProperties, [props({ ...MODERN, 'ro.build.type': 'eng', 'ro.debuggable': '1' })])).toEqual(['note posture']);
    expect(judge(debugProperties, [props(MODERN)])).toBe('pass');
    expect(judge(debugProperties, [props({})])).toBe('not-checked');
  });
  test('LineageOS that says so is foreign, on a certified maker’s phone for certain', () => {
    expect(judge(foreignSystem, [props({ ...MI4, 'ro.cm.version': '12.1-20151128-cancro' })])).toEqual(['conclusive software']);
    expect(judge(foreignSystem, [props({ ...MODERN, 'ro.product.brand': 'noname', 'ro.lineage.version': '20.0' })])).toEqual([
      'weak software',
    ]);
    expect(judge(foreignSystem, [props(MI4)])).toBe('pass');
    expect(judge(foreignSystem, [])).toBe('not-checked');
  });
  test('OnePlus One was sold with Cyanogen OS', () => {
    const bacon = { ...MI4, 'ro.product.brand': 'oneplus', 'ro.product.device': 'A0001', 'ro.cm.version': '11.0-XNPH05Q' };
    expect(judge(foreignSystem, [props(bacon)])).toBe('pass');
  });
  test('an empty version says nothing', () => expect(judge(foreignSystem, [props({ ...MI4, 'ro.lineage.version': '' })])).toBe('pass'));
  test('a tripped Knox fuse is a note', () => {
    expect(judge(lockState, [props({ ...MODERN, 'ro.product.brand': 'samsung', 'ro.boot.warranty_bit': '1' })])).toEqual(['note posture']);
  });
});

describe('root digests', () => {
  const phone = { ...MODERN, 'partition.system.verified.root_digest': 'AA11' };
  const fingerprint = MODERN['ro.build.fingerprint'] ?? '';
  const partitions = (rootDigest: string | null) => [{ name: 'system_a', size: 1, sha256: '', rootDigest }];
  test('another partition than the build’s', () => {
    expect(judge(rootDigest, [props(phone)], { references: [reference(fingerprint, { partitions: partitions('bb22') })] })).toEqual([
      'conclusive software',
    ]);
    expect(
      judge(rootDigest, [props(phone)], { references: [reference(fingerprint, { partitions: partitions('bb22') }, 'nobody')] }),
    ).toEqual(['weak software']);
  });
  test('the build’s own passes; without a reference nothing is passed', () => {
    expect(judge(rootDigest, [props(phone)], { references: [reference(fingerprint, { partitions: partitions('aa11') })] })).toBe('pass');
    expect(judge(rootDigest, [props(phone)])).toBe('not-checked');
    expect(judge(rootDigest, [props(phone)], { references: [reference('another/build', { partitions: partitions('bb22') })] })).toBe(
      'not-checked',
    );
    expect(judge(rootDigest, [props(phone)], { references: [reference(fingerprint, { partitions: partitions(null) })] })).toBe(
      'not-checked',
    );
    expect(judge(rootDigest, [props(MODERN)], { references: [reference(fingerprint)] })).toBe('not-checked');
  });
});
