import { describe, expect, it } from 'vitest';
import { contextOf, fact, outcomeOf, properties } from '../../../test/support/check-facts.ts';
import type { Fact } from '../../evidence/index.ts';
import { allowedLines, type PolicyParts, RULE, readSelinuxPolicy, writeSelinuxPolicy } from '../../formats/android/selinux/index.ts';
import { type Reference, rulesOf } from '../../references/index.ts';
import { runChecks } from '../run.ts';
import { reference } from './made-facts.ts';
import { selinuxPolicy } from './selinux-policy.ts';

const GENUINE: PolicyParts = {
  types: ['kernel', 'init', 'shell', 'system_file'],
  classes: { file: ['read', 'write', 'open'], security: ['load_policy'] },
  allow: [
    ['init', 'kernel', 'security', ['load_policy']],
    ['shell', 'system_file', 'file', ['read', 'open']],
  ],
};
const policy = (parts: PolicyParts, from: 'live' | 'file' = 'live'): Fact =>
  fact('selinux-policy', { from, path: '/sepolicy', policy: readSelinuxPolicy(writeSelinuxPolicy(parts)).value });
const build = (type = 'user', sdk = '34') =>
  properties({
    'ro.product.brand': 'google',
    'ro.build.type': type,
    'ro.build.tags': 'release-keys',
    'ro.build.version.sdk': sdk,
  });
const withRule = (...rule: PolicyParts['allow'][number]): PolicyParts => ({ ...GENUINE, allow: [...GENUINE.allow, rule] });

describe('boot.selinux-policy', () => {
  it('passes a maker’s policy, alone and beside the file that init loads', () => {
    expect(outcomeOf(selinuxPolicy, [build(), policy(GENUINE)])).toBe('pass');
    expect(outcomeOf(selinuxPolicy, [build(), policy(GENUINE), policy(GENUINE, 'file')])).toBe('pass');
  });
  it('lists rules that the policy of the build named has not, where the firmware itself was at hand', () => {
    const fingerprint = 'google/x/x:14/A/1:user/release-keys';
    const facts = {
      list: [properties({ 'ro.build.fingerprint': fingerprint }), policy(withRule('shell', 'kernel', 'security', ['load_policy']))],
      unread: [],
    };
    const rules = rulesOf(writeSelinuxPolicy(GENUINE)) ?? new Set<string>();
    const named = { ...reference(fingerprint), policy: { path: '/vendor/etc/selinux/precompiled_sepolicy', rules } };
    const observed = (references: readonly Reference[]) =>
      runChecks([selinuxPolicy], { ...contextOf(facts), references }).findings.map((found) => found.observed);
    expect(observed([named])).toContainEqual(
      expect.stringMatching(/^1 rules \(1 of them for apps or the shell\) that .*precompiled_sepolicy of the build that it names has not/),
    );
    expect(observed([])).toHaveLength(1);
  });
  it('passes the policy of the build named, with rules of every kind', () => {
    const fingerprint = 'google/x/x:14/A/1:user/release-keys';
    const { value } = readSelinuxPolicy(writeSelinuxPolicy(GENUINE));
    const [rule] = value.rules;
    if (rule === undefined) throw new Error('no rule');
    const whole = {
      ...value,
      rules: [...value.rules, { ...rule, kind: RULE.typeTransition }, { ...rule, kind: RULE.xpermsAllow, extended: '01ff' }],
    };
    const lines = allowedLines(whole);
    expect([...lines].map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(['allow', 'allowxperm', 'type_transition']));
    const named = {
      ...reference(fingerprint),
      policy: { path: '/vendor/etc/selinux/precompiled_sepolicy', rules: new Set([...lines, 'permissive su']) },
    };
    const facts = {
      list: [
        properties({ 'ro.build.fingerprint': fingerprint }),
        fact('selinux-policy', { from: 'live', path: '/sys/fs/selinux/policy', policy: whole }),
      ],
      unread: [],
    };
    expect(runChecks([selinuxPolicy], { ...contextOf(facts), references: [named] })).toMatchObject({ findings: [], passed: [{}] });
  });
  it('convicts a permissive domain of a consumer build, and only lists it of a developer’s', () => {
    const open = { ...GENUINE, permissive: ['shell'] };
    expect(outcomeOf(selinuxPolicy, [build(), policy(open)])).toBe('fail conclusive');
    expect(outcomeOf(selinuxPolicy, [build('userdebug'), policy(open)])).toBe('fail weak');
    expect(outcomeOf(selinuxPolicy, [build('user', '19'), policy(open)])).toBe('fail weak');
  });
  it('convicts the types of root tools, whatever the build calls itself', () => {
    for (const tool of ['magisk', 'ksu', 'supersu'])
      expect(outcomeOf(selinuxPolicy, [build('userdebug'), policy({ ...GENUINE, types: [...GENUINE.types, tool] })])).toBe(
        'fail conclusive',
      );
  });
  it('convicts a second loader of policies', () =>
    expect(outcomeOf(selinuxPolicy, [build(), policy(withRule('shell', 'kernel', 'security', ['load_policy']))])).toBe('fail conclusive'));
  it('lists rules that are only in force', () =>
    expect(outcomeOf(selinuxPolicy, [build(), policy(withRule('shell', 'system_file', 'file', ['write'])), policy(GENUINE, 'file')])).toBe(
      'fail weak',
    ));
  it('compares no file that init did not load', () => {
    const other: PolicyParts = { ...GENUINE, allow: [['shell', 'system_file', 'file', ['write']]] };
    expect(outcomeOf(selinuxPolicy, [build(), policy(GENUINE), policy(other, 'file')])).toBe('pass');
  });
  it('examines nothing without the policy in force', () => {
    expect(outcomeOf(selinuxPolicy, [build()])).toBe('not-checked');
    expect(outcomeOf(selinuxPolicy, [build(), policy(GENUINE, 'file')])).toBe('not-checked');
  });
  it('judges every policy of an image, and a recovery’s only weakly', () => {
    const at = (path: string, parts: PolicyParts) =>
      fact('selinux-policy', { from: 'file', path, policy: readSelinuxPolicy(writeSelinuxPolicy(parts)).value });
    const open = { ...GENUINE, permissive: ['shell'] };
    const strengths = (...facts: readonly Fact[]) =>
      runChecks([selinuxPolicy], { ...contextOf({ list: [build(), ...facts], unread: [] }), trust: 'image' }).findings.map(
        ({ strength, observed }) => `${strength} ${observed}`,
      );
    expect(strengths(at('/ramdisk/recovery/sepolicy', GENUINE), at('/vendor/etc/selinux/precompiled_sepolicy', open))).toEqual([
      'conclusive permissive domains: shell (/vendor/etc/selinux/precompiled_sepolicy)',
    ]);
    expect(strengths(at('/ramdisk/recovery/sepolicy', open), at('/vendor/etc/selinux/precompiled_sepolicy', GENUINE))).toEqual([
      'weak permissive domains: shell (/ramdisk/recovery/sepolicy)',
    ]);
  });
});
