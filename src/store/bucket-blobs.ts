/**
 * Blobs by their digest in a bucket that speaks S3's protocol: the same names as in a folder, `PREFIX/KIND/ab/abcdef…`. An object is complete or not there, and once it
 * was acknowledged it is durable: that is the bucket's promise. Requests are signed with version 4 signatures over path-style addresses.
 * What is longer than a part goes up in parts, one at a time in memory, and is an object when all are there: one that fails is aborted, and one whose process was killed leaves parts that no
 * reader sees and that the bucket's rule for incomplete uploads clears away (`AbortIncompleteMultipartUpload`).
 * Spec: Amazon S3 API reference, PutObject, GetObject, HeadObject, ListObjectsV2, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload (2006-03-01). Limits: 10,000 parts, 5 TiB.
 */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { bytesSource, type Source } from '../bytes/index.ts';
import { type BlobKind, type Blobs, SHA256 } from './blobs.ts';
import { checkedPieces, digestOfSource } from './source-pieces.ts';

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
/** Bytes of a part; S3 wants 5 MiB at least of all but the last, and so many that 10,000 are enough. */
const PART = 8 << 20;
const PARTS_MAX = 10_000;
const BLOB_MAX = 5 * 2 ** 40;
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
  const isThere = async (what: string, url: string, size: number): Promise<boolean> => {
    const there = await ask(what, url, { method: 'HEAD' }, [200, 404]);
    return there.status === 200 && Number(there.headers.get('content-length')) === size;
  };
  // The digest is part of what is signed, so the service refuses bytes that were changed on their way.
  // No copy, and so no more in memory than a part: nothing here lies in shared memory, which is all that the type leaves open.
  const send = (what: string, url: string, bytes: Uint8Array) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const headers = { 'content-type': 'application/octet-stream', 'x-amz-content-sha256': sha256 };
    return ask(what, url, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer>, headers }, [200]);
  };
  /** An answer that may be a refusal under the status 200, which is sent before the work is done. */
  const bodyOf = async (what: string, answer: Response): Promise<string> => {
    const text = (await answer.text()).slice(0, 65_536);
    const code = /<Error>.*?<Code>(\w{1,64})<\/Code>/s.exec(text)?.[1];
    if (code !== undefined) throw new Error(`${what} in the bucket ${bucket}: ${code}`);
    return text;
  };
  const sendInParts = async (
    what: string,
    url: string,
    { source, sha256 }: { readonly source: Source; readonly sha256: string },
  ): Promise<void> => {
    if (source.size > BLOB_MAX) throw new RangeError(`${what} has ${source.size} bytes, and an object at most ${BLOB_MAX}`);
    const begun = await bodyOf(what, await ask(what, `${url}?uploads=`, { method: 'POST' }, [200]));
    const id = elementOf(begun, 'UploadId');
    if (id === undefined || id === '') throw new Error(`${what} in the bucket ${bucket}: no upload was begun`);
    const upload = `${url}?uploadId=${encodeURIComponent(id)}`;
    try {
      const parts: string[] = [];
      for await (const piece of checkedPieces(source, sha256, Math.max(PART, Math.ceil(source.size / PARTS_MAX)))) {
        const answer = await send(what, `${url}?partNumber=${parts.length + 1}&uploadId=${encodeURIComponent(id)}`, piece);
        const tag = answer.headers.get('etag');
        if (tag === null) throw new Error(`${what} in the bucket ${bucket}: a part has no name`);
        parts.push(
          `<Part><PartNumber>${parts.length + 1}</PartNumber><ETag>${tag.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</ETag></Part>`,
        );
      }
      const list = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`;
      const headers = { 'content-type': 'application/xml', 'x-amz-content-sha256': createHash('sha256').update(list).digest('hex') };
      // The same request sent again, because its answer was lost, is refused: what counts is whether the object is there.
      const refused = await ask(what, upload, { method: 'POST', body: list, headers }, [200])
        .then((answer) => bodyOf(what, answer))
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      if (!(await isThere(what, url, source.size)))
        throw refused ?? new Error(`${what} in the bucket ${bucket} is not there after its last part`);
    } catch (error) {
      const left = await ask(what, upload, { method: 'DELETE' }, [204, 200, 404]).then(
        () => undefined,
        (other: unknown) => other,
      );
      if (left !== undefined) throw new AggregateError([error, left], `${String(error)}; its parts could not be taken back either`);
      throw error;
    }
  };
  const blobs: Blobs = {
    async put(kind, bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const [what, url] = [`the ${kind} ${sha256}`, urlOf(keyOf(kind, sha256))];
      if (await isThere(what, url, bytes.length)) return sha256;
      if (bytes.length > PART) await sendInParts(what, url, { source: bytesSource(bytes), sha256 });
      else await send(what, url, bytes);
      return sha256;
    },
    async putSource(kind, source) {
      if (source.size <= PART) return blobs.put(kind, await source.read(0, source.size));
      const sha256 = await digestOfSource(source);
      const [what, url] = [`the ${kind} ${sha256}`, urlOf(keyOf(kind, sha256))];
      if (!(await isThere(what, url, source.size))) await sendInParts(what, url, { source, sha256 });
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
  return blobs;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** The text of an element in an answer of the service. Its documents have no attributes and no sections where these stand. */
const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.replaceAll(/&(\w+);/g, (all, entity: string) => ENTITIES[entity] ?? all);
