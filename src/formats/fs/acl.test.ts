import { describe, expect, test } from 'vitest';
import { parseHex, toHex } from '../../bytes/index.ts';
import { aclAsTold } from './acl.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);

describe('access control lists', () => {
  test('as ext4 keeps them, and as a system call tells them', () => {
    // Owner rwx, user 1000 r--, group r-x, mask rwx, others r--: what setfacl sets, read from an image by debugfs and through a mount by getfattr.
    const kept = '01000000' + '01000700' + '02000400e8030000' + '04000500' + '10000700' + '20000400';
    const told = '02000000' + '01000700ffffffff' + '02000400e8030000' + '04000500ffffffff' + '10000700ffffffff' + '20000400ffffffff';
    expect(toHex(aclAsTold(hex(kept)) ?? new Uint8Array(0))).toBe(told);
    expect(toHex(aclAsTold(hex('01000000')) ?? new Uint8Array(0))).toBe('02000000');
  });

  test.each([
    ['nothing', ''],
    ['another version', '02000000'],
    ['half an entry', '010000000100'],
    ['a user without a number', '0100000002000400e803'],
    ['a tag that is none', '0100000003000700'],
  ])('%s is none', (_, kept) => expect(aclAsTold(hex(kept))).toBeUndefined());
});
