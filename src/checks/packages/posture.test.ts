import { describe, expect, test } from 'vitest';
import { apk, context, fact, files, judge, KEYS, MI4, packages, place, props } from '../boot/made-facts.ts';
import { runChecks } from '../run.ts';
import { accessibility } from './accessibility.ts';
import { authorities } from './authorities.ts';
import { devicePolicy } from './device-policy.ts';
import { disabledGuards } from './disabled-guards.ts';
import { hosts } from './hosts.ts';
import { indexIndicators } from './indicator-index.ts';
import { installers } from './installers.ts';
import { knownMalware } from './known-malware.ts';
import { permissions } from './permissions.ts';
import { rootApps } from './root-apps.ts';
import { rules } from './rules.ts';

const VO1D = 'f3732871371819532416cf2ec03ea103a3d61802';

describe('known malware', () => {
  const flags = (...list: Parameters<typeof runChecks>[1]['facts']['list'][number][]) =>
    runChecks([knownMalware], context(list)).findings.map(({ strength, flag }) => `${strength} ${flag ?? ''}`.trim());
  test('a published sample, by digest, wherever it lies', () => {
    expect(flags(packages({ name: 'any.name', sha1: [VO1D.toUpperCase()], system: true }))).toEqual(['conclusive malware']);
    expect(flags(fact('apks', [apk({ path: '/system/app/a.apk', sha1: VO1D })]))).toEqual(['conclusive malware']);
  });
  test('a name alone is weak and never called malware', () => {
    expect(flags(packages({ name: 'com.adups.fota', paths: ['/system/app/Fota.apk'] }))).toEqual(['weak']);
    expect(flags(packages({ name: 'com.mufc.anything' }))).toEqual(['weak']);
    expect(flags(files({ path: '/system/xbin/vo1d' }))).toEqual(['weak']);
  });
  test('a system flag is no innocence, and a user’s app is no less', () => {
    expect(flags(packages({ name: 'com.egame.tonyCore.feicheng', system: true }))).toEqual(['weak']);
    expect(flags(packages({ name: 'com.egame.tonyCore.feicheng', system: false }))).toEqual(['weak']);
  });
  test('Yt Service poses as Google in the system', () => {
    const yt = (signers: readonly string[]) => packages({ name: 'com.google.hfapservice', paths: ['/system/app/Yt.apk'], signers });
    expect(flags(yt([KEYS.stranger]))).toEqual(['conclusive malware']);
    expect(flags(yt([]))).toEqual(['weak']);
  });
  test('a folder that a row names holds what lies in it, and nothing beside it', () => {
    const found = (...paths: readonly string[]) =>
      runChecks([knownMalware], context([files(...paths.map((path) => ({ path })))])).findings.map(({ observed }) => observed);
    expect(found('/data/google/daemon/a', '/data/google/daemon/b')).toEqual(['files as /data/google/daemon/a']);
    expect(found('/data/google/daemons', '/data/google', '/system/xbin')).toEqual([]);
  });
  test('a clean phone passes; an unread one does not', () => {
    expect(judge(knownMalware, [packages({ name: 'com.android.settings' })])).toBe('pass');
    expect(judge(knownMalware, [])).toBe('not-checked');
    expect(flags(packages({ name: 'com.mufc' }, { name: 'com.adups.fotax' }))).toEqual([]);
  });
});

describe('an index of indicators', () => {
  const row = (type: 'package' | 'path' | 'sha1', value: string) => ({
    type,
    value,
    family: value,
    class: 'malware' as const,
    sources: [],
  });
  const index = indexIndicators([row('package', 'a.b'), row('package', 'c.'), row('path', '/x/y/'), row('sha1', 'AB'), row('path', '/')]);
  test('names, names below, digests in either case, folders with or without a slash', () => {
    expect([index.named('a.b'), index.named('c.d'), index.named('a'), index.named('c')].map((one) => one?.value)).toEqual([
      'a.b',
      'c.',
      undefined,
      undefined,
    ]);
    expect(index.valued('sha1', 'ab')?.value).toBe('AB');
    expect([index.placed('/x/y'), index.placed('/x/y/z/z'), index.placed('/x/yy'), index.placed('')].map((one) => one?.value)).toEqual([
      '/x/y/',
      '/x/y/',
      undefined,
      undefined,
    ]);
  });
});

describe('root apps', () => {
  test('a root manager does not stop the other checks of its package', () => {
    const list = packages({ name: 'com.topjohnwu.magisk', installer: null, sha1: [VO1D] });
    expect(judge(rootApps, [list])).toEqual(['weak posture']);
    expect(judge(knownMalware, [list])).toEqual(['conclusive posture']);
    expect(judge(installers, [list])).toEqual(['weak posture']);
  });
  test('in the system it came with the image', () => {
    expect(judge(rootApps, [props(MI4), packages({ name: 'eu.chainfire.supersu', paths: ['/system/app/S.apk'] })])).toEqual([
      'weak software',
    ]);
    expect(judge(rootApps, [packages({ name: 'a.b' })])).toBe('pass');
    expect(judge(rootApps, [])).toBe('not-checked');
  });
});

describe('where apps came from', () => {
  test.each([
    ['none', null, ['weak posture']],
    ['a file', 'com.google.android.packageinstaller', ['weak posture']],
    ['another app', 'com.shop', ['weak posture']],
    ['F-Droid', 'org.fdroid.fdroid', ['note posture']],
    ['the Play Store', 'com.android.vending', 'pass'],
  ])('%s', (_, installer, expected) => expect(judge(installers, [packages({ name: 'a.b', installer, system: false })])).toEqual(expected));
  test('system packages have none by nature; an unread installer is not examined', () => {
    expect(judge(installers, [packages({ name: 'a.b', installer: null, paths: ['/system/app/a.apk'] })])).toBe('not-checked');
    expect(judge(installers, [packages({ name: 'a.b' })])).toBe('not-checked');
  });
});

describe('guards, administrators, services', () => {
  test('a disabled or removed updater', () => {
    expect(judge(disabledGuards, [packages({ name: 'com.android.updater', enabled: false })])).toEqual(['weak posture']);
    expect(judge(disabledGuards, [packages({ name: 'com.wssyncmldm', uninstalled: true })])).toEqual(['weak posture']);
    expect(judge(disabledGuards, [packages({ name: 'com.android.updater', enabled: true })])).toBe('pass');
    expect(judge(disabledGuards, [packages({ name: 'com.android.updater' })])).toBe('not-checked');
  });
  test('a managed phone is posture', () => {
    const policy = (deviceOwner: string | null, admins: readonly string[]) =>
      fact('device-policy', { deviceOwner, profileOwners: [], activeAdmins: admins.map((value) => ({ value, place })) });
    expect(judge(devicePolicy, [policy('com.employer/.Admin', [])])).toEqual(['weak posture']);
    expect(judge(devicePolicy, [policy(null, ['com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver'])])).toEqual(['note posture']);
    expect(judge(devicePolicy, [policy(null, [])])).toBe('pass');
    expect(judge(devicePolicy, [])).toBe('not-checked');
  });
  test('an accessibility service that is on', () => {
    const services = (enabled: readonly string[], installed: readonly string[]) =>
      fact('accessibility', {
        enabled: enabled.map((value) => ({ value, place })),
        installed: installed.map((value) => ({ value, place })),
      });
    expect(judge(accessibility, [services(['a.spy/.S'], ['a.spy/.S'])])).toEqual(['weak posture']);
    expect(judge(accessibility, [services([], ['a.spy/.S'])])).toEqual(['note posture']);
    expect(judge(accessibility, [packages({ name: 'a.talk', paths: ['/system/app/t.apk'] }), services(['a.talk/.S'], [])])).toEqual([
      'note posture',
    ]);
    expect(judge(accessibility, [services([], [])])).toBe('pass');
    expect(judge(accessibility, [])).toBe('not-checked');
  });
  test('privileged permissions of an added app', () => {
    const item = (path: string, grantedPermissions: readonly string[]) => packages({ name: 'a.b', paths: [path], grantedPermissions });
    expect(judge(permissions, [item('/data/app/a/base.apk', ['android.permission.INSTALL_PACKAGES'])])).toEqual(['weak posture']);
    expect(judge(permissions, [item('/system/priv-app/a.apk', ['android.permission.INSTALL_PACKAGES'])])).toBe('pass');
    expect(judge(permissions, [item('/data/app/a/base.apk', [])])).toBe('not-checked');
  });
});

describe('certificates and hosts', () => {
  const authority = (path: string) => fact('authorities', [{ path, subject: 'CN=<b>', sha256: undefined, place }]);
  test('an authority of a user is posture, one in the system alters it', () => {
    expect(judge(authorities, [authority('/data/misc/user/0/cacerts-added/1.0')])).toEqual(['weak posture']);
    expect(judge(authorities, [authority('/system/etc/security/cacerts/1.0')])).toEqual(['weak software']);
    expect(judge(authorities, [fact('authorities', [])])).toBe('pass');
    expect(judge(authorities, [])).toBe('not-checked');
  });
  const hostsFile = (...entries: readonly (readonly [string, string])[]) =>
    fact('hosts', { entries: entries.map(([address, host]) => ({ address, host, place })) });
  test.each([
    ['updates sent elsewhere', hostsFile(['127.0.0.1', 'update.miui.com']), ['weak software']],
    ['a chosen address', hostsFile(['6.6.6.6', 'bank.example']), ['weak software']],
    ['advertising blocked', hostsFile(['0.0.0.0', 'ads.example'], ['0.0.0.0', 'ads2.example']), ['weak software']],
    ['AOSP’s own', hostsFile(['127.0.0.1', 'localhost'], ['::1', 'ip6-localhost']), 'pass'],
    ['an empty file', hostsFile(), 'pass'],
  ])('%s', (_, list, expected) => expect(judge(hosts, [props(MI4), list])).toEqual(expected));
  test('a server of malware that is blocked is on a list of such; one that is sent somewhere is named', () => {
    const said = (address: string) =>
      runChecks([hosts], context([props(MI4), hostsFile([address, 'catmore88.com'])])).findings.map(({ observed, because }) => [
        observed,
        because,
      ]);
    expect(said('0.0.0.0')).toEqual([
      ['hosts are blocked: catmore88.com to 0.0.0.0', expect.stringContaining('such lists block advertising')],
    ]);
    expect(said('6.6.6.6')).toEqual([
      ['hosts are sent to chosen addresses: catmore88.com to 6.6.6.6', expect.stringContaining('One of them is a server of BADBOX 2.0.')],
    ]);
  });
  test('an unread file is not examined', () => expect(judge(hosts, [props(MI4)])).toBe('not-checked'));
});

describe('code of known families', () => {
  const scan = (...meta: readonly Readonly<Record<string, string>>[]) =>
    fact('scans', [
      {
        path: '/system/lib/libx.so',
        bytes: 9,
        left: [],
        matches: meta.map((one, i) => ({ member: `m${i}`, source: 'assay', rule: 'r', meta: one, at: 7 })),
      },
    ]);
  test('what was scanned and meets nothing passes; what could not be scanned is not examined', () => {
    expect(judge(rules, [scan()])).toBe('pass');
    expect(judge(rules, [fact('scans', [{ path: '/x', bytes: 0, left: ['the file: timeout'], matches: [] }])])).toBe('not-checked');
    expect(judge(rules, [])).toBe('not-checked');
  });
  test('a part that stopped the scan is said, beside what was scanned', () => {
    const { passed, notExamined } = runChecks(
      [rules],
      context([fact('scans', [{ path: '/x.apk', bytes: 9, left: ['classes.dex: timeout'], matches: [] }])]),
    );
    expect(passed).toHaveLength(1);
    expect(notExamined).toMatchObject([{ what: 'Code of known families in /x.apk', because: '1 of its parts: classes.dex: timeout' }]);
  });
  test('one rule in ten members is one finding, weak, and called malware where the rule does', () => {
    const { findings } = runChecks([rules], context([scan({ family: 'F', class: 'malware' }, { family: 'F', class: 'malware' })]));
    expect(findings).toMatchObject([
      { strength: 'weak', flag: 'malware', names: 'F', observed: 'm0 of /system/lib/libx.so at offset 7, and in 1 more' },
    ]);
    expect(runChecks([rules], context([scan({ class: 'riskware' })])).findings).toMatchObject([{ flag: undefined, names: 'r' }]);
  });
});
