import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtinAnchors, givenAnchor, verifyAttestation } from '../../../checks/attestation/index.ts';
import { type AttestationAnswer, type Capture, factsOf, readFacts } from '../../../evidence/index.ts';
import { makeWorld, openVirtualPhone } from '../../../forge/node/index.ts';
import type { PhoneSecureWorld, VirtualPhone } from '../../../forge/phone.ts';
import { PROFILES } from '../../../forge/profiles/index.ts';
import { honestSecureWorld } from '../../../forge/secure-world.ts';
import { readCertificate } from '../../../formats/x509/index.ts';
import { nodeClock, nodeHash, nodeVerify } from '../index.ts';
import { acquireLive } from './index.ts';

type Opened = Awaited<ReturnType<typeof openVirtualPhone>>;
type PhoneOptions = NonNullable<Parameters<typeof openVirtualPhone>[1]>;

let folder: string;
const opened: Opened[] = [];
const world = makeWorld();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-attest-'));
});
afterEach(async () => {
  for (const phone of opened.splice(0)) await phone.close();
  await rm(folder, { recursive: true, force: true });
});

function pixel(change: Partial<PhoneSecureWorld> | 'none' = {}): VirtualPhone {
  const phone = PROFILES['pixel-14']?.();
  if (phone === undefined) throw new Error('no profile');
  return change === 'none' ? phone : { ...phone, secureWorld: { ...honestSecureWorld(phone), ...change } };
}

interface Asked {
  readonly phone: Opened;
  readonly capture: Capture;
  readonly answers: readonly AttestationAnswer[];
  /** Answers to the questions for StrongBox. */
  readonly strongBox: readonly AttestationAnswer[];
}

async function ask(value: VirtualPhone, { stop, ...options }: PhoneOptions & { readonly stop?: AbortSignal } = {}): Promise<Asked> {
  const phone = await openVirtualPhone(value, {
    latencyMs: 0,
    bytesPerSecond: 0,
    shell: 'built-in',
    secureWorld: world.secureWorldOf(value, nodeClock.now()),
    ...options,
  });
  opened.push(phone);
  const address = `${phone.host}:${phone.port}`;
  const capture = await acquireLive({
    address,
    depth: 'quick',
    attest: 'adb',
    ...(stop === undefined ? {} : { stop }),
    out: join(folder, 'capture'),
    open: { env: { ASSAY_CONFIG: join(folder, 'config') } },
  });
  const facts = await readFacts(capture);
  const all = factsOf(facts, 'attestation').map(({ value: answer }) => answer);
  const isOfStrongBox = ({ label, place }: AttestationAnswer) => label.startsWith('strongbox') || place.artefact.includes('strongbox');
  return { phone, capture, answers: all.filter((one) => !isOfStrongBox(one)), strongBox: all.filter(isOfStrongBox) };
}

/** Nothing of ours lies on the phone, and the capture says so. One program for the trusted environment, one for StrongBox. */
function leftNothing({ phone, capture }: Asked, programs = 2): void {
  expect([...phone.machine.shellKeys]).toEqual([]);
  const pushed = phone.machine.pushed.map(({ path }) => path).filter((path) => path.endsWith('.dex'));
  expect(pushed).toHaveLength(programs);
  expect(pushed.filter((path) => phone.machine.tree.exists(path, { uid: 0, domain: 'system' }))).toEqual([]);
  expect(capture.changes.filter(({ undone }) => !undone)).toEqual([]);
}

async function verified({ nonce, chain }: AttestationAnswer) {
  const roots = [givenAnchor(readCertificate(await world.attestationRoot()).value, 0), ...builtinAnchors()] as const;
  return verifyAttestation({
    chain: chain.map((der) => readCertificate(der).value),
    roots,
    status: undefined,
    at: nodeClock.now(),
    challenge: nonce,
    verify: nodeVerify,
    hash: nodeHash,
  });
}

test('an honest phone answers under our nonce with its serial number and IMEI, and keeps nothing of ours', async () => {
  const asked = await ask(pixel());
  const [answer, ...others] = asked.answers;
  if (answer === undefined) throw new Error('no answer');
  expect(others).toEqual([]);
  expect(answer).toMatchObject({
    carrier: 'adb',
    idsAsked: ['serial', 'imei', 'properties'],
    canBind: true,
    triedOn: [],
    refusal: undefined,
  });
  const result = await verified(answer);
  expect(result).toMatchObject({
    trusted: true,
    standing: { fresh: true },
    rootOfTrust: { verifiedBootState: 'VERIFIED', deviceLocked: true },
  });
  expect(JSON.stringify(result.attestation)).toContain('attestationIdImei');
  leftNothing(asked);
});

test('StrongBox is asked besides, under a nonce of its own, and swears to the same', async () => {
  const asked = await ask(pixel());
  const [own, box] = [asked.answers[0], asked.strongBox[0]];
  if (own === undefined || box === undefined) throw new Error('no answer');
  expect(box.label).toBe('strongbox+serial+imei+properties');
  expect(box.nonce).not.toEqual(own.nonce);
  expect(await verified(box)).toMatchObject({ trusted: true, securityLevel: 'STRONG_BOX', standing: { fresh: true } });
});

test('a phone without StrongBox is not asked for it', async () => {
  const phone = pixel();
  const asked = await ask({ ...phone, features: phone.features.filter((name) => !name.includes('strongbox')) });
  expect(asked.strongBox).toEqual([]);
  expect(asked.capture.items.find(({ id }) => id === 'attestation-adb-strongbox')).toMatchObject({ outcome: 'skipped' });
  leftNothing(asked, 1);
});

test('keys that earlier runs left are deleted by the next, those of others are not, and a capture that listed one says so', async () => {
  const value = pixel();
  const phone = await openVirtualPhone(value, {
    latencyMs: 0,
    shell: 'built-in',
    secureWorld: world.secureWorldOf(value, nodeClock.now()),
  });
  opened.push(phone);
  const theirs = ['assay', 'assay-0123456789AB', 'assay-0123456789abc', 'KeyAttestation'];
  for (const alias of ['assay-0123456789ab', ...theirs]) phone.machine.shellKeys.add(alias);
  const address = `${phone.host}:${phone.port}`;
  await acquireLive({ address, depth: 'quick', attest: 'adb', open: { env: { ASSAY_CONFIG: join(folder, 'config') } } });
  expect([...phone.machine.shellKeys]).toEqual(theirs);
});

test('a phone that was not given its IMEI answers with less, and both are kept', async () => {
  const { serial, brand, device, product, manufacturer, model } = honestSecureWorld(pixel()).ids;
  const some = Object.fromEntries(
    Object.entries({ serial, brand, device, product, manufacturer, model }).filter(([, value]) => value !== undefined),
  );
  const { answers } = await ask(pixel({ ids: some }));
  expect(answers.map(({ label, chain }) => [label, chain.length > 0])).toEqual([
    ['serial+imei+properties', false],
    ['serial+meid+properties', false],
    ['serial+properties', true],
  ]);
  expect(answers[0]?.refusal).toContain('CANNOT_ATTEST_IDS');
});

test('a replayed chain is kept as it came; its challenge is not ours', async () => {
  const { answers } = await ask(pixel({ replays: '00ff'.repeat(8) }));
  const [answer] = answers;
  if (answer === undefined) throw new Error('no answer');
  expect(await verified(answer)).toMatchObject({ trusted: false, standing: { fresh: false } });
});

test('a phone whose keystore refuses everything gives reasons, no chain', async () => {
  const asked = await ask(pixel('none'));
  expect(asked.answers.map(({ chain }) => chain.length)).toEqual([0, 0, 0, 0, 0]);
  expect(asked.answers[4]?.refusal).toContain('Unimplemented');
  leftNothing(asked);
});

test('a phone from before key attestation is not asked: nothing is pushed, and the reason is kept', async () => {
  const mi4 = PROFILES['mi4-genuine']?.();
  if (mi4 === undefined) throw new Error('no profile');
  const { answers, capture, phone } = await ask(mi4);
  expect(answers).toEqual([]);
  expect(capture.items.find(({ id }) => id === 'attestation-adb')).toMatchObject({
    outcome: 'skipped',
    note: expect.stringContaining('level 19'),
  });
  expect(phone.machine.pushed).toEqual([]);
});

test.each([26, 30, 31, 36])('a phone that says level %i is sent the program of that level', async (sdk) => {
  const phone = pixel();
  const asked = await ask({ ...phone, sdk, properties: { ...phone.properties, 'ro.build.version.sdk': String(sdk) } });
  expect(asked.answers).toMatchObject([{ label: 'serial+imei+properties', refusal: undefined }]);
  // Android 8 has no StrongBox.
  leftNothing(asked, sdk < 28 ? 1 : 2);
});

test('a phone that says a level above its own: the runtime has no such classes, and says so', async () => {
  const phone = pixel();
  const { answers } = await ask({ ...phone, sdk: 30, properties: { ...phone.properties, 'ro.build.version.sdk': '34' } });
  expect(answers.every(({ chain }) => chain.length === 0)).toBe(true);
  expect(answers[0]?.refusal).toContain('NoSuchProvider');
});

test.each([
  ['breaks the cable in the answer', { kind: 'die', afterBytes: 40 }, 'disconnected'],
  ['floods', { kind: 'flood' }, 'flooded'],
] as const)('a phone that %s costs the attestation alone', async (_name, fault, outcome) => {
  const asked = await ask(pixel(), { faults: [{ ...fault, when: (service) => service.includes('CLASSPATH='), times: 1 }] });
  const document = JSON.parse(await readFile(join(folder, 'capture', 'attestation-adb.json'), 'utf8'));
  expect(document.outcome).toBe(outcome);
  expect(asked.answers).toMatchObject([{ chain: [] }]);
  const left = asked.capture.changes.filter(({ undone }) => !undone);
  expect(left.every(({ what }) => what.startsWith('the key'))).toBe(true);
});

test('a phone in Trade-in Mode is asked with a challenge: the answer is kept, said to be unexamined, and evaluate is never sent', async () => {
  const value =
    PROFILES['pixel-16-tradein']?.() ??
    Object.values(PROFILES)
      .map((make) => make())
      .find(({ personality }) => personality === 'trade-in');
  if (value === undefined) throw new Error('no profile');
  const phone = await openVirtualPhone(value, { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' });
  opened.push(phone);
  const open = { env: { ASSAY_CONFIG: join(folder, 'config') } };
  const capture = await acquireLive({ address: `${phone.host}:${phone.port}`, depth: 'quick', attest: 'trade-in', open });
  const sent = phone.log.map(({ service }) => service).filter((service) => service.includes('tradeinmode'));
  expect(sent.some((service) => /getstatus --challenge [0-9a-f]{64}$/.test(service))).toBe(true);
  expect(sent.some((service) => service.includes('evaluate'))).toBe(false);
  const facts = await readFacts(capture);
  const [answer] = factsOf(facts, 'attestation');
  expect(answer?.value).toMatchObject({ carrier: 'trade-in', canBind: false, chain: [] });
  expect(new TextDecoder().decode(answer?.value.unexamined)).toContain('{');
  expect(facts.unread).toContainEqual({ artefact: 'attestation-trade-in.json', because: expect.stringContaining('not examined') });
  expect(capture.changes).toEqual([]);
});

test('a phone without the trade-in command says so', async () => {
  const value = pixel();
  const phone = await openVirtualPhone(value, { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' });
  opened.push(phone);
  const open = { env: { ASSAY_CONFIG: join(folder, 'config') } };
  const capture = await acquireLive({ address: `${phone.host}:${phone.port}`, depth: 'quick', attest: 'trade-in', open });
  const [answer] = factsOf(await readFacts(capture), 'attestation');
  expect(answer?.value).toMatchObject({ unexamined: undefined, refusal: expect.stringContaining('refused') });
});

test('an interrupted run that left its program and its tunnel: the next one into the same folder removes both', async () => {
  const phone = await openVirtualPhone(pixel(), { latencyMs: 0, bytesPerSecond: 0, shell: 'built-in' });
  opened.push(phone);
  const path = '/data/local/tmp/assay-0123456789ab.dex';
  const out = join(folder, 'capture');
  const read = () =>
    acquireLive({ address: `${phone.host}:${phone.port}`, depth: 'quick', out, open: { env: { ASSAY_CONFIG: join(folder, 'config') } } });
  await read();
  phone.machine.tree.write(path, new Uint8Array(4), { actor: { uid: 2000, domain: 'shell' }, mode: 0o444, mtime: 0 });
  const file = join(out, 'capture.json');
  const document: { readonly changes: readonly object[] } = JSON.parse(await readFile(file, 'utf8'));
  const left = ['the file /data/local/tmp/assay-0123456789ab.dex', 'the reverse tunnel tcp:41000'].map((what) => ({
    what,
    undone: false,
    undo: 'x',
  }));
  // What a capture's bearer wrote there is no path of ours, and is left alone.
  const forged = { what: 'the file /data/local/tmp/assay-0123456789ab.dex; reboot', undone: false, undo: 'x' };
  await writeFile(file, JSON.stringify({ ...document, changes: [...document.changes, ...left, forged], complete: false }));
  const capture = await read();
  expect(phone.machine.tree.exists(path, { uid: 0, domain: 'system' })).toBe(false);
  expect(capture.changes.filter(({ undone }) => !undone).map(({ what }) => what)).toEqual([forged.what]);
  expect(phone.log.some(({ service }) => service === 'reverse:killforward:tcp:41000')).toBe(true);
  expect(phone.log.some(({ service }) => service.includes('reboot'))).toBe(false);
});

test('the operator stops while the secure world sleeps: ended at once, said, and the program is gone', async () => {
  const stop = new AbortController();
  const asleep = async () => {
    stop.abort();
    await new Promise(() => undefined);
    return 'never';
  };
  const asked = await ask(pixel(), { secureWorld: asleep, stop: stop.signal });
  const document = JSON.parse(await readFile(join(folder, 'capture', 'attestation-adb.json'), 'utf8'));
  expect(document.outcome).toBe('stopped');
  expect(asked.answers).toMatchObject([{ chain: [], refusal: expect.stringContaining('stopped') }]);
  const left = asked.capture.changes.filter(({ undone }) => !undone).map(({ what }) => what);
  expect(asked.capture.items.find(({ id }) => id === 'attestation-adb-strongbox')).toMatchObject({
    outcome: 'skipped',
    note: 'the operator stopped',
  });
  // The program was run once more, found the key that was made, and deleted it.
  expect(left).toEqual([]);
  expect([...asked.phone.machine.shellKeys]).toEqual([]);
});
