import { FormatError, type FormatErrorCode } from '../../bytes/index.ts';
import { HttpError } from './http-range.ts';
import type { Refusal } from './partition-messages.ts';

/** An error on its way to another thread. */
export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof HttpError) return { message, format: undefined, http: { code: error.code, at: error.at, detail: error.detail } };
  if (!(error instanceof FormatError)) return { message, format: undefined };
  const { format, field, at, code } = error;
  const head = new FormatError({ format, field, at }, code, '').message;
  return { message, format: { format, field, at, code, detail: message.startsWith(head) ? message.slice(head.length) : message } };
}

/** The error that it was. */
export function errorOf({ message, format, http }: Refusal): Error {
  if (http !== undefined) return new HttpError(http.code, http.at, http.detail);
  if (format === undefined) return new Error(message);
  const { field, at, code, detail } = format;
  // The code was one when it was sent.
  return new FormatError({ format: format.format, field, at }, code as FormatErrorCode, detail);
}
