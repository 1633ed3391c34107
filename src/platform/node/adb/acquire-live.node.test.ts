import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { killCaptures } from '../../../../test/support/kill-captures.ts';
import { type CaptureStart, captureBuilder, readCapture, readDocuments } from '../../../acquire/index.ts';
import { type Capture, factOf, readFacts } from '../../../evidence/index.ts';
import { ownReaders } from '../../../evidence/own/index.ts';
import { openVirtualPhone } from '../../../forge/node/index.ts';
import type { VirtualPhone } from '../../../forge/phone.ts';
import { PROFILES } from '../../../forge/profiles/index.ts';
import { standInApk } from '../../../forge/stand-in-apk.ts';
import { nodeHash } from '../hash.ts';
import { openInput } from '../open-source.ts';
import { folderStorage } from './capture-folder.ts';
import { acquireLive, type LiveEvent } from './index.ts';

type PhoneOptions = NonNullable<Parameters<typeof openVirtualPhone>[1]>;
type Opened = Awaited<ReturnType<typeof openVirtualPhone>>;

let folder: string;
const opened: Opened[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-live-'));
});
afterEach(async () => {
  for (const phone of opened.splice(0)) await phone.close();
  await rm(folder, { recursive: true, force: true });
});

const profile = (name: string): VirtualPhone => {
  const make = PROFILES[name];
  if (make === undefined) throw new Error(name);
  return make();
};
async function open(phone: VirtualPhone | string, options: PhoneOptions = {}): Promise<Opened> {
  const one = await openVirtualPhone(typeof phone === 'string' ? profile(phone) : phone, {
    latencyMs: 1,
    bytesPerSecond: 0,
    shell: 'built-in',
    ...options,
  });
  opened.push(one);
  return one;
}

interface Run {
  readonly capture: Capture;
  readonly events: readonly LiveEvent[];
}
async function run(phone: Opened, more: Partial<Parameters<typeof acquireLive>[0]> = {}): Promise<Run> {
  const events: LiveEvent[] = [];
  const capture = await acquireLive({
    address: `${phone.host}:${phone.port}`,
    depth: 'quick',
    open: { env: { ASSAY_CONFIG: join(folder, 'config') } },
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { capture, events };
}
const startOf = ({ tool, transport, plan }: Awaited<ReturnType<typeof readDocuments>>['document']): CaptureStart => ({
  tool,
  operator: undefined,
  takenAt: '2026-01-01T00:00:00Z',
  transport,
  plan,
  claims: {},
  notRead: [],
});
const outcomeOf = (capture: Capture, id: string) => capture.items.find((item) => item.id === id)?.outcome;
const namesOf = (capture: Capture) => capture.artefacts.map(({ name }) => name);
/** What went wrong that no phone of this kind explains. */
const broken = (capture: Capture) =>
  capture.items.filter(({ outcome }) => !['done', 'skipped', 'refused', 'failed'].includes(outcome)).map(({ id }) => id);

describe('a live phone', () => {
  test('of Android 4.4, whose shell is a terminal without exit statuses, is read', async () => {
    const phone = await open('mi4-genuine', { shell: 'auto' });
    const { capture, events } = await run(phone);
    expect(capture.trust).toBe('live');
    expect(broken(capture)).toEqual([]);
    expect(namesOf(capture)).toEqual(
      expect.arrayContaining(['getprop.txt', 'ps.txt', 'proc_cpuinfo.txt', 'dumpsys_package.txt', 'files_system.txt', 'adb.json']),
    );
    // Asked although the phone says a level that has no such service: no answer is none missed, and the words say so.
    const gpu = capture.items.find(({ id }) => id === 'dumpsys.gpu');
    expect(gpu).toMatchObject({ outcome: 'failed', artefact: undefined });
    expect(gpu?.note).toMatch(/^for API level 29 and later; the phone says 19: /);
    const getprop = capture.artefacts.find(({ name }) => name === 'getprop.txt');
    const text = new TextDecoder().decode(await getprop?.source.read(0, getprop.source.size));
    expect(text).not.toContain('\r');
    expect(text).toContain('[ro.product.model]: [MI 4LTE]\n');
    expect(events.find(({ kind }) => kind === 'identity')).toMatchObject({ card: { model: 'MI 4LTE', release: '4.4.4' } });
    expect(phone.machine.pushed).toEqual([]);
  });

  test('of Android 14 is read in few round trips, with every command in the capture', async () => {
    const phone = await open('pixel-14', { shell: 'auto' });
    const { capture } = await run(phone);
    expect(broken(capture)).toEqual([]);
    expect(phone.log.filter(({ service }) => service.startsWith('shell')).length).toBeLessThan(20);
    for (const item of capture.items) expect(item.command.length + (item.note?.length ?? 0)).toBeGreaterThan(0);
    expect(capture.changes).toEqual([]);
    expect(phone.machine.pushed).toEqual([]);
  });

  test('in full has hashes that are those of its files, and one APK for each signer', async () => {
    const phone = await open('pixel-14');
    const { capture } = await run(phone, { depth: 'full' });
    expect(broken(capture)).toEqual([]);
    const facts = await readFacts(capture, ownReaders);
    const hashed = facts.list.filter(({ kind, place }) => kind === 'files' && place.artefact === 'hashes_system.txt');
    expect(hashed).toHaveLength(1);
    expect(namesOf(capture).filter((name) => name.endsWith('.apk')).length).toBeGreaterThan(0);
  });

  test('several at once', async () => {
    const phones = await Promise.all(['mi4-genuine', 'pixel-14', 'redmi-14'].map((name) => open(name)));
    const runs = await Promise.all(phones.map((phone) => run(phone)));
    for (const { capture } of runs) expect(broken(capture)).toEqual([]);
  });

  test('in Trade-in Mode is asked for its status and nothing else', async () => {
    const phone = await open('pixel-14-tradein');
    const { capture, events } = await run(phone);
    expect(namesOf(capture)).toEqual(['tradeinmode.json']);
    expect(events.at(-1)).toMatchObject({ kind: 'finished', complete: true });
    expect(phone.log.some(({ service }) => service.includes('evaluate'))).toBe(false);
  });
});

describe('how the phone meets our key', () => {
  const adbOf = async (capture: Capture) => factOf(await readFacts(capture, ownReaders), 'adb')?.value;
  const withAuth = (authorisation: VirtualPhone['adb']['authorisation']): VirtualPhone => {
    const phone = profile('pixel-14');
    return { ...phone, adb: { ...phone.adb, authorisation } };
  };

  test('a daemon that asks its owner', async () => {
    const phone = await open(withAuth('prompt'));
    const { capture, events } = await run(phone);
    expect(events.filter(({ kind }) => kind === 'prompt')).toHaveLength(1);
    expect(await adbOf(capture)).toMatchObject({ transport: 'tcp', authorisation: 'prompt', keyIsNew: true, shellUid: 2000 });
    expect(phone.shownKeys).toHaveLength(1);
    // The second time it knows us.
    const again = await run(phone);
    expect(again.events.filter(({ kind }) => kind === 'prompt')).toHaveLength(0);
    expect(await adbOf(again.capture)).toMatchObject({ authorisation: 'known' });
  });

  test('a daemon that takes a key it has never seen is evidence', async () => {
    const { capture } = await run(await open(withAuth('any')));
    expect(await adbOf(capture)).toMatchObject({ authorisation: 'known', keyIsNew: true });
  });

  test('a daemon that asks for no key', async () => {
    const { capture } = await run(await open(withAuth('none')));
    expect(await adbOf(capture)).toMatchObject({ authorisation: 'none' });
  });
});

describe('a phone that misbehaves', () => {
  const contains = (part: string) => (service: string) => service.includes(part);

  test.each<[string, PhoneOptions['faults'], string, string]>([
    ['hangs on a pull', [{ kind: 'hang', when: contains('RECV /sys/fs/selinux/policy') }], 'selinux.policy', 'timed out'],
    [
      'lies about the length of a pull',
      [{ kind: 'lie', when: contains('RECV /sys/fs/selinux/policy') }],
      'selinux.policy',
      'failed|disconnected|timed out',
    ],
    ['dies in a pull', [{ kind: 'die', when: contains('RECV /sys/fs/selinux/policy'), times: 1 }], 'selinux.policy', 'disconnected'],
    ['dies in a shell command', [{ kind: 'die', afterBytes: 2000, when: contains('cat /proc/cpuinfo'), times: 1 }], '', 'disconnected'],
    ['floods a shell', [{ kind: 'flood', when: contains('getevent -lp'), times: 1 }], '', ''],
    ['lies about the length of a shell answer', [{ kind: 'lie', when: contains('getevent -lp'), times: 1 }], '', ''],
    ['breaks the cable when a shell is opened', [{ kind: 'disconnect', when: contains('getevent -lp'), times: 1 }], '', ''],
    ['refuses a shell', [{ kind: 'refuse', when: contains('getevent -lp'), times: 1 }], '', ''],
  ])(
    'and %s costs that item alone',
    async (_, faults, id, outcome) => {
      const phone = await open('pixel-14', faults === undefined ? {} : { faults });
      const { capture, events } = await run(phone, { patience: 0.15 });
      if (id !== '') expect(outcomeOf(capture, id)).toMatch(new RegExp(`^(${outcome})$`));
      expect(broken(capture).length).toBeLessThanOrEqual(1);
      for (const other of ['getprop', 'proc.cpuinfo', 'getevent', 'dumpsys.package', 'files.system'])
        if (outcome !== 'disconnected' || id !== '') expect([other, outcomeOf(capture, other)]).toEqual([other, 'done']);
      expect(events.at(-1)).toMatchObject({ kind: 'finished', complete: true });
    },
    60_000,
  );

  test('and whose daemon always floods one command loses that command', async () => {
    const phone = await open('pixel-14', { faults: [{ kind: 'flood', when: contains('getevent -lp') }] });
    const { capture } = await run(phone);
    expect(outcomeOf(capture, 'getevent')).toBe('flooded');
    expect(broken(capture)).toEqual(['getevent']);
  }, 60_000);

  test('and that is gone for good leaves a valid capture that says so', async () => {
    const phone = await open('pixel-14', { faults: [{ kind: 'disconnect', when: contains('dumpsys package') }] });
    const out = join(folder, 'capture');
    const going = run(phone, {
      out,
      onEvent: (event) => {
        if (event.kind === 'begin' && event.what === 'binder services') void phone.close();
      },
    });
    const { capture } = await going;
    expect(outcomeOf(capture, 'getprop')).toBe('done');
    expect(outcomeOf(capture, 'dumpsys.package')).toBe('disconnected');
    const back = await readCapture(await openInput(out), nodeHash);
    expect(namesOf(back).toSorted()).toEqual(namesOf(capture).toSorted());
    expect(back.unused.filter(({ because }) => because.includes('SHA-256'))).toEqual([]);
  }, 60_000);

  test('with names that are commands and paths writes nothing outside its folder and runs nothing', async () => {
    const phone = profile('pixel-14');
    const evil = '/system/app/$(touch ..);reboot`id`\n\u001b[2J<script>.apk';
    const file = phone.files.get('/system/build.prop');
    if (file === undefined) throw new Error('no build.prop');
    const out = join(folder, 'capture');
    const { capture } = await run(await open({ ...phone, files: new Map([...phone.files, [evil, file]]) }), { out, depth: 'full' });
    expect(broken(capture)).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(['capture', 'config']);
    for (const name of await readdir(out)) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/);
    const list = factOf(
      { list: (await readFacts(capture, ownReaders)).list.filter(({ place }) => place.artefact === 'files_system.txt'), unread: [] },
      'files',
    );
    expect(list?.value.files.some(({ path }) => path.includes('reboot`id`\n\u001b[2J<script>.apk'))).toBe(true);
  });
});

describe('a capture that is kept', () => {
  test('and stopped with Ctrl-C is valid, and gone on with', async () => {
    const phone = await open('pixel-14');
    const out = join(folder, 'capture');
    const controller = new AbortController();
    const first = await run(phone, {
      out,
      stop: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'begin' && event.what === '/proc/interrupts') controller.abort();
      },
    });
    expect(outcomeOf(first.capture, 'getprop')).toBe('done');
    expect(outcomeOf(first.capture, 'dumpsys.package')).toBe('skipped');
    const stopped = await readDocuments(await openInput(out));
    expect(stopped.document.complete).toBe(false);
    expect((await readCapture(await openInput(out), nodeHash)).artefacts.length).toBe(first.capture.artefacts.length);

    // What was read is read again only where it is not what was written.
    await writeFile(join(out, 'ps.txt'), 'forged');
    const before = phone.log.length;
    const second = await run(phone, { out });
    expect(second.capture.trust).toBe('bearer');
    expect(outcomeOf(second.capture, 'dumpsys.package')).toBe('done');
    expect(second.events.at(-1)).toMatchObject({ kind: 'finished', complete: true, resumed: true });
    const sent = phone.log.slice(before).map(({ service }) => service);
    expect(sent.some((service) => service.includes('( ps -A -Z'))).toBe(true);
    expect(sent.some((service) => service.includes('( cat /proc/cpuinfo'))).toBe(false);
    expect(await readFile(join(out, 'ps.txt'), 'utf8')).not.toBe('forged');
    const back = await readCapture(await openInput(out), nodeHash);
    expect(back.unused.filter(({ because }) => because.includes('SHA-256'))).toEqual([]);
  });

  test('and killed at random moments is valid, vouches for no half-written artefact, and is gone on with', async () => {
    const { lost, broken } = await killCaptures(folder, 6);
    expect({ lost, broken }).toEqual({ lost: [], broken: [] });
  });

  test('stopped before a phone that was read again had answered is still of that phone', async () => {
    const out = join(folder, 'capture');
    await run(await open('pixel-14'), { out });
    const whole = await readDocuments(await openInput(out));
    // As a process leaves it that is killed while it asks who the phone is: the documents are written before anything is written over.
    const builder = captureBuilder(await folderStorage(out), nodeHash, startOf(whole.document), whole);
    await builder.begin('probe.txt', 'unknown', undefined);
    const stopped = await readDocuments(await openInput(out));
    expect(stopped.document.subject).toBe(whole.document.subject);
    expect(stopped.hashes.sha256['probe.txt']).toBeUndefined();
    await expect(run(await open('redmi-14'), { out })).rejects.toThrow('the capture in this folder is of another phone');
  });

  test('is not gone on with on another phone', async () => {
    const out = join(folder, 'capture');
    await run(await open('pixel-14'), { out });
    await expect(run(await open('redmi-14'), { out })).rejects.toThrow('the capture in this folder is of another phone');
  });

  test('in a zip is one file, and reads back', async () => {
    const out = join(folder, 'capture.zip');
    const { capture } = await run(await open('mi4-genuine'), { out });
    expect((await readdir(folder)).toSorted()).toEqual(['capture.zip', 'config']);
    const facts = await readFacts(capture, ownReaders);
    expect(facts.list.map(({ kind }) => kind)).toContain('files');
  });
});

describe('install canaries', () => {
  const request = (name: string, role: 'random' | 'checker-name' = 'random') =>
    ({
      package: name,
      role,
      apk: standInApk({ package: name, versionCode: 1, versionName: '1', signer: 'ours', seed: name, fill: 3000 }),
      signers: undefined,
    }) as const;
  const SWAPPED = { package: 'org.example.checker', with: '/system/build.prop' } as const;
  const swapping = (): VirtualPhone => {
    const phone = profile('mi4-genuine');
    return { ...phone, behaviours: { ...phone.behaviours, installSwaps: [SWAPPED] } };
  };
  const canariesOf = async (capture: Capture) => factOf(await readFacts(capture, ownReaders), 'canaries')?.value;

  test('are not sent by quick, nor without being asked for', async () => {
    const phone = await open('pixel-14');
    const { capture } = await run(phone, { canaries: [request('org.example.a')] });
    expect(phone.machine.pushed).toEqual([]);
    expect(namesOf(capture)).not.toContain('canary.json');
  });

  test.each(['mi4-genuine', 'pixel-14'])(
    'on an honest %s are read back by two paths as they were sent, and are gone afterwards',
    async (name) => {
      const phone = await open(name);
      const { capture } = await run(phone, { depth: 'full', canaries: [request('org.example.random')] });
      const [canary] = (await canariesOf(capture)) ?? [];
      expect(canary).toMatchObject({ package: 'org.example.random', outcome: 'installed', removed: true });
      expect(canary?.pulledSha256).toBe(canary?.sentSha256);
      if (name === 'pixel-14') expect(canary?.shellSha256).toBe(canary?.sentSha256);
      expect(capture.changes.map(({ undone }) => undone)).toEqual([true, true]);
      expect(phone.machine.pushed).toHaveLength(1);
      const left = phone.log
        .map(({ service }) => service)
        .filter((service) => service.includes('org.example.random') || service.includes('/data/local/tmp/assay-'));
      expect(left.some((service) => service.includes('pm uninstall'))).toBe(true);
      expect(left.some((service) => service.includes('rm -f'))).toBe(true);
    },
  );

  test('that an installer swaps come back as another file', async () => {
    const { capture } = await run(await open(swapping()), {
      depth: 'full',
      canaries: [request(SWAPPED.package, 'checker-name'), request('org.example.random')],
    });
    const [swapped, random] = (await canariesOf(capture)) ?? [];
    expect(swapped?.pulledSha256).not.toBe(swapped?.sentSha256);
    expect(random?.pulledSha256).toBe(random?.sentSha256);
  });

  test('that a phone refuses are not examined, and what was pushed is gone', async () => {
    const phone = profile('pixel-14');
    const refusing = await open({ ...phone, behaviours: { ...phone.behaviours, refusesInstall: 'INSTALL_FAILED_USER_RESTRICTED' } });
    const { capture } = await run(refusing, { depth: 'full', canaries: [request('org.example.random')] });
    expect(await canariesOf(capture)).toMatchObject([{ outcome: 'refused', pulledSha256: undefined, removed: true }]);
    expect(capture.changes.every(({ undone }) => undone)).toBe(true);
  });

  test('that an interrupted run left are removed when it is gone on with, and only files of our own naming', async () => {
    const phone = await open('pixel-14');
    const out = join(folder, 'capture');
    await run(phone, { out });
    const path = join(out, 'capture.json');
    const document = JSON.parse(await readFile(path, 'utf8')) as { changes: unknown[] };
    document.changes = [
      { what: 'the file /data/local/tmp/assay-0123456789ab.apk', undone: false, undo: 'x' },
      { what: 'the file /data/local/tmp/assay-0123456789ab.apk; reboot', undone: false, undo: 'x' },
      { what: 'the package com.android.settings', undone: false, undo: 'x' },
    ];
    await writeFile(path, JSON.stringify(document));
    const before = phone.log.length;
    const { capture } = await run(phone, { out });
    expect(capture.changes.map(({ undone }) => undone)).toEqual([true, false, false]);
    const sent = phone.log.slice(before).map(({ service }) => service);
    expect(sent.some((service) => service.includes('rm -f /data/local/tmp/assay-0123456789ab.apk;'))).toBe(true);
    expect(sent.some((service) => /reboot|uninstall/.test(service))).toBe(false);
  });

  test('never replace a package that is installed', async () => {
    const phone = await open('pixel-14');
    const { capture } = await run(phone, { depth: 'full', canaries: [request('com.android.settings', 'checker-name')] });
    expect(await canariesOf(capture)).toMatchObject([{ outcome: 'refused' }]);
    expect(phone.machine.pushed).toEqual([]);
  });

  test('whose connection breaks in the installation are removed all the same', async () => {
    const phone = await open('pixel-14', { faults: [{ kind: 'die', when: (service) => service.includes('pm install'), times: 1 }] });
    const { capture } = await run(phone, { depth: 'full', canaries: [request('org.example.random')] });
    expect(await canariesOf(capture)).toMatchObject([{ removed: true }]);
    expect(capture.changes.every(({ undone }) => undone)).toBe(true);
    expect(phone.log.some(({ service }) => service.includes('rm -f /data/local/tmp/assay-'))).toBe(true);
  });

  test('never take a name that is no package name to a shell', async () => {
    const phone = await open('pixel-14');
    await expect(run(phone, { depth: 'full', canaries: [request('a.b;reboot')] })).rejects.toThrow('not a package name');
    expect(phone.log.some(({ service }) => service.includes('a.b;reboot'))).toBe(false);
  });
});
