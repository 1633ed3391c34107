import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { because, becauseOfWhat } from './because.ts';

const missing = join(tmpdir(), 'assay-no-such-folder', 'no-such-file');
const failure = async (): Promise<unknown> =>
  open(missing).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('why something could not be done', () => {
  test('what the system says is said in words', async () => {
    expect(because(await failure())).toBe('there is no such file');
    expect(becauseOfWhat(await failure())).toBe(`${missing}: there is no such file`);
  });

  test('a message of ours stays as it is', () => {
    expect(because(new Error('zip @0x0 end: none'))).toBe('zip @0x0 end: none');
    expect(becauseOfWhat(new Error('zip @0x0 end: none'))).toBe('zip @0x0 end: none');
    expect(because('a word')).toBe('a word');
  });
});
