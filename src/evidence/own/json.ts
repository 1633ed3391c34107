import * as z from 'zod/mini';
import { FormatError } from '../../bytes/index.ts';
import type { LoadedArtefact } from '../reader.ts';

/** Parses a JSON document of ours by its schema. @throws FormatError */
export function parseDocument<S extends z.ZodMiniType>(artefact: LoadedArtefact, schema: S): z.output<S> {
  const place = { format: artefact.kind, field: 'document', at: 0 };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(artefact.bytes));
  } catch (error) {
    throw new FormatError(place, 'bad-value', `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = z.safeParse(schema, value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FormatError({ ...place, field: issue?.path.map(String).join('.') || 'document' }, 'bad-value', issue?.message ?? 'malformed');
}
