/** Where the blobs of a store lie: in its folder, or in the bucket that `blobs.json` in its folder names. Written once, so that no two commands disagree. */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/mini';
import { type Blobs, folderBlobs } from './blobs.ts';

const placeSchema = z.strictObject({ format: z.literal('assay.blobs-place/1'), bucket: z.string() });
const pathIn = (folder: string) => join(folder, 'blobs.json');

/** Opens the blobs of a store. Keys of a bucket come from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. @throws Error where there are none */
export async function openBlobs(folder: string): Promise<Blobs> {
  const text = await readFile(pathIn(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return folderBlobs(join(folder, 'blobs'));
  const { bucketBlobs, parseBucket } = await import('./bucket-blobs.ts');
  const bucket = parseBucket(z.parse(placeSchema, JSON.parse(text)).bucket);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error(`the blobs of this store lie in the bucket ${bucket.bucket}: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are wanted`);
  return bucketBlobs(bucket, { accessKeyId, secretAccessKey, sessionToken });
}

/** Says where the blobs of a new store lie. @throws Error where it was said before */
export async function placeBlobs(folder: string, bucket: string): Promise<void> {
  const { parseBucket } = await import('./bucket-blobs.ts');
  parseBucket(bucket);
  const beside = join(folder, `.blobs.${randomUUID()}`);
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format: 'assay.blobs-place/1', bucket })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(beside, pathIn(folder));
  } finally {
    await rm(beside);
  }
}
