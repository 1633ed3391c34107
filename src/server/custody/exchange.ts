/** Bodies, pages and answers: what every resource reads of a request, and how it answers. */
import type { Context } from 'hono';
import { QueryError } from '../../provenance/index.ts';
import { CAPTURE_BYTES, HEADERS } from './discovery.ts';
import { Problem } from './problem.ts';

const PER_PAGE_MAX = 1000;
const PER_PAGE = 30;

export const JSON_TYPES = ['application/json', 'application/ld+json'] as const;

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...HEADERS, 'content-type': 'application/json', ...headers } });
export const collection = (member: readonly string[], headers: Readonly<Record<string, string>> = {}): Response =>
  json({ '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', type: 'Collection', member }, 200, headers);

/** The bytes of a request, of a type that is read, up to the limit whatever it says of itself. */
export async function bodyOf(context: Context, types: readonly string[]): Promise<Uint8Array> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || !types.includes(type))
    throw new Problem('UnsupportedMediaTypeException', `the body is one of ${types.join(', ')}`);
  const refuse = () => new Problem('CaptureLimitExceededException', `more than ${CAPTURE_BYTES} bytes`);
  if (Number(context.req.header('content-length') ?? 0) > CAPTURE_BYTES) throw refuse();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of context.req.raw.body ?? []) {
    size += part.length;
    if (size > CAPTURE_BYTES) throw refuse();
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** The body as JSON. @throws Problem where it is none */
export async function jsonOf(context: Context): Promise<unknown> {
  const text = new TextDecoder().decode(await bodyOf(context, JSON_TYPES));
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('ValidationException', 'the body is no JSON');
  }
}

export function pageOf(context: Context): { readonly perPage: number; readonly token: string | undefined } {
  const text = context.req.query('perPage') ?? String(PER_PAGE);
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new QueryError('parameter', 'perPage wants a number from 1');
  return { perPage: Math.min(Number(text), PER_PAGE_MAX), token: context.req.query('nextPageToken') };
}

/** The next page as RFC 8288 has it. Tokens do not expire: what was captured stays. */
export function nextHeaders(context: Context, next: string | undefined, perPage: number): Readonly<Record<string, string>> {
  if (next === undefined) return {};
  const url = new URL(context.req.url);
  url.searchParams.set('perPage', String(perPage));
  url.searchParams.set('nextPageToken', next);
  return { Link: `<${url.pathname}${url.search}>; rel="next"` };
}
