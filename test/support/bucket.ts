/**
 * A bucket for tests: PUT, GET with a range, HEAD and ListObjectsV2 in memory, with every request's version 4 signature recomputed from the specification
 * (Amazon S3 API reference, "Authenticating requests: Using the Authorization header"). Not a real service: nothing of its limits, consistency or errors is shown by it.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export const BUCKET_KEYS = { accessKeyId: 'AKEXAMPLE', secretAccessKey: 'secret of a test' };
/** Names of one page, so that listings have several. */
const PAGE = 3;

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const encoded = (text: string) => encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Whether a request is signed with the test's key; else the code of the refusal. */
function refusalOf(request: IncomingMessage, body: Buffer): string | undefined {
  const { headers } = request;
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, id, day = '', region = '', signed = '', signature] = form.exec(headers.authorization ?? '') ?? [];
  if (id !== BUCKET_KEYS.accessKeyId) return 'InvalidAccessKeyId';
  if (!['host', 'x-amz-date', 'x-amz-content-sha256'].every((name) => signed.split(';').includes(name))) return 'AccessDenied';
  const digest = String(headers['x-amz-content-sha256']);
  const url = new URL(request.url ?? '', 'http://x');
  const query = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).toSorted();
  const names = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [request.method, url.pathname, query.join('&'), names.join(''), signed, digest].join('\n');
  const time = String(headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', time, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const key = ['s3', 'aws4_request'].reduce((k, word) => hmac(k, word), hmac(hmac(`AWS4${BUCKET_KEYS.secretAccessKey}`, day), region));
  if (hmac(key, toSign).toString('hex') !== signature) return 'SignatureDoesNotMatch';
  if (digest !== 'UNSIGNED-PAYLOAD' && digest !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  return request.method === 'PUT' && digest === 'UNSIGNED-PAYLOAD' ? 'AccessDenied' : undefined;
}

/** Least bytes of a part that is not the last. */
const PART_LEAST = 5 << 20;

export interface Bucket {
  readonly url: string;
  readonly objects: Map<string, Buffer>;
  /** Multipart uploads that were begun and neither completed nor aborted: their parts by number. */
  readonly uploads: Map<string, Map<number, Buffer>>;
  /** Refuses a request before it does anything: answers status and code. */
  refuse: ((method: string, query: URLSearchParams) => readonly [status: number, code: string] | undefined) | undefined;
  readonly stop: () => void;
}

/** A request of a multipart upload, done; undefined for others. */
function multipart(
  { objects, uploads }: Pick<Bucket, 'objects' | 'uploads'>,
  { method, key, query, body }: { readonly method: string; readonly key: string; readonly query: URLSearchParams; readonly body: Buffer },
): { readonly status: number; readonly text?: string; readonly tag?: string } | undefined {
  if (method === 'POST' && query.has('uploads')) {
    const id = `upload/${uploads.size + 1}+&`;
    uploads.set(id, new Map());
    return {
      status: 200,
      text: `<InitiateMultipartUploadResult><UploadId>${id.replace('&', '&amp;')}</UploadId></InitiateMultipartUploadResult>`,
    };
  }
  const id = query.get('uploadId');
  if (id === null) return undefined;
  const parts = uploads.get(id);
  if (parts === undefined) return { status: 404, text: '<Error><Code>NoSuchUpload</Code></Error>' };
  if (method === 'DELETE') {
    uploads.delete(id);
    return { status: 204 };
  }
  if (method === 'PUT') {
    parts.set(Number(query.get('partNumber')), body);
    return { status: 200, tag: `"${sha256(body)}"` };
  }
  const wanted = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"([0-9a-f]+)"<\/ETag>/g)].map(
    ([, number, tag]) => [Number(number), tag] as const,
  );
  const found = wanted.map(([number, tag], i) =>
    number === i + 1 && sha256(parts.get(number) ?? '') === tag ? parts.get(number) : undefined,
  );
  // The status comes before the work is done.
  if (found.length === 0 || found.includes(undefined)) return { status: 200, text: '<Error><Code>InvalidPart</Code></Error>' };
  if (found.slice(0, -1).some((part) => (part?.length ?? 0) < PART_LEAST))
    return { status: 400, text: '<Error><Code>EntityTooSmall</Code></Error>' };
  objects.set(key, Buffer.concat(found.map((part) => part ?? Buffer.alloc(0))));
  uploads.delete(id);
  return { status: 200, text: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' };
}

/** Starts a bucket named `assay-test`. */
export async function startBucket(): Promise<Bucket> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const made: Pick<Bucket, 'objects' | 'uploads' | 'refuse'> = { objects, uploads, refuse: undefined };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const end = (status: number, text: string | Buffer = '', more: Record<string, string | number> = {}) =>
        response.writeHead(status, more).end(request.method === 'HEAD' ? undefined : text);
      const refusal = refusalOf(request, body);
      if (refusal !== undefined) return void end(403, `<Error><Code>${refusal}</Code></Error>`);
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      const refused = made.refuse?.(request.method ?? '', searchParams);
      if (refused !== undefined) return void end(refused[0], `<Error><Code>${refused[1]}</Code></Error>`);
      const [, bucket, ...rest] = decodeURIComponent(pathname).split('/');
      if (bucket !== 'assay-test') return void end(404, '<Error><Code>NoSuchBucket</Code></Error>');
      const key = rest.join('/');
      if (key === '') {
        const prefix = searchParams.get('prefix') ?? '';
        const after = searchParams.get('continuation-token') ?? '';
        const names = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).toSorted();
        const page = names.slice(0, PAGE);
        const contents = page.map((name) => `<Contents><Key>${name}</Key><Size>${objects.get(name)?.length}</Size></Contents>`).join('');
        const isMore = names.length > PAGE;
        const next = isMore ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
        return void end(
          200,
          `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isMore}</IsTruncated>${contents}${next}</ListBucketResult>`,
        );
      }
      const done = multipart(made, { method: request.method ?? '', key, query: searchParams, body });
      if (done !== undefined) return void end(done.status, done.text, done.tag === undefined ? {} : { etag: done.tag });
      if (request.method === 'PUT') {
        objects.set(key, body);
        return void end(200);
      }
      const found = objects.get(key);
      if (found === undefined) return void end(404, '<Error><Code>NoSuchKey</Code></Error>');
      if (request.method === 'HEAD') return void end(200, '', { 'content-length': found.length });
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (from === undefined) return void end(200, found);
      if (Number(from) >= found.length) return void end(416, '<Error><Code>InvalidRange</Code></Error>');
      end(206, found.subarray(Number(from), Number(to) + 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A server on TCP has an address of this type.
  return Object.assign(made, {
    url: `s3://assay-test/some/store?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}&region=eu-example-1`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  });
}
