import { describe, expect, test } from 'vitest';
import { bytesSource, type NamedSource, readAll } from '../bytes/index.ts';
import { type CaptureStorage, captureBuilder, memoryStorage } from './capture-builder.ts';
import { readCapture, readDocuments } from './capture-reader.ts';
import { madeHash } from './made-hash.ts';

const text = (value: string) => new TextEncoder().encode(value);
const start = {
  tool: 'assay test',
  operator: undefined,
  takenAt: '2026-01-31T12:00:00Z',
  transport: 'tcp',
  plan: 'quick',
  claims: { model: 'MI 4' },
  notRead: [{ what: 'messages', because: 'personal content' }],
} as const;
const item = (id: string, artefact: string | undefined, outcome: 'done' | 'timed out' = 'done') =>
  ({ id, artefact, command: id, outcome, exitStatus: 0, startMs: 1, durationMs: 2, bytes: 3, note: undefined }) as const;

async function made(storage: CaptureStorage = memoryStorage()) {
  const builder = captureBuilder(storage, madeHash, start);
  await builder.put({ name: 'getprop.txt', kind: 'getprop', origin: 'getprop' }, text('[a]: [b]\n'));
  await builder.put({ name: 'hosts.txt', kind: 'hosts', origin: '/system/etc/hosts' }, text('127.0.0.1 localhost\n'));
  builder.item(item('getprop', 'getprop.txt'));
  builder.item(item('ps', undefined, 'timed out'));
  builder.change({ what: 'the file /data/local/tmp/x', undone: false, undo: 'adb shell rm /data/local/tmp/x' });
  await builder.flush(false);
  return { builder, storage };
}

async function filesOf(
  storage: CaptureStorage,
  change: Readonly<Record<string, string | undefined>> = {},
): Promise<readonly NamedSource[]> {
  const files: NamedSource[] = [];
  for (const name of new Set(['capture.json', 'hashes.json', 'getprop.txt', 'hosts.txt', ...Object.keys(change)])) {
    const changed = name in change ? change[name] : null;
    const source = changed === null ? await storage.open(name) : changed === undefined ? undefined : bytesSource(text(changed));
    if (source !== undefined) files.push({ name, source });
  }
  return files;
}

describe('a capture', () => {
  test('reads back as its bearer’s word', async () => {
    const { storage } = await made();
    const capture = await readCapture(await filesOf(storage), madeHash);
    expect(capture).toMatchObject({ trust: 'bearer', origin: 'capture', takenAt: '2026-01-31T12:00:00Z', claims: { model: 'MI 4' } });
    expect(capture.artefacts.map(({ name, kind, origin }) => [name, kind, origin])).toEqual([
      ['getprop.txt', 'getprop', 'getprop'],
      ['hosts.txt', 'hosts', '/system/etc/hosts'],
    ]);
    expect(capture.items.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['getprop', 'done'],
      ['ps', 'timed out'],
    ]);
    expect(capture.changes).toEqual([{ what: 'the file /data/local/tmp/x', undone: false, undo: 'adb shell rm /data/local/tmp/x' }]);
    expect(capture.unused).toEqual([{ name: 'messages', because: 'personal content' }]);
  });

  test('with an artefact of another hash says so, and does not use it', async () => {
    const { storage } = await made();
    const capture = await readCapture(await filesOf(storage, { 'getprop.txt': '[a]: [forged]\n' }), madeHash);
    expect(capture.artefacts.map(({ name }) => name)).toEqual(['hosts.txt']);
    expect(capture.unused.find(({ name }) => name === 'getprop.txt')?.because).toMatch(
      /^its SHA-256 is [0-9a-f]{64}, and hashes.json says [0-9a-f]{64}$/,
    );
  });

  test('with an artefact missing, or one too many, says so', async () => {
    const { storage } = await made();
    const capture = await readCapture(await filesOf(storage, { 'hosts.txt': undefined, 'extra.txt': 'x' }), madeHash);
    expect(capture.artefacts.map(({ name }) => name)).toEqual(['getprop.txt']);
    expect(capture.unused.slice(1)).toEqual([
      { name: 'hosts.txt', because: 'capture.json names it, and it is not there' },
      { name: 'extra.txt', because: 'capture.json does not name it' },
    ]);
  });

  test('whose capture.json was edited says so', async () => {
    const { storage } = await made();
    const document = new TextDecoder().decode(await readAll((await storage.open('capture.json')) ?? bytesSource(text('')), 1e6));
    const capture = await readCapture(await filesOf(storage, { 'capture.json': document.replace('MI 4', 'MI 9') }), madeHash);
    expect(capture.unused.some(({ name }) => name === 'capture.json')).toBe(true);
  });

  test.each([
    ['no JSON', '{', 'capture.json'],
    ['another format', '{"format":"assay.capture/2"}', 'capture.json'],
    ['nothing', '', 'capture.json'],
  ])('of %s is refused by name', async (_, document, name) => {
    const { storage } = await made();
    await expect(readCapture(await filesOf(storage, { 'capture.json': document }), madeHash)).rejects.toThrow(name);
  });

  test.each(['../../etc/passwd', '/etc/passwd', 'a/b', '..', '.hidden', '', 'con\n', 'x'.repeat(200)])(
    'never has an artefact named %j',
    async (name) => {
      const builder = captureBuilder(memoryStorage(), madeHash, start);
      await expect(builder.begin(name, 'unknown', undefined)).rejects.toThrow('not an artefact name');
      const { storage } = await made();
      const document = new TextDecoder().decode(await readAll((await storage.open('capture.json')) ?? bytesSource(text('')), 1e6));
      const forged = document.replaceAll('getprop.txt', () => JSON.stringify(name).slice(1, -1));
      await expect(readCapture(await filesOf(storage, { 'capture.json': forged }), madeHash)).rejects.toThrow('capture.json');
    },
  );

  test('that was stopped is gone on with: what is done stays, what was cut is read again', async () => {
    const { storage } = await made();
    const earlier = await readDocuments(await filesOf(storage));
    expect(earlier.document.complete).toBe(false);
    const builder = captureBuilder(storage, madeHash, start, earlier);
    expect([builder.isDone('getprop'), builder.isDone('ps'), builder.isDone('never')]).toEqual([true, false, false]);
    builder.undone('the file /data/local/tmp/x');
    await builder.put({ name: 'ps.txt', kind: 'ps', origin: 'ps' }, text('x'));
    builder.item(item('ps', 'ps.txt'));
    await builder.flush(true);
    const again = await readCapture(await filesOf(storage, {}), madeHash);
    expect(again.changes).toEqual([{ what: 'the file /data/local/tmp/x', undone: true, undo: undefined }]);
    expect(again.items.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  test('keeps what was cut short as unknown, so that what is missing is not taken for absent', async () => {
    const storage = memoryStorage();
    const builder = captureBuilder(storage, madeHash, start);
    const writer = await builder.begin('getprop.txt', 'getprop', 'getprop');
    await writer.write(text('[a]: [b'));
    await writer.keep('unknown');
    expect((await builder.capture('live')).artefacts.map(({ kind }) => kind)).toEqual(['unknown']);
  });
});
