import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { BUCKET_KEYS, startBucket } from '../../test/support/bucket.ts';
import { keptInspection } from '../../test/support/kept-inspection.ts';
import { bucketBlobs, parseBucket } from './bucket-blobs.ts';
import { counts, historyOf, keepInspection, openStore, placeBlobs, rebuild } from './index.ts';

let bucket: Awaited<ReturnType<typeof startBucket>>;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket.stop());
beforeEach(() => bucket.objects.clear());
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
