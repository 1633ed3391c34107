import { describe, expect, test } from 'vitest';
import type { AppOperation, IntentHandler, PackageTrace } from '../../evidence/index.ts';
import { context, fact, files, judge, MODERN, packages, place, props } from '../boot/made-facts.ts';
import { runChecks } from '../run.ts';
import { appOperations } from './app-operations.ts';
import { indicatorProperties } from './indicator-properties.ts';
import { intentHandlers } from './intent-handlers.ts';
import { packageHistory } from './package-history.ts';
import { packageTraces } from './package-traces.ts';
import { patchAge } from './patch-age.ts';
import { processes } from './processes.ts';
import { settings } from './settings.ts';
import { temporaryFiles } from './temporary-files.ts';
import { tombstones } from './tombstones.ts';

const trace = (value: Partial<PackageTrace>) =>
  fact('package-traces', [
    {
      source: 'battery-daily',
      package: 'a.b',
      event: 'update',
      when: undefined,
      detail: undefined,
      uid: undefined,
      versionBefore: undefined,
      versionAfter: undefined,
      place,
      ...value,
    },
  ]);
const setting = (key: string, value: string) => fact('settings', { namespace: 'global', entries: [{ key, value, place }] });
const operation = (value: Partial<AppOperation>) =>
  fact('app-operations', [{ package: 'a.b', uid: 'u0a1', operation: 'CAMERA', mode: 'allow', lastAccess: undefined, place, ...value }]);
const handler = (value: Partial<IntentHandler>) =>
  fact('intent-handlers', [
    { intent: 'android.provider.Telephony.SMS_RECEIVED', component: 'a.b/.R', package: 'a.b', kind: 'receiver', place, ...value },
  ]);
const process = (name: string) => fact('processes', [{ name, user: 'u0_a1', pid: 1, parentPid: 1, label: undefined, place }]);

test.each([
  ['the scanner of apps off', setting('package_verifier_enable', '0'), ['weak posture']],
  ['an accessibility service on', setting('accessibility_enabled', '1'), ['weak posture']],
  ['a value with a line break and markup', setting('package_verifier_state', '0\n<b>'), ['weak posture']],
  ['all as it should be', setting('package_verifier_enable', '1'), 'pass'],
  ['a key that was never set', setting('package_verifier_enable', 'null'), 'pass'],
  ['another key', setting('toString', '0'), 'pass'],
])('settings: %s', (_, given, expected) => expect(judge(settings, [given])).toEqual(expected));

test.each([
  ['an app that may install others', operation({ operation: 'REQUEST_INSTALL_PACKAGES' }), ['weak posture']],
  ['one that was refused', operation({ operation: 'REQUEST_INSTALL_PACKAGES', mode: 'deny' }), ['note posture']],
  ['what the shell did', operation({ package: 'com.android.shell' }), ['note posture']],
  ['a camera that takes pictures', operation({}), 'pass'],
])('operations: %s', (_, given, expected) => expect(judge(appOperations, [given])).toEqual(expected));

test.each([
  ['uninstalled', trace({ versionBefore: 5, versionAfter: 0 }), ['note posture']],
  ['set back', trace({ versionBefore: 5, versionAfter: 4 }), ['weak posture']],
  ['updated', trace({ versionBefore: 4, versionAfter: 5 }), 'pass'],
  ['another log', trace({ source: 'usagestats' }), 'not-checked'],
])('history: %s', (_, given, expected) => expect(judge(packageHistory, [given])).toEqual(expected));

test.each([
  ['a crash as root', trace({ source: 'tombstone', package: 'vold', uid: 0 }), ['weak posture']],
  ['a crash as system', trace({ source: 'tombstone', package: 'system_server', uid: 1000 }), ['note posture']],
  ['a crash as shell of the second user', trace({ source: 'tombstone', package: 'x', uid: 1_002_000 }), ['weak posture']],
  ['a crash of an app', trace({ source: 'tombstone', uid: 10_100 }), 'pass'],
  ['an unread uid', trace({ source: 'tombstone' }), 'pass'],
])('tombstones, without any indicator loaded: %s', (_, given, expected) => {
  const bare = {
    knowledge: {
      version: '',
      socs: [],
      models: [],
      signers: [],
      indicators: [],
      patterns: [],
      rules: [],
      vulnerabilities: [],
      kernelLevels: [],
      checkers: [],
      tacs: [],
    },
  };
  expect(judge(tombstones, [given], bare)).toEqual(expected);
});

test.each([
  ['a pushed program', files({ path: '/data/local/tmp/x', mode: '0755' }), ['weak posture']],
  ['the collector’s own', files({ path: '/data/local/tmp/collector_arm64' }), 'pass'],
  ['a folder that was not walked', fact('files', { roots: ['/system'], files: [] }), 'not-checked'],
  ['an empty folder', fact('files', { roots: ['/data/local/tmp'], files: [] }), 'pass'],
  [
    'a path that only begins so',
    files({ path: '/data/local/tmpx/x' }, { path: '/data/local/tmp/../../system/x', type: 'directory' }),
    'pass',
  ],
])('files of the shell, without any indicator loaded: %s', (_, given, expected) => {
  const bare = {
    knowledge: {
      version: '',
      socs: [],
      models: [],
      signers: [],
      indicators: [],
      patterns: [],
      rules: [],
      vulnerabilities: [],
      kernelLevels: [],
      checkers: [],
      tacs: [],
    },
  };
  expect(judge(temporaryFiles, [given], bare)).toEqual(expected);
});

describe('who listens', () => {
  const added = packages({ name: 'a.b', paths: ['/data/app/a/base.apk'] });
  test('an added app takes messages', () => expect(judge(intentHandlers, [added, handler({})])).toEqual(['weak posture']));
  test('the system’s own app is a note', () => {
    expect(judge(intentHandlers, [packages({ name: 'a.b', paths: ['/system/app/a.apk'] }), handler({})])).toEqual(['note posture']);
  });
  test('another event is none; unread is not examined', () => {
    expect(judge(intentHandlers, [added, handler({ intent: 'android.intent.action.VIEW' })])).toBe('pass');
    expect(judge(intentHandlers, [added])).toBe('not-checked');
  });
});

describe('traces', () => {
  test('a known family in any log, once', () => {
    const one = trace({ source: 'dbinfo', package: 'com.adups.fota' });
    expect(judge(packageTraces, [one, one])).toEqual(['weak posture']);
  });
  test('a removed app in the compatibility overrides', () => {
    const compat = trace({ source: 'platform-compat', package: 'com.gone.app' });
    expect(judge(packageTraces, [compat, packages({ name: 'a.b' })])).toEqual(['note posture']);
    expect(judge(packageTraces, [compat, packages({ name: 'com.gone.app' })])).toBe('pass');
    expect(judge(packageTraces, [compat])).toBe('pass');
  });
  test('processes and properties of known families', () => {
    expect(judge(processes, [process('com.adups.fota:remote')])).toEqual(['weak posture']);
    expect(judge(processes, [process('/data/local/tmp/x')])).toEqual(['weak posture']);
    expect(judge(processes, [process('system_server')])).toBe('pass');
    expect(judge(processes, [])).toBe('not-checked');
    const spy = { type: 'property', value: 'sys.spy', family: 'Spy', class: 'malware', sources: ['test'] } as const;
    const { knowledge } = context([]);
    expect(judge(indicatorProperties, [props({ 'sys.spy': '' })], { knowledge: { ...knowledge, indicators: [spy] } })).toEqual([
      'weak posture',
    ]);
    expect(judge(indicatorProperties, [props(MODERN)])).toBe('pass');
  });
});

describe('patch age', () => {
  const patched = (level: string) => props({ ...MODERN, 'ro.build.version.security_patch': level });
  test('is measured at the capture, never from today', () => {
    expect(judge(patchAge, [patched('2015-03-01')], { asOf: '2015-04-01T00:00:00Z' })).toBe('pass');
    expect(judge(patchAge, [patched('2015-03-01')], { asOf: '2016-04-01T00:00:00Z' })).toEqual(['weak posture']);
  });
  test.each(['', '2015-13-01', 'soon', '2015-03-01; rm -rf /'])('"%s" is no date', (level) => {
    expect(judge(patchAge, [patched(level)])).toBe('not-checked');
  });
  test('a level in the future passes', () => expect(judge(patchAge, [patched('2030-01-01')])).toBe('pass'));
  test('the finding says how many days', () => {
    const { findings } = runChecks([patchAge], context([patched('2025-01-31')]));
    expect(findings[0]?.observed).toBe('security patches of 2025-01-31, 365 days before the capture');
  });
});
