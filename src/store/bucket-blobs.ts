/**
 * Blobs by their digest in a bucket that speaks S3's protocol: the same names as in a folder, `PREFIX/KIND/ab/abcdef…`. An object is complete or not there, and once it
 * was acknowledged it is durable: that is the bucket's promise. Requests are signed with version 4 signatures over path-style addresses.
 * Spec: Amazon S3 API reference, PutObject, GetObject, HeadObject, ListObjectsV2 (2006-03-01). Not used: multipart uploads, so a blob has at most 5 GiB.
 */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { type BlobKind, type Blobs, SHA256 } from './blobs.ts';

/** Where a bucket is. */
export interface Bucket {
  /** As in `https://s3.eu-central-1.amazonaws.com` or `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every name, without a slash at its end; empty for none. */
  readonly prefix: string;
}

export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

const REQUEST_MS = 60_000;
/** A page of a listing has at most 1,000 names. */
const LIST_MAX = 4 << 20;

/** Reads `s3://BUCKET[/PREFIX]`, with `endpoint` and `region` as its parameters. @throws TypeError where it is none */
export function parseBucket(text: string): Bucket {
  const refuse = (why: string) => new TypeError(`"${text}" is no bucket as s3://BUCKET/PREFIX?endpoint=https://…&region=…: ${why}`);
  if (!URL.canParse(text)) throw refuse('no address');
  const { protocol, hostname, pathname, searchParams, username, password } = new URL(text);
  if (protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(hostname)) throw refuse('no name of a bucket');
  // The address is written into the store's folder; keys are not.
  if (username !== '' || password !== '') throw refuse('keys are taken from the environment only');
  const region = searchParams.get('region') ?? 'us-east-1';
  const endpoint = searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`;
  const unknown = [...searchParams.keys()].find((name) => name !== 'region' && name !== 'endpoint');
  if (unknown !== undefined) throw refuse(`it has the parameter ${unknown}`);
  if (!/^https?:\/\/[^/?#@]+\/?$/.test(endpoint)) throw refuse('the endpoint is no http address without a path');
  return { endpoint: endpoint.replace(/\/$/, ''), region, bucket: hostname, prefix: pathname.replaceAll(/^\/+|\/+$/g, '') };
}

/** Blobs in a bucket. */
export function bucketBlobs({ endpoint, region, bucket, prefix }: Bucket, keys: BucketKeys): Blobs {
  const { sessionToken, ...pair } = keys;
  const client = new AwsClient({ ...pair, ...(sessionToken === undefined ? {} : { sessionToken }), service: 's3', region, retries: 5 });
  const base = `${endpoint}/${bucket}`;
  const keyOf = (kind: BlobKind, sha256: string) => {
    if (!SHA256.test(sha256)) throw new RangeError(`"${sha256}" is no SHA-256 in hex`);
    return `${folderOf(kind)}${sha256.slice(0, 2)}/${sha256}`;
  };
  const folderOf = (kind: BlobKind) => `${prefix === '' ? '' : `${prefix}/`}${kind}/`;
  const urlOf = (key: string) => `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const ask = async (what: string, url: string, init: RequestInit, good: readonly number[]): Promise<Response> => {
    const answer = await client.fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(REQUEST_MS) });
    if (good.includes(answer.status)) return answer;
    // The service's own word for it, as in <Code>AccessDenied</Code>.
    const code = /<Code>(\w{1,64})<\/Code>/.exec((await answer.text()).slice(0, 4096))?.[1];
    throw new Error(`${what} in the bucket ${bucket}: HTTP ${answer.status}${code === undefined ? '' : `, ${code}`}`);
  };
  return {
    async put(kind, bytes) {
      const hash = createHash('sha256').update(bytes).digest();
      const sha256 = hash.toString('hex');
      const url = urlOf(keyOf(kind, sha256));
      const there = await ask(`the ${kind} ${sha256}`, url, { method: 'HEAD' }, [200, 404]);
      if (there.status === 200 && Number(there.headers.get('content-length')) === bytes.length) return sha256;
      // The digest is part of what is signed, so the service refuses bytes that were changed on their way.
      const headers = { 'content-type': 'application/octet-stream', 'x-amz-content-sha256': sha256 };
      await ask(`the ${kind} ${sha256}`, url, { method: 'PUT', body: new Uint8Array(bytes), headers }, [200]);
      return sha256;
    },
    async get(kind, sha256) {
      const answer = await ask(`the ${kind} ${sha256}`, urlOf(keyOf(kind, sha256)), { method: 'GET' }, [200]);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new Error(`the ${kind} ${sha256} has other bytes than its name says`);
      return bytes;
    },
    async unverifiedSlice(kind, sha256, { start, size }) {
      if (size === 0) return new Uint8Array(0);
      const headers = { range: `bytes=${start}-${start + size - 1}` };
      const answer = await ask(`the ${kind} ${sha256}`, urlOf(keyOf(kind, sha256)), { method: 'GET', headers }, [206, 416]);
      const bytes = answer.status === 206 ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array(0);
      if (bytes.length !== size) throw new Error(`the ${kind} ${sha256} ends before byte ${start + size}`);
      return bytes;
    },
    async *list(kind) {
      for (let token: string | undefined; ; ) {
        const query = new URLSearchParams({
          'list-type': '2',
          prefix: folderOf(kind),
          ...(token === undefined ? {} : { 'continuation-token': token }),
        });
        const answer = await ask(`the list of ${kind}`, `${base}?${query}`, { method: 'GET' }, [200]);
        const text = await answer.text();
        if (text.length > LIST_MAX) throw new Error(`the list of ${kind} in the bucket ${bucket} is longer than ${LIST_MAX}`);
        for (const [, contents = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const sha256 = elementOf(contents, 'Key')?.split('/').at(-1) ?? '';
          const bytes = Number(elementOf(contents, 'Size'));
          if (SHA256.test(sha256) && Number.isSafeInteger(bytes)) yield { sha256, bytes };
        }
        if (elementOf(text, 'IsTruncated') !== 'true') return;
        const next = elementOf(text, 'NextContinuationToken');
        if (next === undefined || next === token) throw new Error(`the list of ${kind} in the bucket ${bucket} does not go on`);
        token = next;
      }
    },
  };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** The text of an element in an answer of the service. Its documents have no attributes and no sections where these stand. */
const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.replaceAll(/&(\w+);/g, (all, entity: string) => ENTITIES[entity] ?? all);
