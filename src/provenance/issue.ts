import type { z } from 'zod/mini';

const KEYS_SHOWN = 5;

/** What a schema has against a document, in words: zod/mini brings none of its own. Names from the document are quoted, so that none plays tricks on a terminal. */
export function issueWords(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'not of its schema';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown: ${issue.keys
        .slice(0, KEYS_SHOWN)
        .map((key) => JSON.stringify(key.slice(0, 60)))
        .join(', ')}`;
    case 'invalid_type':
      return `no ${issue.expected}`;
    case 'invalid_value':
      return `none of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`.slice(0, 200);
    case 'too_big':
      return `more than ${issue.maximum}`;
    case 'too_small':
      return `less than ${issue.minimum}`;
    default:
      return issue.message;
  }
}
