import type { z } from 'zod/mini';

const KEYS_SHOWN = 5;

/** What a schema has against a document, in words: zod/mini brings none of its own. Names from the document are quoted, so that none plays tricks on a terminal. */
export function issueWords(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'not of its schema';
  const quoted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ');
  if (issue.code === 'unrecognized_keys') return `unknown: ${quoted(issue.keys.slice(0, KEYS_SHOWN).map((key) => key.slice(0, 60)))}`;
  if (issue.code === 'invalid_type') return `no ${issue.expected}`;
  if (issue.code === 'invalid_value') return `none of ${quoted(issue.values.map(String))}`.slice(0, 200);
  if (issue.code === 'too_big') return `more than ${issue.maximum}`;
  if (issue.code === 'too_small') return `less than ${issue.minimum}`;
  return issue.message;
}
