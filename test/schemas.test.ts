import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaFiles } from '../tools/schemas.ts';

test.each(schemaFiles())('$path says what the code says', ({ path, text }) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});
