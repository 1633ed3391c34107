import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { judgeAsLab } from '../../../../test/support/judge-as-lab.ts';
import { readCapture } from '../../../acquire/index.ts';
import type { Capture } from '../../../evidence/index.ts';
import { type ChallengeDocument, ChallengeSchema } from '../../../evidence/own/index.ts';
import { openVirtualPhone } from '../../../forge/node/index.ts';
import type { VirtualPhone } from '../../../forge/phone.ts';
import { PROFILES } from '../../../forge/profiles/index.ts';
import type { Report } from '../../../report/index.ts';
import { nodeHash, openInput } from '../index.ts';
import { acquireLive } from './index.ts';

type Opened = Awaited<ReturnType<typeof openVirtualPhone>>;
type PhoneOptions = NonNullable<Parameters<typeof openVirtualPhone>[1]>;

let folder: string;
const opened: Opened[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-challenge-'));
});
afterEach(async () => {
  for (const phone of opened.splice(0)) await phone.close();
  await rm(folder, { recursive: true, force: true });
});

const profile = (name: string, executes?: string): VirtualPhone => {
  const phone = PROFILES[name]?.();
  if (phone === undefined) throw new Error(name);
  return executes === undefined ? phone : { ...phone, silicon: { ...phone.silicon, executes } };
};

interface Inspected {
  readonly phone: Opened;
  readonly capture: Capture;
  readonly report: Report;
  readonly document: ChallengeDocument;
}

async function inspect(
  value: VirtualPhone,
  claim: string,
  {
    timed = false,
    memoryBytes,
    storage = false,
    stop,
    ...options
  }: PhoneOptions & {
    readonly timed?: boolean;
    readonly memoryBytes?: number;
    readonly storage?: boolean;
    readonly stop?: AbortSignal;
  } = {},
): Promise<Inspected> {
  const phone = await openVirtualPhone(value, { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in', ...options });
  opened.push(phone);
  const out = join(folder, 'capture');
  const capture = await acquireLive({
    address: `${phone.host}:${phone.port}`,
    depth: 'quick',
    claims: { model: claim, ...(memoryBytes === undefined ? {} : { memoryBytes }), ...(storage ? { storageBytes: 1.5e9 } : {}) },
    ...(storage ? { challengeStorageBytes: 128 << 20 } : {}),
    challengeMemory: memoryBytes !== undefined,
    ...(stop === undefined ? {} : { stop }),
    challenge: timed ? 'timed' : 'instructions',
    out,
    open: { env: { ASSAY_CONFIG: join(folder, 'config') } },
  });
  const document = ChallengeSchema.parse(JSON.parse(await readFile(join(out, 'challenge.json'), 'utf8')));
  return { phone, capture, report: await judgeAsLab(capture), document };
}

const found = (report: Report, check: string) => report.findings.find((finding) => finding.check === check);
/** Nothing of ours lies on the phone, and the capture says so. */
function leftNothing({ phone, capture }: Inspected): void {
  const pushed = phone.machine.pushed.map(({ path }) => path).filter((path) => path.endsWith('.bin'));
  expect(pushed.filter((path) => phone.machine.tree.exists(path, { uid: 0, domain: 'system' }))).toEqual([]);
  expect(capture.changes.filter(({ undone }) => !undone)).toEqual([]);
}

const hasQemu = existsSync('/usr/bin/qemu-aarch64-static');

describe.skipIf(!hasQemu)(
  'challenges on a virtual phone, under qemu-user (skipped where qemu-user-static is not installed)',
  { timeout: 60_000 },
  () => {
    test.each(['cortex-a53', 'cortex-a72', 'cortex-a76'])('%s sold as a phone with a Cortex-X3 is counterfeit', async (cpu) => {
      const inspected = await inspect(profile('pixel-14', cpu), 'Pixel 8 Pro');
      expect(found(inspected.report, 'silicon.executed')).toMatchObject({ axis: 'hardware', strength: 'conclusive', standing: 'measured' });
      expect(inspected.report.verdict.hardware).toBe('counterfeit');
      leftNothing(inspected);
    });

    test.each(['max', 'max,sve=off', 'max,sve=off,pauth=off'])('%s is not accused', async (cpu) => {
      const inspected = await inspect(profile('pixel-14', cpu), 'Pixel 8 Pro');
      expect(inspected.report.findings.filter(({ check }) => check.startsWith('silicon.'))).toEqual([]);
      expect(inspected.report.passed).toContainEqual({ check: 'silicon.executed', standing: 'measured' });
      leftNothing(inspected);
    });

    test.each([
      ['redmi-14', 'Redmi Note 13 Pro 5G'],
      ['samsung-13', 'Galaxy A51'],
    ])('genuine %s is not accused', async (name, claim) => {
      const inspected = await inspect(profile(name), claim);
      expect(inspected.report.findings.filter(({ check }) => check.startsWith('silicon.'))).toEqual([]);
      expect(inspected.report.passed).toContainEqual({ check: 'silicon.executed', standing: 'measured' });
    });

    test('a phone of before Android 7, whose shell is a terminal, and its 32-bit cores', async () => {
      const inspected = await inspect(profile('mi4-genuine'), 'MI 4');
      expect(inspected.document.runs.map(({ target, kind, outcome }) => `${target} ${kind} ${outcome}`)).toEqual([
        'aarch64 dynamic refused',
        'aarch64 fixed refused',
        'arm dynamic done',
      ]);
      expect(inspected.report.passed).toContainEqual({ check: 'silicon.executed', standing: 'measured' });
      leftNothing(inspected);
    });

    test('times are taken when asked for, and refute nothing without an envelope; no relay is never a pass', async () => {
      const inspected = await inspect(profile('pixel-14'), 'Pixel 8 Pro', { timed: true });
      const because = (what: string) => inspected.report.notExamined.find((one) => one.what === what)?.because ?? '';
      expect(because('Speed of the silicon')).toMatch(/no envelope of at least five genuine units.*only published facts were compared/);
      // Under an emulator the link may well be too noisy.
      expect(because('Answers from another machine')).toMatch(/not excluded|noisy/);
      expect(inspected.report.findings.filter(({ check }) => check.startsWith('silicon.'))).toEqual([]);
      leftNothing(inspected);
    });

    test('memory is filled up to half of the claim and given back; what is proved is said', async () => {
      const inspected = await inspect(profile('pixel-14'), 'Pixel 8 Pro', { memoryBytes: 256 << 20 });
      const because = inspected.report.notExamined.find(({ what }) => what === 'Memory that answers as memory does')?.because;
      expect(because).toMatch(/^0\.13 GiB filled at .* were resident; more is not proved$/);
      leftNothing(inspected);
    });

    test('storage is reserved, filled, read back and given back; what is proved is said', async () => {
      const inspected = await inspect(profile('pixel-14'), 'Pixel 8 Pro', { storage: true });
      const because = inspected.report.notExamined.find(({ what }) => what === 'Storage that keeps what is written')?.because;
      // Where this test's folder lies in memory, or its disk has no room, that is what is said.
      expect(because).toMatch(/^(1\.00 of \S+ GiB free could be reserved; 0\.13 GiB (were written and came back|came back in)|0\.00 of)/);
      expect(inspected.report.findings.filter(({ check }) => check === 'silicon.storage-proof')).toEqual([]);
      leftNothing(inspected);
    });

    test('a store that wraps its addresses is found: what was written did not come back', async () => {
      const phone = profile('pixel-14');
      const inspected = await inspect({ ...phone, silicon: { ...phone.silicon, store: 'wraps' } }, 'Pixel 8 Pro', { storage: true });
      expect(found(inspected.report, 'silicon.storage-proof')).toMatchObject({
        axis: 'hardware',
        strength: 'weak',
        standing: 'measured',
        observed: expect.stringMatching(
          /^32 of 32 rounds of pages came back as something else, 32 of them exactly as what was written 0\.06 GiB and more further on$/,
        ),
      });
      leftNothing(inspected);
    });

    test('another crystal alone is said, and does not count: one nature of evidence', async () => {
      const phone = profile('pixel-14');
      const inspected = await inspect({ ...phone, silicon: { ...phone.silicon, counterHz: 13_000_000 } }, 'Pixel 8 Pro');
      expect(found(inspected.report, 'silicon.executed')).toMatchObject({ strength: 'weak', standing: 'measured' });
      expect(inspected.report.verdict.hardware).toBe('unproven');
    });

    test('instructions and crystal of another maker’s chip behind perfect strings are counterfeit', async () => {
      const phone = profile('pixel-14', 'cortex-a53');
      const inspected = await inspect({ ...phone, silicon: { ...phone.silicon, counterHz: 13_000_000 } }, 'Pixel 8 Pro');
      expect(found(inspected.report, 'silicon.executed')?.observed).toContain('counter');
      expect(inspected.report.verdict.hardware).toBe('counterfeit');
    });

    test('the transcript is judged again without the phone, as told; one that was touched says nothing', async () => {
      const { report, document } = await inspect(profile('pixel-14', 'cortex-a53'), 'Pixel 8 Pro');
      const out = join(folder, 'capture');
      const again = await judgeAsLab(await readCapture(await openInput(out), nodeHash));
      expect(found(again, 'silicon.executed')).toMatchObject({
        strength: 'conclusive',
        standing: 'told',
        observed: found(report, 'silicon.executed')?.observed,
      });
      const [run] = document.runs;
      const isa = run?.exchanges.find(({ question }) => question.startsWith('0000000a'));
      if (run === undefined || isa === undefined) throw new Error('no probes were asked for');
      // A forger flips the first probe’s answer; hashes.json is made to agree, as whoever holds the folder can.
      isa.answer = `${isa.answer.slice(0, 50)}${isa.answer[50] === '0' ? '1' : '0'}${isa.answer.slice(51)}`;
      run.nonce = `00${run.nonce.slice(2)}`;
      const bytes = JSON.stringify(document);
      await writeFile(join(out, 'challenge.json'), bytes);
      const entries = await openInput(out);
      const capture = await readCapture(entries, nodeHash);
      const source = entries.find(({ name }) => name === 'challenge.json')?.source;
      if (source === undefined) throw new Error('no transcript');
      const forged = await judgeAsLab({
        ...capture,
        artefacts: [...capture.artefacts, { name: 'challenge.json', kind: 'challenge', source, origin: undefined }],
      });
      expect(found(forged, 'silicon.executed')?.observed ?? '').not.toContain('64-bit program');
      expect(forged.passed.map(({ check }) => check)).not.toContain('silicon.features');
    });
  },
);

describe('a phone that does not play along: not examined with its reason, and nothing left behind', { timeout: 60_000 }, () => {
  /** Strikes programs of ours alone. */
  const isOurs = (service: string) => /\/data\/local\/tmp\/assay-[0-9a-f]{12}\.bin$/.test(service);

  test.skipIf(!hasQemu).each([
    ['is silent', { kind: 'hang' }, 'timed out'],
    ['floods', { kind: 'flood' }, 'flooded'],
    ['announces more than follows', { kind: 'lie' }, 'timed out'],
    ['breaks the cable in an answer', { kind: 'die', afterBytes: 20 }, 'disconnected'],
    ['refuses to start it', { kind: 'refuse' }, 'refused'],
  ] as const)('%s', async (_name, fault, outcome) => {
    const inspected = await inspect(profile('pixel-14'), 'Pixel 8 Pro', { faults: [{ when: isOurs, ...fault }] });
    expect(inspected.document.runs.length).toBeGreaterThan(0);
    for (const run of inspected.document.runs) expect([outcome, 'ended']).toContain(run.outcome);
    expect(
      inspected.report.notExamined.find(({ what }) => what.startsWith('What the silicon executes against what box'))?.because,
    ).toContain('did not run');
    expect(inspected.report.passed.map(({ check }) => check)).not.toContain('silicon.executed');
    leftNothing(inspected);
  });

  test.skipIf(!hasQemu)('the operator stops in the middle: the program is ended and removed, and nothing passes', async () => {
    const stop = new AbortController();
    // The two seconds of the counter are the middle.
    const inspected = inspect(profile('pixel-14'), 'Pixel 8 Pro', {
      stop: stop.signal,
      faults: [{ when: (service) => isOurs(service) && setTimeout(() => stop.abort(), 700) === undefined, kind: 'hang' }],
    });
    const { document, report } = await inspected;
    expect(document.runs.map(({ outcome }) => outcome)).toContain('stopped');
    expect(report.passed.map(({ check }) => check)).not.toContain('silicon.executed-own');
    leftNothing(await inspected);
  });

  test.skipIf(!hasQemu)('an interrupted run that left its file: the next one into the same folder removes it', async () => {
    const phone = await openVirtualPhone(profile('pixel-14'), { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' });
    opened.push(phone);
    const path = '/data/local/tmp/assay-0123456789ab.bin';
    const out = join(folder, 'capture');
    const read = (stop?: AbortSignal) =>
      acquireLive({
        address: `${phone.host}:${phone.port}`,
        depth: 'quick',
        out,
        open: { env: { ASSAY_CONFIG: join(folder, 'config') } },
        ...(stop === undefined ? {} : { stop }),
      });
    await read();
    phone.machine.tree.write(path, new Uint8Array(4), { actor: { uid: 2000, domain: 'shell' }, mode: 0o755, mtime: 0 });
    const file = join(out, 'capture.json');
    const document = JSON.parse(await readFile(file, 'utf8')) as { changes: unknown[]; complete: boolean };
    document.changes.push({ what: `the file ${path}`, undone: false, undo: `adb shell rm ${path}` });
    await writeFile(file, JSON.stringify({ ...document, complete: false }));
    const capture = await read();
    expect(phone.machine.tree.exists(path, { uid: 0, domain: 'system' })).toBe(false);
    expect(capture.changes.filter(({ undone }) => !undone)).toEqual([]);
  });

  test('is gone while the program is sent', async () => {
    const inspected = await inspect(profile('pixel-14'), 'Pixel 8 Pro', {
      faults: [{ when: (service) => /^sync:SEND .*\.bin/.test(service), kind: 'disconnect' }],
    });
    expect(inspected.report.passed.map(({ check }) => check)).not.toContain('silicon.executed');
    leftNothing(inspected);
  });
});
