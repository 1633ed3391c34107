import { FormatError, type FormatErrorCode } from '../../bytes/index.ts';
import type { Refusal } from './partition-messages.ts';

/** An error on its way to another thread. */
export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof FormatError)) return { message, format: undefined };
  const { format, field, at, code } = error;
  const head = new FormatError({ format, field, at }, code, '').message;
  return { message, format: { format, field, at, code, detail: message.startsWith(head) ? message.slice(head.length) : message } };
}

/** The error that it was. */
export function errorOf({ message, format }: Refusal): Error {
  if (format === undefined) return new Error(message);
  const { field, at, code, detail } = format;
  // The code was one when it was sent.
  return new FormatError({ format: format.format, field, at }, code as FormatErrorCode, detail);
}
