import { expect, test } from 'vitest';
import { type PolicyParts, writeSelinuxPolicy } from '../../formats/android/index.ts';
import { policyDifference } from './policy.ts';

const BASE: PolicyParts = {
  types: ['init', 'shell', 'system_file'],
  classes: { file: ['read', 'open', 'write'] },
  allow: [['init', 'system_file', 'file', ['read', 'open']]],
};
const policy = (more: Partial<PolicyParts>) => writeSelinuxPolicy({ ...BASE, ...more });
const shown = (difference: ReturnType<typeof policyDifference>) =>
  difference?.kind === 'changed' ? difference.changes.map(({ sign, text }) => `${sign} ${text}`) : difference?.kind;

test('a domain that was made permissive, a rule more and one less', () => {
  const patched = policy({ permissive: ['shell'], allow: [['shell', 'system_file', 'file', ['write']]] });
  expect(shown(policyDifference(policy({}), patched))).toEqual([
    '+ allow shell system_file:file write',
    '+ permissive shell',
    '- allow init system_file:file read',
    '- allow init system_file:file open',
  ]);
  expect(shown(policyDifference(policy({}), policy({})))).toBe('same');
});

test('the same rules in another order are the same policy', () => {
  const types = ['system_file', 'shell', 'init'];
  expect(shown(policyDifference(policy({}), policy({ types })))).toBe('same');
});

test('what is no policy is none', () => {
  expect(policyDifference(new Uint8Array(9), policy({}))).toBeUndefined();
  expect(policyDifference(policy({}), policy({}).subarray(0, 40))).toBeUndefined();
});
