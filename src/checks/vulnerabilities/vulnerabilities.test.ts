import { describe, expect, it } from 'vitest';
import { fact, gpu, mi4Facts, names, outcomeOf, properties, runOne } from '../../../test/support/check-facts.ts';
import type { Fact, MarkerReading } from '../../evidence/index.ts';
import { builtinKnowledge, type KernelLevel, type Vulnerability } from '../../knowledge/index.ts';
import { judge, props } from '../boot/made-facts.ts';
import { kernelLevel } from './kernel-level.ts';
import { type HoleState, judgeHoles, type PatchClaims } from './open.ts';
import { openHoles } from './open-holes.ts';
import { patchPresence, patchQueries } from './patch-presence.ts';

/** Seconds since 1970 of a day in August 2014, when the Mi 4 was built. */
const AUGUST_2014 = '1408406400';
const kernel = (version: string, day: string): Fact =>
  fact('kernel', {
    text: `Linux version ${version}-gd853d22 (builder@made) (gcc version 4.7) #1 SMP PREEMPT Mon ${day} 21:11:48 CST 2014`,
    release: `${version}-gd853d22`,
    version,
    builtBy: undefined,
    compiler: undefined,
    machine: undefined,
  });
const build = (release: string, level: string | undefined, date = AUGUST_2014): Fact =>
  properties({
    'ro.build.version.release': release,
    'ro.build.date.utc': date,
    ...(level === undefined ? {} : { 'ro.build.version.security_patch': level }),
  });

const claims: PatchClaims = {
  release: '4.4.4',
  level: undefined,
  builtOn: '2014-08-19',
  kernel: { version: '3.4.0', builtOn: '2014-08-18' },
  parts: new Set(['platform', 'kernel', 'qualcomm']),
  chip: 'msm8974',
  places: [{ artefact: 'getprop.txt', at: 0, length: 1 }],
};
const stateOf = (id: string, given: Partial<PatchClaims> = {}, part: Vulnerability['part'] = 'platform'): HoleState | undefined =>
  judgeHoles({ ...claims, ...given }, []).find(({ hole }) => hole.id === id && (hole.part === part || hole.part === 'kernel'))?.state;

describe('the state of a hole', () => {
  it('is missing where the build is older than the first fix', () => expect(stateOf('CVE-2015-1538')).toBe('missing'));
  it('is not claimed where a fix existed and nothing says it was taken', () => {
    expect(stateOf('ANDROID-13678484')).toBe('not claimed');
    expect(stateOf('CVE-2014-3153')).toBe('not claimed');
  });
  it('is missing in a kernel that was built before the fix', () =>
    expect(stateOf('CVE-2014-3153', { kernel: { version: '3.4.0', builtOn: '2014-03-01' } })).toBe('missing'));
  it('is not affected by version, by kernel, or for want of the part', () => {
    expect(stateOf('CVE-2013-4787')).toBe('not affected');
    expect(stateOf('CVE-2014-0160')).toBe('not affected');
    expect(stateOf('CVE-2014-3153', { kernel: { version: '3.18.31', builtOn: undefined } })).toBe('not affected');
    expect(stateOf('CVE-2016-2503', { parts: new Set(['platform', 'mediatek']) }, 'qualcomm')).toBe('not affected');
  });
  it('is fixed from its level on, and not a day before', () => {
    expect(stateOf('CVE-2016-0838', { release: '6.0.1', level: '2016-04-02', builtOn: '2016-04-10' })).toBe('fixed');
    expect(stateOf('CVE-2016-0838', { release: '6.0.1', level: '2016-04-01', builtOn: '2016-04-10' })).toBe('not claimed');
    expect(stateOf('ANDROID-13678484', { release: '6.0.1', level: '2016-04-02' })).toBe('not affected');
  });
  it('is inconclusive where the bulletin is silent about so old a version, whatever level the phone claims', () => {
    expect(stateOf('CVE-2016-0838', { release: '4.2.2' })).toBe('inconclusive');
    // Of 7.0 alone.
    expect(stateOf('CVE-2016-3887', { release: '6.0.1', level: '2016-08-01', builtOn: '2016-08-10' })).toBe('inconclusive');
    expect(stateOf('CVE-2016-3887', { release: '7.0', level: '2016-08-01', builtOn: '2016-08-10' })).toBe('not claimed');
  });
  it('is inconclusive for a driver that no device with this chip is said to have, and for a kernel of another stream', () => {
    // Of Nexus 9, of Pixel, of nobody that is named; and of Nexus 5, which has the chip and the kernel.
    expect(stateOf('CVE-2018-3586', { release: '8.1.0', level: '2018-06-05' }, 'qualcomm')).toBe('inconclusive');
    expect(stateOf('CVE-2016-2431', {}, 'qualcomm')).toBe('missing');
    expect(stateOf('CVE-2016-2431', { chip: 'msm8953' }, 'qualcomm')).toBe('inconclusive');
    expect(stateOf('CVE-2016-2431', { chip: undefined }, 'qualcomm')).toBe('inconclusive');
    expect(stateOf('CVE-2017-10661', {}, 'kernel')).toBe('inconclusive');
    // A level that claims the fix claims it, whatever the chip.
    expect(stateOf('CVE-2018-3586', { release: '8.1.0', level: '2018-07-05' }, 'qualcomm')).toBe('fixed');
  });
  it('is inconclusive in an older stream that took point releases, which may have had the fix', () => {
    const towelroot = (version: string, builtOn?: string) => stateOf('CVE-2014-3153', { kernel: { version, builtOn } });
    const pingPong = (version: string, builtOn?: string) => stateOf('CVE-2015-3636', { kernel: { version, builtOn } }, 'kernel');
    expect([pingPong('3.10.49', '2015-12-01'), pingPong('3.10.49')]).toEqual(['inconclusive', 'inconclusive']);
    expect([pingPong('3.10.0', '2015-12-01'), pingPong('4.0.2', '2015-12-01')]).toEqual(['not claimed', 'not claimed']);
    expect(pingPong('3.10.49', '2015-01-01')).toBe('missing');
    // Where the release of the stream is known, it decides: the counterfeit of 2014 had 3.4.67.
    expect([towelroot('3.4.67', '2014-11-15'), towelroot('3.4.92', '2014-11-15'), towelroot('3.10.49')]).toEqual([
      'not claimed',
      'fixed',
      'fixed',
    ]);
    expect([towelroot('3.10.17', '2014-03-01'), towelroot('3.12.9', '2015-01-01')]).toEqual(['missing', 'inconclusive']);
  });
  it('is fixed in a version whose source is younger than the fix, whether or not a level was read', () => {
    expect(stateOf('CVE-2015-6613', { release: '14', builtOn: undefined })).not.toBe('not claimed');
    const states = (release: string) =>
      judgeHoles({ ...claims, release, builtOn: undefined }, []).filter(
        ({ hole, state }) => hole.part === 'platform' && (state === 'not claimed' || state === 'missing'),
      );
    expect(states('14')).toEqual([]);
    expect(states('8.1.0').every(({ hole }) => (hole.level ?? '') >= '2017-12')).toBe(true);
    expect(states('8.1.0').length).toBeGreaterThan(100);
  });
  it('of the kernel that bulletins list is claimed by their level', () => {
    const dirtyCow = (given: Partial<PatchClaims>) =>
      stateOf('CVE-2016-5195', { kernel: { version: '3.18.0', builtOn: undefined }, ...given });
    expect(dirtyCow({ release: '6.0.1', level: '2016-11-05' })).toBe('not claimed');
    expect(dirtyCow({ release: '6.0.1', level: '2016-11-06' })).toBe('fixed');
    expect(dirtyCow({ kernel: { version: '4.9.0', builtOn: undefined } })).toBe('not affected');
    expect(stateOf('CVE-2016-5195')).toBe('missing');
  });
  it('of Wi-Fi in all of Android is judged though its level is no first one', () =>
    expect(stateOf('CVE-2017-13080', { release: '7.1.1', level: '2017-11-01', builtOn: '2017-11-20' })).toBe('not claimed'));
  it('is inconclusive where no kernel is stated', () => expect(stateOf('CVE-2014-3153', { kernel: undefined })).toBe('inconclusive'));
});

describe('vulnerabilities.open', () => {
  it('names what Bluebox’s scanner of 2015 named, and more, on a Mi 4', () => {
    const { findings } = runOne(openHoles, [build('4.4.4', undefined), kernel('3.4.0', 'Aug 18'), ...mi4Facts]);
    const text = findings.map(({ observed }) => observed).join('\n');
    for (const name of ['Fake ID', 'Towelroot', 'Stagefright', 'Settings PendingIntent', 'GraphicBuffer']) expect(text).toContain(name);
    expect(text).not.toContain('Master Key');
    expect(text).not.toContain('Heartbleed');
    expect(text).toMatch(/published holes in Qualcomm’s drivers/);
    expect(findings.find(({ observed }) => observed.includes('Qualcomm'))?.because).toMatch(
      / more that the bulletins tie to no chip like this one/,
    );
    expect(text).not.toContain('MediaTek');
    expect(findings.every(({ axis, strength }) => axis === 'posture' && strength === 'weak')).toBe(true);
  });
  it('accuses no chip of what the bulletins do not tie to it: that is a note', () => {
    const other = [
      build('8.1.0', '2018-03-05', '1520000000'),
      properties({ 'ro.board.platform': 'msm8953', 'ro.hardware': 'qcom' }),
      names('interrupts', 'msm_gpio', 'kgsl-3d0', 'mdss', 'qpnp-adc', 'msm_serial_hsl'),
      gpu('Qualcomm', 'Adreno (TM) 506'),
    ];
    const { findings } = runOne(openHoles, other);
    const driver = findings.find(({ observed }) => observed.includes('Qualcomm’s drivers'));
    expect(driver).toMatchObject({ strength: 'note', because: expect.stringContaining('do not say that they concern a chip') });
    expect(driver?.observed).toMatch(/^\d{3} holes in Qualcomm’s drivers and firmware were published since this level/);
  });
  it('says where its table ends, instead of passing', () =>
    expect(outcomeOf(openHoles, [build('14', '2024-05-05', '1714867200')])).toBe('not-checked'));
  it('examines nothing of a phone that does not say what it runs', () => {
    expect(outcomeOf(openHoles, [properties({ 'ro.product.model': 'x' })])).toBe('not-checked');
    expect(outcomeOf(openHoles, [properties({ 'ro.build.version.release': '<script>' })])).toBe('not-checked');
  });
  it('takes no level that is no date', () =>
    expect(runOne(openHoles, [build('6.0.1', '9999-99-99; rm')]).findings[0]?.claimed).toBe('Android 6.0.1, no patch level'));
});

describe('vulnerabilities.patch-presence', () => {
  const query = (cve: string) => {
    const found = patchQueries.find(({ id }) => id.startsWith(cve));
    if (found === undefined) throw new Error(cve);
    return found;
  };
  const markers = (cve: string, present: boolean): Fact => {
    const reading: MarkerReading = { id: query(cve).id, path: `/system/lib/${query(cve).files[0]}`, present };
    return fact('markers', [reading]);
  };
  it.each(patchQueries.map(({ id }) => id.split(' ')[0] ?? ''))('%s: claimed and there passes, claimed and absent is listed', (cve) => {
    // A version that its bulletin names, and a level after all of them.
    const versions = ['4.4.4', '5.1.1', '6.0', '6.0.1', '7.0'].map((release) => [build(release, '2017-06-05', '1496620800')]);
    const outcomes = versions.map((facts) => [
      outcomeOf(patchPresence, [...facts, markers(cve, true)]),
      outcomeOf(patchPresence, [...facts, markers(cve, false)]),
    ]);
    expect(outcomes.some(([there]) => there === 'pass')).toBe(true);
    // What no level claims convicts nobody.
    const isUnclaimed = ['CVE-2014-8609', 'CVE-2014-7911', 'CVE-2015-1474', 'ANDROID-13678484'].includes(cve);
    expect(outcomes.some(([, absent]) => absent === 'fail weak')).toBe(!isUnclaimed);
  });
  it('blames nobody for a fix that is not claimed', () =>
    expect(outcomeOf(patchPresence, [build('6.0.1', '2015-12-01', '1450000000'), markers('CVE-2016-0838', false)])).toBe('pass'));
  it('holds a version against what all its builds have: the framework of a 4.2 under the name of 4.4.4', () => {
    expect(outcomeOf(patchPresence, [build('4.4.4', undefined), markers('CVE-2013-4787', false)])).toBe('fail weak');
    expect(outcomeOf(patchPresence, [build('4.4.4', undefined), markers('CVE-2013-4787', true)])).toBe('pass');
    // Android 4.2 was published without the fix, and its makers brought it over or did not.
    for (const there of [true, false])
      expect(outcomeOf(patchPresence, [build('4.2.2', undefined), markers('CVE-2013-4787', there)])).toBe('pass');
    // Of versions whose source was not read nothing is said.
    for (const release of ['4.3', '5.1', '6.0'])
      expect(outcomeOf(patchPresence, [build(release, undefined), markers('CVE-2013-4787', false)])).toBe('not-checked');
  });
  it('blames no 4.4 for code that came with 5', () => {
    const claimed = (release: string) =>
      outcomeOf(patchPresence, [build(release, '2016-01-01', '1452000000'), markers('CVE-2015-6620', false)]);
    expect([claimed('4.4.4'), claimed('5.1.1')]).toEqual(['not-checked', 'fail weak']);
  });
  it('asks nothing of later Android, nor of a version that its bulletin does not name', () => {
    expect(outcomeOf(patchPresence, [build('11', '2021-06-05', '1622851200'), markers('CVE-2016-0838', false)])).toBe('not-checked');
    expect(outcomeOf(patchPresence, [build('8.1.0', '2018-06-05', '1528156800'), markers('CVE-2016-0838', false)])).toBe('not-checked');
  });
  it('examines nothing where no library was read', () =>
    expect(outcomeOf(patchPresence, [build('6.0.1', '2017-06-05')])).toBe('not-checked'));
});

describe('open holes beside what bytes say', () => {
  const markers = (cve: string, present: boolean): Fact => {
    const query = patchQueries.find(({ id }) => id.startsWith(cve));
    if (query === undefined) throw new Error(cve);
    return fact('markers', [{ id: query.id, path: `/system/framework/${query.files[0]}`, present }]);
  };
  const said = (...facts: readonly Fact[]) => runOne(openHoles, facts).findings;
  it('leave out, and name, what nothing claims and a file has the trace of', () => {
    const [without] = said(build('4.4.2', undefined, '1402000000'), markers('ANDROID-13678484', false));
    const [with_] = said(build('4.4.2', undefined, '1402000000'), markers('ANDROID-13678484', true));
    expect(without?.observed).toContain('Fake ID');
    expect(with_?.observed).not.toContain('Fake ID');
    expect(with_?.because).toContain('which decides nothing: Fake ID.');
  });
  it('keep what was built before there was a fix, whatever a file holds', () => {
    const [platform] = said(build('4.2.2', undefined, '1340000000'), markers('CVE-2013-4787', true));
    expect(platform?.because).not.toContain('decides nothing');
    expect(platform?.observed).toContain('Master Key (bug 8219321)');
  });
  it('say which fixes leave no trace, kernel’s and platform’s', () => {
    const parts = said(build('4.2.2', undefined, '1402000000'), kernel('3.4.0', '18 Aug'));
    expect(parts.some(({ because }) => /whose fix leaves no trace: .*Master Key, second form/.test(because))).toBe(true);
  });
});

describe('holes of imported packs', () => {
  const imported = (more: Partial<Vulnerability>): Vulnerability => ({
    id: 'CVE-2025-0001',
    name: undefined,
    part: 'platform',
    severity: 'High',
    level: '2025-03-01',
    versions: '13 14',
    fixedOn: '2025-03-01',
    fixedInKernel: undefined,
    sources: ['x'],
    ...more,
  });
  const state = (hole: Vulnerability, given: Partial<PatchClaims>) =>
    judgeHoles({ ...claims, kernel: undefined, builtOn: undefined, ...given }, [hole]).find((one) => one.hole === hole)?.state;
  it('are judged as the built-in ones: by level, version and part', () => {
    expect(state(imported({}), { release: '14', level: '2025-02-05' })).toBe('not claimed');
    expect(state(imported({}), { release: '14', level: '2025-03-01' })).toBe('fixed');
    expect(state(imported({}), { release: '15', level: '2025-02-05' })).toBe('not affected');
    expect(state(imported({ part: 'mediatek' }), { release: '14', level: '2025-02-05' })).toBe('not affected');
    expect(state(imported({}), { release: '14', level: '2025-02-05', builtOn: '2024-12-01' })).toBe('missing');
  });
  it('of drivers that name no chip are inconclusive, and fixed from their level on', () => {
    const driver = imported({ part: 'qualcomm', versions: '' });
    expect(state(driver, { release: '14', level: '2025-02-05' })).toBe('inconclusive');
    expect(state(driver, { release: '14', level: '2025-03-05' })).toBe('fixed');
  });
  it('of the kernel are judged by its own stream, and by no other', () => {
    const hole = imported({
      part: 'kernel',
      level: undefined,
      versions: '',
      fixedOn: '',
      fixedInStreams: { '4.19': '4.19.200', '5.4': '5.4.100' },
    });
    const on = (version: string) => state(hole, { kernel: { version, builtOn: undefined } });
    expect([on('4.19.199'), on('4.19.200'), on('5.4.99'), on('4.14.99')]).toEqual(['not claimed', 'fixed', 'not claimed', 'inconclusive']);
    expect(state(hole, { kernel: undefined })).toBe('inconclusive');
  });
  it('that are built in already add nothing', () => {
    const again = imported({ id: 'CVE-2016-0838', level: '2030-01-01' });
    expect(judgeHoles(claims, [again]).some(({ hole }) => hole === again)).toBe(false);
  });
});

describe('the patch level against the kernel', () => {
  const asked: readonly KernelLevel[] = [
    { level: '2024-01-05', versions: ['5.10.198', '5.15.137'], source: 'r' },
    { level: '2024-06-05', versions: ['5.10.210', '5.15.149', '5.10.209'], source: 'r' },
    { level: '2024-07-01', versions: ['5.10.999'], source: 'r' },
  ];
  const knowledge = { knowledge: { ...builtinKnowledge, kernelLevels: asked } };
  const on = (level: string, version: string) =>
    judge(kernelLevel, [props({ 'ro.build.version.security_patch': level }), kernel(version, 'Aug 18')], knowledge);
  it('older than the level asks for in its stream is weak; the same or newer passes', () => {
    expect(on('2024-06-05', '5.10.208')).toEqual(['weak posture']);
    expect(on('2024-06-05', '5.10.209')).toBe('pass');
    expect(on('2024-05-05', '5.10.198')).toBe('pass');
  });
  it('a -01 level asks for what the last complete level asked', () => expect(on('2024-07-01', '5.10.209')).toBe('pass'));
  it('other streams, earlier levels, no level and no report are not examined', () => {
    expect(on('2024-06-05', '4.19.1')).toBe('not-checked');
    expect(on('2023-01-05', '5.10.1')).toBe('not-checked');
    expect(on('soon', '5.10.1')).toBe('not-checked');
    expect(judge(kernelLevel, [props({ 'ro.build.version.security_patch': '2024-06-05' }), kernel('5.10.1', 'Aug 18')])).toBe(
      'not-checked',
    );
  });
});
