import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { BUCKET_KEYS, startBucket } from '../../test/support/bucket.ts';
import { keptInspection } from '../../test/support/kept-inspection.ts';
import { bytesSource, type Source } from '../bytes/index.ts';
import { folderBlobs } from './blobs.ts';
import { bucketBlobs, parseBucket } from './bucket-blobs.ts';
import { counts, historyOf, keepInspection, openStore, placeBlobs, rebuild } from './index.ts';

let bucket: Awaited<ReturnType<typeof startBucket>>;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket.stop());
beforeEach(() => {
  bucket.objects.clear();
  bucket.uploads.clear();
  bucket.refuse = undefined;
});
afterEach(() => vi.unstubAllEnvs());

const utf8 = new TextEncoder();
const keys = { ...BUCKET_KEYS, sessionToken: undefined };
const blobs = () => bucketBlobs(parseBucket(bucket.url), keys);
const ALPHA = '8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8';

describe('blobs in a bucket', () => {
  test('are put once, given whole and in parts, and listed over pages', async () => {
    const at = blobs();
    expect(await at.put('report', utf8.encode('alpha'))).toBe(ALPHA);
    expect(await at.put('report', utf8.encode('alpha'))).toBe(ALPHA);
    expect([...bucket.objects.keys()]).toEqual([`some/store/report/8e/${ALPHA}`]);
    expect(await at.get('report', ALPHA)).toEqual(utf8.encode('alpha'));
    expect(await at.unverifiedSlice('report', ALPHA, { start: 1, size: 3 })).toEqual(utf8.encode('lph'));
    for (const place of [
      { start: 3, size: 5 },
      { start: 9, size: 1 },
    ])
      await expect(at.unverifiedSlice('report', ALPHA, place)).rejects.toThrow('ends before byte');
    const put = await Promise.all(Array.from({ length: 8 }, (_, i) => at.put('event', utf8.encode(`event ${i}`))));
    bucket.objects.set('some/store/event/leftover', Buffer.from('no digest'));
    const listed: string[] = [];
    for await (const { sha256, bytes } of at.list('event')) listed.push(`${sha256} ${bytes}`);
    expect(listed.toSorted()).toEqual(put.map((sha256) => `${sha256} 7`).toSorted());
  });

  test('other bytes than the name says, none at all, and a wrong key are refused by name', async () => {
    const at = blobs();
    await at.put('report', utf8.encode('alpha'));
    bucket.objects.set(`some/store/report/8e/${ALPHA}`, Buffer.from('alpha!'));
    await expect(at.get('report', ALPHA)).rejects.toThrow('has other bytes than its name says');
    await expect(at.get('event', ALPHA)).rejects.toThrow('HTTP 404, NoSuchKey');
    await expect(at.get('event', '../escape')).rejects.toThrow('is no SHA-256');
    const stranger = bucketBlobs(parseBucket(bucket.url), { ...keys, secretAccessKey: 'another' });
    await expect(stranger.get('report', ALPHA)).rejects.toThrow('HTTP 403, SignatureDoesNotMatch');
    await expect(stranger.put('report', utf8.encode('beta'))).rejects.toThrow('HTTP 403');
    expect(bucket.objects.size).toBe(1);
  });

  test.each([
    'bucket',
    'https://bucket',
    's3://B',
    's3://bucket?x=1',
    's3://key:secret@bucket',
    's3://bucket?endpoint=ftp://x',
    's3://bucket?endpoint=http://x/y',
  ])('an address that is none is refused: %s', (text) => expect(() => parseBucket(text)).toThrow('is no bucket'));
  test('an address is read with what it leaves out', () => {
    expect(parseBucket('s3://bucket')).toEqual({
      endpoint: 'https://s3.us-east-1.amazonaws.com',
      region: 'us-east-1',
      bucket: 'bucket',
      prefix: '',
    });
  });
});

/** Bytes that are nowhere: each follows from its place and a salt, which may change once they were read. The longest piece that was asked for is kept. */
function madeSource(size: number, changesAfter = Number.POSITIVE_INFINITY): Source & { longest: number } {
  let given = 0;
  return {
    size,
    longest: 0,
    async read(at, length) {
      this.longest = Math.max(this.longest, length);
      const bytes = new Uint8Array(length).fill(given >= changesAfter ? 1 : 0);
      for (let i = 0; i < length; i += 4096) bytes[i] = ((at + i) >> 12) & 0xff;
      given += length;
      return bytes;
    },
  };
}
const MIB = 1 << 20;

describe('a blob that is longer than a part', () => {
  test('goes up in parts, of which one is in memory at a time, and is kept once', async () => {
    const source = madeSource(17 * MIB + 5);
    const sha256 = await blobs().putSource('artefact', source);
    expect(source.longest).toBe(8 * MIB);
    expect(
      createHash('sha256')
        .update(bucket.objects.get(`some/store/artefact/${sha256.slice(0, 2)}/${sha256}`) ?? '')
        .digest('hex'),
    ).toBe(sha256);
    bucket.refuse = (method) => (method === 'HEAD' ? undefined : [403, 'AccessDenied']);
    expect(await blobs().putSource('artefact', source)).toBe(sha256);
    bucket.refuse = undefined;
    expect(await blobs().put('report', await source.read(0, source.size))).toBe(sha256);
    expect([bucket.objects.size, bucket.uploads.size]).toEqual([2, 0]);
    expect(await blobs().putSource('artefact', bytesSource(utf8.encode('alpha')))).toBe(ALPHA);
  });

  test.each<readonly [string, Awaited<ReturnType<typeof startBucket>>['refuse'], RegExp]>([
    [
      'of which a part is refused',
      (_, query) => (query.get('partNumber') === '2' ? [403, 'AccessDenied'] : undefined),
      /^Error: the artefact [0-9a-f]{64} in the bucket assay-test: HTTP 403, AccessDenied$/,
    ],
    [
      'whose end is refused',
      (method, query) => (method === 'POST' && query.has('uploadId') ? [200, 'InvalidPart'] : undefined),
      /InvalidPart$/,
    ],
    ['that cannot be begun', (method) => (method === 'POST' ? [403, 'AccessDenied'] : undefined), /HTTP 403/],
    [
      'that cannot be taken back',
      (method, query) => (method === 'DELETE' || query.get('partNumber') === '2' ? [403, 'AccessDenied'] : undefined),
      /could not be taken back either$/,
    ],
  ])('%s leaves no object', async (_title, refuse, message) => {
    bucket.refuse = refuse;
    await expect(
      blobs()
        .putSource('artefact', madeSource(9 * MIB))
        .catch(String),
    ).resolves.toMatch(message);
    expect([bucket.objects.size, bucket.uploads.size]).toEqual([0, message.source.includes('taken back') ? 1 : 0]);
  });

  test('that changes while it is kept leaves nothing', async () => {
    await expect(blobs().putSource('artefact', madeSource(9 * MIB, 9 * MIB))).rejects.toThrow('it changed while it was being kept');
    expect([bucket.objects.size, bucket.uploads.size]).toEqual([0, 0]);
  });

  test('lies in a folder the same, and half of one does not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-blobs-'));
    try {
      const at = folderBlobs(folder);
      const source = madeSource(9 * MIB);
      const sha256 = await at.putSource('artefact', source);
      expect(source.longest).toBe(MIB);
      expect((await at.get('artefact', sha256)).length).toBe(9 * MIB);
      await expect(at.putSource('report', madeSource(9 * MIB, 9 * MIB))).rejects.toThrow('it changed');
      expect(readdirSync(join(folder, 'report'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('a store whose blobs lie in a bucket remembers, is rebuilt from it, and wants keys', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bucket-'));
  try {
    await placeBlobs(folder, bucket.url);
    await expect(placeBlobs(folder, bucket.url)).rejects.toThrow('EEXIST');
    await expect(openStore(folder, undefined)).rejects.toThrow('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are wanted');
    vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey);
    const store = await openStore(folder, undefined);
    for (let i = 0; i < 5; i++) await keepInspection(store, keptInspection('s', i));
    const before = await counts(store.db);
    await store.db.deleteFrom('sightings').execute();
    expect(await rebuild(store)).toEqual(before);
    expect((await historyOf(store, { imeis: [], serials: ['s3'] })).sightings.map(({ source }) => source)).toEqual(['s-3']);
    await store.close();
    expect(bucket.objects.size).toBe(10);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
