/** Refusals over HTTP: RFC 9457 problem documents with the types of EPCIS 2.0's REST binding. */
import type { Refusal } from '../../provenance/index.ts';

/** EPCIS's exceptions, with the status that its binding gives each. */
const EXCEPTIONS = {
  ValidationException: 400,
  QueryParameterException: 400,
  SubscribeNotPermittedException: 400,
  SecurityException: 401,
  Forbidden: 403,
  NoSuchResourceException: 404,
  MethodNotAllowed: 405,
  NotAcceptableException: 406,
  ResourceAlreadyExistsException: 409,
  CaptureLimitExceededException: 413,
  QueryTooLargeException: 413,
  QueryTooComplexException: 413,
  URITooLongException: 414,
  UnsupportedMediaTypeException: 415,
  ImplementationException: 500,
  NotImplemented: 501,
} as const;
export type ExceptionName = keyof typeof EXCEPTIONS;

const TYPES: Readonly<Partial<Record<ExceptionName, string>>> = {
  Forbidden: 'SecurityException',
  MethodNotAllowed: 'ImplementationException',
  NotImplemented: 'ImplementationException',
};

/** A refusal with its status; thrown by a handler, answered by the app. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly exception: ExceptionName;
  constructor(exception: ExceptionName, detail: string) {
    super(detail);
    this.exception = exception;
  }
}

export function problemResponse(exception: ExceptionName, title: string, headers: Readonly<Record<string, string>> = {}): Response {
  const status = EXCEPTIONS[exception];
  const body = { type: `epcisException:${TYPES[exception] ?? exception}`, title, status };
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': 'application/problem+json' } });
}

/** A refused event in a capture job. `instance` is where it stands in the document that was sent. */
export function problemOf({ name, at, because }: Refusal) {
  const exception =
    name === 'duplicate' ? 'ResourceAlreadyExistsException' : name === 'party-not-authorised' ? 'Forbidden' : 'ValidationException';
  return {
    type: `epcisException:${TYPES[exception] ?? exception}`,
    title: name,
    status: EXCEPTIONS[exception],
    detail: because,
    instance: `#${at}`,
  };
}
