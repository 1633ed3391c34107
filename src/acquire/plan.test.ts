import { describe, expect, test } from 'vitest';
import { ARTEFACT_NAME } from './capture-schema.ts';
import { PROBE_TOOLS, plan, probeItem, tradeInItem } from './plan.ts';
import { ORDER } from './plan-types.ts';
import { chosen, notExpected, parseProbe, parseUsers, scriptFor, taskOf } from './prepare.ts';

const all = [probeItem, tradeInItem, ...plan];
const scripts = all.flatMap(({ how }) => (how.kind === 'shell' ? how.variants.map(({ script }) => script) : []));

describe('the plan', () => {
  test('names each item once and each artefact safely', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const item of all) expect(item.artefact.replace('{user}', '0')).toMatch(ARTEFACT_NAME);
  });

  test('gives every item limits and a reason', () => {
    for (const item of all) {
      expect(item.timeLimitMs).toBeGreaterThan(0);
      expect(item.byteLimit).toBeGreaterThan(0);
      expect(item.why.length).toBeGreaterThan(5);
    }
  });

  test('reads what lives shortest first', () => {
    const at = (id: string) => plan.findIndex((item) => item.id === id);
    expect(at('getprop')).toBeLessThan(at('ps'));
    for (const id of ['ps', 'sockets', 'logcat']) expect(at(id)).toBeLessThan(at('proc.cpuinfo'));
    expect(plan.map(({ order }) => ORDER.indexOf(order))).toEqual(plan.map(({ order }) => ORDER.indexOf(order)).toSorted((a, b) => a - b));
  });

  test('never wipes, installs, roots or writes', () => {
    for (const script of scripts) {
      expect(script).not.toMatch(
        /\bevaluate\b|\bpm (install|uninstall|clear|disable)|\bsu -c|\bsetprop\b|\brm\b|\bam (start|broadcast)|\bsettings put|\breboot\b|[^2&]>\s*\/(?!dev\/null)/,
      );
    }
  });

  test('names only tools that the probe looks for', () => {
    const known: readonly string[] = PROBE_TOOLS;
    for (const { how } of all)
      if (how.kind === 'shell') for (const variant of how.variants) for (const tool of variant.tools ?? []) expect(known).toContain(tool);
  });

  test('is longer in full than in quick, and asks for what holds personal content only on request', () => {
    const quick = chosen(plan, 'quick', []);
    const full = chosen(plan, 'full', []);
    expect(full.length).toBeGreaterThan(quick.length);
    expect(full.map(({ id }) => id)).not.toContain('bugreport');
    expect(chosen(plan, 'full', ['bugreport']).map(({ id }) => id)).toContain('bugreport');
  });
});

describe('the probe', () => {
  test('is read with what is missing left out', () => {
    const probe = parseProbe('id\tuid=2000(shell) gid=2000(shell)\ndate\t1700000000\nsdk\t34\nserial\t\ntool\tstat\ntool\tfind\n');
    expect(probe).toMatchObject({ uid: 2000, date: 1_700_000_000, sdk: 34, serial: undefined });
    expect([...probe.tools]).toEqual(['stat', 'find']);
    expect(parseProbe('')).toMatchObject({ id: undefined, uid: undefined, sdk: undefined });
  });

  test.each(['99999999999999999999', '-1', '1e3', '', '34; rm -rf /'])('a level of %j is none', (sdk) => {
    expect(parseProbe(`sdk\t${sdk}`).sdk).toBeUndefined();
  });

  test('the first of two answers counts: a later line cannot replace it', () => {
    expect(parseProbe('sdk\t19\nsdk\t34\n').sdk).toBe(19);
  });
});

describe('users', () => {
  test('are digits, however the name of one looks', () => {
    expect(parseUsers('Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:$(reboot);UserInfo{11:x:10} running\n')).toEqual([0, 10, 11]);
  });

  test('are the owner where none is listed, and never a flood', () => {
    expect(parseUsers('')).toEqual([0]);
    expect(parseUsers(Array.from({ length: 5000 }, (_, id) => `UserInfo{${id}:a:1}`).join('\n'))).toHaveLength(32);
  });
});

test('a variant is chosen by level and tools, and what cannot be read says why', () => {
  const probe = parseProbe('sdk\t19\n');
  const item = (id: string) => {
    const found = plan.find((one) => one.id === id);
    if (found === undefined) throw new Error(id);
    return found;
  };
  expect(scriptFor(item('ps'), probe)).toEqual({ script: 'ps -Z' });
  // The level is the phone's word: it is asked all the same, and the words stand by for an answer that does not come.
  expect(scriptFor(item('ls.apex'), probe)).toEqual({ script: 'ls -l /apex' });
  expect(notExpected(item('ls.apex'), probe)).toBe('for API level 29 and later; the phone says 19');
  expect(notExpected(item('ps'), probe)).toBeUndefined();
  // A phone that says 17 and has the tools of 26 is asked as one of 26.
  const low = parseProbe('sdk\t17\ntool\ttoybox\ntool\tlshal\n');
  expect(scriptFor(item('ps'), low)).toEqual({ script: 'ps -A -Z' });
  expect(scriptFor(item('hashes.system'), probe)).toEqual({ skipped: 'the phone has no find, sha256sum' });
  const packages = scriptFor(item('packages'), parseProbe('sdk\t34\n'));
  expect(taskOf(item('packages'), 'script' in packages ? packages.script : '', 10)).toMatchObject({
    id: 'packages@10',
    artefact: 'packages_user10.txt',
    script: 'pm list packages -f -U -i --user 10',
  });
});
