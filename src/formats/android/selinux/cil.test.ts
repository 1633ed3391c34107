import { expect, test } from 'vitest';
import { cilPermissive } from './cil.ts';

test('permissive domains of a policy’s source: none, one twice, in a comment, and a hostile text', () => {
  expect(cilPermissive('')).toEqual([]);
  expect(cilPermissive('(allow init self (process (fork)))\n(typepermissiveness shell)\n(typepermissive)')).toEqual([]);
  expect(cilPermissive('(typepermissive shell)\n( typepermissive\n untrusted_app )\n(typepermissive shell)')).toEqual([
    'shell',
    'untrusted_app',
  ]);
  expect(cilPermissive('; (typepermissive su)\n')).toEqual([]);
  expect(cilPermissive('(typepermissive '.repeat(200_000))).toEqual([]);
});
