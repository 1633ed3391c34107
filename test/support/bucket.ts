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

/** Starts a bucket named `assay-test`. */
export async function startBucket(): Promise<{ readonly url: string; readonly objects: Map<string, Buffer>; readonly stop: () => void }> {
  const objects = new Map<string, Buffer>();
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
  return {
    url: `s3://assay-test/some/store?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}&region=eu-example-1`,
    objects,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
