import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../../bytes/index.ts';
import { decryptFile, encryptFile, isAgeFile } from './index.ts';

/** The distribution's `age` is the other side: what it writes we read, and the other way round. */
describe('age', () => {
  let folder: string;
  let recipient: string;
  const at = (name: string) => join(folder, name);
  const keygen = (name: string): string => {
    execFileSync('age-keygen', ['-o', at(name)], { stdio: 'ignore' });
    return execFileSync('age-keygen', ['-y', at(name)], { encoding: 'utf8' }).trim();
  };
  const plain = randomBytes(200_000);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-age-'));
    recipient = keygen('mine.txt');
    keygen('other.txt');
    await writeFile(at('plain'), plain);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('writes what the distribution’s age decrypts', async () => {
    await encryptFile(at('plain'), at('ours.age'), [recipient]);
    expect(await isAgeFile(at('ours.age'))).toBe(true);
    expect(execFileSync('age', ['-d', '-i', at('mine.txt'), at('ours.age')]).equals(plain)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
  it('reads what the distribution’s age encrypted', async () => {
    execFileSync('age', ['-r', recipient, '-o', at('theirs.age'), at('plain')]);
    const source = await decryptFile(at('theirs.age'), at('mine.txt'));
    expect(Buffer.from(await source.read(0, source.size)).equals(plain)).toBe(true);
  });
  it('refuses another’s key, a cut file, a changed byte, and a key file without a key', async () => {
    execFileSync('age', ['-r', recipient, '-o', at('whole.age'), at('plain')]);
    await expect(decryptFile(at('whole.age'), at('other.txt'))).rejects.toThrow(FormatError);
    await expect(decryptFile(at('whole.age'), at('plain'))).rejects.toThrow('AGE-SECRET-KEY');
    const bytes = await readFile(at('whole.age'));
    await writeFile(at('cut.age'), bytes.subarray(0, 100_000));
    await expect(decryptFile(at('cut.age'), at('mine.txt'))).rejects.toThrow(FormatError);
    bytes[150_000] = (bytes[150_000] ?? 0) ^ 1;
    await writeFile(at('changed.age'), bytes);
    await expect(decryptFile(at('changed.age'), at('mine.txt'))).rejects.toThrow(FormatError);
    await writeFile(at('empty.age'), '');
    expect(await isAgeFile(at('empty.age'))).toBe(false);
  });
  it('refuses what is no recipient, and leaves no file', async () => {
    await expect(encryptFile(at('plain'), at('none.age'), ['age1nonsense'])).rejects.toThrow();
    expect(await readdir(folder)).not.toContain('none.age');
  });
});
