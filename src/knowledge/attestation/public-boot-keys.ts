/**
 * Keys for verified boot whose private halves come with AVB for everybody to use: who boots what they verify boots anybody's. Makers have shipped phones under them.
 * SHA-256 of the key in AVB's own form. The digest of testkey_rsa2048 was computed from the key; the others are stated alike by projects that refuse them.
 */
import type { SourceNote } from '../types.ts';

export const PUBLIC_BOOT_KEYS: ReadonlyMap<string, string> = new Map([
  ['22de3994532196f61c039e90260d78a93a4c57362c7e789be928036e80b77c8c', 'testkey_rsa2048'],
  ['2bed47451bc698e9e82d92a6668bd03ab6cf8dd1a144341cb7f426f20b2879cf', 'testkey_rsa2048_2'],
  ['7728e30f50bfa5cea165f473175a08803f6a8346642b5aa10913e9d9e6defef6', 'testkey_rsa4096'],
  ['e15e2365469ce672a91d02cc8d9c2f29b787481e574d3b56ac774153d7ced614', 'testkey_rsa8192'],
]);

export const PUBLIC_BOOT_KEYS_SOURCE: SourceNote =
  'AOSP external/avb test/data/testkey_*.pem; digests as avbtool extract_public_key gives them, in several public verifiers’ deny lists (read 2026)';
